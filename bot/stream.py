"""Live text as drafts, with the native Stop button, and "typing" until the first words are there.

Decides when a frame is shown: at most one a second per chat, the newest only, refreshed before
Telegram lets it vanish, nothing over the budget of drafts (the sender drops it), nothing more in
this turn after an error. Everything here may be lost: the answer is a notice. Never shows a draft
after its answer has begun to go out.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from telegram.constants import ChatAction
from telegram.ext import ExtBot

from bot import telegram_raw
from bot.crossing import within
from bot.pacing import Lane
from bot.refusals import SendError
from bot.render.draft import frame
from bot.sender import Pass
from bot.turns import Turns
from core.clock import Clock
from core.runs.notices import Form, NoticeRow

#: One draft a second in a chat: a second is also the phone's pace of animating it.
EVERY_S = 1.0
#: A draft vanishes about 30 s after its last call.
REFRESH_S = 22.0
#: An answer that is quicker than this needs no "typing"; the action itself lasts 5 s.
TYPING_AFTER_S, TYPING_EVERY_S, TYPING_MOST_S = 0.45, 4.5, 60.0
#: Then the draft says "Thinking…", so that there is a Stop button before the first word.
THINKING_AFTER_S = 2.0
#: A turn without a frame for this long is waiting for something else; the phone may rest.
SILENT_S = 300.0
#: Ended runs remembered, so that a late frame does not open a draft again.
MOST_ENDED = 500
#: An open draft call is given this long before the answer goes out beside it.
OPEN_CALL_S = 0.5
#: The card after which it is the owner's turn.
ASKS = "approval"
#: The card that comes whatever the owner has asked; other new ones are an answer.
ALERT = "alert"
#: Notices that end a turn.
FINAL_KINDS = frozenset({"answer", "failed", "stale"})

#: Run id, sequence, whole text so far.
Frame = tuple[str, int, str]


@dataclass
class Turn:
    """The draft of one run."""

    run_id: str
    chat_id: int
    heard_at: float  # monotonic seconds of its newest frame
    sequence: int = -1
    text: str = ""
    shown: str | None = None  # None: nothing yet; empty: "Thinking…"
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    calling: bool = False
    task: asyncio.Task[None] | None = None

    @property
    def draft_id(self) -> int:
        return draft_id_of(self.run_id)


def draft_id_of(run_id: str) -> int:
    """The same for a run at every start, never 0: its last 31 bits."""
    return int(run_id[-8:], 16) & 0x7FFFFFFF or 1


class Drafts:
    """Drafts and "typing" of all chats."""

    def __init__(self, *, bot: ExtBot[Any], clock: Clock, turns: Turns) -> None:
        self._bot = bot
        self._clock = clock
        self._turns = turns
        self._log = structlog.get_logger()
        self._going: dict[str, Turn] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._typing: dict[int, asyncio.Task[None]] = {}
        self._drafted_at: dict[int, float] = {}

    async def run(self, frames: AsyncIterator[Frame]) -> None:
        """Show frames until the source ends."""
        async for run_id, sequence, text in frames:
            await self._take(run_id, sequence, text)

    def heard(self, chat_id: int) -> None:
        """A person wrote in this chat: show "typing" if no answer comes at once."""
        if chat_id not in self._typing:
            self._typing[chat_id] = asyncio.create_task(self._type(chat_id))

    async def before(self, row: NoticeRow) -> None:
        """A notice is about to be sent: its chat's "typing" ends, and its run's draft."""
        run_id, chat_id = row.notice.run_id, row.notice.chat_id
        asks = row.notice.kind == ASKS
        is_new = row.form is Form.SAY or (row.revision == 1 and row.notice.kind != ALERT)
        if chat_id is not None and (is_new or asks):
            self._stop_typing(chat_id)
        if run_id is not None and row.notice.kind in FINAL_KINDS:
            await self.finish(run_id)

    async def finish(self, run_id: str) -> None:
        """No draft of this run any more; an open call is awaited for a moment."""
        self._forget(run_id)
        turn = self._going.pop(run_id, None)
        if turn is None or turn.task is None:
            return
        if turn.calling:
            await asyncio.wait({turn.task}, timeout=OPEN_CALL_S)
        turn.task.cancel()

    async def stopped(self, chat_id: int, draft_id: int) -> str | None:
        """The person pressed Stop: no more frames; the run to cancel, None when it has ended."""
        run_ids = [turn.run_id for turn in self._going.values() if turn.chat_id == chat_id]
        going = await self._turns.going(chat_id)  # a draft drawn before a restart
        for run_id in [*run_ids, *([going] if going else [])]:
            if draft_id_of(run_id) == draft_id:
                await self.finish(run_id)
                return run_id
        return None

    async def stop(self) -> None:
        """End all drafts and actions; those on the phone vanish by themselves."""
        tasks = [turn.task for turn in self._going.values() if turn.task]
        tasks.extend(self._typing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- frames ------------------------------------------------------------------------------------

    async def _take(self, run_id: str, sequence: int, text: str) -> None:
        if run_id in self._ended:
            return
        turn = self._going.get(run_id) or await self._open(run_id)
        if turn is None or sequence <= turn.sequence:
            return
        turn.sequence, turn.text, turn.heard_at = sequence, text, self._clock.monotonic()
        turn.changed.set()

    async def _open(self, run_id: str) -> Turn | None:
        chat_id = await self._turns.chat_of(run_id)
        if chat_id is None or run_id in self._ended:
            return None
        return self._going.get(run_id) or self._begin(run_id, chat_id)

    def _begin(self, run_id: str, chat_id: int) -> Turn:
        turn = self._going[run_id] = Turn(run_id, chat_id, self._clock.monotonic())
        turn.task = asyncio.create_task(self._draw(turn))
        turn.task.add_done_callback(lambda _task: self._drop(turn))
        return turn

    def _drop(self, turn: Turn) -> None:
        if self._going.get(turn.run_id) is turn:
            del self._going[turn.run_id]

    async def _draw(self, turn: Turn) -> None:
        """Show the turn's text until it is finished, refused, or silent for long."""
        while True:
            is_new = await within(turn.changed, REFRESH_S)
            if not is_new and self._clock.monotonic() - turn.heard_at >= SILENT_S:
                return
            wait_s = self._drafted_at.get(turn.chat_id, 0.0) - self._clock.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            turn.changed.clear()
            text = frame(turn.text)
            if is_new and text == turn.shown:
                continue
            if not await self._call(turn, text):
                self._forget(turn.run_id)
                return

    async def _call(self, turn: Turn, text: str) -> bool:
        """One draft call; False when drafts are over for this turn."""
        self._drafted_at[turn.chat_id] = self._clock.monotonic() + EVERY_S
        turn.calling = True
        try:
            if await telegram_raw.send_draft(self._bot, turn.chat_id, turn.draft_id, text):
                turn.shown = text
        except SendError as error:
            self._log.info("drafts-off", run_id=turn.run_id, error=type(error).__name__)
            return False
        finally:
            turn.calling = False
        return True

    def _forget(self, run_id: str) -> None:
        self._ended[run_id] = None
        while len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)

    # -- typing ------------------------------------------------------------------------------------

    async def _type(self, chat_id: int) -> None:
        """ "Typing" until words or "Thinking…" are on the phone."""
        try:
            began = self._clock.monotonic()
            await asyncio.sleep(TYPING_AFTER_S)
            while self._clock.monotonic() - began < TYPING_MOST_S:
                if any(turn.chat_id == chat_id for turn in self._going.values()):
                    return
                await self._bot.send_chat_action(
                    chat_id, ChatAction.TYPING, rate_limit_args=Pass(Lane.DRAFT)
                )
                since_s = self._clock.monotonic() - began
                await asyncio.sleep(max(THINKING_AFTER_S - since_s, 0) or TYPING_EVERY_S)
                await self._think(chat_id)
        except SendError as error:
            self._log.info("typing-off", error=type(error).__name__)
        finally:
            if self._typing.get(chat_id) is asyncio.current_task():
                del self._typing[chat_id]

    async def _think(self, chat_id: int) -> None:
        run_id = await self._turns.going(chat_id)
        if run_id is not None and run_id not in self._ended and run_id not in self._going:
            self._begin(run_id, chat_id).changed.set()

    def _stop_typing(self, chat_id: int) -> None:
        task = self._typing.pop(chat_id, None)
        if task is not None:
            task.cancel()
