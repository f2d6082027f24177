"""The border to the outside: what an update may be, and what is left out."""

import pytest
from telegram import Bot, Update

from bot.handlers.incoming import MalformedError, incoming, tapped

BOT = Bot("77:TEST")
WHO = {"id": 42, "is_bot": False, "first_name": "Ada", "language_code": "bn"}
CHAT = {"id": 42, "type": "private"}


def facts(who=WHO, chat=CHAT, **content):
    message = {"message_id": 5, "date": 1, "chat": chat, "from": who, **content}
    return incoming(Update.de_json({"update_id": 1, "message": message}, BOT))


def test_a_message_becomes_plain_facts():
    origin = {"message_id": 3, "date": 1, "chat": CHAT, "text": "the old words"}
    said = facts(text="what?", reply_to_message=origin)
    assert (said.chat_id, said.user_id, said.message_id, said.text) == (42, 42, 5, "what?")
    assert (said.quoted, said.replied_to, said.language_code) == ("the old words", 3, "bn")


def test_the_quoted_part_beats_the_whole_message():
    origin = {"message_id": 3, "date": 1, "chat": CHAT, "text": "the old words"}
    quote = {"text": "old", "position": 4}
    assert facts(text="what?", reply_to_message=origin, quote=quote).quoted == "old"


def test_half_a_surrogate_pair_and_nul_do_not_reach_the_database():
    assert facts(text="a\ud800b\x00c 😀").text == "a\ufffdbc 😀"


@pytest.mark.parametrize("nonsense", [7, 1.5, ["x"], {"id": "x"}, True])
def test_a_name_or_language_that_is_no_text_is_left_out(nonsense):
    said = facts(who={**WHO, "first_name": nonsense, "language_code": nonsense}, text="hello")
    assert (said.first_name, said.language_code, said.text) == (None, None, "hello")


@pytest.mark.parametrize("nonsense", [["x"], 7, {"a": 1}])
def test_a_text_that_is_no_text_is_malformed(nonsense):
    with pytest.raises(MalformedError):
        facts(text=nonsense)


@pytest.mark.parametrize("nonsense", ["42", 1.5, [42], 2**80, True])
def test_a_person_without_a_number_is_malformed(nonsense):
    with pytest.raises(MalformedError):
        facts(who={**WHO, "id": nonsense}, text="hello")


def test_a_tap_without_its_message_is_no_tap():
    query = {"id": "1", "from": WHO, "chat_instance": "1", "data": "x"}
    assert tapped(Update.de_json({"update_id": 1, "callback_query": query}, BOT)) is None
