"""From a card to a rule to fewer questions, through the engine; and a rule at a node."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.approvals import rule_steps
from core.approvals.factor import code_at, counter_at
from core.approvals.model import Rule, Scope, State
from core.approvals.policy_file import SHIPPED
from core.approvals.rule_keeping import Dropped, drop_rule
from core.approvals.rule_steps import NewRule
from core.approvals.rules import until
from core.approvals.tables import second_factor
from core.clock import ManualClock
from core.db import Database
from core.errors import Refused
from core.runs import actions
from core.runs.cancel import CancelToken
from core.runs.model import Gate, Label, RunRow, RunState
from core.runs.ports import Permit, StepContext
from core.seal import Context, seal
from tests.integration.rules_world import PC, Pc, World

NOTES = Scope(root="sandbox", folder="notes")
SPEC = rule_steps.store.spec


@pytest.fixture
def world(sqlite_database: Database, clock: ManualClock) -> World:
    return World(sqlite_database, clock)


def new_rule(clock: ManualClock, place: str = "home", **more: object) -> NewRule:
    values = {"kind": "edit", "place": place, "scope": NOTES, "expires_at": until(clock.now(), 7)}
    return NewRule(**{**values, **more})


def the_rules(world: World) -> list[Rule]:
    with world.db.read() as tx:
        return world.rules.list(tx)


def test_the_same_twice_with_a_rule_is_one_question_and_is_counted(world: World) -> None:
    first = world.edit("notes/a.txt")
    assert world.acted == []
    world.say_yes(first)
    assert len(world.acted) == 1

    world.say_yes(world.rule(new_rule(world.clock)))
    second, third = world.edit("notes/a.txt"), world.edit("notes/deep/b.txt")

    assert not world.was_asked(second)
    assert not world.was_asked(third)
    assert len(world.acted) == 3
    assert [rule.uses for rule in the_rules(world)] == [2]


def test_without_a_rule_the_same_twice_is_two_questions(world: World) -> None:
    world.say_yes(world.edit("notes/a.txt"))

    assert world.was_asked(world.edit("notes/a.txt"))
    assert len(world.acted) == 1


def test_a_rule_is_itself_of_the_highest_class_and_takes_two_taps(world: World) -> None:
    question = world.question(world.rule(new_rule(world.clock)))

    assert question is not None
    assert question.judgement.second_factor
    assert question.judgement.validity_s == 300
    world.clock.advance(3)
    with world.db.write() as tx:
        decided = world.approvals.approve(tx, question.id, "telegram:42")
    assert decided.state is State.CONFIRM
    assert the_rules(world) == []


def test_a_rule_that_nobody_approved_does_not_exist(world: World) -> None:
    run_id = world.rule(new_rule(world.clock))
    question = world.question(run_id)
    assert question is not None
    with world.db.write() as tx:
        world.approvals.deny(tx, question.id, "telegram:42")
    world.advance(run_id)

    assert the_rules(world) == []
    assert world.was_asked(world.edit("notes/a.txt"))


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("other/a.txt", {}),
        ("notes2/a.txt", {}),
        ("Notes/a.txt", {}),
        ("notes/a.txt", {"root": "papers"}),
        ("notes/a.txt", {"undo": "none"}),
    ],
)
def test_another_argument_or_folder_is_a_new_question(world: World, path: str, more: dict) -> None:
    world.say_yes(world.rule(new_rule(world.clock)))

    assert world.was_asked(world.edit(path, **more))
    assert world.acted == []


def test_a_revoked_rule_asks_again_at_once(world: World) -> None:
    world.say_yes(world.rule(new_rule(world.clock)))
    (rule,) = the_rules(world)
    run_id = world.start(drop_rule, Dropped(rule.id, "home", "telegram:42"))

    assert world.advance(run_id).state is RunState.DONE
    assert the_rules(world) == []
    assert world.was_asked(world.edit("notes/a.txt"))


def test_a_rule_for_what_no_rule_may_cover_is_refused_before_anybody_is_asked(
    world: World,
) -> None:
    run_id = world.rule(new_rule(world.clock, kind="delete_file"))

    assert world.question(run_id) is None
    assert the_rules(world) == []
    assert world.notices[-1].kind == "failed"
    assert world.notices[-1].params["error"]["code"] == "rule-not-allowed"


def test_with_a_broken_policy_no_rule_counts_and_none_is_stored(
    sqlite_database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    world = World(sqlite_database, clock)
    world.say_yes(world.rule(new_rule(clock)))
    broken = tmp_path / "policy.yaml"
    broken.write_text(SHIPPED.read_text("utf-8") + "\nmore: 1\n", encoding="utf-8")

    after = World(sqlite_database, clock, broken)

    assert after.was_asked(after.edit("notes/a.txt"))
    assert after.question(after.rule(new_rule(clock))) is None
    assert len(the_rules(after)) == 1


# -- at a node -------------------------------------------------------------------------------------


@pytest.fixture
def pc(sqlite_database: Database, clock: ManualClock) -> Pc:
    return Pc(sqlite_database, clock)


def context(clock: ManualClock, permit: Permit | None = None) -> StepContext:
    now: datetime = clock.now()
    run = RunRow("r" * 32, 0, "", 0, None, RunState.RUNNING, Label.OPEN, now, now)
    return StepContext(run, "0", CancelToken(), 0.0, permit=permit)


def code_of(pc: Pc, clock: ManualClock, bound: str = "2" * 32) -> str:
    with pc.db.read() as tx:
        secret = tx.execute(sa.select(second_factor.c.secret)).scalar_one()
    code = code_at(secret, counter_at(clock.now()))
    return base64.b64encode(
        seal(Context.CODE, code.encode(), PC.public.seal, bound.encode())
    ).decode()


def admit(pc: Pc, permit_of: object = None, code: str | None = None) -> Refused | None:
    action = rule_steps.prepare_store(pc.room, context(pc.clock), new_rule(pc.clock, "pc"))
    permit = None if permit_of is None else pc.permit(action, code)
    with pc.db.write() as tx:
        try:
            pc.guard.admit(tx, SPEC, action, Label.OPEN, permit)
        except Refused as error:
            return error
    return None


def test_a_node_stores_no_rule_without_a_grant(pc: Pc) -> None:
    error = admit(pc)

    assert error is not None
    assert error.code == "grant-missing"


def test_a_grant_alone_is_not_enough_for_a_nodes_rule(pc: Pc) -> None:
    error = admit(pc, True)

    assert error is not None
    assert error.code == "code-missing"


def test_grant_and_code_together_are(pc: Pc) -> None:
    assert admit(pc, True, code_of(pc, pc.clock)) is None


def test_wrong_codes_count_although_the_permit_is_refused(pc: Pc) -> None:
    wrong = base64.b64encode(seal(Context.CODE, b"no", PC.public.seal, b"2" * 32)).decode()

    codes = [error.code for _ in range(6) if (error := admit(pc, True, wrong))]

    assert codes == ["code-wrong"] * 4 + ["code-locked"] * 2
    last = admit(pc, True, code_of(pc, pc.clock))
    assert last is not None
    assert last.code == "code-locked"


def test_a_code_that_was_sealed_for_another_approval_is_not_read(pc: Pc) -> None:
    error = admit(pc, True, code_of(pc, pc.clock, bound="3" * 32))

    assert error is not None
    assert error.code == "code-unreadable"


def test_a_node_keeps_what_was_granted_and_says_who_did(pc: Pc) -> None:
    new = new_rule(pc.clock, "pc")
    action = rule_steps.prepare_store(pc.room, context(pc.clock), new)

    stored = rule_steps.store.handler(pc.room, context(pc.clock, pc.permit(action)), new)

    with pc.db.read() as tx:
        (rule,) = pc.rules.list(tx)
    assert (rule.id, rule.created_by, rule.gate) == (stored.rule_id, "telegram:42", Gate.AUTO)
    assert rule.scope == NOTES


def test_a_rule_that_is_revoked_before_the_start_lets_nothing_start(pc: Pc) -> None:
    """Judged auto, then revoked: the guard judges anew in the transaction of the start."""
    edit = actions.make(
        "edit", "pc", undo="version", preview={}, root="sandbox", path="notes/a.txt", size=1
    )
    with pc.db.write() as tx:
        rule = pc.rules.add(
            tx, kind="edit", place="pc", scope=NOTES, expires_at=until(pc.clock.now(), 7),
            by="telegram:42", can_rule=True,
        )  # fmt: skip
    assert pc.guard.judge(SPEC, edit, Label.OPEN).gate is Gate.AUTO

    with pc.db.write() as tx:
        pc.rules.revoke(tx, rule.id, "telegram:42")
        with pytest.raises(Refused, match="grant-missing"):
            pc.guard.admit(tx, SPEC, edit, Label.OPEN, None)


def test_a_node_prepares_no_rule_for_another_place_and_none_that_changed(pc: Pc) -> None:
    new = new_rule(pc.clock, "pc")
    action = rule_steps.prepare_store(pc.room, context(pc.clock), new)
    longer = replace(new, expires_at=new.expires_at + timedelta(seconds=1))

    other = rule_steps.prepare_store(pc.room, context(pc.clock), longer)

    assert action.digest == rule_steps.prepare_store(pc.room, context(pc.clock), new).digest
    assert action.digest != other.digest
    with pytest.raises(Refused, match="rule-not-allowed"):
        rule_steps.prepare_store(pc.room, context(pc.clock), replace(new, place="home"))


def test_a_node_has_no_step_that_takes_a_rule_on_homes_word() -> None:
    """`rules.note` trusts this database's journal, so it may be bound at home only."""
    from core.runs.steps import Step

    at_a_node = {item.spec.name for item in vars(rule_steps).values() if isinstance(item, Step)}

    assert at_a_node == {"rules.store", "rules.drop"}
    assert rule_steps.store.spec.gated
