"""A local model server through the `ollama` library, imported at the first call.

Asks about the server and has models fetched; talking with models is `ollama_chat`'s. Never retries
and never starts anything. What a server says of itself is data: names and words are clipped.
Proxies and redirects are off, as for everything on the owner's machines.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar

from core.errors import MaskError, Refused, Unavailable
from core.llm.failures import safe
from core.llm.loop_thread import LoopThread
from core.llm.ollama_facts import Installed, Loaded, clip, details_of
from core.llm.ollama_ports import Progress
from core.llm.streaming import MALFORMED
from core.runs.cancel import Cancelled, CancelToken

#: Seconds for a question, and for a connection.
ASK_S, CONNECT_S = 5.0, 2.0
#: Seconds for a vector, with loading its model.
EMBED_S = 120.0
#: Seconds between two lines of a pull: checking ten gigabytes says nothing for minutes.
STALL_S = 900.0
#: Models that are listed; a shelf with more is cut.
MOST_MODELS = 200

T = TypeVar("T")


class OllamaClient:
    """`LocalServer` at one address."""

    def __init__(self, loop: LoopThread, address: str) -> None:
        self._loop = loop
        self._address = address
        self._lock = threading.Lock()
        self._client: Any = None

    @property
    def address(self) -> str:
        return self._address

    def version(self) -> str:
        return self._ask(self._version())

    def installed(self) -> tuple[Installed, ...]:
        found = self._ask(self._opened().list())
        return tuple(_installed(each) for each in found.models[:MOST_MODELS])

    def loaded(self) -> tuple[Loaded, ...]:
        found = self._ask(self._opened().ps())
        return tuple(_loaded(each) for each in found.models[:MOST_MODELS])

    def described(self, model: Installed) -> Installed:
        found = self._ask(self._opened().show(model.name), model.name)
        abilities = tuple(clip(word, 20) for word in (found.capabilities or ())[:20])
        return replace(model, abilities=abilities, context=_context(found.modelinfo or {}))

    def embed(self, model: str, text: str) -> int:
        future = self._loop.submit(self._opened().embed(model=model, input=text))
        found = self._wait(future, EMBED_S, model)
        return len(found.embeddings[0]) if found.embeddings else 0

    def vectors(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector for each text; loads the model."""
        future = self._loop.submit(self._opened().embed(model=model, input=list(texts)))
        return [list(row) for row in self._wait(future, EMBED_S, model).embeddings]

    def copy(self, source: str, target: str) -> None:
        self._ask(self._opened().copy(source, target), source)

    def pull(self, model: str, told: Callable[[Progress], None], cancel: CancelToken) -> None:
        future = self._loop.submit(self._pulled(model, told))

        def stop() -> None:
            future.cancel()

        cancel.on_cancel(stop)
        self._wait(future, None, model)

    def close(self) -> None:
        """Close the connection; the next question opens a new one."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            self._wait(self._loop.submit(client.close()), ASK_S)

    # -- inside

    def _opened(self) -> Any:
        import httpx
        import ollama

        with self._lock:
            if self._client is None:
                self._client = ollama.AsyncClient(
                    host=self._address,
                    timeout=httpx.Timeout(STALL_S, connect=CONNECT_S),
                    follow_redirects=False,
                    trust_env=False,
                )
            return self._client

    async def _version(self) -> str:
        """The library has no call for it."""
        import httpx

        async with httpx.AsyncClient(timeout=ASK_S, trust_env=False) as client:
            answer = await client.get(f"{self._address}/api/version")
        return clip(answer.json()["version"], 32)

    async def _pulled(self, model: str, told: Callable[[Progress], None]) -> None:
        parts: dict[str, tuple[int, int]] = {}
        stream = await self._opened().pull(model, stream=True)
        is_done = False
        async with aclosing(stream):
            while True:
                try:
                    # Not `wait_for`: before Python 3.12 it loses a cancel that comes with a line.
                    async with asyncio.timeout(STALL_S):
                        line = await anext(stream)
                except StopAsyncIteration:
                    break
                is_done = line.status == "success"
                if line.digest and line.total:
                    parts[line.digest] = (line.completed or 0, line.total)
                sums = [sum(each) for each in zip(*parts.values(), strict=True)] or [0, 0]
                told(Progress(sums[0], sums[1], clip(line.status or "", 60)))
        if not is_done:
            raise Unavailable("local-server-failed", why="the pull ended without its end")

    def _ask(self, question: Coroutine[Any, Any, T], model: str = "") -> T:
        return self._wait(self._loop.submit(question), ASK_S, model)

    def _wait(self, future: Future[T], seconds: float | None, model: str = "") -> T:
        try:
            return future.result(seconds)
        except TimeoutError:
            raise Unavailable("local-server-away", address=self._address, why="timeout") from None
        except CancelledError:
            raise Cancelled from None
        except _errors() as error:
            raise self._meant(error, model) from None
        finally:
            future.cancel()

    def _meant(self, error: Exception, model: str) -> MaskError:
        import ollama

        if isinstance(error, ollama.ResponseError):
            if error.status_code == HTTPStatus.NOT_FOUND and model:
                return Refused("local-model-missing", model=model)
            return Unavailable("local-server-failed", why=safe(str(error.error)))
        if isinstance(error, MALFORMED):
            return Unavailable("local-server-failed", why="malformed answer")
        why = safe(str(error) or type(error).__name__)
        return Unavailable("local-server-away", address=self._address, why=why)


class OllamaClients:
    """One client per address, opened when it is first asked for."""

    def __init__(self, loop: LoopThread) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._by_address: dict[str, OllamaClient] = {}

    def at(self, address: str) -> OllamaClient:
        with self._lock:
            return self._by_address.setdefault(address, OllamaClient(self._loop, address))

    def installed(self, address: str) -> tuple[Installed, ...]:
        """What is on the server's disk there, with abilities. Unavailable as `LocalServer` says."""
        client = self.at(address)
        return tuple(client.described(model) for model in client.installed())

    def close(self) -> None:
        with self._lock:
            clients, self._by_address = list(self._by_address.values()), {}
        for client in clients:
            client.close()


def _errors() -> tuple[type[Exception], ...]:
    import httpx
    import ollama

    ours = (ollama.ResponseError, ollama.RequestError)
    return (*ours, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, *MALFORMED)


def _installed(model: Any) -> Installed:
    parameters, quantization = details_of(model.details)
    modified = model.modified_at
    return Installed(
        name=clip(model.model, 128),
        size=int(model.size or 0),
        digest=clip(model.digest or "", 71).removeprefix("sha256:"),
        parameters=parameters,
        quantization=quantization,
        modified_at=modified.isoformat() if modified else "",
    )


def _loaded(model: Any) -> Loaded:
    until = model.expires_at
    return Loaded(
        name=clip(model.model or model.name, 128),
        size=int(model.size or 0),
        gpu_bytes=int(model.size_vram or 0),
        until=until.isoformat() if until else "",
    )


def _context(info: Any) -> int:
    """Tokens, from `<architecture>.context_length`."""
    found = (value for name, value in info.items() if str(name).endswith(".context_length"))
    return next((value for value in found if isinstance(value, int)), 0)
