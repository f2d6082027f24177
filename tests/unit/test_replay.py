"""The pure heart: given a journal, what next. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.errors import Refused
from core.runs.model import (
    Again,
    Done,
    Kind,
    Outcome,
    StepCall,
    StepFailed,
    StepRow,
    StepSpec,
    StepState,
    workflow,
)
from core.runs.replay import Failed, Finished, Replay, Stale, Wait, Write


@dataclass(frozen=True)
class Plan:
    """A made-up workflow as data: each entry is one yield; a number above one is a list."""

    sizes: tuple[int, ...]
    catches: bool = True


@dataclass(frozen=True)
class Say:
    n: int


SPECS = {"say": StepSpec("say", Kind.READ, Say, int)}


def spec_of(name: str) -> StepSpec | None:
    return SPECS.get(name)


@workflow("made-up", version=1, args=Plan)
def made_up(plan: Plan):
    got = []
    for at, size in enumerate(plan.sizes):
        if size == 1:
            try:
                got.append((yield StepCall("say", Say(at))))
            except StepFailed as failed:
                if not plan.catches:
                    raise
                got.append(failed.outcome.state.value)
        else:
            calls = [StepCall("say", Say(n), key=str(n)) for n in range(size)]
            got.append([outcome.value for outcome in (yield calls)])
    return Done(got)


def row(planned, state=StepState.PENDING, outcome=None, error=None) -> StepRow:
    return StepRow(
        run_id="r",
        position=planned.position,
        name=planned.spec.name,
        version=1,
        kind=planned.spec.kind,
        place=planned.place,
        state=state,
        inputs=planned.inputs,
        digest=planned.digest,
        key=planned.key,
        outcome=outcome,
        error=error,
    )


def fresh(plan: Plan) -> Replay:
    return Replay(made_up, {"sizes": list(plan.sizes), "catches": plan.catches}, spec_of)


class AnyHistory(RuleBasedStateMachine):
    """However steps end and whenever the worker dies, replay goes on from the journal alone."""

    def __init__(self) -> None:
        super().__init__()
        self.plan = Plan(())
        self.journal: dict[str, StepRow] = {}
        self.kept: Replay | None = None
        self.ended = None

    @precondition(lambda self: not self.journal and self.ended is None and not self.plan.sizes)
    @rule(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=6), catches=st.booleans())
    def begin(self, sizes, catches) -> None:
        self.plan = Plan(tuple(sizes), catches)

    @precondition(lambda self: self.plan.sizes and self.ended is None)
    @rule(keep=st.booleans())
    def advance(self, keep) -> None:
        replay = self.kept if keep and self.kept else fresh(self.plan)
        self.kept = replay
        move = replay.next(self.journal)
        if isinstance(move, Write):
            for planned in move.steps:
                assert planned.position not in self.journal
                self.journal[planned.position] = row(planned)
        elif not isinstance(move, Wait):
            self.ended = move

    @precondition(lambda self: any(not r.state.is_final for r in self.journal.values()))
    @rule(data=st.data(), good=st.booleans())
    def end_a_step(self, data, good) -> None:
        waiting = sorted(at for at, r in self.journal.items() if not r.state.is_final)
        at = data.draw(st.sampled_from(waiting))
        old = self.journal[at]
        state = StepState.DONE if good else StepState.FAILED
        error = None if good else Refused("no").to_json()
        self.journal[at] = StepRow(
            **{**old.__dict__, "state": state, "outcome": 7 if good else None, "error": error}
        )

    @precondition(lambda self: self.ended is not None)
    @rule()
    def nothing_more_happens(self) -> None:
        before = dict(self.journal)
        assert not isinstance(fresh(self.plan).next(self.journal), Write | Wait)
        assert self.journal == before

    @invariant()
    def a_new_replay_says_the_same_as_the_kept_one(self) -> None:
        if self.kept is None or self.ended is None:
            return
        again = fresh(self.plan).next(self.journal)
        assert type(again) is type(self.ended)
        if isinstance(again, Finished):
            assert again.end == self.ended.end

    @invariant()
    def it_never_ends_while_a_step_is_open(self) -> None:
        if self.ended is not None and isinstance(self.ended, Finished):
            assert all(r.state.is_final for r in self.journal.values())

    @invariant()
    def it_is_never_stale_on_its_own_journal(self) -> None:
        assert not isinstance(self.ended, Stale)


AnyHistory.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestAnyHistory = AnyHistory.TestCase


def finish(plan: Plan) -> dict[str, StepRow]:
    """The journal of a whole run in which every step gives 7."""
    journal: dict[str, StepRow] = {}
    replay = fresh(plan)
    while isinstance(move := replay.next(journal), Write):
        for planned in move.steps:
            journal[planned.position] = row(planned, StepState.DONE, 7)
    return journal


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.data())
@settings(max_examples=100, deadline=None)
def test_a_changed_workflow_goes_on_or_is_stale_and_is_never_wrong(sizes, data) -> None:
    journal = finish(Plan(tuple(sizes)))
    changed = data.draw(st.lists(st.integers(0, 4), min_size=0, max_size=7))
    move = fresh(Plan(tuple(changed))).next(journal)
    if isinstance(move, Finished):
        told = max((int(at.split(".")[0]) for at in journal), default=-1) + 1
        assert changed[:told] == sizes[:told]
        assert not any(changed[told:])
    elif isinstance(move, Write):
        told = max((int(at.split(".")[0]) for at in journal), default=-1) + 1
        assert changed[:told] == sizes[:told]
    else:
        assert isinstance(move, Stale)


def one(body, journal):
    return Replay(workflow("w", version=1, args=Plan)(body), {"sizes": []}, spec_of).next(journal)


def done(position: str, key=None, name="say") -> StepRow:
    spec = SPECS["say"]
    return StepRow(
        "r", position, name, 1, spec.kind, "home", StepState.DONE, {"n": 0}, "d", key, outcome=1
    )


def test_another_step_at_the_same_position_is_stale() -> None:
    def body(_plan):
        yield StepCall("say", Say(1))
        return Done()

    assert isinstance(one(body, {"0": done("0", name="other")}), Stale)


def test_a_list_whose_keys_changed_places_is_stale() -> None:
    def body(_plan):
        yield [StepCall("say", Say(0), key="b"), StepCall("say", Say(1), key="a")]
        return Done()

    assert isinstance(one(body, {"0.0": done("0.0", "a"), "0.1": done("0.1", "b")}), Stale)


def test_a_value_that_no_longer_fits_is_stale() -> None:
    def body(_plan):
        yield StepCall("say", Say(1))
        return Done()

    unreadable = StepRow(**{**done("0").__dict__, "outcome": {"not": "an int"}})
    assert isinstance(one(body, {"0": unreadable}), Stale)


def test_new_wording_of_inputs_makes_nothing_stale() -> None:
    def body(_plan):
        value = yield StepCall("say", Say(999))
        return Done(value)

    move = one(body, {"0": done("0")})
    assert isinstance(move, Finished)
    assert move.end.result == 1


def test_a_bug_in_a_workflow_fails_its_run() -> None:
    def body(_plan):
        yield StepCall("say", Say(1))
        raise KeyError("oops")

    move = one(body, {"0": done("0")})
    assert isinstance(move, Failed)
    assert move.error.code == "workflow-crashed"


def test_a_workflow_without_an_end_fails() -> None:
    def body(_plan):
        yield StepCall("say", Say(1))

    assert one(body, {"0": done("0")}).error.code == "workflow-without-end"


def test_an_unknown_step_fails_the_run() -> None:
    def body(_plan):
        yield StepCall("nobody", Say(1))

    assert one(body, {}).error.code == "unknown-step"


def test_a_list_needs_different_keys() -> None:
    def body(_plan):
        yield [StepCall("say", Say(0)), StepCall("say", Say(1))]

    assert one(body, {}).error.code == "list-without-keys"


def test_five_hundred_steps_are_the_most() -> None:
    def body(_plan):
        while True:
            yield StepCall("say", Say(0))

    journal: dict[str, StepRow] = {}
    replay = Replay(workflow("w", version=1, args=Plan)(body), {"sizes": []}, spec_of)
    while isinstance(move := replay.next(journal), Write):
        for planned in move.steps:
            journal[planned.position] = row(planned, StepState.DONE, 1)
    assert move.error.code == "too-many-steps"
    assert len(journal) == 500


def test_a_single_failed_step_is_raised_where_it_was_yielded() -> None:
    caught: list[Outcome] = []

    def body(_plan):
        try:
            yield StepCall("say", Say(1))
        except StepFailed as failed:
            caught.append(failed.outcome)
        return Again(Plan(()))

    failed = StepRow(
        **{**done("0").__dict__, "state": StepState.REFUSED, "error": Refused("no").to_json()}
    )
    move = one(body, {"0": failed})
    assert isinstance(move, Finished)
    assert caught[0].error["code"] == "no"
