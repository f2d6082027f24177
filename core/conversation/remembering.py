"""What the owner asks to remember in plain words: found by shape, kept by a step, told in a line.

"Remember that ...", "মনে রেখো ...", "تذكر أن ..." at the beginning of a message, or ", remember
that" at its end. Decided by the table `remembering_signs`, never by a model, so that it works while
none answers. A question is no such wish ("do you remember ...?"). What is asked for besides goes on
to a model.

Missing guarantee: a wish in other words is not seen here; facts are looked for in it later
(`core.upkeep.facts`), and /remember always works.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.conversation import remembering_signs as signs
from core.conversation.model import Turn
from core.conversation.ports import ConversationRoom
from core.memory import telling
from core.memory.model import StoredMessage
from core.memory.record_model import Actor, Category, NewRecord, Source
from core.runs.model import Kind, Label
from core.runs.ports import StepContext
from core.runs.steps import step

#: Of a longer wish, the rest may hold a request: a model is asked as well.
MOST_ALONE = 400


@dataclass(frozen=True)
class Noted:
    """What became of the wish: the record, None where there were no words; and whether the message
    asks for something besides."""

    record_id: str | None
    asks_more: bool = False


@step("conversation.remember", kind=Kind.LOCAL)
def remember(room: ConversationRoom, ctx: StepContext, turn: Turn) -> Noted:
    """Keep what the owner wants remembered, and say so in one line with an Undo."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    message = room.threads.message(tx, turn.message_id)
    said = turn.text if message is None else message.text
    new = new_record(said, turn, message, ctx.label)
    if new is None or room.records is None:
        return Noted(None, asks_more=True)
    actor = Actor(f"chat:{turn.chat_id}", turn.message_id, ctx.run.id)
    stored = room.records.remember(tx, new, actor)
    ctx.notices.append(telling.remembered(stored, reply_to=turn.reply_to))
    return Noted(stored.record.id, asks_more=goes_on(said))


def wanted(text: str) -> str | None:
    """The words that the owner wants remembered; None when the text is no such wish, empty when
    they are those it replies to."""
    plain = signs.plain(text)
    asked = signs.ASKED.match(plain)
    if asked:
        return _tidy(asked[1])
    if any(shape.match(plain) for shape in signs.ALONE):
        return ""
    for shape in signs.SHAPES:
        found = shape.match(plain)
        words = _tidy(found[1]) if found else ""
        if words and not signs.QUESTION.search(words[-3:]):
            return words
    return None


def goes_on(text: str) -> bool:
    """May the message ask for something besides being remembered?"""
    words = wanted(text) or ""
    return len(words) > MOST_ALONE or bool(signs.GOES_ON.search(words))


def new_record(
    said: str, turn: Turn, message: StoredMessage | None, label: Label
) -> NewRecord | None:
    """What to keep of a message; None where it holds no words to keep.

    Only the owner's own words become a fact: what was forwarded, or what the owner replies to, is
    a note, whatever it says."""
    words, source = wanted(said), Source.OWNER
    if message is not None and message.source is not None:
        source = message.source
    if words == "":
        words, source = (turn.quoted or "").strip(), Source.UNTRUSTED
    if not words:
        return None
    is_fact = source is Source.OWNER and signs.is_about_owner(words)
    return NewRecord(
        category=Category.FACT if is_fact else Category.NOTE,
        text=words,
        label=label,
        source=source,
        thread_id=turn.thread_id,
        message_id=turn.message_id,
    )


def _tidy(words: str) -> str:
    return words.strip().strip("\u201c\u201d\"'").strip()
