"""What the drafts ask about runs: where a run answers, and what a chat is waiting for."""

from __future__ import annotations

from typing import Protocol

import structlog

from bot.crossing import DATABASE_AWAY, Cross
from core.db import Database
from core.runs.model import RunState
from core.runs.runs import Runs

#: Runs of one chat looked at.
MOST_RUNS = 20


class Turns(Protocol):
    """None is also the answer while nobody can tell: live text may always be left out."""

    async def chat_of(self, run_id: str) -> int | None:
        """The chat a run answers in."""

    async def going(self, chat_id: int) -> str | None:
        """The run that is being answered in a chat now, the oldest one."""


class RunTurns:
    """Reads the runs' table."""

    def __init__(self, db: Database, runs: Runs, cross: Cross) -> None:
        self._db = db
        self._runs = runs
        self._cross = cross
        self._log = structlog.get_logger()

    async def chat_of(self, run_id: str) -> int | None:
        try:
            return await self._cross(self._chat_of, run_id)
        except DATABASE_AWAY as error:
            self._log.info("turns-away", error=type(error).__name__)
            return None

    async def going(self, chat_id: int) -> str | None:
        try:
            return await self._cross(self._oldest, chat_id)
        except DATABASE_AWAY as error:
            self._log.info("turns-away", error=type(error).__name__)
            return None

    def _chat_of(self, run_id: str) -> int | None:
        with self._db.read() as tx:
            run = self._runs.get(tx, run_id)
        return None if run is None else run.chat_id

    def _oldest(self, chat_id: int) -> str | None:
        states = [RunState.READY, RunState.RUNNING, RunState.WAITING]
        with self._db.read() as tx:
            found = self._runs.list(tx, states=states, chat_id=chat_id, limit=MOST_RUNS)
        going = [
            run
            for run in found
            if run.state is RunState.RUNNING or (run.waiting and run.waiting.holds_lane)
        ]
        return min(going, key=lambda run: run.seq).id if going else None
