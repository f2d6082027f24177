"""What is private is labelled before anything can read it."""

import pytest
import sqlalchemy as sa

from core.memory.tables import messages
from core.monitor.probe import MINE
from core.runs.model import Label
from tests.integration.handlers_house import Chat


@pytest.fixture
def chat(database, clock):
    return Chat(database, clock)


def labels(chat):
    """The label of the newest run, and of the message it answers."""
    run = chat.runs()[0]
    with chat.house.db.read() as tx:
        stored = tx.execute(sa.select(messages.c.label).where(messages.c.run_id == run.id)).scalar()
    return run.label, Label(stored)


def test_an_ordinary_message_is_open(chat):
    chat.say("What is the capital of France?")
    assert labels(chat) == (Label.OPEN, Label.OPEN)
    assert chat.texts() == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("my password is hunter22", "privacy-found-password"),
        ("আমার পাসওয়ার্ড হলো মেঘ১২৩৪", "privacy-found-password"),
        ("pay with 4111 1111 1111 1111", "privacy-found-card"),
        ("هذا الكلام بيني وبينك", "privacy-found-word"),
    ],
)
def test_a_message_with_a_secret_is_private_and_the_owner_is_told_why(chat, text, told):
    chat.say(text)
    assert labels(chat) == (Label.PRIVATE, Label.PRIVATE)
    assert chat.texts() == [told]


def test_private_with_words_is_one_private_message(chat):
    chat.say("/private how do I tell my boss?")
    assert labels(chat) == (Label.PRIVATE, Label.PRIVATE)
    assert chat.runs()[0].title == "how do I tell my boss?"
    chat.say("and the weather?")
    assert labels(chat) == (Label.OPEN, Label.OPEN)


def test_a_private_thread_makes_all_that_follows_private_and_others_not(chat):
    chat.tap("private.thread", on=True)
    chat.say("hello")
    assert labels(chat) == (Label.PRIVATE, Label.PRIVATE)
    chat.tap("threads.new")
    chat.say("hello")
    assert labels(chat) == (Label.OPEN, Label.OPEN)


def test_a_phone_number_counts_where_a_local_model_answers_and_by_the_owners_switch(chat):
    number = "call +880 1711 123456"
    chat.say(number)
    assert labels(chat)[0] is Label.OPEN
    with chat.house.db.write() as tx:
        chat.house.preferences.set(tx, MINE, value=True)
    chat.say(number)
    assert labels(chat)[0] is Label.PRIVATE
    chat.tap("private.kind", name="phone", on=False)
    chat.say(number)
    assert labels(chat)[0] is Label.OPEN


def test_an_edited_private_message_stays_private(chat):
    said = chat.say("my password is hunter22")
    chat.edit(said.message_id, "my password is hunter23")
    assert labels(chat) == (Label.PRIVATE, Label.PRIVATE)


def test_the_screen_shows_the_thread_and_every_kind(chat):
    chat.say("/private")
    (row,) = chat.notices("private")
    assert row.notice.params["on"] is False
    assert row.notice.params["kinds"]["password"] is True
    assert row.notice.params["kinds"]["phone"] is False


def test_a_kind_that_does_not_exist_is_a_stale_button(chat):
    assert chat.tap("private.kind", name="nonsense", on=True)
    with chat.house.db.read() as tx:
        assert chat.house.preferences.starting_with(tx, "private-kind:") == {}
