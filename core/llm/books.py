"""What `calling` needs of keys, limits and money for each call: the port, and one that keeps none.

`till.Till` is the real one, over the ledger and the credentials; `fakes.FakeBooks` passes the same
tests. Money is micro-dollars, times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.db import Transaction
from core.llm.model import Endpoint, Usage
from core.llm.sight import Left


@dataclass(frozen=True)
class Planned:
    """A call that is about to be made. `prompt_tokens` is an upper estimate."""

    endpoint: Endpoint
    prompt_tokens: int
    max_output: int
    run_id: str | None = None
    workflow: str | None = None


@dataclass(frozen=True)
class Ticket:
    """A call that may be made: `endpoint` names the key to use and whose limits it shares. `held`
    is the books' own."""

    endpoint: Endpoint
    held: Any = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """The id of its key; empty where none is needed, or the settings' is used."""
        return self.endpoint.credential


@dataclass(frozen=True)
class Ended:
    """How a call ended. `outcome` is `answered`, `stopped`, `cut-off` or a `Failure`; `usage` None:
    nobody has counted. `first_token_ms` None: no text came."""

    outcome: str
    usage: Usage | None = None
    first_token_ms: int | None = None
    took_ms: int | None = None


class Books(Protocol):
    """Keys, limits and money of this place.

    Contract: whatever `open` gave is given back to `close` once, whatever happened. `open` raises
    `ModelFailed` (limited, budget, unauthorised) when the call may not be made; nothing was taken
    then. Thread-safe.
    """

    def left(
        self, endpoints: Sequence[Endpoint], prompt_tokens: int, max_output: int
    ) -> Mapping[str, Left]:
        """What each endpoint by name has left for a request of that size; who is not named has no
        limits. One look for all."""

    def money(self, run_id: str | None) -> int | None:
        """What a further paid call may cost now; None: there is no ceiling."""

    def open(self, planned: Planned, without: Collection[str] = ()) -> Ticket | None:
        """Take a key, room and money for one call. None: every key is among `without` (ids)."""

    def heard(
        self, ticket: Ticket, headers: Mapping[str, str], message: str, *, is_refused: bool
    ) -> None:
        """What an answer's headers, or a refusal's sentence, said about limits."""

    def close(self, ticket: Ticket, ended: Ended) -> None:
        """Put down what the call really was."""

    def refused(self, ticket: Ticket, why: str) -> None:
        """Its key was refused: nobody uses it any more."""

    def cached(self, planned: Planned, usage: Usage) -> None:
        """An answer came from the cache: counted, for nothing."""

    def made_elsewhere(self, tx: Transaction, planned: Planned, usage: Usage) -> None:
        """A call that another place's models answered, with that place's own limits: counted."""


class NoBooks:
    """No limits, no ledger, no keys but the settings'. For a place that only has its own models."""

    def left(
        self, _endpoints: Sequence[Endpoint], _prompt_tokens: int, _max_output: int
    ) -> Mapping[str, Left]:
        return {}

    def money(self, _run_id: str | None) -> int | None:
        return None

    def open(self, planned: Planned, without: Collection[str] = ()) -> Ticket | None:
        endpoint = planned.endpoint
        return None if endpoint.credential in without else Ticket(endpoint)

    def heard(
        self, ticket: Ticket, headers: Mapping[str, str], message: str, *, is_refused: bool
    ) -> None:
        """There is nobody to tell."""

    def close(self, ticket: Ticket, ended: Ended) -> None:
        """Nothing was taken."""

    def refused(self, ticket: Ticket, why: str) -> None:
        """`Standings` keeps what the settings' key has met."""

    def cached(self, planned: Planned, usage: Usage) -> None:
        """Nobody counts."""

    def made_elsewhere(self, tx: Transaction, planned: Planned, usage: Usage) -> None:
        """Nobody counts."""
