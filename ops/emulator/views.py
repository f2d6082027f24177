"""How the world looks to a test or to a reader: messages, chats, transcripts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ops.emulator.methods_edit import MEDIA
from ops.emulator.wire import Json
from ops.emulator.world import World


def message_view(row: Json) -> Json:
    """One message as a test reads it; `api` is the Bot API object behind it."""
    api: Json = row["api"]
    markup: Json = api.get("reply_markup") or {}
    view: Json = {
        "message_id": api["message_id"],
        "from": "bot" if row["bot"] else "user",
        "user_id": api["from"]["id"],
        "text": api.get("text", api.get("caption", "")),
        "entities": api.get("entities", api.get("caption_entities", [])),
        "buttons": [
            [dict(button) for button in line] for line in markup.get("inline_keyboard", [])
        ],
        "edited": row["edits"] > 0,
        "edits": row["edits"],
        "deleted": row["deleted"],
        "silent": bool(row.get("silent")),
        "reactions": row["reactions"],
        "reply_to": api.get("reply_to_id"),
        "at": row["at"],
        "edited_at": row.get("edited_at"),
        "api": api,
    }
    for kind in MEDIA:
        view[kind] = api.get(kind)
    view["rich_message"] = api.get("rich_message")
    return view


def messages_view(
    world: World, chat_id: int, *, after: int = 0, deleted: bool = False
) -> list[Json]:
    return [
        message_view(row)
        for key, row in world.rows(chat_id).items()
        if int(key) > after and (deleted or not row["deleted"])
    ]


def find_message(
    world: World, chat_id: int, after: int, contains: str | None, sender: str
) -> Json | None:
    """The first message after this id by this side that contains the text."""
    for key, row in world.rows(chat_id).items():
        if int(key) <= after or row["deleted"] or row["bot"] != (sender == "bot"):
            continue
        text = row["api"].get("text", row["api"].get("caption", ""))
        if contains is None or contains in text:
            return message_view(row)
    return None


def chats_view(world: World) -> list[Json]:
    listed: list[Json] = []
    for row in world.store.table("chats").values():
        chat: Json = {
            **world.chat(row["id"]),
            "blocked": row["blocked"],
            "pinned": row.get("pinned", []),
        }
        chat["keyboard"] = row.get("keyboard")
        if row["type"] == "private":
            chat["language_code"] = world.user(row["id"]).get("language_code")
        listed.append(chat)
    return listed


def transcript(world: World, chat_id: int) -> str:
    """The chat as plain text: one line per message, buttons in brackets."""
    lines: list[str] = []
    for row in world.rows(chat_id).values():
        api = row["api"]
        moment = dt.datetime.fromtimestamp(row["at"], dt.UTC)
        who = "bot" if row["bot"] else api["from"]["first_name"]
        marks = "".join(
            [
                " (deleted)" if row["deleted"] else "",
                f" (edited x{row['edits']})" if row["edits"] else "",
            ]
        )
        lines.append(f"[{moment:%H:%M:%S}] {who}{marks}: {_what(api)}")
        lines.extend(
            "    " + " ".join(f"[{button['text']}]" for button in line)
            for line in (api.get("reply_markup") or {}).get("inline_keyboard", [])
        )
    return "\n".join(lines) + "\n"


def _what(api: Json) -> str:
    for kind in MEDIA:
        if kind in api:
            body: Any = api[kind][-1] if kind == "photo" else api[kind]
            name = body.get("file_name", "")
            return " ".join(part for part in (f"<{kind}>", name, api.get("caption", "")) if part)
    if "rich_message" in api:
        rich = api["rich_message"]
        return "<rich> " + str(rich.get("html") or rich.get("markdown") or rich.get("blocks"))
    if "text" in api:
        return str(api["text"])
    return "<" + ", ".join(sorted(set(api) - {"message_id", "from", "chat", "date"})) + ">"
