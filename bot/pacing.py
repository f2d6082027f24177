"""How fast the bot may speak: buckets and windows; pure, time passed in as monotonic seconds.

Telegram asks for about one message a second in a chat (short bursts are taken) and 30 a second in
all; drafts and typing have a budget of their own, 20 calls in 5 s and 40 in 30 s per chat
(`telegram.md` 0.4 and 3.1). Its exact rule is not published: a 429 is obeyed whatever we counted,
and for the chat that got it only.

An answer to something just said earns its own token (`heard`): the person sets that pace, and a
quick exchange is never slowed down. What is bounded is what we say unasked.
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field

CHAT_RATE, CHAT_BURST = 1.0, 3.0
#: The burst is 60 because fifty chats that write in the same instant must all be answered within
#: 0.6 s: 30 a second alone would take 1.7 s. Sustained, it is Telegram's 30 a second.
GLOBAL_RATE, GLOBAL_BURST = 30.0, 60.0
#: (seconds, calls); 38 leaves a margin for clocks that disagree.
DRAFT_WINDOWS = ((5.0, 20), (30.0, 38))
#: Below this many tokens in the common bucket drafts are dropped: answers need them.
DRAFT_RESERVE = GLOBAL_BURST / 2
#: A part of a token that is only rounding must not cost a second timer.
ROUNDING = 1e-9
#: Chats remembered before those that are at rest are forgotten.
MOST_CHATS = 1000


class Lane(enum.IntEnum):
    """Who goes first; the first three are `core.runs.notices.Urgency`."""

    ALERT = 0  # alerts, approvals, answers to taps
    ANSWER = 1  # final answers
    CARD = 2  # edits of cards; a newer edit of the same message replaces a waiting one
    DRAFT = 3  # drafts and typing: sent now or dropped


class Bucket:
    """Tokens that come back at `rate` a second, at most `burst` of them."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = 0.0

    def tokens(self, now: float) -> float:
        if now > self._at:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
        return self._tokens

    def wait_s(self, now: float) -> float:
        """Seconds until one token is there."""
        missing = 1.0 - self.tokens(now)
        return 0.0 if missing <= ROUNDING else missing / self._rate

    def spend(self, now: float) -> None:
        self._tokens = self.tokens(now) - 1.0

    def earn(self, now: float) -> None:
        self._tokens = min(self._burst, self.tokens(now) + 1.0)

    def is_full(self, now: float) -> bool:
        return self.tokens(now) >= self._burst


@dataclass
class ChatPace:
    """One chat's bucket, its draft windows, and what a 429 imposed on either."""

    bucket: Bucket = field(default_factory=lambda: Bucket(CHAT_RATE, CHAT_BURST))
    drafts: deque[float] = field(default_factory=deque)
    cool_until: float = 0.0
    drafts_cool_until: float = 0.0

    def is_at_rest(self, now: float) -> bool:
        cool = max(self.cool_until, self.drafts_cool_until)
        return cool <= now and self.bucket.is_full(now) and not self.drafts


class Pace:
    """Says how long a call has to wait, and counts it when it goes."""

    def __init__(self) -> None:
        self._all = Bucket(GLOBAL_RATE, GLOBAL_BURST)
        self._chats: dict[int, ChatPace] = {}

    def wait_s(self, chat_id: int | None, now: float) -> float:
        """Seconds until a message to this chat may go; None: a call that no chat counts."""
        wait = self._all.wait_s(now)
        if chat_id is None:
            return wait
        chat = self._chat(chat_id, now)
        return max(wait, chat.bucket.wait_s(now), chat.cool_until - now)

    def spend(self, chat_id: int | None, now: float) -> None:
        self._all.spend(now)
        if chat_id is not None:
            self._chat(chat_id, now).bucket.spend(now)

    def heard(self, chat_id: int, now: float) -> None:
        """The person wrote: one answer is not a burst."""
        self._all.earn(now)
        self._chat(chat_id, now).bucket.earn(now)

    def cool(self, chat_id: int, until: float) -> None:
        """Telegram said 429 to a message: nothing to this chat until then, drafts neither."""
        chat = self._chat(chat_id, until)
        chat.cool_until = max(chat.cool_until, until)

    def cool_drafts(self, chat_id: int, until: float) -> None:
        """Telegram said 429 to a draft: messages still go."""
        chat = self._chat(chat_id, until)
        chat.drafts_cool_until = max(chat.drafts_cool_until, until)

    def take_draft(self, chat_id: int, now: float) -> bool:
        """Count a draft or a typing action, if it may go now."""
        chat = self._chat(chat_id, now)
        if now < max(chat.cool_until, chat.drafts_cool_until):
            return False
        if self._all.tokens(now) < DRAFT_RESERVE:
            return False
        while chat.drafts and chat.drafts[0] <= now - DRAFT_WINDOWS[-1][0]:
            chat.drafts.popleft()
        for seconds, most in DRAFT_WINDOWS:
            if sum(at > now - seconds for at in chat.drafts) >= most:
                return False
        chat.drafts.append(now)
        return True

    def _chat(self, chat_id: int, now: float) -> ChatPace:
        found = self._chats.get(chat_id)
        if found is None:
            if len(self._chats) >= MOST_CHATS:
                self._chats = {
                    key: chat for key, chat in self._chats.items() if not chat.is_at_rest(now)
                }
            found = self._chats[chat_id] = ChatPace()
        return found
