"""One streamed call: pieces become a reply, deadlines are kept, a cancel closes it at once.

The vendor's stream runs on the loop thread; the caller waits in its own thread and calls `on_text`
there, so that slow watchers hold nobody else up. Text that arrives while the caller is busy is
shown together with what follows: each `on_text` gets the whole text so far. A stream that ends
without a finish reason is a failure, whatever its status was.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import CancelledError, Future
from contextlib import aclosing
from dataclasses import dataclass, field

from core.ids import random_token
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint, Failure, Finish, Reply, Request, ToolCall, Usage
from core.llm.ports import ModelFailed
from core.llm.tokens import answer_tokens, estimate, prompt_tokens
from core.runs.cancel import CancelToken

#: What malformed answers make vendors' parsers raise.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)
#: Seconds that are spent on the usage numbers once the reply itself is whole.
AFTERMATH_S = 2.0

_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")

FINISHES = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOLS,
    "function_call": Finish.TOOLS,
}


@dataclass(frozen=True, slots=True)
class CallDelta:
    """A part of a tool call. Parts with the same index belong together; some servers leave the
    index out or always write 0, so a new id, or a name without an index, begins a new call."""

    index: int | None = None
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a stream brought; `is_thinking` says that tokens came which are not shown,
    `unseen` how many, about. A piece that brought no token (a first frame with the role alone)
    leaves deadlines running."""

    text: str = ""
    calls: tuple[CallDelta, ...] = ()
    finish: str | None = None
    usage: Usage | None = None
    is_thinking: bool = False
    unseen: int = 0

    @property
    def is_progress(self) -> bool:
        return bool(self.text or self.calls or self.finish or self.usage or self.is_thinking)


Pieces = AsyncGenerator[Piece, None]


@dataclass
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Collector:
    """The reply as it grows. Written by the loop thread; `text` is read by the caller's."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._calls: list[_Call] = []
        self.finish: str | None = None
        self.usage: Usage | None = None
        self.has_begun = False
        self._unseen = 0
        self.changed = threading.Event()

    @property
    def text(self) -> str:
        return whole("".join(self._parts))

    def take(self, piece: Piece) -> None:
        self.has_begun = True
        self._unseen += piece.unseen
        for delta in piece.calls:
            call = self._call_of(delta)
            call.id = call.id or delta.id or ""
            call.name = call.name or delta.name or ""
            call.arguments.append(delta.arguments)
        self.finish = piece.finish or self.finish
        self.usage = piece.usage or self.usage
        if piece.text:
            self._parts.append(piece.text)
            self.changed.set()

    def _call_of(self, delta: CallDelta) -> _Call:
        found = next((call for call in reversed(self._calls) if call.index == delta.index), None)
        is_new = bool(delta.name) if delta.index is None else False
        is_other = found is not None and delta.id and found.id and delta.id != found.id
        if found is None or is_new or is_other:
            found = _Call(delta.index)
            self._calls.append(found)
        return found

    def calls(self) -> tuple[ToolCall, ...]:
        """The calls in their order; one without an id gets one, so that its result can name it."""
        return tuple(
            ToolCall(
                call.id or f"call_{random_token()}",
                call.name,
                whole("".join(call.arguments)) or "{}",
            )
            for call in self._calls
        )

    def reply(self, endpoint: Endpoint, request: Request) -> Reply:
        """The whole reply; `ModelFailed` when it has no end mark or says nothing at all."""
        text, calls = self.text, self.calls()
        if self.finish is None:
            raise ModelFailed(Failure.BROKEN_STREAM, detail="the stream ended without its end mark")
        if self.finish == "content_filter":
            raise ModelFailed(Failure.BAD_REQUEST, detail="content filter")
        if not text.strip() and not calls:
            raise ModelFailed(Failure.SERVER, detail=f"empty answer ({self.finish})")
        finish = Finish.TOOLS if calls else FINISHES.get(self.finish, Finish.STOP)
        return Reply(
            text=text,
            endpoint=endpoint.name,
            place=endpoint.place,
            tool_calls=calls,
            finish=finish,
            usage=self.counted(request),
        )

    def counted(self, request: Request) -> Usage:
        """What was billed so far: by the provider's own count, else an estimate of the request and
        of everything that was heard of the answer."""
        if self.usage is not None:
            return self.usage
        written = answer_tokens(self.text, self.calls()) + self._unseen
        return Usage(prompt_tokens(request), written, is_exact=False)


def whole(text: str) -> str:
    """`text` as every store can keep it: halves of a character that arrived in two pieces joined,
    lone halves replaced, NUL left out."""
    if _UNSTORABLE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text.replace("\x00", "")
    return text


def estimated(request: Request, text: str) -> Usage:
    """Usage where the provider gave none."""
    return Usage(prompt=prompt_tokens(request), completion=estimate(text), is_exact=False)


def stopped(endpoint: Endpoint, request: Request, text: str, usage: Usage | None = None) -> Reply:
    """What had arrived when the owner stopped it."""
    return Reply(
        text=text,
        endpoint=endpoint.name,
        place=endpoint.place,
        finish=Finish.STOPPED,
        usage=usage or estimated(request, text),
    )


@dataclass(frozen=True)
class Streamed:
    """One call on its way: where it runs, what is asked, how its errors translate."""

    loop: LoopThread
    endpoint: Endpoint
    request: Request
    errors: tuple[type[Exception], ...]
    translate: Callable[[Exception], ModelFailed]

    def run(self, pieces: Pieces, *, on_text: Callable[[str], None], cancel: CancelToken) -> Reply:
        """Block until the reply is whole. Raises `ModelFailed` only, and what `on_text` raises."""
        collector = Collector()
        future = self.loop.submit(self._collect(pieces, collector))
        future.add_done_callback(lambda _: collector.changed.set())

        def close() -> None:
            future.cancel()

        cancel.on_cancel(close)
        try:
            _show_until_done(future, collector, on_text)
        finally:
            future.cancel()
        return self._outcome(future, collector, cancel)

    def _outcome(self, future: Future[Reply], collector: Collector, cancel: CancelToken) -> Reply:
        try:
            return future.result()
        except CancelledError:
            if not cancel.is_set:
                raise ModelFailed(Failure.SERVER, detail="this process is shutting down") from None
        except ModelFailed:
            if not cancel.is_set:
                raise
        counted = collector.counted(self.request)
        return stopped(self.endpoint, self.request, collector.text, counted)

    async def _collect(self, pieces: Pieces, collector: Collector) -> Reply:
        try:
            async with aclosing(pieces):
                await self._drive(pieces, collector)
            return collector.reply(self.endpoint, self.request)
        except ModelFailed as failure:
            raise self._with_what_came(failure, collector) from None
        except self.errors as error:
            if collector.finish is None:  # the vendor's error holds request and key
                raise self._with_what_came(self.translate(error), collector) from None
        return collector.reply(self.endpoint, self.request)  # whole before the stream broke

    def _with_what_came(self, failure: ModelFailed, collector: Collector) -> ModelFailed:
        """Text to go on from, and what the provider will bill where it had begun."""
        failure.partial = collector.text
        failure.usage = collector.counted(self.request) if collector.has_begun else None
        return failure

    async def _drive(self, pieces: Pieces, collector: Collector) -> None:
        now = asyncio.get_running_loop().time
        deadlines = self.endpoint.deadlines
        end_at = now() + deadlines.total_s
        last = "first token", deadlines.first_token_s
        try:
            async with asyncio.timeout_at(min(end_at, now() + last[1])) as bound:
                async for piece in pieces:
                    collector.take(piece)
                    if not piece.is_progress:
                        continue
                    last = "silence", deadlines.stall_s
                    if collector.finish is not None:
                        last = "end", min(deadlines.stall_s, AFTERMATH_S)
                    bound.reschedule(min(end_at, now() + last[1]))
        except TimeoutError:
            if not bound.expired() or collector.finish is not None:
                raise
            if now() >= end_at:
                last = "whole answer", deadlines.total_s
            raise ModelFailed(Failure.TIMEOUT, detail=f"{last[0]}: over {last[1]:g} s") from None


def _show_until_done(
    future: Future[Reply], collector: Collector, on_text: Callable[[str], None]
) -> None:
    shown = ""
    while True:
        collector.changed.wait()
        collector.changed.clear()
        is_done = future.done()
        if future.cancelled():
            return
        text = collector.text
        if text != shown:
            on_text(text)
            shown = text
        if is_done:
            return
