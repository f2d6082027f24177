"""An update as plain facts: what handlers need of it, none of Telegram's types.

This is the border to the outside: PTB checks no types, so here numbers are made sure to be numbers
and texts to be texts. What everything hangs on (who, where, the text) must be right, else the
update is malformed; the rest (a name, a language) is left out when it makes no sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram import Message, Update

from bot.context import taken
from core.runs.intake import IntakeRow

if TYPE_CHECKING:
    from core.db import Transaction
    from core.memory.preferences import Question
    from core.runs.buttons import Tap
    from core.wiring import House

#: Characters of a quoted message, and of a name or tag, that are taken along.
MOST_QUOTED, MOST_WORD = 4000, 64
#: What fits into the database's whole numbers.
MOST_NUMBER = 2**63
COMMAND_NAME = re.compile(r"\A/[A-Za-z0-9_]{1,32}(?:@\w+)?")


class MalformedError(Exception):
    """The update is not what Telegram would send; trying again cannot help."""


@contextmanager
def at_the_border() -> Iterator[None]:
    """What goes wrong while reading an update is the update's fault: MalformedError."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, KeyError, AssertionError) as error:
        raise MalformedError(type(error).__name__) from error


@dataclass(frozen=True)
class Incoming:
    """One message (or edit, or tap, or stop) of the owner.

    `row` is the intake row to end together with the effect; None for updates that came another
    way (tests). `replied_to` is the Telegram message the owner answered; `code` the first code
    block of the text, where the app has made one; `is_forwarded`: somebody else's words.
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
    code: str | None = None
    is_forwarded: bool = False

    @property
    def key(self) -> str | None:
        """The run key of this update: a replayed update finds its run and starts no second."""
        return None if self.row is None else f"update:{self.row.source}:{self.row.update_id}"

    @property
    def arguments(self) -> str:
        """What follows a command's name."""
        return self.text.partition(" ")[2].strip()

    @property
    def after_command(self) -> str:
        """The same with everything that is written: also `!` and lines right behind the name."""
        return COMMAND_NAME.sub("", self.text, count=1)


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


#: What obeys a command, in the transaction that ends its update.
Command = Callable[["House", "Transaction", Incoming], None]
#: What obeys a tap; returns a short word for whoever tapped, or nothing to say.
Verb = Callable[["House", "Transaction", Tapped, "Tap"], Word | None]
#: What takes a text as the answer to the chat's open question of one topic.
Answer = Callable[["House", "Transaction", Incoming, "Question"], None]


def incoming(update: Update) -> Incoming:
    """The facts of a message or an edited message."""
    with at_the_border():
        message, user = update.effective_message, update.effective_user
        assert message is not None
        chat_id = number(message.chat_id)
        origin = message.reply_to_message
        return Incoming(
            row=taken.get(),
            chat_id=chat_id,
            user_id=number(user.id) if user else chat_id,
            message_id=number(message.message_id),
            text=storable(message.text or ""),
            language_code=_word(user.language_code) if user else None,
            first_name=_word(user.first_name) if user else None,
            quoted=_quoted(message),
            replied_to=number(origin.message_id) if origin else None,
            album=_word(message.media_group_id),
            code=_code(message),
            is_forwarded=message.forward_origin is not None or message.via_bot is not None,
        )


def tapped(update: Update) -> Tapped | None:
    """The facts of a tap; None when its message is too old for Telegram to say where it was."""
    with at_the_border():
        query = update.callback_query
        assert query is not None
        if query.message is None or query.data is None:
            return None
        said = Incoming(
            row=taken.get(),
            chat_id=number(query.message.chat.id),
            user_id=number(query.from_user.id),
            message_id=number(query.message.message_id),
            language_code=_word(query.from_user.language_code),
            first_name=_word(query.from_user.first_name),
        )
        return Tapped(said, storable(query.data), number(query.message.message_id))


def of_chat(chat_id: int) -> Incoming:
    """The facts of an update that only says in which private chat it happened."""
    return Incoming(row=taken.get(), chat_id=chat_id, user_id=chat_id)


def number(value: object) -> int:
    """A whole number that the database takes."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= MOST_NUMBER:
        raise ValueError("not a whole number")
    return value


def storable(text: object) -> str:
    """`text` as every database takes it: half a surrogate pair becomes U+FFFD, NUL goes."""
    if not isinstance(text, str):
        raise TypeError("not a text")
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


def _word(value: Any) -> str | None:
    """A name or tag, None when it is no text."""
    return storable(value[:MOST_WORD]) if isinstance(value, str) else None


def _code(message: Message) -> str | None:
    """The first code block. Offsets are Telegram's, in UTF-16 code units."""
    for entity in message.entities if message.text else ():
        if entity.type == "pre":
            return storable(message.parse_entity(entity))
    return None


def _quoted(message: Message) -> str | None:
    origin = message.reply_to_message
    texts = [message.quote.text if message.quote else None]
    texts += [origin.text, origin.caption] if origin else []
    for text in texts:
        if isinstance(text, str) and text:
            return storable(text[:MOST_QUOTED])
    return None
