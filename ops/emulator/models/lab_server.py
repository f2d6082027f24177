"""The laboratory as a server: one port per fake endpoint and one for control, all on loopback.

Control API under `/sim/`, JSON in and out:
GET  /sim/endpoints                       {name: {"url", "fake"}}
POST /sim/fault     {trouble, endpoint?, times}   times 0: until cleared; without endpoint: at all
POST /sim/clear-faults, /sim/restore      {endpoint?}   restore ends what was revoked or removed
POST /sim/exhaust   {seconds, endpoint?}
POST /sim/reply     {text, tool_calls, match, finish, times, endpoint?}
POST /sim/offline   {endpoint, is_offline}        its port refuses connections
POST /sim/change    {endpoint, fields}            quota, troubles, spreads ...
POST /sim/reset     {}                            calls, bytes, faults, quotas: as at the start
POST /sim/find      {pattern}                     {endpoint: [matches in the bytes received]}
GET  /sim/calls?endpoint=  /sim/bill  /sim/heard?endpoint=
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ops.emulator.models.lab_books import Books
from ops.emulator.models.lab_desk import Desk, Plan
from ops.emulator.models.lab_endpoint import Endpoint
from ops.emulator.models.lab_quota import Meter
from ops.emulator.models.lab_script import Fake, Trouble, from_json, to_json
from ops.emulator.models.server import HOST

#: Seconds that a port waits for answers under way when it closes.
CLOSING_S = 0.05
#: The pages of calls are read by harnesses of this size.
MOST_BODY = 64 * 1024 * 1024

Change = Callable[["Laboratory", dict[str, Any]], Awaitable[Any]]


class _Ear(RequestHandler):
    """A connection whose bytes are kept as they come in."""

    __slots__ = ("_heard",)

    def __init__(self, server: web.Server, heard: bytearray) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=None)  # type: ignore[arg-type]
        self._heard = heard

    def data_received(self, data: bytes) -> None:
        self._heard += data
        super().data_received(data)


class _Listening(web.Server):
    """A low-level server of ears."""

    def __init__(self, endpoint: Endpoint, books: Books) -> None:
        super().__init__(endpoint.handle, handler_cancellation=True)
        self._name, self._books = endpoint.desk.fake.name, books

    def __call__(self) -> RequestHandler:
        return _Ear(self, self._books.ear(self._name))


class _Port:
    """One endpoint's port, open or closed."""

    def __init__(self, endpoint: Endpoint, books: Books) -> None:
        self.endpoint = endpoint
        self._books = books
        self._runner: web.ServerRunner | None = None
        self.number = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.number}"

    async def open(self) -> None:
        if self._runner is not None:
            return
        server = _Listening(self.endpoint, self._books)
        self._runner = web.ServerRunner(server, shutdown_timeout=CLOSING_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.number).start()
        self.number = self._runner.addresses[0][1]

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


class Laboratory:
    """Endpoints, their ports and books."""

    def __init__(self, fakes: Iterable[Fake], seed: int) -> None:
        self.seed, self.books = seed, Books()
        self._meters: dict[str, Meter] = {}
        self._ports: dict[str, _Port] = {}
        for fake in fakes:
            if fake.name in self._ports:
                raise ValueError(f"two endpoints are called {fake.name}")
            endpoint = Endpoint(Desk(fake), self.books, self._meter(fake), seed)
            self._ports[fake.name] = _Port(endpoint, self.books)

    async def open(self) -> None:
        for port in self._ports.values():
            await port.open()

    async def close(self) -> None:
        await asyncio.gather(*(port.close() for port in self._ports.values()))

    def endpoints(self) -> dict[str, Any]:
        return {
            name: {"url": port.url, "fake": to_json(port.endpoint.desk.fake)}
            for name, port in self._ports.items()
        }

    def chosen(self, data: dict[str, Any]) -> list[Endpoint]:
        """The endpoint that a change names, else all. ValueError when there is none such."""
        name = data.pop("endpoint", None)
        if name is None:
            return [port.endpoint for port in self._ports.values()]
        return [self._port(name).endpoint]

    async def offline(self, name: str, *, is_offline: bool) -> None:
        port = self._port(name)
        await (port.close() if is_offline else port.open())

    def change(self, name: str, fields: dict[str, Any]) -> None:
        endpoint = self._port(name).endpoint
        endpoint.desk.fake = from_json({**to_json(endpoint.desk.fake), **fields})
        if "quota" in fields:
            self._meters.pop(endpoint.desk.fake.bucket, None)
            self._renew_meters()

    def reset(self) -> None:
        self.books.clear()
        self._meters.clear()
        for port in self._ports.values():
            port.endpoint.desk = port.endpoint.door.desk = Desk(port.endpoint.desk.fake)
        self._renew_meters()

    def _renew_meters(self) -> None:
        for port in self._ports.values():
            port.endpoint.door.meter = self._meter(port.endpoint.desk.fake)

    def _meter(self, fake: Fake) -> Meter:
        if fake.bucket not in self._meters:
            self._meters[fake.bucket] = Meter(fake.quota)
        return self._meters[fake.bucket]

    def _port(self, name: str) -> _Port:
        if name not in self._ports:
            raise ValueError(f"no such endpoint: {name}")
        return self._ports[name]


LABORATORY = web.AppKey("laboratory", Laboratory)


async def serve(fakes: Iterable[Fake], seed: int, port: int = 0) -> tuple[web.AppRunner, str]:
    """Open every port; the runner to clean up, and the address of the control API."""
    laboratory = Laboratory(fakes, seed)
    await laboratory.open()
    app = web.Application(client_max_size=MOST_BODY)
    app[LABORATORY] = laboratory
    app.add_routes(_routes())

    async def close(_app: web.Application) -> None:
        await laboratory.close()

    app.on_cleanup.append(close)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSING_S)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    return runner, f"http://{HOST}:{runner.addresses[0][1]}"


def _routes() -> list[web.RouteDef]:
    changes: dict[str, Change] = {
        "fault": _fault, "clear-faults": _clear_faults, "restore": _restore, "exhaust": _exhaust,
        "reply": _reply, "offline": _offline, "change": _change, "reset": _reset, "find": _find,
    }  # fmt: skip
    posts = [web.post(f"/sim/{name}", _changing(change)) for name, change in changes.items()]
    reads = {
        "endpoints": lambda lab, _name: lab.endpoints(),
        "calls": lambda lab, name: lab.books.log(name),
        "bill": lambda lab, _name: lab.books.bill(),
    }
    gets = [web.get(f"/sim/{name}", _reading(read)) for name, read in reads.items()]
    return [*posts, *gets, web.get("/sim/heard", _heard)]


def _reading(
    read: Callable[[Laboratory, str | None], Any],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(read(request.app[LABORATORY], request.query.get("endpoint")))

    return handler


def _changing(change: Change) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        data = await request.json() if request.can_read_body else {}
        try:
            found = await change(request.app[LABORATORY], data)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(found if found is not None else {"ok": True})

    return handler


async def _heard(request: web.Request) -> web.Response:
    return web.Response(body=request.app[LABORATORY].books.heard(request.query["endpoint"]))


async def _fault(laboratory: Laboratory, data: dict[str, Any]) -> None:
    for endpoint in laboratory.chosen(data):
        endpoint.desk.forced.append((Trouble(data["trouble"]), int(data.get("times", 1))))


async def _clear_faults(laboratory: Laboratory, data: dict[str, Any]) -> None:
    for endpoint in laboratory.chosen(data):
        endpoint.desk.forced.clear()


async def _restore(laboratory: Laboratory, data: dict[str, Any]) -> None:
    for endpoint in laboratory.chosen(data):
        endpoint.desk.lasting = None


async def _exhaust(laboratory: Laboratory, data: dict[str, Any]) -> None:
    until = asyncio.get_running_loop().time() + float(data["seconds"])
    for endpoint in laboratory.chosen(data):
        endpoint.door.meter.exhaust(until)


async def _reply(laboratory: Laboratory, data: dict[str, Any]) -> None:
    times = int(data.pop("times", 1))
    endpoints = laboratory.chosen(data)
    plan = Plan(**{**data, "tool_calls": tuple(data.get("tool_calls", ()))})
    for endpoint in endpoints:
        endpoint.desk.plans.append((plan, times))


async def _offline(laboratory: Laboratory, data: dict[str, Any]) -> None:
    await laboratory.offline(data["endpoint"], is_offline=bool(data["is_offline"]))


async def _change(laboratory: Laboratory, data: dict[str, Any]) -> None:
    laboratory.change(data["endpoint"], data["fields"])


async def _reset(laboratory: Laboratory, _data: dict[str, Any]) -> None:
    laboratory.reset()


async def _find(laboratory: Laboratory, data: dict[str, Any]) -> dict[str, list[str]]:
    return laboratory.books.find(data["pattern"])
