"""Waits of the control side: woken by what happens, never by asking again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ops.emulator import views
from ops.emulator.bot_api import BotApi
from ops.emulator.wire import Call, Json
from ops.emulator.world import FIRST_CHAT

LONGEST_WAIT_S = 600.0
T = TypeVar("T")


class WaitOver(Exception):
    """Nothing of what was waited for came in time."""


class Waits:
    """Each entry answers as soon as what it waits for is there."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.context = api.context
        self.world = api.context.world

    async def on_wait_message(self, call: Call) -> Json:
        chat_id, after = chat_of(call), call.integer("after")
        contains = call.text("contains") or None
        sender = call.text("sender") or "bot"

        def look() -> Json | None:
            return views.find_message(self.world, chat_id, after, contains, sender)

        return await self._wait(f"chat {chat_id}", look, call)

    async def on_wait_draft(self, call: Call) -> Json:
        chat_id, contains = chat_of(call), call.text("contains")

        def look() -> Json | None:
            drafts = self.world.live_drafts(chat_id)
            return next((draft for draft in drafts if contains in draft["text"]), None)

        return await self._wait(f"chat {chat_id}", look, call)

    async def on_wait_calls(self, call: Call) -> list[Json]:
        of, count, after = call.text("of") or None, call.integer("count", 1), call.integer("after")

        def look() -> list[Json] | None:
            found = [
                entry for entry in self.api.called(of, after) if "ok" in entry or "cut" in entry
            ]
            return found if len(found) >= count else None

        return await self._wait("calls", look, call)

    async def on_wait_answer(self, call: Call) -> Json:
        query_id = call.text("query_id")

        def look() -> Json | None:
            tap = self.context.store.get("taps", query_id)
            return tap["answer"] if tap else None

        return await self._wait("taps", look, call)

    async def on_wait_gone(self, call: Call) -> Json:
        """Until the bot has confirmed this update, or all."""
        update_id = call.integer("update_id")

        def look() -> Json | None:
            waiting = [row["update"]["update_id"] for row in self.context.updates.pending()]
            is_gone = update_id not in waiting if update_id else not waiting
            return {"confirmed": self.context.updates.confirmed} if is_gone else None

        return await self._wait("updates", look, call)

    async def _wait(self, topic: str, look: Callable[[], T | None], call: Call) -> T:
        timeout_s = min(float(call.text("timeout") or 10), LONGEST_WAIT_S)
        found = await self.world.bells.wait(topic, look, timeout_s)
        if found is None:
            raise WaitOver(f"{call.method}: nothing within {timeout_s:g} s")
        return found


def chat_of(call: Call) -> int:
    return call.integer("chat", FIRST_CHAT)
