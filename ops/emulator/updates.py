"""The queue of updates: kept until confirmed or too old, handed to one poller at a time.

A message lives 24 hours, a tap on a button 150 seconds (telegram-bot-api `Client.cpp`). Confirmed
means: a later getUpdates named a higher offset, or the webhook answered 2xx.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ops.emulator.clock import SimClock
from ops.emulator.faults import Faults
from ops.emulator.live import Bells
from ops.emulator.store import Store
from ops.emulator.wire import Json, Refusal
from ops.emulator.world import ID_EPOCH

MESSAGE_LIFE_S = 24 * 3600
TAP_LIFE_S = 150
LONGEST_POLL_S = 50
BATCH = 100
NOT_BY_DEFAULT = frozenset({"message_reaction", "message_reaction_count", "chat_member"})
KINDS = frozenset({
    "message", "edited_message", "callback_query", "message_reaction", "message_reaction_count",
    "my_chat_member",
    "chat_member", "stopped_message_generation", "channel_post", "edited_channel_post",
    "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages", "inline_query",
    "chosen_inline_result", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll",
    "poll_answer",
    "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot", "guest_message",
    "subscription",
})  # fmt: skip
SUPERSEDED = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class Updates:
    """Updates in order of their ids, in the store."""

    def __init__(self, store: Store, clock: SimClock, faults: Faults, bells: Bells) -> None:
        self.store = store
        self.bells = bells
        self.clock = clock
        self.faults = faults
        self._poll: asyncio.Future[str] | None = None
        self._again: list[Json] = []
        self.on_new: asyncio.Event = asyncio.Event()
        self.confirmed: int = 0

    @property
    def allowed(self) -> list[str]:
        row = self.store.get("meta", "allowed_updates") or {}
        return list(row.get("kinds", []))

    def remember_allowed(self, value: Any) -> None:
        """Unknown kinds are skipped, as the server does; None changes nothing."""
        if (
            isinstance(value, list)
            and (kinds := [str(kind) for kind in value if kind in KINDS]) != self.allowed
        ):
            self.store.put("meta", "allowed_updates", {"kinds": kinds})

    def is_allowed(self, kind: str) -> bool:
        allowed = self.allowed
        return kind in allowed if allowed else kind not in NOT_BY_DEFAULT

    def add(self, kind: str, body: Json) -> int | None:
        """Queues an update of this kind; None when the bot did not ask for such updates."""
        if not self.is_allowed(kind):
            return None
        life = TAP_LIFE_S if kind == "callback_query" else MESSAGE_LIFE_S
        return self.add_raw({kind: body}, life)

    def add_raw(self, update: Json, life_s: float = MESSAGE_LIFE_S) -> int:
        """Queues any JSON as an update; an update_id is given unless it brings one."""
        number = self._next_id()
        row = {"update": {"update_id": number, **update}, "expires": self.clock.now() + life_s}
        self.store.put("updates", str(number), row)
        self.store.put("meta", "last_update", {"id": number})
        self.on_new.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result("new")
        return number

    def _next_id(self) -> int:
        last = (self.store.get("meta", "last_update") or {"id": 0})["id"]
        return max(int(last) + 1, int(self.clock.now()) - ID_EPOCH)

    def pending(self) -> list[Json]:
        """Rows still to be delivered, oldest first; what is too old is dropped here."""
        now = self.clock.now()
        rows = self.store.table("updates")
        for key in [key for key, row in rows.items() if row["expires"] <= now]:
            self.store.drop("updates", key)
        return list(rows.values())

    def confirm(self, number: int) -> None:
        self.store.drop("updates", str(number))
        self.confirmed = max(self.confirmed, number)
        self.bells.ring("updates")

    def drop_all(self) -> None:
        for key in list(self.store.table("updates")):
            self.store.drop("updates", key)

    def webhook_is_set(self) -> bool:
        return bool((self.store.get("meta", "webhook") or {}).get("url"))

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """getUpdates: confirms below the offset, ends another poll, waits for the first update."""
        if self.webhook_is_set():
            raise Refusal(409, WEBHOOK_ACTIVE)
        if self._poll is not None and not self._poll.done():
            self._poll.set_result("superseded")
        self._confirm_below(offset)
        found = self._batch(limit)
        if found or timeout_s <= 0:
            return found
        mine: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = mine
        try:
            reason = await asyncio.wait_for(mine, min(timeout_s, LONGEST_POLL_S))
        except TimeoutError:
            return []
        if reason == "superseded":
            raise Refusal(409, SUPERSEDED)
        if reason == "webhook":
            raise Refusal(409, "Conflict: terminated by setWebhook request")
        return self._batch(limit)

    def end_poll(self, reason: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)

    def _confirm_below(self, offset: int) -> None:
        waiting = sorted(int(key) for key in self.store.table("updates"))
        if offset < 0:
            offset = (waiting[max(len(waiting) + offset, 0)]) if waiting else 0
        for number in waiting:
            if number < offset:
                self.confirm(number)

    def _batch(self, limit: int) -> list[Json]:
        again, self._again = self._again, []
        fresh = [row["update"] for row in self.pending()[:limit]]
        known = {update.get("update_id") for update in fresh}
        batch = [*(update for update in again if update.get("update_id") not in known), *fresh][
            :limit
        ]
        if fresh and self.faults.take("duplicate_update"):
            self._again = list(fresh)
        if len(batch) > 1 and self.faults.take("reorder"):
            batch.reverse()
        return batch
