"""The optional limiter: what Telegram allows one bot, answered with 429 and the seconds to wait.

Numbers: one message a second with a burst of 3 in a private chat, 20 a minute in a group; drafts
and typing share 20 calls in 5 s and 40 in 30 s per chat. Edits and sends share one budget.
"""

from __future__ import annotations

import math
from collections import deque

from ops.emulator.clock import SimClock
from ops.emulator.wire import flooded

BURST = 3
PER_S = 1.0
GROUP_LIMIT = (20, 60.0)
LIVE_LIMITS = ((20, 5.0), (40, 30.0))
LIVE = frozenset({"sendMessageDraft", "sendRichMessageDraft", "sendChatAction"})
COUNTED = ("send", "edit", "copy", "forward")


class Limiter:
    """Counts calls by chat; raises 429 for the one too many, which is not counted."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self._buckets: dict[int, tuple[float, float]] = {}
        self._windows: dict[tuple[str, int], deque[float]] = {}

    def check(self, method: str, chat_id: int) -> None:
        if method in LIVE:
            self._window("live", chat_id, LIVE_LIMITS)
        elif not method.startswith(COUNTED):
            return
        elif chat_id < 0:
            self._window("group", chat_id, (GROUP_LIMIT,))
        else:
            self._bucket(chat_id)

    def _bucket(self, chat_id: int) -> None:
        now = self.clock.now()
        level, since = self._buckets.get(chat_id, (float(BURST), now))
        level = min(float(BURST), level + (now - since) * PER_S)
        if level < 1:
            raise flooded(max(1, math.ceil((1 - level) / PER_S)))
        self._buckets[chat_id] = (level - 1, now)

    def _window(self, kind: str, chat_id: int, limits: tuple[tuple[int, float], ...]) -> None:
        now = self.clock.now()
        seen = self._windows.setdefault((kind, chat_id), deque())
        while seen and seen[0] <= now - max(span for _, span in limits):
            seen.popleft()
        for count, span in limits:
            recent = [moment for moment in seen if moment > now - span]
            if len(recent) >= count:
                raise flooded(max(1, math.ceil(recent[-count] + span - now)))
        seen.append(now)
