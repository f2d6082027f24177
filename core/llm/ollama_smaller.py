"""When a model does not fit into memory, the next smaller one on the same server answers.

Stands before `ollama_chat` as an adapter of its own. Decides from the server's words whether
memory is the reason, and from sizes who comes next: the largest installed chat model that is
smaller and can what the request needs. A model that did not fit is not tried again for
`REMEMBERED_S`: loading it takes most of a minute each time. The reply names who has answered.
Text that was shown already is never started anew here: the failover knows how to go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from core.clock import Clock
from core.errors import MaskError
from core.llm.model import Endpoint, Failure, Health, Reply, Request
from core.llm.ollama_facts import Installed, is_same, version_of
from core.llm.ports import ChatModel, ModelFailed
from core.runs.cancel import CancelToken

log = structlog.get_logger(__name__)

#: What Ollama and its runners say when memory is the reason, in small letters
#: (`llm/status.go`, outOfMemorySubstrings; the first is of servers up to 0.12).
NO_ROOM = (
    "requires more system memory",
    "out of memory",
    "out of device memory",
    "cudamalloc failed",
    "hipmalloc failed",
    "failed to allocate",
    "allocation failed",
    "not enough memory",
    "insufficient memory",
    "erroroutofmemory",
    "erroroutofdevicememory",
    "vk_error_out_of_device_memory",
)
#: Seconds that a model which did not fit is passed over.
REMEMBERED_S = 600.0
#: Smaller models that are tried for one request.
MOST_TRIES = 2


def is_out_of_memory(failed: ModelFailed) -> bool:
    """Did the server say that the model does not fit?"""
    said = failed.detail.lower()
    is_servers = failed.failure in {Failure.SERVER, Failure.BAD_REQUEST}
    return is_servers and any(words in said for words in NO_ROOM)


def next_smaller(
    models: Sequence[Installed], model: str, *, needs_tools: bool, but: Sequence[str] = ()
) -> Installed | None:
    """The largest model that is smaller than `model` and can take its place."""
    own = next((each for each in models if is_same(each.name, model)), None)
    fitting = [
        each
        for each in models
        if not each.embeds
        and not each.is_in_cloud
        and (own is None or each.size < own.size)
        and not any(is_same(each.name, name) for name in (model, *but))
        and (not needs_tools or not each.abilities or "tools" in each.abilities)
    ]
    return max(fitting, key=lambda each: each.size, default=None)


class Adapter(ChatModel, Protocol):
    """What stands behind: `core.llm.ollama_chat.OllamaChat`."""

    def token_limit(self, endpoint: Endpoint) -> int | None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class _Tight:
    """A model that does not fit, until when, and who answered instead."""

    until_s: float
    smaller: str = ""


class SmallerWhenFull:
    """An adapter for `ollama` endpoints. `models` tells what is installed at an address, () when
    nobody answers there; it is asked only after a model did not fit."""

    def __init__(
        self, inner: Adapter, clock: Clock, models: Callable[[str], Sequence[Installed]]
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._models = models
        self._lock = threading.Lock()
        self._tight: dict[tuple[str, str], _Tight] = {}

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        """The reply, by a smaller model where it must be. Raises `ModelFailed` only."""
        failed: ModelFailed | None = None
        tried: list[str] = []
        for _ in range(MOST_TRIES + 1):
            chosen = self._chosen(endpoint, request, tried)
            if chosen is None:
                break
            try:
                reply = self._inner.chat(chosen, request, on_text=on_text, cancel=cancel)
            except ModelFailed as error:
                if not is_out_of_memory(error) or error.partial or cancel.is_set:
                    raise
                failed = error
                tried.append(chosen.model)
                self._note(chosen.base_url, chosen.model)
            else:
                self._answered(endpoint, chosen)
                return reply
        if failed is None:
            failed = ModelFailed(Failure.SERVER, detail="not enough memory for any model here")
        raise failed

    def probe(self, endpoint: Endpoint) -> Health:
        return self._inner.probe(endpoint)

    def token_limit(self, endpoint: Endpoint) -> int | None:
        return self._inner.token_limit(endpoint)

    def close(self) -> None:
        self._inner.close()

    def smaller(self) -> dict[str, str]:
        """Models that do not fit now, and who answers instead; empty names: nobody yet."""
        now_s = self._clock.monotonic()
        with self._lock:
            kept = {at: tight for at, tight in self._tight.items() if tight.until_s > now_s}
            self._tight = kept
        return {model: tight.smaller for (_, model), tight in kept.items() if tight.smaller}

    # -- inside

    def _chosen(self, endpoint: Endpoint, request: Request, tried: list[str]) -> Endpoint | None:
        """The endpoint itself, or with a smaller model; None when nobody is left."""
        if not tried and not self._is_tight(endpoint.base_url, endpoint.model):
            return endpoint
        models = self._found(endpoint.base_url or "")
        passed = [
            each.name
            for each in models
            if self._is_tight(endpoint.base_url, each.name) or each.name in tried
        ]
        found = next_smaller(
            models, endpoint.model, needs_tools=bool(request.tools), but=[*passed, *tried]
        )
        if found is None:
            # Nothing else is here: better a slow refusal than one from memory.
            return endpoint if not tried else None
        context = min(endpoint.context, found.context or endpoint.context)
        name = endpoint.name.replace(f"/{endpoint.model}", f"/{found.name}", 1)
        return replace(endpoint, name=name, model=found.name, context=context)

    def _found(self, address: str) -> Sequence[Installed]:
        try:
            return self._models(address)
        except MaskError as error:
            log.info("models-not-listed", why=error.code)
            return ()

    def _is_tight(self, address: str | None, model: str) -> bool:
        with self._lock:
            tight = self._tight.get(_key(address, model))
        return tight is not None and tight.until_s > self._clock.monotonic()

    def _note(self, address: str | None, model: str) -> None:
        with self._lock:
            self._tight[_key(address, model)] = _Tight(self._clock.monotonic() + REMEMBERED_S)
        log.warning("model-does-not-fit", model=model)

    def _answered(self, endpoint: Endpoint, chosen: Endpoint) -> None:
        at = _key(endpoint.base_url, endpoint.model)
        with self._lock:
            if chosen.model == endpoint.model:
                self._tight.pop(at, None)
            elif at in self._tight:
                self._tight[at] = replace(self._tight[at], smaller=chosen.model)


def _key(address: str | None, model: str) -> tuple[str, str]:
    return address or "", ":".join(version_of(model))
