"""Somebody writes to the broker who should not: counted where it is refused, told once.

Every refused envelope, halt record or task is counted with a weight: what no honest peer sends
(a wrong signature, an odd shape, another one's seal) weighs more than what an honest one may send
late (old times, a former boot, the same bytes twice). Nothing that was refused has had any effect;
this only tells the owner, and never decides whether to go on. A quiet time ends it by itself.

A node's counts travel in its hellos, so home tells for all. Sources of the numbers: a laptop that
wakes up with a full queue refuses a handful of late envelopes; an attacker sends hundreds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from core.clock import Clock
from core.db import Database, Transaction
from core.runs.exchange_nodes import Nodes
from core.runs.notices import Level, Notice, alert

FORGED, STALE = 10, 1
#: What an honest peer may send; codes that are not here are FORGED.
WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "envelope-time": STALE,
        "envelope-boot": STALE,
        "envelope-incarnation": STALE,
        "hello-old": STALE,
        "envelope-repeated": STALE,
        "node-unknown": STALE,
        # The owner's own doing, or told by an alert of its own.
        "node-revoked": 0,
        "pairing-expired": 0,
        "pairing-mac": 0,
        "pairing-refused": 0,
        "pairing-used": 0,
    }
)
WINDOW = timedelta(minutes=10)
#: Weight within the window that is no accident any more.
MOST_WEIGHT = 50
#: How often the card's count is brought up to date while it goes on.
TELL_EVERY = timedelta(minutes=1)
#: Refusals that are remembered by time, and envelopes by their bytes.
MOST_REMEMBERED = 1000
MOST_SEEN = 4096
CODE = "broker-tampered"
BROKER = "broker"
#: The field of a hello's load that carries a node's counts.
FIELD = "refused"


class Tampering:
    """The counts of one place; safe to call from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: deque[tuple[datetime, int]] = deque(maxlen=MOST_REMEMBERED)
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._count = 0

    def refused(self, code: str) -> None:
        """Something from the broker was refused for this reason."""
        weight = WEIGHTS.get(code, FORGED)
        if weight == 0:
            return
        with self._lock:
            self._count += 1
            self._recent.append((self._clock.now(), weight))

    def passed(self, raw: bytes | str) -> None:
        """An envelope was honest. The same bytes again are a replay: harmless, but counted."""
        with self._lock:
            mark = hash(raw)
            is_new = mark not in self._seen
            self._seen[mark] = None
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
        if not is_new:
            self.refused("envelope-repeated")

    @property
    def is_going_on(self) -> bool:
        """More than accidents within the window."""
        since = self._clock.now() - WINDOW
        with self._lock:
            while self._recent and self._recent[0][0] < since:
                self._recent.popleft()
            return sum(weight for _, weight in self._recent) >= MOST_WEIGHT

    def to_json(self) -> dict[str, Any]:
        """For a hello: how many since the start, and whether it goes on."""
        return {"count": self._count, "going_on": self.is_going_on}


class TamperWatch:
    """At home: call `look` every few seconds; one alert per place, resolved when it is quiet."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        nodes: Nodes,
        here: Tampering,
        put: Callable[[Transaction, Notice], Any],
    ) -> None:
        self._db = db
        self._clock = clock
        self._nodes = nodes
        self._here = here
        self._put = put
        self._told: dict[str, tuple[datetime, int]] = {}

    def look(self) -> None:
        """Tell what is new."""
        with self._db.read() as tx:
            peers = self._nodes.all(tx)
        found = {BROKER: self._here.to_json()}
        found |= {f"node-{peer.name}": _counts(peer.load) for peer in peers if not peer.revoked}
        due = [notice for name, counts in found.items() if (notice := self._news(name, counts))]
        if due:
            with self._db.write() as tx:
                for notice in due:
                    self._put(tx, notice)

    def _news(self, name: str, counts: dict[str, Any]) -> Notice | None:
        now, told, count = self._clock.now(), self._told.get(name), int(counts["count"])
        if counts["going_on"]:
            if told is not None and (now - told[0] < TELL_EVERY or told[1] == count):
                return None
            self._told[name] = (now, count)
            return alert(Level.CRITICAL, name, CODE, count=count)
        if told is None:
            return None
        del self._told[name]
        return alert(Level.RESOLVED, name, CODE, count=told[1])


def _counts(load: dict[str, Any]) -> dict[str, Any]:
    """A node's counts as it told them; nonsense counts as nothing."""
    said = load.get(FIELD)
    if not isinstance(said, dict) or type(said.get("count")) is not int:
        return {"count": 0, "going_on": False}
    return {"count": said["count"], "going_on": said.get("going_on") is True}
