"""Labels that rise, what a rented home may see, actions that lie, and halts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.db import canonical
from core.errors import Refused
from core.runs import actions, exchange_epochs
from core.runs.exchange_answers import LEFT
from core.runs.exchange_bodies import Prepared
from core.runs.exchange_halts import HaltReader, HaltWriter, MemoryBoard
from core.runs.exchange_results import NodeResult
from core.runs.model import Gate, Label, RunState, StepState
from core.runs.ports import Judgement
from core.seal import Context
from tests.integration.gate_world import HOME, NODE, Call, Plan, World, made, many, one

PLACES = [HOME, NODE]


@pytest.fixture
def world(tmp_path_factory):
    with made(tmp_path_factory) as world:
        yield world


@pytest.fixture
def rented(tmp_path_factory):
    """Home is a rented machine, the node is the owner's."""
    with made(tmp_path_factory, home_is_mine=False) as world:
        yield world


def decided(world: World, plan: Plan, **more) -> str:
    """A run whose questions were all answered with yes, and nothing has happened since."""
    run_id = world.start(plan, **more)
    world.settle(3)
    for question in world.pending():
        world.decide(question)
    return run_id


# -- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "read", "local"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("listed", [False, True])
def test_a_step_that_read_something_private_makes_the_run_private(
    world, kind, place, listed
) -> None:
    private = Call(kind, place, "free", private=True)
    first = (private, Call("plain", HOME, "free")) if listed else (private,)
    seen = []
    world.during = lambda ctx, args: seen.append((args.what, ctx.label))
    run_id = world.start(Plan((first, (Call("plain", HOME, "free"),))))
    world.settle()
    assert world.run(run_id).state is RunState.DONE
    assert world.run(run_id).label is Label.PRIVATE
    assert dict(seen)["1-0"] is Label.PRIVATE


def test_a_run_never_becomes_less_private(world) -> None:
    run_id = world.start(one("plain"), label=Label.PRIVATE)
    world.settle()
    assert world.run(run_id).label is Label.PRIVATE


def test_the_question_is_as_private_as_what_was_read_to_ask_it_and_the_run_is_not(world) -> None:
    labels = []
    ask = world.asking.ask

    def noted(tx, run, step, judgement) -> None:
        labels.append(run.label)
        ask(tx, run, step, judgement)

    world.asking.ask = noted

    def read(ctx, _args) -> None:
        ctx.label = Label.PRIVATE

    world.preparing = read
    run_id = world.start(one())
    world.settle(2)
    assert labels == [Label.PRIVATE]
    assert world.run(run_id).label is Label.OPEN


# -- what a rented home may see -------------------------------------------------------------------


def test_a_rented_home_gets_the_action_and_of_the_preview_only_facts(rented) -> None:
    run_id = rented.start(one(place=NODE), label=Label.PRIVATE)
    rented.settle(3)
    [question] = rented.pending()
    action = rented.rows(run_id)["0"].action
    assert action["preview"] == {"size_bytes": 7, "path": "a/b", LEFT: ["diff"]}
    rented.decide(question)
    rented.settle()
    row = rented.rows(run_id)["0"]
    assert row.state is StepState.DONE
    assert set(row.outcome) == {"blob"}


def test_an_owners_own_home_sees_the_whole_preview(world) -> None:
    run_id = world.start(one(place=NODE), label=Label.PRIVATE)
    world.settle(3)
    assert "diff" in world.rows(run_id)["0"].action["preview"]


@pytest.mark.parametrize("home_is_mine", [True, False])
def test_a_long_action_travels_as_a_blob(tmp_path_factory, home_is_mine) -> None:
    with made(tmp_path_factory, home_is_mine=home_is_mine) as world:
        world.changed = "ব" * 15_000
        run_id = world.start(one(place=NODE), label=Label.PRIVATE)
        world.settle()
        [question] = world.pending()
        world.decide(question)
        world.settle()
        assert world.rows(run_id)["0"].state is StepState.DONE


# -- halts ----------------------------------------------------------------------------------------


def test_an_epoch_is_told_on_the_board_although_no_run_is_halted(world) -> None:
    board = MemoryBoard()
    writer = HaltWriter(world.home, board)
    reader = HaltReader(world.node, board, world.steps.halt)
    assert writer.write() == 0
    assert board.records == {}
    with world.home_db.write() as tx:
        assert exchange_epochs.raise_all(tx) == [NODE]
        assert exchange_epochs.raise_epoch(tx, NODE) == 2
    writer.write()
    reader.look()
    with world.node_db.read() as tx:
        assert exchange_epochs.epoch_of(tx, HOME) == 2
    old = board.records[NODE]
    world.clock.advance(601)
    board.records.clear()
    writer.write()
    assert board.records == {}
    board.records[NODE] = old
    with world.node_db.write() as tx:
        exchange_epochs.raise_epoch(tx, HOME, 5)
    HaltReader(world.node, board, world.steps.halt).look()
    with world.node_db.read() as tx:
        assert exchange_epochs.epoch_of(tx, HOME) == 5  # an old record lowers nothing
    with world.node_db.write() as tx:
        assert exchange_epochs.raise_epoch(tx, HOME, 3) == 5


@pytest.mark.parametrize("epoch", [-1, 2**31, True, "1", None, 1.0])
def test_an_epoch_that_is_none_is_refused_whoever_signed_it(world, epoch) -> None:
    fields = {"v": 2, "to": NODE, "runs": [], "epoch": epoch}
    signature = world.home_keys.sign(Context.HALT, canonical(fields).encode())
    board = MemoryBoard()
    board.records[NODE] = canonical({**fields, "sig": signature.hex()})
    with pytest.raises(Refused, match="halt-shape"):
        HaltReader(world.node, board, world.steps.halt).look()


def test_a_stopped_run_is_not_performed_by_an_order_that_arrives_later(world) -> None:
    run_id = decided(world, many(Call("once", NODE, "asked")))
    world.home_works()
    world.home_posts()
    with world.node_db.write() as tx:
        world.steps.halt(tx, run_id)
    world.settle()
    assert world.ran == []


def test_a_run_that_is_stopped_while_its_node_prepares_again_does_not_begin(world) -> None:
    run_id = decided(world, one(place=NODE))

    def halted(_ctx, _args) -> None:
        with world.node_db.write() as tx:
            world.steps.halt(tx, run_id)

    world.preparing = halted
    world.settle()
    assert world.ran == []
    assert world.rows(run_id)["0"].error["code"] == "cancelled"


# -- actions that are not one thing ---------------------------------------------------------------

LIES = {
    "digest": lambda action: replace(action, digest="0" * 64),
    "spelling": lambda action: replace(action, canonical=action.canonical.replace(":", ": ")),
    "place": lambda _action: actions.make("asked", "elsewhere", undo="none", preview={}),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("place", PLACES)
def test_an_action_that_is_not_what_it_says_is_never_shown_and_never_runs(
    world, place, lie
) -> None:
    world.lie = LIES[lie]
    run_id = world.start(one(place=place))
    world.settle()
    assert world.run(run_id).result in (["failed"], ["refused"])
    assert world.questions() == []
    assert world.ran == []


@pytest.mark.parametrize("lie", LIES)
def test_home_believes_no_node_that_shows_one_thing_and_signs_for_another(world, lie) -> None:
    run_id = world.start(one(place=NODE))
    world.home_works()
    honest = actions.make("asked", NODE, undo="none", preview={})
    found = LIES[lie](honest)
    judged = Judgement(Gate.AUTO, "policy:mine")
    said = Prepared(found.canonical, found.digest, {}, judged)
    answer = (StepState.PENDING, None, None, Label.OPEN)
    result = NodeResult(run_id, "0", 1, NODE, *answer, kept=False, notices=[], prepared=said)
    with world.home_db.write() as tx:
        world.parallel.on_result(tx, result)
    world.home_works()
    assert world.run(run_id).result == ["refused"]
    assert world.questions() == []


def test_a_node_cannot_answer_done_to_a_question_what_it_would_do(world) -> None:
    run_id = world.start(one(place=NODE))
    world.home_works()
    answer = (StepState.DONE, "done already", None, Label.OPEN)
    with world.home_db.write() as tx:
        done = NodeResult(run_id, "0", 1, NODE, *answer, kept=False, notices=[])
        world.parallel.on_result(tx, done)
    world.home_works()
    assert world.run(run_id).result == ["failed"]
    assert world.rows(run_id)["0"].error["code"] == "step-answer-unfit"
