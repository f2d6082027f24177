"""The emulator on a thread of its own: for tests that need no separate program."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from ops.emulator.client import Simulator
from ops.emulator.server import Server

TOKEN = "123456:TEST"  # noqa: S105  # a practice token
START_TIMEOUT_S = 10.0


@contextlib.contextmanager
def serving(
    state: Path | None = None, *, token: str = TOKEN, limiter: bool = False, port: int = 0
) -> Iterator[Simulator]:
    """Serves until the block ends; gives the client for it. The bot's base is `url + "/bot"`."""
    ready = threading.Event()
    found: dict[str, int] = {}
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        server = Server(token, state, is_limited=limiter)
        runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            found["port"] = runner.addresses[0][1]
            ready.set()
            await stop.wait()
        finally:
            await runner.cleanup()

    thread = threading.Thread(target=_run, args=(loop, run()), name="emulator", daemon=True)
    thread.start()
    try:
        if not ready.wait(START_TIMEOUT_S):
            raise RuntimeError("the emulator did not start; its thread's traceback says why")
        yield Simulator(f"http://127.0.0.1:{found['port']}")
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_TIMEOUT_S)


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
