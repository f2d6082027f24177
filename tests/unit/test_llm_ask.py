"""The sub-workflow `ask`, driven by hand as the engine drives it: values travel as JSON."""

from __future__ import annotations

import pytest

from core.errors import Refused, Unavailable
from core.llm.ask import ask
from core.llm.failover import models_failed
from core.llm.model import (
    Attempt,
    Candidate,
    Failure,
    Generate,
    Message,
    Reply,
    Request,
    RequestFacts,
    Route,
)
from core.llm.steps import Made, release
from core.runs.codec import decode, encode
from core.runs.model import Label, Outcome, StepFailed, StepState

REQUEST = Request(messages=(Message("user", "hello"),))
HOME_A, HOME_B = Candidate("groq/a", "home", "listed"), Candidate("groq/b", "home", "listed")
PC, HOME_C = Candidate("ollama/c@pc", "pc", "listed"), Candidate("openai/d", "home", "listed")


def journaled(kind, value):
    return decode(kind, encode(kind, value))


def begin(request, route):
    """The workflow after its route step, and what it yields then."""
    body = ask(request)
    first = next(body)
    assert first.name == "llm.route"
    journaled(RequestFacts, first.args)
    return body, body.send(journaled(Route, route))


def failed(*attempts):
    error = models_failed(attempts).to_json()
    return StepFailed(Outcome(StepState.FAILED, error=error))


def finish(body, reply):
    """What a node has answered is put down at home first."""
    if reply.place != "home":
        call = body.send(journaled(Reply, reply))
        assert (call.name, call.place) == ("llm.book", None), "home is its own place"
        assert journaled(Made, call.args) == Made(reply.endpoint, reply.place, reply.usage)
        reply = None
    with pytest.raises(StopIteration) as stop:
        body.send(journaled(Reply, reply) if reply else None)
    return stop.value.value


def test_neighbours_at_one_place_are_one_step_there():
    body, call = begin(REQUEST, Route((HOME_A, HOME_B, PC, HOME_C)))
    assert (call.name, call.place) == ("llm.generate", "home")
    args = journaled(Generate, call.args)
    assert args == Generate(REQUEST, ("groq/a", "groq/b"), is_last=False)
    reply = Reply("hi", "groq/b", "home", tried=(Attempt("groq/a", Failure.LIMITED, "429", 7.0),))
    assert finish(body, reply) == reply


def test_the_next_place_is_the_next_step_and_every_failure_is_kept():
    body, _ = begin(REQUEST, Route((HOME_A, PC, HOME_C)))
    first = Attempt("groq/a", Failure.TIMEOUT, "first token: over 30 s")
    call = body.throw(failed(first))
    assert (call.place, call.args.candidates, call.args.is_last) == ("pc", ("ollama/c@pc",), False)
    second = Attempt("ollama/c@pc", Failure.MISSING_MODEL, "ollama pull c")
    call = body.throw(failed(second))
    assert (call.place, call.args.candidates, call.args.is_last) == ("home", ("openai/d",), True)
    reply = finish(body, Reply("hi", "openai/d", "home"))
    assert reply.tried == (first, second)


def test_when_all_fail_the_error_lists_each_with_its_reason():
    body, _ = begin(REQUEST, Route((HOME_A, PC)))
    body.throw(failed(Attempt("groq/a", Failure.LIMITED, "429: slow down", 30.0)))
    with pytest.raises(Unavailable) as caught:
        body.throw(failed(Attempt("ollama/c@pc", Failure.UNREACHABLE, "refused")))
    error = caught.value
    assert error.code == "all-models-failed"
    assert error.params["reasons"] == "groq/a: limited; ollama/c@pc: unreachable"
    assert error.params["attempts"][0] == {
        "endpoint": "groq/a",
        "failure": "limited",
        "detail": "429: slow down",
    }
    assert error.retry_after == 30.0


def test_when_only_keys_were_refused_the_error_says_that_and_not_to_wait():
    body, _ = begin(REQUEST, Route((HOME_A, PC)))
    body.throw(failed(Attempt("groq/a", Failure.UNAUTHORISED, "401")))
    with pytest.raises(Unavailable) as caught:
        body.throw(failed(Attempt("ollama/c@pc", Failure.UNAUTHORISED, "401")))
    assert caught.value.code == "model-unauthorised"


def test_a_step_that_failed_for_another_reason_is_not_taken_for_a_models_failure():
    body, _ = begin(REQUEST, Route((HOME_A, PC)))
    error = Refused("place-gone", place="home").to_json()
    with pytest.raises(StepFailed) as caught:
        body.throw(StepFailed(Outcome(StepState.FAILED, error=error)))
    assert caught.value.code == "place-gone"


@pytest.mark.parametrize(
    ("label", "reasons", "kind", "code"),
    [
        (Label.PRIVATE, ("private", "not-there"), Unavailable, "no-local-model"),
        (Label.OPEN, ("private",), Unavailable, "no-local-model"),
        (Label.OPEN, ("key-refused", "not-set-up: X"), Unavailable, "model-unauthorised"),
        (Label.OPEN, ("not-set-up: X", "context: 8192"), Refused, "prompt-too-long"),
        (Label.OPEN, (), Unavailable, "no-model"),
    ],
)
def test_when_nobody_may_be_asked_the_error_says_why(label, reasons, kind, code):
    ruled_out = tuple(Candidate(f"e{n}", "home", why) for n, why in enumerate(reasons))
    body = ask(Request(messages=REQUEST.messages, label=label), may_release=False)
    next(body)
    with pytest.raises(kind) as caught:
        body.send(journaled(Route, Route((), ruled_out)))
    assert caught.value.code == code
    for why in reasons:
        assert why in caught.value.params["reasons"]


PRIVATE = Request(messages=(Message("user", "my secret"),), label=Label.PRIVATE)
CLOUD, CLOUD_B = Candidate("groq/a", "home", "private"), Candidate("groq/b", "home", "private")


def ask_the_owner(request, route):
    """The workflow as far as the question whether this request may leave."""
    body, call = begin(request, route)
    assert call.name == "llm.route"
    assert journaled(RequestFacts, call.args).released
    listed = tuple(Candidate(each.endpoint, "home", "listed") for each in route.ruled_out)
    return body, body.send(journaled(Route, Route((*route.candidates, *listed))))


def test_private_text_without_a_local_model_is_asked_about_and_goes_only_where_was_asked():
    body, call = ask_the_owner(PRIVATE, Route((), (CLOUD, CLOUD_B)))
    assert call.name == "llm.generate_released"
    assert journaled(Generate, call.args).candidates == ("groq/a", "groq/b")
    assert finish(body, Reply("hi", "groq/a", "home")).text == "hi"


def test_a_local_model_that_fails_is_tried_before_the_owner_is_asked():
    body, call = begin(PRIVATE, Route((PC,), (CLOUD,)))
    assert call.name == "llm.generate"
    call = body.throw(failed(Attempt("ollama/c@pc", Failure.UNREACHABLE)))
    assert call.name == "llm.route"
    call = body.send(journaled(Route, Route((PC, HOME_A))))
    assert journaled(Generate, call.args).candidates == ("groq/a",)
    reply = finish(body, Reply("hi", "groq/a", "home"))
    assert [each.endpoint for each in reply.tried] == ["ollama/c@pc"]


@pytest.mark.parametrize("code", ["owner-said-no", "approval-expired"])
def test_a_no_or_silence_leaves_private_text_where_it_is(code):
    body, _ = ask_the_owner(PRIVATE, Route((), (CLOUD,)))
    refused = Outcome(StepState.REFUSED, error=Refused(code).to_json())
    with pytest.raises(Unavailable) as caught:
        body.throw(StepFailed(refused))
    assert caught.value.code == "no-local-model"


def test_the_owner_is_not_asked_when_no_cloud_model_could_answer_either():
    body, call = begin(PRIVATE, Route((), (CLOUD,)))
    assert call.name == "llm.route"
    with pytest.raises(Unavailable) as caught:
        body.send(journaled(Route, Route((), (CLOUD,))))
    assert caught.value.code == "no-local-model"


AWAY = Candidate("ollama/c@pc", "pc", "away: pc")


@pytest.mark.parametrize("code", ["owner-said-no", "approval-expired"])
def test_after_a_no_private_text_waits_for_the_owners_machine_that_is_away(code):
    body, _ = ask_the_owner(PRIVATE, Route((), (CLOUD, AWAY)))
    refused = Outcome(StepState.REFUSED, error=Refused(code).to_json())
    call = body.throw(StepFailed(refused))
    assert (call.name, call.place) == ("llm.generate", "pc")
    assert journaled(Generate, call.args).candidates == ("ollama/c@pc",)
    assert finish(body, Reply("hi", "ollama/c@pc", "pc")).text == "hi"


def test_where_no_cloud_model_could_answer_it_waits_without_a_question():
    body, _ = begin(PRIVATE, Route((), (CLOUD, AWAY)))
    call = body.send(journaled(Route, Route((), (CLOUD, AWAY))))
    assert (call.name, call.place) == ("llm.generate", "pc")


def test_upkeep_neither_asks_nor_waits():
    body = ask(PRIVATE, may_release=False)
    next(body)
    with pytest.raises(Unavailable):
        body.send(journaled(Route, Route((), (CLOUD, AWAY))))


def test_the_next_place_goes_on_with_what_a_broken_stream_has_shown():
    body, _ = begin(REQUEST, Route((HOME_A, PC)))
    error = models_failed([Attempt("groq/a", Failure.BROKEN_STREAM)], "It began", ["groq/a"])
    call = body.throw(StepFailed(Outcome(StepState.FAILED, error=error.to_json())))
    assert journaled(Generate, call.args).said == "It began"
    assert finish(body, Reply("It began and ended", "c", "pc")).begun_by == ("groq/a",)


@pytest.mark.parametrize(
    ("reasons", "code", "wait_s"),
    [
        (("used-up: 3400", "used-up: 60", "no-tools"), "models-at-limit", 60),
        (("budget: 900", "no-tools"), "models-over-budget", None),
    ],
)
def test_limits_and_money_that_leave_nobody_are_named(reasons, code, wait_s):
    ruled_out = tuple(Candidate(f"e{n}", "home", why) for n, why in enumerate(reasons))
    body = ask(REQUEST)
    next(body)
    with pytest.raises(Unavailable) as caught:
        body.send(journaled(Route, Route((), ruled_out)))
    assert (caught.value.code, caught.value.retry_after) == (code, wait_s)


def test_an_open_request_is_never_turned_into_a_question():
    body = ask(REQUEST)
    next(body)
    with pytest.raises(Unavailable):
        body.send(journaled(Route, Route((), (Candidate("groq/a", "home", "key-refused"),))))


def test_what_the_owner_says_yes_to_is_exactly_the_messages_and_endpoints():
    def digest(request, names):
        return release(None, None, Generate(request, names)).digest

    one = digest(PRIVATE, ("groq/a",))
    other = Request(messages=(Message("user", "my secret "),), label=Label.PRIVATE)
    assert digest(PRIVATE, ("groq/a",)) == one
    assert len({one, digest(PRIVATE, ("groq/b",)), digest(other, ("groq/a",))}) == 3
