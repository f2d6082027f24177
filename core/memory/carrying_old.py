"""An old `memory.json`: what the assistant before this one kept.

A list of records with id, task_id, content, timestamp and category, as objects or as rows of five;
alone, or under a name (`memories`, `records`, `data`). Categories that hold no records here, or are
not known, become notes, and keep their name in `content`. The same file twice is once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from core.db import Transaction, canonical
from core.errors import Refused
from core.memory.ports import Records
from core.memory.record_model import MOST_TEXT, VIEWS, Actor, Category, NewRecord, Source
from core.memory.rest_model import Written

COLUMNS = ("id", "task_id", "content", "timestamp", "category")
LISTS = ("memories", "records", "memory", "data", "items")
#: Where the words are in an old record's content, in this order.
WORDS = ("text", "message", "user", "question", "input", "fact", "summary", "value", "content")
ANSWERS = ("assistant", "answer", "response", "reply", "output")
MOST_TASK = 64


def take(tx: Transaction, records: Records, data: Any, actor: Actor) -> Written:
    """Remember every record of an old file. Refused(`memory-file`) when it holds no such list."""
    taken, skipped, unreadable = 0, 0, 0
    for row in _rows(data):
        try:
            new = _record(row)
        except (ValueError, TypeError, KeyError, OverflowError, OSError):
            unreadable += 1
            continue
        if records.remember(tx, new, actor).is_new:
            taken += 1
        else:
            skipped += 1
    return Written({"records": taken} if taken else {}, "", skipped, unreadable)


def _rows(data: Any) -> Iterator[Any]:
    if isinstance(data, dict):
        named = [data[name] for name in LISTS if isinstance(data.get(name), list)]
        data = named[0] if named else None
    is_old = isinstance(data, list) and any(_is_record(row) for row in data)
    if not is_old and data != []:
        raise Refused("memory-file")
    yield from data


def _is_record(row: Any) -> bool:
    if isinstance(row, list):
        return len(row) == len(COLUMNS)
    return isinstance(row, dict) and "content" in row


def _record(row: Any) -> NewRecord:
    if not _is_record(row):
        raise ValueError("row")
    fields: Mapping[str, Any] = (
        row if isinstance(row, dict) else dict(zip(COLUMNS, row, strict=True))
    )
    content = _content(fields["content"])
    text, rest = _words(content)
    if not text.strip() or len(text) > MOST_TEXT:
        raise ValueError("text")
    name = str(fields.get("category") or "")
    is_known = name in set(Category) and Category(name) not in VIEWS
    if not is_known and name:
        rest = {**rest, "category": name}
    task = fields.get("task_id")
    return NewRecord(
        category=Category(name) if is_known else Category.NOTE,
        text=text,
        source=Source.IMPORTED,
        content=rest,
        task_id=None if task is None else str(task)[:MOST_TASK],
        happened_at=_moment(fields.get("timestamp")),
    )


def _content(value: Any) -> Any:
    """Old databases kept JSON as text."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _words(content: Any) -> tuple[str, dict[str, Any]]:
    """The words, and what is structured besides."""
    if isinstance(content, str):
        return content, {}
    if isinstance(content, dict):
        rest = dict(content)
        said = next((rest.pop(n) for n in WORDS if isinstance(rest.get(n), str)), None)
        answer = next((rest.pop(n) for n in ANSWERS if isinstance(rest.get(n), str)), None)
        if said or answer:
            return "\n".join(each for each in (said, answer) if each), rest
    if content in (None, {}, []):
        raise ValueError("content")
    return canonical(content), {}


def _moment(value: Any) -> datetime | None:
    """ISO 8601, or seconds since 1970; None: not known."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise ValueError("timestamp")  # noqa: TRY004 - one error for whatever makes no sense
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
