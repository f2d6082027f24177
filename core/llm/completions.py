"""The chat-completions protocol, as the `groq` and `openai` libraries both speak it.

One adapter per library names its client and its error classes; everything else is here and in
`completion_bodies`: the body of a request, the pieces of a stream, the meaning of errors. Clients
are opened at first use, kept, and reused; all of a library share one pool of connections, because
reading the certificates for a pool of its own costs each 16 ms. Retries are off in the libraries:
failover is `steps`' work.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from core.clock import Clock
from core.llm.completion_bodies import body_of, spoken_with
from core.llm.failures import body_refusal, failed, safe
from core.llm.hearing import hear, sending
from core.llm.limits import TokenLimits
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint, Failure, Health, Reply, Request, Usage
from core.llm.ports import ModelFailed
from core.llm.streaming import MALFORMED, CallDelta, Piece, Pieces, Streamed
from core.llm.tokens import estimate
from core.runs.cancel import CancelToken

#: Seconds that a probe may take in all.
PROBE_S = 2.0
#: What a probe says of a service whose models cannot be listed in this protocol.
LISTS_NONE = "answers; its models cannot be listed"
#: How a stream that broke at the service ends, where it says so as if it had ended well.
BROKE = "error"


@dataclass(frozen=True)
class Library:
    """A vendor's library, imported: `api` has clients and errors, `transport` the errors below."""

    api: Any
    transport: tuple[type[Exception], ...]


class Completions(ABC):
    """A `ChatModel` over chat completions. `key_of` gives the key of an endpoint, or None."""

    #: Whether the list of models names every model that can be asked.
    lists_all_models: ClassVar[bool] = True

    def __init__(
        self, loop: LoopThread, clock: Clock, key_of: Callable[[Endpoint], str | None]
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._key_of = key_of
        self._lock = threading.Lock()
        self._clients: dict[tuple[str | None, str | None], Any] = {}
        self._connections: Any = None
        self._limits = TokenLimits()

    @abstractmethod
    def library(self) -> Library:
        """The vendor's library, imported at the first call."""

    @abstractmethod
    def open_connections(self) -> Any:
        """The library's own kind of `httpx` client, with `HOOKS`."""

    @abstractmethod
    def open_client(self, endpoint: Endpoint, key: str | None, connections: Any) -> Any:
        """A client of the library over these connections, with its retries off."""

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        client = self._client(endpoint)
        sending()
        call = Streamed(
            self._loop,
            endpoint,
            request,
            self._errors(),
            lambda error: self._translate(error, endpoint),
        )
        return call.run(self._pieces(client, endpoint, request), on_text=on_text, cancel=cancel)

    def probe(self, endpoint: Endpoint) -> Health:
        future: Future[tuple[str, ...]] | None = None
        errors = self._errors()
        try:
            future = self._loop.submit(_models(self._client(endpoint)))
            names = future.result(PROBE_S)
        except TimeoutError:
            return Health(is_up=False, detail=f"{Failure.TIMEOUT}: over {PROBE_S:g} s")
        except ModelFailed as failure:
            return Health(is_up=False, detail=f"{failure.failure}: {failure.detail}")
        except errors as error:
            if not spoken_with(endpoint).lists_models and self._is_answer(error):
                return Health(is_up=True, detail=LISTS_NONE)
            known = self._translate(error, endpoint)
            return Health(is_up=False, detail=f"{known.failure}: {known.detail}")
        finally:
            if future is not None:
                future.cancel()
        if self.lists_all_models and endpoint.model not in names:
            return Health(
                is_up=False, detail=f"{Failure.MISSING_MODEL}: {endpoint.model}", models=names
            )
        return Health(is_up=True, models=names)

    def token_limit(self, endpoint: Endpoint) -> int | None:
        """Tokens per minute that the provider has named; a larger request is refused."""
        return self._limits.of(endpoint)

    def warm(self) -> None:
        """Import the library and read the certificates, before anybody waits for it."""
        with self._lock:
            self._opened()

    def close(self) -> None:
        """Close every client; the next call opens new ones."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
            self._connections = None
        if clients:
            wait([self._loop.submit(_close(clients))], PROBE_S)

    def _errors(self) -> tuple[type[Exception], ...]:
        library = self.library()
        return (library.api.APIError, *library.transport, OSError, *MALFORMED)

    def _is_answer(self, error: Exception) -> bool:
        """Whether somebody answered at all, if not with a list of models in this protocol's form:
        another form, or a refusal that the same key need not get for a chat."""
        if isinstance(error, self.library().api.APIStatusError):
            return int(error.status_code) < HTTPStatus.INTERNAL_SERVER_ERROR
        return isinstance(error, MALFORMED)

    def _client(self, endpoint: Endpoint) -> Any:
        key = self._key_of(endpoint)
        with self._lock:
            client = self._clients.get((endpoint.base_url, key))
            if client is None:
                client = self.open_client(endpoint, key, self._opened())
                self._clients[endpoint.base_url, key] = client
            return client

    def _opened(self) -> Any:
        self._connections = self._connections or self.open_connections()
        return self._connections

    async def _pieces(self, client: Any, endpoint: Endpoint, request: Request) -> Pieces:
        timeout = self.library().api.Timeout(None, connect=endpoint.deadlines.connect_s)
        body = body_of(endpoint, request)
        stream = await client.chat.completions.create(
            model=endpoint.model,
            messages=body.pop("messages"),
            stream=True,
            extra_body=body,
            timeout=timeout,
        )
        self._limits.learn(endpoint, stream.response.headers)
        hear(stream.response.headers)
        async with stream:
            async for chunk in stream:
                yield piece_of(chunk)

    def _translate(self, error: Exception, endpoint: Endpoint) -> ModelFailed:
        """The library's error as the port's; its request, which holds the key, is left behind."""
        api, key = self.library().api, self._key_of(endpoint)
        if isinstance(error, api.APIStatusError):
            headers = error.response.headers
            refusal = body_refusal(error.status_code, error.body, error.message, headers)
            self._limits.learn(endpoint, headers, refusal.message)
            is_limit = error.status_code == HTTPStatus.TOO_MANY_REQUESTS
            hear(headers, refusal.message, is_refused=is_limit)
            return failed(refusal, endpoint, self._clock.now(), key)
        if isinstance(error, api.APIConnectionError):
            cause = error.__cause__ or error
            return _transport(cause, key, endpoint)
        if isinstance(error, api.APIError):
            refusal = body_refusal(0, error.body, error.message, {})
            return failed(refusal, endpoint, self._clock.now(), key)
        if isinstance(error, MALFORMED):
            detail = f"malformed answer ({type(error).__name__})"
            return ModelFailed(Failure.BROKEN_STREAM, detail=detail)
        return _transport(error, key, endpoint)


#: Errors of the transport that mean: there never was a connection.
_NEVER_CONNECTED = frozenset(
    {
        "ConnectError",
        "ConnectTimeout",
        "UnsupportedProtocol",
        "InvalidURL",
        "ProxyError",
        "PoolTimeout",
    }
)


def _transport(error: BaseException, key: str | None, endpoint: Endpoint) -> ModelFailed:
    """An error below HTTP. httpx and its successor name them alike, so names decide."""
    name = type(error).__name__
    detail = safe(str(error) or name, key)
    if name == "ConnectTimeout":
        detail = f"connect: over {endpoint.deadlines.connect_s:g} s"
    if name in _NEVER_CONNECTED or isinstance(error, ConnectionRefusedError):
        return ModelFailed(Failure.UNREACHABLE, detail=detail)
    return ModelFailed(Failure.BROKEN_STREAM, detail=detail)


async def _models(client: Any) -> tuple[str, ...]:
    page = await client.models.list()
    return tuple(str(model.id) for model in page.data)


async def _close(clients: list[Any]) -> None:
    for client in clients:
        await client.close()


def piece_of(chunk: Any) -> Piece:
    """One chunk; only the first choice counts, reasoning is noted and not kept."""
    groq = getattr(chunk, "x_groq", None)
    stopped_by = getattr(groq, "error", None)
    if stopped_by:
        raise ModelFailed(Failure.SERVER, detail=safe(str(stopped_by)))
    usage = _usage(chunk.usage or getattr(groq, "usage", None))
    choices = [choice for choice in chunk.choices or () if not choice.index]
    if not choices:
        return Piece(usage=usage)
    if choices[0].finish_reason == BROKE:
        raise ModelFailed(Failure.SERVER, detail="the service broke off its answer")
    delta = choices[0].delta
    thoughts = getattr(delta, "reasoning", None) or getattr(delta, "reasoning_content", None)
    return Piece(
        text=(delta.content or "") if delta else "",
        calls=tuple(_deltas(delta.tool_calls or ())) if delta else (),
        finish=choices[0].finish_reason,
        usage=usage,
        is_thinking=bool(thoughts),
        unseen=estimate(str(thoughts)) if thoughts else 0,
    )


def _deltas(calls: Any) -> list[CallDelta]:
    return [
        CallDelta(
            index=getattr(call, "index", None),
            id=call.id,
            name=call.function.name if call.function else None,
            arguments=(call.function.arguments or "") if call.function else "",
        )
        for call in calls
    ]


def _usage(usage: Any) -> Usage | None:
    if usage is None:
        return None
    return Usage(prompt=usage.prompt_tokens or 0, completion=usage.completion_tokens or 0)
