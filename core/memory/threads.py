"""Threads and their messages: kept raw, listed, switched, renamed.

A message is stored before anything else happens to it, and is never rewritten; `message_store`
keeps them. Which part of a thread a model sees is decided by `context_builder`. Every method works
inside the caller's transaction.
Errors: `Refused("thread-missing")`, `Refused("thread-name-empty")`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import regex
import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Refused
from core.ids import ThreadId, new_id
from core.memory import ports, statements
from core.memory.clocks import Clocks
from core.memory.message_store import Messages, restamped
from core.memory.model import NewMessage, Page, StoredMessage, Thread
from core.memory.ports import Indexes, Loads
from core.memory.preferences import Preferences
from core.memory.record_model import Stamp
from core.memory.tables import messages, threads
from core.redaction import Redaction
from core.runs.model import Label

#: Threads on one page of a phone screen.
PAGE_ROWS = 6
#: Characters of a thread's name; longer ones are cut.
NAME_CHARACTERS = 64
#: Fields of a thread with a stamp of their own.
STAMPED = frozenset({"name", "summary", "summary_upto", "label", "deleted_at", "joined_into"})


class Threads:
    """The threads of every chat. `origin` is the place where records arise."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        origin: str,
        redact: Redaction | None = None,
        *,
        index: Indexes | None = None,
        clocks: ports.Clocks | None = None,
        loads: Loads | None = None,
    ) -> None:
        self._clock = clock
        self._clocks = clocks or Clocks(clock, origin)
        self._origin = origin
        self._preferences = Preferences(db, clock)
        self._messages = Messages(
            clock, origin, self._clocks, redact or Redaction(), index=index, loads=loads
        )

    def current(self, tx: Transaction, chat_id: int) -> Thread:
        """The chat's current thread: the chosen one, else the newest, else a first one."""
        chosen = self._preferences.thread(tx, chat_id)
        thread = None if chosen is None else self._find(tx, chat_id, chosen)
        if thread is not None:
            return thread
        query = _alive(chat_id).order_by(threads.c.changed_at.desc(), threads.c.id.desc()).limit(1)
        row = tx.execute(query).one_or_none()
        if row is None:
            return self.new(tx, chat_id)
        self._preferences.set_thread(tx, chat_id, ThreadId(row.id))
        return _thread(row)

    def new(self, tx: Transaction, chat_id: int, name: str | None = None) -> Thread:
        """Begin a thread and make it current."""
        now = self._clock.now()
        thread_id = ThreadId(new_id())
        values: dict[str, Any] = {
            "id": thread_id,
            "chat_id": chat_id,
            "name": None if name is None else tidy_name(name),
            "label": Label.OPEN,
            "origin": self._origin,
            "created_at": now,
            "changed_at": now,
            **_stamped(self._clocks.tick(tx)),
        }
        tx.execute(sa.insert(threads).values(**values))
        self._preferences.set_thread(tx, chat_id, thread_id)
        return Thread(thread_id, chat_id, values["name"], None, None, Label.OPEN, now)

    def get(self, tx: Transaction, chat_id: int, thread_id: str) -> Thread:
        """A thread of this chat with its count; Refused when there is none."""
        thread = self._find(tx, chat_id, ThreadId(thread_id))
        if thread is None:
            raise Refused("thread-missing")
        return self._counted(tx, [thread])[0]

    def page(self, tx: Transaction, chat_id: int, page: int = 0) -> Page:
        """One page, last changed first; a page beyond the end is the last page."""
        total = tx.execute(
            sa.select(sa.func.count()).select_from(_alive(chat_id).subquery())
        ).scalar_one()
        pages = max(1, -(-total // PAGE_ROWS))
        page = min(max(page, 0), pages - 1)
        query = (
            _alive(chat_id)
            .order_by(threads.c.changed_at.desc(), threads.c.id.desc())
            .limit(PAGE_ROWS)
            .offset(page * PAGE_ROWS)
        )
        rows = self._counted(tx, [_thread(row) for row in tx.execute(query)])
        return Page(tuple(rows), page, pages, total)

    def named(self, tx: Transaction, chat_id: int, words: str) -> list[Thread]:
        """Threads whose name holds `words`, whatever the case; in all scripts."""
        wanted = _folded(words)
        query = _alive(chat_id).where(threads.c.name.is_not(None))
        query = query.order_by(threads.c.changed_at.desc(), threads.c.id.desc())
        return [_thread(row) for row in tx.execute(query) if wanted in _folded(row.name)]

    def switch(self, tx: Transaction, chat_id: int, thread_id: str) -> Thread:
        """Make a thread current."""
        thread = self.get(tx, chat_id, thread_id)
        self._preferences.set_thread(tx, chat_id, thread.id)
        return thread

    def rename(self, tx: Transaction, chat_id: int, thread_id: str, name: str) -> Thread:
        """Give a thread a name."""
        thread = self.get(tx, chat_id, thread_id)
        self._change(tx, thread.id, name=tidy_name(name), changed_at=self._clock.now())
        return self.get(tx, chat_id, thread_id)

    def add(self, tx: Transaction, message: NewMessage) -> StoredMessage:
        """Keep a message, and index it."""
        return self._messages.add(tx, message)

    def message(self, tx: Transaction, message_id: str) -> StoredMessage | None:
        return self._messages.get(tx, message_id)

    def last_of_owner(self, tx: Transaction, chat_id: int) -> StoredMessage | None:
        """What the owner wrote last in a chat, in whichever thread."""
        return self._messages.last_of_owner(tx, chat_id)

    def withdraw(self, tx: Transaction, message_id: str) -> None:
        """Take a message and its answers out of every later context; the rows stay."""
        self._messages.withdraw(tx, message_id)

    def last(self, tx: Transaction, thread_id: str, most: int = 6) -> list[StoredMessage]:
        """The newest messages of a thread, oldest of them first."""
        return self._messages.last(tx, thread_id, most)

    def keep_summary(
        self, tx: Transaction, thread_id: str, summary: str, upto: int, label: Label
    ) -> bool:
        """Replace the summary, unless the stored one covers more; True when it was kept."""
        covers = sa.select(threads.c.summary_upto, threads.c.label).where(threads.c.id == thread_id)
        row = tx.execute(covers.with_for_update()).one_or_none()
        if row is None or (row.summary_upto or 0) >= upto:
            return False
        highest = Label.highest(Label(row.label), label)
        self._change(tx, thread_id, summary=summary, summary_upto=upto, label=highest)
        return True

    def _change(self, tx: Transaction, thread_id: str, **fields: Any) -> None:
        """Write fields of a thread, each with its stamp."""
        stamp = self._clocks.tick(tx)
        query = sa.select(threads.c.versions).where(threads.c.id == thread_id)
        named = [name for name in fields if name in STAMPED]
        versions = restamped(tx.execute(query).scalar_one(), stamp, *named)
        tx.execute(
            sa.update(threads)
            .where(threads.c.id == thread_id)
            .values(**fields, **_stamped(stamp), versions=versions)
        )

    def _find(self, tx: Transaction, chat_id: int, thread_id: ThreadId) -> Thread | None:
        row = tx.execute(
            statements.thread_of_chat(), {"chat_id": chat_id, "id": thread_id}
        ).one_or_none()
        return None if row is None else _thread(row)

    def _counted(self, tx: Transaction, found: list[Thread]) -> list[Thread]:
        ids = [thread.id for thread in found]
        counts = (
            sa.select(
                messages.c.thread_id,
                sa.func.count().label("total"),
                sa.func.min(messages.c.seq).label("first"),
            )
            .where(messages.c.thread_id.in_(ids), messages.c.deleted_at.is_(None))
            .group_by(messages.c.thread_id)
        )
        facts = {row.thread_id: row for row in tx.execute(counts)}
        firsts = sa.select(messages.c.seq, messages.c.text).where(
            messages.c.seq.in_([row.first for row in facts.values()])
        )
        texts = {row.seq: row.text for row in tx.execute(firsts)}
        counted = []
        for thread in found:
            row = facts.get(thread.id)
            opening = None if thread.name or row is None else _one_line(texts[row.first])
            counted.append(replace(thread, count=row.total if row else 0, opening=opening))
        return counted


def tidy_name(name: str) -> str:
    """One line of at most NAME_CHARACTERS; Refused when nothing is left."""
    tidy = _one_line(name)
    if not tidy:
        raise Refused("thread-name-empty")
    return tidy


def _one_line(text: str) -> str:
    clusters: list[str] = regex.findall(r"\X", " ".join(text.split()))  # never half a syllable
    return "".join(clusters[:NAME_CHARACTERS]).strip()


def _alive(chat_id: int) -> sa.Select[Any]:
    return sa.select(threads).where(threads.c.chat_id == chat_id, threads.c.deleted_at.is_(None))


def _stamped(stamp: Stamp) -> dict[str, Any]:
    return {"clock": stamp.value, "clock_node": stamp.node}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()


def _thread(row: Any) -> Thread:
    return Thread(
        id=ThreadId(row.id),
        chat_id=row.chat_id,
        name=row.name,
        summary=row.summary,
        summary_upto=row.summary_upto,
        label=Label(row.label),
        changed_at=row.changed_at,
    )
