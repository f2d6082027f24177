"""An update as plain facts: what handlers need of it, none of Telegram's types.

Everything optional in Telegram stays optional here: a channel post has no user, a tap may have
lost its message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from telegram import Message, Update

from bot.context import taken
from core.runs.intake import IntakeRow

#: Characters of a quoted message that are taken along.
MOST_QUOTED = 4000


@dataclass(frozen=True)
class Incoming:
    """One message (or edit, or tap, or stop) of the owner.

    `row` is the intake row to end together with the effect; None for updates that came another
    way (tests). `replied_to` is the Telegram message the owner answered.
    """

    row: IntakeRow | None
    chat_id: int
    user_id: int
    message_id: int | None = None
    text: str = ""
    language_code: str | None = None
    first_name: str | None = None
    quoted: str | None = None
    replied_to: int | None = None
    album: str | None = None

    @property
    def key(self) -> str | None:
        """The run key of this update: a replayed update finds its run and starts no second."""
        return None if self.row is None else f"update:{self.row.source}:{self.row.update_id}"

    @property
    def arguments(self) -> str:
        """What follows a command's name."""
        return self.text.partition(" ")[2].strip()


@dataclass(frozen=True)
class Tapped:
    """A tap on a button: the random id Telegram carried, and where it was tapped."""

    said: Incoming
    button_id: str
    message_id: int


@dataclass(frozen=True)
class Word:
    """A short word for whoever tapped: the Fluent text `key` with its values."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)


def incoming(update: Update) -> Incoming:
    """The facts of a message or an edited message."""
    message = update.effective_message
    user = update.effective_user
    assert message is not None, "handlers for messages get messages"
    return Incoming(
        row=taken.get(),
        chat_id=message.chat_id,
        user_id=user.id if user else message.chat_id,
        message_id=message.message_id,
        text=storable(message.text or ""),
        language_code=user.language_code if user else None,
        first_name=storable(user.first_name) if user else None,
        quoted=_quoted(message),
        replied_to=message.reply_to_message.message_id if message.reply_to_message else None,
        album=message.media_group_id,
    )


def tapped(update: Update) -> Tapped | None:
    """The facts of a tap; None when its message is too old for Telegram to say where it was."""
    query = update.callback_query
    assert query is not None, "handlers for taps get taps"
    if query.message is None or query.data is None:
        return None
    said = Incoming(
        row=taken.get(),
        chat_id=query.message.chat.id,
        user_id=query.from_user.id,
        message_id=query.message.message_id,
        language_code=query.from_user.language_code,
        first_name=query.from_user.first_name,
    )
    return Tapped(said, query.data, query.message.message_id)


def of_chat(chat_id: int) -> Incoming:
    """The facts of an update that only says in which private chat it happened."""
    return Incoming(row=taken.get(), chat_id=chat_id, user_id=chat_id)


def _quoted(message: Message) -> str | None:
    if message.quote is not None and message.quote.text:
        return storable(message.quote.text[:MOST_QUOTED])
    origin = message.reply_to_message
    if origin is None:
        return None
    text = origin.text or origin.caption
    return storable(text[:MOST_QUOTED]) if text else None


def storable(text: str) -> str:
    """`text` as every database takes it: half a surrogate pair becomes U+FFFD, NUL goes."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")
