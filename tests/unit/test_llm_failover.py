"""One place's candidates asked in order; what the pool remembers; what private text is spared."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.clock import ManualClock, SystemClock
from core.errors import Unavailable
from core.llm import steps
from core.llm.model import (
    Endpoint,
    Failure,
    Finish,
    Generate,
    Health,
    Message,
    Readiness,
    Request,
    RequestFacts,
)
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.llm.scripted_chat import Failing, Pace, Rule, Script, ScriptedChat
from core.llm.steps import Room
from core.runs.cancel import Cancelled, CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from core.runs.steps import bind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = Request(messages=(Message("user", "hello"),))


def endpoint(provider, **more):
    return Endpoint(f"{provider}/m", provider, "m", base_url=f"http://{provider}", **more)


A, B = endpoint("groq"), endpoint("openai")
MINE = endpoint("ollama", is_mine=True)


def scripted(*rules):
    return ScriptedChat(Script(rules))


def works(text="fine"):
    return Rule(when="", reply=text)


def fails(failure, *, times=None, after=0, retry_after=None):
    failing = Failing(failure, retry_after=retry_after, after_chars=after)
    return Rule(when="", reply="broken words", fail=failing, times=times)


class Counting:
    """An adapter that counts its calls and probes."""

    def __init__(self, model, health=None):
        self.model, self.health = model, health or Health(is_up=True, models=("m",))
        self.calls, self.probes, self.models = 0, 0, []

    def chat(self, endpoint, request, *, on_text, cancel):
        self.calls += 1
        self.models.append(endpoint.model)
        return self.model.chat(endpoint, request, on_text=on_text, cancel=cancel)

    def probe(self, endpoint):
        self.probes += 1
        return self.health

    def token_limit(self, endpoint):
        return None

    def close(self):
        self.model.close()


def pool_of(clock=None, **models):
    adapters = {name: Counting(scripted(*rules)) for name, rules in models.items()}
    known = [each for each in (A, B, MINE) if each.provider in models]
    return Pool(known, adapters, clock or SystemClock()), adapters


def context(cancel=None, label=Label.OPEN, shown=None):
    run = RunRow("r", 1, "w", 1, None, RunState.RUNNING, label, NOW, NOW)
    show = (lambda _text: None) if shown is None else shown.append
    return StepContext(run, "1", cancel or CancelToken(), 60.0, show=show, label=label)


def run_step(name, room, ctx, args):
    (bound,) = (each for each in bind(steps, room) if each.spec.name == name)
    return bound.run(ctx, args)


def generate(pool, *names, ctx=None, is_last=True, request=REQUEST):
    args = Generate(request, names or tuple(each.name for each in pool.endpoints()), is_last)
    return run_step("llm.generate", Room(pool), ctx or context(), args)


def test_the_next_candidate_answers_and_the_reason_is_kept():
    pool, _ = pool_of(groq=[fails(Failure.LIMITED, retry_after=60)], openai=[works()])
    reply = generate(pool)
    assert (reply.text, reply.endpoint) == ("fine", "openai/m")
    (tried,) = reply.tried
    assert (tried.endpoint, tried.failure, tried.retry_after) == ("groq/m", Failure.LIMITED, 60)


@pytest.mark.parametrize("failure", list(Failure))
def test_every_kind_of_failure_goes_on_with_the_next(failure):
    pool, _ = pool_of(groq=[fails(failure)], openai=[works()])
    assert generate(pool).endpoint == "openai/m"


def test_text_of_a_broken_stream_is_replaced_by_the_next_candidates():
    shown = []
    pool, _ = pool_of(groq=[fails(Failure.BROKEN_STREAM, after=6)], openai=[works("whole")])
    assert generate(pool, ctx=context(shown=shown)).text == "whole"
    assert shown == ["broken", "whole"]


def test_nobody_is_called_while_it_cools_down():
    clock = ManualClock()
    pool, adapters = pool_of(
        clock, groq=[fails(Failure.LIMITED, retry_after=300)], openai=[works()]
    )
    generate(pool)
    for _ in range(3):
        clock.advance(99)
        (tried,) = generate(pool).tried
        assert tried.failure is Failure.LIMITED
    assert adapters["groq"].calls == 1
    clock.advance(4)
    generate(pool)
    assert adapters["groq"].calls == 2


def test_waits_grow_with_failures_in_a_row_and_an_answer_forgets_them():
    clock = ManualClock()
    pool, _ = pool_of(clock, groq=[fails(Failure.SERVER, times=3), works(), fails(Failure.SERVER)])
    waits = []
    for _ in range(3):
        with pytest.raises(Unavailable, match="models-failed"):
            generate(pool, is_last=False)
        waits.append(pool.standing(A).retry_after_s)
        clock.advance(waits[-1])
    assert waits == [2, 4, 8]
    generate(pool)
    assert pool.standing(A).readiness is Readiness.READY


def test_a_bad_request_cools_nobody_down():
    pool, _ = pool_of(groq=[fails(Failure.BAD_REQUEST)], openai=[works()])
    generate(pool)
    assert pool.standing(A).readiness is Readiness.READY


def test_a_refused_key_ends_every_endpoint_at_that_address():
    other = replace(A, name="groq/other", model="other")
    adapters = {
        "groq": Counting(scripted(fails(Failure.UNAUTHORISED))),
        "openai": scripted(works()),
    }
    pool = Pool([A, other, B], adapters, ManualClock())
    reply = generate(pool)
    assert [each.failure for each in reply.tried] == [Failure.UNAUTHORISED] * 2
    assert adapters["groq"].calls == 1
    assert pool.standing(other).readiness is Readiness.DEAD


def test_the_last_group_waits_for_who_comes_back_soon():
    pool, adapters = pool_of(groq=[fails(Failure.LIMITED, times=1, retry_after=0.05), works()])
    reply = generate(pool)
    assert (reply.text, len(reply.tried)) == ("fine", 1)
    assert adapters["groq"].calls == 2


def test_another_group_does_not_wait_while_somebody_else_could_answer():
    pool, adapters = pool_of(groq=[fails(Failure.LIMITED, times=1, retry_after=0.05), works()])
    with pytest.raises(Unavailable, match="models-failed"):
        generate(pool, is_last=False)
    assert adapters["groq"].calls == 1


def test_when_all_fail_every_one_is_told_with_the_shortest_wait():
    rules = {"groq": [fails(Failure.LIMITED, retry_after=90)], "openai": [fails(Failure.TIMEOUT)]}
    pool, _ = pool_of(**rules)
    with pytest.raises(Unavailable, match="models-failed") as caught:
        generate(pool)
    told = [(each["endpoint"], each["failure"]) for each in caught.value.params["attempts"]]
    assert told == [("groq/m", "limited"), ("openai/m", "timeout")]
    assert caught.value.retry_after == 90


def test_a_cancel_during_the_wait_ends_it():
    pool, _ = pool_of(groq=[fails(Failure.LIMITED, retry_after=10)])
    cancel = CancelToken()
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(Cancelled):
        generate(pool, ctx=context(cancel))


def test_a_cancel_in_the_middle_returns_what_had_arrived():
    slow = Rule(when="", reply="some words", pace=Pace(per_piece_s=20, piece_chars=4))
    pool, adapters = pool_of(groq=[slow], openai=[works()])
    cancel = CancelToken()
    reply = generate(pool, ctx=context(cancel, shown=_Trigger(cancel)))
    assert (reply.finish, reply.text) == (Finish.STOPPED, "some")
    assert adapters["openai"].calls == 0


class _Trigger(list):
    def __init__(self, cancel):
        super().__init__()
        self.cancel = cancel

    def append(self, text):
        super().append(text)
        self.cancel.set()


@pytest.mark.parametrize("where", ["request", "run"])
def test_private_text_is_stopped_at_the_last_door_too(where):
    pool, adapters = pool_of(groq=[works()], ollama=[fails(Failure.SERVER, retry_after=99)])
    label = Label.PRIVATE
    request = replace(REQUEST, label=label) if where == "request" else REQUEST
    ctx = context(label=label) if where == "run" else context()
    with pytest.raises(Unavailable, match="models-failed"):
        generate(pool, "groq/m", "ollama/m", ctx=ctx, request=request)
    assert adapters["groq"].calls == 0
    assert adapters["ollama"].calls == 1


def test_an_endpoint_that_is_gone_is_passed_over():
    pool, _ = pool_of(groq=[works()])
    reply = generate(pool, "vanished", "groq/m")
    assert (reply.endpoint, reply.tried[0].failure) == ("groq/m", Failure.NOT_SET_UP)


def test_an_endpoint_without_its_key_is_not_set_up():
    pool = Pool([replace(A, missing="GROQ_API_KEY")], {"groq": scripted(works())}, ManualClock())
    with pytest.raises(ModelFailed) as caught:
        pool.chat(pool.endpoints()[0], REQUEST, on_text=print, cancel=CancelToken())
    assert caught.value.failure is Failure.NOT_SET_UP
    assert "GROQ_API_KEY" in caught.value.detail


def test_the_route_takes_the_runs_label_and_the_owners_order():
    pool, _ = pool_of(groq=[works()], openai=[works()], ollama=[works()])
    elsewhere = replace(MINE, name="ollama/m@pc", place="pc")
    room = Room(pool, preference=lambda: ("openai/m",), elsewhere=lambda: (elsewhere,))
    found = run_step("llm.route", room, context(), RequestFacts())
    assert [each.endpoint for each in found.candidates][:2] == ["openai/m", "groq/m"]
    found = run_step("llm.route", room, context(label=Label.PRIVATE), RequestFacts())
    assert [(each.endpoint, each.place) for each in found.candidates] == [
        ("ollama/m", "home"),
        ("ollama/m@pc", "pc"),
    ]


ASSUMED = replace(MINE, is_assumed=True, guesses_model=True)


def assumed_pool(health, clock=None):
    adapters = {"ollama": Counting(scripted(works()), health)}
    pool = Pool([ASSUMED], adapters, clock or ManualClock())
    return pool, adapters["ollama"]


def test_an_assumed_address_counts_only_while_a_probe_finds_it():
    pool, _ = assumed_pool(Health(is_up=False, detail="unreachable: refused"))
    assert pool.standings()["ollama/m"].readiness is Readiness.ABSENT
    pool, _ = assumed_pool(Health(is_up=True, models=("m",)))
    assert pool.standings()["ollama/m"].readiness is Readiness.READY


def test_where_nobody_named_a_model_an_installed_one_is_taken():
    installed = ("nomic-embed-text:latest", "gpt-oss:120b-cloud", "llama3.2:latest", "other:1b")
    pool, adapter = assumed_pool(Health(is_up=False, detail="missing-model", models=installed))
    assert pool.standings()["ollama/llama3.2:latest"].readiness is Readiness.READY
    reply = generate(pool, "ollama/llama3.2:latest")
    assert reply.endpoint == "ollama/llama3.2:latest"
    assert adapter.models == ["llama3.2:latest"]


def test_probes_are_shared_for_half_a_minute():
    clock = ManualClock()
    pool, adapter = assumed_pool(Health(is_up=True, models=("m",)), clock)
    for _ in range(3):
        (line,) = pool.health()
        assert line.is_up
        clock.advance(9)
    assert adapter.probes == 1
    clock.advance(9)
    pool.health()
    assert adapter.probes == 2
    pool.close()


def test_status_shows_what_is_missing_and_what_is_refused():
    adapters = {"groq": scripted(fails(Failure.UNAUTHORISED)), "openai": scripted(works())}
    pool = Pool([A, replace(B, missing="OPENAI_API_KEY")], adapters, ManualClock())
    with pytest.raises(Unavailable, match="models-failed"):
        generate(pool, "groq/m")
    groq, openai = pool.health()
    assert (groq.is_up, groq.standing.readiness) == (False, Readiness.DEAD)
    assert (openai.is_up, openai.detail) == (False, "not-set-up: OPENAI_API_KEY")
    pool.close()
