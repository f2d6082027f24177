"""Live output of approved steps onto their cards, at a pace that a phone and its reader bear.

Decides which frames of live text belong to a card: those of a run whose approved step is running;
all others pass on and become drafts. A card is edited at the first output, then every 5 s, 10 s
after a minute, 30 s after ten, and only when its text has changed. Frames may be lost: the outcome
comes by itself. Never touches a card whose step has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bot.crossing import DATABASE_AWAY, Cross, within
from core.clock import Clock
from core.db import Transaction

#: From this many seconds on (of a job's output), the seconds between two edits.
PACES = ((600.0, 30.0), (60.0, 10.0), (0.0, 5.0))
#: How long it is believed that a run has, or has not, an approved step running.
BELIEVED_S = 1.0
#: Characters at the end of an output that a card can show; a change before them changes nothing.
TAIL = 1200
#: Runs remembered that have none.
MOST_RUNS = 200
IDLE_S = 5.0

#: Run id, sequence, whole text so far.
Frame = tuple[str, int, str]


class LiveCards(Protocol):
    """What is needed of the approvals; each in a transaction of the caller."""

    def is_running(self, tx: Transaction, run_id: str) -> bool: ...

    def live(self, tx: Transaction, run_id: str, text: str) -> None: ...


class Opens(Protocol):
    """Opens transactions; `core.db.Database` is one."""

    def read(self) -> Any: ...

    def write(self) -> Any: ...


@dataclass
class Job:
    """The output of one run with a card; times are monotonic seconds."""

    began_at: float
    text: str
    shown: str | None = None
    next_at: float = 0.0

    @property
    def is_new(self) -> bool:
        return self.text != self.shown


def pace(elapsed_s: float) -> float:
    """Seconds until the next edit, so long after the first output."""
    return next(every for since, every in PACES if elapsed_s >= since)


class Jobs:
    """Jobs of all chats. `sift` sorts the frames, `run` edits the cards."""

    def __init__(self, *, db: Opens, cards: LiveCards, clock: Clock, cross: Cross) -> None:
        self._db = db
        self._cards = cards
        self._clock = clock
        self._cross = cross
        self._log = structlog.get_logger()
        self._jobs: dict[str, Job] = {}
        self._believed: dict[str, tuple[bool, float]] = {}
        self._news = asyncio.Event()

    async def sift(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames that belong to no card; the others are kept for theirs."""
        async for run_id, sequence, text in frames:
            if await self._has_card(run_id):
                self._take(run_id, text)
            else:
                self._jobs.pop(run_id, None)
                yield run_id, sequence, text

    async def run(self) -> None:
        """Edit the cards until cancelled."""
        while True:
            self._news.clear()
            wait_s = await self.show_due()
            await within(self._news, wait_s)

    async def show_due(self) -> float:
        """Edit what is due; seconds until something may be."""
        for run_id, job in list(self._jobs.items()):
            if job.is_new and self._clock.monotonic() >= job.next_at:
                await self._show(run_id, job)
        now = self._clock.monotonic()
        waits = [job.next_at - now for job in self._jobs.values() if job.is_new]
        return max(0.0, min(waits, default=IDLE_S))

    def _take(self, run_id: str, text: str) -> None:
        job = self._jobs.setdefault(run_id, Job(self._clock.monotonic(), ""))
        job.text = text[-TAIL:]
        self._news.set()

    async def _show(self, run_id: str, job: Job) -> None:
        now, text = self._clock.monotonic(), job.text
        job.next_at = now + pace(now - job.began_at)
        try:
            is_shown = await self._cross(self._put, run_id, text)
        except DATABASE_AWAY as error:
            self._log.info("output-not-shown", error=type(error).__name__)
            return
        if is_shown:
            job.shown = text
        else:
            self._jobs.pop(run_id, None)

    async def _has_card(self, run_id: str) -> bool:
        now = self._clock.monotonic()
        has_card, until = self._believed.get(run_id, (False, now))
        if now < until:
            return has_card
        try:
            has_card = await self._cross(self._look, run_id)
        except DATABASE_AWAY as error:
            self._log.info("jobs-away", error=type(error).__name__)
        self._believed.pop(run_id, None)
        self._believed[run_id] = (has_card, now + BELIEVED_S)
        while len(self._believed) > MOST_RUNS:
            del self._believed[next(iter(self._believed))]
        return has_card

    # -- in threads --------------------------------------------------------------------------------

    def _look(self, run_id: str) -> bool:
        with self._db.read() as tx:
            return self._cards.is_running(tx, run_id)

    def _put(self, run_id: str, text: str) -> bool:
        with self._db.write() as tx:
            if not self._cards.is_running(tx, run_id):
                return False
            self._cards.live(tx, run_id, text)
            return True
