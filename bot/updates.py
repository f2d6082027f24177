"""Getting updates by long polling: fetched raw, committed, and only then confirmed.

PTB's Updater parses whole batches and confirms before anyone has kept them: one malformed update
deafens it, a kill loses what it had fetched (both measured). Here the offset moves after the
commit. Never parses an update beyond its id.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import structlog
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.crossing import DATABASE_AWAY
from bot.dispatch import Item, item_of, unknown_id
from bot.refusals import redact
from bot.telegram_raw import ALLOWED_UPDATES
from core.clock import Clock
from core.runs.notices import Level, Notice, alert

#: Telegram holds a poll at most 50 s; a dead connection is noticed 10 s after the end.
POLL_S = 25
READ_MARGIN_S = 10
#: Updates in one answer, Telegram's maximum.
BATCH = 100
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
#: Without a successful poll for this long the owner is told, once.
DEAF_S = 60.0

UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})\b')

Take = Callable[[list[Item]], Awaitable[None]]
Tell = Callable[[Notice], Awaitable[Any]]


class PollError(Exception):
    """A poll failed; `pause_s` is what Telegram asked for, if it did."""

    def __init__(self, why: str, pause_s: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.pause_s = pause_s


class Poller:
    """Runs until cancelled. `take` commits (`Dispatcher.take`); `tell` puts an alert in the
    mailbox; `pause` is `asyncio.sleep` unless a test owns time."""

    def __init__(
        self,
        *,
        bot: ExtBot[Any],
        clock: Clock,
        take: Take,
        tell: Tell,
        poll_s: int = POLL_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._take = take
        self._tell = tell
        self._poll_s = poll_s
        self._pause = pause
        self._log = structlog.get_logger()
        self._offset = 0
        self._limit = BATCH
        self._heard_at = clock.monotonic()
        self._is_deaf = False

    @property
    def age_s(self) -> float:
        """Seconds since the last successful poll; up to `POLL_S` is normal."""
        return self._clock.monotonic() - self._heard_at

    async def run(self) -> None:
        """Fetch, commit, confirm, for ever; errors are waited out."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._round()
            except PollError as error:
                wait_s = error.pause_s or pause_s
                self._log.warning("poll-failed", why=error.why, age_s=round(self.age_s, 1))
                await self._tell_if_deaf(error.why)
                await self._pause(min(wait_s, LONGEST_PAUSE_S))
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            else:
                pause_s = FIRST_PAUSE_S

    async def _round(self) -> None:
        payload = await self._fetch()
        items, last_id, stuck = self._read(payload)
        if items:
            await self._commit(items)
        self._heard_at = self._clock.monotonic()
        if last_id is not None:
            self._offset = last_id + 1
        elif not items:
            # Everything is confirmed now. From 0 again: after a quiet week ids restart at random,
            # and would be below the old offset.
            self._offset = 0
        await self._tell_if_back()
        if stuck:
            raise PollError("an item without an update id cannot be confirmed")

    async def _fetch(self) -> bytes:
        query = {
            "timeout": self._poll_s,
            "limit": self._limit,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if self._offset:
            query["offset"] = self._offset
        try:
            code, payload = await self._bot.request.do_request(
                f"{self._bot.base_url}/getUpdates?{urlencode(query)}",
                "GET",
                read_timeout=self._poll_s + READ_MARGIN_S,
            )
        except TelegramError as error:
            raise PollError(redact(error.message, self._bot.token)) from None
        if code != 200:  # noqa: PLR2004 (HTTP's OK)
            raise _refused(code, payload)
        return payload

    def _read(self, payload: bytes) -> tuple[list[Item], int | None, bool]:
        """Items, the id to confirm, and whether there are items that nothing confirms."""
        try:
            found = json.loads(payload)
        except (ValueError, RecursionError):
            return self._read_broken(payload)
        updates = found.get("result") if isinstance(found, dict) else None
        if not isinstance(updates, list):
            return self._read_broken(payload)
        self._limit = BATCH
        items = [item_of(update) for update in updates]
        ids = [update_id for update_id, _ in items if update_id >= 0]
        return items, max(ids, default=None), bool(items) and not ids

    def _read_broken(self, payload: bytes) -> tuple[list[Item], int | None, bool]:
        """One unreadable update spoils the text of its batch: fetch them one by one until it is
        alone, then keep its bytes and pass on."""
        if self._limit > 1:
            self._limit = 1
            raise PollError("a batch could not be read; fetching one by one", pause_s=0.01)
        self._limit = BATCH
        ids = UPDATE_ID.findall(payload)
        text = json.dumps(payload.decode("utf-8", "replace"))
        if not ids:
            return [(unknown_id(text), text)], None, True
        return [(unknown_id(text), text)], int(ids[0]), False

    async def _commit(self, items: list[Item]) -> None:
        try:
            await self._take(items)
        except DATABASE_AWAY as error:
            raise PollError(f"the database is away: {type(error).__name__}") from None

    async def _tell_if_deaf(self, why: str) -> None:
        if self._is_deaf or self.age_s <= DEAF_S:
            return
        notice = alert(Level.PROBLEM, "bot", "deaf", seconds=round(self.age_s), why=why)
        self._is_deaf = await self._told(notice)

    async def _tell_if_back(self) -> None:
        if self._is_deaf:
            self._is_deaf = not await self._told(alert(Level.RESOLVED, "bot", "deaf"))

    async def _told(self, notice: Notice) -> bool:
        try:
            await self._tell(notice)
        except DATABASE_AWAY:
            return False  # said at the next failure
        return True


def _refused(code: int, payload: bytes) -> PollError:
    try:
        answer = json.loads(payload)
        why = str(answer.get("description", code))
        pause_s = (answer.get("parameters") or {}).get("retry_after")
    except (ValueError, AttributeError):
        return PollError(f"HTTP {code}")
    return PollError(redact(why), float(pause_s) if isinstance(pause_s, (int, float)) else None)
