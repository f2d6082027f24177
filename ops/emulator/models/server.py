"""The application and how it is served: a loopback port, or a thread of a test."""

from __future__ import annotations

import asyncio
import threading

from aiohttp import web

from ops.emulator.models import completions_api, control, ollama_api, ollama_pulling
from ops.emulator.models.client import ModelServer
from ops.emulator.models.delivery import SIMULATION
from ops.emulator.models.simulation import Simulation

HOST = "127.0.0.1"
#: Seconds that stopping waits for answers under way.
STOPPING_S = 1.0


def application() -> web.Application:
    """All protocols and the control API in one application."""
    app = web.Application()
    app[SIMULATION] = Simulation()
    for protocol in (completions_api, ollama_api, ollama_pulling, control):
        app.add_routes(protocol.routes())
    return app


async def serve(port: int) -> tuple[web.AppRunner, str]:
    """Listen; the runner to clean up, and the address. Port 0 takes a free one."""
    # Without cancellation a stalled answer would never notice that its caller has gone.
    runner = web.AppRunner(
        application(), handler_cancellation=True, shutdown_timeout=STOPPING_S, access_log=None
    )
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    taken = runner.addresses[0][1]
    return runner, f"http://{HOST}:{taken}"


class ThreadedModelServer(ModelServer):
    """The servers on a thread of this process, for tests; `stop` ends it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner, url = asyncio.run_coroutine_threadsafe(serve(0), self._loop).result(10)
        super().__init__(url)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
