"""The HTTP side: the Bot API, its files, the control API, the chat page and its event stream.

Listens on 127.0.0.1 only. Requests that a foreign web page could have caused are refused: the
practice bot behind may have real tools.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from aiohttp import web

from ops.emulator.bot_api import BotApi
from ops.emulator.clock import SimClock
from ops.emulator.context import Context
from ops.emulator.faults import CutConnection, Faults
from ops.emulator.files import Files
from ops.emulator.limits import Limiter
from ops.emulator.sim import Control
from ops.emulator.store import Store
from ops.emulator.updates import TAP_LIFE_S, Updates
from ops.emulator.waits import WaitOver
from ops.emulator.webhook import Webhook
from ops.emulator.wire import Refusal, read_call
from ops.emulator.world import World

PAGE = Path(__file__).parent / "page"
PAGE_FILES = (
    "page.css",
    "bubbles.css",
    "page.js",
    "popup.js",
    "bubbles.js",
    "calls.js",
    "composer.js",
    "format.js",
    "voice.js",
    "words.js",
)
PAGE_TYPES = {  # said here: Windows may know .js as plain text
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
BODY_LIMIT_BYTES = 60 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
KEEP_ALIVE_S = 15.0


class Server:
    """Answers requests for one token."""

    def __init__(self, token: str, state: Path | None, *, is_limited: bool = False) -> None:
        self.token = token
        store = Store(state)
        clock = SimClock(float((store.get("meta", "clock") or {}).get("offset_s", 0.0)))
        world = World(store, clock, token)
        faults = Faults()
        self.context = Context(
            store=store,
            clock=clock,
            world=world,
            updates=Updates(store, clock, faults, world.bells),
            files=Files(store),
            faults=faults,
            limiter=Limiter(clock) if is_limited else None,
        )
        self._forget_old_taps()
        self.api = BotApi(self.context)
        self.control = Control(self.api)

    def _forget_old_taps(self) -> None:
        """Taps are kept only as long as they can be answered."""
        store, now = self.context.store, self.context.clock.now()
        for query_id, tap in list(store.table("taps").items()):
            if tap["at"] < now - TAP_LIFE_S:
                store.drop("taps", query_id)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT_BYTES, middlewares=[own_page_only])
        app.router.add_get("/sim/events", self.on_events)
        app.router.add_get("/sim/file", self.on_sim_file)
        app.router.add_route("*", "/sim/{name}", self.on_sim)
        app.router.add_get("/", self.on_page)
        for name in PAGE_FILES:
            app.router.add_get(f"/{name}", self.on_page)
        app.router.add_route("*", "/{tail:.*}", self.on_bot)
        app.cleanup_ctx.append(self._webhook)
        app.on_shutdown.append(self._on_shutdown)
        return app

    async def _webhook(self, _app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(Webhook(self.context).run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.context.store.close()

    async def _on_shutdown(self, _app: web.Application) -> None:
        self.context.updates.end_poll("new")
        self.context.world.stream.close()

    async def on_bot(self, request: web.Request) -> web.StreamResponse:
        """`/bot<token>/<method>` and `/file/bot<token>/<path>`."""
        path = unquote(request.raw_path.split("?", 1)[0])
        if path.startswith("/file/bot"):
            return self._file(path.removeprefix("/file/bot"))
        if not path.startswith("/bot"):
            return _envelope(Refusal(404, "Not Found"))
        token, _, method = path.removeprefix("/bot").partition("/")
        if token != self.token:
            known_shape = token.partition(":")[0].isdigit()
            return _envelope(
                Refusal(401, "Unauthorized") if known_shape else Refusal(404, "Not Found")
            )
        try:
            call = await read_call(request, method.strip("/"))
            status, body = await self.api.answer(call)
        except Refusal as refusal:
            return _envelope(refusal)
        except (CutConnection, ConnectionResetError):  # a fault's cut, or the bot was killed
            return _cut(request)
        return _json(body, status)

    def _file(self, rest: str) -> web.StreamResponse:
        token, _, path = rest.partition("/")
        row = self.context.files.by_path(path) if token == self.token else None
        if row is None:
            return _envelope(Refusal(401 if token != self.token else 404, "Not Found"))
        return web.Response(
            body=self.context.files.data(row), content_type=row["mime"].split(";")[0]
        )

    async def on_sim_file(self, request: web.Request) -> web.StreamResponse:
        """A file's bytes for the chat page."""
        row = self.context.store.get("files", request.query.get("id", ""))
        if row is None:
            return _json({"error": "no such file"}, 404)
        name = row["name"].replace('"', "")
        shown = row["mime"].split(";")[0]
        safe = (
            shown
            if shown.startswith(
                ("image/png", "image/jpeg", "image/webp", "image/gif", "audio/", "video/")
            )
            else ""
        )
        how = "inline" if safe else "attachment"
        headers = {
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
        }
        kind = safe or "application/octet-stream"
        return web.Response(body=self.context.files.data(row), content_type=kind, headers=headers)

    async def on_sim(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self.control.entries:
            return _json({"error": f"unknown: {name}", "known": sorted(self.control.entries)}, 404)
        try:
            return _json(await self.control.answer(await read_call(request, name)))
        except WaitOver as over:
            return _json({"error": str(over)}, 408)
        except Refusal as refusal:
            return _json({"error": refusal.description}, 400)
        except (LookupError, ValueError, TypeError) as error:
            return _json({"error": str(error)}, 400)

    async def on_page(self, request: web.Request) -> web.StreamResponse:
        policy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:"
        name = request.path[1:] or "index.html"
        headers = {
            "Content-Type": PAGE_TYPES[Path(name).suffix],
            "Content-Security-Policy": policy,
            "Cache-Control": "no-cache",
            "X-Frame-Options": "DENY",
        }
        return web.FileResponse(PAGE / name, headers=headers)

    async def on_events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one JSON line each; ends when the page has fallen behind."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        queue = self.context.world.stream.listen()
        try:
            await response.prepare(request)
            await response.write(b": hello\n\n")
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event is None:
                    break
                await response.write(b"data: " + _dump(event) + b"\n\n")
        except ConnectionResetError:
            return response
        finally:
            self.context.world.stream.leave(queue)
        return response


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses other host names (DNS rebinding) and other origins (a foreign page's requests)."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if host not in LOOPBACK or is_foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return _json({"error": "only this machine's own pages and programs may come in"}, 403)
    return await handler(request)


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=_dump(value), status=status, content_type="application/json")


def _envelope(refusal: Refusal) -> web.Response:
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.Response(
        body=_dump(refusal.envelope()),
        status=refusal.code,
        content_type="application/json",
        headers=headers,
    )


def _cut(request: web.Request) -> web.StreamResponse:
    """Ends the connection without a byte of answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
