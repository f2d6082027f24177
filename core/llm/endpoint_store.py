"""The rows about endpoints. Decides nothing; a change always moves the revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.llm.model import Endpoint
from core.llm.tables import endpoints
from core.prepared import Prepared

ACTIVE, PAUSED, REMOVED = "active", "paused", "removed"
STATES = frozenset({ACTIVE, PAUSED, REMOVED})

_COLUMNS = endpoints.c
_REVISION = Prepared(
    sa.select(
        sa.func.count(_COLUMNS.name).label("many"),
        sa.func.max(_COLUMNS.changed_at).label("latest"),
    )
)
_ALL = Prepared(sa.select(endpoints).order_by(_COLUMNS.created_at, _COLUMNS.name))


@dataclass(frozen=True)
class EndpointRow:
    """What the owner has said about one endpoint. `fields` are JSON values by `Endpoint`'s names;
    `position` is its place in the owner's order, None where the catalog's holds."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    state: str = ACTIVE
    position: int | None = None


def as_said(rows: Iterable[EndpointRow], told: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """What watched model servers tell, as the owner has it: paused where it was paused, without
    what was removed."""
    states = {row.name: row.state for row in rows}
    return tuple(
        replace(each, is_paused=each.is_paused or states.get(each.name) == PAUSED)
        for each in told
        if states.get(each.name) != REMOVED
    )


class EndpointStore:
    """Rows are changed and never deleted, so the newest change and the number of rows together
    tell whether anything is different."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._written = 0

    def revision(self, tx: Transaction) -> tuple[Any, ...]:
        """Another value after every change, also of one that was rolled back here."""
        return (self._written, *self._newest(tx))

    def rows(self, tx: Transaction) -> dict[str, EndpointRow]:
        """All rows by name, oldest first."""
        return {
            row.name: EndpointRow(row.name, row.fields, row.state, row.position)
            for row in tx.execute(_ALL)
        }

    def put(self, tx: Transaction, row: EndpointRow) -> None:
        """Keep `row`, in place of what was said before."""
        self._written += 1
        now, (_, latest) = self._clock.now(), self._newest(tx)
        if latest is not None and latest >= now:  # two changes in one instant are two
            now = latest + timedelta(microseconds=1)
        values = {
            "fields": row.fields,
            "state": row.state,
            "position": row.position,
            "changed_at": now,
        }
        if not insert_or_ignore(tx, endpoints, {"name": row.name, "created_at": now, **values}):
            tx.execute(sa.update(endpoints).where(_COLUMNS.name == row.name).values(**values))

    @staticmethod
    def _newest(tx: Transaction) -> tuple[int, datetime | None]:
        row = tx.execute(_REVISION).one()
        return (row.many, row.latest)
