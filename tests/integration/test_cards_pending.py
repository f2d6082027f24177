"""/pending, asking again, the answer to the unknown, Stop, and what waits for a machine."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.approvals import store
from core.approvals.model import State
from core.conversation.carry_out import Wish, start
from core.runs.blobs import Blobs
from core.runs.model import Label, RunRow, RunState, StepState, Waiting
from core.runs.runs import Runs
from core.runs.tables import nodes, runs
from tests.integration.cards_house import Desk, step_of
from tests.integration.handlers_house import OWNER


@pytest.fixture
def desk(sqlite_database, clock):
    return Desk(sqlite_database, clock)


def waiting_run(desk, label=Label.OPEN, title="list"):
    """A wish whose machine sleeps."""
    wish = Wish("command.run", {"argv": ["ls"]}, "pc", title, "en", chat_id=OWNER)
    with desk.house.db.write() as tx:
        run_id = start(desk.house, tx, wish, label=label)
        values = {"state": RunState.WAITING, "waiting": Waiting.PLACE, "waiting_for": "pc"}
        tx.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))
    return run_id


def begin(desk, approval):
    """The step of an approved question has begun."""
    with desk.house.db.write() as tx:
        desk.approvals.began(tx, run_of(approval), step_of(approval))


def end(desk, approval, state, **outcome):
    """It has ended so."""
    step = step_of(approval)
    step = type(step)(**{**vars(step), "state": state, "outcome": outcome or None})
    with desk.house.db.write() as tx:
        desk.approvals.ended(tx, run_of(approval), step)


def run_of(approval):
    return RunRow(
        id=approval.run_id, seq=1, workflow="carry_out", version=1, args={}, state=RunState.RUNNING,
        label=Label.OPEN, created_at=approval.asked_at, updated_at=approval.asked_at,
    )  # fmt: skip


def test_pending_shows_fresh_cards_and_tells_how_many_are_in_line(desk):
    asked = [desk.ask("ls", str(n)) for n in range(5)]
    old = [desk.card(each)[0] for each in asked[:3]]
    desk.say("/pending")
    fresh = [desk.card(each)[0] for each in asked[:3]]
    assert all(new > before for new, before in zip(fresh, old, strict=True))
    text = desk.last("approval-pending").text
    assert "3 wait for your answer" in text
    assert "2 more are in line" in text


def test_pending_with_nothing_says_so(desk):
    desk.say("/pending")
    assert "Nothing waits" in desk.last("approval-pending").text


def test_a_run_that_waits_for_a_machine_can_be_cancelled(desk, clock):
    run_id = waiting_run(desk)
    with desk.house.db.write() as tx:
        seen = clock.now() - timedelta(hours=2)
        tx.execute(sa.update(nodes).values(last_hello_at=seen, title="Laptop"))
    desk.say("/pending")
    message = desk.last("approval-pending")
    assert "Waits for Laptop, last seen 2 hours ago" in message.text
    assert message.verbs == ["approval.cancel"]
    desk.tap("approval.cancel", run_id=run_id)
    with desk.house.db.read() as tx:
        assert desk.house.runs.get(tx, run_id).cancel


def rented(desk):
    """The same desk where home stands in the cloud."""
    settings = desk.house.settings.model_copy(update={"place": "rented"})
    object.__setattr__(desk.house, "settings", settings)


def test_an_open_wish_may_run_in_the_cloud_instead_once(desk):
    rented(desk)
    run_id = waiting_run(desk)
    desk.say("/pending")
    assert desk.last("approval-pending").verbs == ["approval.cancel", "approval.cloud"]
    desk.tap("approval.cloud", run_id=run_id)
    desk.tap("approval.cloud", run_id=run_id)
    fresh = [run for run in desk.runs() if run.id != run_id]
    assert [run.args["place"] for run in fresh] == ["home"]
    with desk.house.db.read() as tx:
        assert desk.house.runs.get(tx, run_id).cancel


def test_a_private_wish_is_never_offered_to_the_cloud(desk):
    rented(desk)
    run_id = waiting_run(desk, Label.PRIVATE)
    desk.say("/pending")
    assert desk.last("approval-pending").verbs == ["approval.cancel"]
    desk.tap("approval.cloud", run_id=run_id)
    assert [run.id for run in desk.runs()] == [run_id]


def test_an_expired_question_can_be_asked_again_once(desk, clock):
    approval = desk.ask("ls", "-l")
    clock.advance(3601)
    with desk.house.db.write() as tx:
        desk.approvals.expire(tx, clock.now())
    desk.press(approval, "approval.again")
    desk.tap("approval.again", id=approval.id)
    (run,) = desk.runs()
    assert run.args["inputs"] == {"argv": ["ls", "-l"]}


def test_what_is_open_or_done_is_not_asked_again(desk):
    approval = desk.ask("ls")
    desk.tap("approval.again", id=approval.id)
    desk.press(approval, "approval.approve")
    desk.tap("approval.again", id=approval.id)
    assert desk.runs() == []


@pytest.mark.parametrize(("yes", "state"), [(True, State.DONE), (False, State.FAILED)])
def test_only_the_owner_says_whether_the_unknown_happened(desk, yes, state):
    approval = desk.ask("ls")
    desk.press(approval, "approval.approve")
    begin(desk, approval)
    end(desk, approval, StepState.UNKNOWN)
    text = desk.card(approval)[1].text
    assert "did it happen?" in text
    desk.press(approval, "approval.happened", yes=yes)
    assert desk.now(approval).state is state
    assert desk.card(approval)[1].verbs == []


def test_stop_on_a_running_card_asks_its_run_to_end(desk):
    approval = desk.ask("sleep", "99")
    desk.press(approval, "approval.approve")
    begin(desk, approval)
    asked = []
    desk.house.runs.cancel = lambda tx, run_id: asked.append(run_id) or True
    assert "Stopping" in desk.press(approval, "approval.stop")
    assert asked == [approval.run_id]
    assert isinstance(desk.house.runs, Runs)


def test_a_card_tells_who_decided_when_and_how_it_ended(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.approve")
    assert "You approved" in desk.card(approval)[1].text
    begin(desk, approval)
    assert "Running" in desk.card(approval)[1].text
    summary = {"exit_code": 0, "took_s": 2.0}
    end(desk, approval, StepState.DONE, text="a.txt\n" * 400, summary=summary, change_id="c" * 32)
    _, message = desk.card(approval)
    assert "exit code 0 · took 2 seconds" in message.text
    assert message.verbs == ["undo.do", "approval.details"]
    desk.press(approval, "approval.details")
    paper = desk.last("approval-output").rendered.parts[0]
    assert paper.file_bytes.decode() == "a.txt\n" * 400


@pytest.mark.parametrize("is_here", [True, False])
def test_a_whole_output_comes_from_the_store_or_says_where_it_is(desk, clock, is_here):
    approval = desk.ask("ls")
    desk.press(approval, "approval.approve")
    begin(desk, approval)
    content = b"all of it\n" * 10_000
    blobs = Blobs(desk.house.db, clock, "home")
    with desk.house.db.write() as tx:
        ref = blobs.keep(tx, content, Label.OPEN, "text/plain")
        if not is_here:
            blobs.drop(tx, ref.sha256)
    end(desk, approval, StepState.DONE, text="all of it\n" * 9, summary={}, blob=ref.to_json())
    desk.press(approval, "approval.details")
    part = desk.last("approval-output").rendered.parts[0]
    assert part.file_bytes == (content if is_here else b"all of it\n" * 9)
    assert ("all of it is kept on" in part.text) is not is_here


def test_details_of_an_open_question_bring_whole_digests(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.details")
    assert approval.digest in desk.last("approval-details").text


def test_an_outcome_is_told_once_on_the_same_message(desk):
    approval = desk.ask("ls")
    message_id, _ = desk.card(approval)
    desk.press(approval, "approval.approve")
    begin(desk, approval)
    end(desk, approval, StepState.FAILED)
    assert desk.card(approval)[0] == message_id
    with desk.house.db.read() as tx:
        assert store.get(tx, approval.id).state is State.FAILED
