"""The owner's phone: asks for commands, reads their cards, taps. All over the emulator's chat.

What a card says is read as the owner would read it: by its words and its buttons, in English.
"""

from __future__ import annotations

import time
from typing import Any

from ops.emulator.client import Simulator
from ops.proofs.rig.stand import LOOK_S, OWNER, StandBroken

#: Words of the buttons and verdicts, as `bot/locales/en/approval.ftl` has them.
APPROVE, DENY = "Approve", "Deny"
DONE, UNKNOWN, FAILED, REFUSED = "Done", "I do not know", "It failed", "It was not run"
EXPIRED, STALE = "Nobody answered", "Your yes is too old"
FINAL = (DONE, UNKNOWN, FAILED, REFUSED, EXPIRED)

Message = dict[str, Any]


class Phone:
    """One chat of the owner."""

    def __init__(self, simulator: Simulator, chat: int = OWNER) -> None:
        self.simulator = simulator
        self.chat = chat

    def say(self, text: str) -> int:
        """Send a text; its message id."""
        return self.simulator.say(text, chat=self.chat, user=OWNER, language_code="en")

    def newest(self, words: str) -> Message | None:
        """The newest message of the bot that holds these words."""
        found = [
            message
            for message in self.simulator.messages(self.chat)
            if message["from"] == "bot" and words in message["text"]
        ]
        return found[-1] if found else None

    def wait(self, words: str, *among: str, timeout_s: float = 30.0) -> Message:
        """The newest message with `words`, once it also holds one of `among` (in its text or on a
        button). StandBroken when it never does."""
        give_up = time.monotonic() + timeout_s
        while True:
            message = self.newest(words)
            if message and (not among or any(each in shown(message) for each in among)):
                return message
            if time.monotonic() > give_up:
                last = shown(message) if message else "nothing"
                raise StandBroken(f"no message with {words!r} and one of {among}; last: {last}")
            time.sleep(LOOK_S)

    def tap(self, message: Message, label: str) -> str:
        """Tap the button of that message whose words hold `label`; the query's id."""
        for button in buttons(message):
            if label in button["text"]:
                return self.simulator.tap(
                    self.chat, data=button["callback_data"], message_id=message["message_id"]
                )
        raise StandBroken(f"no button {label!r} under {shown(message)}")


def buttons(message: Message) -> list[dict[str, Any]]:
    """The buttons of a message in order."""
    rows = message.get("buttons") or []
    return [button for row in rows for button in row]


def shown(message: Message) -> str:
    """Text and buttons, as one text."""
    labels = " ".join(f"[{button['text']}]" for button in buttons(message))
    return f"{message['text']}\n{labels}"


def verdict(message: Message) -> str:
    """Which end the card tells; empty while it tells none."""
    return next((word for word in FINAL if word in message["text"]), "")
