"""What people do in the practice Telegram: write, send files, tap, edit, react, block, stop a
draft.

Each act changes the world as a phone would and queues the update that Telegram would send.
Nothing here is reachable through the Bot API.
"""

from __future__ import annotations

import secrets
from typing import Any

from ops.emulator.context import Context
from ops.emulator.methods_media import keep_upload
from ops.emulator.text import detect, tidy, units
from ops.emulator.wire import Json, Upload

MESSAGE_LIMIT = 4096


class People:
    """Acts of the persons in the chats. Raises LookupError for what is not on their screen."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.world = context.world

    def _sender(self, chat_id: int, user: int | None, changes: Json) -> Json:
        """The acting person; in a private chat that is the chat's own unless another is named."""
        self.world.open_chat(chat_id)
        return self.world.save_user(user or (chat_id if chat_id > 0 else 1001), changes)

    def say(self, chat_id: int, text: str, *, user: int | None = None, **extra: Any) -> Json:
        """A text message; longer than 4096 units it arrives in pieces, as the apps send it."""
        sender = self._sender(chat_id, user, {"language_code": extra.get("language_code")})
        pieces = _pieces(text)
        row: Json = {}
        for piece in pieces:
            clean, entities = tidy(piece, [])
            content: Json = {"text": clean or piece}
            found = detect(clean, list(extra.get("entities") or entities))
            if found:
                content["entities"] = found
            row = self._arrive(chat_id, sender, content, extra)
        return row

    def send_file(
        self, chat_id: int, kind: str, upload: Upload, *, user: int | None = None, **extra: Any
    ) -> Json:
        sender = self._sender(chat_id, user, {"language_code": extra.get("language_code")})
        content = keep_upload(self.context, kind, upload, extra)
        caption, entities = tidy(str(extra.get("caption") or ""), [])
        if caption:
            content["caption"] = caption
        found = detect(caption, entities)
        if found:
            content["caption_entities"] = found
        return self._arrive(chat_id, sender, content, extra)

    def send_content(
        self, chat_id: int, content: Json, *, user: int | None = None, **extra: Any
    ) -> Json:
        """Any other message: location, contact, dice ... exactly as given."""
        return self._arrive(chat_id, self._sender(chat_id, user, {}), content, extra)

    def _arrive(self, chat_id: int, sender: Json, content: Json, extra: Json) -> Json:
        fields: Json = {}
        reply_to = extra.get("reply_to")
        if reply_to:
            if self.world.row(chat_id, int(reply_to)) is None:
                raise LookupError(f"chat {chat_id} has no message {reply_to} to reply to")
            fields["reply_to_id"] = int(reply_to)
        for name in ("message_thread_id", "media_group_id"):
            if extra.get(name):
                fields[name] = extra[name]
        row = self.world.add_message(chat_id, sender, {**fields, **content})
        self._drop_one_time_keyboard(chat_id)
        number = self.context.updates.add("message", self.world.full(row))
        return {"message_id": row["api"]["message_id"], "update_id": number}

    def _drop_one_time_keyboard(self, chat_id: int) -> None:
        keyboard = self.world.open_chat(chat_id).get("keyboard")
        if keyboard and (keyboard.get("one_time_keyboard") or keyboard.get("force_reply")):
            self.world.save_chat(chat_id, {"keyboard": None})

    def edit(self, chat_id: int, message_id: int, text: str) -> Json:
        row = self._row(chat_id, message_id)
        clean, entities = tidy(text, [])
        api = {**row["api"], "text": clean, "edit_date": int(self.context.clock.now())}
        api.pop("entities", None)
        found = detect(clean, entities)
        if found:
            api["entities"] = found
        row["api"] = api
        row["edits"] += 1
        self.world.save(chat_id, row)
        number = self.context.updates.add("edited_message", self.world.full(row))
        return {"message_id": message_id, "update_id": number}

    def tap(
        self, chat_id: int, *, user: int | None = None, force: bool = False, **wanted: Any
    ) -> Json:
        """Taps an inline button by label or data; `force` taps what a stale screen shows."""
        row, button = self._button(chat_id, wanted, force=force)
        sender = self.world.user(user or (chat_id if chat_id > 0 else 1001))
        query_id = str(secrets.randbits(62))
        now = self.context.clock.now()
        tap: Json = {
            "chat": chat_id,
            "at": now,
            "data": button.get("callback_data"),
            "answer": None,
        }
        self.context.store.put("taps", query_id, tap)
        query: Json = {
            "id": query_id,
            "from": sender,
            "message": self.world.full(row),
            "chat_instance": str(self.world.bot_id * 1000 + abs(chat_id)),
            "data": button.get("callback_data"),
        }
        number = self.context.updates.add("callback_query", query)
        return {"query_id": query_id, "update_id": number, "message_id": row["api"]["message_id"]}

    def _button(self, chat_id: int, wanted: Json, *, force: bool) -> tuple[Json, Json]:
        label, data, message_id = wanted.get("label"), wanted.get("data"), wanted.get("message_id")
        rows = (
            [self._row(chat_id, int(message_id))]
            if message_id
            else list(reversed(self.world.rows(chat_id).values()))
        )
        for row in rows:
            if row["deleted"] or not row["bot"]:
                continue
            for button in buttons(row):
                named = (label is None or label in button["text"]) and (
                    data is None or data == button.get("callback_data")
                )
                if named and "callback_data" in button:
                    return row, button
            if force and data is not None:
                return row, {"callback_data": data}
        raise LookupError(f"chat {chat_id} shows no button with label {label!r}, data {data!r}")

    def react(
        self, chat_id: int, message_id: int, emoji: str | None, user: int | None = None
    ) -> Json:
        row = self._row(chat_id, message_id)
        sender = self.world.user(user or chat_id)
        old = row["reactions"].get(str(sender["id"]), [])
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        row["reactions"][str(sender["id"])] = new
        self.world.save(chat_id, row)
        body: Json = {
            "chat": self.world.chat(chat_id),
            "message_id": message_id,
            "user": sender,
            "date": int(self.context.clock.now()),
            "old_reaction": old,
            "new_reaction": new,
        }
        return {"update_id": self.context.updates.add("message_reaction", body)}

    def block(self, chat_id: int, *, blocked: bool) -> Json:
        self.world.save_chat(chat_id, {"blocked": blocked})
        bot = self.world.bot()
        states: list[Json] = [
            {"user": bot, "status": "member"},
            {"user": bot, "status": "kicked", "until_date": 0},
        ]
        body: Json = {
            "chat": self.world.chat(chat_id),
            "from": self.world.user(chat_id),
            "date": int(self.context.clock.now()),
            "old_chat_member": states[0 if blocked else 1],
            "new_chat_member": states[1 if blocked else 0],
        }
        return {"update_id": self.context.updates.add("my_chat_member", body)}

    def stop(self, chat_id: int, draft_id: int | None, *, as_text: bool = False) -> Json:
        """The Stop button of a draft; its number may arrive as text, as seen in the wild."""
        draft = self.world.stop_draft(chat_id, draft_id)
        number: int | str = str(draft["draft_id"]) if as_text else draft["draft_id"]
        body: Json = {"chat": self.world.chat(chat_id), "draft_id": number}
        if draft["message_thread_id"]:
            body["message_thread_id"] = draft["message_thread_id"]
        update_id = self.context.updates.add("stopped_message_generation", body)
        return {"draft_id": draft["draft_id"], "update_id": update_id}

    def delete(self, chat_id: int, message_id: int) -> None:
        """The person removes a message for both sides; a bot is not told."""
        row = self._row(chat_id, message_id)
        row["deleted"] = True
        self.world.save(chat_id, row)

    def _row(self, chat_id: int, message_id: int) -> Json:
        row = self.world.row(chat_id, message_id)
        if row is None:
            raise LookupError(f"chat {chat_id} has no message {message_id}")
        return row


def buttons(row: Json) -> list[Json]:
    """The inline buttons that the message shows now."""
    rows = (row["api"].get("reply_markup") or {}).get("inline_keyboard") or []
    return [button for line in rows for button in line if "disabled" not in button]


def _pieces(text: str) -> list[str]:
    if units(text) <= MESSAGE_LIMIT:
        return [text]
    pieces: list[str] = []
    piece = ""
    room = MESSAGE_LIMIT
    for char in text:
        width = 2 if char > "\uffff" else 1
        if width > room:
            pieces.append(piece)
            piece, room = "", MESSAGE_LIMIT
        piece += char
        room -= width
    return [*pieces, piece]
