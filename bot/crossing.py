"""How the loops of this room wait: for work in a thread (`Bridge.run`), and for an event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import sqlalchemy.exc
import structlog

T = TypeVar("T")

#: The database does not answer; the same work may be done a little later.
DATABASE_AWAY = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
)
LONGEST_PAUSE_S = 5.0


class Cross(Protocol):
    """Runs `work(*args)` in a thread and gives its result."""

    def __call__(self, work: Callable[..., T], /, *args: Any) -> Awaitable[T]: ...


async def insist(cross: Cross, work: Callable[..., T], *args: Any) -> T:
    """Cross as often as it takes while the database is away: for facts that must be kept."""
    pause_s = 0.1
    while True:
        try:
            return await cross(work, *args)
        except DATABASE_AWAY as error:
            structlog.get_logger().warning("database-away", error=type(error).__name__)
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)


async def within(event: asyncio.Event, seconds: float) -> bool:
    """True when the event came in time. Not `asyncio.wait_for`: on Python 3.11 that swallows a
    cancel that arrives together with the event, and the loop that waits never ends."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
