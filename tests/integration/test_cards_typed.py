"""What the owner types about approvals: codes, reasons, changed commands, digests."""

from __future__ import annotations

import base64

import pytest
import sqlalchemy as sa

from core.approvals.model import State
from core.memory.tables import messages
from core.runs.model import RunState
from core.runs.tables import intake
from core.seal import Context
from tests.integration.cards_house import NODE, TWO_TAPS, Desk, step_of


@pytest.fixture
def desk(sqlite_database, clock):
    return Desk(sqlite_database, clock)


@pytest.fixture
def coded(desk, clock):
    """A question at a node that has come as far as the code."""
    return to_code(desk, clock)


def to_code(desk, clock, *argv):
    approval = desk.ask(*(argv or ("rm", "-rf", "x")), place="pc", judgement=TWO_TAPS)
    desk.press(approval, "approval.approve")
    clock.advance(3)
    desk.press(approval, "approval.confirm")
    assert desk.now(approval).state is State.CODE
    return desk.now(approval)


def raws(desk):
    with desk.house.db.read() as tx:
        return list(tx.execute(sa.select(intake.c.raw).order_by(intake.c.seq)).scalars())


def everything(desk):
    """All text of the database, except the sealed code."""
    with desk.house.db.read() as tx:
        tables = tx.execute(sa.text("select name from sqlite_master where type='table'")).scalars()
        found = []
        for table in list(tables):
            rows = tx.execute(sa.text(f"select * from {table}")).mappings()
            found += [str({**row, "code": None}) for row in rows]
        return "\n".join(found)


def wished_away(desk):
    with desk.house.db.read() as tx:
        return set(desk.house.preferences.starting_with(tx, "unsay:"))


@pytest.mark.parametrize("typed", ["918273", "918 273", "918-273", "৯১৮২৭৩", "٩١٨٢٧٣", " 918273\n"])
def test_a_code_in_any_script_is_sealed_for_the_node_and_kept_nowhere(desk, coded, typed):
    said = desk.say(typed)
    approval = desk.now(coded)
    assert approval.state is State.APPROVED
    sealed = base64.b64decode(approval.code)
    assert NODE.open(Context.CODE, sealed, approval.id.encode()) == b"918273"
    assert wished_away(desk) == {f"unsay:{said.chat_id}:{said.message_id}"}
    assert raws(desk)[-1] == "{}"
    for script in (typed.strip(), "918273"):
        assert script not in everything(desk)
    with desk.house.db.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one() == 0
    assert desk.texts()[-1] == "approval-code-taken"


@pytest.mark.parametrize("typed", ["91827", "9182734", "1234 5678 90"])
def test_a_wrong_number_of_digits_gets_a_clear_word_and_is_forgotten_too(desk, coded, typed):
    desk.say(typed)
    assert desk.now(coded).state is State.CODE
    assert desk.texts()[-1] == "err-code-format"
    assert raws(desk)[-1] == "{}"
    assert len(wished_away(desk)) == 1


def test_an_edited_message_can_bring_the_code(desk, coded):
    said = desk.say("wait a moment please")
    desk.edit(said.message_id, "918273")
    assert desk.now(coded).state is State.APPROVED
    assert "918273" not in everything(desk)


def test_a_command_in_between_does_not_turn_the_code_into_talk(desk, coded):
    desk.say("/help")
    desk.say("918273")
    assert desk.now(coded).state is State.APPROVED
    assert desk.runs() == []


def test_a_code_typed_after_a_wrong_one_at_the_node_is_taken(desk, coded):
    desk.say("111111")
    with desk.house.db.write() as tx:
        approval = desk.approvals.get(tx, coded.id)
        desk.approvals._ask_code_again(tx, approval, {"left": 4})
    assert "4 tries left" in desk.card(coded)[1].text
    desk.say("918273")
    assert desk.now(coded).state is State.APPROVED


def test_words_while_a_code_is_asked_for_are_talk(desk, coded):
    desk.say("what does 918273 mean?")
    assert desk.now(coded).state is State.CODE
    assert [run.workflow for run in desk.runs()] == ["chat_turn"]


def test_digits_when_nobody_asks_are_talk(desk):
    desk.ask("ls")
    desk.say("918273")
    assert [run.workflow for run in desk.runs()] == ["chat_turn"]
    assert wished_away(desk) == set()


def test_of_two_cards_that_ask_the_answered_one_gets_the_code(desk, clock):
    one, other = to_code(desk, clock, "a"), to_code(desk, clock, "b")
    desk.say("918273")
    assert desk.texts()[-1] == "err-code-which"
    assert {desk.now(one).state, desk.now(other).state} == {State.CODE}
    desk.reply("918273", desk.card(other)[0])
    assert [desk.now(one).state, desk.now(other).state] == [State.CODE, State.APPROVED]


def test_a_code_that_comes_too_late_is_forgotten_all_the_same(desk, coded, clock):
    clock.advance(400)
    desk.say("918273")
    assert desk.now(coded).state is State.CODE
    assert desk.texts()[-1] == "err-approval-closed"
    assert "918273" not in everything(desk)
    assert len(wished_away(desk)) == 1


def test_a_no_with_a_reason_tells_it(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.why")
    desk.say("first make a <b>backup</b>")
    denied = desk.now(approval)
    assert (denied.state, denied.reason) == (State.DENIED, "first make a <b>backup</b>")
    assert "&lt;b&gt;backup" in desk.card(approval)[1].text
    assert desk.runs() == []


def test_a_reason_that_comes_too_late_says_so(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.why")
    desk.press(approval, "approval.approve")
    desk.say("no")
    assert desk.now(approval).state is State.APPROVED
    assert desk.texts()[-1] == "err-approval-closed"


def test_an_edit_kills_the_old_question_and_asks_about_the_new_command(desk):
    approval = desk.ask("rm", "-rf", "my logs")
    message_id, message = desk.card(approval)
    desk.press(approval, "approval.edit")
    prompt = desk.last("approval-edit")
    assert "rm -rf &quot;my logs&quot;" in prompt.text
    assert [b.copy for line in prompt.rendered.buttons for b in line] == ['rm -rf "my logs"']
    desk.say('rm -r "my old logs"')
    dead = desk.now(approval)
    assert (dead.state, dead.reason) == (State.WITHDRAWN, "owner-edited")
    (run,) = desk.runs(states=[RunState.READY])
    assert run.args["inputs"]["argv"] == ["rm", "-r", "my old logs"]
    assert (run.args["step"], run.args["place"]) == ("command.run", "home")
    desk.tap_id(message.button("approval.approve"), message_id)
    assert desk.now(approval).state is State.WITHDRAWN
    assert "You changed it" in desk.card(approval)[1].text


def test_the_model_hears_that_the_owner_changed_its_command(desk):
    approval = desk.ask("rm", "x")
    desk.press(approval, "approval.edit")
    desk.say("ls x")
    with desk.house.db.read() as tx:
        verdict = desk.approvals.verdict(tx, step_of(approval))
    assert verdict.state == "refused"
    assert verdict.error["code"] == "owner-edited"


def test_an_edit_that_cannot_be_read_changes_nothing_and_may_be_sent_again(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.edit")
    desk.say('ls "open')
    assert desk.now(approval).state is State.OPEN
    assert desk.texts()[-1] == "err-command-quote"
    desk.say("ls -l")
    assert desk.now(approval).state is State.WITHDRAWN


def test_an_edit_of_what_was_approved_meanwhile_does_nothing(desk):
    approval = desk.ask("ls")
    desk.press(approval, "approval.edit")
    desk.press(approval, "approval.approve")
    desk.say("rm -rf /")
    assert desk.now(approval).state is State.APPROVED
    assert desk.runs() == []
    assert desk.texts()[-1] == "err-approval-closed"


def test_only_a_command_can_be_edited(desk):
    approval = desk.ask("x", step="files.delete")
    assert "too" not in str(desk.tap("approval.edit", id=approval.id))
    assert desk.now(approval).state is State.OPEN
    assert desk.notices("approval-edit") == []


def test_a_digest_typed_decides_like_a_tap(desk):
    one, other = desk.ask("ls"), desk.ask("pwd")
    desk.say(f"/approve {one.digest[:8].upper()}")
    desk.say(f"/deny {other.digest[:8]} not today")
    assert desk.now(one).state is State.APPROVED
    assert (desk.now(other).state, desk.now(other).reason) == (State.DENIED, "not today")


def test_a_digest_typed_takes_two_for_the_highest_class(desk, clock):
    approval = desk.ask("rm", judgement=TWO_TAPS)
    typed = f"/approve {approval.digest[:8]}"
    desk.say(typed)
    assert desk.now(approval).state is State.CONFIRM
    desk.say(typed)
    assert desk.now(approval).state is State.CONFIRM
    assert desk.texts()[-1] == "err-too-fast"
    clock.advance(2.1)
    desk.say(typed)
    assert desk.now(approval).state is State.APPROVED


def test_a_long_text_is_sent_before_a_typed_digest_counts(desk):
    approval = desk.ask("tool", "x" * 5000)
    typed = f"/approve {approval.digest[:8]}"
    desk.say(typed)
    assert desk.texts()[-1] == "err-approval-text-first"
    desk.deliver()
    desk.say(typed)
    assert desk.now(approval).state is State.APPROVED


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("/approve", "err-approval-digits"),
        ("/approve all", "err-approval-digits"),
        ("/approve 1234567", "err-approval-digits"),
        ("/deny %", "err-approval-digits"),
        ("/approve 00000000", "err-approval-not-asked"),
    ],
)
def test_a_digest_that_names_nothing_approves_nothing(desk, typed, word):
    approval = desk.ask("ls")
    desk.say(typed)
    assert desk.texts()[-1] == word
    assert desk.now(approval).state is State.OPEN
