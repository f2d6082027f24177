"""The control side under /sim/: acting as people, looking, waiting, faults, clock.

Each entry takes a call (JSON, form or multipart) and gives JSON. Waiting is done here, woken by
what happens: a client never has to poll. Errors: 400 with a sentence; 404 for an unknown name;
408 when a wait runs out.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from ops.emulator import views
from ops.emulator.bot_api import BotApi
from ops.emulator.faults import KINDS as FAULT_KINDS
from ops.emulator.methods_profile import commands_for
from ops.emulator.people import People
from ops.emulator.waits import Waits, chat_of
from ops.emulator.wire import Call, Json, Upload, bad

Entry = Callable[[Call], Any]


class Control:
    """The entries by name. Raises ValueError and LookupError with a sentence for the caller."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.context = api.context
        self.world = api.context.world
        self.people = People(api.context)
        self.entries: dict[str, Entry] = {
            name.removeprefix("on_"): getattr(side, name)
            for side in (self, Waits(api))
            for name in dir(side)
            if name.startswith("on_")
        }

    async def answer(self, call: Call) -> Any:
        result = self.entries[call.method](call)
        return await result if isinstance(result, Awaitable) else result

    # Acting

    def on_say(self, call: Call) -> Json:
        extra = _extra(call)
        extra["entities"] = call.json("entities", "entities must be JSON")
        return self.people.say(chat_of(call), call.text("text"), user=_user(call), **extra)

    def on_send(self, call: Call) -> Json:
        """A file: multipart field `file`, or base64 in `data` with `name` and `mime`."""
        upload = call.files.get("file")
        if upload is None:
            mime = call.text("mime") or "application/octet-stream"
            upload = Upload(
                call.text("name") or "file.bin", mime, base64.b64decode(call.text("data"))
            )
        extra = {
            **_extra(call),
            **{name: call.args[name] for name in _FILE_VALUES if name in call.args},
        }
        return self.people.send_file(
            chat_of(call), call.text("kind") or "document", upload, user=_user(call), **extra
        )

    def on_content(self, call: Call) -> Json:
        content = _object(call, "content")
        return self.people.send_content(chat_of(call), content, user=_user(call), **_extra(call))

    def on_edit(self, call: Call) -> Json:
        return self.people.edit(chat_of(call), call.integer("message_id"), call.text("text"))

    def on_delete(self, call: Call) -> Json:
        self.people.delete(chat_of(call), call.integer("message_id"))
        return {}

    def on_tap(self, call: Call) -> Json:
        wanted = {name: call.text(name) for name in ("label", "data") if call.has(name)}
        if call.has("message_id"):
            wanted["message_id"] = call.text("message_id")
        return self.people.tap(chat_of(call), user=_user(call), force=call.flag("force"), **wanted)

    def on_react(self, call: Call) -> Json:
        emoji = call.text("emoji") or None
        return self.people.react(chat_of(call), call.integer("message_id"), emoji, _user(call))

    def on_block(self, call: Call) -> Json:
        return self.people.block(
            chat_of(call), blocked=not call.has("blocked") or call.flag("blocked")
        )

    def on_stop(self, call: Call) -> Json:
        draft_id = call.integer("draft_id") or None
        return self.people.stop(chat_of(call), draft_id, as_text=call.flag("as_text"))

    def on_user(self, call: Call) -> Json:
        names = ("first_name", "last_name", "username", "language_code")
        return self.world.save_user(
            _user(call) or chat_of(call), {name: call.args.get(name) for name in names}
        )

    def on_chat(self, call: Call) -> Json:
        changes: Json = {}
        if call.has("topics"):
            changes["is_forum"] = call.flag("topics")
        if call.has("title"):
            changes["title"] = call.text("title")
        self.world.save_chat(chat_of(call), changes)
        return self.world.chat(chat_of(call))

    def on_raw(self, call: Call) -> Json:
        update = _object(call, "update")
        return {"update_id": self.context.updates.add_raw(update)}

    # Looking

    def on_messages(self, call: Call) -> list[Json]:
        after = call.integer("after")
        return views.messages_view(
            self.world, chat_of(call), after=after, deleted=call.flag("deleted")
        )

    def on_chats(self, _call: Call) -> list[Json]:
        return views.chats_view(self.world)

    def on_drafts(self, call: Call) -> list[Json]:
        return self.world.live_drafts(chat_of(call))

    def on_calls(self, call: Call) -> list[Json]:
        return self.api.called(call.text("of") or None, call.integer("after"))

    def on_violations(self, _call: Call) -> list[Json]:
        return self.api.violations

    def on_updates(self, _call: Call) -> list[Json]:
        return [row["update"] for row in self.context.updates.pending()]

    def on_transcript(self, call: Call) -> Json:
        chat_id = chat_of(call)
        if call.text("form") == "json":
            return {"messages": views.messages_view(self.world, chat_id, deleted=True)}
        return {"text": views.transcript(self.world, chat_id)}

    def on_screen(self, call: Call) -> Json:
        """Everything the chat page shows of one chat."""
        chat_id = chat_of(call)
        self.world.open_chat(chat_id)
        person = self.world.user(chat_id) if chat_id > 0 else {}
        rows = list(self.world.rows(chat_id).values())[-500:]
        return {
            "bot": self.world.bot(),
            "chats": views.chats_view(self.world),
            "messages": rows,
            "drafts": self.world.live_drafts(chat_id),
            "typing": self.world.live_typing(chat_id),
            "user": person,
            "commands": commands_for(self.context, chat_id, str(person.get("language_code", ""))),
            "description": self._described(str(person.get("language_code", ""))),
            "calls": [entry for entry in self.api.called(None) if entry["method"] != "getUpdates"][
                -200:
            ],
            "now": self.context.clock.now(),
        }

    def _described(self, language: str) -> str:
        for code in (language, ""):
            row = self.context.store.get("profile", f"description|{code}")
            if row and row["value"]:
                return str(row["value"])
        return ""

    # Faults, clock, reset

    def on_fault(self, call: Call) -> list[Json]:
        options = {name: value for name, value in call.args.items() if name != "kind"}
        self.context.faults.plan(call.text("kind"), **options)
        return self.on_faults(call)

    def on_faults(self, _call: Call) -> list[Json]:
        return [fault.summary() for fault in self.context.faults.planned if not fault.is_over()]

    def on_fault_kinds(self, _call: Call) -> Json:
        return dict(FAULT_KINDS)

    def on_clear_faults(self, _call: Call) -> list[Json]:
        self.context.faults.clear()
        return []

    def on_clock(self, call: Call) -> Json:
        """Pushes the clock forward; everything that is due then happens."""
        if call.has("seconds"):
            self.context.clock.advance(float(call.text("seconds")))
            self.context.store.put("meta", "clock", {"offset_s": self.context.clock.offset_s})
            self.context.updates.on_new.set()
            for row in self.world.store.table("chats").values():
                self.world.bells.ring(f"chat {row['id']}")
            self.world.stream.publish("reload", None, {})
        return {"now": self.context.clock.now(), "offset_s": self.context.clock.offset_s}

    def on_reset(self, _call: Call) -> Json:
        """Forgets everything; ids go on from the clock, never back."""
        self.context.updates.end_poll("new")
        last = self.context.store.get("meta", "last_update")
        self.context.store.clear()
        self.context.files.clear()
        self.context.faults.clear()
        self.api.forget()
        self.world.forget()
        if last:
            self.context.store.put("meta", "last_update", last)
        self.world.stream.publish("reload", None, {})
        return {}


_FILE_VALUES = ("duration", "width", "height", "length", "emoji", "performer", "title")


def _object(call: Call, name: str) -> Json:
    value = call.json(name, f"{name} must be JSON")
    if not isinstance(value, dict):
        raise bad(f"{name} is a JSON object")
    return value


def _user(call: Call) -> int | None:
    return call.integer("user") or None


def _extra(call: Call) -> Json:
    names = ("reply_to", "language_code", "caption", "message_thread_id", "media_group_id")
    extra: Json = {name: call.text(name) for name in names if call.has(name)}
    for name in ("reply_to", "message_thread_id"):
        if name in extra:
            if not str(extra[name]).lstrip("-").isdigit():
                raise bad(f"{name} is a number")
            extra[name] = int(extra[name])
    return extra
