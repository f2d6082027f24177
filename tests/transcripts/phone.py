"""Telegram as the replayer needs it: takes the bot's calls in memory, keeps what a phone shows."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telegram.request import BaseRequest

OWNER, STRANGER = 1001, 2002
BOT = {"id": 77, "is_bot": True, "first_name": "Mask", "username": "mask_bot"}


@dataclass
class Bubble:
    """One message on the phone. `version` grows with every edit."""

    message_id: int
    chat_id: int
    text: str
    is_bot: bool
    buttons: list[list[dict[str, Any]]] = field(default_factory=list)
    silent: bool = False
    reply_to: int | None = None
    version: int = 0


class Phone(BaseRequest):
    """All chats. `changed` is set whenever the bot did something."""

    def __init__(self) -> None:
        self.bubbles: list[Bubble] = []
        self.toasts: list[str] = []
        self.drafts: list[str] = []
        self.draft_ids: list[int] = []
        self.calls: list[str] = []
        self.files: dict[str, bytes] = {}
        self.changed = asyncio.Event()
        self._numbers = itertools.count(1)

    @property
    def read_timeout(self) -> float | None:
        return 1.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, url, method, request_data=None, **_timeouts):
        name = url.rsplit("/", 1)[1]
        self.calls.append(name)
        if "/file/bot" in url:
            return 200, self.files[name]
        given = request_data.parameters if request_data else {}
        answer: Callable[[dict[str, Any]], Any] = getattr(
            self, re.sub("([A-Z])", r"_\1", f"_{name}").lower(), lambda _given: True
        )
        result = answer(given)
        self.changed.set()
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def show(self, chat_id: int, text: str) -> Bubble:
        """The person's own message."""
        bubble = Bubble(next(self._numbers), chat_id, text, is_bot=False)
        self.bubbles.append(bubble)
        return bubble

    def of_bot(self, chat_id: int = OWNER) -> list[Bubble]:
        return [each for each in self.bubbles if each.is_bot and each.chat_id == chat_id]

    def find(self, message_id: int) -> Bubble:
        return next(each for each in self.bubbles if each.message_id == message_id)

    def upload(self, content: bytes) -> str:
        """A file on its way to the bot; its id."""
        file_id = f"file{len(self.files)}"
        self.files[file_id] = content
        return file_id

    def _get_file(self, given):
        file_id = given["file_id"]
        size = len(self.files[file_id])
        facts = {"file_id": file_id, "file_unique_id": file_id, "file_size": size}
        return {**facts, "file_path": file_id}

    def _get_me(self, _given):
        return BOT

    def _send_message(self, given):
        return self._sent(given, given["text"])

    def _send_photo(self, given):
        return self._sent(given, given.get("caption", ""))

    def _send_document(self, given):
        return self._sent(given, given.get("caption", ""))

    def _edit_message_text(self, given):
        bubble = self.find(int(given["message_id"]))
        bubble.text, bubble.buttons = given["text"], _buttons(given)
        bubble.version += 1
        return self._message(bubble)

    def _edit_message_reply_markup(self, given):
        bubble = self.find(int(given["message_id"]))
        bubble.buttons = _buttons(given)
        return self._message(bubble)

    def _answer_callback_query(self, given):
        self.toasts.append(given.get("text", ""))
        return True

    def _send_message_draft(self, given):
        self.drafts.append(given.get("text", ""))
        self.draft_ids.append(int(given["draft_id"]))
        return True

    def _sent(self, given, text):
        reply = given.get("reply_parameters") or {}
        bubble = Bubble(
            next(self._numbers),
            int(given["chat_id"]),
            text,
            is_bot=True,
            buttons=_buttons(given),
            silent=bool(given.get("disable_notification")),
            reply_to=reply.get("message_id"),
        )
        self.bubbles.append(bubble)
        return self._message(bubble)

    def _message(self, bubble):
        chat = {"id": bubble.chat_id, "type": "private", "first_name": "Ada"}
        facts = {"message_id": bubble.message_id, "date": 1_790_000_000, "chat": chat}
        return {**facts, "from": BOT, "text": bubble.text or "-"}


def _buttons(given):
    return (given.get("reply_markup") or {}).get("inline_keyboard", [])
