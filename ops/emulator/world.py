"""The practice Telegram: people, chats, messages, drafts. Decides ids and what a chat shows.

Message ids are counted per chat and begin at the clock, so that a fresh state never repeats an
old id.
"""

from __future__ import annotations

from typing import Any

from ops.emulator.clock import SimClock
from ops.emulator.live import Bells, Stream
from ops.emulator.store import Store
from ops.emulator.wire import Json, Refusal, bad

FIRST_CHAT = 1001  # exists from the start: the person at the browser
DRAFT_S = 30.0
TYPING_S = 5.0
ID_EPOCH = 1_700_000_000  # ids are seconds since then: they fit 31 bits until 2092


class World:
    """Everything that both sides see. Rows live in the store; drafts and typing only in memory."""

    def __init__(self, store: Store, clock: SimClock, token: str) -> None:
        self.store = store
        self.clock = clock
        self.bells = Bells()
        self.stream = Stream()
        self.bot_id = int(token.split(":", maxsplit=1)[0])
        self.drafts: dict[int, dict[str, Json]] = {}
        self.typing: dict[int, Json] = {}
        self._next: dict[int, int] = {}
        self.open_chat(FIRST_CHAT)

    def bot(self) -> Json:
        profile = self.store.get("profile", "name|") or {}
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": profile.get("value") or "The Mask",
            "username": "practice_mask_bot",
        }

    def forget(self) -> None:
        """Drops what is only in memory, after the store was cleared. Message ids never go back."""
        self.drafts.clear()
        self.typing.clear()
        self.open_chat(FIRST_CHAT)

    # People and chats

    def user(self, user_id: int) -> Json:
        row = self.store.get("users", str(user_id))
        return row or self.save_user(user_id, {})

    def save_user(self, user_id: int, changes: Json) -> Json:
        row = self.store.get("users", str(user_id)) or {
            "id": user_id,
            "is_bot": False,
            "first_name": "Practice" if user_id == FIRST_CHAT else f"Person {user_id}",
            "language_code": "bn",
        }
        row = {**row, **{name: value for name, value in changes.items() if value is not None}}
        self.store.put("users", str(user_id), row)
        return row

    def open_chat(self, chat_id: int) -> Json:
        """The chat's row, made on first use; a positive id is the private chat with that user."""
        row = self.store.get("chats", str(chat_id))
        if row is None:
            row = {
                "id": chat_id,
                "type": "private" if chat_id > 0 else "supergroup",
                "blocked": False,
            }
            if chat_id < 0:
                row["title"] = f"Group {-chat_id}"
            self.store.put("chats", str(chat_id), row)
            self.stream.publish("chats", None, {})
        return row

    def save_chat(self, chat_id: int, changes: Json) -> Json:
        row = {**self.open_chat(chat_id), **changes}
        self.store.put("chats", str(chat_id), row)
        self.stream.publish("chats", None, {})
        return row

    def chat(self, chat_id: int) -> Json:
        """A Bot API Chat."""
        row = self.open_chat(chat_id)
        if row["type"] != "private":
            return {"id": chat_id, "type": row["type"], "title": row["title"]}
        person = self.user(chat_id)
        names = ("first_name", "last_name", "username")
        return {
            "id": chat_id,
            "type": "private",
            **{name: person[name] for name in names if name in person},
        }

    def reachable(self, chat_ref: str, *, write: bool = True) -> int:
        """The chat a method may use, or the refusal that the server would give."""
        if not chat_ref:
            raise bad("chat_id is empty")
        try:
            row = self.store.get("chats", str(int(chat_ref)))
        except ValueError:
            row = None
        if row is None:
            raise bad("chat not found")
        if write and row["blocked"]:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return int(row["id"])

    def thread(self, chat_id: int, thread_id: int) -> int | None:
        if thread_id <= 0:
            return None
        if str(thread_id) not in self.open_chat(chat_id).get("topics", {}):
            raise bad("message thread not found")
        return thread_id

    # Messages

    def rows(self, chat_id: int) -> dict[str, Json]:
        return self.store.table(f"messages/{chat_id}")

    def row(self, chat_id: int, message_id: int) -> Json | None:
        row = self.rows(chat_id).get(str(message_id))
        return None if row is None or row["deleted"] else row

    def new_message_id(self, chat_id: int) -> int:
        upcoming = self._next.get(chat_id)
        if upcoming is None:
            last = max((int(key) for key in self.rows(chat_id)), default=0)
            upcoming = max(last + 1, int(self.clock.now()) - ID_EPOCH)
        self._next[chat_id] = upcoming + 1
        return upcoming

    def add_message(self, chat_id: int, sender: Json, content: Json) -> Json:
        """A new message's row. A message of the bot replaces its drafts and its typing."""
        now = self.clock.now()
        from_bot = sender["id"] == self.bot_id
        api: Json = {
            "message_id": self.new_message_id(chat_id),
            "from": sender,
            "chat": self.chat(chat_id),
            "date": int(now),
            **content,
        }
        row: Json = {
            "api": api,
            "bot": from_bot,
            "at": now,
            "deleted": False,
            "edits": 0,
            "reactions": {},
        }
        if from_bot:
            self.end_drafts(chat_id)
            self.set_typing(chat_id, None)
        self.save(chat_id, row)
        return row

    def save(self, chat_id: int, row: Json) -> None:
        message_id = row["api"]["message_id"]
        self.store.put(f"messages/{chat_id}", str(message_id), row)
        self.bells.ring(f"chat {chat_id}")
        if self.stream.is_watched:
            self.stream.publish("message", chat_id, row)

    def full(self, row: Json) -> Json:
        """The row's Bot API Message with the message it answers opened one level."""
        api: Json = dict(row["api"])
        reply_id = api.pop("reply_to_id", None)
        if reply_id is not None:
            answered = self.rows(api["chat"]["id"]).get(str(reply_id))
            if answered is not None and not answered["deleted"]:
                inner = dict(answered["api"])
                inner.pop("reply_to_id", None)
                api["reply_to_message"] = inner
        return api

    # What passes: drafts and typing

    def set_draft(self, chat_id: int, draft: Json) -> None:
        """Shows or replaces a draft; one that the person stopped stays as it is."""
        drafts = self.drafts.setdefault(chat_id, {})
        key = str(draft["draft_id"])
        before = drafts.get(key)
        if before is not None and before["stopped"] and not self._is_over(before):
            return
        drafts[key] = {**draft, "stopped": False, "until": self.clock.now() + DRAFT_S}
        self._show_drafts(chat_id)

    def live_drafts(self, chat_id: int) -> list[Json]:
        drafts = self.drafts.get(chat_id, {})
        for key in [key for key, draft in drafts.items() if self._is_over(draft)]:
            del drafts[key]
        return [draft for draft in drafts.values() if not draft.get("hidden")]

    def stop_draft(self, chat_id: int, draft_id: int | None) -> Json:
        """Stops a draft: it takes no more frames, and goes unless it is to be kept."""
        for draft in reversed(self.live_drafts(chat_id)):
            wanted = draft_id is None or draft["draft_id"] == draft_id
            if wanted and draft["can_stop"] and not draft["stopped"]:
                draft["stopped"] = True
                draft["hidden"] = not draft["keep_on_stop"]
                self._show_drafts(chat_id)
                return draft
        raise LookupError(f"chat {chat_id} has no draft that can be stopped")

    def end_drafts(self, chat_id: int) -> None:
        if self.drafts.pop(chat_id, None):
            self._show_drafts(chat_id)

    def set_typing(self, chat_id: int, action: str | None) -> None:
        if action is None:
            if self.typing.pop(chat_id, None) is None:
                return
        else:
            self.typing[chat_id] = {"action": action, "until": self.clock.now() + TYPING_S}
        self.bells.ring(f"chat {chat_id}")
        self.stream.publish("typing", chat_id, {"action": action, "seconds": TYPING_S})

    def live_typing(self, chat_id: int) -> str | None:
        typing = self.typing.get(chat_id)
        return typing["action"] if typing and not self._is_over(typing) else None

    def _is_over(self, passing: Json) -> bool:
        return bool(passing["until"] <= self.clock.now())

    def _show_drafts(self, chat_id: int) -> None:
        self.bells.ring(f"chat {chat_id}")
        if self.stream.is_watched:
            body: dict[str, Any] = {"drafts": self.live_drafts(chat_id), "now": self.clock.now()}
            self.stream.publish("drafts", chat_id, body)
