"""What the ledger says, read for the proofs: sums of money, and when calls were reserved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.db import Database
from core.llm.tables import calls


@dataclass(frozen=True)
class Money:
    """The ledger's sums of paid calls, in micro-dollars: settled by the provider's own count,
    settled by an estimate, marked at their reserve, and reserved now. `marked_calls`: how many;
    `by_service`: what has ended, by provider."""

    exact: int
    estimated: int
    marked: int
    reserved: int
    marked_calls: int = 0
    by_service: Mapping[str, int] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        return self.exact + self.estimated

    @property
    def booked(self) -> int:
        """What has ended."""
        return self.settled + self.marked

    def is_within_marks(self, owed: int, close: float) -> bool:
        """A bill is what was settled, and at most the marked reserves more; of what was estimated
        it may be off by `close`."""
        slack = close * self.estimated
        return self.settled - slack <= owed <= self.settled + slack + self.marked


def money_of(db: Database) -> Money:
    """The sums now."""
    micros = sa.func.coalesce(calls.c.micros, calls.c.reserved_micros)
    amount, many = sa.func.sum(micros).label("amount"), sa.func.count().label("many")
    keys = calls.c.state, calls.c.is_exact, calls.c.provider
    with db.read() as tx:
        query = sa.select(*keys, amount, many).where(calls.c.is_paid).group_by(*keys)
        rows = tx.execute(query).all()

    def of(state: str, *, is_exact: bool | None = None) -> int:
        fitting = (row for row in rows if row.state == state)
        return sum(int(row.amount) for row in fitting if is_exact in {None, bool(row.is_exact)})

    by_service: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.state != "reserved":
            by_service[row.provider] += int(row.amount)
    return Money(
        exact=of("settled", is_exact=True),
        estimated=of("settled", is_exact=False),
        marked=of("marked"),
        reserved=of("reserved"),
        marked_calls=sum(int(row.many) for row in rows if row.state == "marked"),
        by_service=dict(by_service),
    )


def reservations_of(db: Database) -> dict[str, list[float]]:
    """When each endpoint's calls were reserved: unix seconds, the earliest first."""
    query = sa.select(calls.c.endpoint, calls.c.began_at).order_by(calls.c.began_at)
    found: dict[str, list[float]] = defaultdict(list)
    with db.read() as tx:
        for row in tx.execute(query):
            found[row.endpoint].append(row.began_at.timestamp())
    return dict(found)


def is_close(booked: int, owed: int, close: float) -> bool:
    """Whether a sum of the ledger is the provider's own, give or take `close` of it; a few calls
    may cost less than the rounding to whole micro-dollars."""
    return abs(booked - owed) <= max(close * owed, 1.0)
