"""Numbered messages, and the count of what came back: the emulator's chats are the ledger.

Each message carries a number that the model's echo returns, so every answer can be matched to its
message. Read are only messages of the bot, as the owner would have seen them.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.emulator.client import Simulator
from ops.environment import ROOT
from ops.proofs.rig.stand import LOOK_S, OWNER

NUMBER = re.compile(r"\bm(\d{6})\b")
#: First chat of a proof; the owner speaks in each of them.
FIRST_CHAT = 2001


@dataclass(frozen=True)
class Tally:
    """What became of the messages. Order is that of first answers within a chat."""

    said: int
    lost: list[int]
    twice: int  # answered again without a mark
    marked: int  # answers that say they may be a repeat
    disordered: int
    waits: list[float] = field(default_factory=list)  # seconds from message to first answer

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.twice or self.disordered)

    def __str__(self) -> str:
        parts = f"{self.said} said, {len(self.lost)} lost, {self.twice} twice unmarked"
        return f"{parts}, {self.marked} marked as possible repeats, {self.disordered} out of order"


@dataclass
class Chat:
    """One chat as far as it has been read."""

    id: int
    said: list[int] = field(default_factory=list)
    answers: list[tuple[int, bool, float]] = field(default_factory=list)  # number, marked, at
    open: set[int] = field(default_factory=set)
    read_to: int = 0


class Talk:
    """Speaks in `chats` chats in turn, and reads the answers. Safe from several threads.

    `told`: a word of answers that carry no number (a tool's result came between); such an answer
    belongs to the message it replies to.
    """

    def __init__(
        self,
        simulator: Simulator,
        chats: int = 30,
        *,
        first: int = FIRST_CHAT,
        told: str | None = None,
    ) -> None:
        self._simulator = simulator
        self._chats = {number: Chat(number) for number in range(first, first + chats)}
        self._turns = itertools.cycle(self._chats)
        self._numbers = itertools.count(1)
        self._said_at: dict[int, float] = {}
        self._told = told
        self._number_of: dict[tuple[int, int], int] = {}  # by chat and message id
        self._lock = threading.Lock()
        self._marks = repeat_marks()
        self.last_answer = time.monotonic()

    def say(self, words: str = "message", *, chat: int | None = None) -> int:
        """The next message, in the next chat or that one; its number."""
        with self._lock:
            number = next(self._numbers)
            at = self._chats[next(self._turns) if chat is None else chat]
            self._simulator.say(f"{words} m{number:06}", chat=at.id, user=OWNER, language_code="en")
            at.said.append(number)
            at.open.add(number)
        return number

    def look(self, *, everywhere: bool = False) -> int:
        """Read what is new in chats that wait for answers; how many messages wait still."""
        with self._lock:
            for chat in self._chats.values():
                if chat.open or (everywhere and chat.said):
                    self._read(chat)
            return sum(len(chat.open) for chat in self._chats.values())

    def _read(self, chat: Chat) -> None:
        for message in self._simulator.messages(chat.id, after=chat.read_to):
            chat.read_to = max(chat.read_to, int(message["message_id"]))
            number = self._number(chat, message)
            if number is None:
                continue
            if message["from"] != "bot":
                self._said_at[number] = message["at"]
                self._number_of[chat.id, message["message_id"]] = number
                continue
            is_marked = any(mark in message["text"] for mark in self._marks)
            chat.answers.append((number, is_marked, message["at"]))
            chat.open.discard(number)
            self.last_answer = time.monotonic()

    def _number(self, chat: Chat, message: dict[str, Any]) -> int | None:
        if found := NUMBER.search(message["text"]):
            return int(found[1])
        if self._told and self._told in message["text"]:
            return self._number_of.get((chat.id, message["reply_to"]))
        return None

    def wait(self, numbers: Iterable[int], timeout_s: float) -> bool:
        """Have these been answered within `timeout_s`?"""
        wanted = set(numbers)
        give_up = time.monotonic() + timeout_s
        while True:
            self.look()
            with self._lock:
                if not any(wanted & chat.open for chat in self._chats.values()):
                    return True
            if time.monotonic() > give_up:
                return False
            time.sleep(LOOK_S)

    def settle(self, *, quiet_s: float, timeout_s: float, after_s: float = 0.0) -> bool:
        """Until all are answered; gives up when nothing came for `quiet_s`, or after `timeout_s`.

        `after_s` more are given to answers that come a second time. True when all are answered.
        """
        begun = self.last_answer = time.monotonic()
        while waiting := self.look():
            now = time.monotonic()
            if now - self.last_answer > quiet_s or now - begun > timeout_s:
                break
            time.sleep(LOOK_S * 5)
        if not waiting:
            time.sleep(after_s)
        self.look(everywhere=True)
        return not waiting

    def tally(self) -> Tally:
        """The count so far."""
        chats = [chat for chat in self._chats.values() if chat.said]
        answers = [answer for chat in chats for answer in chat.answers]
        firsts = {number: at for number, _, at in reversed(answers)}
        waits = [firsts[n] - self._said_at[n] for n in firsts if n in self._said_at]
        return Tally(
            said=sum(len(chat.said) for chat in chats),
            lost=sorted(number for chat in chats for number in chat.open),
            twice=repeats(answers),
            marked=sum(marked for _, marked, _ in answers),
            disordered=sum(disordered([n for n, _, _ in chat.answers]) for chat in chats),
            waits=waits,
        )

    def waits_of(self, numbers: Iterable[int]) -> list[float | None]:
        """Seconds each of these waited for its first answer, None for the unanswered."""
        firsts: dict[int, float] = {}
        for chat in self._chats.values():
            for number, _, at in chat.answers:
                firsts.setdefault(number, at)
        return [
            firsts[n] - self._said_at[n] if n in firsts and n in self._said_at else None
            for n in numbers
        ]


def repeats(answers: Iterable[tuple[int, bool, float]]) -> int:
    """Answers to something that had been answered, without the mark that says so."""
    seen: set[int] = set()
    wrong = 0
    for number, is_marked, _ in answers:
        wrong += number in seen and not is_marked
        seen.add(number)
    return wrong


def disordered(numbers: Sequence[int]) -> int:
    """First answers that came after the first answer of a later message."""
    highest = wrong = 0
    for number in dict.fromkeys(numbers):
        wrong += number < highest
        highest = max(highest, number)
    return wrong


def repeat_marks() -> list[str]:
    """The sentence that marks a possible repeat, in every language, as the texts have it."""
    lines = [
        line
        for path in sorted((ROOT / "bot" / "locales").glob("*/*.ftl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [
        line.partition("=")[2].strip() for line in lines if line.startswith("answer-maybe-repeat")
    ]
