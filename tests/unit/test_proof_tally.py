"""The proofs' own count: it must see what it is there to see."""

from __future__ import annotations

from typing import Any

from ops.proofs.rig.report import dose
from ops.proofs.rig.talk import Talk, disordered, repeat_marks, repeats


class Chats:
    """A practice Telegram in which the test is the bot."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def say(self, text: str, *, chat: int, user: int, language_code: str) -> int:
        return self.put("user", chat, text)

    def put(self, sender: str, chat: int, text: str, reply_to: int | None = None) -> int:
        number = len(self.rows) + 1
        row = {"message_id": number, "from": sender, "text": text, "at": float(number)}
        self.rows.append({**row, "chat": chat, "reply_to": reply_to})
        return number

    def messages(self, chat: int, *, after: int) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["chat"] == chat and row["message_id"] > after]


def test_a_message_without_an_answer_is_lost() -> None:
    chats = Chats()
    talk = Talk(chats, 1)
    first, second = talk.say(), talk.say()
    chats.put("bot", 2001, f"m{first:06}")
    talk.look()
    assert talk.tally().lost == [second]
    assert talk.tally().waits == [2.0]


def test_a_second_answer_counts_unless_it_says_that_it_is_one() -> None:
    chats = Chats()
    talk = Talk(chats, 1)
    number = talk.say()
    chats.put("bot", 2001, f"m{number:06}")
    chats.put("bot", 2001, f"{repeat_marks()[0]}\n\nm{number:06}")
    talk.look(everywhere=True)
    assert (talk.tally().twice, talk.tally().marked) == (0, 1)
    chats.put("bot", 2001, f"m{number:06}")
    talk.look(everywhere=True)
    assert talk.tally().twice == 1
    assert not talk.tally().is_clean


def test_an_unmarked_answer_after_a_marked_one_is_a_repeat() -> None:
    assert repeats([(1, True, 0.0), (1, False, 1.0)]) == 1
    assert repeats([(1, False, 0.0), (2, False, 1.0), (1, True, 2.0)]) == 0


def test_an_answer_that_overtook_is_out_of_order_and_a_repeat_is_not() -> None:
    assert disordered([1, 3, 2, 4]) == 1
    assert disordered([1, 2, 1, 3]) == 0


def test_an_answer_without_a_number_belongs_to_the_message_it_replies_to() -> None:
    chats = Chats()
    talk = Talk(chats, 1, told="told")
    talk.say()
    chats.put("bot", 2001, "failed", reply_to=1)
    talk.look()
    assert talk.tally().lost == [1]
    chats.put("bot", 2001, "told", reply_to=1)
    talk.look()
    assert talk.tally().is_clean


def test_every_language_marks_a_possible_repeat() -> None:
    assert len(set(repeat_marks())) == 3


def test_a_dose_is_a_share_or_a_number_of_kills() -> None:
    assert (dose("0.1").kills, dose("0.1").of(10_000)) == (6, 1000)
    assert (dose("1").kills, dose("1000").kills) == (60, 1000)
