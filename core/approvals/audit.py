"""The audit: who did what, as ids, decisions, digests and outcomes. Never text.

Rows are only ever added. Missing guarantee for now: rows are not chained by digest, so somebody
with the database's key could remove one unseen.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.approvals.tables import audit
from core.clock import Clock
from core.db import Transaction


class Audit:
    """Adds rows inside the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def record(self, tx: Transaction, kind: str, actor: str, **detail: Any) -> None:
        """`kind` is two or three words joined by hyphens, `actor` e.g. `telegram:42` or `owner`."""
        tx.execute(
            sa.insert(audit).values(at=self._clock.now(), kind=kind, actor=actor, detail=detail)
        )
