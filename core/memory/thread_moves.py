"""Joining and splitting threads, so that it can be taken back.

Messages move and keep their `seq`, so a joined thread reads in the order of time. Which messages
moved is kept as ranges of numbers, no words. Records, summaries and archives keep the thread they
arose in. A thread's summary is derived: a join puts both together, covering no more than both
covered; a split drops it where it tells of what has left. Missing guarantee: what was written into
the other thread after a move stays there when the move is taken back.

Errors: Refused(`thread-missing`, `thread-same`, `thread-empty`, `thread-split-first`,
`thread-too-long`, `move-missing`, `move-superseded`). All inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.ids import new_id
from core.memory.message_store import item_of, restamped
from core.memory.ports import Clocks, Indexes
from core.memory.tables import messages, thread_moves, threads
from core.runs.model import Label

#: Messages that one move takes: they are written one by one while the chat waits.
MOST_MOVED = 20_000
JOIN, SPLIT = "join", "split"
BETWEEN = "\n\n"


@dataclass(frozen=True)
class Moved:
    """What a move did: `count` messages went from one thread into another."""

    id: str
    kind: str
    from_id: str
    into_id: str
    count: int


class ThreadMoves:
    """Moves of messages between the threads of one chat. `origin` is this place's name."""

    def __init__(self, clock: Clock, clocks: Clocks, index: Indexes, origin: str) -> None:
        self._clock = clock
        self._clocks = clocks
        self._index = index
        self._origin = origin

    def join(self, tx: Transaction, chat_id: int, thread_id: str, into: str) -> Moved:
        """Everything of `thread_id` goes into `into`; the emptied thread is listed no more."""
        if thread_id == into:
            raise Refused("thread-same")
        source, target = _thread(tx, chat_id, thread_id), _thread(tx, chat_id, into)
        rows = _messages(tx, thread_id)
        upto = _covered_by_both(tx, source, target)
        texts = [text for text in (target.summary, source.summary) if text and upto is not None]
        self._change(
            tx,
            target,
            summary=BETWEEN.join(texts) or None,
            summary_upto=upto if texts else None,
            label=Label.highest(Label(source.label), Label(target.label)),
            changed_at=max(source.changed_at, target.changed_at),
        )
        self._change(tx, source, joined_into=into, deleted_at=self._clock.now())
        self._move(tx, rows, into)
        return self._note(tx, JOIN, thread_id, into, [row.seq for row in rows])

    def split(
        self, tx: Transaction, chat_id: int, thread_id: str, seq: int, name: str | None = None
    ) -> Moved:
        """What was said from message `seq` on begins a thread of its own; answers go with their
        questions."""
        source = _thread(tx, chat_id, thread_id)
        rows = _messages(tx, thread_id)
        moving = _from(rows, seq)
        if not moving:
            raise Refused("thread-empty")
        if len(moving) == len(rows):
            raise Refused("thread-split-first")
        new = self._new(tx, source, name, max(row.created_at for row in moving))
        if (source.summary_upto or 0) >= moving[0].seq:
            self._change(tx, source, summary=None, summary_upto=None)
        self._move(tx, moving, new)
        return self._note(tx, SPLIT, thread_id, new, [row.seq for row in moving])

    def undo(self, tx: Transaction, chat_id: int, move_id: str) -> Moved:
        """Take a move back: the messages return, and so does a thread that was emptied.
        Refused(`move-superseded`) when a later move has taken some of them on."""
        query = sa.select(thread_moves).where(thread_moves.c.id == move_id)
        move = tx.execute(query).one_or_none()
        if move is None or move.undone_at is not None:
            raise Refused("move-missing")
        target = _thread(tx, chat_id, move.into_id, even_joined=True)
        source = _thread(tx, chat_id, move.from_id, even_joined=True)
        rows = _in_ranges(tx, move.ranges)
        if target.deleted_at is not None or {row.thread_id for row in rows} - {target.id}:
            raise Refused("move-superseded")
        if move.kind == JOIN:
            self._change(tx, source, joined_into=None, deleted_at=None)
            self._change(tx, target, **_without(target, source))
        elif source.deleted_at is not None:
            raise Refused("move-superseded")
        self._move(tx, rows, source.id)
        if move.kind == SPLIT:
            self._close_if_empty(tx, target)
        done = sa.update(thread_moves).where(thread_moves.c.id == move_id)
        tx.execute(done.values(undone_at=self._clock.now()))
        return Moved(move_id, move.kind, move.from_id, move.into_id, len(rows))

    # -- inside ----------------------------------------------------------------------------------

    def _new(self, tx: Transaction, source: Any, name: str | None, changed_at: Any) -> str:
        thread_id, stamp, now = new_id(), self._clocks.tick(tx), self._clock.now()
        values = {
            "id": thread_id,
            "chat_id": source.chat_id,
            "name": name,
            "label": Label.OPEN,  # of name and summary, and it has no summary yet
            "origin": self._origin,
            "created_at": now,
            "changed_at": changed_at,
            "clock": stamp.value,
            "clock_node": stamp.node,
        }
        tx.execute(sa.insert(threads).values(**values))
        return thread_id

    def _close_if_empty(self, tx: Transaction, target: Any) -> None:
        """A thread that a split began goes with the split, unless something was said in it."""
        if _messages(tx, target.id):
            return
        self._change(tx, target, deleted_at=self._clock.now())

    def _change(self, tx: Transaction, thread: Any, **fields: Any) -> None:
        """Write fields of a thread, each with its stamp; what is equal is left."""
        changed = {name: new for name, new in fields.items() if getattr(thread, name) != new}
        stamped = [name for name in changed if name != "changed_at"]
        if not changed:
            return
        stamp = self._clocks.tick(tx)
        changed |= {"clock": stamp.value, "clock_node": stamp.node}
        changed["versions"] = restamped(thread.versions, stamp, *stamped)
        tx.execute(sa.update(threads).where(threads.c.id == thread.id).values(**changed))

    def _move(self, tx: Transaction, rows: Sequence[Any], into: str) -> None:
        """Give the messages another thread, in their rows and in the index."""
        if not rows:
            return
        stamp, now = self._clocks.tick(tx), self._clock.now()
        statement = sa.update(messages).where(messages.c.seq == sa.bindparam("row"))
        values = [
            {
                "row": row.seq,
                "thread_id": into,
                "changed_at": now,
                "clock": stamp.value,
                "clock_node": stamp.node,
                "versions": restamped(row.versions, stamp, "thread_id"),
            }
            for row in rows
        ]
        names = [name for name in values[0] if name != "row"]
        tx.execute(statement.values({name: sa.bindparam(name) for name in names}), values)
        for row in rows:
            if row.deleted_at is None:
                moved = _Elsewhere(row, into)
                self._index.refile(tx, item_of(moved, ""))

    def _note(
        self, tx: Transaction, kind: str, from_id: str, into_id: str, seqs: Sequence[int]
    ) -> Moved:
        move_id = new_id()
        values = {
            "id": move_id,
            "kind": kind,
            "from_id": from_id,
            "into_id": into_id,
            "ranges": ranges_of(seqs),
            "at": self._clock.now(),
        }
        tx.execute(sa.insert(thread_moves).values(**values))
        return Moved(move_id, kind, from_id, into_id, len(seqs))


class _Elsewhere:
    """A row of a message as it will be in another thread."""

    def __init__(self, row: Any, thread_id: str) -> None:
        self._row = row
        self.thread_id = thread_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def ranges_of(seqs: Iterable[int]) -> list[list[int]]:
    """Numbers as ranges of neighbours: [[first, last], ...]. Numbers of other threads that lie
    between make a new range, so that a range never takes along what did not move."""
    ordered = sorted(seqs)
    if not ordered:
        return []
    found = [[ordered[0], ordered[0]]]
    for before, each in pairwise(ordered):
        if each == before + 1:
            found[-1][1] = each
        else:
            found.append([each, each])
    return found


def _thread(tx: Transaction, chat_id: int, thread_id: str, *, even_joined: bool = False) -> Any:
    query = sa.select(threads).where(threads.c.id == thread_id, threads.c.chat_id == chat_id)
    if not even_joined:
        query = query.where(threads.c.deleted_at.is_(None))
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Refused("thread-missing")
    return row


def _messages(tx: Transaction, thread_id: str) -> list[Any]:
    """All of a thread, withdrawn ones, too: they belong to what they were withdrawn from. Without
    words. Refused(`thread-too-long`)."""
    query = _rows().where(messages.c.thread_id == thread_id).order_by(messages.c.seq)
    found = list(tx.execute(query.limit(MOST_MOVED + 1)))
    if len(found) > MOST_MOVED:
        raise Refused("thread-too-long", most=MOST_MOVED)
    return found


def _in_ranges(tx: Transaction, ranges: Sequence[Sequence[int]]) -> list[Any]:
    found: list[Any] = []
    for first, last in ranges:
        found += tx.execute(_rows().where(messages.c.seq.between(first, last)))
    return found


def _rows() -> sa.Select[Any]:
    return sa.select(*(column for column in messages.c if column.name != "text"))


def _from(rows: Sequence[Any], seq: int) -> list[Any]:
    """The messages from `seq` on, but no answer to a question that stays."""
    staying = {row.id for row in rows if row.seq < seq}
    return [row for row in rows if row.seq >= seq and row.parent_id not in staying]


def _covered_by_both(tx: Transaction, *both: Any) -> int | None:
    """Up to which seq nothing of either thread is left uncovered by its own summary."""
    reached = []
    for thread in both:
        upto = thread.summary_upto or 0
        alive = [messages.c.thread_id == thread.id, messages.c.deleted_at.is_(None)]
        first = sa.select(sa.func.min(messages.c.seq)).where(*alive, messages.c.seq > upto)
        uncovered = tx.execute(first).scalar_one()
        last = tx.execute(sa.select(sa.func.max(messages.c.seq)).where(*alive)).scalar_one()
        if uncovered is not None:
            reached.append(uncovered - 1)
        elif last is not None:
            reached.append(max(upto, last))
    return min(reached) if reached else None


def _without(target: Any, source: Any) -> dict[str, Any]:
    """The target's summary without the source's: as it was where nothing was written since, else
    none; it is made anew when the thread outgrows the window."""
    if not source.summary or target.summary is None:
        return {}
    if target.summary.endswith(f"{BETWEEN}{source.summary}"):
        return {"summary": target.summary.removesuffix(f"{BETWEEN}{source.summary}")}
    return {"summary": None, "summary_upto": None}
