"""/private: a message or a thread that must not leave the owner's machines.

`/private <words>` is a private message; `/private` alone shows the thread's state and the kinds of
content that make a message private by itself, each with a switch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.handlers.beginning import KIND, THREAD, begin_turn, is_private_thread, kinds
from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.screens import show
from core.conversation import language
from core.conversation.private import PrivateKind
from core.db import Transaction
from core.errors import Refused
from core.monitor.probe import has_model_of_mine
from core.runs.buttons import Tap
from core.wiring import House


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/private`, `/private <words>`."""
    if not said.arguments:
        show(house, tx, said.chat_id, "private", screen(house, tx, said.chat_id))
        return
    words = replace(said, text=said.arguments)
    saved = house.preferences.saved_language(tx)
    spoken = language.choose(saved=saved, text=words.text, language_code=said.language_code)
    begin_turn(house, tx, words, spoken, is_private=True)


def screen(house: House, tx: Transaction, chat_id: int) -> dict[str, Any]:
    """The thread's state, and which kinds count."""
    thread = house.threads.current(tx, chat_id)
    in_force = kinds(house, tx)
    return {
        "thread": thread.name or thread.opening,
        "on": is_private_thread(house, tx, thread.id),
        "kinds": {kind.value: kind in in_force for kind in PrivateKind},
        "has_local": has_model_of_mine(house.preferences, tx),
    }


def turn_thread(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`private.thread`: everything said in the current thread from now on."""
    chat_id, is_on = tapped.said.chat_id, bool(tap.params["on"])
    thread = house.threads.current(tx, chat_id)
    house.preferences.set(tx, f"{THREAD}{thread.id}", is_on or None)
    house.audit.record(tx, "thread-private" if is_on else "thread-open", "owner", thread=thread.id)
    show(house, tx, chat_id, "private", screen(house, tx, chat_id), tap.card_key)
    return Word("privacy-thread-on" if is_on else "privacy-thread-off")


def turn_kind(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`private.kind`: whether one kind of content makes a message private."""
    name, chat_id = str(tap.params["name"]), tapped.said.chat_id
    if name not in [kind.value for kind in PrivateKind]:
        raise Refused("stale-button")
    is_on = bool(tap.params["on"])
    house.preferences.set(tx, f"{KIND}{name}", is_on)
    house.audit.record(tx, "private-kind", "owner", name=name, on=is_on)
    show(house, tx, chat_id, "private", screen(house, tx, chat_id), tap.card_key)
    return Word("reply-saved")


COMMANDS: dict[str, Command] = {"private": command}
VERBS: dict[str, Verb] = {"private.thread": turn_thread, "private.kind": turn_kind}
ANSWERS: dict[str, Answer] = {}
