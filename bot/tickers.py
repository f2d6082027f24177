"""Work of the bot that is due every so often, and at once when somebody rings.

Decides only when. What fails because the database is away is tried at the next tick; anything else
ends the task, and with it the process: the supervisor starts it anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.crossing import DATABASE_AWAY, within


class Ticker:
    """Calls `work` every `every_s` seconds and after each `ring`."""

    def __init__(self, name: str, every_s: float, work: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._every_s = every_s
        self._work = work
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Work now. From any thread, also before `run` and after its end."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def run(self) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._rung.clear()
            try:
                await self._work()
            except DATABASE_AWAY as error:
                structlog.get_logger().warning(
                    "tick-missed", ticker=self.name, error=type(error).__name__
                )
            await within(self._rung, self._every_s)
