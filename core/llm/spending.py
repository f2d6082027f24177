"""What calls have cost: the sums behind /cost, from the ledger's rows. Reads only.

Amounts are whole micro-dollars. Open calls count their reserve, marked ones theirs for good. What
was saved is what the same tokens would have cost at a paid model's price, less what was paid.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.llm import forecast
from core.llm.budget import Budgets, Standing
from core.llm.ledger_calls import ANSWERED, STOPPED
from core.llm.model import Endpoint, Price, Usage
from core.llm.tables import calls

#: Where only a total is known, so much of it was the prompt, per cent (seed H-A5.4).
PROMPT_PERCENT = 75
#: Days that /cost draws.
DRAWN_DAYS = 30

_MICROS = sa.func.coalesce(calls.c.micros, calls.c.reserved_micros)
_IS_UNSURE = sa.or_(calls.c.state.in_(["reserved", "marked"]), ~calls.c.is_exact)
_IS_WELL = calls.c.outcome.in_([ANSWERED, STOPPED])


@dataclass(frozen=True)
class Sum:
    """Calls together. `unsure`: how much of the micro-dollars are reserves of calls that the
    provider's own count is not known for."""

    name: str = ""
    calls: int = 0
    answered: int = 0
    cached: int = 0
    micros: int = 0
    unsure: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token_ms: int | None = None  # average of those that answered
    took_ms: int | None = None

    def share_of(self, whole: Sum) -> float:
        """Its part of the answers, 0 to 1."""
        return self.answered / whole.answered if whole.answered else 0.0


@dataclass(frozen=True)
class Cost:
    """Everything that /cost shows. `days`: of the last `DRAWN_DAYS`, the last one today."""

    today: Sum
    month: Sum
    by_model: tuple[Sum, ...]
    by_workflow: tuple[Sum, ...]
    days: tuple[tuple[date, int], ...]
    month_end_micros: int
    saved_micros: int | None  # this month; None: no price to compare with
    budgets: tuple[Standing, ...]


class Spending:
    """Sums over the ledger. All methods work inside the caller's transaction."""

    def __init__(self, budgets: Budgets, *, zone: tzinfo = UTC) -> None:
        self._budgets = budgets
        self._zone = zone

    def cost(self, tx: Transaction, now: datetime, all_paid: Price | None = None) -> Cost:
        """The screen; `all_paid` is the price that free answers are compared with."""
        local = now.astimezone(self._zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight.replace(day=1)
        month = self.total(tx, first)
        days = self.by_day(tx, now)
        last_day = calendar.monthrange(local.year, local.month)[1]
        lately = _since_first_use([micros for _, micros in days[:-1]])
        saved = None
        if all_paid is not None:
            saved = max(0, all_paid.of(self._well(tx, first)) - month.micros)
        return Cost(
            today=self.total(tx, midnight),
            month=month,
            by_model=self.by_model(tx, first),
            by_workflow=self.by_workflow(tx, first),
            days=days,
            month_end_micros=forecast.month_end(month.micros, lately, local.date(), last_day),
            saved_micros=saved,
            budgets=self._budgets.standings(tx, now),
        )

    def total(self, tx: Transaction, since: datetime, until: datetime | None = None) -> Sum:
        rows = tx.execute(_sums(sa.literal("").label("name"), since, until)).all()
        return _sum(rows[0]) if rows else Sum()

    def by_model(self, tx: Transaction, since: datetime) -> tuple[Sum, ...]:
        """By endpoint, the dearest first, then the busiest."""
        return _ordered(tx.execute(_sums(calls.c.endpoint.label("name"), since)))

    def by_workflow(self, tx: Transaction, since: datetime) -> tuple[Sum, ...]:
        """By kind of run."""
        name = sa.func.coalesce(calls.c.workflow, "").label("name")
        return _ordered(tx.execute(_sums(name, since)))

    def of_run(self, tx: Transaction, run_id: str) -> Sum:
        """One run's calls."""
        query = _select(sa.literal("").label("name")).where(calls.c.run_id == run_id)
        rows = tx.execute(query).all()
        return _sum(rows[0]) if rows else Sum()

    def by_day(self, tx: Transaction, now: datetime) -> tuple[tuple[date, int], ...]:
        """Micro-dollars of each of the last `DRAWN_DAYS` days, oldest first."""
        local = now.astimezone(self._zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        starts = [midnight - timedelta(days=back) for back in range(DRAWN_DAYS - 1, -1, -1)]
        newest_first = reversed(list(enumerate(starts)))
        whens = [(calls.c.began_at >= start.astimezone(UTC), at) for at, start in newest_first]
        column = sa.case(*whens, else_=0).label("day")
        query = (
            sa.select(column, sa.func.sum(_MICROS).label("micros"))
            .where(calls.c.began_at >= starts[0].astimezone(UTC), calls.c.is_paid)
            .group_by(column)
        )
        spent = {int(row.day): int(row.micros) for row in tx.execute(query)}
        return tuple((start.date(), spent.get(at, 0)) for at, start in enumerate(starts))

    def _well(self, tx: Transaction, since: datetime) -> Usage:
        """Tokens of what was answered since then, whoever answered."""
        query = sa.select(
            sa.func.coalesce(sa.func.sum(calls.c.prompt_tokens), 0).label("prompt"),
            sa.func.coalesce(sa.func.sum(calls.c.completion_tokens), 0).label("completion"),
        ).where(calls.c.began_at >= since.astimezone(UTC), _IS_WELL)
        row = tx.execute(query).one()
        return Usage(int(row.prompt), int(row.completion))


def estimate(price: Price, total_tokens: int) -> int:
    """Micro-dollars where only the total is known: three quarters of it were the prompt."""
    prompt = total_tokens * PROMPT_PERCENT // 100
    return price.of(Usage(prompt, total_tokens - prompt, is_exact=False))


def price_of(model: str, endpoints: Iterable[Endpoint]) -> Price:
    """A model's price by the catalog; of an unknown model the dearest that is known."""
    known = tuple(endpoints)
    named = (each.price for each in known if model in {each.model, each.name})
    return next(named, None) or max(
        (each.price for each in known), key=lambda price: price.prompt + price.completion
    )


def all_paid(endpoints: Iterable[Endpoint]) -> Price | None:
    """The price to compare free answers with: the strongest paid model's that is set up, else of
    the strongest in the catalog; of equals the cheaper one."""
    paid = [each for each in endpoints if each.price.is_paid]
    ready = [each for each in paid if not each.missing and not each.is_paused]
    best = min(
        ready or paid,
        key=lambda each: (-each.strength, each.price.prompt + each.price.completion),
        default=None,
    )
    return best.price if best else None


def _select(name: Any) -> Any:
    def count(condition: Any) -> Any:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    def average(column: Any) -> Any:
        return sa.func.avg(sa.case((_IS_WELL, column)))

    return sa.select(
        name,
        count(calls.c.state != "cached").label("calls"),
        count(sa.and_(_IS_WELL, calls.c.state != "cached")).label("answered"),
        count(calls.c.state == "cached").label("cached"),
        sa.func.sum(_MICROS).label("micros"),
        sa.func.sum(sa.case((_IS_UNSURE, calls.c.reserved_micros), else_=0)).label("unsure"),
        sa.func.coalesce(sa.func.sum(calls.c.prompt_tokens), 0).label("prompt"),
        sa.func.coalesce(sa.func.sum(calls.c.completion_tokens), 0).label("completion"),
        average(calls.c.first_token_ms).label("first_ms"),
        average(calls.c.took_ms).label("took_ms"),
    ).group_by(name)


def _sums(name: Any, since: datetime, until: datetime | None = None) -> Any:
    query = _select(name).where(calls.c.began_at >= since.astimezone(UTC))
    return query if until is None else query.where(calls.c.began_at < until.astimezone(UTC))


def _sum(row: Any) -> Sum:
    return Sum(
        name=row.name,
        calls=int(row.calls),
        answered=int(row.answered),
        cached=int(row.cached),
        micros=int(row.micros),
        unsure=int(row.unsure),
        prompt_tokens=int(row.prompt),
        completion_tokens=int(row.completion),
        first_token_ms=None if row.first_ms is None else round(row.first_ms),
        took_ms=None if row.took_ms is None else round(row.took_ms),
    )


def _ordered(rows: Iterable[Any]) -> tuple[Sum, ...]:
    return tuple(sorted(map(_sum, rows), key=lambda each: (-each.micros, -each.calls, each.name)))


def _since_first_use(days: Sequence[int]) -> list[int]:
    """Without the days before anything was ever spent."""
    first = next((at for at, micros in enumerate(days) if micros), len(days))
    return list(days[first:])
