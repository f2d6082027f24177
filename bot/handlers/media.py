"""What the bot cannot take yet: a kind sentence, in the owner's language, never silence.

An album arrives as one update per picture; it is answered once.
"""

from __future__ import annotations

from telegram import Message, Update

from bot.context import MaskContext
from bot.handlers.incoming import Incoming, incoming
from bot.handlers.obeying import obey
from bot.handlers.screens import say
from core.db import Transaction
from core.wiring import House

#: Attribute of a Telegram message -> Fluent key; the first that is there counts. An animation
#: also carries a document, so it stands before it.
KINDS = (
    ("voice", "reply-voice"),
    ("video_note", "reply-voice"),
    ("audio", "reply-voice"),
    ("sticker", "reply-sticker"),
    ("photo", "reply-photo"),
    ("animation", "reply-video"),
    ("video", "reply-video"),
    ("document", "reply-file"),
    ("location", "reply-location"),
    ("venue", "reply-location"),
    ("contact", "reply-contact"),
    ("poll", "reply-poll"),
)
OTHER = "reply-other"


async def on_media(update: Update, context: MaskContext) -> None:
    """Any message that is neither text nor a command."""
    message = update.effective_message
    assert message is not None, "the filter lets messages pass only"
    services = context.services
    key = key_of(message)
    await services.bridge.run(answer_kindly, services.house, incoming(update), key)


def key_of(message: Message) -> str:
    """Which sentence fits what came."""
    for attribute, key in KINDS:
        if getattr(message, attribute):
            return key
    return OTHER


def answer_kindly(house: House, said: Incoming, key: str) -> None:
    """One reply; of an album only the first part gets one."""

    def effect(tx: Transaction) -> None:
        if said.album is not None:
            name = f"album:{said.chat_id}"
            if house.preferences.get(tx, name) == said.album:
                return
            house.preferences.set(tx, name, said.album)
        say(house, tx, said.chat_id, key, reply_to=said.message_id)

    obey(house, said, effect, why=key)
