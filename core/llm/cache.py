"""Answers of a moment ago to the very same request.

Only open requests without tools, in this process's memory, for `life_s` seconds; off where that is
0 (the setting MASK_MODEL_CACHE_S). The key is exact: everything that is sent, and who is first to
be asked, so another choice of model asks anew. Only whole answers are kept. Each hit is counted in
the ledger as `cached`, for nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from core.clock import Clock
from core.llm.model import Finish, Generate, Reply, Request
from core.runs.codec import digest, encode
from core.runs.model import Label

#: Answers that are kept; the one that was used longest ago goes first.
MOST_KEPT = 256


class ReplyCache:
    """What was answered lately. Thread-safe."""

    def __init__(self, clock: Clock, life_s: float) -> None:
        self._clock = clock
        self._life_s = life_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Reply]] = OrderedDict()

    def key(self, args: Generate, label: Label) -> str | None:
        """The key of a request that may be answered from here; None: it may not."""
        request = args.request
        is_private = label is Label.PRIVATE or request.wish.is_sensitive
        if self._life_s <= 0 or is_private or request.tools or args.said or not args.candidates:
            return None
        return digest([args.candidates[0], encode(Request, request)])

    def find(self, key: str | None) -> Reply | None:
        """The answer, marked as cached."""
        if key is None:
            return None
        with self._lock:
            found = self._kept.get(key)
            if found is None or self._clock.monotonic() - found[0] > self._life_s:
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
        return replace(found[1], is_cached=True, tried=())

    def keep(self, key: str | None, reply: Reply) -> None:
        """Remember a whole answer."""
        if key is None or reply.finish is not Finish.STOP or reply.begun_by or reply.tool_calls:
            return
        with self._lock:
            self._kept[key] = (self._clock.monotonic(), reply)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
