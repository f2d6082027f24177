"""From raw updates to the handler: committed first, then parsed one by one.

Decides order and ends: updates of one chat are handled one after another, chats do not wait for
each other; taps, /stop and the Stop button overtake. An update that cannot be parsed, or whose
handling fails `MOST_TRIES` times, is dead-lettered alone, with one alert. Never interprets an
update: `handle` does, and ends the row in the transaction that holds its effect.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import operator
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from telegram import Update
from telegram.ext import ExtBot

from bot.crossing import Cross, insist
from bot.refusals import redact
from core.clock import Clock
from core.db import Database
from core.runs.intake import MOST_TRIES, Intake, IntakeRow, IntakeState
from core.runs.mailbox import Mailbox
from core.runs.notices import Level, alert

#: Rows read at a time, and rows held in memory; the rest waits in the database.
PAGE = 100
MOST_HELD = 1000
#: One call of the handler; handlers store and return.
HANDLE_S = 60.0
#: Seconds before the second and the third try; the chat waits meanwhile.
PAUSES_S = (0.2, 1.0)

#: An update id, and the update as JSON text.
Item = tuple[int, str]
#: Handles one update. True: it has ended the row itself (`Intake.end`); else the row is ended
#: as done if it is still open.
Handle = Callable[[Update, IntakeRow], Awaitable[bool | None]]


def item_of(raw: object) -> Item:
    """What `Intake.keep` takes. An item without a usable update id gets a negative one made from
    its content: kept once however often it is delivered, and dead-lettered later."""
    try:
        # ASCII: a lone surrogate would break the database's UTF-8.
        text = json.dumps(raw)
    except RecursionError:
        text = '"nested too deeply"'
    update_id = raw.get("update_id") if isinstance(raw, dict) else None
    if isinstance(update_id, int) and not isinstance(update_id, bool) and 0 <= update_id < 2**63:
        return update_id, text
    return unknown_id(text), text


def unknown_id(text: str) -> int:
    """A negative id for an item that has none."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return -1 - int.from_bytes(digest[:7], "big")


class Dispatcher:
    """`heard` learns the chat of every fresh message (`Sender.heard`)."""

    def __init__(
        self,
        *,
        bot: ExtBot[Any],
        db: Database,
        intake: Intake,
        mailbox: Mailbox,
        clock: Clock,
        cross: Cross,
        handle: Handle,
        heard: Callable[[int], None] = lambda _chat_id: None,
    ) -> None:
        self._bot = bot
        self._db = db
        self._intake = intake
        self._mailbox = mailbox
        self._clock = clock
        self._cross = cross
        self._source = bot.token.partition(":")[0]  # the bot's id, known before getMe
        self._handle = handle
        self._heard = heard
        self._log = structlog.get_logger()
        self._incoming: list[tuple[list[Item], asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None
        self._last_seq = 0
        self._more = False  # rows wait in the database behind `_last_seq`
        self._held = 0
        self._chats: dict[int | None, deque[tuple[Update, IntakeRow]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Resume: what was not ended before the restart goes first."""
        await self.take([])

    async def take(self, items: list[Item]) -> None:
        """Commit updates and pass them on. Returns after the commit; raises if it failed.

        What arrives while a commit runs is committed together in the next one.
        """
        done = asyncio.get_running_loop().create_future()
        self._incoming.append((items, done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        await done

    async def stop(self, grace_s: float = 10.0) -> None:
        """Let handlers finish; what has not ended by then is handled after the next start."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)
        for task in list(self._tasks):
            task.cancel()

    async def idle(self) -> None:
        """Returns when everything taken so far has ended."""
        while self._flusher or self._tasks:
            await asyncio.wait({*self._tasks, *([self._flusher] if self._flusher else [])})

    # -- keeping -----------------------------------------------------------------------------------

    async def _flush(self) -> None:
        try:
            while self._incoming:
                batch, self._incoming = self._incoming, []
                items = [item for items, _ in batch for item in items]
                try:
                    rows = await self._cross(self._keep, items, self._last_seq, self._held)
                except Exception as error:  # noqa: BLE001 (whoever waits for the commit gets it)
                    for _, done in batch:
                        if not done.done():
                            done.set_exception(error)
                    continue
                self._more = self._held + len(items) >= MOST_HELD or len(rows) == PAGE
                for row in rows:
                    self._route(row)
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)
        finally:
            self._flusher = None

    def _keep(self, items: list[Item], last_seq: int, held: int) -> list[IntakeRow]:
        if items:
            self._intake.keep(self._source, items, self._clock.now())
        if held + len(items) >= MOST_HELD:
            return []
        return self._intake.waiting(self._source, PAGE, last_seq)

    # -- routing -----------------------------------------------------------------------------------

    def _route(self, row: IntakeRow) -> None:
        self._last_seq = row.seq
        self._held += 1
        try:
            update = self._parse(row)
            chat = update.effective_chat
            # PTB checks no types: an id that is no number would break this loop, not its own row.
            chat_id = None if chat is None else operator.index(chat.id)
            overtakes = _overtakes(update)
        except Exception as error:  # noqa: BLE001 (the input is hostile: anything may be wrong)
            self._log.warning("update-unparseable", seq=row.seq, error=type(error).__name__)
            self._spawn(self._bury_unparsed(row))
            return
        if update.message is not None and chat_id is not None:
            self._heard(chat_id)
        if overtakes:
            self._spawn(self._work(update, row))
        elif chat_id in self._chats:
            self._chats[chat_id].append((update, row))
        else:
            self._chats[chat_id] = deque([(update, row)])
            self._spawn(self._drain(chat_id))

    def _parse(self, row: IntakeRow) -> Update:
        data = json.loads(row.raw)
        if not isinstance(data, dict) or row.update_id < 0:
            raise TypeError("not an update")
        return Update.de_json(data, self._bot)

    async def _drain(self, chat_id: int | None) -> None:
        queue = self._chats[chat_id]
        try:
            while queue:
                await self._work(*queue.popleft())
        finally:
            del self._chats[chat_id]

    # -- handling ----------------------------------------------------------------------------------

    async def _work(self, update: Update, row: IntakeRow) -> None:
        try:
            while not await self._try(update, row):
                pass
        finally:
            self._let_go()

    async def _try(self, update: Update, row: IntakeRow) -> bool:
        """One try; True when the row has ended."""
        try:
            async with asyncio.timeout(HANDLE_S):
                ended = await self._handle(update, row)
            if not ended:
                await self._cross(self._intake.settle, row.seq, self._clock.now())
        except Exception as error:  # noqa: BLE001 (counted, then dead-lettered with an alert)
            self._log.warning(
                "update-failed", seq=row.seq, error=redact(f"{type(error).__name__}: {error}")
            )
            tries = await insist(self._cross, self._intake.tried, row.seq)
            if tries >= MOST_TRIES:
                await self._bury(row, type(error).__name__)
                return True
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S)) - 1])
            return False
        return True

    async def _bury_unparsed(self, row: IntakeRow) -> None:
        try:
            await self._bury(row, "unparseable")
        finally:
            self._let_go()

    async def _bury(self, row: IntakeRow, why: str) -> None:
        await insist(self._cross, self._end_dead, row.seq, why[:64])

    def _end_dead(self, seq: int, why: str) -> None:
        with self._db.write() as tx:
            if Intake.end(tx, seq, IntakeState.DEAD, self._clock.now(), why):
                self._mailbox.put(tx, alert(Level.PROBLEM, "bot", "update-dead", why=why))

    def _let_go(self) -> None:
        self._held -= 1
        if self._more and self._held < MOST_HELD // 2:
            self._more = False
            self._spawn(self.take([]))

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Not lost: the row is open and is handled again after the next start.
            self._log.error("dispatch-broken", error=redact(f"{type(error).__name__}: {error}"))


def _overtakes(update: Update) -> bool:
    """Taps and stops must not wait behind what they are to stop."""
    if update.callback_query is not None or "stopped_message_generation" in update.api_kwargs:
        return True
    text = update.message.text if update.message is not None else None
    words = text.split(maxsplit=1) if text else []
    return bool(words) and words[0].partition("@")[0].lower() == "/stop"
