"""What becomes of updates that are not the owner's."""

import itertools
import json

import pytest
from telegram import Bot, Update

from bot.gate import Door
from bot.handlers import door
from bot.handlers.incoming import MalformedError
from bot.handlers.obeying import bury
from tests.integration.handlers_house import OWNER, SOURCE, Chat

EVE = 666
NOBODY = {"id": ["x"], "is_bot": False, "first_name": "N"}
BOT = Bot("77:TEST")
NUMBERS = itertools.count(1)


@pytest.fixture
def chat(database, clock):
    return Chat(database, clock)


def meet(chat, **content):
    number = next(NUMBERS)
    raw = {"update_id": number, **content}
    chat.house.intake.keep(SOURCE, [(number, json.dumps(raw))], chat.house.clock.now())
    (row,) = [row for row in chat.house.intake.waiting(SOURCE) if row.update_id == number]
    return door.meet(chat.house, Update.de_json(raw, BOT), row)


def message(user_id, text="hello", chat_type="private", **more):
    group = {"id": -5, "type": chat_type, "title": "G"}
    place = {"id": user_id, "type": "private"} if chat_type == "private" else group
    who = {"id": user_id, "is_bot": False, "first_name": "E", "language_code": "en"}
    return {"message_id": 5, "date": 1, "chat": place, "from": who, "text": text, **more}


def test_the_owner_passes_and_the_update_stays_open(chat):
    assert meet(chat, message=message(OWNER)).door is Door.OWNER
    assert chat.endings() == [("new", None)]


def test_a_stranger_is_answered_once_and_then_never_again(chat):
    meet(chat, message=message(EVE))
    meet(chat, message=message(EVE))
    meet(chat, edited_message=message(EVE, edit_date=2))
    assert chat.texts() == ["reply-stranger"]
    assert [state for state, _ in chat.endings()] == ["refused", "aside", "aside"]


def test_a_group_is_not_answered_through_the_mailbox_even_when_the_owner_writes(chat):
    assert meet(chat, message=message(OWNER, chat_type="group")).door is Door.GROUP
    assert chat.notices() == []
    assert chat.endings()[0][0] == "aside"


def test_a_strangers_tap_and_stop_are_set_aside(chat):
    tap = {
        "id": "1",
        "from": {"id": EVE, "is_bot": False, "first_name": "E"},
        "chat_instance": "1",
        "data": "x",
        "message": message(EVE),
    }
    meet(chat, callback_query=tap)
    meet(chat, stopped_message_generation={"chat": {"id": EVE, "type": "private"}, "draft_id": "1"})
    assert [state for state, _ in chat.endings()] == ["aside", "aside"]
    assert chat.notices() == []


def test_who_shows_the_code_first_is_the_owner_and_gets_the_tour(database, clock):
    chat = Chat(database, clock, owner=None)
    with database.write() as tx:
        code = chat.house.owner.new_code(tx)
    meet(chat, message=message(EVE, "/start wrong"))
    meet(chat, message=message(OWNER, f"/start {code}"))
    meet(chat, message=message(EVE, f"/start {code}"))
    assert chat.texts() == ["reply-pairing-failed", "reply-paired", "reply-stranger"]
    assert [row.notice.chat_id for row in chat.notices("start")] == [OWNER]
    with database.read() as tx:
        assert chat.house.owner.owner_id(tx) == OWNER
    assert chat.endings() == [
        ("refused", "pairing-wrong"),
        ("done", "pairing-paired"),
        ("refused", "stranger"),
    ]


def test_a_rule_is_never_named_by_what_came_in(chat):
    meet(chat, message=message(OWNER, chat_type="the canary sings"))
    assert chat.endings() == [("aside", "group")]


def test_an_update_that_makes_no_sense_is_dead_at_once_with_one_alert(chat):
    for _ in range(2):
        with pytest.raises(MalformedError):
            meet(chat, message={**message(EVE), "from": NOBODY})
    for row in chat.house.intake.waiting(SOURCE):
        bury(chat.house, row)
    assert chat.endings() == [("dead", "malformed")] * 2
    alerts = chat.notices("alert")
    assert {row.notice.key for row in alerts} == {"alert:bot:update-dead"}
    assert alerts[-1].notice.params["count"] == 2
