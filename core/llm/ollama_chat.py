"""Models on the owner's machines through the `ollama` library, imported at the first call.

Ollama's traps, met here: the context is small unless `num_ctx` is sent, and what does not fit is
cut without a word; an error can arrive as a line of a stream whose status was 200; a stream
without `done` is a failure; thinking is on by default where a model can. Proxies and redirects
are off: what is sent here may be private.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

from core.clock import Clock
from core.llm.completion_bodies import functions
from core.llm.completions import PROBE_S
from core.llm.failures import Refusal, failed, remedy, safe
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint, Failure, Health, Message, Reply, Request, Usage
from core.llm.ports import ModelFailed
from core.llm.streaming import MALFORMED, CallDelta, Piece, Pieces, Streamed
from core.llm.tokens import estimate
from core.runs.cancel import CancelToken

#: Seconds for the bare connection at the start of a probe.
KNOCK_S = 0.5

DEFAULT_PORT = 11434
#: Options that belong beside the model's own.
_TOP_LEVEL = frozenset({"think", "keep_alive"})


class OllamaChat:
    """A `ChatModel` over Ollama's own API."""

    def __init__(self, loop: LoopThread, clock: Clock) -> None:
        self._loop = loop
        self._clock = clock
        self._lock = threading.Lock()
        self._clients: dict[tuple[str | None, float], Any] = {}

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        client = self._client(endpoint)
        call = Streamed(
            self._loop,
            endpoint,
            request,
            _errors(),
            lambda error: self._translate(error, endpoint),
        )
        return call.run(_pieces(client, endpoint, request), on_text=on_text, cancel=cancel)

    def probe(self, endpoint: Endpoint) -> Health:
        future: Future[Any] | None = None
        try:
            _knock(endpoint)
            future = self._loop.submit(self._client(endpoint).list())
            installed = tuple(str(model.model) for model in future.result(PROBE_S).models)
        except TimeoutError:
            return Health(is_up=False, detail=f"{Failure.TIMEOUT}: over {PROBE_S:g} s")
        except OSError as error:
            return Health(is_up=False, detail=f"{Failure.UNREACHABLE}: {safe(str(error))}")
        except _errors() as error:
            failure = self._translate(error, endpoint)
            return Health(is_up=False, detail=f"{failure.failure}: {failure.detail}")
        finally:
            if future is not None:
                future.cancel()
        if not {endpoint.model, f"{endpoint.model}:latest"} & set(installed):
            detail = f"{Failure.MISSING_MODEL}: {remedy(endpoint)}"
            return Health(is_up=False, detail=detail, models=installed)
        return Health(is_up=True, models=installed)

    def token_limit(self, _endpoint: Endpoint) -> int | None:
        """None: the owner's machine counts no tokens."""
        return None

    def close(self) -> None:
        """Close every client; the next call opens new ones."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        if clients:
            wait([self._loop.submit(_close(clients))], PROBE_S)

    def _client(self, endpoint: Endpoint) -> Any:
        import httpx
        import ollama

        connect_s = endpoint.deadlines.connect_s
        with self._lock:
            client = self._clients.get((endpoint.base_url, connect_s))
            if client is None:
                client = ollama.AsyncClient(
                    host=endpoint.base_url,
                    timeout=httpx.Timeout(None, connect=connect_s),
                    follow_redirects=False,
                    trust_env=False,
                )
                self._clients[endpoint.base_url, connect_s] = client
            return client

    def _translate(self, error: Exception, endpoint: Endpoint) -> ModelFailed:
        import httpx
        import ollama

        if isinstance(error, ollama.ResponseError):
            status = max(error.status_code, 0)
            if not status and "not found" in error.error:
                status = 404
            refusal = Refusal(status, str(error.error))
            return failed(refusal, endpoint, self._clock.now())
        if isinstance(error, httpx.ConnectTimeout):
            detail = f"connect: over {endpoint.deadlines.connect_s:g} s"
            return ModelFailed(Failure.UNREACHABLE, detail=detail)
        if isinstance(error, httpx.ConnectError | ConnectionError | httpx.InvalidURL):
            detail = f"is Ollama running at {endpoint.base_url}? ({safe(str(error))})"
            return ModelFailed(Failure.UNREACHABLE, detail=safe(detail))
        if isinstance(error, MALFORMED):
            detail = f"malformed answer ({type(error).__name__})"
            return ModelFailed(Failure.BROKEN_STREAM, detail=detail)
        return ModelFailed(Failure.BROKEN_STREAM, detail=safe(str(error) or type(error).__name__))


def _errors() -> tuple[type[Exception], ...]:
    import httpx
    import ollama

    return (
        ollama.ResponseError,
        ollama.RequestError,
        httpx.HTTPError,
        httpx.StreamError,
        httpx.InvalidURL,
        OSError,
        *MALFORMED,
    )


def _knock(endpoint: Endpoint) -> None:
    """A bare connection first: where nobody listens, the library is not even imported."""
    split = urlsplit(endpoint.base_url or "")
    where = (split.hostname or "127.0.0.1", split.port or DEFAULT_PORT)
    socket.create_connection(where, timeout=KNOCK_S).close()


async def _close(clients: list[Any]) -> None:
    for client in clients:
        await client.close()


async def _pieces(client: Any, endpoint: Endpoint, request: Request) -> Pieces:
    stream = await client.chat(model=endpoint.model, stream=True, **body_of(endpoint, request))
    async with aclosing(stream):
        async for part in stream:
            yield piece_of(part)


def body_of(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """The request as the library takes it; `think` and `keep_alive` stand beside the options."""
    top = {name: value for name, value in endpoint.options.items() if name in _TOP_LEVEL}
    more = {name: value for name, value in endpoint.options.items() if name not in _TOP_LEVEL}
    options = {
        "num_ctx": endpoint.context,
        "num_predict": min(request.max_output, endpoint.max_output),
        "temperature": request.temperature,
        **more,
    }
    body: dict[str, Any] = {
        "messages": messages_of(request.messages),
        "options": {name: value for name, value in options.items() if value is not None},
        "think": False,
        **top,
    }
    if request.tools:
        body["tools"] = functions(request.tools)
    return body


def messages_of(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """The messages as Ollama writes them: arguments as objects, results named by their tool."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    written: list[dict[str, Any]] = []
    for message in messages:
        data: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.tool_calls:
            data["tool_calls"] = [
                {"function": {"name": call.name, "arguments": _object(call.arguments)}}
                for call in message.tool_calls
            ]
        if message.tool_call_id is not None:
            data["tool_name"] = names.get(message.tool_call_id, message.tool_call_id)
        written.append(data)
    return written


def _object(arguments: str) -> dict[str, Any]:
    """A call's arguments as the object that Ollama insists on, also when the model wrote none."""
    try:
        value = json.loads(arguments)
    except ValueError:
        value = arguments
    return value if isinstance(value, dict) else {"value": value}


def piece_of(part: Any) -> Piece:
    """One line of the stream; calls come whole, thinking is noted and not kept."""
    calls = tuple(
        CallDelta(
            index=None,
            name=call.function.name,
            arguments=json.dumps(dict(call.function.arguments), ensure_ascii=False),
        )
        for call in part.message.tool_calls or ()
    )
    usage = None
    if part.done:
        usage = Usage(prompt=part.prompt_eval_count or 0, completion=part.eval_count or 0)
    return Piece(
        text=part.message.content or "",
        calls=calls,
        finish=(part.done_reason or "stop") if part.done else None,
        usage=usage,
        is_thinking=bool(part.message.thinking),
        unseen=estimate(part.message.thinking or ""),
    )
