"""The one crossing from asyncio to core, which is synchronous.

A handler hands over a plain function with plain arguments and awaits what it returns; what it
raises (Refused, Unavailable, Broken, or a defect) comes back unchanged. Nothing else in the bot
opens a transaction. The threads are few on purpose: a write transaction holds the database anyway,
and a flood of updates waits here and not in memory of its own. Cancelling the await does not stop
the function: its transaction ends as a whole.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: Threads that are inside core at a time; one may sit in a two-second probe of /status.
THREADS = 8


class Bridge:
    """Runs core's functions in threads. Close it after the last await."""

    def __init__(self, threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="core")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `function` returns or raises."""
        context = contextvars.copy_context()  # log fields travel along
        call = partial(context.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        """Wait for what is inside, take nothing more."""
        self._pool.shutdown(wait=True)
