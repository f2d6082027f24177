"""One call in the ledger: what it is before it is made, how it ended, and its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.llm.marks import Bucket, Dimension, Mark, service_of
from core.llm.model import Endpoint, Failure, Finish, Reply, Usage
from core.llm.tables import calls
from core.prepared import Prepared
from core.prepared import value as given

#: Outcomes of calls that ended well; the others are `Failure`s.
ANSWERED, STOPPED = "answered", "stopped"
CUT_OFF = "cut-off"

#: Failures after which a provider bills nothing.
_NEVER_BILLED = frozenset(
    {
        Failure.UNREACHABLE,
        Failure.LIMITED,
        Failure.UNAUTHORISED,
        Failure.MISSING_MODEL,
        Failure.BAD_REQUEST,
        Failure.NOT_SET_UP,
        Failure.BUDGET,
    }
)


@dataclass(frozen=True)
class Call:
    """What is about to be asked. `prompt_tokens` is an upper estimate; `endpoint` names the key
    (`credential`) and whose limits it shares (`organisation`)."""

    endpoint: Endpoint
    prompt_tokens: int
    max_output: int
    run_id: str | None = None
    workflow: str | None = None

    @property
    def most(self) -> Usage:
        """What it may take at most."""
        output = min(self.max_output, self.endpoint.max_output)
        return Usage(self.prompt_tokens, output, is_exact=False)


@dataclass
class Held:
    """A reserved call: give it back to `settle`, whatever happened. One thread at a time."""

    id: str
    call: Call
    buckets: tuple[Bucket, ...]
    tokens: int
    micros: int
    began_at: datetime
    marks: dict[str, dict[Dimension, Mark]] = field(default_factory=dict)  # by bucket


@dataclass(frozen=True)
class Settlement:
    """How a call ended. `usage` None: nobody has counted. Milliseconds; `first_token_ms` None:
    no text came."""

    outcome: str  # ANSWERED, STOPPED, or a Failure
    usage: Usage | None = None
    first_token_ms: int | None = None
    took_ms: int | None = None

    @classmethod
    def of(cls, reply: Reply, *, first_token_ms: int | None, took_ms: int) -> Settlement:
        """A reply's own."""
        outcome = STOPPED if reply.finish in {Finish.STOPPED, Finish.CUT} else ANSWERED
        return cls(outcome, reply.usage, first_token_ms, took_ms)

    @property
    def billed(self) -> Usage | None:
        """What it was billed, or None where nobody can know."""
        if self.usage is not None:
            return self.usage
        is_free = self.outcome in _NEVER_BILLED
        is_early = self.outcome == Failure.SERVER and self.first_token_ms is None
        return Usage(0, 0, is_exact=False) if is_free or is_early else None


def row_of(held: Held) -> dict[str, Any]:
    """The ledger's row of a call that is about to be made."""
    endpoint = held.call.endpoint
    return {
        "id": held.id,
        "run_id": held.call.run_id,
        "workflow": held.call.workflow,
        "endpoint": endpoint.name,
        "provider": service_of(endpoint),
        "bucket": endpoint.bucket,
        "credential": endpoint.credential or None,
        "place": endpoint.place,
        "state": "reserved",
        "is_paid": endpoint.price.is_paid,
        "reserved_tokens": held.tokens,
        "reserved_micros": held.micros,
        "began_at": held.began_at,
    }


RESERVE = Prepared(
    sa.insert(calls)
    .values(
        {
            name: given(calls.c[name])
            for name in (
                "id", "run_id", "workflow", "endpoint", "provider", "bucket", "credential",
                "place", "state", "is_paid", "reserved_tokens", "reserved_micros", "began_at",
            )
        }
    )
    .inline()
)  # fmt: skip
SETTLE = Prepared(
    sa.update(calls)
    .where(calls.c.id == given(calls.c.id), calls.c.state == given(calls.c.state, "before"))
    .values(
        {
            name: given(calls.c[name])
            for name in (
                "state", "prompt_tokens", "completion_tokens", "micros", "is_exact", "outcome",
                "first_token_ms", "took_ms", "ended_at",
            )
        }
    )
)  # fmt: skip
