"""From the tap to the start: the mint, and the guard of the place where it runs."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.approvals import grants
from core.approvals.guard import PlaceGuard, SecondLook, Surroundings
from core.approvals.keys import GrantKeys
from core.approvals.model import Facts, State
from core.approvals.standing import node_standing
from core.approvals.tables import audit, grant_uses
from core.clock import ManualClock
from core.db import Database
from core.errors import Broken, Refused
from core.runs import actions
from core.runs.exchange_epochs import epoch_of, raise_epoch
from core.runs.model import Action, Gate, Label, RunState
from core.runs.ports import Judgement, Permit
from core.seal import Context, GrantSigner, seal
from tests.integration.approvals_world import (
    ASK,
    AUTO,
    BY,
    HIGHEST,
    PC,
    SPEC,
    RuleFake,
    World,
)


@pytest.fixture
def world(database: Database, clock: ManualClock) -> World:
    return World(database, clock)


@pytest.fixture
def quick(sqlite_database: Database, clock: ManualClock) -> World:
    return World(sqlite_database, clock)


def permitted(world: World, judgement: Judgement = ASK, **fields) -> tuple[Action, Permit]:
    """An approved action and its permit."""
    step, approval = world.ask(judgement, **fields)
    world.approve(approval)
    permit = world.verdict(step).permit
    assert permit is not None
    return Action(step.action["canonical"], step.action["digest"]), permit


def admit(guard: PlaceGuard, world: World, action: Action, permit: Permit | None) -> None:
    with world.db.write() as tx:
        guard.admit(tx, SPEC, action, Label.OPEN, permit)


# -- the mint


def test_a_tap_makes_a_grant_and_wakes_the_run(world: World) -> None:
    step, approval = world.ask()
    decided = world.approve(approval)
    assert grants.is_wellformed(decided.grant_body)
    assert decided.grant_body["approver"] == BY
    assert decided.grant_body["exp"] - decided.grant_body["iat"] == 300
    assert decided.grant_body["boot"] == "incarnation-1"
    assert world.run_of(step).state is RunState.READY
    assert step.run_id in world.wakes.runs


def test_for_a_sleeping_node_the_grant_is_made_when_it_is_back(world: World) -> None:
    step, approval = world.ask(place="pc")
    assert world.approve(approval).grant_body is None
    assert world.mint.mint_due() == 0
    world.clock.advance(1800)
    world.hello("boot7")
    assert world.mint.mint_due() == 1
    body = world.get(approval).grant_body
    assert (body["node"], body["boot"]) == ("pc", "boot7")
    assert world.verdict(step).state == "granted"
    assert world.mint.mint_due() == 0


def test_a_node_that_booted_anew_gets_another_grant(quick: World) -> None:
    quick.hello("boot1")
    _, approval = quick.ask(place="pc")
    quick.approve(approval)
    quick.clock.advance(1)
    quick.hello("boot2")
    assert quick.mint.mint_due() == 1
    assert quick.get(approval).grant_body["boot"] == "boot2"


def test_an_unused_grant_is_made_anew_before_it_expires(quick: World) -> None:
    step, approval = quick.ask()
    first = quick.approve(approval).grant_body
    quick.clock.advance(280)
    assert quick.mint.mint_due() == 1
    second = quick.get(approval).grant_body
    assert second["exp"] > first["exp"]
    assert quick.verdict(step).permit.grant == second


def test_no_grant_outlives_the_yes(quick: World) -> None:
    _, approval = quick.ask(replace(ASK, validity_s=60))
    body = quick.approve(approval).grant_body
    assert body["exp"] - body["iat"] == 60
    quick.clock.advance(60)
    assert quick.mint.mint_due() == 0


def test_nothing_undecided_is_ever_minted(quick: World) -> None:
    _, approval = quick.ask()
    with quick.db.write() as tx:
        assert not quick.mint.mint(tx, approval)
        quick.approvals.deny(tx, approval.id, BY)
        assert not quick.mint.mint(tx, approval)
    assert quick.mint.mint_due() == 0


def test_what_has_begun_is_not_minted_again(quick: World) -> None:
    step, approval = quick.ask()
    quick.approve(approval)
    with quick.db.write() as tx:
        quick.approvals.began(tx, quick.run_of(step), step)
        assert not quick.mint.mint(tx, approval)
    quick.clock.advance(290)
    assert quick.mint.mint_due() == 0


def test_a_row_whose_action_was_changed_is_not_signed(quick: World) -> None:
    from core.approvals.tables import approvals

    _, approval = quick.ask()
    with quick.db.write() as tx:
        other = quick.action(argv=["rm", "-rf", "/"]).canonical
        tx.execute(sa.update(approvals).values(canonical=other))
    with quick.db.write() as tx:
        decided = quick.approvals.approve(tx, approval.id, BY)
        with pytest.raises(Broken, match="approval-mismatch"):
            quick.mint.mint(tx, decided)


def test_a_revoked_node_gets_no_grant(quick: World) -> None:
    quick.hello()
    _, approval = quick.ask(place="pc")
    with quick.db.write() as tx:
        quick.nodes.revoke(tx, "pc")
    assert quick.approve(approval).grant_body is None


# -- the guard


def test_an_approved_action_is_admitted_once(world: World) -> None:
    action, permit = permitted(world)
    guard = world.guard()
    admit(guard, world, action, permit)
    with pytest.raises(Refused, match="grant-used"):
        admit(guard, world, action, permit)
    with world.db.read() as tx:
        kinds = tx.execute(sa.select(audit.c.kind)).scalars().all()
    assert kinds.count("admitted") == 1


def test_a_newer_grant_of_the_same_approval_is_no_second_use(quick: World) -> None:
    action, permit = permitted(quick)
    admit(quick.guard(), quick, action, permit)
    quick.clock.advance(280)
    assert quick.mint.mint_due() == 1
    with quick.db.read() as tx:
        body = quick.approvals.get(tx, permit.approval_id).grant_body
    with pytest.raises(Refused, match="grant-used"):
        admit(quick.guard(), quick, action, Permit(permit.approval_id, body))


def test_sixteen_replays_at_once_and_one_starts(world: World) -> None:
    action, permit = permitted(world)
    guard = world.guard()

    def attack(_number: int) -> str:
        try:
            admit(guard, world, action, permit)
        except Refused as refused:
            return refused.code
        return "started"

    with ThreadPoolExecutor(16) as pool:
        ends = sorted(pool.map(attack, range(16)))
    assert ends == ["grant-used"] * 15 + ["started"]


def test_what_policy_asks_about_never_starts_without_a_permit(quick: World) -> None:
    with pytest.raises(Refused, match="grant-missing"):
        admit(quick.guard(), quick, quick.action(), None)


def test_what_policy_denies_never_starts_also_with_a_permit(quick: World) -> None:
    action, permit = permitted(quick)
    error = Refused("policy-denies").to_json()
    deny = quick.guard(Judgement(Gate.DENY, "floor:disk", error=error))
    with pytest.raises(Refused, match="policy-denies"):
        admit(deny, quick, action, permit)
    with quick.db.read() as tx:
        assert tx.execute(sa.select(grant_uses)).all() == []


def test_what_is_auto_starts_without_and_is_recorded(quick: World) -> None:
    admit(quick.guard(AUTO), quick, quick.action(), None)
    with quick.db.read() as tx:
        assert tx.execute(sa.select(audit.c.kind)).scalars().all()[-1] == "admitted-auto"


def test_a_bad_permit_is_refused_also_where_none_is_needed(quick: World) -> None:
    action, permit = permitted(quick)
    forged = Permit(permit.approval_id, {**permit.grant, "sig": "0" * 128})
    with pytest.raises(Refused, match="grant-signature"):
        admit(quick.guard(AUTO), quick, action, forged)


def test_a_rule_counts_its_uses(quick: World) -> None:
    rules = RuleFake()

    def judge(_fields, facts: Facts) -> Judgement:
        assert facts.roots == ("sandbox",)
        return Judgement(Gate.AUTO, "owner:rule7")

    guard = PlaceGuard(
        quick.db,
        quick.clock,
        Surroundings("home", roots=("sandbox",)),
        judge,
        rules,
        quick.standing(),
        quick.audit,
    )
    assert guard.judge(SPEC, quick.action(), Label.OPEN).rule == "owner:rule7"
    admit(guard, quick, quick.action(), None)
    assert rules.uses == ["rule7"]


def test_text_and_digest_that_do_not_fit_are_refused(quick: World) -> None:
    action, permit = permitted(quick)
    other = quick.action(argv=["rm"])
    for wrong in (
        Action(other.canonical, action.digest),
        Action(action.canonical, other.digest),
        quick.action(place="pc"),
    ):
        with pytest.raises(Refused, match="approval-mismatch"):
            admit(quick.guard(), quick, wrong, permit)
    with pytest.raises(Refused, match="grant-digest"):
        admit(quick.guard(), quick, other, permit)


def test_a_permit_of_another_question_is_refused(quick: World) -> None:
    action, permit = permitted(quick)
    with pytest.raises(Refused, match="grant-approval"):
        admit(quick.guard(), quick, action, Permit("f" * 32, permit.grant))


def test_a_rolled_back_start_does_not_use_the_permit_up(quick: World) -> None:
    action, permit = permitted(quick)
    with pytest.raises(ZeroDivisionError), quick.db.write() as tx:
        _ = 1 / (quick.guard().admit(tx, SPEC, action, Label.OPEN, permit) is not None)
    admit(quick.guard(), quick, action, permit)


# -- the guard of a node


class Codes:
    """A second factor that knows one code; counts like the real one."""

    def __init__(self) -> None:
        self.left = 5

    def check(self, _tx, code: str) -> None:
        if code != "123456":
            self.left -= 1
            raise Refused("code-wrong", left=self.left)


def node_guard(world: World, judgement: Judgement, codes: Codes, boot: str = "boot1") -> PlaceGuard:
    keys = GrantKeys(world.clock, world.audit)
    standing = node_standing(keys, "pc", boot, lambda _tx: 1, lambda _tx: BY)
    return PlaceGuard(
        world.db,
        world.clock,
        Surroundings("pc"),
        lambda _fields, _facts: judgement,
        RuleFake(),
        standing,
        world.audit,
        SecondLook(PC, codes),
    )


def sealed(approval_id: str, code: str) -> str:
    hidden = seal(Context.CODE, code.encode(), PC.public.seal, approval_id.encode())
    return base64.b64encode(hidden).decode()


def with_code(world: World, code: str) -> tuple[Action, Permit]:
    world.hello()
    step, approval = world.ask(HIGHEST, place="pc")
    with world.db.write() as tx:
        world.approvals.approve(tx, approval.id, BY)
    world.clock.advance(2)
    with world.db.write() as tx:
        world.approvals.confirm(tx, approval.id, BY)
        text = sealed(approval.id, code)
        world.mint.mint(tx, world.approvals.code(tx, approval.id, BY, text))
    permit = world.verdict(step).permit
    assert permit is not None
    return Action(step.action["canonical"], step.action["digest"]), permit


def test_the_right_code_opens_at_the_node(world: World) -> None:
    action, permit = with_code(world, "123456")
    admit(node_guard(world, HIGHEST, Codes()), world, action, permit)


def test_a_wrong_code_does_not_use_the_permit_up(quick: World) -> None:
    action, permit = with_code(quick, "000000")
    guard = node_guard(quick, HIGHEST, Codes())
    with pytest.raises(Refused, match="code-wrong"):
        admit(guard, quick, action, permit)
    right = replace(permit, code=sealed(permit.approval_id, "123456"))
    admit(guard, quick, action, right)


def test_a_code_that_home_asked_for_is_checked_where_the_node_would_not(quick: World) -> None:
    action, permit = with_code(quick, "000000")
    with pytest.raises(Refused, match="code-wrong"):
        admit(node_guard(quick, ASK, Codes()), quick, action, permit)


def test_without_a_code_the_node_does_not_start(quick: World) -> None:
    action, permit = with_code(quick, "123456")
    with pytest.raises(Refused, match="code-missing"):
        admit(node_guard(quick, HIGHEST, Codes()), quick, action, replace(permit, code=None))


@pytest.mark.parametrize("code", ["", "!!!", "c2VhbGVk"])
def test_a_code_that_cannot_be_opened_costs_no_try(quick: World, code: str) -> None:
    action, permit = with_code(quick, "123456")
    codes = Codes()
    with pytest.raises(Refused, match="code-unreadable"):
        admit(node_guard(quick, HIGHEST, codes), quick, action, replace(permit, code=code))
    assert codes.left == 5


def test_a_used_permit_does_not_cost_a_code(quick: World) -> None:
    action, permit = with_code(quick, "123456")
    codes = Codes()
    guard = node_guard(quick, HIGHEST, codes)
    admit(guard, quick, action, permit)
    again = replace(permit, code=sealed(permit.approval_id, "000000"))
    with pytest.raises(Refused, match="grant-used"):
        admit(guard, quick, action, again)
    assert codes.left == 5


def test_a_code_of_another_question_does_not_open(quick: World) -> None:
    action, permit = with_code(quick, "123456")
    stolen = replace(permit, code=sealed("0" * 32, "123456"))
    with pytest.raises(Refused, match="code-unreadable"):
        admit(node_guard(quick, HIGHEST, Codes()), quick, action, stolen)


def test_a_forged_grant_never_reaches_the_code(quick: World) -> None:
    """Else a stranger could use up the owner's five tries."""
    action, permit = with_code(quick, "000000")
    codes = Codes()
    forged = replace(permit, grant={**permit.grant, "sig": "0" * 128})
    with pytest.raises(Refused, match="grant-signature"):
        admit(node_guard(quick, HIGHEST, codes), quick, action, forged)
    assert codes.left == 5


def test_after_a_reboot_or_a_halt_the_old_grant_counts_no_more(quick: World) -> None:
    quick.hello()
    step, approval = quick.ask(place="pc")
    quick.approve(approval)
    permit = quick.verdict(step).permit
    action = Action(step.action["canonical"], step.action["digest"])
    with pytest.raises(Refused, match="grant-boot"):
        admit(node_guard(quick, ASK, Codes(), boot="boot2"), quick, action, permit)
    with quick.db.write() as tx:
        assert [raise_epoch(tx, "pc"), raise_epoch(tx, "pc", 1), epoch_of(tx, "pc")] == [1, 1, 1]
    assert quick.mint.mint_due() == 1
    assert quick.get(approval).grant_body["epoch"] == 1


def test_both_keys_open_during_a_rotation_and_the_old_one_not_after(quick: World) -> None:
    action, permit = permitted(quick)
    fresh = GrantSigner(b"f" * 32)
    with quick.db.write() as tx:
        from core.approvals.tables import grant_keys

        day = quick.now() + timedelta(hours=24)
        tx.execute(sa.update(grant_keys).values(until=day))
        tx.execute(sa.insert(grant_keys).values(key=fresh.public, since=quick.now()))
    admit(quick.guard(), quick, action, permit)
    quick.mint.change_signer(fresh)
    second = permitted(quick, argv=["echo", "2"])
    assert second[1].grant["key"] == fresh.public
    admit(quick.guard(), quick, *second)
    quick.mint.change_signer(quick.signer)
    third = permitted(quick, argv=["echo", "3"])
    quick.clock.advance(24 * 3600)
    with pytest.raises(Refused, match="grant-key"):
        admit(quick.guard(), quick, *third)


def test_the_digest_is_of_the_action_about_to_run(quick: World) -> None:
    """One function for both ends: what the guard compares is what `prepare` gives there."""
    action, permit = permitted(quick, argv=["cmd.exe", "C:\\Users\\আমি\\a b.txt"])
    fields = actions.read(action.canonical)
    rest = {k: v for k, v in fields.items() if k not in {"v", "kind", "place", "undo"}}
    again = actions.make("cmd", "home", undo="none", preview={"another": "preview"}, **rest)
    admit(quick.guard(), quick, again, permit)


def test_state_after_all_this_is_still_a_chain(world: World) -> None:
    action, permit = permitted(world)
    admit(world.guard(), world, action, permit)
    with world.db.read() as tx:
        assert world.audit.verify(tx).holds
        assert world.approvals.get(tx, permit.approval_id).state is State.APPROVED
