"""Kills at the border between asked and run, labels, what a rented home may see, halt epochs."""

from __future__ import annotations

import pytest

from core.db import canonical
from core.errors import Refused, Unavailable
from core.runs import exchange_epochs
from core.runs.exchange_answers import LEFT
from core.runs.exchange_halts import HaltReader, HaltWriter, MemoryBoard
from core.runs.gate_fakes import ScriptedGuard
from core.runs.leases import LEASE_S
from core.runs.model import Label, RunState, StepState
from core.seal import Context
from tests.integration.gate_world import HOME, NODE, Call, Crash, Plan, World, made, many, one

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


def killed(_ctx, _args) -> None:
    raise Crash


def restart(world: World, place: str) -> None:
    world.during = world.preparing = lambda _ctx, _args: None
    world.restart_home() if place == HOME else world.restart_node()
    world.clock.advance(LEASE_S + 1)
    world.sweep()


# -- kills ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_a_kill_in_a_once_step_leaves_it_unknown_and_the_card_says_so(world, place, listed) -> None:
    calls = (Call("once", place, "asked"), Call("plain", HOME, "free"))[: 1 + listed]
    run_id = decided(world, Plan((calls,)))
    world.during = killed
    with pytest.raises(Crash):
        world.settle()
    restart(world, place)
    world.settle()
    assert world.run(run_id).state is RunState.DONE
    position = "0.0" if listed else "0"
    assert world.rows(run_id)[position].state is StepState.UNKNOWN
    assert [ran.position for ran in world.ran] == [position]
    assert world.questions()[0].outcome["state"] == "unknown"
    assert world.questions()[0].outcome["error"]["code"] == "step-cut-off"


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_a_kill_while_preparing_again_uses_nothing_up(world, place, listed) -> None:
    calls = (Call("once", place, "asked"), Call("plain", HOME, "free"))[: 1 + listed]
    run_id = decided(world, Plan((calls,)))
    world.preparing = killed
    with pytest.raises(Crash):
        world.settle()
    restart(world, place)
    world.settle()
    assert world.run(run_id).state is RunState.DONE
    assert len(world.questions()) == 1
    assert len(world.ran) == 1


@pytest.mark.parametrize("place", PLACES)
def test_a_read_that_was_cut_off_after_its_yes_is_asked_anew(world, place) -> None:
    run_id = decided(world, one("read", place))
    world.during = killed
    with pytest.raises(Crash):
        world.settle()
    restart(world, place)
    world.settle()
    assert len(world.ran) == 1
    [again] = world.pending()
    world.decide(again)
    world.settle()
    assert world.run(run_id).result == ["done"]
    assert [ran.approval for ran in world.ran] == [world.questions()[0].id, again.id]


@pytest.mark.parametrize("place", PLACES)
def test_a_yes_is_good_for_one_try_also_when_the_step_could_be_repeated(world, place) -> None:
    run_id = decided(world, one("read", place))

    def busy(_ctx, _args) -> None:
        raise Unavailable("busy", retry_after=1)

    world.during = busy
    world.settle()
    assert world.run(run_id).result == ["failed"]
    assert len(world.ran) == 1


class Counting(ScriptedGuard):
    """Counts a wrong code in its database, and refuses."""

    def admit(self, tx, spec, action, label, permit) -> None:
        exchange_epochs.raise_epoch(tx, NODE if self.is_home else HOME)
        raise Refused("policy-says-no", step=spec.name)

    is_home = True


@pytest.mark.parametrize("place", PLACES)
def test_what_a_guard_counted_before_it_refused_stays_counted(world, place) -> None:
    """A wrong code is one try less, although the step did not start."""
    counting = Counting(world.clock, place, boot="boot2")
    counting.is_home = place == HOME
    if place == HOME:
        world.home_guard = counting
        world.restart_home()
    else:
        world.node_guard = counting
        world.restart_node()
    run_id = decided(world, one(place=place))
    world.settle()
    assert world.run(run_id).result == ["refused"]
    assert world.ran == []
    with world.db_of(place).read() as tx:
        assert exchange_epochs.epoch_of(tx, NODE if place == HOME else HOME) == 1


def test_a_late_word_of_the_node_tells_the_card_what_nobody_knew(world) -> None:
    run_id = decided(world, one(place=NODE))
    world.home_works()
    world.home_posts()
    world.node_works()
    world.cancel(run_id)
    world.home_works()
    assert world.rows(run_id)["0"].state is StepState.UNKNOWN
    assert world.questions()[0].outcome["state"] == "unknown"
    world.settle()
    assert len(world.ran) == 1
    assert world.run(run_id).state is RunState.CANCELLED
    assert world.rows(run_id)["0"].state is StepState.UNKNOWN
    assert world.questions()[0].outcome["state"] == "done"


def test_a_step_that_was_only_being_prepared_at_a_stop_is_not_unknown(world) -> None:
    run_id = world.start(one(place=NODE))
    world.home_works()
    world.cancel(run_id)
    world.home_works()
    assert world.rows(run_id)["0"].state is StepState.REFUSED


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
