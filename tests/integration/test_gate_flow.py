"""How one gated step travels, at home and at a node: asked, answered, admitted, told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.runs import exchange_bodies
from core.runs.gate_fakes import ScriptedAsking
from core.runs.model import RunState, StepState, Waiting
from core.runs.ports import Verdict
from tests.integration.gate_world import HOME, NODE, Call, Plan, World, made, many, one


@pytest.fixture
def world(tmp_path_factory):
    with made(tmp_path_factory) as world:
        yield world


def asked(world: World, plan: Plan, **more):
    """A run that has come as far as its questions."""
    run_id = world.start(plan, **more)
    world.settle(3)
    return run_id, world.pending()


PLACES = [HOME, NODE]


# -- the word of the owner -----------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_after_a_yes_it_runs_once_with_its_permit(world, place) -> None:
    run_id, [question] = asked(world, one(place=place))
    assert world.run(run_id).waiting is Waiting.OWNER
    assert world.ran == []
    world.decide(question)
    world.settle()
    assert world.run(run_id).result == ["done"]
    [ran] = world.ran
    assert (ran.approval, ran.digest, ran.is_used) == (question.id, question.digest, True)
    [told] = world.questions()
    assert told.outcome == {"state": "done", "error": None}


@pytest.mark.parametrize("place", PLACES)
def test_after_a_no_it_never_runs_and_the_workflow_hears_it(world, place) -> None:
    run_id, [question] = asked(world, one(place=place))
    world.decide(question, yes=False)
    world.settle()
    assert world.run(run_id).result == ["refused"]
    assert world.rows(run_id)["0"].error["code"] == "owner-denied"
    assert world.ran == []


@pytest.mark.parametrize("place", PLACES)
def test_a_yes_that_grew_old_is_prepared_and_asked_anew(world, place) -> None:
    run_id, [first] = asked(world, one(place=place))
    world.clock.advance(1)
    with world.home_db.write() as tx:
        world.asking.decide(tx, first.id, yes=True)
        world.asking.lapse(tx, first.id)
    world.settle()
    [second] = world.pending()
    assert second.id != first.id
    assert world.ran == []
    world.decide(second)
    world.settle()
    assert world.run(run_id).result == ["done"]
    assert [ran.approval for ran in world.ran] == [second.id]


@pytest.mark.parametrize("place", PLACES)
def test_a_yes_that_always_lapses_is_given_up_and_not_asked_for_ever(world, place) -> None:
    class Forgetful(ScriptedAsking):
        def verdict(self, tx, step):
            return Verdict("lapsed")

    world.asking = Forgetful(world.home_db, world.clock, world.hints, world.boots)
    world.restart_home()
    run_id = world.start(one(place=place))
    world.settle(60)
    assert world.run(run_id).result == ["refused"]
    assert world.rows(run_id)["0"].error["code"] == "asked-too-often"
    assert world.ran == []


@pytest.mark.parametrize("place", PLACES)
def test_what_changed_after_the_question_does_not_run(world, place) -> None:
    run_id, [question] = asked(world, one(place=place))
    world.changed = 1
    world.decide(question)
    world.settle()
    assert world.run(run_id).result == ["refused"]
    assert world.rows(run_id)["0"].error["code"] == "action-changed"
    assert world.ran == []
    assert world.questions()[0].outcome["state"] == "refused"


@pytest.mark.parametrize("place", PLACES)
def test_what_needs_no_yes_but_changed_meanwhile_does_not_run_either(world, place) -> None:
    calls = []

    def change(_ctx, _args) -> None:
        calls.append(1)
        world.changed = len(calls)

    world.preparing = change
    run_id = world.start(one(place=place, policy="free"))
    world.settle()
    assert world.run(run_id).result == ["refused"]
    assert world.ran == []


def test_a_stop_withdraws_the_questions_and_a_later_yes_starts_nothing(world) -> None:
    calls = [Call("once", HOME, "asked"), Call("once", NODE, "asked")]
    run_id, questions = asked(world, many(*calls))
    world.cancel(run_id)
    world.settle()
    assert world.run(run_id).state is RunState.CANCELLED
    assert [each.outcome["state"] for each in world.questions()] == ["withdrawn", "withdrawn"]
    assert not any(world.decide(question) for question in questions)
    world.settle()
    assert world.ran == []


def test_a_stop_after_the_yes_and_before_the_start_starts_nothing(world) -> None:
    run_id, [question] = asked(world, one())
    world.preparing = lambda _ctx, _args: world.cancel(run_id)
    world.decide(question)
    world.settle()
    assert world.run(run_id).state is RunState.CANCELLED
    assert world.ran == []


# -- lanes, lists ---------------------------------------------------------------------------------


def test_an_asked_run_frees_its_lane_and_its_answer_still_comes(world) -> None:
    first, [question] = asked(world, one(), lane="chat:1")
    second = world.start(one(policy="free"), lane="chat:1")
    world.settle()
    assert world.run(second).state is RunState.DONE
    world.decide(question)
    world.settle()
    assert world.run(first).state is RunState.DONE


def test_two_asked_elements_are_two_questions_and_the_others_go_on(world) -> None:
    calls = [Call("once", HOME, "asked"), Call("once", NODE, "asked"), Call("read", HOME, "free")]
    run_id, questions = asked(world, many(*calls))
    assert sorted(question.position for question in questions) == ["0.0", "0.1"]
    assert [ran.position for ran in world.ran] == ["0.2"]
    assert world.run(run_id).waiting is Waiting.OWNER


@pytest.mark.parametrize("position", ["0.0", "0.1"])
def test_a_decided_element_runs_without_waiting_for_its_siblings(world, position) -> None:
    calls = [Call("once", HOME, "asked"), Call("once", NODE, "asked")]
    run_id, questions = asked(world, many(*calls))
    [mine] = [question for question in questions if question.position == position]
    world.decide(mine)
    world.settle()
    assert [ran.position for ran in world.ran] == [position]
    assert world.rows(run_id)[position].state is StepState.DONE
    assert world.run(run_id).waiting is Waiting.OWNER
    for question in world.pending():
        world.decide(question, yes=False)
    world.settle()
    assert world.run(run_id).state is RunState.DONE


def test_while_an_element_goes_on_the_run_holds_its_lane(world) -> None:
    seen = []
    run_id = world.start(many(Call("once", HOME, "asked"), Call("plain", HOME, "free")))
    world.during = lambda _ctx, _args: seen.append(world.run(run_id).waiting)
    world.beat()
    assert seen == [Waiting.STEP]
    assert world.run(run_id).waiting is Waiting.OWNER


def test_the_hint_of_a_yes_may_be_lost(world) -> None:
    calls = [Call("once", HOME, "asked"), Call("once", HOME, "asked")]
    run_id, questions = asked(world, many(*calls))
    for question in questions:
        world.decide(question)
    world.hints.runs.clear()
    for _ in range(4):
        world.clock.advance(2)
        world.sweep()
        world.hints.runs.clear()
        world.hints.steps.clear()
    assert world.run(run_id).result == [["done", "done"]]


# -- nodes ----------------------------------------------------------------------------------------


def test_a_place_that_is_away_is_waited_for_before_any_question(world) -> None:
    run_id = world.start(one(place=NODE))
    world.home_works()
    world.home_posts()
    assert world.run(run_id).waiting is Waiting.PLACE
    assert world.run(run_id).waiting_for == NODE
    assert world.questions() == []
    world.settle(3)
    assert world.run(run_id).waiting is Waiting.OWNER


@pytest.mark.parametrize("policy", ["home_asks", "node_asks"])
def test_the_stricter_of_home_and_node_decides(world, policy) -> None:
    run_id, [question] = asked(world, one(place=NODE, policy=policy))
    assert world.ran == []
    world.decide(question)
    world.settle()
    assert world.run(run_id).result == ["done"]


def test_a_node_that_starts_anew_between_question_and_yes_takes_a_fresh_permit(world) -> None:
    run_id, [question] = asked(world, one(place=NODE))
    world.restart_node()
    world.decide(question)
    world.settle()
    assert world.run(run_id).result == ["done"]
    assert [ran.approval for ran in world.ran] == [question.id]


def test_a_permit_for_a_former_boot_is_refused_and_asked_for_again(world) -> None:
    run_id, [question] = asked(world, one(place=NODE))
    world.decide(question)
    world.home_works()
    world.restart_node()  # the order with the old permit is on its way
    world.settle()
    row = world.rows(run_id)["0"]
    assert row.attempts == 3  # prepared, refused, performed
    assert world.run(run_id).result == ["done"]
    assert len(world.ran) == 1


def test_a_node_whose_guard_changed_its_mind_is_judged_anew(world) -> None:
    run_id = world.start(one(place=NODE, policy="free"))
    world.home_works()
    world.home_posts()
    world.node_works()  # a hello
    world.home_posts()
    world.node_works()  # prepared: free
    world.node_guard.gates["free"] = world.node_guard.gates["asked"]
    world.settle()
    assert world.ran == []
    [question] = world.pending()
    world.decide(question)
    world.settle()
    assert world.run(run_id).result == ["done"]


@pytest.mark.parametrize("named", [None, "0" * 64])
def test_a_node_performs_nothing_but_the_action_that_the_order_names(world, named) -> None:
    run_id = world.start(one(place=NODE, policy="free"))
    world.home_works()
    row, run = world.rows(run_id)["0"], world.run(run_id)
    forged = exchange_bodies.order(run, replace(row, attempts=7), "perform", None)
    with world.home_db.write() as tx:
        world.results.ask(tx, NODE, {**forged, "action": named})
    world.home_posts()
    world.node_works()
    world.home_posts()
    world.node_works()
    assert world.ran == []


@pytest.mark.parametrize("kind", ["once", "read"])
def test_a_place_that_stayed_away_may_have_run_what_must_not_be_repeated(world, kind) -> None:
    run_id, [question] = asked(world, one(kind, NODE))
    world.decide(question)
    world.home_works()
    with world.home_db.write() as tx:
        world.parallel.on_given_up(tx, run_id, "0", NODE)
    world.home_works()
    assert world.run(run_id).result == ["unknown" if kind == "once" else "failed"]
    assert world.questions()[0].outcome["error"]["code"] == "place-stayed-away"
