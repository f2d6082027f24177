"""A machine that dies while it has work: what the run waits for then, and what becomes of the work
when the machine is back."""

from __future__ import annotations

import pytest

from core.monitor.places import WaitingPlaces
from core.runs.exchange_nodes import Nodes
from core.runs.exchange_nodes_away import AwayWork
from core.runs.model import RunState, StepState, Waiting
from tests.integration.gate_world import HOME, NODE, Call, World, made, many, one

#: Longer than a hello counts.
GONE_S = 66


@pytest.fixture
def world(tmp_path_factory):
    with made(tmp_path_factory) as world:
        world.node_works()  # a hello: the machine is there
        world.home_posts()
        yield world


def look(world: World) -> int:
    places = Nodes(world.home_db, world.clock)
    return AwayWork(world.home_db, places, world.parallel.settle).look()


def given(world: World, plan, **more) -> str:
    """A run whose order is on its way to a machine that is there."""
    run_id = world.start(plan, **more)
    world.home_works()
    world.home_posts()
    assert world.run(run_id).waiting is Waiting.STEP
    return run_id


def die(world: World) -> None:
    world.broker.deliver(NODE, lambda _text: None)  # nobody takes what lies in its queue
    world.clock.advance(GONE_S)


def come_back(world: World) -> None:
    world.restart_node()
    world.settle()


def test_a_run_waits_for_the_machine_that_died_with_its_order(world) -> None:
    run_id = given(world, one(place=NODE))
    assert look(world) == 0
    die(world)
    assert look(world) == 1
    run = world.run(run_id)
    assert (run.waiting, run.waiting_for) == (Waiting.PLACE, NODE)
    assert look(world) == 0


def test_the_next_of_its_lane_begins_then(world) -> None:
    given(world, one(place=NODE), lane="chat:1")
    following = world.start(one(policy="free"), lane="chat:1")
    world.home_works()
    assert world.run(following).state is RunState.READY
    die(world)
    look(world)
    world.home_works()
    assert world.run(following).state is RunState.DONE


def test_the_owner_is_told_of_the_wait(world) -> None:
    told = []
    watch = WaitingPlaces(
        world.home_db,
        world.clock,
        Nodes(world.home_db, world.clock),
        lambda _tx, notice: told.append(notice),
    )
    run_id = given(world, one(place=NODE))
    die(world)
    watch.look()
    assert told == []
    look(world)
    world.clock.advance(6)
    watch.look()
    [card] = told
    assert (card.run_id, card.params["place"]) == (run_id, NODE)


def test_what_was_to_be_prepared_is_asked_about_when_the_machine_is_back(world) -> None:
    run_id = given(world, one(place=NODE))
    die(world)
    look(world)
    come_back(world)
    [question] = world.pending()
    world.decide(question)
    world.settle()
    assert world.run(run_id).result == ["done"]
    assert [ran.approval for ran in world.ran] == [question.id]


def test_what_had_its_yes_runs_once_with_a_fresh_permit_when_the_machine_is_back(world) -> None:
    run_id = given(world, one(place=NODE))
    world.settle(2)
    [question] = world.pending()
    world.decide(question)
    world.home_works()
    die(world)
    assert look(world) == 1
    assert world.run(run_id).waiting is Waiting.PLACE
    come_back(world)
    look(world)
    world.settle()
    assert world.run(run_id).result == ["done"]
    assert [ran.approval for ran in world.ran] == [question.id]
    assert world.rows(run_id)["0"].attempts == 3  # prepared, refused for the former boot, performed


def test_what_the_machine_had_taken_before_it_died_is_not_sent_a_second_time(world) -> None:
    run_id = given(world, one("read", NODE, "free"))
    world.broker.deliver(NODE, world.node.receive)  # accepted, and not begun
    world.node.post.relay(world.clock.now())
    world.home_posts()
    die(world)
    look(world)
    come_back(world)
    assert world.run(run_id).result == ["done"]
    assert len(world.ran) == 1
    assert world.rows(run_id)["0"].attempts == 2  # prepared, performed


def test_a_machine_that_is_back_and_at_work_is_not_waited_for_any_more(world) -> None:
    seen = []

    def at_work(_ctx, _args) -> None:
        world.home_posts()  # its hello
        seen.append((look(world), world.run(run_id).waiting))

    run_id = given(world, one("read", NODE, "free"))
    die(world)
    look(world)
    world.preparing = at_work
    world.restart_node()
    world.node_works()
    world.clock.advance(7)
    world.home_posts()
    world.node_works()
    assert seen == [(1, Waiting.STEP)]
    assert look(world) == 0


def test_while_something_goes_on_at_home_the_run_holds_its_lane(world) -> None:
    run_id = world.start(many(Call("read", NODE, "free"), Call("plain", HOME, "free")))
    world.engine.advance(run_id)  # the one is sent, the other not begun
    die(world)
    look(world)
    assert world.run(run_id).waiting is Waiting.STEP


def test_with_an_open_question_it_is_the_owners_turn(world) -> None:
    calls = [Call("once", HOME, "asked"), Call("read", NODE, "free")]
    run_id = given(world, many(*calls))
    die(world)
    look(world)
    assert world.run(run_id).waiting is Waiting.OWNER
    come_back(world)
    assert world.rows(run_id)["0.1"].state is StepState.DONE


def test_of_two_machines_that_are_away_the_one_that_stays_away_is_named(world) -> None:
    keys = world.home_keys.public
    with world.home_db.write() as tx:
        places = Nodes(world.home_db, world.clock)
        places.register(tx, "laptop", keys.sign, keys.seal, is_mine=True)
    run_id = given(world, many(Call("plain", NODE, "free"), Call("plain", "laptop", "free")))
    die(world)
    look(world)
    assert world.run(run_id).waiting_for == NODE
    come_back(world)
    assert world.rows(run_id)["0.0"].state is StepState.DONE
    run = world.run(run_id)
    assert (run.waiting, run.waiting_for) == (Waiting.PLACE, "laptop")


def test_a_stopped_run_is_left_to_its_end(world) -> None:
    run_id = given(world, one(place=NODE))
    die(world)
    world.cancel(run_id)
    look(world)
    world.home_works()
    assert world.run(run_id).state is RunState.CANCELLED
    come_back(world)
    assert world.ran == []
    assert world.questions() == []
