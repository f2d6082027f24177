"""Forgetting for good: what would go, a second tap, and the run that walks every place.

The first tap changes nothing and keeps nothing. With the second the order's words lie in its own
row alone; the run, its title and the card that follows carry ids and counts. Messages of this chat
that hold what is forgotten are deleted as far as Telegram lets a bot: for two days.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.handlers.incoming import Tapped, Verb, Word
from bot.handlers.memory_changing import by
from bot.handlers.memory_item import origin_of
from bot.handlers.memory_query import kind_of
from bot.handlers.screens import show
from bot.unsaying import unsay
from core.db import Transaction
from core.errors import Refused
from core.memory.forget_model import Order, Target
from core.memory.forget_words import Words
from core.memory.search_model import ItemKind
from core.runs import cards, chat_words
from core.runs.buttons import Tap
from core.runs.model import Label
from core.upkeep.forgetting import forget
from core.upkeep.model import ForgetOrder
from core.wiring import House

#: What is to be forgotten by its words needs so many letters: fewer would be everywhere.
LEAST_WORDS = 4
#: Words that are shown where the owner is asked, so that it is clear what is meant.
MOST_SHOWN = 200
SAID = (ItemKind.MESSAGE, ItemKind.ANSWER)
#: How long Telegram lets a bot delete a message, and how many are asked for at once.
DELETABLE = timedelta(hours=48)
MOST_UNSAID = 200


def of_words(house: House, tx: Transaction, chat_id: int, words: str) -> None:
    """`/memory forget <words>`: wherever they are. Refused(`memory-forget-short`)."""
    if len(words) < LEAST_WORDS:
        raise Refused("memory-forget-short", least=LEAST_WORDS)
    _preview(house, tx, chat_id, {"words": words}, words, None)


def tapped_on(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.forget`: the first tap shows what would go, the second lets it go."""
    about = _about(tap)
    if not tap.params.get("sure"):
        about |= {"back": origin_of(tx, tapped, tap)}
        text = _text_of(house, tx, about)
        _preview(house, tx, tapped.said.chat_id, about, text, tap.card_key)
        return None
    chat_id = tapped.said.chat_id
    order = _order(house, tx, about)
    order_id = house.memory.forgets.ask(tx, order, by(tapped))
    _unsay(house, tx, chat_id, order, tap.card_key)
    card = show(house, tx, chat_id, "memory-forget", {"stage": "running"}, tap.card_key)
    house.runs.start(tx, forget, ForgetOrder(order_id, chat_id, card), key=f"forget:{order_id}")
    house.audit.record(tx, "memory-forgotten", by(tapped).name, order=order_id)
    return Word("memory-forgetting")


def _about(tap: Tap) -> dict[str, Any]:
    """What a button names: words, or one item."""
    words = tap.params.get("words")
    if isinstance(words, str) and len(words) >= LEAST_WORDS:
        return {"words": words}
    return {"kind": kind_of(tap.params.get("kind")).name.lower(), "id": str(tap.params.get("id"))}


def _order(house: House, tx: Transaction, about: dict[str, Any]) -> Order:
    forgets = house.memory.forgets
    if "words" in about:
        return forgets.order(tx, (), (str(about["words"]),))
    return forgets.order(tx, (Target(kind_of(about["kind"]), str(about["id"])),))


def _preview(
    house: House,
    tx: Transaction,
    chat_id: int,
    about: dict[str, Any],
    text: str,
    key: str | None,
) -> None:
    """What an order would touch, in counts; nothing is kept of it."""
    order = _order(house, tx, about)
    would = house.memory.forgets.preview(tx, order)
    facts = {
        **about,
        "stage": "preview",
        "text": text[:MOST_SHOWN],
        "targets": len(order.targets),
        "counts": dict(would.counts),
        "total": sum(would.counts.values()),
        "open_runs": would.open_runs,
    }
    show(house, tx, chat_id, "memory-forget", facts, key, label=Label.PRIVATE)


def _text_of(house: House, tx: Transaction, about: dict[str, Any]) -> str:
    """How what is meant begins. Refused when it is gone."""
    if "words" in about:
        return str(about["words"])
    kind, item_id = kind_of(about["kind"]), str(about["id"])
    if kind is ItemKind.RECORD:
        return house.memory.records.get(tx, item_id, Label.PRIVATE).text
    if kind is ItemKind.SUMMARY:
        return house.memory.summaries.get(tx, item_id, Label.PRIVATE).text
    message = house.threads.message(tx, item_id)
    if message is None:
        raise Refused("record-missing")
    return message.text


def _unsay(house: House, tx: Transaction, chat_id: int, order: Order, card: str | None) -> None:
    """The messages of this chat that show what is forgotten go from it, too, but for the card that
    the receipt comes to."""
    words, since = Words(order.needles), house.clock.now() - DELETABLE
    numbers = {
        *chat_words.of_ours(tx, chat_id, since, words.are_in),
        *chat_words.of_theirs(tx, chat_id, since, words.are_in),
        *(number for target in order.targets for number in _said(house, tx, chat_id, target)),
    }
    stays = cards.shown(tx, chat_id, card) if card else None
    for number in sorted(numbers, reverse=True)[:MOST_UNSAID]:
        if stays is None or number != stays.message_id:
            unsay(house, tx, chat_id, number)


def _said(house: House, tx: Transaction, chat_id: int, target: Target) -> list[int]:
    """Telegram's numbers of a message that is forgotten whole."""
    message = house.threads.message(tx, target.id) if target.kind in SAID else None
    if message is None:
        return []
    if message.run_id is not None and target.kind is ItemKind.ANSWER:
        return house.mailbox.messages_of(tx, chat_id, message.run_id)
    return [] if message.telegram_id is None else [message.telegram_id]


VERBS: dict[str, Verb] = {"memory.forget": tapped_on}
