"""Questions to the owner: cards, the queue, equal requests, taps, silence, ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.approvals import store
from core.approvals.model import State
from core.approvals.tables import approvals, audit
from core.clock import ManualClock
from core.db import Database
from core.errors import Broken, Refused
from core.runs import journal
from core.runs.model import Gate, Kind, Label, RunState, StepState
from core.runs.ports import Judgement, Risk
from tests.integration.approvals_world import ASK, BY, HIGHEST, World


@pytest.fixture
def world(database: Database, clock: ManualClock) -> World:
    return World(database, clock)


@pytest.fixture
def quick(sqlite_database: Database, clock: ManualClock) -> World:
    """SQLite only: rules that no dialect can change."""
    return World(sqlite_database, clock)


def test_a_question_becomes_a_card_with_what_prepare_found(world: World) -> None:
    _, approval = world.ask(argv=["rm", "-r", "পুরোনো লগ"])
    params = world.mailbox.params(approval)
    assert params["state"] == "open"
    assert params["action"]["argv"] == ["rm", "-r", "পুরোনো লগ"]
    assert params["digest8"] == approval.digest[:8]
    assert params["second"] == "none"
    notice = world.mailbox.cards[f"approval:{approval.id}"]
    assert (notice.kind, notice.chat_id, notice.urgency) == ("approval", 42, 0)


def test_asking_twice_about_the_same_step_is_one_question(world: World) -> None:
    step, approval = world.ask()
    with world.db.write() as tx:
        world.approvals.ask(tx, world.run_of(step), step, ASK)
        assert [each.id for each in world.approvals.pending(tx)] == [approval.id]


def test_another_action_for_the_same_step_kills_the_old_card(world: World) -> None:
    step, old = world.ask()
    other = world.action(argv=["echo", "bye"])
    changed = replace(step, action={"canonical": other.canonical, "digest": other.digest})
    with world.db.write() as tx:
        world.approvals.ask(tx, world.run_of(step), changed, ASK)
    assert world.get(old).state is State.WITHDRAWN
    with world.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        world.approvals.approve(tx, old.id, BY)


def test_a_digest_that_does_not_fit_is_refused_and_recorded(world: World) -> None:
    with world.db.write() as tx:
        run = world.run(tx)
        step = world.step(tx, run)
        lying = replace(step, action={**(step.action or {}), "digest": "f" * 64})
        world.approvals.ask(tx, run, lying, ASK)
        verdict = world.approvals.verdict(tx, lying)
        kinds = tx.execute(sa.select(audit.c.kind)).scalars().all()
    assert verdict.state == "refused"
    assert verdict.error is not None
    assert verdict.error["code"] == "approval-mismatch"
    assert "action-mismatch" in kinds
    assert world.mailbox.cards == {}


def test_an_action_about_another_place_is_refused(world: World) -> None:
    with world.db.write() as tx:
        run = world.run(tx)
        step = world.step(tx, run, place="pc")  # its action names home
        world.approvals.ask(tx, run, step, ASK)
        assert world.approvals.verdict(tx, step).state == "refused"


def test_three_cards_are_open_and_the_rest_wait_in_order(world: World) -> None:
    asked = [world.ask(argv=["echo", str(n)])[1] for n in range(5)]
    states = [world.get(each).state for each in asked]
    assert states == [State.OPEN] * 3 + [State.QUEUED] * 2
    assert world.mailbox.params(asked[0])["behind"] == 2
    assert f"approval:{asked[3].id}" not in world.mailbox.cards
    world.approve(asked[1])
    assert world.get(asked[3]).state is State.OPEN
    assert world.get(asked[4]).state is State.QUEUED
    assert world.mailbox.params(asked[0])["behind"] == 1


def test_a_question_in_the_queue_has_its_whole_time_when_its_card_appears(quick: World) -> None:
    asked = [quick.ask(argv=["echo", str(n)])[1] for n in range(4)]
    quick.clock.advance(3599)
    quick.approve(asked[0])
    late = quick.get(asked[3])
    assert late.expires_at is not None
    assert (late.expires_at - quick.now()).total_seconds() == 3600


def test_equal_requests_share_a_card_and_one_tap_decides_all(world: World) -> None:
    asked = [world.ask() for _ in range(3)]
    first, *others = [approval for _, approval in asked]
    assert world.mailbox.params(first)["count"] == 3
    assert len(world.mailbox.cards) == 1
    world.approve(first)
    verdicts = [world.verdict(step) for step, _ in asked]
    assert [verdict.state for verdict in verdicts] == ["granted"] * 3
    permits = [verdict.permit for verdict in verdicts]
    assert {permit.approval_id for permit in permits} == {first.id, *(o.id for o in others)}
    assert len({permit.grant["grant_id"] for permit in permits}) == 3


def test_a_no_is_a_no_for_equal_requests_too(quick: World) -> None:
    asked = [quick.ask() for _ in range(2)]
    with quick.db.write() as tx:
        quick.approvals.deny(tx, asked[0][1].id, BY, "not today")
    for step, _ in asked:
        verdict = quick.verdict(step)
        assert verdict.error["code"] == "owner-said-no"
        assert verdict.error["params"] == {"reason": "not today"}


def test_a_yes_to_one_action_is_none_to_another_of_the_same_step(quick: World) -> None:
    step, approval = quick.ask()
    quick.approve(approval)
    other = quick.action(argv=["rm"])
    changed = replace(step, action={"canonical": other.canonical, "digest": other.digest})
    assert quick.verdict(step).state == "granted"
    assert quick.verdict(changed).state == "lapsed"


def test_the_same_command_at_another_place_is_another_question(quick: World) -> None:
    quick.ask()
    quick.ask(place="pc")
    assert len(quick.mailbox.cards) == 2


def test_a_milder_card_does_not_stand_for_a_riskier_request(quick: World) -> None:
    quick.ask()
    quick.ask(replace(ASK, risk=Risk.HIGHEST))
    assert len(quick.mailbox.cards) == 2


def test_a_code_counts_for_one_request_only(quick: World) -> None:
    quick.ask(HIGHEST, place="pc")
    quick.ask(HIGHEST, place="pc")
    assert len(quick.mailbox.cards) == 2


def test_when_the_first_of_equal_requests_is_withdrawn_the_next_takes_its_card(
    world: World,
) -> None:
    (one, first), (two, second) = world.ask(), world.ask()
    with world.db.write() as tx:
        world.approvals.withdraw(tx, one.run_id)
    assert world.get(first).state is State.WITHDRAWN
    assert world.get(second).state is State.OPEN
    world.approve(second)
    assert world.verdict(two).state == "granted"


def test_two_cards_open_and_one_tapped_only_that_one_runs(world: World) -> None:
    """Hermes 0.19.0 approved the oldest in the session, not the one that was tapped."""
    (dangerous, bad), (harmless, good) = world.ask(argv=["rm", "-rf", "/x"]), world.ask()
    world.approve(good)
    assert world.verdict(harmless).state == "granted"
    assert world.verdict(dangerous).state == "waits"
    assert world.get(bad).state is State.OPEN


def test_a_second_tap_and_a_tap_by_somebody_else_do_nothing(world: World) -> None:
    _, approval = world.ask()
    with world.db.write() as tx, pytest.raises(Refused, match="not-owner"):
        world.approvals.approve(tx, approval.id, "telegram:43")
    world.approve(approval)
    with world.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        world.approvals.approve(tx, approval.id, BY)
    with world.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        world.approvals.deny(tx, approval.id, BY)


def test_of_two_who_decide_at_once_only_one_does(world: World) -> None:
    _, approval = world.ask()
    stale = world.get(approval)
    world.approve(approval)
    with world.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        store.move(tx, stale, State.DENIED)


def test_silence_means_it_does_not_run(world: World) -> None:
    step, approval = world.ask()
    world.clock.advance(3600)
    with world.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        world.approvals.approve(tx, approval.id, BY)  # also before the ticker has looked
    assert world.expire() == 1
    assert world.get(approval).state is State.EXPIRED
    assert world.verdict(step).error["code"] == "approval-expired"
    assert world.run_of(step).state is RunState.READY
    assert step.run_id in world.wakes.runs


def test_the_approval_timeout_beats_every_validity(sqlite_database, clock: ManualClock) -> None:
    world = World(sqlite_database, clock, timeout_s=30)
    step, approval = world.ask()
    clock.advance(30)
    world.expire()
    assert world.get(approval).state is State.EXPIRED
    assert world.verdict(step).state == "refused"


def test_at_half_time_the_owner_is_reminded_once_and_silently(quick: World) -> None:
    _, approval = quick.ask()
    quick.clock.advance(1799)
    assert quick.expire() == 0
    quick.clock.advance(1)
    assert quick.expire() == 1
    notice = quick.mailbox.cards[f"approval:{approval.id}"]
    assert notice.silent
    assert notice.params["reminded"]
    assert quick.expire() == 0


def test_a_yes_that_comes_to_nothing_in_time_lapses_and_is_asked_anew(world: World) -> None:
    step, approval = world.ask(place="pc")  # the node is away
    world.approve(approval)
    assert world.verdict(step).state == "waits"
    world.clock.advance(3600)
    assert world.verdict(step).state == "lapsed"
    assert world.get(approval).state is State.LAPSED
    with world.db.write() as tx:
        world.approvals.ask(tx, world.run_of(step), step, ASK)
        fresh = store.of_step(tx, step.run_id, "1")
    assert fresh is not None
    assert (fresh.state, fresh.id != approval.id) == (State.OPEN, True)


def test_the_highest_class_takes_two_taps_two_seconds_apart(world: World) -> None:
    step, approval = world.ask(HIGHEST)
    with world.db.write() as tx:
        world.approvals.approve(tx, approval.id, BY)
    assert world.mailbox.params(approval)["confirm_from"] is not None
    world.clock.advance(1.9)
    with world.db.write() as tx, pytest.raises(Refused, match="too-fast"):
        world.approvals.confirm(tx, approval.id, BY)
    assert world.get(approval).state is State.CONFIRM
    world.clock.advance(0.1)
    with world.db.write() as tx:
        world.mint.mint(tx, world.approvals.confirm(tx, approval.id, BY))
    assert world.verdict(step).state == "granted"


def test_the_first_tap_can_be_taken_back(quick: World) -> None:
    _, approval = quick.ask(HIGHEST)
    with quick.db.write() as tx:
        quick.approvals.approve(tx, approval.id, BY)
        quick.approvals.back(tx, approval.id, BY)
    assert quick.get(approval).state is State.OPEN
    with quick.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        quick.approvals.confirm(tx, approval.id, BY)


def coded(world: World) -> tuple:
    """A question of the highest class at the node, as far as the code."""
    world.hello()
    step, approval = world.ask(HIGHEST, place="pc")
    with world.db.write() as tx:
        world.approvals.approve(tx, approval.id, BY)
    world.clock.advance(2)
    with world.db.write() as tx:
        world.approvals.confirm(tx, approval.id, BY)
    return step, approval


def test_at_a_node_the_highest_class_also_takes_a_code(world: World) -> None:
    step, approval = coded(world)
    assert world.get(approval).state is State.CODE
    assert world.verdict(step).state == "waits"
    with world.db.write() as tx:
        world.mint.mint(tx, world.approvals.code(tx, approval.id, BY, "c2VhbGVk"))
    verdict = world.verdict(step)
    assert (verdict.state, verdict.permit.code) == ("granted", "c2VhbGVk")


def test_a_wrong_code_asks_for_another_and_tells_how_many_are_left(world: World) -> None:
    step, approval = coded(world)
    with world.db.write() as tx:
        world.mint.mint(tx, world.approvals.code(tx, approval.id, BY, "c2VhbGVk"))
        run = world_run(tx, step)
        world.approvals.began(tx, run, step)
        error = Refused("code-wrong", left=4).to_json()
        assert world.approvals.retry(tx, run, step, error)
    again = world.get(approval)
    assert (again.state, again.tries_left, again.code, again.grant_body) == (
        State.CODE,
        4,
        None,
        None,
    )
    with world.db.write() as tx:
        assert not world.approvals.retry(tx, run, step, Refused("code-locked").to_json())


def world_run(tx, step):
    run = journal.load_run(tx, step.run_id)
    assert run is not None
    return run


def begun(world: World, **fields) -> tuple:
    step, approval = world.ask(**fields)
    world.approve(approval)
    with world.db.write() as tx:
        world.approvals.began(tx, world_run(tx, step), step)
    return step, approval


def test_a_late_word_about_what_was_unknown_is_told_on_the_card(world: World) -> None:
    step, approval = begun(world)
    cut_off = replace(step, state=StepState.UNKNOWN, error=Refused("step-cut-off").to_json())
    effect = {"text": "hello", "summary": {"exit_code": 0}, "change_id": None, "blob": None}
    with world.db.write() as tx:
        world.approvals.ended(tx, world_run(tx, step), cut_off)
        assert world.mailbox.params(approval)["state"] == "unknown"
        done = replace(step, state=StepState.DONE, outcome=effect)
        world.approvals.ended(tx, world_run(tx, step), done)
    assert world.mailbox.params(approval)["state"] == "done"


def test_the_card_tells_that_it_runs_and_how_it_ended(world: World) -> None:
    step, approval = begun(world)
    assert world.mailbox.params(approval)["state"] == "running"
    effect = {"text": "hello", "summary": {"exit_code": 0}, "change_id": "c1", "blob": None}
    done = replace(step, state=StepState.DONE, outcome=effect)
    with world.db.write() as tx:
        world.approvals.live(tx, step.run_id, "hel")
        assert world.mailbox.params(approval)["live"] == "hel"
        world.approvals.ended(tx, world_run(tx, step), done)
    params = world.mailbox.params(approval)
    assert params["state"] == "done"
    assert params["outcome"] == {"state": "done", "error": None, **effect}
    assert params["decided_by"] == BY


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (StepState.FAILED, State.FAILED),
        (StepState.REFUSED, State.FAILED),
        (StepState.UNKNOWN, State.UNKNOWN),
    ],
)
def test_every_end_is_told(quick: World, state: StepState, told: State) -> None:
    step, approval = begun(quick)
    error = Broken("step-cut-off", step="command.run").to_json()
    with quick.db.write() as tx:
        ended = replace(step, state=state, error=error)
        quick.approvals.ended(tx, world_run(tx, step), ended)
    assert quick.get(approval).state is told
    assert quick.mailbox.params(approval)["outcome"]["error"] == error


@pytest.mark.parametrize(("happened", "state"), [(True, State.DONE), (False, State.FAILED)])
def test_the_owner_answers_what_nobody_else_knows(world: World, happened, state) -> None:
    step, approval = begun(world)
    with world.db.write() as tx:
        unknown = replace(step, state=StepState.UNKNOWN, error={"code": "step-cut-off"})
        world.approvals.ended(tx, world_run(tx, step), unknown)
        world.approvals.answer_unknown(tx, approval.id, happened, BY)
    assert world.get(approval).state is state
    with world.db.write() as tx, pytest.raises(Refused, match="approval-closed"):
        world.approvals.answer_unknown(tx, approval.id, not happened, BY)


def test_what_became_private_makes_the_card_private(quick: World) -> None:
    step, approval = begun(quick)
    with quick.db.write() as tx:
        run = replace(world_run(tx, step), label=Label.PRIVATE)
        quick.approvals.ended(tx, run, replace(step, state=StepState.DONE, outcome={}))
    assert quick.mailbox.cards[f"approval:{approval.id}"].label is Label.PRIVATE


def test_a_stopped_run_leaves_no_open_card_and_no_usable_grant(world: World) -> None:
    step, approval = world.ask()
    world.approve(approval)
    with world.db.write() as tx:
        world.approvals.withdraw(tx, step.run_id)
    gone = world.get(approval)
    assert (gone.state, gone.grant_body) == (State.WITHDRAWN, None)
    assert world.mint.mint_due() == 0
    assert world.verdict(step).error["code"] == "approval-withdrawn"


def test_an_edit_kills_the_old_card_and_its_run_hears_it(quick: World) -> None:
    step, approval = quick.ask()
    with quick.db.write() as tx:
        quick.approvals.withdraw_one(tx, approval.id, "edited")
        with pytest.raises(Refused, match="approval-closed"):
            quick.approvals.withdraw_one(tx, approval.id, "edited")
    assert quick.verdict(step).error["code"] == "approval-withdrawn"
    assert quick.run_of(step).state is RunState.READY


@pytest.mark.parametrize("code", ["grant-expired", "grant-boot", "grant-early", "grant-key"])
def test_a_grant_that_came_too_late_is_made_anew(quick: World, code: str) -> None:
    step, approval = begun(quick)
    with quick.db.write() as tx:
        assert quick.approvals.retry(tx, world_run(tx, step), step, Refused(code).to_json())
    assert quick.get(approval).state is State.APPROVED
    assert quick.mint.mint_due() == 1
    assert quick.verdict(step).state == "granted"


def test_a_place_that_never_takes_a_grant_ends_the_step(quick: World) -> None:
    step, _ = begun(quick)
    answers = []
    for _ in range(5):
        with quick.db.write() as tx:
            run = world_run(tx, step)
            error = Refused("grant-early", seconds=400).to_json()
            answers.append(quick.approvals.retry(tx, run, step, error))
            quick.approvals.began(tx, run, step)
    assert answers == [True] * 4 + [False]


@pytest.mark.parametrize("code", ["grant-used", "grant-digest", "grant-signature", "grant-owner"])
def test_what_no_fresh_grant_heals_is_the_end(quick: World, code: str) -> None:
    step, _ = begun(quick)
    with quick.db.write() as tx:
        assert not quick.approvals.retry(tx, world_run(tx, step), step, Refused(code).to_json())


def test_a_look_whose_yes_is_used_up_is_asked_anew(quick: World) -> None:
    step, approval = begun(quick, kind=Kind.READ)
    with quick.db.write() as tx:
        error = Refused("grant-used").to_json()
        assert quick.approvals.retry(tx, world_run(tx, step), step, error)
    assert quick.get(approval).state is State.LAPSED
    assert quick.verdict(step).state == "lapsed"


def test_pending_shows_fresh_cards_for_what_is_open(quick: World) -> None:
    asked = [quick.ask(argv=["echo", str(n)])[1] for n in range(4)]
    with quick.db.write() as tx:
        assert quick.approvals.show_again(tx) == 3
        assert [each.id for each in quick.approvals.pending(tx)] == [each.id for each in asked]
    assert quick.mailbox.params(asked[0])["fresh"] is True


def test_a_run_that_missed_its_hint_is_found(world: World) -> None:
    step, approval = world.ask()
    with world.db.write() as tx:  # the decision is there, its run was left waiting
        tx.execute(
            sa.update(approvals)
            .where(approvals.c.id == approval.id)
            .values(state=State.DENIED.value, decided_at=world.now())
        )
    assert world.run_of(step).state is RunState.WAITING
    assert world.expire() == 1
    assert world.run_of(step).state is RunState.READY
    assert world.expire() == 0


def test_what_the_run_had_read_stands_on_the_card_without_its_content(world: World) -> None:
    with world.db.write() as tx:
        run = world.run(tx)
        seen = world.step(
            tx,
            run,
            "1",
            kind=Kind.READ,
            state=StepState.DONE,
            inputs={"path": "sandbox:/notes.md"},
            outcome={"text": "SECRET CONTENT"},
        )
        step = world.step(tx, run, "2")
        world.approvals.ask(tx, run, step, ASK)
        approval = store.of_step(tx, run.id, "2")
    params = world.mailbox.params(approval)
    assert params["read"] == [{"what": seen.name, "name": "sandbox:/notes.md"}]
    assert "SECRET" not in str(params)


def test_the_audit_has_ids_and_outcomes_and_no_text(world: World) -> None:
    step, approval = begun(world, argv=["echo", "TOPSECRET"])
    with world.db.write() as tx:
        done = replace(step, state=StepState.DONE, outcome={"text": "TOPSECRET"})
        world.approvals.ended(tx, world_run(tx, step), done)
    other, _ = world.ask()
    with world.db.write() as tx:
        denied = store.of_step(tx, other.run_id, "1")
        assert denied is not None
        world.approvals.deny(tx, denied.id, BY, "TOPSECRET reason")
        rows = tx.execute(sa.select(audit).order_by(audit.c.seq)).mappings().all()
        assert world.audit.verify(tx).holds
    kinds = [row["kind"] for row in rows if row["detail"].get("approval") == approval.id]
    assert kinds == ["asked", "approved", "granted", "begun", "ended"]
    assert "TOPSECRET" not in str([dict(row) for row in rows])


def test_a_judgement_survives_its_row(quick: World) -> None:
    judgement = Judgement(Gate.ASK, "owner:1", Risk.HIGH, 77, second_factor=False, error={"a": 1})
    _, approval = quick.ask(judgement)
    assert quick.get(approval).judgement == judgement
