"""What the room needs from a provider's library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from core.db import Transaction
from core.errors import MaskError
from core.llm.model import Endpoint, Failure, Health, Reply, Request, Usage
from core.runs.cancel import CancelToken


class ModelFailed(MaskError):
    """This candidate did not answer. `failure` decides what the failover does next; `partial` is
    the text that had arrived, in case some of it was shown; `usage` what it will be billed, as far
    as was heard."""

    family = "model-failed"

    def __init__(
        self,
        failure: Failure,
        *,
        detail: str = "",
        retry_after: float | None = None,
        partial: str = "",
        usage: Usage | None = None,
    ) -> None:
        super().__init__(f"model-{failure.value}", detail=detail)
        self.failure = failure
        self.detail = detail
        self.retry_after = retry_after
        self.partial = partial
        self.usage = usage


class ChatModel(Protocol):
    """One provider's library behind one synchronous port.

    Contract: `chat` blocks until the reply is whole, calling `on_text` with the whole text so far
    as it grows; it raises only `ModelFailed`. When `cancel` is set it closes the call at once and
    returns a reply with `Finish.STOPPED` holding what had arrived. It never retries by itself and
    honours the endpoint's deadlines.
    """

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply: ...

    def probe(self, endpoint: Endpoint) -> Health:
        """Is it there, and which models does it have? Bounded to two seconds; never raises."""


class NamedValues(Protocol):
    """Small values kept in the database; `core.memory.Preferences` is one."""

    def get(self, tx: Transaction, name: str, default: Any = None) -> Any: ...

    def set(self, tx: Transaction, name: str, value: Any) -> None: ...
