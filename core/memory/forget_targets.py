"""Rows that go whole, and what was derived from them.

A record, message or summary that is forgotten leaves an empty row behind: its id, its stamps, and
that it is gone. With it go former versions, proposals, the points of summaries that cite it, the
summary of a thread that covers it, and finished runs that it was said in. What was said to it goes,
too. Every function works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory import loading, record_history
from core.memory.forget_model import Target
from core.memory.forget_walk import ARCHIVED, in_index, stamped
from core.memory.forget_words import LEAST_NEEDLE, Words
from core.memory.ports import Archives, Indexes
from core.memory.record_model import Actor, ChangeKind, Stamp
from core.memory.search_model import ItemKind
from core.memory.summary_store import points_json, summary_of
from core.memory.tables import (
    messages,
    proposals,
    records,
    summaries,
    summary_sources,
    threads,
)
from core.memory.tables import (
    record_history as history,
)
from core.runs.intake import SCRUBBED, IntakeState
from core.runs.model import FINAL_RUN
from core.runs.notices import NoticeState
from core.runs.tables import intake, notices, runs

SAID = (ItemKind.MESSAGE, ItemKind.ANSWER)
TABLES = {**ARCHIVED, ItemKind.SUMMARY: summaries}
#: A row's words, wherever they lie.
WordsOf = Callable[[sa.Table, Any], str]
#: An answer that is shorter is a phrase of every day, and not looked for elsewhere.
LEAST_ANSWER = 40


def widened(tx: Transaction, targets: Sequence[Target], words_of: WordsOf) -> tuple[Target, ...]:
    """The targets and what stands or falls with them.

    With a message its answers, and the records made of it. With a record the message it came from,
    unless that holds the record's very words, which are then taken out of it; `words_of` gives a
    record's words wherever they lie.
    """
    found = dict.fromkeys(targets)
    for target in targets:
        row = row_of(tx, target)
        if row is None:
            continue
        if target.kind in SAID:
            found |= dict.fromkeys([*_answers(tx, target.id), *_made_of(tx, target.id)])
        elif target.kind is ItemKind.RECORD and row.message_id is not None:
            said = _message(tx, row.message_id)
            if (
                said is not None
                and said.text
                and not Words([words_of(records, row)]).are_in(said.text)
            ):
                found |= dict.fromkeys([_said(said), *_answers(tx, said.id)])
    return tuple(found)


def needles(tx: Transaction, targets: Iterable[Target], words_of: WordsOf) -> list[str]:
    """The words of the targets, of their former versions, and of proposals about them."""
    found: list[str] = []
    for target in targets:
        row = row_of(tx, target)
        if row is None:
            continue
        text = words_of(TABLES[target.kind], row)
        least = LEAST_ANSWER if target.kind is ItemKind.ANSWER else LEAST_NEEDLE
        if len(text) >= least:
            found.append(text)
        if target.kind is ItemKind.RECORD:
            changes = record_history.of_record(tx, target.id)
            found += [str(each.before["text"]) for each in changes if "text" in each.before]
        about = proposals.c.record_id if target.kind is ItemKind.RECORD else proposals.c.message_id
        found += tx.execute(sa.select(proposals.c.text).where(about == target.id)).scalars()
    return list(dict.fromkeys(found))


class Emptying:
    """Takes rows whole. `actor` is noted in a record's history; nothing of its words is."""

    def __init__(
        self,
        tx: Transaction,
        index: Indexes,
        shelf: Archives,
        stamp: Callable[[], Stamp],
        now: datetime,
        actor: Actor,
    ) -> None:
        self._tx = tx
        self._index = index
        self._shelf = shelf
        self._stamp = stamp
        self._now = now
        self._actor = actor
        self.counts: dict[str, int] = {}
        self.runs: set[str] = set()

    def take(self, target: Target) -> None:
        """One target; one that is not there, or empty already, is nothing to do."""
        row = row_of(self._tx, target)
        if row is None or _is_empty(target.kind, row):
            return
        table = TABLES[target.kind]
        if row.run_id is not None and target.kind is not ItemKind.SUMMARY:
            self.runs.add(row.run_id)
        self._unpack_and_empty(table, target, row)
        if target.kind is ItemKind.RECORD:
            self._count(history.name, record_history.empty(self._tx, target.id))
            record_history.write(
                self._tx, target.id, ChangeKind.FORGOTTEN, {}, self._actor, self._stamp(), self._now
            )
        elif target.kind in SAID:
            self._unsay(row)
        self._derived(target)

    def journals(self) -> None:
        """Finished runs of what went, with everything that they were asked and answered."""
        ended = sa.and_(runs.c.id.in_(self.runs), runs.c.state.in_(list(FINAL_RUN)))
        sent = sa.and_(
            notices.c.run_id.in_(self.runs),
            notices.c.state.in_([NoticeState.SENT, NoticeState.SKIPPED, NoticeState.DEAD]),
        )
        self._count(notices.name, self._tx.execute(sa.delete(notices).where(sent)).rowcount)
        self._count(runs.name, self._tx.execute(sa.delete(runs).where(ended)).rowcount)

    # -- inside ----------------------------------------------------------------------------------

    def _count(self, name: str, many: int) -> None:
        if many:
            self.counts[name] = self.counts.get(name, 0) + many

    def _unpack_and_empty(self, table: sa.Table, target: Target, row: Any) -> None:
        words = self._leave_archive(target, row)
        if in_index(table, row):
            self._index.drop(self._tx, target.kind, row.seq, words)
        gone: dict[str, Any] = {"text": "", "deleted_at": self._now}
        if table is records:
            gone |= {"content": {}, "likeness": None, "task_id": None}
        if table is summaries:
            gone |= {"points": [], "missing": []}
        else:
            gone["archive_id"] = None
        changed = stamped(table, row, {"text": 0, "deleted_at": 0}, self._stamp(), self._now)
        self._tx.execute(sa.update(table).where(table.c.seq == row.seq).values(**gone, **changed))
        self._count(table.name, 1)

    def _leave_archive(self, target: Target, row: Any) -> str:
        """The row's words; its archive, if it has one, is rewritten without it."""
        if target.kind is ItemKind.SUMMARY or row.archive_id is None:
            return str(row.text)
        entries = self._shelf.read(self._tx, row.archive_id)
        mine = [each for each in entries if (each.kind, each.id) == (target.kind, target.id)]
        self._shelf.rewrite(self._tx, row.archive_id, [e for e in entries if e not in mine])
        self._count("archives", 1)
        return mine[0].text if mine else ""

    def _unsay(self, row: Any) -> None:
        """The update that brought a message, by Telegram's number; the thread's summary."""
        if row.telegram_id is not None:
            number = f'%"message_id":{row.telegram_id},%'
            raw = sa.func.replace(intake.c.raw, " ", "")
            ended = sa.and_(raw.like(number), intake.c.state != IntakeState.NEW)
            scrubbed = sa.update(intake).where(ended).values(raw=SCRUBBED)
            self._count(intake.name, self._tx.execute(scrubbed).rowcount)
        covers = sa.and_(threads.c.id == row.thread_id, threads.c.summary_upto >= row.seq)
        thread = self._tx.execute(sa.select(threads).where(covers)).one_or_none()
        if thread is not None:
            fields = {"summary": None, "summary_upto": None}
            stamps = stamped(threads, thread, fields, self._stamp(), self._now)
            self._tx.execute(sa.update(threads).where(covers).values(**fields, **stamps))
            self._count(threads.name, 1)

    def _derived(self, target: Target) -> None:
        about = proposals.c.record_id if target.kind is ItemKind.RECORD else proposals.c.message_id
        gone = sa.delete(proposals).where(about == target.id)
        self._count(proposals.name, self._tx.execute(gone).rowcount)
        cites = sa.and_(
            summary_sources.c.source_id == target.id, summary_sources.c.kind == target.kind
        )
        holders = sa.select(summary_sources.c.summary_id).where(cites)
        for summary_id in self._tx.execute(holders).scalars().all():
            self._uncite(summary_id, target)

    def _uncite(self, summary_id: str, target: Target) -> None:
        """A summary without what it had from one original: the points that do not cite it are all
        that is left of its text. Without any it goes whole."""
        row = self._tx.execute(sa.select(summaries).where(summaries.c.id == summary_id)).one()
        if row.deleted_at is not None:
            return
        cited = (target.kind, target.id)
        points = [point for point in summary_of(row).points if cited not in point.sources]
        if not points:
            self.take(Target(ItemKind.SUMMARY, summary_id))
            return
        text = "\n".join(point.text for point in points)
        fields = {"text": text, "points": points_json(points), "missing": []}
        stamps = stamped(summaries, row, fields, self._stamp(), self._now)
        mine = summaries.c.id == summary_id
        self._tx.execute(sa.update(summaries).where(mine).values(**fields, **stamps))
        self._count(summaries.name, 1)
        if in_index(summaries, row):
            new = self._tx.execute(sa.select(summaries).where(mine)).one()
            self._index.put(self._tx, loading.item_of_row(summaries, new, text), row.text)


def row_of(tx: Transaction, target: Target) -> Any:
    """The target's row; None when there is none."""
    table = TABLES[target.kind]
    return tx.execute(sa.select(table).where(table.c.id == target.id)).one_or_none()


def _is_empty(kind: ItemKind, row: Any) -> bool:
    is_archived = kind is not ItemKind.SUMMARY and row.archive_id is not None
    return row.deleted_at is not None and not row.text and not is_archived


def _message(tx: Transaction, message_id: str) -> Any:
    return tx.execute(sa.select(messages).where(messages.c.id == message_id)).one_or_none()


def _said(row: Any) -> Target:
    return Target(loading.kind_of(messages, row), row.id)


def _answers(tx: Transaction, message_id: str) -> list[Target]:
    query = sa.select(messages.c.id, messages.c.role).where(messages.c.parent_id == message_id)
    return [_said(row) for row in tx.execute(query)]


def _made_of(tx: Transaction, message_id: str) -> list[Target]:
    query = sa.select(records.c.id).where(records.c.message_id == message_id)
    return [Target(ItemKind.RECORD, each) for each in tx.execute(query).scalars()]
