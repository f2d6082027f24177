"""Kills at the border between asked and run: one yes is one try, and what nobody knows is asked."""

from __future__ import annotations

import pytest

from core.errors import Refused, Unavailable
from core.runs import exchange_epochs
from core.runs.exchange_results import NodeResult
from core.runs.gate_fakes import ScriptedGuard
from core.runs.leases import LEASE_S
from core.runs.model import Label, RunState, StepState
from tests.integration.gate_world import HOME, NODE, Call, Crash, Plan, World, made, one

PLACES = [HOME, NODE]


@pytest.fixture
def world(tmp_path_factory):
    with made(tmp_path_factory) as world:
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


@pytest.mark.parametrize("policy", ["free", "asked"])
@pytest.mark.parametrize("listed", [False, True])
def test_who_lost_the_step_while_preparing_does_not_begin_it(world, policy, listed) -> None:
    calls = (Call("once", HOME, policy), Call("plain", HOME, "free"))[: 1 + listed]
    slept = []

    def oversleep(_ctx, _args) -> None:
        is_second_half = len(slept) == 1
        slept.append(1)
        if is_second_half:
            world.clock.advance(LEASE_S + 1)
            world.sweep()  # somebody else takes it and brings it to its end

    world.preparing = oversleep
    run_id = decided(world, Plan((calls,)))
    world.settle()
    assert world.run(run_id).state is RunState.DONE
    assert [ran.kind for ran in world.ran] == ["once"]
    assert world.rows(run_id)["0.0" if listed else "0"].state is StepState.DONE


@pytest.mark.parametrize("place", PLACES)
def test_the_card_knows_when_its_step_has_begun(world, place) -> None:
    seen = []
    decided(world, one(place=place))
    world.during = lambda _ctx, _args: seen.append(world.questions()[0].state)
    world.settle()
    assert seen == ["running"]


def test_a_result_of_an_earlier_attempt_changes_nothing(world) -> None:
    run_id = decided(world, one(place=NODE))
    world.home_works()
    row = world.rows(run_id)["0"]
    said = (StepState.DONE, "late", None, Label.OPEN)
    late = NodeResult(run_id, "0", row.attempts - 1, NODE, *said, kept=False, notices=[])
    with world.home_db.write() as tx:
        world.parallel.on_result(tx, late)
    assert world.rows(run_id)["0"].state is StepState.SENT
    world.settle()
    assert world.rows(run_id)["0"].outcome == "0-0 done"
