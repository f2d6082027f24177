"""Every call is reserved, then settled; limits and budgets hold; sums are those of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.llm.budget import NO_LIMIT, USD, BudgetUsedUp, Span
from core.llm.gauges import Level
from core.llm.ledger_calls import ANSWERED, Settlement
from core.llm.marks import Dimension
from core.llm.model import Failure, Usage
from core.llm.tables import calls, spending
from core.llm.windows import LimitReached
from tests.integration.ledger_world import (
    FREE,
    LOCAL,
    PAID,
    assert_sums_fit,
    budgets_of,
    call,
    ledger_over,
    limited,
    rows,
    usage,
)

#: What a call of 1,000 in and 500 out reserves, micro-dollars.
EACH = 2_000


def set_budget(db, clock, span: Span, micros: int | None) -> None:
    with db.write() as tx:
        budgets_of(db, clock).set(tx, span, micros)


def test_a_call_is_reserved_before_and_settled_after(database, clock) -> None:
    ledger = ledger_over(database, clock)

    held = ledger.reserve(call(PAID, run_id="r1", workflow="chat_turn"))
    (before,) = rows(database)
    clock.advance(2)
    ledger.settle(held, Settlement(ANSWERED, Usage(900, 100), first_token_ms=120, took_ms=2000))
    (after,) = rows(database)

    assert (before.state, before.reserved_micros, before.micros) == ("reserved", EACH, None)
    assert (after.state, after.micros, after.is_exact) == ("settled", 1100, True)
    assert (after.prompt_tokens, after.completion_tokens) == (900, 100)
    assert (after.outcome, after.first_token_ms, after.took_ms) == ("answered", 120, 2000)
    assert_sums_fit(database)


def test_a_second_settling_changes_nothing(database, clock) -> None:
    ledger = ledger_over(database, clock)
    held = ledger.reserve(call(PAID))
    ledger.settle(held, Settlement(ANSWERED, usage()))

    ledger.settle(held, Settlement(ANSWERED, Usage(1, 1)))

    assert [row.micros for row in rows(database)] == [EACH]
    assert_sums_fit(database)


@pytest.mark.parametrize(
    ("outcome", "first_token_ms", "state", "micros"),
    [
        (Failure.UNREACHABLE, None, "settled", 0),
        (Failure.LIMITED, None, "settled", 0),
        (Failure.SERVER, None, "settled", 0),
        (Failure.SERVER, 80, "marked", EACH),
        (Failure.TIMEOUT, None, "marked", EACH),
        (Failure.BROKEN_STREAM, 80, "marked", EACH),
    ],
)
def test_a_call_that_nobody_counted_costs_its_reserve_where_it_may_be_billed(
    sqlite_database, clock, outcome, first_token_ms, state, micros
) -> None:
    ledger = ledger_over(sqlite_database, clock)

    ledger.settle(ledger.reserve(call(PAID)), Settlement(outcome, first_token_ms=first_token_ms))

    (row,) = rows(sqlite_database)
    assert (row.state, row.micros) == (state, micros)
    assert_sums_fit(sqlite_database)


def test_a_call_cut_off_is_marked_at_its_reserve_and_a_late_settling_corrects_it(
    database, clock
) -> None:
    ledger = ledger_over(database, clock)
    held = ledger.reserve(call(PAID, run_id="r1"))
    clock.advance(60)
    young = ledger.reserve(call(PAID))
    clock.advance(841)

    assert ledger.recover(older_than_s=900) == 1
    assert ledger.recover(older_than_s=900) == 0
    (old, fresh) = rows(database)
    assert (old.state, old.micros, old.outcome) == ("marked", EACH, "cut-off")
    assert fresh.state == "reserved"
    assert_sums_fit(database)

    ledger.settle(held, Settlement(ANSWERED, Usage(100, 0)))
    ledger.settle(young, Settlement(ANSWERED, Usage(100, 0)))
    assert [row.micros for row in rows(database)] == [100, 100]
    assert_sums_fit(database)


def test_paid_models_stop_at_the_budget_while_free_and_local_go_on(database, clock) -> None:
    told: list = []
    ledger = ledger_over(database, clock, told=told)
    set_budget(database, clock, Span.DAY, 5 * EACH)
    for _ in range(5):
        ledger.settle(ledger.reserve(call(PAID)), Settlement(ANSWERED, usage()))

    with pytest.raises(BudgetUsedUp) as refused:
        ledger.reserve(call(PAID))
    with pytest.raises(BudgetUsedUp):
        ledger.reserve(call(PAID))
    ledger.reserve(call(FREE))
    ledger.reserve(call(LOCAL))

    assert refused.value.code == "budget-used-up"
    assert refused.value.params["kind"] == "day"
    assert refused.value.params["until"] == "2026-01-02T00:00:00+00:00"
    assert [(each.percent, each.standing.span) for each in told] == [(80, "day"), (100, "day")]
    assert [row.is_paid for row in rows(database)] == [True] * 5 + [False] * 2


def test_the_budget_is_ten_dollars_a_day_unless_the_owner_says_otherwise(
    sqlite_database, clock
) -> None:
    ledger = ledger_over(sqlite_database, clock)
    dear = replace(PAID, max_output=10_000_000)

    ledger.reserve(call(dear, prompt=10_000_000, output=0))
    with pytest.raises(BudgetUsedUp):
        ledger.reserve(call(dear, prompt=1, output=0))
    set_budget(sqlite_database, clock, Span.DAY, NO_LIMIT)
    ledger.reserve(call(dear, prompt=50_000_000, output=0))
    set_budget(sqlite_database, clock, Span.DAY, None)
    with pytest.raises(BudgetUsedUp):
        ledger.reserve(call(dear, prompt=1, output=0))


def test_a_new_day_has_its_budget_anew_and_the_month_goes_on(database, clock) -> None:
    ledger = ledger_over(database, clock)
    set_budget(database, clock, Span.DAY, 2 * EACH)
    set_budget(database, clock, Span.MONTH, 3 * EACH)
    for _ in range(2):
        ledger.reserve(call(PAID))
    with pytest.raises(BudgetUsedUp, match="day"):
        ledger.reserve(call(PAID))

    clock.advance(24 * 3600)
    ledger.reserve(call(PAID))
    with pytest.raises(BudgetUsedUp, match="month") as refused:
        ledger.reserve(call(PAID))

    assert refused.value.params["until"] == "2026-02-01T00:00:00+00:00"


def test_a_run_has_its_own_budget(database, clock) -> None:
    ledger = ledger_over(database, clock)
    set_budget(database, clock, Span.RUN, EACH)
    ledger.reserve(call(PAID, run_id="r1"))

    with pytest.raises(BudgetUsedUp, match="run"):
        ledger.reserve(call(PAID, run_id="r1"))
    ledger.reserve(call(PAID, run_id="r2"))
    ledger.reserve(call(PAID))


def test_one_tap_raises_today_alone_and_makes_its_warnings_new(database, clock) -> None:
    told: list = []
    ledger = ledger_over(database, clock, told=told)
    budgets = budgets_of(database, clock)
    set_budget(database, clock, Span.DAY, 10 * USD)
    set_budget(database, clock, Span.MONTH, 10 * USD)
    dear = replace(PAID, max_output=10_000_000)
    ledger.settle(
        ledger.reserve(call(dear, prompt=10_000_000, output=0)),
        Settlement(ANSWERED, Usage(10_000_000, 0)),
    )

    with database.write() as tx:
        day = budgets.raise_today(tx, clock.now())
    assert (day.limit, day.left, day.raised) == (15 * USD, 5 * USD, 5 * USD)
    ledger.settle(
        ledger.reserve(call(dear, prompt=5_000_000, output=0)),
        Settlement(ANSWERED, Usage(5_000_000, 0)),
    )
    assert [each.percent for each in told] == [80, 80, 80, 80]  # day and month, twice

    clock.advance(24 * 3600)
    with database.read() as tx:
        day, month = budgets.standings(tx, clock.now())
    assert (day.limit, month.limit, month.left) == (10 * USD, 15 * USD, 0)


def test_what_is_only_reserved_warns_nobody(sqlite_database, clock) -> None:
    told: list = []
    ledger = ledger_over(sqlite_database, clock, told=told)
    set_budget(sqlite_database, clock, Span.DAY, 2 * EACH)
    held = [ledger.reserve(call(PAID)) for _ in range(2)]
    with pytest.raises(BudgetUsedUp):
        ledger.reserve(call(PAID))
    for each in held:
        ledger.settle(each, Settlement(ANSWERED, Usage(10, 10)))

    assert told == []
    ledger.reserve(call(PAID))


def test_a_limit_refuses_and_says_when_to_come_back(database, clock) -> None:
    ledger = ledger_over(database, clock)
    endpoint = limited(rpm=2)
    for _ in range(2):
        ledger.reserve(call(endpoint))
        clock.advance(10)

    with pytest.raises(LimitReached) as reached:
        ledger.reserve(call(endpoint))

    assert reached.value.retry_after == 41  # the first leaves 61 s after its second
    assert reached.value.params["dimension"] == "rpm"
    assert len(rows(database)) == 2
    clock.advance(41)
    ledger.reserve(call(endpoint))


def test_tokens_are_counted_as_reserved_until_the_real_figures_are_known(database, clock) -> None:
    ledger = ledger_over(database, clock)
    endpoint = limited(tpm=3000)
    held = ledger.reserve(call(endpoint, prompt=500, output=1500))  # Groq counts max_tokens
    with pytest.raises(LimitReached):
        ledger.reserve(call(endpoint, prompt=500, output=1500))

    ledger.settle(held, Settlement(ANSWERED, Usage(400, 100)))

    ledger.reserve(call(endpoint, prompt=500, output=1500))


def test_the_settings_limit_binds_a_whole_service(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock, api_limit=5, is_api_limit_set=True)
    other = replace(FREE, name="groq/other", model="other", limits=FREE.limits)
    for endpoint in (FREE, FREE, other, other, other):
        ledger.reserve(call(endpoint))

    with pytest.raises(LimitReached):  # M03.1: the sixth call in a minute goes elsewhere
        ledger.reserve(call(FREE))
    ledger.reserve(call(PAID))
    for _ in range(10):
        ledger.reserve(call(LOCAL))  # the owner's own machine has no such limit


def test_unset_the_settings_limit_holds_only_where_the_catalog_names_none(
    sqlite_database, clock
) -> None:
    ledger = ledger_over(sqlite_database, clock, api_limit=100)

    silent = ledger.rooms([FREE])[FREE.name]
    named = ledger.rooms([limited(rpm=500)])[FREE.name]

    assert silent.left(Dimension.RPM) == 100  # M03.1: unset gives 100
    assert named.left(Dimension.RPM) == 500


def test_others_are_asked_first_once_a_tenth_is_left(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock, api_limit=100)
    for number in range(100):
        room = ledger.rooms([FREE])[FREE.name]
        is_near = number >= 90  # M03.4: at 90 of 100 used
        assert (room.level is Level.NEAR) == is_near, number
        if is_near:
            with pytest.raises(LimitReached):
                ledger.reserve(call(FREE), spare=True)
        ledger.reserve(call(FREE))
        clock.advance(0.5)

    room = ledger.rooms([FREE])[FREE.name]  # M03.3: at the hundredth it is reached
    assert room.level is Level.FULL
    assert room.until == clock.now() + timedelta(seconds=11)


def test_headers_beat_our_own_count_until_their_reset(database, clock) -> None:
    ledger = ledger_over(database, clock)
    endpoint = limited(rpm=100)
    held = ledger.reserve(call(endpoint))
    headers = {
        "x-ratelimit-limit-requests-minute": "100",
        "x-ratelimit-remaining-requests-minute": "5",
        "x-ratelimit-reset-requests-minute": "20",
    }

    ledger.learn(held, headers)
    ledger.settle(held, Settlement(ANSWERED, usage()))

    other = ledger_over(database, clock)  # another process
    assert other.rooms([endpoint])[endpoint.name].left(Dimension.RPM) == 5  # M03.5
    clock.advance(1)
    for _ in range(5):
        other.reserve(call(endpoint))
    with pytest.raises(LimitReached) as reached:
        other.reserve(call(endpoint))
    assert reached.value.retry_after == 19
    clock.advance(19)
    assert other.rooms([endpoint])[endpoint.name].left(Dimension.RPM) == 100


def test_without_headers_our_own_count_goes_on(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock)
    endpoint = limited(rpm=3)
    held = ledger.reserve(call(endpoint))

    ledger.learn(held, {"x-ratelimit-remaining-requests": "-1", "x-ratelimit-limit-requests": "0"})

    assert ledger.rooms([endpoint])[endpoint.name].left(Dimension.RPM) == 2  # M03.10


def test_a_refusal_stops_the_whole_bucket_until_it_says(database, clock) -> None:
    ledger = ledger_over(database, clock)
    held = ledger.reserve(call(FREE))

    ledger.learn(held, {"retry-after": "7"}, is_refused=True)
    ledger.settle(held, Settlement(Failure.LIMITED))

    with pytest.raises(LimitReached) as reached:
        ledger.reserve(call(FREE))
    assert reached.value.retry_after == 7
    clock.advance(7)
    ledger.reserve(call(FREE))


def test_keys_of_one_organisation_share_its_limit_and_another_has_its_own(database, clock) -> None:
    ledger = ledger_over(database, clock)
    one, two = (replace(limited(rpm=2), credential=key) for key in ("k1", "k2"))
    elsewhere = replace(one, credential="k3", organisation="org_2")
    ledger.reserve(call(one))
    ledger.reserve(call(two))

    with pytest.raises(LimitReached):
        ledger.reserve(call(one))
    ledger.reserve(call(elsewhere))

    assert [row.credential for row in rows(database)] == ["k1", "k2", "k3"]
    used = {bucket.name: 2 for bucket in ledger.buckets(one)}
    assert list(used) == ["groq:org_1:fast", "key:k1:groq/fast"]


def test_an_idle_day_costs_nothing(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock)
    for _ in range(24 * 60):
        clock.advance(60)
        ledger.recover()
        ledger.rooms([FREE, PAID, LOCAL])
        ledger.budget_left()

    assert rows(sqlite_database) == []


def test_old_calls_go_and_the_sums_of_days_stay(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock)
    born = f"{int(clock.now().timestamp() * 1000):012x}" + "0" * 20
    ledger.settle(ledger.reserve(call(PAID, run_id=born)), Settlement(ANSWERED, usage()))
    clock.advance(60)

    with sqlite_database.write() as tx:
        assert ledger.prune(tx, clock.now()) == 1

    with sqlite_database.read() as tx:
        periods = tx.execute(sa.select(spending.c.period)).scalars().all()
        assert tx.execute(sa.select(sa.func.count()).select_from(calls)).scalar() == 0
    assert sorted(periods) == ["day:2026-01-01", "month:2026-01"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(1, 4000), st.sampled_from(["r1", "r2", None])),
        st.tuples(st.just("settle"), st.integers(0, 9), st.integers(0, 5000)),
        st.tuples(st.just("fail"), st.integers(0, 9), st.sampled_from(list(Failure))),
        st.tuples(st.just("recover")),
        st.tuples(st.just("wait"), st.sampled_from([1, 1000, 40_000])),
    ),
    max_size=30,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_sums_are_those_of_the_rows_and_no_reserve_exceeds_a_budget(
    sqlite_database, clock, steps
) -> None:
    with sqlite_database.write() as tx:
        tx.execute(sa.delete(calls))
        tx.execute(sa.delete(spending))
    ledger = ledger_over(sqlite_database, clock)
    set_budget(sqlite_database, clock, Span.DAY, 10_000)
    set_budget(sqlite_database, clock, Span.RUN, 6_000)
    held: list = []
    for step in steps:
        match step:
            case ("reserve", prompt, run_id):
                left = ledger.budget_left(run_id)
                fits = left is not None and prompt <= (left.left or 0)
                try:
                    held.append(ledger.reserve(call(PAID, prompt, 0, run_id=run_id)))
                except BudgetUsedUp:
                    assert not fits
                else:
                    assert fits
            case ("settle", at, prompt) if at < len(held):
                ledger.settle(held[at], Settlement(ANSWERED, Usage(prompt, 0)))
            case ("fail", at, failure) if at < len(held):
                ledger.settle(held[at], Settlement(failure))
            case ("recover",):
                ledger.recover()
            case ("wait", seconds):
                clock.advance(seconds)
        assert_sums_fit(sqlite_database)
