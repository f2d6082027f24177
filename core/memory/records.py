"""What is remembered: kept, changed with its history, taken back, read.

Decides what may be remembered as what, and which change can be undone. Nothing is overwritten
without a row of history; nothing that is not the owner's becomes a fact about the owner without the
owner's tap. Every write has a stamp of its own, is indexed and is noted in the same transaction.
Errors: Refused(`record-missing`, `record-empty`, `record-too-long`, `record-category`,
`fact-untrusted`, `memory-change-missing`, `change-superseded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.clock import Clock
from core.db import Transaction
from core.errors import Broken, Refused
from core.ids import new_id
from core.memory import record_history, record_views
from core.memory.loading import Loads
from core.memory.ports import Clocks, Indexes
from core.memory.record_history import moment
from core.memory.record_model import (
    FIELDS,
    MOST_IMPORTANCE,
    MOST_TEXT,
    VIEWS,
    Actor,
    Category,
    Change,
    ChangeKind,
    NewRecord,
    Record,
    RecordPage,
    Source,
    Stamp,
    Stored,
)
from core.memory.record_store import RecordStore
from core.memory.search_model import ItemKind
from core.redaction import Redaction
from core.runs.model import Label

#: Who acts when the owner taps or writes: `telegram:<id>`.
OWNER_ACTOR = "telegram:"
#: Columns that an edit changes besides its fields.
WORDS = frozenset({"text", "content"})


class Records:
    """Records of this place. `origin` is its name: where new ones arise."""

    def __init__(
        self,
        clocks: Clocks,
        index: Indexes,
        loads: Loads,
        clock: Clock,
        origin: str,
        redact: Redaction | None = None,
    ) -> None:
        self._clocks = clocks
        self._store = RecordStore(index)
        self._loads = loads
        self._clock = clock
        self._origin = origin
        self._redact = redact or Redaction()

    def remember(self, tx: Transaction, new: NewRecord, actor: Actor) -> Stored:
        """Keep it, redacted. The very same words under the same category, still alive, are one
        record, as private as the more private of both; then `is_new` is False."""
        if new.category is Category.FACT and not new.source.is_owners:
            raise Refused("fact-untrusted")
        _allowed(new.category)
        text, content = self._tidy(new.text, new.source), self._hidden(new.content, new.source)
        stamp = self._clocks.tick(tx)  # before looking: on PostgreSQL it is what writers queue at
        known = self._store.same(tx, new.category, text)
        if known is not None and new.id is None:
            return self._known(tx, known, new.label, actor)
        now = self._clock.now()
        values = {
            "id": new.id or new_id(),
            "task_id": new.task_id,
            "category": new.category,
            "text": text,
            "content": content,
            "label": new.label,
            "source": new.source,
            "thread_id": new.thread_id,
            "message_id": new.message_id or actor.message_id,
            "run_id": new.run_id or actor.run_id,
            "importance": _importance(new.importance),
            "is_pinned": new.is_pinned,
            "archive_id": None,
            "origin": self._origin,
            "born": stamp.value,
            "clock": stamp.value,
            "clock_node": stamp.node,
            "versions": None,
            "happened_at": new.happened_at or now,
            "created_at": now,
            "changed_at": now,
            "deleted_at": None,
        }
        record = self._store.insert(tx, values)
        return Stored(record, record.id, is_new=True)

    def edit(
        self, tx: Transaction, record_id: str, actor: Actor, *, kind: str = "edited", **fields: Any
    ) -> Stored:
        """Change fields of FIELDS; nothing changes that is equal. One row of history. When
        nothing changed `change_id` is empty. A hidden or forgotten one is no more:
        Refused(`record-missing`)."""
        former = self._with_words(tx, self._store.get(tx, record_id))
        if former.deleted_at is not None:
            raise Refused("record-missing")
        return self._change(
            tx, former, self._checked(former, fields, actor), ChangeKind(kind), actor
        )

    def retire(self, tx: Transaction, record_id: str, actor: Actor) -> Stored:
        """Hide it, so that it can be brought back; `forget` is what removes words."""
        former = self._with_words(tx, self._store.get(tx, record_id))
        if former.deleted_at is not None:
            raise Refused("record-missing")
        hidden = {"deleted_at": self._clock.now()}
        return self._change(tx, former, hidden, ChangeKind.RETIRED, actor)

    def undo(self, tx: Transaction, change_id: str, actor: Actor) -> Stored:
        """Take a change back, or a birth. Refused when a newer change of the same fields is
        there (`change-superseded`)."""
        change = record_history.find(tx, change_id)
        if change is None:
            return self._undo_birth(tx, change_id, actor)
        change = record_history.to_take_back(tx, change_id)
        former = self._with_words(tx, self._store.get(tx, change.record_id))
        if _is_forgotten(former):
            raise Refused("record-missing")
        fields = {name: moment(name, was) for name, was in change.before.items()}
        done = self._change(tx, former, fields, ChangeKind.UNDONE, actor, always=True)
        record_history.taken_back(tx, change, done.change_id)
        return done

    def get(self, tx: Transaction, record_id: str, reader: Label) -> Record:
        """With its words, also when archived; a hidden one, too, but not a forgotten one."""
        record = self._store.get(tx, record_id)
        if _is_forgotten(record) or (record.label is Label.PRIVATE and reader is Label.OPEN):
            raise Refused("record-missing")
        return self._with_words(tx, record)

    def history(self, tx: Transaction, record_id: str) -> tuple[Change, ...]:
        """Newest first."""
        return record_history.of_record(tx, record_id)

    def page(
        self, tx: Transaction, reader: Label, page: int = 0, category: Category | None = None
    ) -> RecordPage:
        """One page, newest first; a page beyond the end is the last one. ARCHIVED chooses what is
        archived; the other views hold no records."""
        found = record_views.page(tx, self._store, reader, page, category)
        return replace(found, rows=tuple(self._with_words(tx, each) for each in found.rows))

    def standing(self, tx: Transaction, reader: Label) -> tuple[Record, ...]:
        """Pinned records and facts about the owner, for every turn's context."""
        rows = self._store.standing(tx, reader, record_views.MOST_STANDING)
        return tuple(self._with_words(tx, each) for each in rows)

    def counts(self, tx: Transaction, reader: Label) -> dict[str, int]:
        """How many of each category, the views of messages, summaries and archived rows too."""
        return record_views.counts(tx, reader)

    # -- inside ----------------------------------------------------------------------------------

    def _known(self, tx: Transaction, known: Record, label: Label, actor: Actor) -> Stored:
        """The same words again: nothing changes, but that a private one stays private."""
        known = self._with_words(tx, known)
        private = {"label": Label.highest(known.label, label)}
        return self._change(tx, known, private, ChangeKind.LABELLED, actor)

    def _undo_birth(self, tx: Transaction, record_id: str, actor: Actor) -> Stored:
        try:
            record = self._store.get(tx, record_id)
        except Refused:
            raise Refused("memory-change-missing") from None
        if record.deleted_at is not None or not record_history.is_untouched(tx, record_id, "text"):
            raise Refused("change-superseded")
        return self.retire(tx, record_id, actor)

    def _change(
        self,
        tx: Transaction,
        former: Record,
        fields: Mapping[str, Any],
        kind: ChangeKind,
        actor: Actor,
        *,
        always: bool = False,
    ) -> Stored:
        """Write what differs, with its stamps and its history; `always` notes a change of nothing,
        too."""
        changed = {name: new for name, new in fields.items() if getattr(former, name) != new}
        if not changed and not always:
            return Stored(former, "")
        stamp, now = self._clocks.tick(tx), self._clock.now()
        before = {name: getattr(former, name) for name in changed}
        columns = dict(changed)
        if former.archive_id is not None and WORDS & changed.keys():
            # Its words come back from the archive; the archive keeps what it was.
            columns |= {
                "archive_id": None,
                "text": former.text,
                "content": former.content,
            } | changed
        columns |= _stamped(former, changed, stamp, now)
        record = self._store.update(tx, former, columns)
        change_id = record_history.write(tx, former.id, kind, before, actor, stamp, now)
        return Stored(record, change_id)

    def _checked(self, former: Record, fields: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        unknown = fields.keys() - set(FIELDS)
        if unknown:
            raise Broken("record-fields", fields=sorted(unknown))
        checked = dict(fields)
        if "text" in checked:
            checked["text"] = self._tidy(checked["text"], former.source)
        if "content" in checked:
            checked["content"] = self._hidden(checked["content"], former.source)
        if "importance" in checked:
            checked["importance"] = _importance(checked["importance"])
        if "label" in checked:
            checked["label"] = Label(checked["label"])
        if "category" in checked:
            checked["category"] = _allowed(Category(checked["category"]))
            is_tapped = former.source.is_owners or actor.name.startswith(OWNER_ACTOR)
            if checked["category"] is Category.FACT and not is_tapped:
                raise Refused("fact-untrusted")
        return checked

    def _tidy(self, text: str, source: Source) -> str:
        redact = self._redact.own if source is Source.OWNER else self._redact
        tidy = redact(text.strip())
        if not tidy:
            raise Refused("record-empty")
        if len(tidy) > MOST_TEXT:
            raise Refused("record-too-long", most=MOST_TEXT)
        return tidy

    def _hidden(self, content: dict[str, Any], source: Source) -> dict[str, Any]:
        is_own = source is Source.OWNER
        redact = self._redact.own_through if is_own else self._redact.through
        found: dict[str, Any] = redact(content)
        return found

    def _with_words(self, tx: Transaction, record: Record) -> Record:
        if record.archive_id is None:
            return record
        held = self._loads.original(tx, record.archive_id, ItemKind.RECORD, record.id)
        return replace(record, text=held.text, content=held.content)


def _stamped(
    former: Record, changed: Mapping[str, Any], stamp: Stamp, now: datetime
) -> dict[str, Any]:
    """The columns that say when which field changed."""
    versions = {**former.versions, **dict.fromkeys(changed, stamp)}
    return {
        "versions": {name: [each.value, each.node] for name, each in versions.items()},
        "clock": stamp.value,
        "clock_node": stamp.node,
        "changed_at": now,
    }


def _allowed(category: Category) -> Category:
    if category in VIEWS:
        raise Refused("record-category", category=category.value)
    return category


def _importance(given: int) -> int:
    return min(max(int(given), 0), MOST_IMPORTANCE)


def _is_forgotten(record: Record) -> bool:
    return record.deleted_at is not None and not record.text and record.archive_id is None
