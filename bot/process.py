"""The bot's process from start to end.

Order of a start: the database, Telegram's word that the token is good, then at once the mailbox
and the intake; whatever is not needed for an answer (menu, integrity check) follows beside it.
A long-running task that ends by itself ends the process; the supervisor starts it anew.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from telegram.error import InvalidToken, TelegramError

from bot.crossing import DATABASE_AWAY
from bot.parts import build_parts
from bot.refusals import SendError, hush_http_logs, redact
from bot.updates import Poller
from core.approvals.owner import CODE_LIFE
from core.config import Settings, SettingsError

log = structlog.get_logger(__name__)

#: Between two tries to reach Telegram at start.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
#: Between two looks at the worker.
WATCH_EVERY_S = 5.0
REASON = "The Mask does not start, because of its settings:\n  MASK_TELEGRAM_TOKEN: "
REJECTED = REASON + "Telegram rejects it. Ask @BotFather for the token and put it into .env."
MISSING = REASON + (
    "missing. Ask @BotFather for a bot and put its token into .env; without one, "
    "`python3 -m ops try` shows everything."
)


@dataclass(frozen=True)
class Known:
    """What the bot keeps at hand of rows that change seldom."""

    owner_id: int | None = None
    streaming: bool = True


class BotProcess:
    """One start to end; made inside the running event loop."""

    def __init__(self, settings: Settings) -> None:
        if settings.telegram_token is None:
            raise SettingsError(MISSING)
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._changed = asyncio.Event()
        self._known = Known()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._parts = build_parts(settings, self._note_change)
        self._house = self._parts.house
        self._bot = self._parts.application.bot

    def stop(self) -> None:
        """Ask for the end; from the loop's thread, any number of times."""
        self._stopping.set()

    async def run(self) -> int:
        """Serve until stopped. Exit code 0 when asked to stop, 1 when a task ended by itself."""
        hush_http_logs()
        self._parts.hints.start()
        try:
            if not await self._reach_telegram():
                return 0
            await self._look_up()
            return await self._serve()
        finally:
            await self._close()

    # -- serving -----------------------------------------------------------------------------------

    async def _serve(self) -> int:
        parts = self._parts
        lasting = {
            self._begin(parts.deliverer.run(), "mailbox"),
            self._begin(parts.drafts.run(self._shown_frames()), "live-text"),
            self._begin(parts.keys.renew(parts.bridge.run), "live-keys"),
            self._begin(self._follow_changes(), "changes"),
            self._begin(self._watch(), "watchdog"),
            self._begin(parts.jobs.run(), "jobs"),
        }
        lasting |= {self._begin(ticker.run(), ticker.name) for ticker in parts.tickers}
        await parts.dispatcher.start()
        lasting |= await self._listen()
        self._begin(self._check_database(), "integrity")
        stopping = self._begin(self._stopping.wait(), "stop")
        log.info("bot-ready", username=self._bot.username)
        done, _ = await asyncio.wait({stopping, *lasting}, return_when=asyncio.FIRST_COMPLETED)
        broken = done - {stopping}
        for task in broken:
            log.error("task-ended", task=task.get_name(), error=redact(repr(task.exception())))
        return 1 if broken else 0

    async def _listen(self) -> set[asyncio.Task[Any]]:
        """Begin to hear Telegram: by polling, or where it delivers."""
        intake, address = self._parts.intake, self._settings.webhook_url
        if isinstance(intake, Poller):
            await self._best_effort(self._bot.delete_webhook(drop_pending_updates=False))
            return {self._begin(intake.run(), "polling")}
        assert address is not None, "a webhook has an address"
        await intake.start(self._settings.webhook_port)
        await self._insist(lambda: intake.register(self._bot, address))
        return set()

    async def _reach_telegram(self) -> bool:
        """getMe, as often as it takes; False when asked to stop meanwhile."""
        try:
            return await self._insist(self._parts.application.initialize)
        except InvalidToken:
            raise SettingsError(REJECTED) from None

    async def _insist(self, call: Callable[[], Awaitable[Any]]) -> bool:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                await call()
            except InvalidToken:
                raise
            except (TelegramError, SendError) as error:
                log.warning("telegram-away", error=redact(str(error)))
                await self._pause(pause_s)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
            else:
                return True
        return False

    async def _best_effort(self, call: Awaitable[Any]) -> None:
        try:
            await call
        except (TelegramError, SendError) as error:
            log.warning("telegram-away", error=redact(str(error)))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _check_database(self) -> None:
        """Once per start, beside everything: /status tells the verdict."""
        if not await self._parts.bridge.run(self._parts.status.check_integrity):
            log.error("database-damaged")

    async def _shown_frames(self) -> AsyncIterator[tuple[str, int, str]]:
        """Frames that become drafts, none while the owner has turned live text off; those of an
        approved step go to its card."""
        async for frame in self._parts.jobs.sift(self._parts.frames.frames()):
            if self._known.streaming:
                yield frame

    async def _watch(self) -> None:
        """Look after the worker: does it echo, and does it take turns up?"""
        parts, clock = self._parts, self._house.clock
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            for check in (parts.waiting.check, parts.watchdog.check):
                try:
                    await parts.bridge.run(check, clock.now())
                except DATABASE_AWAY:
                    log.warning("watch-failed", exc_info=True)

    # -- what changes ------------------------------------------------------------------------------

    async def _follow_changes(self) -> None:
        """Keep menu and known rows fresh; as long as there is no owner, print pairing links."""
        while True:
            await self._parts.menu.refresh()
            is_owned = self._known.owner_id is not None
            if not is_owned:
                await self._print_link()
            try:
                wait_s = None if is_owned else CODE_LIFE.total_seconds()
                await asyncio.wait_for(self._changed.wait(), wait_s)
            except TimeoutError:
                continue  # the link has died: a fresh one
            self._changed.clear()
            await self._look_up()

    def _note_change(self) -> None:
        self._loop.call_soon_threadsafe(self._changed.set)

    async def _look_up(self) -> None:
        self._known = await self._parts.bridge.run(self._read_known)

    def _read_known(self) -> Known:
        with self._house.db.read() as tx:
            streaming = self._house.preferences.get(tx, "streaming", default=True)
            return Known(self._house.owner.owner_id(tx), bool(streaming))

    async def _print_link(self) -> None:
        code = await self._parts.bridge.run(self._new_code)
        sys.stdout.write(
            "\nNobody owns this bot yet. Open this link in Telegram within ten minutes:\n"
            f"  https://t.me/{self._bot.username}?start={code}\n"
            f"or send the bot: /start {code}\n\n"
        )
        sys.stdout.flush()

    def _new_code(self) -> str:
        with self._house.db.write() as tx:
            return self._house.owner.new_code(tx)

    # -- the end -----------------------------------------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        return task

    async def _close(self) -> None:
        """Take nothing more, let what is open end, then close what is held."""
        parts = self._parts
        if not isinstance(parts.intake, Poller):
            await parts.intake.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await parts.dispatcher.stop()
        await parts.deliverer.stop()
        await parts.drafts.stop()
        await parts.application.shutdown()
        await asyncio.to_thread(parts.hints.stop)
        parts.bridge.close()
        self._house.db.close()
        log.info("bot-stopped")
