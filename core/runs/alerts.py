"""When an alert rings, when it only edits its card, and when it is held back; pure.

An alert is a card keyed by component and error class, so repeats count up in one message. A new
message with sound comes only when the severity rises, when `RING_EVERY` has passed, or when a
trouble comes back `REOPEN_AFTER` after its last ring. At most `MOST_RINGS` new cards appear in
`WINDOW`; what comes on top is named in one summary card. A critical alert is never held back.

Source of the numbers: `telegram.md` 5.2 (Alertmanager's group and repeat intervals).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.runs.notices import Level, Notice, Urgency, alert

PREFIX = "alert:"
RING_EVERY = timedelta(minutes=60)
REOPEN_AFTER = timedelta(minutes=10)
WINDOW = timedelta(minutes=10)
MOST_RINGS = 5
SUMMARY_CODE = "many-alerts"
SUMMARY_KEY = f"{PREFIX}bot:{SUMMARY_CODE}"
#: Names listed in a summary; the count tells the rest.
MOST_NAMES = 8

RANK = {Level.RESOLVED: 0, Level.NOTICE: 1, Level.PROBLEM: 2, Level.CRITICAL: 3}


def is_alert(notice: Notice) -> bool:
    return notice.key is not None and notice.key.startswith(PREFIX)


def merge(notice: Notice, old: dict[str, Any] | None, now: datetime) -> Notice | None:
    """The alert with its history; None when it says nothing new (resolved, but never open).

    `old` are the params of the newest earlier revision. Added params: `count`, `first_at`,
    `last_at` (ISO 8601), `fresh` (send a new message instead of editing), `rung_at` and
    `rung_level` (the last time it was fresh), `quiet_until` (snoozed).
    """
    old = old or {}
    level = Level(notice.params["level"])
    was = Level(old["level"]) if old else Level.RESOLVED
    if level is Level.RESOLVED:
        return None if was is Level.RESOLVED else _resolve(notice, old, now)
    rung_at = _instant(old.get("rung_at"))
    goes_on = was is not Level.RESOLVED or (rung_at is not None and now - rung_at < REOPEN_AFTER)
    fresh = not goes_on or _rings(level, old, rung_at, now, every=_interval(notice))
    params = {
        **notice.params,
        "count": int(old.get("count", 0)) + 1 if goes_on else 1,
        "first_at": old.get("first_at", now.isoformat()) if goes_on else now.isoformat(),
        "last_at": now.isoformat(),
        "fresh": fresh,
        "rung_at": now.isoformat() if fresh else old.get("rung_at"),
        "rung_level": level.value if fresh else old.get("rung_level"),
        "quiet_until": old.get("quiet_until"),
    }
    # An edit makes no sound and may wait behind answers; this also is how rings are counted.
    return replace(notice, params=params, urgency=Urgency.ALERT if fresh else Urgency.CARD)


def held_back(notice: Notice) -> Notice:
    """The same alert as history only: it has not rung, so the next one after the window does."""
    return replace(notice, params={**notice.params, "rung_at": None, "rung_level": None})


def may_ring(notice: Notice, rung_lately: int) -> bool:
    """May this fresh alert appear as its own card, after `rung_lately` others in the window?"""
    critical = notice.params["level"] == Level.CRITICAL
    return critical or notice.key == SUMMARY_KEY or rung_lately < MOST_RINGS


def summary(held: Notice, old: dict[str, Any] | None, now: datetime) -> Notice:
    """The card that stands for the alerts held back in this window."""
    last_at = _instant(old["last_at"]) if old else None
    names: set[str] = set()
    if old and last_at is not None and now - last_at < WINDOW:
        names = set(old["values"]["names"].split(", "))
    names.add(f"{held.params['component']}:{held.params['code']}")
    shown = ", ".join(sorted(names)[:MOST_NAMES])
    return replace(
        alert(Level(held.params["level"]), "bot", SUMMARY_CODE, label=held.label, names=shown),
        chat_id=held.chat_id,
    )


def _resolve(notice: Notice, old: dict[str, Any], now: datetime) -> Notice:
    kept = {name: old.get(name) for name in ("count", "first_at", "rung_at", "rung_level")}
    values = {**old.get("values", {}), **notice.params["values"]}
    params = {**notice.params, **kept, "values": values, "last_at": now.isoformat(), "fresh": False}
    return replace(notice, params=params, urgency=Urgency.CARD, silent=True)


def _rings(
    level: Level, old: dict[str, Any], rung_at: datetime | None, now: datetime, *, every: timedelta
) -> bool:
    rung_level = old.get("rung_level")
    if rung_at is None or rung_level is None or RANK[level] > RANK[Level(rung_level)]:
        return True
    quiet_until = _instant(old.get("quiet_until"))
    if quiet_until is not None and now < quiet_until:
        return False
    return now - rung_at >= every


def _interval(notice: Notice) -> timedelta:
    return WINDOW if notice.key == SUMMARY_KEY else RING_EVERY


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
