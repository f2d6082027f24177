"""When a limit will be reached, and what the month will cost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.llm import forecast
from core.llm.gauges import HORIZON_S, Level, Measure, Reading, gauge_of, room_of
from core.llm.marks import Bucket, Dimension
from core.llm.model import Limits

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BUCKET = Bucket("b", Limits(rpm=100))


def reading(amounts: dict[int, int]) -> Reading:
    """Amounts by seconds before `NOW`."""
    slot = Dimension.RPM.slot_of(NOW)
    slots = {slot - back: amount for back, amount in amounts.items()}
    return Reading(sum(amounts.values()), slots)


def room(amounts: dict[int, int]):
    return room_of([Measure.of(BUCKET, {Dimension.RPM: reading(amounts)}, NOW)], 0)


def test_a_steady_load_below_the_limit_never_reaches_it() -> None:
    steady = dict.fromkeys(range(60), 1)

    assert room(steady).limit_in_s is None
    assert room(steady).level is Level.ROOMY


def test_a_rising_load_switches_before_the_limit() -> None:
    rising = dict.fromkeys(range(4), 20)  # 80 of 100 used, 20 each second

    found = room(rising)

    assert found.limit_in_s is not None
    assert 0 < found.limit_in_s <= HORIZON_S
    assert found.level is Level.NEAR  # M03.6: although a fifth is left


def test_a_limit_that_is_reached_is_so_now() -> None:
    assert room({1: 100}).limit_in_s == 0
    assert room({1: 100}).level is Level.FULL


@given(st.dictionaries(st.integers(0, 60), st.integers(0, 30), max_size=61))
@example({1: 9, 2: 30, 15: 22})  # exactly full after 15 seconds
def test_the_forecast_is_what_the_average_load_would_do(amounts: dict[int, int]) -> None:
    used = sum(amounts.values())
    slots = {1000 - back: amount for back, amount in amounts.items()}
    left = max(0, 100 - used)

    seconds = forecast.seconds_to_limit(slots, 1000, left, 60)

    length = forecast.RECENT_S
    recent = sum(amounts.get(back, 0) for back in range(length))
    first = None
    for ahead in range(1, 61):
        kept = sum(amount for back, amount in amounts.items() if back <= 60 - ahead)
        if kept * length + recent * ahead > 100 * length and used < 100:
            first = ahead
            break
    assert seconds == (0 if used >= 100 else first)


def test_what_a_provider_said_lasts_until_its_reset_at_the_present_rate() -> None:
    assert forecast.seconds_at_rate(100, 15, 600) == 100
    assert forecast.seconds_at_rate(100, 15, 60) is None
    assert forecast.seconds_at_rate(100, 0, 600) is None
    assert forecast.seconds_at_rate(0, 15, 600) == 0


def test_a_rare_use_of_a_day_is_no_alarm() -> None:
    slot = Dimension.RPD.slot_of(NOW)
    gauge = gauge_of(Dimension.RPD, 10, Reading(6, {slot - 30: 6}), NOW)

    assert gauge.left == 4
    assert not gauge.is_near


def test_false_switches_on_a_replayed_trace_are_few(record_property) -> None:
    """M03.12: a day's rhythm, 60 s a wave; a switch is false when the limit is not reached within
    twice the horizon although everything went on as it came."""
    trace = [round(1.4 + 1.4 * (1 if (second // 20) % 3 == 0 else 0)) for second in range(900)]
    switches = false = 0
    for second in range(60, 880):
        amounts = {back: trace[second - back] for back in range(60)}
        used = sum(amounts.values())
        soon = forecast.seconds_to_limit(
            {1000 - back: amount for back, amount in amounts.items()}, 1000, 120 - used, 60
        )
        if soon is None or soon > HORIZON_S:
            continue
        switches += 1
        ahead = range(second, second + 2 * HORIZON_S)
        false += all(sum(trace[at - 59 : at + 1]) < 120 for at in ahead)
    record_property("switches", switches)
    record_property("false switches", false)
    assert false <= 41  # at most one second in twenty


@pytest.mark.parametrize(
    ("spent", "days", "expected"),
    [
        (0, [], 0),
        (300, [100], 300 + 100 * 21),
        (1000, [0, 900, *[100] * 7], 1000 + 100 * 21),  # the last seven days count
    ],
)
def test_the_month_goes_on_as_the_last_week_did(spent, days, expected) -> None:
    assert forecast.month_end(spent, days, date(2026, 1, 10), 31) == expected


def test_on_the_last_day_the_month_is_what_it_is() -> None:
    assert forecast.month_end(700, [100] * 7, date(2026, 1, 31), 31) == 700


def test_a_window_is_never_shorter_than_it_should_be() -> None:
    for offset in (0.0, 0.4, 0.999):
        began = NOW + timedelta(seconds=offset)
        for dimension in Dimension:
            last = began + timedelta(seconds=dimension.window_s)
            oldest = dimension.slot_of(last) - dimension.slots
            assert dimension.slot_of(began) >= oldest
