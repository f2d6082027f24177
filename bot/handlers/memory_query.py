"""What is looked for in memory, as the buttons of a screen carry it; and what was found, as facts.

The owner's own screens read private things; a screen that shows one is private itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from core.db import Transaction
from core.errors import Refused
from core.memory.record_model import VIEWS, Category
from core.memory.search_model import Hit, ItemKind, Query
from core.runs.model import Label
from core.wiring import House

#: Hits on one page of a phone screen.
ROWS = 5
#: Characters that are looked for.
MOST_WORDS = 400
#: Pages that are turned to; a number above is a slip, or not ours.
MOST_PAGES, MOST_NUMBER = 1_000_000, 2**62
SAID = (ItemKind.MESSAGE, ItemKind.ANSWER)


@dataclass(frozen=True)
class Wanted:
    """What is looked for; every field may be absent. `archived`: only what lies in archives."""

    words: str = ""
    category: str | None = None
    since: str | None = None  # ISO 8601
    until: str | None = None
    thread_id: str | None = None
    origin: str | None = None
    label: str | None = None
    archived: bool | None = None

    @property
    def is_empty(self) -> bool:
        return self == Wanted()

    def to_json(self) -> dict[str, Any]:
        """Only what is there: buttons carry it."""
        return {each.name: getattr(self, each.name) for each in fields(self) if self._has(each)}

    def _has(self, each: Any) -> bool:
        return bool(getattr(self, each.name) != each.default)

    def changed(self, name: str, value: Any) -> Wanted:
        """With another filter; None takes it away. Refused(`stale-button`)."""
        if name not in {each.name for each in fields(self)}:
            raise Refused("stale-button")
        return of_json({**self.to_json(), name: value})

    def query(self, limit: int = ROWS, offset: int = 0) -> Query:
        """For the search. Without anything to look for: records, not every message."""
        found = Query(
            words=self.words,
            reader=Label.PRIVATE,
            since=_moment(self.since),
            until=_moment(self.until),
            thread_id=self.thread_id,
            origin=self.origin,
            label=None if self.label is None else Label(self.label),
            is_archived=self.archived,
            limit=limit,
            offset=offset,
        )
        if self.is_empty:
            return replace(found, kinds=(ItemKind.RECORD,))
        match self.category:
            case None:
                return found
            case Category.INTERACTION:
                return replace(found, kinds=SAID)
            case Category.SUMMARY:
                return replace(found, kinds=(ItemKind.SUMMARY,))
            case Category.ARCHIVED:
                return replace(found, is_archived=True)
            case _:
                return replace(found, categories=(self.category,))


def of_json(data: Any) -> Wanted:
    """What a button carries. Refused(`stale-button`) when it makes no sense."""
    if data is None:
        return Wanted()
    if not isinstance(data, dict):
        raise Refused("stale-button")
    known = {each.name for each in fields(Wanted)}
    given = {name: value for name, value in data.items() if name in known and value is not None}
    is_archived = given.pop("archived", None)
    if not all(isinstance(value, str) for value in given.values()):
        raise Refused("stale-button")
    try:
        _moment(given.get("since")), _moment(given.get("until"))
        Label(given.get("label", Label.OPEN))
        Category(given.get("category", Category.NOTE))
    except ValueError:
        raise Refused("stale-button") from None
    given["words"] = given.get("words", "")[:MOST_WORDS]
    return Wanted(**given, archived=True if is_archived else None)


def page_of(value: Any) -> int:
    """A page's number from a button: 0 at least, and none that no memory has."""
    return min(number_of(value), MOST_PAGES)


def number_of(value: Any) -> int:
    """A number from a button that the database takes: 0 for everything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < MOST_NUMBER else 0


def listed(house: House, tx: Transaction, wanted: Wanted, page: int = 0) -> dict[str, Any]:
    """One page of what is found; a page beyond the end is the last one."""
    found = house.memory.search.find(tx, wanted.query(offset=page * ROWS))
    if page and not found.hits and found.total:
        page = (found.total - 1) // ROWS
        found = house.memory.search.find(tx, wanted.query(offset=page * ROWS))
    return {
        "q": wanted.to_json(),
        "rows": [hit_facts(each) for each in found.hits],
        "page": page,
        "pages": max(1, -(-found.total // ROWS)),
        "total": found.total,
        "is_cut": found.is_cut,
        "thread": _thread_name(house, tx, wanted.thread_id),
    }


def hit_facts(hit: Hit) -> dict[str, Any]:
    """One hit as a card shows it."""
    return {
        "kind": hit.kind.name.lower(),
        "id": hit.id,
        "text": hit.snippet.text,
        "marks": [[each.start, each.end] for each in hit.snippet.marks],
        "cut": [hit.snippet.is_cut_before, hit.snippet.is_cut_after],
        "at": hit.at.isoformat(),
        "label": hit.label.value,
        "category": hit.category,
        "pinned": hit.is_pinned,
        "archived": hit.is_archived,
        "way": hit.way.value,
    }


def label_of_rows(rows: Sequence[dict[str, Any]]) -> Label:
    """The highest label of what a card shows."""
    return Label.highest(*(Label(row["label"]) for row in rows)) if rows else Label.OPEN


def kind_of(value: Any) -> ItemKind:
    """The kind that a button names. Refused(`stale-button`)."""
    try:
        return ItemKind[str(value).upper()]
    except KeyError:
        raise Refused("stale-button") from None


def categories(house: House, tx: Transaction) -> dict[str, int]:
    """How many of each category there are, in the order of the categories."""
    counts = house.memory.records.counts(tx, Label.PRIVATE)
    return {each.value: counts[each.value] for each in Category if counts.get(each.value)}


def filed(value: Any) -> Category:
    """The category a record may be filed under. Refused(`stale-button`)."""
    try:
        category = Category(str(value))
    except ValueError:
        raise Refused("stale-button") from None
    if category in VIEWS:
        raise Refused("stale-button")
    return category


def _moment(value: str | None) -> datetime | None:
    """An instant; a time without its zone is none: ValueError."""
    if value is None:
        return None
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found


def _thread_name(house: House, tx: Transaction, thread_id: str | None) -> str | None:
    """Named only where it is still there."""
    if thread_id is None:
        return None
    return house.memory.reading.name_of(tx, thread_id) or "…"
