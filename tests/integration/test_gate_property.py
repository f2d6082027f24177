"""The gate over random workflows: no path from asked to run without a permit that was admitted.

Random mixtures of gated and other steps, single and in lists, at home and at a node; an owner who
says yes, no or nothing; kills of either side before and after every commit and inside handlers;
lost hints, a wiped broker, permits that grow old, and actions that change under the question.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.runs.gate_fakes import ScriptedAsking, ScriptedGuard
from core.runs.model import Gate, Kind, Label, RunState
from core.runs.ports import Permit, Verdict
from tests.integration.gate_world import GUARDS, HOME, NODE, Call, Crash, Plan, World, side_of

#: A tenth in the ordinary tests; `MASK_FULL_DOSE=1` for the whole.
EXAMPLES = 600 if os.environ.get("MASK_FULL_DOSE") else 60
TURNS = 60

calls = st.builds(
    Call,
    kind=st.sampled_from(["once", "once", "read", "idempotent", "local", "plain"]),
    place=st.sampled_from([HOME, HOME, NODE, NODE]),
    policy=st.sampled_from(["asked", "asked", "free", "home_asks", "node_asks", "never"]),
    private=st.booleans(),
)
plans = st.builds(
    Plan,
    st.lists(st.lists(calls, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
)
small = st.integers(0, 5)
moves = st.one_of(
    st.tuples(st.sampled_from(["home", "posts", "node", "beat", "sweep"]), small),
    st.tuples(st.sampled_from(["yes", "yes", "no", "expire", "lapse"]), small),
    st.tuples(st.sampled_from(["crash-home", "crash-node"]), st.integers(1, 12)),
    st.tuples(st.sampled_from(["die", "lose", "wipe", "change", "cancel", "restart-node"]), small),
)


class Story:
    """One run, told by a list of moves."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world = world
        self.plan = plan
        self.run_id = world.start(plan)
        self.deaths = 0
        self.cancelled = False
        self._dying: str | None = None
        world.during = self._during

    def _during(self, ctx, _args) -> None:
        if self.deaths:
            self.deaths -= 1
            if not self.deaths:
                at_home = ctx.run.workflow == "planned"  # a node knows only its run's id
                self._dying = HOME if at_home else NODE
                raise Crash

    def tell(self, move: str, number: int) -> None:
        try:
            self._tell(move, number)
        except Crash:
            self._revive()

    def _revive(self) -> None:
        """The side that was killed starts again."""
        side = side_of(self.world)
        if side is not None:
            side.fuse.at = 0
            side.restart()
            return
        at_node, self._dying = self._dying == NODE, None
        fuse = self.world.node_fuse if at_node else self.world.home_fuse
        fuse.at = 0
        self.world.restart_node() if at_node else self.world.restart_home()

    def _tell(self, move: str, number: int) -> None:
        world = self.world
        does = {
            "home": world.home_works,
            "posts": world.home_posts,
            "node": world.node_works,
            "beat": world.beat,
            "wipe": world.broker.wipe,
            "restart-node": world.restart_node,
            "sweep": lambda: self._sweep(2 + number),
            "yes": lambda: self._answer(move, number),
            "no": lambda: self._answer(move, number),
            "expire": lambda: self._answer(move, number),
            "lapse": lambda: self._lapse(number),
            "crash-home": lambda: self._arm(world.home_fuse, number),
            "crash-node": lambda: self._arm(world.node_fuse, number),
            "die": lambda: setattr(self, "deaths", 1 + number % 2),
            "lose": self._lose_hints,
            "change": lambda: setattr(world, "changed", world.changed + number % 2),
            "cancel": lambda: None if number else self._cancel(),
        }
        does[move]()

    def _sweep(self, seconds: int) -> None:
        self.world.clock.advance(seconds)
        self.world.sweep()

    def _arm(self, fuse, number: int) -> None:
        fuse.at = fuse.passed + number

    def _lose_hints(self) -> None:
        self.world.hints.runs.clear()
        self.world.hints.steps.clear()

    def _cancel(self) -> None:
        self.cancelled = True
        self.world.cancel(self.run_id)

    def _answer(self, move: str, number: int) -> None:
        if questions := self.world.pending():
            question = questions[number % len(questions)]
            with self.world.home_db.write() as tx:
                if move == "expire":
                    self.world.asking.expire(tx, question.id)
                else:
                    self.world.asking.decide(tx, question.id, yes=move == "yes")

    def _lapse(self, number: int) -> None:
        granted = [each for each in self.world.questions() if each.state == "granted"]
        if granted:
            with self.world.home_db.write() as tx:
                self.world.asking.lapse(tx, granted[number % len(granted)].id)

    def end(self) -> None:
        """No more kills; every question is answered; the run goes to its end."""
        world = self.world
        world.home_fuse.at = world.node_fuse.at = self.deaths = 0
        for turn in range(TURNS):
            self.tell("beat", 0)
            for question in world.pending():
                world.decide(question, yes=turn % 3 != 0)
            self.tell("sweep", 5)
            if world.run(self.run_id).state.is_final:
                break
        world.settle(3)


def told(plan: Plan, story: list[tuple[str, int]], folder: Path, change=None) -> Story:
    world = World(folder)
    if change is not None:
        change(world)
    found = Story(world, plan)
    for move, number in story:
        found.tell(move, number)
    found.end()
    return found


def violations(story: Story) -> list[str]:
    """Everything that must not be, in words."""
    world, found = story.world, []
    said_yes = {each.id: each for each in world.questions() if each.valid_until is not None}
    for ran in world.ran:
        home_gate, node_gate = GUARDS[ran.policy]
        gates = {home_gate} if ran.place == HOME else {home_gate, node_gate}
        if Gate.DENY in gates:
            found.append(f"denied, but it ran: {ran}")
        if Gate.ASK in gates:
            question = said_yes.get(ran.approval or "")
            if question is None:
                found.append(f"ran without a yes: {ran}")
            elif question.digest != ran.digest:
                found.append(f"something else ran than was shown: {ran}")
            if not ran.is_used:
                found.append(f"its permit was not used up before it ran: {ran}")
    per_yes = Counter(ran.approval for ran in world.ran if ran.approval)
    found += [f"{count} runs by one yes" for count in per_yes.values() if count > 1]
    once = Counter((ran.run_id, ran.position) for ran in world.ran if ran.kind == "once")
    found += [f"{at} ran {count} times" for at, count in once.items() if count > 1]
    return found + _untrue_ends(story, once) + _lost(story)


def _untrue_ends(story: Story, once: Counter) -> list[str]:
    """A step that must not be repeated says truly what became of it."""
    found = []
    for position, row in story.world.rows(story.run_id).items():
        count = once[story.run_id, position]
        if row.kind is not Kind.ONCE:
            continue
        if row.state == "done" and count != 1:
            found.append(f"{position} is done and ran {count} times")
        if row.state == "refused" and count and not story.cancelled:
            found.append(f"{position} is refused and ran")
        if row.state == "unknown" and row.gate is Gate.ASK and row.action is None:
            found.append(f"{position} is unknown and was never begun")
    return found


def _lost(story: Story) -> list[str]:
    """Nothing stays open, and what was read marks the run."""
    world, found = story.world, []
    run = world.run(story.run_id)
    ends = {RunState.DONE, RunState.CANCELLED} if story.cancelled else {RunState.DONE}
    if run.state not in ends:
        found.append(f"the run is {run.state}, waiting for {run.waiting}, {run.error}")
    live = {"open", "granted", "running"}
    found += [f"still asked: {each}" for each in world.questions() if each.state in live]
    private = any(
        story.plan.yields[int(at.split(".")[0])][int((at + ".0").split(".")[1])].private
        for at, row in world.rows(story.run_id).items()
        if row.state == "done"
    )
    if private and run.label is not Label.PRIVATE:
        found.append("it has read something private and is open")
    return found


@pytest.fixture(scope="module")
def folder():
    made = Path(tempfile.mkdtemp(prefix="mask-gate-"))
    yield made
    shutil.rmtree(made)


def checked(plan, story, folder, change=None) -> list[str]:
    own = Path(tempfile.mkdtemp(dir=folder))
    ended = told(plan, story, own, change)
    try:
        return violations(ended)
    finally:
        ended.world.close()
        shutil.rmtree(own)


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
@given(plans, st.lists(moves, min_size=8, max_size=40))
def test_no_path_leads_from_asked_to_run_without_an_admitted_permit(folder, plan, story):
    assert checked(plan, story, folder) == []


class Blind(ScriptedGuard):
    """A guard that lets in whoever comes."""

    def admit(self, tx, spec, action, label, permit) -> None: ...


class Hasty(ScriptedAsking):
    """Takes silence for a yes."""

    def verdict(self, tx, step):
        found = super().verdict(tx, step)
        if found.state != "waits":
            return found
        return Verdict("granted", permit=Permit("nobody", {"approval_id": "nobody"}))


ASKED = Plan(((Call("once", HOME, "asked"),), (Call("once", NODE, "asked"),)))
STORY = [("beat", 0), ("yes", 0), ("beat", 0), ("beat", 0), ("beat", 0)]


def test_the_property_sees_a_guard_that_does_not_check(folder) -> None:
    def blind(world: World) -> None:
        world.home_guard = Blind(world.clock, HOME, world.home_guard.gates)
        world.restart_home()

    found = checked(ASKED, STORY, folder, blind)
    assert any("not used up" in each for each in found), found


def test_the_property_sees_an_engine_that_does_not_wait_for_the_word(folder) -> None:
    def hasty(world: World) -> None:
        blind(world)
        world.asking = Hasty(world.home_db, world.clock, world.hints, world.boots)
        world.restart_home()

    def blind(world: World) -> None:
        world.home_guard = Blind(world.clock, HOME, world.home_guard.gates)

    found = checked(ASKED, [("beat", 0)], folder, hasty)
    assert any("without a yes" in each for each in found), found
