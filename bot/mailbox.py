"""Delivering notices: from rows to messages on the phone, at most one part repeated.

Decides when a row is sent, edited, given back or given up. The order is the mailbox's; pace and
429 are the sender's; words are the renderers'. Each row is marked SENDING in the commit that opens
its buttons, then sent, then recorded: a crash in between sends it again, marked as a possible
repeat. Woken in this process (`wake`), over Redis, and every second anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from telegram.ext import ExtBot

from bot import drawing, posting, refusals
from bot.crossing import DATABASE_AWAY, Cross, insist, within
from bot.outgoing import BATCH, Outbound, Outgoing, Render, Stores, Translate
from bot.pacing import Lane
from bot.sender import Pass
from bot.wakes import listen
from core import broker
from core.runs.notices import Form, NoticeRow

POLL_S = 1.0


async def _nothing(_row: NoticeRow) -> None:
    """Nobody wants to know before a row is sent."""


class Deliverer:
    """`translate` gives the texts of a chat's language, inside a read transaction. `before` is
    awaited before a row is sent (`Drafts.before`): a draft must not follow its answer."""

    def __init__(
        self,
        *,
        bot: ExtBot[Any],
        stores: Stores,
        cross: Cross,
        render: Render,
        translate: Translate,
        before: Callable[[NoticeRow], Awaitable[None]] = _nothing,
        redis_url: str | None = None,
    ) -> None:
        self._bot = bot
        self._cross = cross
        self._outbound = Outbound(stores, render, translate)
        self._before = before
        self._redis_url = redis_url
        self._log = structlog.get_logger()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look into the mailbox now. From any thread, also before `run` and after its end."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._loop = asyncio.get_running_loop()
        await insist(self._cross, self._outbound.recover)
        listener = None
        if self._redis_url is not None:
            listener = asyncio.create_task(
                listen(self._redis_url, broker.NOTICES_CHANNEL, self._news.set)
            )
        try:
            while True:
                await self._round()
        finally:
            if listener is not None:
                listener.cancel()

    async def stop(self, grace_s: float = 10.0) -> None:
        """After `run` was cancelled: let open requests end, and be recorded."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        for task in list(self._tasks):
            task.cancel()

    async def _round(self) -> None:
        self._news.clear()
        try:
            batch = await self._cross(self._outbound.take)
        except DATABASE_AWAY as error:
            self._log.warning("mailbox-away", error=type(error).__name__)
            batch = []
        for out in batch:
            task = asyncio.create_task(self._deliver(out))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        if len(batch) < BATCH:
            await within(self._news, POLL_S)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._news.set()  # the chat's next say may be ready
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row stays SENDING; it is sent again, marked, after the next start.
            text = refusals.redact(f"{type(error).__name__}: {error}")
            self._log.error("delivery-broken", error=text)

    # -- on the loop -------------------------------------------------------------------------------

    async def _deliver(self, out: Outgoing) -> None:
        try:
            await self._before(out.row)
            if out.row.form is Form.SHOW:
                message_ids = await self._show(out)
            else:
                message_ids = await self._say(out)
        except refusals.SendError as error:
            await insist(self._cross, self._outbound.failed, out, error)
            return
        except Exception as error:  # noqa: BLE001 (a row must not stay SENDING while we live)
            self._log.error("delivery-defect", kind=out.row.notice.kind, error=type(error).__name__)
            await insist(self._cross, self._outbound.broken, out, type(error).__name__)
            return
        await insist(self._cross, self._outbound.sent, out, message_ids)
        if out.is_fresh and out.card is not None:
            await self._undress(out.chat_id, out.card)

    async def _show(self, out: Outgoing) -> list[int]:
        """Edit the card in place; send it where that is not possible."""
        parts = out.rendered.parts
        is_text = len(parts) == 1 and parts[0].file_bytes is None
        if out.card is not None and out.rendered.replaces:
            await posting.remove(self._bot, out.chat_id, out.card, out.wish)
        elif out.card is not None and is_text and not out.is_fresh:
            buttons = drawing.keyboard(out.rendered, out.ids)
            with suppress(refusals.Gone):
                await posting.edit(
                    self._bot, out.chat_id, out.card, parts[0], out.wish, keyboard=buttons
                )
                return [out.card]
        return await self._say(out)

    async def _say(self, out: Outgoing) -> list[int]:
        """Send what is left of the parts; the buttons hang on the last, the first one sounds."""
        notice, parts = out.row.notice, out.rendered.parts
        buttons = drawing.keyboard(out.rendered, out.ids)
        last = len(parts) - 1
        for index in range(out.row.parts_sent, len(parts)):
            message_id = await posting.send(
                self._bot,
                out.chat_id,
                parts[index],
                out.wish,
                silent=notice.silent or index > 0,
                reply_to=notice.reply_to if index == 0 else None,
                keyboard=buttons if index == last else None,
            )
            if index == last:
                return [message_id]
            await insist(self._cross, self._outbound.part_sent, out.row.id, message_id)
        return []

    async def _undress(self, chat_id: int, message_id: int) -> None:
        """Take the dead buttons off the older message of a card; that it may fail is fine."""
        with suppress(refusals.SendError):
            await self._bot.edit_message_reply_markup(
                chat_id, message_id, rate_limit_args=Pass(Lane.CARD, 0)
            )
