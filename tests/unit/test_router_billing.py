"""What a call that was not answered is settled at: what was heard of it, as its provider counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.llm.calling import Caller
from core.llm.counting import Counting
from core.llm.fakes import FakeBooks
from core.llm.hearing import hear, sending, sent
from core.llm.model import Endpoint, Failure, Message, Price, Reply, Request, Usage
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.llm.streaming import stopped
from core.llm.tokens import answer_tokens, prompt_tokens
from core.runs.cancel import CancelToken
from tests.unit.test_router_failover import Stage

PAID = Endpoint("paid", "openai", "m", max_output=100, price=Price(1_000_000, 1_000_000))
REQUEST = Request((Message("user", "hello, " * 50),), max_output=100)
READ = prompt_tokens(REQUEST)


@pytest.fixture
def world(clock):
    """Ask with a part that plays the provider; the usage that each call was settled with."""
    books, stage = FakeBooks(clock), Stage()
    caller = Caller(Pool([PAID], {"openai": stage}, clock), books)

    def ask(part):
        stage.parts["paid"] = part
        cancel = CancelToken()
        if part in {cancelled_early, cancelled_late}:
            cancel.set()
        try:
            caller.ask(PAID, REQUEST, lambda _text: None, cancel)
        except ModelFailed:
            clock.advance(3600)
        return books.calls[-1].ended.usage

    return ask


def answers(endpoint, request, on_text, cancel):
    text = "word " * 20
    usage = Usage(READ // 2, answer_tokens(text) // 2)
    return Reply(text, endpoint.name, endpoint.place, usage=usage)


def cancelled_early(endpoint, request, on_text, cancel):
    sending()
    return stopped(endpoint, request, "")


def cancelled_late(endpoint, request, on_text, cancel):
    sending()
    sent()
    return stopped(endpoint, request, "thirty characters of an answer")


def times_out(endpoint, request, on_text, cancel):
    sending()
    sent()
    raise ModelFailed(Failure.TIMEOUT)


def empty(endpoint, request, on_text, cancel):
    raise ModelFailed(Failure.SERVER, detail="empty answer", usage=Usage(33, 0))


def refused(endpoint, request, on_text, cancel):
    sending()
    hear({}, "no", is_refused=True)
    raise ModelFailed(Failure.SERVER)


def test_a_request_that_never_went_out_costs_nothing(world):
    assert world(cancelled_early) == Usage(0, 0, is_exact=False)


def test_a_cancelled_stream_costs_its_prompt_and_what_was_heard(world):
    assert world(cancelled_late) == Usage(READ, 10, is_exact=False)


def test_a_call_that_timed_out_costs_its_prompt(world):
    assert world(times_out) == Usage(READ, 0, is_exact=False)


def test_the_providers_own_count_of_an_empty_answer_is_kept(world):
    assert world(empty) == Usage(33, 0)


def test_a_refusal_is_the_books_to_judge(world):
    assert world(refused) is None


def test_once_a_provider_has_counted_estimates_follow_its_count(world):
    world(answers)
    assert world(cancelled_late) == Usage(READ // 2, 5, is_exact=False)
    assert world(times_out).prompt == READ // 2


def test_estimates_follow_what_was_counted_lately():
    counting = Counting()
    for _ in range(300):
        counting.learn("a", Usage(100, 100), Usage(90, 90))
    for _ in range(300):
        counting.learn("a", Usage(100, 100), Usage(50, 120))
    ours = Usage(1000, 10, is_exact=False)
    likely = counting.likely("a", ours)
    assert (likely.prompt, likely.completion) == (pytest.approx(500, rel=0.01), 12)
    assert not likely.is_exact
    assert counting.likely("b", ours) == ours
    assert counting.likely("a", replace(ours, is_exact=True)) == replace(ours, is_exact=True)


def test_many_small_calls_cost_what_they_cost_together():
    """A bill is rounded once; a reserve is never too small."""
    price = Price(100_000, 300_000)
    usages = [Usage(prompt, prompt % 7) for prompt in range(1, 500)]
    exact = sum(price.prompt * each.prompt + price.completion * each.completion for each in usages)
    booked = sum(map(price.billed, usages))
    assert booked == pytest.approx(exact / 1_000_000, rel=0.005)
    assert all(price.of(each) - price.billed(each) in {0, 1} for each in usages)
