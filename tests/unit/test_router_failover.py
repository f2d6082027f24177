"""Keys, reservations, continuations, hedges and the cache, around one `llm.generate`."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.clock import ManualClock, SystemClock
from core.errors import Unavailable
from core.llm import steps
from core.llm.cache import ReplyCache
from core.llm.fakes import FakeBooks
from core.llm.hearing import hear
from core.llm.model import (
    Endpoint,
    Failure,
    Finish,
    Generate,
    Health,
    Message,
    Price,
    Readiness,
    Reply,
    Request,
    RequestFacts,
    Tool,
    Usage,
    Wish,
)
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.llm.scripted_chat import Failing, Rule, Script, ScriptedChat
from core.llm.steps import Room
from core.llm.streaming import stopped
from core.runs.cancel import CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from core.runs.steps import bind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = Request((Message("user", "hello"),), max_output=100)
URGENT = replace(REQUEST, wish=Wish("high"))
WAIT_S = 10.0


def endpoint(name, **more):
    more = {"service": name, "base_url": f"http://{name}", "max_output": 100, **more}
    return Endpoint(name, "openai", "m", **more)


A, B, C = (endpoint(name) for name in "abc")
MINE = endpoint("mine", is_mine=True)


class Stage:
    """One adapter for every endpoint: what it does is set by name, and by key where one is sent."""

    def __init__(self, **parts):
        self.parts = parts
        self.asked = []

    def chat(self, endpoint, request, *, on_text, cancel):
        self.asked.append((endpoint.name, endpoint.credential, request))
        part = self.parts.get(endpoint.credential) or self.parts[endpoint.name]
        return part(endpoint, request, on_text, cancel)

    def probe(self, endpoint):
        return Health(is_up=True)

    def token_limit(self, endpoint):
        return None

    def close(self):
        pass

    @property
    def order(self):
        return [name for name, _, _ in self.asked]


def says(text, usage=None):
    def part(endpoint, request, on_text, cancel):
        on_text(text)
        usual = usage or Usage(7, 3)
        return Reply(text, endpoint.name, endpoint.place, usage=usual)

    return part


def fails(failure, *, partial="", retry_after=None):
    def part(endpoint, request, on_text, cancel):
        if partial:
            on_text(partial)
        raise ModelFailed(failure, detail="x", retry_after=retry_after, partial=partial)

    return part


def hangs(endpoint, request, on_text, cancel):
    """Nothing until it is cancelled."""
    stop = threading.Event()
    cancel.on_cancel(stop.set)
    assert stop.wait(WAIT_S), "nobody cancelled it"
    return stopped(endpoint, request, "")


def run_step(name, room, args, *, label=Label.OPEN, cancel=None, show=lambda _text: None):
    run = RunRow("r", 1, "w", 1, None, RunState.RUNNING, label, NOW, NOW)
    ctx = StepContext(run, "1", cancel or CancelToken(), 60.0, show=show, label=label)
    (bound,) = (each for each in bind(steps, room) if each.spec.name == name)
    return bound.run(ctx, args)


def world(*endpoints, books=None, clock=None, **parts):
    clock, stage = clock or SystemClock(), Stage(**parts)
    pool = Pool(endpoints, {"openai": stage}, clock)
    return Room(pool, books=books or FakeBooks(clock)), stage


def wait_until(holds):
    give_up, pause = time.monotonic() + WAIT_S, threading.Event()
    while not holds():
        assert time.monotonic() < give_up
        pause.wait(0.01)


def generate(room, *, request=REQUEST, names=None, said="", is_last=True, **more):
    everybody = tuple(each.name for each in room.pool.endpoints())
    args = Generate(request, names or everybody, is_last=is_last, said=said)
    return run_step("llm.generate", room, args, **more)


# -- keys, room and money --------------------------------------------------------------------------


def test_a_refused_key_is_dead_and_the_next_one_is_tried_at_once():
    books = FakeBooks(SystemClock(), keys={"a": ["old", "new"]})
    room, stage = world(A, books=books, old=fails(Failure.UNAUTHORISED), new=says("fine"))
    reply = generate(room)
    assert (reply.text, reply.tried, books.dead) == ("fine", (), ["old"])
    generate(room)
    assert [key for _, key, _ in stage.asked] == ["old", "new", "new"]
    assert [each.ended.outcome for each in books.calls] == ["unauthorised", "answered", "answered"]


def test_a_limit_of_one_key_is_not_the_endpoints():
    books = FakeBooks(SystemClock(), keys={"a": ["one", "two"]})
    limited = fails(Failure.LIMITED, retry_after=60)
    room, _ = world(A, books=books, one=limited, two=says("fine"))
    assert generate(room).text == "fine"
    assert room.pool.standing(A).readiness is Readiness.READY


def test_a_limit_of_every_key_is_the_endpoints():
    books = FakeBooks(SystemClock(), keys={"a": ["one", "two"]})
    limited = fails(Failure.LIMITED, retry_after=60)
    room, _ = world(A, B, books=books, one=limited, two=limited, b=says("fine"))
    reply = generate(room)
    assert [(each.endpoint, each.failure) for each in reply.tried] == [("a", Failure.LIMITED)]
    assert room.pool.standing(A).readiness is Readiness.COOLING


def test_when_no_key_is_left_the_next_candidate_answers():
    books = FakeBooks(SystemClock(), keys={"a": []})
    room, stage = world(A, B, books=books, b=says("fine"))
    (tried,) = generate(room).tried
    assert (tried.failure, stage.order) == (Failure.UNAUTHORISED, ["b"])


def test_where_there_is_no_room_nobody_calls_and_nothing_is_held_against_it():
    books = FakeBooks(SystemClock(), most={"a": 1})
    room, stage = world(A, B, books=books, a=says("one"), b=says("two"))
    assert [generate(room).text, generate(room).text] == ["one", "two"]
    assert stage.order == ["a", "b"]
    assert room.pool.standing(A).readiness is Readiness.READY


def test_what_does_not_fit_the_budget_is_passed_over_and_free_ones_go_on():
    paid = endpoint("paid", price=Price(1_000_000, 1_000_000))
    books = FakeBooks(SystemClock(), money=150)
    room, stage = world(paid, B, books=books, paid=says("dear", Usage(40, 60)), b=says("free"))
    assert generate(room).text == "dear"
    reply = generate(room)
    assert (reply.text, reply.tried[0].failure) == ("free", Failure.BUDGET)
    assert (stage.order, books.spent) == (["paid", "b"], 100)


def test_ten_at_once_make_exactly_the_calls_that_fit():
    paid = endpoint("paid", price=Price(0, 1_000_000))
    books = FakeBooks(SystemClock(), money=350)
    at_once = threading.Barrier(10)
    room, stage = world(paid, books=books, paid=says("x", Usage(0, 100)))
    ended = []

    def one():
        at_once.wait(WAIT_S)
        try:
            ended.append(generate(room, is_last=False).text)
        except Unavailable as error:
            ended.append(error.params["attempts"][0]["failure"])

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert sorted(ended) == ["budget"] * 7 + ["x"] * 3
    assert len(stage.asked) == 3


def test_every_call_is_settled_with_what_it_took_whatever_happened():
    class OwnError(Exception):
        pass

    def breaks(*_):
        raise OwnError

    books = FakeBooks(SystemClock())
    broken = fails(Failure.BROKEN_STREAM, partial="some words")
    room, _ = world(A, B, C, books=books, a=broken, b=fails(Failure.SERVER), c=breaks)
    with pytest.raises(OwnError):
        generate(room)
    ended = [each.ended for each in books.calls]
    assert [each.outcome for each in ended] == ["broken-stream", "server", "cut-off"]
    assert (ended[0].usage.completion, ended[0].usage.is_exact) == (4, False)
    assert ended[0].first_token_ms is not None
    assert [each.usage for each in ended[1:]] == [None, None]


def test_headers_reach_the_books_of_the_call_that_they_belong_to():
    def part(endpoint, request, on_text, cancel):
        hear({"X-Remaining": endpoint.name})
        on_text("x")
        if endpoint.name == "a":
            hear({"Retry-After": "3"}, "slow down", is_refused=True)
            raise ModelFailed(Failure.LIMITED, detail="429")
        return Reply("x", endpoint.name, "home")

    books = FakeBooks(SystemClock())
    room, _ = world(A, B, books=books, a=part, b=part)
    generate(room)
    first, second = books.calls
    assert [each.headers for each in first.heard] == [{"x-remaining": "a"}, {"retry-after": "3"}]
    assert first.heard[1].is_refused
    assert [each.headers for each in second.heard] == [{"x-remaining": "b"}]


def test_a_request_that_several_services_find_bad_stops_the_search():
    many = [endpoint(f"e{n}") for n in range(9)]
    room, stage = world(*many, **{each.name: fails(Failure.BAD_REQUEST) for each in many})
    with pytest.raises(Unavailable, match="models-failed"):
        generate(room)
    assert len(stage.asked) == 4


def test_after_a_cool_down_one_call_finds_out_and_the_others_leave_it_alone():
    clock = ManualClock()
    began, go_on = threading.Event(), threading.Event()
    calls = []

    def probed(endpoint, request, on_text, cancel):
        calls.append(endpoint.deadlines.first_token_s)
        if len(calls) == 1:
            raise ModelFailed(Failure.SERVER, detail="500")
        began.set()
        assert go_on.wait(WAIT_S)
        return Reply("back", endpoint.name, "home")

    room, _ = world(A, B, clock=clock, a=probed, b=says("other"))
    assert generate(room).text == "other"
    clock.advance(2.0)
    found = []
    thread = threading.Thread(target=lambda: found.append(generate(room).text))
    thread.start()
    assert began.wait(WAIT_S)
    assert generate(room).text == "other"
    go_on.set()
    thread.join(WAIT_S)
    assert (found, calls) == (["back"], [30.0, 10.0])
    assert room.pool.standing(A).in_a_row == 0


def test_each_is_asked_once_more_as_it_comes_back_while_patience_lasts():
    calls = []

    def first_fails(endpoint, request, on_text, cancel):
        calls.append(endpoint.name)
        if endpoint.name == "c" and calls.count("c") == 2:
            return Reply("back", "c", "home")
        wait_s = {"a": 0.01, "b": 99.0, "c": 0.1}[endpoint.name]
        raise ModelFailed(Failure.SERVER, detail="500", retry_after=wait_s)

    room, _ = world(A, B, C, a=first_fails, b=first_fails, c=first_fails)
    assert generate(room).text == "back"
    assert calls == ["a", "b", "c", "a", "c"]


def test_who_fails_while_a_call_waits_for_its_reservation_is_left_alone():
    class Slow(FakeBooks):
        def open(self, planned, without=()):
            ticket = super().open(planned, without)
            if planned.endpoint.name == "a":
                failed = ModelFailed(Failure.SERVER, detail="500")
                room.pool.failed(planned.endpoint, failed, room.pool.clock.now())
            return ticket

    books = Slow(SystemClock())
    room, stage = world(A, B, books=books, a=says("one"), b=says("two"))
    reply = generate(room)
    assert (reply.text, stage.order) == ("two", ["b"])
    assert books.calls[0].ended.usage == Usage(0, 0, is_exact=False)


# -- text that was shown ---------------------------------------------------------------------------

BEGUN = "The river Padma rises in the Himalayas, flows through Bengal and rea"
WHOLE = "The river Padma rises in the Himalayas, flows through Bengal and reaches the sea."


def test_a_stream_that_breaks_after_text_was_shown_is_gone_on_with():
    shown = []
    broken = fails(Failure.BROKEN_STREAM, partial=BEGUN)
    room, stage = world(A, B, a=broken, b=says("reaches the sea."))
    reply = generate(room, show=shown.append)
    assert (reply.text, reply.begun_by, reply.endpoint) == (WHOLE, ("a",), "b")
    assert shown == [BEGUN, WHOLE]
    assert stage.asked[1][2].messages[1].content == BEGUN.removesuffix(" rea")


def test_two_breaks_in_a_row_are_joined_too():
    first = fails(Failure.BROKEN_STREAM, partial=BEGUN)
    second = fails(Failure.TIMEOUT, partial="reaches")
    room, _ = world(A, B, C, a=first, b=second, c=says("reaches the sea."))
    reply = generate(room)
    assert (reply.text, reply.begun_by) == (WHOLE, ("a", "b"))


def test_where_nobody_can_go_on_the_answer_says_that_it_was_cut():
    broken = fails(Failure.BROKEN_STREAM, partial=BEGUN, retry_after=99)
    room, _ = world(A, B, a=broken, b=fails(Failure.MISSING_MODEL))
    reply = generate(room)
    assert (reply.text, reply.finish, reply.endpoint) == (BEGUN, Finish.CUT, "a")
    assert [each.endpoint for each in reply.tried] == ["a", "b"]


def test_the_next_place_is_told_what_was_said_but_never_of_private_text():
    broken = fails(Failure.BROKEN_STREAM, partial=BEGUN)
    room, _ = world(replace(A, is_mine=True), a=broken)
    with pytest.raises(Unavailable) as caught:
        generate(room, is_last=False)
    assert (caught.value.params["said"], caught.value.params["begun_by"]) == (BEGUN, ["a"])
    other, _ = world(B, b=says("reaches the sea."))
    assert generate(other, said=BEGUN).text == WHOLE
    room, _ = world(replace(A, is_mine=True), a=broken)
    with pytest.raises(Unavailable) as caught:
        generate(room, is_last=False, label=Label.PRIVATE)
    assert "said" not in caught.value.params


def test_one_whose_window_the_longer_prompt_does_not_fit_is_not_asked_to_go_on():
    broken = fails(Failure.BROKEN_STREAM, partial=BEGUN)
    narrow = replace(B, context=140)
    room, stage = world(A, narrow, C, a=broken, b=says("x"), c=says("reaches the sea."))
    assert generate(room).text == WHOLE
    assert stage.order == ["a", "c"]


# -- law 5 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("urgency", ["normal", "high"])
def test_sensitive_text_is_stopped_at_the_last_door_also_in_a_race(urgency):
    wish = Wish(urgency, is_sensitive=True)
    failing = fails(Failure.SERVER, retry_after=99)
    room, stage = world(A, MINE, B, mine=failing)
    with pytest.raises(Unavailable, match="models-failed"):
        generate(room, request=replace(REQUEST, wish=wish))
    assert stage.order == ["mine"]


def test_what_the_owner_has_released_goes_where_it_was_said_to_go():
    room, stage = world(A, B, a=fails(Failure.SERVER), b=says("fine"))
    request = replace(REQUEST, label=Label.PRIVATE, wish=Wish(is_sensitive=True))
    args = Generate(request, ("a", "b"))
    reply = run_step("llm.generate_released", room, args, label=Label.PRIVATE)
    assert (reply.text, stage.order) == ("fine", ["a", "b"])


# -- hedging ---------------------------------------------------------------------------------------


def hedged(room, after_s=0.01):
    return replace(room, weights=replace(room.weights, hedge_s=after_s))


def test_urgent_work_has_a_second_candidate_and_the_loser_is_cancelled_and_settled():
    books = FakeBooks(SystemClock())
    room, stage = world(A, B, books=books, a=hangs, b=says("quick"))
    reply = generate(hedged(room), request=URGENT)
    assert (reply.text, reply.endpoint, stage.order) == ("quick", "b", ["a", "b"])
    assert [(each.endpoint, each.failure) for each in reply.tried] == [("a", Failure.TIMEOUT)]
    outcomes = {each.planned.endpoint.name: each.ended.outcome for each in books.calls}
    assert outcomes == {"a": "stopped", "b": "answered"}
    assert room.pool.standing(A).readiness is Readiness.READY
    assert room.pool.paces.pace("a").busy == 0


def test_only_urgent_work_is_hedged_and_only_when_the_first_is_slow():
    room, stage = world(A, B, a=says("first"), b=says("second"))
    generate(hedged(room, 60.0), request=URGENT)
    assert stage.order == ["a"]
    cancel = CancelToken()
    room, stage = world(A, B, a=hangs, b=says("second"))
    threading.Timer(0.1, cancel.set).start()
    assert generate(hedged(room), cancel=cancel).finish is Finish.STOPPED
    assert stage.order == ["a"]


def test_the_second_is_asked_after_the_p95_of_the_first():
    room, stage = world(A, B, a=hangs, b=says("quick"))
    for _ in range(10):
        room.pool.paces.began_to_answer("a", 0.01)
    assert generate(hedged(room, 999.0), request=URGENT).text == "quick"
    assert stage.order == ["a", "b"]


def test_when_one_of_a_race_fails_the_other_is_waited_for_and_then_the_third():
    def fails_late(endpoint, request, on_text, cancel):
        assert other_began.wait(WAIT_S)
        raise ModelFailed(Failure.SERVER, detail="late")

    def second(endpoint, request, on_text, cancel):
        other_began.set()
        raise ModelFailed(Failure.SERVER, detail="too")

    other_began = threading.Event()
    room, stage = world(A, B, C, a=fails_late, b=second, c=says("third"))
    reply = generate(hedged(room), request=URGENT)
    assert (reply.text, stage.order) == ("third", ["a", "b", "c"])
    assert sorted(each.endpoint for each in reply.tried) == ["a", "b"]


def test_a_stop_ends_both_of_a_race():
    cancel = CancelToken()
    books = FakeBooks(SystemClock())

    def second(endpoint, request, on_text, asked_to_stop):
        cancel.set()
        return hangs(endpoint, request, on_text, asked_to_stop)

    room, _ = world(A, B, books=books, a=hangs, b=second)
    reply = generate(hedged(room), request=URGENT, cancel=cancel)
    assert reply.finish is Finish.STOPPED
    assert all(each.ended is not None for each in books.calls)


# -- the cache -------------------------------------------------------------------------------------


def cached_world(life_s=60.0):
    clock = ManualClock()
    books = FakeBooks(clock)
    room, stage = world(A, B, books=books, clock=clock, a=says("fine"), b=says("other"))
    return replace(room, cache=ReplyCache(clock, life_s)), stage, books, clock


def test_the_same_open_request_is_answered_from_the_cache_and_counted():
    room, stage, books, clock = cached_world()
    shown = []
    generate(room)
    clock.advance(59)
    reply = generate(room, show=shown.append)
    assert (reply.text, reply.is_cached, shown) == ("fine", True, ["fine"])
    assert len(stage.asked) == len(books.calls) == len(books.from_cache) == 1
    clock.advance(2)
    assert not generate(room).is_cached


@pytest.mark.parametrize(
    ("request_", "more"),
    [
        (replace(REQUEST, tools=(Tool("t", "t", {}),)), {}),
        (replace(REQUEST, label=Label.PRIVATE), {}),
        (REQUEST, {"label": Label.PRIVATE}),
        (replace(REQUEST, wish=Wish(is_sensitive=True)), {}),
    ],
)
def test_private_sensitive_and_tool_requests_are_never_cached(request_, more):
    room, _, books, _ = cached_world()
    room = replace(room, pool=Pool([MINE], {"openai": Stage(mine=says("x"))}, room.pool.clock))
    for _ in range(2):
        assert not generate(room, request=request_, **more).is_cached
    assert books.from_cache == []


def test_the_key_is_exact_and_off_is_off():
    room, _, _, _ = cached_world()
    generate(room)
    other = replace(REQUEST, messages=(Message("user", "hello "),))
    assert not generate(room, request=other).is_cached
    assert not generate(room, names=("b", "a")).is_cached
    room, _, _, _ = cached_world(life_s=0)
    generate(room)
    assert not generate(room).is_cached


def test_an_answer_that_was_cut_or_joined_is_not_kept():
    clock = ManualClock()
    broken = fails(Failure.BROKEN_STREAM, partial=BEGUN)
    room, _ = world(A, B, clock=clock, a=broken, b=says("reaches the sea."))
    room = replace(room, cache=ReplyCache(clock, 60.0))
    assert generate(room).text == WHOLE
    assert not generate(room).is_cached


# -- the route step --------------------------------------------------------------------------------


def test_the_route_sees_limits_money_presence_and_pins():
    paid = endpoint("paid", price=Price(9_000_000, 0))
    pc = replace(MINE, name="mine@pc", place="pc")
    books = FakeBooks(SystemClock(), most={"a": 0}, money=1, keys={"b": []})
    room, _ = world(A, B, C, paid, MINE, books=books)
    room = replace(
        room,
        elsewhere=lambda: (pc,),
        is_present=lambda place: place == "home",
        pinned=lambda run: "mine" if run.id == "r" else "",
    )
    facts = RequestFacts(prompt_tokens=10, max_output=100)
    found = run_step("llm.route", room, facts)
    assert [(each.endpoint, each.reason) for each in found.candidates] == [
        ("mine", "pinned"),
        ("c", "listed"),
    ]
    assert {each.endpoint: each.reason for each in found.ruled_out} == {
        "a": "used-up: 60",
        "b": "key-refused",
        "paid": "budget: 90",
        "mine@pc": "away: pc",
    }


def test_a_scripted_model_works_under_books_too():
    clock = ManualClock()
    script = Script((Rule(when="", reply="fine", fail=Failing(Failure.SERVER), times=1),))
    scripted = Endpoint("scripted", "scripted", "practice", is_mine=True)
    pool = Pool([scripted], {"scripted": ScriptedChat(script)}, clock)
    room = Room(pool, books=FakeBooks(clock))
    with pytest.raises(Unavailable):
        generate(room, is_last=False)
    assert pool.standing(scripted).in_a_row == 1


def test_a_rival_that_fails_before_its_turn_comes_is_left_alone():
    room, stage = world(A, B, C, a=hangs, b=says("ill"), c=says("well"))
    ill = threading.Thread(
        target=lambda: room.pool.failed(B, ModelFailed(Failure.SERVER), room.pool.clock.now())
    )

    def a(endpoint, request, on_text, cancel):
        ill.start()
        return hangs(endpoint, request, on_text, cancel)

    stage.parts["a"] = a
    assert generate(hedged(room, 0.3), request=URGENT).text == "well"
    assert stage.order == ["a", "c"]


def test_who_waits_for_another_callers_probe_is_answered_when_it_ends_well():
    """One call finds out; the others wait for it as long as an answer may wait."""
    room, stage = world(A, a=fails(Failure.SERVER, retry_after=0.05))
    with pytest.raises(Unavailable):
        generate(room, is_last=False)
    wait_until(lambda: room.pool.standing(A).readiness is Readiness.READY)
    began = threading.Event()

    def probes(endpoint, request, on_text, cancel):
        began.set()
        assert not threading.Event().wait(0.3)
        return Reply("found", "a", "home")

    stage.parts["a"] = probes
    found = []
    first = threading.Thread(target=lambda: found.append(generate(room).text))
    first.start()
    assert began.wait(WAIT_S)
    assert generate(room).text == "found"
    first.join(WAIT_S)
    assert found == ["found"]
