"""The one way out: every Bot API call of the bot waits here for its turn.

As PTB's rate limiter it sees each call of `ExtBot`, also those nobody thought of. Decides the
order (`Lane`) and the pace (`bot/pacing.py`); repeats a call that Telegram put off with a 429, as
often as it takes; turns errors into `bot.refusals.SendError`. Never keeps anything: what must
survive a restart is in the mailbox, and a wait longer than the caller's patience goes back there.

PTB's own AIORateLimiter halts all chats at one 429 and bounds no private chat: measured.
"""

from __future__ import annotations

import asyncio
import bisect
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter
from telegram.warnings import PTBDeprecationWarning

from bot.pacing import Lane, Pace
from bot.refusals import TooSoon, seconds_of, translate
from core.clock import Clock

#: A 429 longer than this is given back to the caller, for a note with `not_before`.
PATIENCE_S = 60.0

Api = Callable[..., Coroutine[Any, Any, Any]]


class Timer(Protocol):
    """What `loop.call_later` returns."""

    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]


@dataclass(frozen=True)
class Pass:
    """A caller's wish: `bot.send_message(..., rate_limit_args=Pass(Lane.ALERT))`."""

    lane: Lane
    patience_s: float = PATIENCE_S


@dataclass(order=True)
class Turn:
    """A call that waits; the order of the fields is the order of service."""

    lane: Lane
    number: int
    chat_id: int | None = field(compare=False)
    edits: tuple[int, int] | None = field(compare=False)
    granted: asyncio.Future[bool] = field(compare=False)


def lane_of(endpoint: str) -> Lane:
    """The lane of a call whose caller did not say."""
    if endpoint in {"sendChatAction", "sendMessageDraft", "sendRichMessageDraft"}:
        return Lane.DRAFT
    if endpoint == "answerCallbackQuery":
        return Lane.ALERT
    return Lane.CARD if endpoint.startswith("edit") else Lane.ANSWER


def chat_of(endpoint: str, data: dict[str, Any]) -> int | None:
    """The chat whose budget the call uses; None for calls that show nothing new."""
    if not endpoint.startswith(("send", "edit", "copy", "forward")):
        return None
    try:
        return int(data["chat_id"])
    except (KeyError, TypeError, ValueError):
        return None


class Sender(BaseRateLimiter[Pass]):
    """`call_later` is the event loop's unless a test owns time."""

    def __init__(self, clock: Clock, *, call_later: CallLater | None = None) -> None:
        self._clock = clock
        self._pace = Pace()
        self._call_later = call_later
        self._waiting: list[Turn] = []
        self._timer: Timer | None = None
        self._number = 0

    async def initialize(self) -> None:
        # PTB warns about its own RetryAfter at every 429; nothing here can change that.
        warnings.filterwarnings(
            "ignore", message=".*attribute `retry_after`.*", category=PTBDeprecationWarning
        )

    async def shutdown(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def heard(self, chat_id: int) -> None:
        """A person wrote in this chat: an answer to it is not a burst."""
        self._pace.heard(chat_id, self._clock.monotonic())
        self._serve()

    async def process_request(
        self,
        callback: Api,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Pass | None,
    ) -> Any:
        """PTB's door. True stands for a result where none is needed: what was to be edited is
        already so, or a newer edit has taken this one's place. A draft over budget gives False."""
        wish = rate_limit_args or Pass(lane_of(endpoint))
        chat_id = chat_of(endpoint, data)
        if wish.lane is Lane.DRAFT:
            return await self._draft(chat_id, lambda: callback(*args, **kwargs))
        edits = _edited(endpoint, chat_id, data)
        while await self._turn(wish.lane, chat_id, edits):
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                wait_s = seconds_of(error)
                if chat_id is not None:
                    self._pace.cool(chat_id, self._clock.monotonic() + wait_s)
                if chat_id is None or wait_s > wish.patience_s:
                    raise TooSoon(wait_s) from None
            except TelegramError as error:
                if endpoint == "getMe" and isinstance(error, InvalidToken):
                    raise  # the very question that the start asks
                meaning = translate(error)
                if meaning is None:
                    return True
                raise meaning from None
        return True

    async def _draft(self, chat_id: int | None, call: Api) -> Any:
        now = self._clock.monotonic()
        if chat_id is None or not self._pace.take_draft(chat_id, now):
            return False
        try:
            return await call()
        except RetryAfter as error:
            self._pace.cool_drafts(chat_id, self._clock.monotonic() + seconds_of(error))
            raise TooSoon(seconds_of(error)) from None
        except TelegramError as error:
            meaning = translate(error)
            if meaning is None:
                return True
            raise meaning from None

    async def _turn(self, lane: Lane, chat_id: int | None, edits: tuple[int, int] | None) -> bool:
        """Wait for the turn; False when a newer edit of the same message has come meanwhile."""
        self._number += 1
        turn = Turn(lane, self._number, chat_id, edits, asyncio.get_running_loop().create_future())
        if edits is not None:
            self._replace(edits)
        bisect.insort(self._waiting, turn)
        self._serve()
        if turn.granted.done():  # the common case: nobody waits, no switch of tasks
            return turn.granted.result()
        try:
            return await turn.granted
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def _replace(self, edits: tuple[int, int]) -> None:
        for turn in [turn for turn in self._waiting if turn.edits == edits]:
            self._waiting.remove(turn)
            if not turn.granted.done():
                turn.granted.set_result(False)

    def _serve(self) -> None:
        """Grant every turn that may go now, in order; come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now, next_s, left = self._clock.monotonic(), float("inf"), []
        for turn in self._waiting:
            if turn.granted.done():  # cancelled by its caller
                continue
            wait_s = self._pace.wait_s(turn.chat_id, now)
            if wait_s <= 0:
                self._pace.spend(turn.chat_id, now)
                turn.granted.set_result(True)
            else:
                next_s = min(next_s, wait_s)
                left.append(turn)
        self._waiting = left
        if left:
            call_later = self._call_later or asyncio.get_running_loop().call_later
            self._timer = call_later(next_s, self._serve)


def _edited(endpoint: str, chat_id: int | None, data: dict[str, Any]) -> tuple[int, int] | None:
    message_id = data.get("message_id")
    if chat_id is None or not endpoint.startswith("edit") or not isinstance(message_id, int):
        return None
    return chat_id, message_id
