"""The owner's gate."""

import pytest
from telegram import Update

from bot.gate import Door, Gate, Verdict

OWNER, STRANGER = 1001, 666
OWNERS = Verdict(Door.OWNER)


class Book:
    """Who the owner is, for a gate; `core.approvals.owner` keeps the real one."""

    def __init__(self):
        self.met = set()

    def is_owner(self, _tx, user_id):
        return user_id == OWNER

    def stranger_seen(self, _tx, user_id):
        first = user_id not in self.met
        self.met.add(user_id)
        return first


def person(user_id, *, is_bot=False):
    return {"id": user_id, "is_bot": is_bot, "first_name": "A"}


def chat(chat_id, kind="private"):
    return {"id": chat_id, "type": kind, "title": "T"}


def message(user=OWNER, text="hello", place=None, *, is_bot=False):
    sender = None if user is None else person(user, is_bot=is_bot)
    return {
        "message_id": 5,
        "date": 1700000000,
        "chat": place or chat(user),
        "from": sender,
        "text": text,
    }


def tap(user):
    return {
        "callback_query": {
            "id": "1",
            "from": person(user),
            "chat_instance": "1",
            "data": "x",
            "message": message(user),
        }
    }


def membership(place, status, user=OWNER):
    bot = person(42, is_bot=True)
    return {
        "my_chat_member": {
            "chat": place,
            "from": person(user),
            "date": 1700000000,
            "old_chat_member": {"status": "member", "user": bot},
            "new_chat_member": {"status": status, "user": bot, "until_date": 0},
        }
    }


def reaction(user):
    return {
        "message_reaction": {
            "chat": chat(user),
            "message_id": 5,
            "user": person(user),
            "date": 1700000000,
            "old_reaction": [],
            "new_reaction": [],
        }
    }


def judge(raw, gate=None):
    update = Update.de_json({"update_id": 1, **raw}, None)
    return (gate or Gate(Book())).judge(None, update)


@pytest.mark.parametrize(
    "raw",
    [
        {"message": message()},
        {"edited_message": message()},
        tap(OWNER),
        reaction(OWNER),
        {"message": message(text="/start")},
        {"stopped_message_generation": {"chat": chat(OWNER), "draft_id": "7"}},
    ],
    ids=["message", "edit", "tap", "reaction", "start", "stop"],
)
def test_the_owner_is_heard(raw):
    assert judge(raw) == OWNERS


def test_a_stranger_is_refused_once_and_then_met_with_silence():
    gate = Gate(Book())
    raw = {"message": message(STRANGER)}
    assert judge(raw, gate) == Verdict(Door.STRANGER, "stranger", is_first=True)
    assert judge(raw, gate) == Verdict(Door.STRANGER, "stranger", is_first=False)


def test_the_first_start_is_not_trusted_but_a_code_may_pair():
    assert judge({"message": message(STRANGER, "/start")}).door is Door.STRANGER
    assert judge({"message": message(STRANGER, "/start  ")}).door is Door.STRANGER
    shown = judge({"message": message(STRANGER, "/start@mask_bot c0de")})
    assert (shown.door, shown.code) == (Door.PAIR, "c0de")


@pytest.mark.parametrize(
    "raw",
    [
        tap(STRANGER),
        reaction(STRANGER),
        {"edited_message": message(STRANGER)},
        {"stopped_message_generation": {"chat": chat(STRANGER), "draft_id": 7}},
    ],
    ids=["tap", "reaction", "edit", "stop"],
)
def test_what_a_stranger_does_besides_writing_is_set_aside(raw):
    assert judge(raw) == Verdict(Door.ASIDE, "stranger")


@pytest.mark.parametrize("user", [OWNER, STRANGER])
def test_a_message_in_a_group_is_refused_even_from_the_owner(user):
    place = chat(-100, "supergroup")
    assert judge({"message": message(user, place=place)}) == Verdict(Door.GROUP, "supergroup")


def test_being_put_into_a_group_is_refused_and_leaving_it_is_nothing():
    place = chat(-100, "group")
    assert judge(membership(place, "member")).door is Door.GROUP
    assert judge(membership(place, "left")) == Verdict(Door.ASIDE, "left-group")


def test_blocking_the_bot_is_set_aside_by_name():
    assert judge(membership(chat(OWNER), "kicked")) == Verdict(Door.ASIDE, "blocked")
    assert judge(membership(chat(OWNER), "member")) == Verdict(Door.ASIDE, "unblocked")


def test_other_bots_and_unknown_kinds_are_set_aside():
    robot = {"message": message(7, is_bot=True)}
    assert judge(robot) == Verdict(Door.ASIDE, "bot")
    assert judge({}) == Verdict(Door.ASIDE, "unknown-kind")
    assert judge({"something_new": {"a": 1}}) == Verdict(Door.ASIDE, "unknown-kind")
    assert judge({"message": message(None, place=chat(5))}) == Verdict(Door.ASIDE, "no-user")


def test_a_stop_that_cannot_be_read_is_an_error_and_not_a_guess():
    with pytest.raises((ValueError, KeyError, TypeError)):
        judge({"stopped_message_generation": {"chat": {}, "draft_id": "x"}})
