"""Messages that are no text: documents are taken, the rest gets a kind sentence, never silence.

An album arrives as one update per picture; it is answered once.
"""

from __future__ import annotations

from dataclasses import replace

from telegram import Message, Update

from bot.context import MaskContext, Services
from bot.handlers import putting
from bot.handlers.incoming import Incoming, at_the_border, incoming, number, storable
from bot.handlers.obeying import obey
from bot.handlers.putting import Document
from bot.handlers.screens import say
from core.db import Transaction
from core.runs.blobs import MEDIA
from core.wiring import House

#: The one kind that is taken.
DOCUMENT = "document"
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
    ("document", DOCUMENT),
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
    if key == DOCUMENT:
        await take_document(services, message, incoming(update))
        return
    await services.bridge.run(answer_kindly, services.house, incoming(update), key)


async def take_document(services: Services, message: Message, said: Incoming) -> None:
    """Fetch what was sent and hand it on. A fetch that fails rises: the intake tries again."""
    document = document_of(message)
    if document.is_too_large:
        await services.bridge.run(putting.refuse_size, services.house, said, document)
        return
    assert message.document is not None, "its kind was found by it"
    file = await message.document.get_file()
    content = bytes(await file.download_as_bytearray())
    document = replace(document, size=len(content))
    if document.is_too_large:
        await services.bridge.run(putting.refuse_size, services.house, said, document)
        return
    await services.bridge.run(putting.take, services.house, said, document, content)


def document_of(message: Message) -> Document:
    """The facts of a document, none of Telegram's types."""
    with at_the_border():
        document = message.document
        assert document is not None
        media = document.mime_type or ""
        size = document.file_size
        return Document(
            name=putting.name_of(storable(document.file_name or ""), f"{message.message_id}.bin"),
            media=media if MEDIA.fullmatch(media) else "application/octet-stream",
            size=None if size is None else number(size),
            caption=storable(message.caption or ""),
        )


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
