"""The whole way: the engine asks, the owner taps, the mint signs, the place checks; once."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from core.approvals.model import State
from core.errors import Refused
from core.runs.model import Kind, RunState, StepState, Waiting
from tests.integration.approvals_gate_world import RealWorld
from tests.integration.gate_steps import Call, Plan, many, one
from tests.integration.gate_world import HOME, NODE, Crash


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "world"
    folder.mkdir()
    found = RealWorld(folder)
    yield found
    found.close()


@pytest.mark.parametrize("place", [HOME, NODE])
@pytest.mark.parametrize("kind", ["once", "read", "local", "idempotent"])
def test_a_tap_lets_it_run_once_with_its_own_grant(world: RealWorld, place, kind) -> None:
    run_id = world.start(one(kind, place))
    world.settle()
    assert world.ran == []
    assert world.run(run_id).waiting is Waiting.OWNER
    approval = world.tap()
    world.settle()
    assert [(ran.place, ran.approval) for ran in world.ran] == [(place, approval.id)]
    assert world.run(run_id).state is RunState.DONE
    assert world.asked()[0].state is State.DONE
    for at, db in ((HOME, world.home_db), (NODE, world.node_db)):
        with db.read() as tx:
            assert world.audits[at].verify(tx).holds


def test_the_card_goes_from_asked_to_running_to_its_outcome(world: RealWorld) -> None:
    world.start(one())
    world.settle()
    approval = world.waiting()[0]
    seen = [world.mailbox.params(approval)["state"]]
    world.during = lambda _ctx, _args: seen.append(world.mailbox.params(approval)["state"])
    world.tap()
    seen.append(world.mailbox.params(approval)["state"])
    world.settle()
    seen.append(world.mailbox.params(approval)["state"])
    assert seen == ["open", "approved", "running", "done"]


@pytest.mark.parametrize("place", [HOME, NODE])
def test_a_no_reaches_the_workflow_with_its_reason(world: RealWorld, place) -> None:
    run_id = world.start(one(place=place))
    world.settle()
    world.say_no()
    world.settle()
    step = world.rows(run_id)["0"]
    assert (world.ran, step.state, step.error["code"]) == ([], StepState.REFUSED, "owner-said-no")
    assert step.error["params"] == {"reason": "no"}


@pytest.mark.parametrize("policy", ["home_asks", "node_asks"])
def test_what_either_place_asks_about_waits_for_the_owner(world: RealWorld, policy) -> None:
    world.start(one(place=NODE, policy=policy))
    world.settle()
    assert world.ran == []
    world.tap()
    world.settle()
    assert len(world.ran) == 1


def test_what_both_places_let_pass_asks_nobody(world: RealWorld) -> None:
    world.start(one(place=NODE, policy="free"))
    world.settle()
    assert len(world.ran) == 1
    assert world.asked() == []


def test_nobody_answers_and_it_does_not_run(world: RealWorld) -> None:
    run_id = world.start(one())
    world.settle()
    world.clock.advance(3600)
    world.settle()
    assert world.ran == []
    assert world.rows(run_id)["0"].error["code"] == "approval-expired"


def test_a_node_that_sleeps_after_the_tap_runs_it_when_it_is_back(world: RealWorld) -> None:
    run_id = world.start(one(place=NODE))
    world.settle()
    world.clock.advance(600)  # it has gone to sleep
    world.tap()
    assert world.waiting() == []
    world.clock.advance(1200)
    world.restart_node()
    world.settle(10)
    assert len(world.ran) == 1
    assert world.run(run_id).state is RunState.DONE


def test_a_node_that_reboots_with_the_order_on_its_way_gets_a_new_grant(world: RealWorld) -> None:
    world.start(one(place=NODE))
    world.settle()
    world.tap()
    world.home_works()  # the order with the old grant is in the outbox
    world.restart_node()
    world.settle(12)
    assert len(world.ran) == 1
    with world.home_db.read() as tx:
        kinds = Counter(row.kind for row in world.audits[HOME].rows(tx))
    assert kinds["grant-not-taken"] == 1
    assert kinds["granted"] >= 2


def test_a_yes_that_is_too_old_is_asked_anew(world: RealWorld) -> None:
    run_id = world.start(one(place=NODE))
    world.settle()
    world.tap()
    world.hints.runs.clear()
    world.broker.wipe()
    world.clock.advance(3700)
    world.settle(10)
    assert world.ran == []
    assert [each.state for each in world.asked()] == [State.LAPSED, State.OPEN]
    world.tap()
    world.settle(10)
    assert len(world.ran) == 1
    assert world.run(run_id).state is RunState.DONE


@pytest.mark.parametrize("place", [HOME, NODE])
def test_killed_in_the_middle_it_is_unknown_and_never_repeated(world: RealWorld, place) -> None:
    run_id = world.start(one(place=place))
    world.settle()

    def killed(_ctx, _args) -> None:
        raise Crash

    world.during = killed
    world.tap()
    with pytest.raises(Crash):
        world.settle()
    world.during = lambda _ctx, _args: None
    world.restart_home()
    world.restart_node()
    world.clock.advance(300)
    world.settle(20)
    assert len(world.ran) == 1
    assert world.rows(run_id)["0"].state is StepState.UNKNOWN
    approval = world.asked()[0]
    assert approval.state is State.UNKNOWN
    assert world.mailbox.params(approval)["outcome"]["state"] == "unknown"


def test_an_action_that_changes_under_the_question_does_not_run(world: RealWorld) -> None:
    run_id = world.start(one())
    world.settle()
    world.changed = 1
    world.tap()
    world.settle()
    assert world.ran == []
    assert world.rows(run_id)["0"].error["code"] == "action-changed"


def test_a_stopped_run_takes_its_card_along(world: RealWorld) -> None:
    run_id = world.start(one())
    world.settle()
    approval = world.waiting()[0]
    world.cancel(run_id)
    world.settle()
    assert world.asked()[0].state is State.WITHDRAWN
    with world.home_db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        world.approvals.approve(tx, approval.id, "telegram:42")


def test_elements_of_a_list_have_their_own_cards_and_end_alone(world: RealWorld) -> None:
    run_id = world.start(many(Call("once", HOME, "asked"), Call("once", NODE, "asked")))
    world.settle()
    first, second = world.waiting()
    world.say_no(first)
    world.tap(second)
    world.settle(10)
    assert len(world.ran) == 1
    assert world.run(run_id).state is RunState.DONE
    states = sorted(row.state.value for row in world.rows(run_id).values())
    assert states == ["done", "refused"]


def test_two_runs_that_ask_the_same_share_a_card_and_both_run(world: RealWorld) -> None:
    world.start(one())
    world.start(one())
    world.settle()
    assert len(world.waiting()) == 1
    world.tap()
    world.settle()
    assert len({ran.run_id for ran in world.ran}) == 2
    assert len({ran.approval for ran in world.ran}) == 2


def test_a_restored_home_does_nothing_that_it_remembers(world: RealWorld) -> None:
    from core.approvals.audit_chain import Head
    from core.approvals.incarnation import Mark, Record

    run_id = world.start(one())
    world.start(one("read"))
    world.settle()
    for approval in world.waiting():
        world.tap(approval)
    world.hints.runs.clear()
    Record(world.folder).keep(Mark(1, Head(10_000, "f" * 64)))
    assert world.life.settle() == 2
    world.restart_home()
    world.settle(10)
    assert world.ran == []
    assert world.rows(run_id)["0"].state is StepState.UNKNOWN
    assert [each.step for each in world.waiting()] == ["gate.read"]  # asked anew


KINDS = ("once", "once", "read", "idempotent", "local", "plain")
POLICIES = ("asked", "asked", "free", "home_asks", "node_asks", "never")


#: A tenth in the ordinary tests; `MASK_FULL_DOSE=1` for the whole.
STORIES = 150 if os.environ.get("MASK_FULL_DOSE") else 15


def test_in_random_stories_nothing_runs_without_its_own_yes(tmp_path: Path) -> None:
    asked = ran = 0
    for seed in range(STORIES):
        folder = tmp_path / str(seed) / "world"
        folder.mkdir(parents=True)
        world = RealWorld(folder)
        story(world, random.Random(seed))
        asked, ran = asked + len(world.asked()), ran + len(world.ran)
        world.close()
    assert asked > 2 * STORIES  # the stories are about something
    assert ran > STORIES


def story(world: RealWorld, dice: random.Random) -> None:
    """A random workflow, sixty random moves, and then a patient owner until it is over."""
    kinds, places = [dice.choice(KINDS) for _ in range(9)], (HOME, NODE)
    calls = [Call(kind, dice.choice(places), dice.choice(POLICIES)) for kind in kinds]
    run_id = world.start(Plan((tuple(calls[:3]), tuple(calls[3:4]), tuple(calls[4:6]))))
    for _ in range(60):
        tell(world, dice)
    world.home_fuse.at = world.node_fuse.at = 0
    world.restart_home()
    world.restart_node()
    for _ in range(25):
        for approval in world.waiting():
            world.tap(approval)
        world.settle(3)
        if world.run(run_id).state.is_final:
            break
    judge(world)
    assert world.run(run_id).state is RunState.DONE


def tell(world: RealWorld, dice: random.Random) -> None:
    """One move of the story; a kill is followed by a new start."""
    moves = {
        "beat": world.beat,
        "home": world.home_works,
        "node": world.node_works,
        "tick": world.tick,
        "tap": lambda: world.waiting() and world.tap(dice.choice(world.waiting())),
        "no": lambda: dice.random() < 0.2 and world.waiting() and world.say_no(),
        "sweep": lambda: (world.clock.advance(dice.choice((1, 5, 40, 400))), world.sweep()),
        "wipe": world.broker.wipe,
        "reboot": world.restart_node,
        "kill-home": lambda: arm(world.home_fuse, dice),
        "kill-node": lambda: arm(world.node_fuse, dice),
    }
    try:
        moves[dice.choice(list(moves))]()
    except Crash:
        world.home_fuse.at = world.node_fuse.at = 0
        world.restart_home()
        world.restart_node()


def arm(fuse, dice: random.Random) -> None:
    fuse.at = fuse.passed + dice.randrange(1, 10)


def judge(world: RealWorld) -> None:
    """Law 2, from the handlers' own book and the approvals table."""
    decided = {each.id: each for each in world.asked() if each.decided_by == "telegram:42"}
    uses: Counter[str] = Counter()
    for ran in world.ran:
        assert ran.policy != "never"
        asks = {"asked": True, "home_asks": True, "node_asks": ran.place == NODE, "free": False}
        if not asks[ran.policy]:
            continue
        approval = decided[str(ran.approval)]
        assert (approval.digest, approval.run_id) == (ran.digest, ran.run_id)
        assert approval.state is not State.DENIED
        uses[approval.id] += 1
    assert all(count == 1 for count in uses.values()), uses
    once = Counter((r.run_id, r.position) for r in world.ran if r.kind == Kind.ONCE.value)
    assert all(count == 1 for count in once.values()), once
