"""How much may be spent: per day, per month and per run, whole micro-dollars.

Decides, inside the ledger's transaction, whether a paid call's reserve fits under every budget, and
takes it from all of them or from none. Never touches free and local calls. Limits are the owner's
preferences; what is not set is `DEFAULT`: 10 USD a day, nothing else. Days and months are those of
`zone`. Concurrent calls wait for each other at the period's one row, so what fits is decided one by
one, across all processes.

The owner is told once at 80 % of what is really spent, and once when a call did not fit any more;
raising the budget makes both new.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from core.db import Transaction, insert_or_ignore
from core.errors import Refused
from core.llm.ports import NamedValues
from core.llm.tables import spending
from core.prepared import Prepared
from core.prepared import value as given

#: Micro-dollars in a dollar.
USD = 1_000_000
#: Per cent of a budget at which the owner is warned.
WARN_PERCENT = 80
FULL_PERCENT = 100
#: A preference of this value means: no limit.
NO_LIMIT = -1
RAISED = "budget:raised"


class Span(enum.StrEnum):
    """What a budget is for."""

    DAY = "day"
    MONTH = "month"
    RUN = "run"


#: Where the owner has said nothing, micro-dollars; None: no limit.
DEFAULT: dict[Span, int | None] = {Span.DAY: 10 * USD, Span.MONTH: None, Span.RUN: None}


@dataclass(frozen=True)
class Standing:
    """One budget as it stands, micro-dollars. `limit` None: no limit; `until` None: a run's."""

    span: Span
    limit: int | None
    settled: int
    open: int
    until: datetime | None = None
    raised: int = 0

    @property
    def left(self) -> int | None:
        """What a further call may reserve."""
        return None if self.limit is None else max(0, self.limit - self.settled - self.open)

    @property
    def percent(self) -> int:
        """How much is really spent."""
        return 0 if not self.limit else self.settled * 100 // self.limit


@dataclass(frozen=True)
class Crossing:
    """A budget has reached 80 per cent, or a call did not fit any more (100)."""

    percent: int
    standing: Standing
    run_id: str | None = None


class BudgetUsedUp(Refused):
    """A paid call does not fit under a budget. Free and local models go on."""

    def __init__(self, standing: Standing, needed: int) -> None:
        until = standing.until.isoformat() if standing.until else None
        super().__init__(
            "budget-used-up",
            kind=standing.span.value,
            until=until,
            limit=standing.limit,
            spent=standing.settled + standing.open,
            needed=needed,
        )
        self.standing = standing


@dataclass(frozen=True)
class _Period:
    span: Span
    key: str
    limit: int | None
    until: datetime | None
    raised: int = 0


class Budgets:
    """The budgets. All methods work inside the caller's transaction."""

    def __init__(
        self,
        preferences: NamedValues,
        *,
        tell: Callable[[Transaction, Crossing], None] = lambda _tx, _crossing: None,
        zone: tzinfo = UTC,
    ) -> None:
        """`tell` is called in the transaction in which a budget crosses a mark."""
        self._preferences = preferences
        self._tell = tell
        self._zone = zone

    def take(
        self, tx: Transaction, run_id: str | None, micros: int, now: datetime
    ) -> BudgetUsedUp | None:
        """Reserve for a paid call, or say which budget it does not fit under; returned and not
        raised, because what the owner is told is committed."""
        periods = self._periods(tx, run_id, now)
        standings = [self._locked(tx, period) for period in periods]
        for period, (standing, told) in zip(periods, standings, strict=True):
            if standing.left is not None and micros > standing.left:
                is_spent = standing.settled + micros > (standing.limit or 0)
                if is_spent and told < FULL_PERCENT:
                    self._say(tx, period, Crossing(FULL_PERCENT, standing, run_id))
                return BudgetUsedUp(standing, micros)
        for period in periods:
            tx.execute(_ADD, {"period": period.key, "more_open": micros, "more_settled": 0})
        return None

    def settle(
        self, tx: Transaction, run_id: str | None, began: datetime, *, open_by: int, settled_by: int
    ) -> None:
        """A call that was reserved at `began` has cost something else: correct its periods, and
        warn. Amounts are added, so what is released is negative."""
        for period in self._periods(tx, run_id, began):
            standing, told = self._locked(tx, period)
            values = {"period": period.key, "more_open": open_by, "more_settled": settled_by}
            tx.execute(_ADD, values)
            spent = Standing(
                period.span,
                period.limit,
                standing.settled + settled_by,
                standing.open + open_by,
                period.until,
                period.raised,
            )
            if period.limit is not None and told < WARN_PERCENT <= spent.percent:
                self._say(tx, period, Crossing(WARN_PERCENT, spent, run_id))

    def standings(
        self, tx: Transaction, now: datetime, run_id: str | None = None
    ) -> tuple[Standing, ...]:
        """Day, month, and the run's where one is named; reads only."""
        found = []
        for period in self._periods(tx, run_id, now):
            row = tx.execute(_ROW, {"period": period.key}).one_or_none()
            found.append(_standing(period, row))
        return tuple(found)

    def left(self, tx: Transaction, now: datetime, run_id: str | None = None) -> Standing | None:
        """The budget that leaves least to a call of that run; None where nothing is limited."""
        limited = [each for each in self.standings(tx, now, run_id) if each.left is not None]
        return min(limited, key=lambda each: each.left or 0, default=None)

    def set(self, tx: Transaction, span: Span, micros: int | None) -> None:
        """Fix a budget; None goes back to the default, `NO_LIMIT` removes it."""
        if micros is not None and micros < NO_LIMIT:
            raise Refused("budget-not-a-sum", amount=micros)
        self._preferences.set(tx, f"budget:{span}", micros)
        tx.execute(sa.update(spending).values(told=0))

    def raise_today(self, tx: Transaction, now: datetime, micros: int | None = None) -> Standing:
        """More for today alone, and as much more for its month; by default half of the day's
        budget, at least a dollar. The day as it stands then."""
        by = max(USD, (self._limit(tx, Span.DAY) or 0) // 2) if micros is None else micros
        if by <= 0:
            raise Refused("budget-not-a-sum", amount=by)
        local = now.astimezone(self._zone)
        raised = dict(self._preferences.get(tx, RAISED) or {})
        month = {day: more for day, more in raised.items() if day.startswith(f"{local:%Y-%m}")}
        today = f"{local:%Y-%m-%d}"
        self._preferences.set(tx, RAISED, {**month, today: month.get(today, 0) + by})
        for period in self._periods(tx, None, now):
            tx.execute(sa.update(spending).where(spending.c.period == period.key).values(told=0))
        return self.standings(tx, now)[0]

    def unraise_today(self, tx: Transaction, now: datetime) -> Standing:
        """Take back whatever today was raised by. What was spent of it stays spent."""
        today = f"{now.astimezone(self._zone):%Y-%m-%d}"
        raised = dict(self._preferences.get(tx, RAISED) or {})
        raised.pop(today, None)
        self._preferences.set(tx, RAISED, raised or None)
        return self.standings(tx, now)[0]

    def _limit(self, tx: Transaction, span: Span) -> int | None:
        said = self._preferences.get(tx, f"budget:{span}", DEFAULT[span])
        return None if said is None or int(said) == NO_LIMIT else int(said)

    def _periods(self, tx: Transaction, run_id: str | None, now: datetime) -> list[_Period]:
        """Always in the same order, so that two transactions never wait for each other."""
        local = now.astimezone(self._zone)
        raised: dict[str, int] = self._preferences.get(tx, RAISED) or {}
        today, month = f"{local:%Y-%m-%d}", f"{local:%Y-%m}"
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        first = (midnight.replace(day=28) + timedelta(days=4)).replace(day=1)
        more_today = raised.get(today, 0)
        more_month = sum(more for day, more in raised.items() if day.startswith(month))
        day_end = (midnight + timedelta(days=1)).astimezone(UTC)
        found = [
            self._period(tx, Span.DAY, f"day:{today}", day_end, more_today),
            self._period(tx, Span.MONTH, f"month:{month}", first.astimezone(UTC), more_month),
        ]
        if run_id is not None:
            found.append(self._period(tx, Span.RUN, f"run:{run_id}", None, 0))
        return found

    def _period(
        self, tx: Transaction, span: Span, key: str, until: datetime | None, raised: int
    ) -> _Period:
        limit = self._limit(tx, span)
        return _Period(span, key, None if limit is None else limit + raised, until, raised)

    def _locked(self, tx: Transaction, period: _Period) -> tuple[Standing, int]:
        """The period's row, held until the transaction ends, and what was told of it."""
        row = {"period": period.key, "open_micros": 0, "settled_micros": 0, "told": 0}
        insert_or_ignore(tx, spending, row)
        found = tx.execute(_HELD, {"period": period.key}).one()
        return _standing(period, found), found.told

    def _say(self, tx: Transaction, period: _Period, crossing: Crossing) -> None:
        changed = sa.update(spending).where(spending.c.period == period.key)
        tx.execute(changed.values(told=crossing.percent))
        self._tell(tx, crossing)


def _standing(period: _Period, row: Any) -> Standing:
    settled, open_ = (row.settled_micros, row.open_micros) if row is not None else (0, 0)
    return Standing(period.span, period.limit, settled, open_, period.until, period.raised)


_ROW = Prepared(sa.select(spending).where(spending.c.period == given(spending.c.period)))
_HELD = Prepared(
    sa.select(spending).where(spending.c.period == given(spending.c.period)).with_for_update()
)
_ADD = Prepared(
    sa.update(spending)
    .where(spending.c.period == given(spending.c.period))
    .values(
        open_micros=spending.c.open_micros + given(spending.c.open_micros, "more_open"),
        settled_micros=spending.c.settled_micros + given(spending.c.settled_micros, "more_settled"),
    )
)
