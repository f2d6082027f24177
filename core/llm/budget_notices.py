"""What the owner is told when a budget is nearly or wholly spent: one alert per kind of budget."""

from __future__ import annotations

from typing import Any

from core.llm.budget import FULL_PERCENT, USD, Crossing
from core.runs.notices import Level, Notice, alert

COMPONENT = "budget"


def dollars(micros: int) -> str:
    """Whole cents; what is less than one shows as four decimals."""
    amount = micros / USD
    return f"{amount:.4f}" if 0 < micros < USD // 100 else f"{amount:.2f}"


def notice_of(crossing: Crossing) -> Notice:
    """The alert; a repeat edits it."""
    standing = crossing.standing
    values: dict[str, Any] = {
        "kind": standing.span.value,
        "percent": standing.percent,
        "spent": dollars(standing.settled),
        "limit": dollars(standing.limit or 0),
        "until": standing.until.isoformat() if standing.until else None,
    }
    if crossing.percent >= FULL_PERCENT:
        return alert(Level.PROBLEM, COMPONENT, "budget-used-up", **values)
    return alert(Level.NOTICE, COMPONENT, "budget-near", **values)
