"""When a limit will be reached, and what the month will cost, by moving averages; pure.

A window's own emptying counts: at a steady rate below the limit nothing is ever reached, so a
steady load causes no switch. The average is over the last `RECENT_S` seconds, so a rising load is
seen before it arrives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

#: The moving average's length, seconds.
RECENT_S = 15
#: Days whose average is carried to the month's end.
RECENT_DAYS = 7


def seconds_to_limit(
    amounts: Mapping[int, int], now_slot: int, left: int, slots: int
) -> int | None:
    """Seconds until a window of one-second slots has nothing left, if calls go on as they did.

    `amounts`: what was used, by slot. None: it will not happen within a window's length.
    """
    if left <= 0:
        return 0
    recent = sum(amounts.get(slot, 0) for slot in range(now_slot - RECENT_S + 1, now_slot + 1))
    room = left * RECENT_S  # in parts of a call, so that no rounding moves the moment
    for second in range(1, slots + 1):
        room += amounts.get(now_slot + second - slots - 1, 0) * RECENT_S - recent
        if room < 0:
            return second
    return None


def seconds_at_rate(left: int, recent: int, until_reset_s: float) -> int | None:
    """Seconds until `left` is used up at the rate of the last `RECENT_S` seconds (`recent` in all);
    None when the reset comes first."""
    if left <= 0:
        return 0
    if recent <= 0:
        return None
    seconds = left * RECENT_S / recent
    return math.ceil(seconds) if seconds < until_reset_s else None


def month_end(spent_micros: int, days: Sequence[int], today: date, last_day: int) -> int:
    """Micro-dollars by the month's end: what is spent, and the average of `days` (of whole days
    before today, oldest first; the last `RECENT_DAYS` count) for each day after today."""
    recent = days[-RECENT_DAYS:]
    if not recent:
        return spent_micros
    average = sum(recent) / len(recent)
    return spent_micros + round(average * (last_day - today.day))
