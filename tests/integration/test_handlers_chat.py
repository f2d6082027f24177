"""What the owner does in the chat, and what it leaves in the database."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.handlers import buttons, commands
from bot.handlers.chat import stop_answer
from core.conversation.steps import shares
from core.memory.context_gathering import Contexts
from core.memory.tables import messages
from core.runs.buttons import NewButton
from core.runs.model import Label, RunState, Waiting
from core.runs.tables import runs, steps
from tests.integration.handlers_house import OWNER, Chat


@pytest.fixture
def chat(database, clock):
    return Chat(database, clock)


def move(chat, run_id, state, **values):
    with chat.house.db.write() as tx:
        tx.execute(sa.update(runs).where(runs.c.id == run_id).values(state=state, **values))


def stored(chat):
    with chat.house.db.read() as tx:
        rows = tx.execute(sa.select(messages).order_by(messages.c.seq)).all()
    return [row for row in rows if row.deleted_at is None]


def test_a_message_is_stored_and_its_run_started_in_the_end_of_its_update(chat):
    said = chat.say("আজ কী করতে পারো?")
    (run,) = chat.runs()
    (message,) = stored(chat)
    assert message.text == "আজ কী করতে পারো?"
    assert (run.workflow, run.lane, run.chat_id) == ("chat_turn", f"chat:{OWNER}", OWNER)
    assert (run.reply_to, run.key) == (said.message_id, "update:77:1")
    assert (run.args["language"], run.args["message_id"]) == ("bn", message.id)
    assert message.run_id == run.id
    assert chat.endings() == [("done", None)]


def test_a_replayed_update_starts_no_second_run(chat):
    said = chat.say("once")
    chat.replay(said)
    assert len(chat.runs()) == 1
    assert len(stored(chat)) == 1


def test_a_huge_text_is_taken_whole(chat):
    text = "ক্ষ 😀 " * 30_000
    chat.say(text)
    (message,) = stored(chat)
    (run,) = chat.runs()
    assert message.text == text
    assert len(run.args["text"]) <= 400


def test_the_quoted_text_travels_with_the_turn(chat):
    chat.say("What does this mean?", quoted="the old words")
    assert chat.runs()[0].args["quoted"] == "the old words"


def test_the_saved_language_beats_the_script(chat):
    chat.tap("lang.set", code="ar", card_key="screen:x", notice_id=first_card(chat))
    chat.say("Good morning")
    assert chat.runs()[0].args["language"] == "ar"


def first_card(chat):
    chat.say("/language")
    return chat.notices("language")[0].id


def test_a_change_of_language_redraws_the_card_and_the_command_menu(chat):
    card = first_card(chat)
    key = chat.notices("language")[0].notice.key
    assert chat.tap("lang.set", code="ar", card_key=key, notice_id=card)
    shown = chat.notices("language")
    assert [row.notice.params["current"] for row in shown] == ["en", "ar"]
    assert {row.notice.key for row in shown} == {key}
    assert chat.changes == 1


def test_an_earlier_turn_that_waits_for_the_owner_is_told_in_one_line(chat):
    chat.say("delete my files")
    move(chat, chat.runs()[0].id, RunState.WAITING, waiting=Waiting.OWNER)
    chat.say("and what time is it?")
    (line,) = chat.notices("pending")
    assert line.notice.params["what"] == "owner"
    assert line.notice.params["title"] == "delete my files"


def test_stop_asks_everything_that_goes_to_end_and_says_nothing(chat):
    chat.say("one")
    chat.say("two")
    chat.say("/stop")
    assert all(run.cancel for run in chat.runs())
    assert chat.notices("text") == []


def test_stop_leaves_alone_what_waits_for_the_owner(chat):
    chat.say("one")
    move(chat, chat.runs()[0].id, RunState.WAITING, waiting=Waiting.OWNER)
    chat.say("/stop")
    assert not chat.runs()[0].cancel
    assert chat.texts() == ["reply-nothing-to-stop"]


def test_the_native_stop_button_ends_only_what_is_being_written(chat):
    chat.say("one")
    chat.say("two")
    stop_answer(chat.house, chat.incoming(), chat.runs()[-1].id)
    stop_answer(chat.house, chat.incoming(), None)
    assert [run.cancel for run in chat.runs()] == [False, True]
    assert chat.endings()[-1] == ("done", "stop-button")


def test_an_unknown_command_gets_a_kind_reply(chat):
    chat.say("/fly me")
    (reply,) = chat.notices("text")
    assert reply.notice.params == {
        "key": "reply-unknown-command",
        "values": {"command": "/fly"},
    }
    assert chat.endings() == [("done", "unknown-command")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/stop", "stop"),
        ("/Stop@mask_bot now", "stop"),
        ("/stop.", "stop"),
        ("/etc/hosts", ""),
        ("/ stop", ""),
        ("/স্টপ", ""),
    ],
)
def test_only_what_telegram_calls_a_command_is_one(text, name):
    assert commands.name_of(text) == name


@pytest.mark.parametrize("name", commands.MENU)
def test_every_command_leaves_something_to_see_or_a_reply(chat, name):
    chat.say(f"/{name}")
    shows_later = chat.runs(workflows=["carry_out"])  # a folder is read by a run
    assert len(chat.notices()) + len(shows_later) == 1
    assert chat.endings() == [("done", f"command-{name}")]


def test_status_shows_at_once_and_asks_a_worker_for_the_models(chat):
    chat.say("/status")
    (card,) = chat.notices("status")
    facts = card.notice.params["facts"]
    assert facts["models"] is None
    assert facts["database"]["bytes"] > 0
    (probe,) = chat.runs(workflows=["probe_models"])
    assert probe.args == {"chat_id": OWNER, "key": card.notice.key}


def test_voice_and_files_get_one_kind_reply_each_and_an_album_one_in_all(chat):
    chat.send("reply-voice")
    chat.send("reply-photo", album="a1")
    chat.send("reply-photo", album="a1")
    chat.send("reply-photo", album="a2")
    assert chat.texts() == ["reply-voice", "reply-photo", "reply-photo"]
    assert len(chat.endings()) == 4
    assert {state for state, _ in chat.endings()} == {"done"}


def test_before_any_text_the_language_of_the_app_is_taken(chat):
    chat.send("reply-voice", language_code="ar")
    assert chat.house.preferences.current_language() == "ar"


def test_an_edit_of_the_last_message_takes_its_place(chat):
    said = chat.say("What is 2 + 2")
    first = chat.runs()[0]
    chat.edit(said.message_id, "What is 2 + 3")
    newest, oldest = chat.runs()
    assert oldest.cancel
    assert newest.args["text"] == "What is 2 + 3"
    with chat.house.db.read() as tx:
        seen = Contexts().built(tx, first.thread_id, Label.OPEN, shares(1000))
    assert [item.text for item in seen.items] == ["What is 2 + 3"]


def test_an_edit_of_an_older_message_is_told_and_changes_nothing(chat):
    old = chat.say("first")
    chat.say("second")
    chat.edit(old.message_id, "first, but different")
    assert chat.texts() == ["reply-edited"]
    assert len(chat.runs()) == 2


def test_an_edit_that_changes_no_text_is_set_aside(chat):
    said = chat.say("look at https://example.org")
    chat.edit(said.message_id, "look at https://example.org")
    assert chat.endings()[-1] == ("aside", "edit-without-change")
    assert len(chat.runs()) == 1


def test_a_thread_is_renamed_by_the_next_message_even_after_a_restart(chat, database, clock):
    chat.say("hello")
    thread_id = chat.runs()[0].thread_id
    chat.tap("threads.rename", card_key="screen:t", id=thread_id)
    assert chat.texts() == ["threads-ask-name"]
    again = Chat(database, clock)
    again._numbers = iter(range(100, 200))
    again.say("রান্নার গল্প")
    with database.read() as tx:
        assert again.house.threads.get(tx, OWNER, thread_id).name == "রান্নার গল্প"
    assert len(again.runs()) == 1
    shown = again.notices("thread")[-1].notice
    assert (shown.key, shown.params["name"]) == ("screen:t", "রান্নার গল্প")


def test_a_command_withdraws_an_open_question(chat):
    chat.say("hello")
    chat.tap("threads.rename", card_key="screen:t", id=chat.runs()[0].thread_id)
    chat.say("/help")
    chat.say("not a name")
    assert len(chat.runs()) == 2


def test_an_empty_name_is_refused_and_the_question_stays_open(chat):
    chat.say("hello")
    chat.tap("threads.rename", card_key="screen:t", id=chat.runs()[0].thread_id)
    chat.say("\u3000")
    assert chat.texts()[-1] == "err-thread-name-empty"
    assert chat.endings()[-1] == ("refused", "thread-name-empty")
    with chat.house.db.read() as tx:
        assert chat.house.preferences.asking(tx, OWNER) is not None


def test_a_new_thread_forgets_the_old_one_and_the_old_one_can_be_taken_up(chat):
    chat.say("in the first")
    old = chat.runs()[0].thread_id
    chat.tap("threads.new", card_key="screen:t")
    chat.say("in the second")
    assert chat.runs()[0].thread_id != old
    assert "in the first" in chat.tap("threads.use", card_key="screen:t", id=old)
    chat.say("in the first again")
    assert chat.runs()[0].thread_id == old


def test_threads_are_found_by_words_in_their_name(chat):
    chat.say("/threads new Summer Travel")
    chat.say("/threads travel")
    rows = chat.notices("threads")[-1].notice.params["rows"]
    assert [row["name"] for row in rows] == ["Summer Travel"]
    chat.say("/threads winter")
    assert chat.texts()[-1] == "threads-none-named"


def test_a_failed_turn_is_listed_tried_again_and_leaves_the_list(chat):
    chat.say("fail please")
    failed = chat.runs()[0]
    move(chat, failed.id, RunState.FAILED, error={"code": "no-model", "params": {}})
    chat.say("/jobs")
    card = chat.notices("jobs")[0].notice
    assert [row["id"] for row in card.params["rows"]] == [failed.id]
    chat.tap("jobs.retry", card_key=card.key, run_id=failed.id)
    rows = chat.notices("jobs")[-1].notice.params["rows"]
    assert [row["state"] for row in rows] == ["ready"]
    assert chat.runs()[0].args == failed.args


def test_a_dropped_job_is_not_listed_any_more(chat):
    chat.say("fail please")
    move(chat, chat.runs()[0].id, RunState.STALE)
    chat.tap("jobs.drop", card_key="screen:j", run_id=chat.runs()[0].id)
    assert chat.notices("jobs")[-1].notice.params["rows"] == []


def test_why_tells_the_route_and_the_reply_of_the_last_turn(chat):
    chat.say("hello")
    run = chat.runs()[0]
    route = {"candidates": [{"endpoint": "groq/x", "place": "home", "reason": "preferred"}]}
    reply = {"endpoint": "groq/x", "place": "home", "text": "hi", "tried": [{"endpoint": "y"}]}
    write_step(chat, run.id, "1", "conversation.recall", {"messages": []})
    write_step(chat, run.id, "2", "llm.route", route)
    write_step(chat, run.id, "3", "llm.generate", reply)
    chat.say("/why")
    facts = chat.notices("why")[0].notice.params
    assert facts["route"] == route
    assert facts["attempts"] == [{"endpoint": "y"}]
    assert (facts["reply"]["endpoint"], facts["reply"]["text"]) == ("groq/x", None)


def write_step(chat, run_id, position, name, outcome):
    now = chat.house.clock.now()
    facts = {"kind": "read", "place": "home", "state": "done", "version": 1, "inputs": {}}
    row = {"run_id": run_id, "position": position, "name": name, "outcome": outcome, "digest": ""}
    with chat.house.db.write() as tx:
        tx.execute(sa.insert(steps).values(created_at=now, updated_at=now, **facts, **row))


def test_a_tap_by_a_stranger_does_nothing(chat):
    chat.say("hello")
    with chat.house.db.write() as tx:
        (button_id,) = chat.house.buttons.open(tx, NewButton(OWNER, 0, "threads.new"))
    chat.tap_id(button_id, user_id=666)
    assert chat.endings()[-1] == ("aside", "not-owner")
    assert chat.notices("threads") == []


def test_a_second_tap_on_a_single_button_does_nothing(chat):
    chat.say("hello")
    run_id = chat.runs()[0].id
    move(chat, run_id, RunState.FAILED)
    with chat.house.db.write() as tx:
        new = NewButton(OWNER, 0, "turn.retry", {"run_id": run_id})
        (button_id,) = chat.house.buttons.open(tx, new)
    chat.tap_id(button_id)
    chat.tap_id(button_id)
    assert len(chat.runs()) == 2
    assert chat.endings()[-1] == ("aside", "stale-button")


def test_settings_are_turned_over_and_unknown_ones_refused(chat):
    chat.say("/settings")
    key = chat.notices("settings")[0].notice.key
    chat.tap("settings.set", card_key=key, name="streaming", value=False)
    assert chat.notices("settings")[-1].notice.params["values"]["streaming"] is False
    chat.tap("settings.set", card_key=key, name="owner", value=666)
    assert chat.endings()[-1] == ("aside", "stale-button")
    with chat.house.db.read() as tx:
        assert chat.house.owner.owner_id(tx) == OWNER


def test_every_verb_that_a_screen_shows_is_obeyed():
    cards = Path("bot/render/cards")
    verb = re.compile(
        r'"((?:lang|threads|jobs|turn|status|settings|why|alert|help|start)\.[a-z]+)"'
    )
    shown = {found for file in cards.glob("*.py") for found in verb.findall(file.read_text())}
    assert len(shown) > 10
    assert shown <= set(buttons.VERBS)
