"""Delivers updates to a webhook: one at a time per chat, several chats at once, again until 2xx.

A failed delivery is repeated at once, then after 2, 4, 8 ... up to 60 seconds, until the update
is too old (telegram-bot-api `WebhookActor.cpp`). `Retry-After` of the answer is honoured up to an
hour.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from ops.emulator.context import Context
from ops.emulator.wire import Json

LONGEST_DELAY_S = 60.0
ANSWER_TIMEOUT_S = 60.0
RETRY_AFTER_LIMIT_S = 3600.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name


class Webhook:
    """Runs as one task; idle without a webhook."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._retry: dict[int, tuple[float, float]] = {}  # update id: not before, last delay

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    pause_s = self._start_due(session)
                    await self._pause(pause_s)
            finally:
                for task in list(self._busy.values()):
                    task.cancel()
                await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def _pause(self, pause_s: float | None) -> None:
        self.context.updates.on_new.clear()
        try:
            await asyncio.wait_for(self.context.updates.on_new.wait(), pause_s)
        except TimeoutError:
            return

    def _start_due(self, session: aiohttp.ClientSession) -> float | None:
        """Starts what is due; gives the seconds until the next repeat, if there is one."""
        hook = self.context.store.get("meta", "webhook")
        if hook is None:
            return None
        now = self.context.clock.now()
        pause_s: float | None = None
        seen: set[str] = set()
        for row in self.context.updates.pending():
            update = row["update"]
            queue = _queue(update)
            if queue in seen or queue in self._busy:
                continue
            seen.add(queue)
            wait_s = self._retry.get(int(update["update_id"]), (0.0, 0.0))[0] - now
            if wait_s > 0:
                pause_s = wait_s if pause_s is None else min(pause_s, wait_s)
            elif len(self._busy) < int(hook["max_connections"]):
                self._busy[queue] = asyncio.create_task(self._deliver(session, hook, queue, update))
        return pause_s

    async def _deliver(
        self, session: aiohttp.ClientSession, hook: Json, queue: str, update: Json
    ) -> None:
        number = int(update["update_id"])
        try:
            problem, retry_after_s = await self._post(session, hook, update)
            if problem is None and self.context.faults.take("duplicate_update"):
                problem, retry_after_s = await self._post(session, hook, update)
            if problem is None:
                self._retry.pop(number, None)
                self.context.updates.confirm(number)
            else:
                self._note_failure(number, problem, retry_after_s)
        finally:
            del self._busy[queue]
            self.context.updates.on_new.set()

    async def _post(
        self, session: aiohttp.ClientSession, hook: Json, update: Json
    ) -> tuple[str | None, float]:
        headers = {SECRET_HEADER: hook["secret"]} if hook["secret"] else {}
        try:
            async with session.post(hook["url"], json=update, headers=headers) as answer:
                await answer.read()
                if 200 <= answer.status <= 299:
                    return None, 0.0
                wait: Any = answer.headers.get("Retry-After", "0")
                seconds = float(wait) if str(wait).isdigit() else 0.0
                reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                return reason, min(seconds, RETRY_AFTER_LIMIT_S)
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Connection failed: {error}", 0.0

    def _note_failure(self, number: int, problem: str, retry_after_s: float) -> None:
        now = self.context.clock.now()
        before = self._retry.get(number)
        delay = min(before[1] * 2, LONGEST_DELAY_S) if before else 1.0
        pause_s = retry_after_s or (delay if before else 0.0)
        self._retry[number] = (now + pause_s, delay)
        hook = self.context.store.get("meta", "webhook")
        if hook is not None:
            hook = {**hook, "last_error_date": int(now), "last_error_message": problem}
            self.context.store.put("meta", "webhook", hook)


def _queue(update: Json) -> str:
    """Updates of one chat keep their order; others go side by side."""
    for body in update.values():
        if isinstance(body, dict):
            holder: Any = body.get("chat") or (body.get("message") or {})
            chat = holder if "id" in holder else holder.get("chat", {})
            if isinstance(chat, dict) and "id" in chat:
                return f"chat {chat['id']}"
    return f"update {update.get('update_id')}"
