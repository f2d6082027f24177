"""Threads, their messages, and what a run may see of them."""

import pytest

from core.db import metadata, open_sqlite
from core.errors import Refused
from core.memory import context, context_builder
from core.memory.context_gathering import Contexts
from core.memory.context_model import Budget, Place
from core.memory.measure import message_tokens
from core.memory.model import NewMessage, Role
from core.memory.preferences import Preferences, Question
from core.memory.threads import Threads
from core.runs.model import Label

CHAT = 1001


@pytest.fixture
def db(database):
    return database


@pytest.fixture
def threads(db, clock):
    return Threads(db, clock, "home")


def say(threads, tx, thread, text, *, label=Label.OPEN):
    return threads.add(tx, NewMessage(thread.id, Role.OWNER, text, label))


def answer(threads, tx, thread, to, text, *, label=Label.OPEN):
    return threads.add(tx, NewMessage(thread.id, Role.ASSISTANT, text, label, parent_id=to.id))


def seen_by(tx, thread, reader, tokens, upto=None):
    """What a run of that label is told of a thread."""
    budget = Budget(tokens, standing=0, summary=tokens // 4, matters=0, least_talk=tokens // 2)
    return Contexts().built(tx, thread.id, reader, budget, upto=upto)


def texts(found):
    return [item.text for item in found.items if item.place is Place.TALK]


def summary_of(found):
    return next((item.text for item in found.items if item.place is Place.SUMMARY), None)


def test_a_chat_gets_a_first_thread_and_keeps_it(db, threads):
    with db.write() as tx:
        first = threads.current(tx, CHAT)
    with db.write() as tx:
        assert threads.current(tx, CHAT).id == first.id
        assert threads.current(tx, CHAT + 1).id != first.id


def test_a_new_thread_is_current_and_the_old_one_can_be_taken_up_again(db, threads):
    with db.write() as tx:
        old = threads.current(tx, CHAT)
        new = threads.new(tx, CHAT, "Travel")
        assert threads.current(tx, CHAT).id == new.id
        threads.switch(tx, CHAT, old.id)
        assert threads.current(tx, CHAT).id == old.id


def test_a_thread_of_another_chat_cannot_be_opened(db, threads):
    with db.write() as tx:
        theirs = threads.new(tx, CHAT + 1)
        with pytest.raises(Refused, match="thread-missing"):
            threads.switch(tx, CHAT, theirs.id)


def test_twenty_five_threads_come_in_pages_with_counts(db, threads, clock):
    with db.write() as tx:
        for number in range(25):
            clock.advance(1)
            thread = threads.new(tx, CHAT, f"Thread {number}")
            for index in range(number % 3):
                say(threads, tx, thread, f"message {index}")
        first, last = threads.page(tx, CHAT, 0), threads.page(tx, CHAT, 99)
    assert (first.total, first.pages, first.page, last.page) == (25, 5, 0, 4)
    assert [row.name for row in first.rows][:2] == ["Thread 24", "Thread 23"]
    assert [row.count for row in first.rows] == [0, 2, 1, 0, 2, 1]
    assert [row.name for row in last.rows] == ["Thread 0"]


def test_a_thread_without_a_name_is_known_by_its_first_words(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        say(threads, tx, thread, "চট্টগ্রামে   বৃষ্টি\nহবে?")
        assert threads.get(tx, CHAT, thread.id).opening == "চট্টগ্রামে বৃষ্টি হবে?"


def test_a_name_is_found_whatever_its_case(db, threads):
    with db.write() as tx:
        threads.new(tx, CHAT, "Éclair Recipes")
        threads.new(tx, CHAT, "রান্না")
        assert [found.name for found in threads.named(tx, CHAT, "éCLAIR")] == ["Éclair Recipes"]
        assert [found.name for found in threads.named(tx, CHAT, "রান্না")] == ["রান্না"]


def test_an_empty_name_is_refused(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        with pytest.raises(Refused, match="thread-name-empty"):
            threads.rename(tx, CHAT, thread.id, " \n ")
        assert threads.rename(tx, CHAT, thread.id, " New\nname ").name == "New name"


def test_an_answer_stands_after_its_question_even_when_it_comes_late(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        one = say(threads, tx, thread, "one")
        two = say(threads, tx, thread, "two")
        say(threads, tx, thread, "three")
        answer(threads, tx, thread, one, "answer one")
        second = seen_by(tx, thread, Label.OPEN, 1000, upto=two.id)
        answer(threads, tx, thread, two, "answer two")
        whole = seen_by(tx, thread, Label.OPEN, 1000)
    assert texts(second) == ["one", "answer one", "two"]
    assert texts(whole) == ["one", "answer one", "two", "answer two", "three"]


def test_another_thread_is_never_in_the_context(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        say(threads, tx, thread, "here")
        other = threads.new(tx, CHAT)
        say(threads, tx, other, "elsewhere")
        assert texts(seen_by(tx, thread, Label.OPEN, 1000)) == ["here"]


def test_the_newest_messages_are_kept_when_the_window_is_small(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        for number in range(10):
            say(threads, tx, thread, f"message number {number}")
        budget = 3 * message_tokens("message number 0")
        found = seen_by(tx, thread, Label.OPEN, budget)
    assert texts(found) == ["message number 7", "message number 8", "message number 9"]
    assert len(found.left_out) == 7


def test_one_message_larger_than_the_window_is_cut_not_dropped(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        say(threads, tx, thread, "first words " + "অ" * 5000 + " last words")
        (text,) = texts(seen_by(tx, thread, Label.OPEN, 300))
    assert text.startswith("first words")
    assert text.endswith("last words")
    assert message_tokens(text) <= 300


def test_an_open_run_sees_a_private_message_as_one_line_only(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        secret = say(threads, tx, thread, "the canary sings", label=Label.PRIVATE)
        answer(threads, tx, thread, secret, "the canary again", label=Label.PRIVATE)
        say(threads, tx, thread, "open question")
        threads.keep_summary(tx, thread.id, "canary in a summary", 0, Label.OPEN)
        seen = seen_by(tx, thread, Label.OPEN, 1000)
        inside = seen_by(tx, thread, Label.PRIVATE, 1000)
    assert texts(seen) == [
        context_builder.PRIVATE_MESSAGE,
        context_builder.PRIVATE_MESSAGE,
        "open question",
    ]
    assert seen.label is Label.OPEN
    assert texts(inside)[0] == "the canary sings"
    assert inside.label is Label.PRIVATE


def test_a_private_summary_stays_out_of_an_open_run(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        first = say(threads, tx, thread, "x", label=Label.PRIVATE)
        threads.keep_summary(tx, thread.id, "canary", first.seq, Label.PRIVATE)
        assert summary_of(seen_by(tx, thread, Label.OPEN, 900)) == context_builder.PRIVATE_SUMMARY
        assert summary_of(seen_by(tx, thread, Label.PRIVATE, 900)) == "canary"


def test_a_summary_takes_the_place_of_what_it_covers(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        one = say(threads, tx, thread, "one")
        answer(threads, tx, thread, one, "answer one")
        say(threads, tx, thread, "two")
        assert threads.keep_summary(tx, thread.id, "they said one", one.seq, Label.OPEN)
        found = seen_by(tx, thread, Label.OPEN, 1000)
        assert not threads.keep_summary(tx, thread.id, "older", one.seq - 1, Label.OPEN)
    assert summary_of(found) == "they said one"
    assert texts(found) == ["two"]


def test_a_summary_is_due_when_the_tail_outgrows_the_window_and_leaves_half_free(db, threads):
    with db.write() as tx:
        thread = threads.current(tx, CHAT)
        budget = 10 * message_tokens("message number 0")
        said = [say(threads, tx, thread, f"message number {n}") for n in range(10)]
        assert context.overflow(tx, thread.id, budget) is None
        said.append(say(threads, tx, thread, "message number 10"))
        due = context.overflow(tx, thread.id, budget)
        found = context.oldest_of_tail(tx, thread.id, Label.OPEN, budget, due)
    assert due == said[5].seq
    assert [said.text for said in found.said] == [f"message number {n}" for n in range(6)]


def test_everything_is_there_after_a_restart(tmp_path, clock):
    for _ in range(2):
        opened = open_sqlite(tmp_path / "again.db", b"k" * 48)
        metadata.create_all(opened.engine)
        threads = Threads(opened, clock, "home")
        with opened.write() as tx:
            thread = threads.current(tx, CHAT)
            say(threads, tx, thread, "again")
            count = threads.get(tx, CHAT, thread.id).count
        opened.close()
    assert count == 2


def test_preferences_are_replaced_forgotten_and_listed(db, clock):
    preferences = Preferences(db, clock)
    with db.write() as tx:
        assert preferences.language(tx) == "bn"
        preferences.spoke(tx, "en")
        assert preferences.language(tx) == "en"
        preferences.choose_language(tx, "ar")
        assert preferences.language(tx) == "ar"
        preferences.choose_language(tx, None)
        assert preferences.language(tx) == "en"
        preferences.ask(tx, CHAT, Question("thread-name", {"id": "x"}))
    with db.write() as tx:
        assert preferences.asking(tx, CHAT) == Question("thread-name", {"id": "x"})
        preferences.ask(tx, CHAT, None)
        assert preferences.asking(tx, CHAT) is None
        assert preferences.starting_with(tx, "spo") == {"spoken": "en"}
