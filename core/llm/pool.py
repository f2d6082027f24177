"""The endpoints of this process: who serves each, how it fares, what its probe says.

One pool per process, shared by all threads, so that what one turn learns (a limit, a refused key)
the next one knows; with standings over a database, so do the place's other processes. Never
chooses: the router does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.clock import Clock
from core.llm.catalog import is_cloud_model
from core.llm.counting import Counting
from core.llm.model import (
    Endpoint,
    Failure,
    Health,
    Readiness,
    Reply,
    Request,
    Standing,
)
from core.llm.paces import Paces
from core.llm.ports import ChatModel, ModelFailed
from core.llm.probes import EndpointHealth, Probes
from core.llm.standings import Standings
from core.redaction import Redaction
from core.runs.cancel import CancelToken

#: Seconds for which a catalog that was read from rows is believed.
FRESH_S = 1.0
#: Installed models with these in their names do not chat.
_NO_CHAT = ("embed", "bge-", "minilm", "rerank", "whisper")


class Adapter(ChatModel, Protocol):
    """A `ChatModel` that knows the provider's limit of tokens per minute, where one was named, and
    has something to close at the end."""

    def token_limit(self, endpoint: Endpoint) -> int | None: ...

    def close(self) -> None: ...


@runtime_checkable
class Warmable(Protocol):
    """An adapter whose first call would wait for a library."""

    def warm(self) -> None: ...


class Pool:
    """Endpoints, their adapters by provider, and what is known of each."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint] | Callable[[], Sequence[Endpoint]],
        adapters: Mapping[str, Adapter],
        clock: Clock,
        *,
        on_close: Callable[[], None] = lambda: None,
        redact: Redaction | None = None,
        standings: Standings | None = None,
        paces: Paces | None = None,
    ) -> None:
        """`endpoints` that the chat changes are given as a function; it is asked once a second."""
        self.clock = clock
        self.paces = paces or Paces()
        self.counting = Counting()
        self._redact = redact or Redaction()
        self._source = endpoints
        self._read_at: float | None = None
        self._read: tuple[Endpoint, ...] = ()
        self._adapters = dict(adapters)
        self._standings = standings or Standings(clock)
        self._probes = Probes(clock, self._probe)
        self._on_close = on_close

    def warm(self) -> threading.Thread:
        """Load the libraries of those that are set up, on a thread of its own: the first answer of
        a process would wait for them a second and more."""
        providers = {each.provider for each in self._catalog if not each.missing}
        cold = [self._adapters[name] for name in sorted(providers & self._adapters.keys())]

        def load() -> None:
            for adapter in cold:
                if isinstance(adapter, Warmable):
                    adapter.warm()

        thread = threading.Thread(target=load, name="warming", daemon=True)
        thread.start()
        return thread

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The catalog, with guessed models replaced by those that probes found, and contexts cut to
        what the providers accept in one request."""
        return tuple(self._as_found(endpoint) for endpoint in self._catalog)

    def known(self) -> dict[str, Endpoint]:
        """The endpoints by name."""
        return {each.name: each for each in self.endpoints()}

    def get(self, name: str) -> Endpoint | None:
        """The endpoint of that name, or None."""
        return self.known().get(name)

    def look(self) -> None:
        """Make sure that assumed endpoints were probed; blocks two seconds at most, once."""
        self._probes.ask(each for each in self._catalog if each.is_assumed)

    def standing(self, endpoint: Endpoint) -> Standing:
        """Whether this endpoint may be asked now."""
        if endpoint.is_assumed:
            original = self._original(endpoint)
            health = self._probes.known(original)
            if health is None or not _is_there(original, health):
                detail = health.detail if health else "not probed yet"
                return Standing(Readiness.ABSENT, detail=detail)
        return self._standings.standing(endpoint)

    def claim(self, endpoint: Endpoint) -> bool:
        """Whether one more call may be made there: nothing is held against it, or its wait is over
        and this call finds out."""
        return self._standings.claim(endpoint)

    def answered(self, endpoint: Endpoint, began_at: datetime) -> None:
        """A call that began then was answered."""
        self._standings.answered(endpoint, began_at)

    def failed(self, endpoint: Endpoint, failed: ModelFailed, began_at: datetime) -> None:
        """A call that began then was not."""
        self._standings.failed(endpoint, failed, began_at)

    def standings(self) -> dict[str, Standing]:
        """What the router reads. Never waits, but for the first look at assumed endpoints."""
        self.look()
        return {endpoint.name: self.standing(endpoint) for endpoint in self.endpoints()}

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        """Ask; whoever asks tells `answered` or `failed`. Raises `ModelFailed` only."""
        adapter = self._adapters.get(endpoint.provider)
        if adapter is None or endpoint.missing:
            detail = f"{endpoint.missing or endpoint.provider} is not set"
            raise ModelFailed(Failure.NOT_SET_UP, detail=detail)
        if endpoint.guesses_model:
            self._probes.ask([self._original(endpoint)])
            endpoint = self._as_found(endpoint)
        request = self._masked(endpoint, request)
        return adapter.chat(endpoint, request, on_text=on_text, cancel=cancel)

    def _masked(self, endpoint: Endpoint, request: Request) -> Request:
        """The request without secrets: our own never leave, others not to a foreign machine."""
        mask = self._redact.own if endpoint.is_mine else self._redact
        said = (replace(each, content=mask(each.content)) for each in request.messages)
        return replace(request, messages=tuple(said))

    def health(self) -> tuple[EndpointHealth, ...]:
        """One line per endpoint for /status, probed at most half a minute ago, two seconds at most.
        Costs no tokens: models are listed, none is asked."""
        self._probes.ask((each for each in self._catalog if not each.missing), fresh=True)
        return tuple(self._line(endpoint) for endpoint in self._catalog)

    def close(self) -> None:
        """Close every client and the loop thread."""
        self._probes.close()
        for adapter in self._adapters.values():
            adapter.close()
        self._on_close()

    @property
    def _catalog(self) -> tuple[Endpoint, ...]:
        """The catalog as it is now."""
        if not callable(self._source):
            return tuple(self._source)
        now = self.clock.monotonic()
        if self._read_at is None or now - self._read_at >= FRESH_S:
            self._read, self._read_at = tuple(self._source()), now
        return self._read

    def _line(self, original: Endpoint) -> EndpointHealth:
        endpoint = self._as_found(original)
        health = self._probes.known(original)
        standing = self.standing(endpoint)
        if endpoint.missing:
            health = Health(is_up=False, detail=f"{Failure.NOT_SET_UP}: {endpoint.missing}")
        is_up = health is not None and _is_there(original, health)
        return EndpointHealth(
            endpoint=endpoint.name,
            place=endpoint.place,
            is_mine=endpoint.is_mine,
            is_up=is_up and standing.readiness is Readiness.READY,
            standing=standing,
            detail=standing.detail or (health.detail if health else "no answer yet"),
        )

    def _probe(self, endpoint: Endpoint) -> Health:
        adapter = self._adapters.get(endpoint.provider)
        if adapter is None:
            return Health(is_up=False, detail=f"{Failure.NOT_SET_UP}: {endpoint.provider}")
        return adapter.probe(endpoint)

    def _as_found(self, endpoint: Endpoint) -> Endpoint:
        """`endpoint` with the context that its provider accepts, and with the model that its
        address has where the catalog's is a guess."""
        adapter = self._adapters.get(endpoint.provider)
        limit = adapter.token_limit(endpoint) if adapter else None
        if limit is not None and limit < endpoint.context:
            endpoint = replace(endpoint, context=limit)
        if not endpoint.guesses_model:
            return endpoint
        health = self._probes.known(self._original(endpoint))
        model = _substitute(endpoint, health) if health else ""
        if not model:
            return endpoint
        name = endpoint.name
        if endpoint.provider == "ollama":
            name = name.replace(f"/{endpoint.model}", f"/{model}", 1)
        return replace(endpoint, model=model, name=name)

    def _original(self, endpoint: Endpoint) -> Endpoint:
        """The catalog's entry that `endpoint` was found in place of."""
        same = (
            each
            for each in self._catalog
            if (each.provider, each.base_url, each.place)
            == (endpoint.provider, endpoint.base_url, endpoint.place)
            and (each.guesses_model or each.name == endpoint.name)
        )
        return next(same, endpoint)


def _is_there(endpoint: Endpoint, health: Health) -> bool:
    """Whether the probe found the model, or one that may stand for it."""
    return health.is_up or bool(_substitute(endpoint, health))


def _substitute(endpoint: Endpoint, health: Health) -> str:
    """A model that is there, where nobody named one and the guess is not; empty when none fits."""
    if not endpoint.guesses_model or {endpoint.model, f"{endpoint.model}:latest"} & {
        *health.models
    }:
        return ""
    fitting = (
        model
        for model in health.models
        if not is_cloud_model(model) and not any(word in model.lower() for word in _NO_CHAT)
    )
    return next(fitting, "")
