"""Forgetting from the chat: shown first, gone after a second tap, nothing of its words on the way;
documents in and out; threads joined, split and read; /why with the memories that were used."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from bot.handlers import putting
from bot.handlers.putting import Document
from bot.unsaying import PREFIX
from core.conversation.model import Turn
from core.conversation.turn import chat_turn
from core.llm.material import Material
from core.llm.model import Message, Request
from core.memory.forget_model import ForgetState
from core.memory.record_model import Category
from core.memory.tables import forgettings, messages
from core.runs.codec import encode
from core.runs.model import Label
from core.runs.tables import intake, runs, steps
from tests.integration.handlers_house import OWNER
from tests.integration.memory_desk import MemoryDesk

SECRET = "Rina lives behind the blue mosque"


@pytest.fixture
def desk(sqlite_database, clock):
    return MemoryDesk(sqlite_database, clock)


def orders(desk):
    with desk.house.db.read() as tx:
        return tx.execute(sa.select(forgettings)).all()


def run_rows(desk, workflow):
    with desk.house.db.read() as tx:
        return tx.execute(sa.select(runs).where(runs.c.workflow == workflow)).all()


# -- forgetting ----------------------------------------------------------------------------------


@pytest.fixture
def previewing(desk):
    """A record whose forgetting is shown."""
    desk.kept = desk.remember(SECRET)
    desk.say("/memory mosque")
    desk.press("memory", "memory.open")
    desk.press("memory-item", "memory.forget")
    return desk


def test_the_first_tap_shows_what_would_go_and_keeps_nothing(previewing):
    shown = previewing.shown("memory-forget")
    for word in (SECRET, "memories: 1", "cannot be undone"):
        assert word in shown
    assert orders(previewing) == []
    assert previewing.record(previewing.kept.id).text == SECRET


def test_the_second_tap_begins_a_run_that_carries_no_words(previewing):
    assert previewing.press("memory-forget", "memory.forget", sure=True) == "Forgetting"
    (order,) = orders(previewing)
    assert order.state == ForgetState.ASKED
    assert [each.lower() for each in order.needles] == [SECRET.lower()]
    (run,) = run_rows(previewing, "forget")
    assert run.args["order_id"] == order.id
    assert SECRET not in json.dumps([run.args, run.title, run.key])
    assert SECRET not in json.dumps(previewing.params("memory-forget"))
    assert "gone through" in previewing.shown("memory-forget")


def test_thinking_better_of_it_leaves_it_as_it_was(previewing):
    previewing.press("memory-forget", "memory.open")
    assert SECRET in previewing.shown("memory-item")
    assert run_rows(previewing, "forget") == []


def test_a_second_second_tap_begins_nothing(previewing):
    page, message = previewing.newest("memory-forget")
    button = message.button("memory.forget", sure=True)
    previewing.tap_id(button, page)
    previewing.tap_id(button, page)
    assert len(orders(previewing)) == len(run_rows(previewing, "forget")) == 1


def test_words_are_forgotten_wherever_they_are_and_too_short_ones_are_refused(desk):
    desk.remember(SECRET)
    desk.exchange(f"By the way, {SECRET}.", "I see")
    desk.say("/memory forget the")
    assert desk.texts()[-1] == "err-memory-forget-short"
    desk.say("/memory forget blue mosque")
    assert {"messages", "records"} <= desk.params("memory-forget")["counts"].keys()
    desk.press("memory-forget", "memory.forget", sure=True)
    (order,) = orders(desk)
    assert [each.lower() for each in order.needles] == ["blue mosque"]


def test_the_messages_of_this_chat_go_from_it_too(desk):
    asked, _ = desk.exchange(SECRET)
    desk.tap("memory.open", card_key="screen:x", kind="message", id=asked.id)
    desk.press("memory-item", "memory.forget")
    desk.press("memory-forget", "memory.forget", sure=True)
    with desk.house.db.read() as tx:
        wished = desk.house.preferences.starting_with(tx, PREFIX)
    assert f"{PREFIX}{OWNER}:{asked.telegram_id}" in wished


def test_so_do_cards_and_messages_that_show_the_words_but_not_the_card_of_the_receipt(desk):
    typed = desk.incoming(f"/remember {SECRET}")
    raw = {"update_id": typed.row.update_id, "message": {
        "message_id": typed.message_id, "chat": {"id": OWNER}, "text": typed.text}}  # fmt: skip
    with desk.house.db.write() as tx:
        tx.execute(
            sa.update(intake).where(intake.c.seq == typed.row.seq).values(raw=json.dumps(raw))
        )
    desk.replay(typed)
    told, _ = desk.newest("remembered")
    desk.say("/jobs")
    jobs, _ = desk.newest("jobs")
    desk.say("/memory mosque")
    desk.press("memory", "memory.open")
    desk.press("memory-item", "memory.forget")
    page, _ = desk.newest("memory-forget")
    desk.press("memory-forget", "memory.forget", sure=True)
    with desk.house.db.read() as tx:
        wished = {
            name.rpartition(":")[2] for name in desk.house.preferences.starting_with(tx, PREFIX)
        }
    assert {str(typed.message_id), str(told)} <= wished
    assert not {str(page), str(jobs)} & wished


def test_what_is_older_than_telegram_lets_a_bot_delete_is_not_asked_for(desk):
    desk.say(f"/remember {SECRET}")
    desk.deliver()
    desk.clock.advance(49 * 3600)
    desk.say("/memory mosque")
    desk.press("memory", "memory.open")
    desk.press("memory-item", "memory.forget")
    desk.press("memory-forget", "memory.forget", sure=True)
    with desk.house.db.read() as tx:
        assert desk.house.preferences.starting_with(tx, PREFIX) == {}


# -- documents -----------------------------------------------------------------------------------


def hand_over(desk, name, content, caption=""):
    said = desk.incoming()
    putting.take(
        desk.house, said, Document(name, "application/json", len(content), caption), content
    )
    return said


@pytest.mark.parametrize(
    ("typed", "form"),
    [("/memory export", "json"), ("/memory export markdown", "markdown")],
)
def test_an_export_is_a_private_run_that_sends_a_document(desk, typed, form):
    desk.say(typed)
    (run,) = run_rows(desk, "export_memory")
    assert (run.args["form"], run.args["chat_id"], run.label) == (form, OWNER, Label.PRIVATE)


def test_only_the_found_records_are_exported_from_a_search(desk):
    record = desk.remember("tea is in the kitchen")
    desk.remember("coffee is not")
    desk.exchange("tea?")
    desk.say("/memory tea")
    desk.press("memory", "memory.export")
    (run,) = run_rows(desk, "export_memory")
    assert run.args["record_ids"] == [record.id]


def test_a_document_with_the_caption_is_imported_and_not_put_on_a_machine(desk):
    hand_over(desk, "memory.json", b"[]", "/memory import")
    (run,) = run_rows(desk, "import_memory")
    assert len(run.args["sha256"]) == 64
    assert desk.notices("files-received") == []


def test_a_document_after_the_command_is_imported_and_words_ask_again(desk):
    desk.say("/memory import")
    desk.say("here it comes")
    assert desk.texts()[-1] == "memory-want-document"
    hand_over(desk, "old.json", b"[]")
    assert len(run_rows(desk, "import_memory")) == 1


def test_a_document_without_a_word_is_held_and_a_tap_takes_it_as_memories(desk):
    hand_over(desk, "memory.json", b"[]")
    assert run_rows(desk, "import_memory") == []
    desk.press("files-received", "memory.import")
    assert len(run_rows(desk, "import_memory")) == 1


# -- threads -------------------------------------------------------------------------------------


@pytest.fixture
def two(desk):
    """Two threads; the second is the current one."""
    with desk.house.db.write() as tx:
        desk.car = desk.house.threads.new(tx, OWNER, "Car")
        desk.tax = desk.house.threads.new(tx, OWNER, "Tax")
    desk.first, _ = desk.exchange("wheels?", "four", thread=desk.car.id)
    desk.exchange("due?", "in May", thread=desk.tax.id)
    desk.say("/threads")
    return desk


def texts_in(desk, thread):
    with desk.house.db.read() as tx:
        query = sa.select(messages.c.text).where(messages.c.thread_id == thread.id)
        return list(tx.execute(query.order_by(messages.c.seq)).scalars())


def test_threads_are_joined_from_their_buttons_and_put_back(two):
    two.press("threads", "threads.open", id=two.tax.id)
    two.press("thread", "threads.join")
    assert [each["id"] for each in two.params("threads")["rows"]] == [two.car.id]
    two.press("threads", "threads.join", into=two.car.id)
    assert texts_in(two, two.car) == ["wheels?", "four", "due?", "in May"]
    assert "“Tax” is part of “Car” now" in two.shown("thread-moved")
    with two.house.db.write() as tx:
        assert two.house.threads.current(tx, OWNER).id == two.car.id
    two.press("thread-moved", "threads.unmove")
    assert texts_in(two, two.tax) == ["due?", "in May"]
    assert "where it was" in two.shown("thread-moved")


def test_a_thread_is_split_where_the_owner_taps(two):
    two.exchange("tyres?", "winter ones", thread=two.car.id)
    two.press("threads", "threads.open", id=two.car.id)
    two.press("thread", "threads.split")
    seq = two.params("thread-history")["rows"][2]["seq"]
    two.press("thread-history", "threads.split", seq=seq)
    assert texts_in(two, two.car) == ["wheels?", "four"]
    assert "“tyres?”" in two.shown("thread-moved")


def test_a_reply_with_the_command_splits_there_and_names_it(two):
    second, _ = two.exchange("tyres?", "winter ones", thread=two.car.id)
    two.say("/threads split Tyres", replied_to=second.telegram_id)
    assert two.params("thread-moved")["into"] == "Tyres"
    two.say("/threads split")
    assert two.texts()[-1] == "err-thread-split-how"


def test_what_comes_out_of_a_private_thread_stays_private(two):
    two.do(two.house.preferences.set, f"private-thread:{two.car.id}", value=True)
    two.exchange("tyres?", "winter ones", thread=two.car.id)
    two.tap("threads.split", card_key="screen:x", id=two.car.id, seq=two.first.seq + 4)
    into = two.params("thread-moved")["into_id"]
    assert two.do(two.house.preferences.get, f"private-thread:{into}")
    two.tap("threads.join", card_key="screen:x", id=two.car.id, into=two.tax.id)
    assert two.do(two.house.preferences.get, f"private-thread:{two.tax.id}")


def test_a_whole_thread_is_read_page_by_page(two):
    for at in range(6):
        two.exchange(f"question {at}", f"answer {at}", thread=two.car.id)
    two.press("threads", "threads.open", id=two.car.id)
    two.press("thread", "threads.history")
    assert two.words_of("thread-history")[-1] == "answer 5"
    two.press("thread-history", "threads.history", page=0)
    assert two.words_of("thread-history")[0] == "wheels?"


def test_a_thread_is_found_by_what_was_said_in_it(two):
    two.say("/threads search wheels")
    assert [each["id"] for each in two.params("threads")["rows"]] == [two.car.id]
    two.say("/thread open Car")
    with two.house.db.write() as tx:
        assert two.house.threads.current(tx, OWNER).id == two.car.id
    two.press("thread", "threads.search")
    two.say("four")
    assert two.words_of("memory") == ["four"]
    two.say("/threads search nothing of it")
    assert two.texts()[-1] == "threads-none-named"


def test_a_summary_is_asked_for_and_short_threads_have_none(two):
    two.press("threads", "threads.open", id=two.tax.id)
    assert two.press("thread", "threads.summary") == "Too short for a summary"
    for at in range(3):
        two.exchange(f"question {at}", label=Label.PRIVATE, thread=two.car.id)
    two.tap("threads.open", card_key="screen:t", id=two.car.id)
    two.press("thread", "threads.summary")
    (run,) = run_rows(two, "summarise_thread")
    assert (run.args["card"], run.label) == ("screen:t", Label.PRIVATE)


# -- why -----------------------------------------------------------------------------------------


def journal_turn(desk, request):
    """A turn that was answered with that request."""
    ended = [
        ("conversation.recall", encode(Request, request)),
        ("llm.generate", {"endpoint": "groq/x", "place": "home", "text": "short"}),
    ]
    with desk.house.db.write() as tx:
        turn = Turn(OWNER, "t", "m", "x", "en")
        run_id = desk.house.runs.start(tx, chat_turn, turn, chat_id=OWNER)
        for at, (name, outcome) in enumerate(ended):
            values = {
                "run_id": run_id, "position": str(at), "name": name, "version": 1, "kind": "read",
                "place": "home", "state": "done", "inputs": {}, "digest": "d", "outcome": outcome,
                "attempts": 1, "created_at": desk.clock.now(), "updated_at": desk.clock.now(),
            }  # fmt: skip
            known = {column.name for column in steps.c}
            row = {column: value for column, value in values.items() if column in known}
            tx.execute(sa.insert(steps).values(row))
    return run_id


def test_why_names_the_memories_that_were_used_and_not_those_that_are_gone(desk):
    fact = desk.remember("I prefer short answers", Category.FACT, label=Label.PRIVATE)
    asked, _ = desk.exchange("how tall is it?")
    when = fact.happened_at.isoformat()
    material = (
        Material("record", fact.id, "why-memory-fact", when, Label.PRIVATE),
        Material("record", "no-such-record", "why-memory-found", None),
        Material("message", asked.id, "why-memory-recent", None),
    )
    run_id = journal_turn(desk, Request((Message("user", "how tall?"),), material=material))
    desk.tap("why.open", card_key="screen:w", run_id=run_id, whole=True)
    shown = desk.shown("why")
    for word in ("facts about you: 1", "what was said lately: 1", fact.text, "gone since"):
        assert word in shown
    assert asked.text not in shown  # what was just said is counted, not quoted
    assert desk.label("why") is Label.PRIVATE
    desk.press("why", "memory.open", id=fact.id)
    assert desk.params("memory-item")["id"] == fact.id
    desk.tap("why.open", card_key="screen:v", run_id=run_id)
    assert "3 things remembered went in" in desk.shown("why")
