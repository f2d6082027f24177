"""Updates that no library expects: valid ones of every kind, then broken in one to three ways.

Same seed, same updates. The update id is left alone: Telegram makes it, and it is what confirms.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Breaking = Callable[[random.Random, Json], None]

STRANGERS = range(900_001, 900_021)
#: Seconds since 1970: an honest date.
DATE = 1_780_000_000
NASTY_TEXTS = (
    "\u202e\u2066abc\u2069\u202d" * 200,  # bidi controls
    "\u200b\u200c\u200d\ufeff" * 500,  # zero width
    "\ud800 lone surrogate \udfff",
    "nul \x00 and bell \x07",
    "a" + "\u0301" * 3000,  # one letter with 3,000 accents
    "ক্ষ্ম" * 2000,
    "\u0627\u0644\u0644\u0647 \u202b" * 300,
    "x" * 120_000,
    "/start " + "A" * 5000,
    "/" + "\u200b" * 50,
    "/stop@somebody_else_bot",
    "'; DROP TABLE intake; --",
    "<b>&amp;</b> {line} {said} ${x} %s",
    "🧑🏽‍🚀" * 900,
    "",
    " \n\t ",
)  # fmt: skip
NASTY_DATA = (
    "", "x" * 64, "\u202e" * 20, "../../etc/passwd", "' OR 1=1 --", "0" * 22, "\x00", "🙂" * 16,
    "A" * 4096,
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**80, -(2**63) - 1, "", "text", [], {}, [[[]]], {"id": "x"}, ["a", 1],
)  # fmt: skip


def mutated(many: int, chats: range, owner: int, *, seed: int = 1) -> Iterator[Json]:
    """That many broken updates."""
    dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
    for number in range(many):
        update = dice.choice(KINDS)(dice.choice(chats), _who(dice, owner), number)
        broken: Json = copy.deepcopy(update)
        for _ in range(dice.choice((1, 1, 2, 3))):
            dice.choice(BREAKINGS)(dice, broken)
        broken.pop("update_id", None)
        yield broken


def _who(dice: random.Random, owner: int) -> int:
    return owner if dice.random() < 0.8 else dice.choice(STRANGERS)


def _user(who: int) -> Json:
    return {"id": who, "is_bot": False, "first_name": "Somebody", "language_code": "en"}


def _chat(chat: int) -> Json:
    return {"id": chat, "type": "private", "first_name": "Somebody"}


def _message(chat: int, who: int, number: int, **content: Any) -> Json:
    head = {"message_id": 10_000_000 + number, "date": DATE, "chat": _chat(chat)}
    return {**head, "from": _user(who), **content}


def _text(chat: int, who: int, number: int) -> Json:
    entities = [{"type": "bold", "offset": 0, "length": 4}]
    return {"message": _message(chat, who, number, text="some words", entities=entities)}


def _command(chat: int, who: int, number: int) -> Json:
    name = ("/help", "/status", "/jobs", "/why", "/settings")[number % 5]
    entities = [{"type": "bot_command", "offset": 0, "length": len(name)}]
    return {"message": _message(chat, who, number, text=name, entities=entities)}


def _edited(chat: int, who: int, number: int) -> Json:
    return {"edited_message": _message(chat, who, number, text="other words", edit_date=DATE + 1)}


def _reply(chat: int, who: int, number: int) -> Json:
    first = _message(chat, who, number + 1_000_000, text="what was said before")
    return {"message": _message(chat, who, number, text="and so", reply_to_message=first)}


def _tap(chat: int, who: int, number: int) -> Json:
    shown = {
        **_message(chat, who, number, text="a card"),
        "from": {**_user(123456), "is_bot": True},
    }
    tap = {"id": str(number), "from": _user(who), "message": shown, "chat_instance": "1"}
    return {"callback_query": {**tap, "data": f"{number:022}"}}


def _file(chat: int, who: int, number: int) -> Json:
    file = {"file_id": "AAA", "file_unique_id": "A", "file_size": 12, "mime_type": "audio/ogg"}
    kind = ("voice", "document", "sticker", "audio", "video_note")[number % 5]
    sizes = {"duration": 3, "width": 1, "height": 1, "length": 1, "type": "regular"}
    looks = {"is_animated": False, "is_video": False}
    return {"message": _message(chat, who, number, **{kind: {**file, **sizes, **looks}})}


def _place(chat: int, who: int, number: int) -> Json:
    return {"message": _message(chat, who, number, location={"latitude": 23.8, "longitude": 90.4})}


def _member(chat: int, who: int, _number: int) -> Json:
    bot = {**_user(123456), "is_bot": True}
    states = {
        "old_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
        "new_chat_member": {"user": bot, "status": "member"},
    }
    return {"my_chat_member": {"chat": _chat(chat), "from": _user(who), "date": DATE, **states}}


def _reaction(chat: int, who: int, number: int) -> Json:
    new = [{"type": "emoji", "emoji": "👍"}]
    head = {"chat": _chat(chat), "message_id": number, "user": _user(who), "date": DATE}
    return {"message_reaction": {**head, "old_reaction": [], "new_reaction": new}}


def _stopped(chat: int, _who: int, number: int) -> Json:
    return {"stopped_message_generation": {"chat": _chat(chat), "draft_id": number}}


def _channel(chat: int, _who: int, number: int) -> Json:
    chat_of_many = {"id": -1_000_000_000 - chat, "type": "channel", "title": "News"}
    head = {"message_id": number, "date": DATE, "chat": chat_of_many}
    return {"channel_post": {**head, "text": "news"}}


def _asked(_chat: int, who: int, number: int) -> Json:
    return {"inline_query": {"id": str(number), "from": _user(who), "query": "q", "offset": ""}}


def _unknown(chat: int, who: int, number: int) -> Json:
    return {f"kind_of_{number % 7}": _message(chat, who, number, text="from the future")}


KINDS = (
    _text, _text, _command, _edited, _reply, _tap, _tap, _file, _place, _member, _reaction,
    _stopped, _channel, _asked, _unknown,
)  # fmt: skip


def _somewhere(dice: random.Random, tree: Json) -> tuple[Any, Any] | None:
    """A container inside and one of its keys, the deeper ones as likely as the others."""
    spots: list[tuple[Any, Any]] = []
    stack: list[Any] = [tree]
    while stack:
        node = stack.pop()
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in pairs:
            spots.append((node, key))
            if isinstance(value, (dict, list)):
                stack.append(value)
    return dice.choice(spots) if spots else None


def drop(dice: random.Random, tree: Json) -> None:
    if spot := _somewhere(dice, tree):
        del spot[0][spot[1]]


def replace(dice: random.Random, tree: Json) -> None:
    if spot := _somewhere(dice, tree):
        spot[0][spot[1]] = copy.deepcopy(dice.choice(WRONG))


def write(dice: random.Random, tree: Json) -> None:
    """A nasty text where a text is."""
    for body in tree.values():
        if isinstance(body, dict):
            name = "data" if "data" in body else dice.choice(("text", "text", "caption", "query"))
            body[name] = dice.choice(NASTY_DATA if name == "data" else NASTY_TEXTS)


def mark(dice: random.Random, tree: Json) -> None:
    """Entities that point nowhere."""
    for body in tree.values():
        if isinstance(body, dict):
            kind = dice.choice(("bold", "no_such_kind", "text_link", 7, None))
            at, length = dice.choice(((-5, 2), (10**6, 3), (0, 0), (0, -1), ("0", "9")))
            body["entities"] = [{"type": kind, "offset": at, "length": length}] * 3


def bury(dice: random.Random, tree: Json) -> None:
    """Deep nesting where a value was."""
    if spot := _somewhere(dice, tree):
        nest: Any = "deep"
        for _ in range(dice.choice((50, 400))):
            nest = {"reply_to_message": nest}
        spot[0][spot[1]] = nest


def rename(dice: random.Random, tree: Json) -> None:
    if tree:
        old = next(iter(tree))
        tree[dice.choice(("messsage", "message ", "новое", "callback_query", "poll"))] = tree.pop(
            old
        )


def strip(_dice: random.Random, tree: Json) -> None:
    tree.clear()


BREAKINGS: tuple[Breaking, ...] = (
    drop, drop, drop, replace, replace, replace, write, write, mark, bury, rename, strip,
)  # fmt: skip
