"""One answer on its way out: paced, broken on demand, and logged with how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from ops.emulator.models.simulation import EARLY_FAULTS, Call, Fault, Pace, Simulation

#: Where the application keeps its simulation.
SIMULATION = web.AppKey("simulation", Simulation)
#: Seconds that a hanging answer hangs; callers have gone by then.
FOREVER_S = 3600.0

FaultResponse = Callable[[Fault, str], web.Response]


class Delivery:
    """The response to one call. As a context it notes a caller who went away."""

    def __init__(self, request: web.Request, call: Call, pace: Pace) -> None:
        self._request = request
        self.call = call
        self.pace = pace
        self.fault: Fault | None = None
        self._response = web.StreamResponse()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and self.call.ended == "open":
            self.call.ended = "aborted"

    @property
    def has_early_fault(self) -> bool:
        return self.fault is not None and self.fault.kind in EARLY_FAULTS

    async def pause(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)

    def refused(self, response: web.Response) -> web.Response:
        """End with an error response."""
        self.call.ended, self.call.status = "fault", response.status
        return response

    def whole(self, response: web.Response) -> web.Response:
        """End with a whole answer."""
        self.call.ended, self.call.status = "done", response.status
        return response

    async def fail_early(self, respond: FaultResponse) -> web.StreamResponse:
        """End with the fault instead of an answer."""
        if self.fault is None:
            raise RuntimeError("no fault to fail with")
        response = await early_fault(self._request, self.fault, respond, self.call.model)
        self.call.ended, self.call.status = "fault", response.status
        return response

    async def open(self, content_type: str, headers: Mapping[str, str]) -> None:
        """Send the headers; from here on the status is 200, whatever happens."""
        self._response.content_type = content_type
        self._response.headers.update(headers)
        self.call.status = 200
        await self._response.prepare(self._request)

    async def send(self, data: bytes) -> None:
        await self._response.write(data)

    async def piece(self, data: bytes, broken: Callable[[Fault], bytes]) -> bool:
        """Send one piece at the pace; True when the stream has broken here."""
        pieces = self.call.pieces
        await self.pause(self.pace.per_token_s if pieces else self.pace.first_token_s)
        if self.fault is not None and pieces >= self.fault.after:
            await self._break(self.fault, broken)
            return True
        await self.send(data)
        self.call.pieces += 1
        return False

    async def _break(self, fault: Fault, broken: Callable[[Fault], bytes]) -> None:
        if fault.kind == "stall":
            await asyncio.sleep(FOREVER_S)
        elif fault.kind == "cut":
            _hang_up(self._request)
        elif fault.kind != "half_stream":
            await self.send(broken(fault))

    async def close(self, *, is_whole: bool = False) -> web.StreamResponse:
        """End the stream."""
        self.call.ended = "done" if is_whole else "fault"
        if self.fault is None or self.fault.kind != "cut":
            await self._response.write_eof()
        return self._response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def early_fault(
    request: web.Request, fault: Fault, respond: FaultResponse, model: str = ""
) -> web.StreamResponse:
    """The answer that a fault gives in place of the real one."""
    if fault.kind == "hang":
        await asyncio.sleep(FOREVER_S)
    if fault.kind == "disconnect":
        _hang_up(request)
    if fault.kind == "html":
        page = "<html><body>502 Bad Gateway</body></html>"
        return web.Response(text=page, content_type="text/html")
    return respond(fault, model)
