"""How fast endpoints begin to answer, how many calls are under way, whose turn was when.

In this process's memory, filled at the start from the ledger. Percentiles are of the last
`KEPT` calls that brought a first token. Decides nothing.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable

import sqlalchemy as sa

from core.db import Database
from core.llm.sight import Pace
from core.llm.tables import calls

#: First tokens that are remembered of each endpoint.
KEPT = 64
#: A 95th percentile of fewer says nothing.
LEAST_FOR_P95 = 10
#: Calls of the ledger that are looked at when a process starts.
MOST_REMEMBERED = 1000


class Paces:
    """Measured by `calling`, read by the router. Thread-safe."""

    def __init__(self, remembered: Iterable[tuple[str, float]] = ()) -> None:
        self._lock = threading.Lock()
        self._first: dict[str, deque[float]] = {}
        self._medians: dict[str, float] = {}
        self._p95: dict[str, float] = {}
        self._busy: Counter[str] = Counter()
        self._turns: dict[str, int] = {}
        self._turn = 0
        for name, seconds in remembered:
            self.began_to_answer(name, seconds)

    @property
    def turns(self) -> int:
        """Decisions so far."""
        return self._turn

    def pace(self, name: str) -> Pace:
        return Pace(self._medians.get(name), self._busy[name], self._turns.get(name, 0))

    def p95(self, name: str) -> float | None:
        """Seconds within which 95 of 100 calls begin to answer; None: not enough is known."""
        return self._p95.get(name)

    def chosen(self, name: str | None) -> None:
        """A decision put this endpoint first; None: nobody."""
        with self._lock:
            self._turn += 1
            if name is not None:
                self._turns[name] = self._turn

    def begins(self, name: str) -> None:
        with self._lock:
            self._busy[name] += 1

    def ends(self, name: str) -> None:
        with self._lock:
            self._busy[name] -= 1

    def began_to_answer(self, name: str, seconds: float) -> None:
        """Its first token came after so long."""
        with self._lock:
            kept = self._first.setdefault(name, deque(maxlen=KEPT))
            kept.append(seconds)
            ordered = sorted(kept)
            self._medians[name] = ordered[len(ordered) // 2]
            if len(ordered) >= LEAST_FOR_P95:
                self._p95[name] = ordered[int(0.95 * (len(ordered) - 1))]


def remembered(db: Database) -> list[tuple[str, float]]:
    """First tokens of the ledger's last calls, oldest first."""
    query = (
        sa.select(calls.c.endpoint, calls.c.first_token_ms)
        .where(calls.c.first_token_ms.is_not(None))
        .order_by(calls.c.seq.desc())
        .limit(MOST_REMEMBERED)
    )
    with db.read() as tx:
        rows = tx.execute(query).all()
    return [(row.endpoint, row.first_token_ms / 1000) for row in reversed(rows)]
