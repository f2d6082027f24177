"""What /cost shows: sums, the forecast, what was saved; and prices by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.clock import ManualClock
from core.llm.budget import Span
from core.llm.budget_notices import dollars, notice_of
from core.llm.ledger_calls import ANSWERED, Settlement
from core.llm.model import Endpoint, Failure, Price, Usage
from core.llm.spending import Spending, all_paid, estimate, price_of
from tests.integration.ledger_world import (
    FREE,
    LOCAL,
    PAID,
    budgets_of,
    call,
    ledger_over,
    rows,
    usage,
)

EACH = 2_000
#: Seed H-A5.3: US dollars per 1,000 tokens, in and out.
SEED_PRICES = {
    "gpt-4": (0.03, 0.06),
    "gpt-4-turbo": (0.01, 0.03),
    "gpt-3.5-turbo": (0.0005, 0.0015),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 9, 12, tzinfo=UTC))


def cost(db, clock, price: Price | None = None):
    with db.read() as tx:
        return Spending(budgets_of(db, clock)).cost(tx, clock.now(), price)


def spend(ledger, endpoint=PAID, **more) -> None:
    ledger.settle(ledger.reserve(call(endpoint, **more)), Settlement(ANSWERED, usage(), 100, 900))


def test_sums_by_day_model_and_kind_of_run(database, clock) -> None:
    ledger = ledger_over(database, clock)
    spend(ledger, workflow="chat_turn", run_id="r1")
    clock.advance(24 * 3600)
    spend(ledger, workflow="chat_turn")
    spend(ledger, FREE, workflow="chat_turn")
    spend(ledger, LOCAL, workflow="summary")
    ledger.settle(ledger.reserve(call(FREE)), Settlement(Failure.UNREACHABLE))
    ledger.put_down(call(FREE), Settlement(ANSWERED, usage()), is_cached=True)
    ledger.reserve(call(PAID))

    found = cost(database, clock)

    assert (found.today.micros, found.month.micros) == (2 * EACH, 3 * EACH)
    assert (found.today.calls, found.today.answered, found.today.cached) == (5, 3, 1)
    assert found.month.unsure == EACH
    assert [(each.name, each.micros) for each in found.by_model] == [
        ("openai/best", 3 * EACH),
        ("groq/fast", 0),
        ("ollama/own", 0),
    ]
    kinds = {each.name: each for each in found.by_workflow}
    assert kinds["chat_turn"].micros == 2 * EACH
    assert kinds["summary"].share_of(found.month) == 0.25
    assert (kinds["chat_turn"].first_token_ms, kinds["chat_turn"].took_ms) == (100, 900)
    assert found.days[-2:] == (
        (date(2026, 1, 9), EACH),
        (date(2026, 1, 10), 2 * EACH),
    )
    assert len(found.days) == 30
    assert found.month_end_micros == 3 * EACH + EACH * 21
    with database.read() as tx:
        assert Spending(budgets_of(database, clock)).of_run(tx, "r1").micros == EACH


def test_a_month_without_calls_is_all_zeros(database, clock) -> None:
    found = cost(database, clock, Price(1, 1))

    assert (found.today.micros, found.month.calls, found.by_model) == (0, 0, ())
    assert (found.month_end_micros, found.saved_micros) == (0, 0)
    assert [each.span for each in found.budgets] == [Span.DAY, Span.MONTH]


def test_free_first_saves_most_of_what_all_paid_would_cost(sqlite_database, clock) -> None:
    """S-1.7: on a fixed trace, four of five answered by free and local models."""
    ledger = ledger_over(sqlite_database, clock)
    for number in range(20):
        spend(ledger, (PAID, FREE, LOCAL, FREE, LOCAL)[number % 5])

    found = cost(sqlite_database, clock, PAID.price)

    assert found.month.micros == 4 * EACH
    assert found.saved_micros == 16 * EACH
    assert found.saved_micros / (found.saved_micros + found.month.micros) >= 0.7
    assert cost(sqlite_database, clock).saved_micros is None


def test_free_answers_are_compared_with_the_strongest_paid_model_at_hand() -> None:
    strong = replace(PAID, name="a", strength=90, price=Price(9, 9))
    weak = replace(PAID, name="b", strength=50, price=Price(2, 2))
    without_key = replace(PAID, name="c", strength=99, price=Price(99, 99), missing="KEY")

    assert all_paid([weak, strong, without_key, FREE]) == Price(9, 9)
    assert all_paid([without_key, FREE]) == Price(99, 99)
    assert all_paid([FREE]) is None


def seed_endpoints() -> list[Endpoint]:
    return [
        Endpoint(
            f"openai/{model}",
            "openai",
            model,
            price=Price(round(each_in * 1e9), round(each_out * 1e9)),
        )
        for model, (each_in, each_out) in SEED_PRICES.items()
    ]


@pytest.mark.parametrize("model", SEED_PRICES)
def test_known_counts_cost_what_is_computed_by_hand(sqlite_database, clock, model) -> None:
    endpoint = next(each for each in seed_endpoints() if each.model == model)
    ledger = ledger_over(sqlite_database, clock)

    ledger.settle(ledger.reserve(call(endpoint)), Settlement(ANSWERED, Usage(2000, 1000)))

    each_in, each_out = SEED_PRICES[model]
    assert rows(sqlite_database)[0].micros == round((2 * each_in + each_out) * 1_000_000)


def test_an_unknown_model_costs_what_the_dearest_does() -> None:
    known = seed_endpoints()

    assert price_of("gpt-3.5-turbo", known) == Price(500_000, 1_500_000)
    assert price_of("something-new", known) == price_of("gpt-4", known)


def test_where_only_a_total_is_known_three_quarters_were_the_prompt() -> None:
    micros = estimate(price_of("gpt-4", seed_endpoints()), 1000)

    assert f"{micros / 1_000_000:.4f}" == "0.0375"


def test_the_owner_is_told_of_a_budget_once_in_dollars(sqlite_database, clock) -> None:
    told: list = []
    ledger = ledger_over(sqlite_database, clock, told=told)
    with sqlite_database.write() as tx:
        budgets_of(sqlite_database, clock).set(tx, Span.DAY, EACH)
    spend(ledger)

    notice = notice_of(told[0])

    assert notice.key == "alert:budget:budget-near"
    assert notice.params["values"]["percent"] == 100
    assert [dollars(each) for each in (0, 500, 10_000, 12_345_678)] == [
        "0.00",
        "0.0005",
        "0.01",
        "12.35",
    ]
