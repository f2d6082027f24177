"""A broker in memory that behaves as badly as a real one, by seed.

Ships for tests and simulations: it loses, doubles and reorders envelopes, can be wiped, and shows
an attacker everything that ever passed.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from core.errors import Unavailable


class LossyBroker:
    """Queues by place. `lose` and `double` are probabilities; delivery is in random order when
    `shuffled`. While `away`, publishing raises Unavailable, as the real one does."""

    def __init__(
        self, seed: int = 0, *, lose: float = 0.0, double: float = 0.0, shuffled: bool = False
    ) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a schedule, not a secret
        self._lose = lose
        self._double = double
        self._shuffled = shuffled
        self.away = False
        self.queues: dict[str, list[str]] = {}
        self.seen: list[tuple[str, str]] = []

    def publish(self, place: str, envelope: str, valid_s: int) -> None:
        """The `Publish` port."""
        if self.away or valid_s <= 0:
            raise Unavailable("broker-away")
        self.seen.append((place, envelope))
        if self._chance.random() < self._lose:
            return
        copies = 2 if self._chance.random() < self._double else 1
        self.queues.setdefault(place, []).extend([envelope] * copies)

    def wipe(self) -> None:
        """As Redis without persistence after a kill."""
        self.queues.clear()

    def take(self, place: str) -> str | None:
        """The next envelope for `place`; taken means gone, as with BRPOP."""
        queue = self.queues.get(place)
        if not queue:
            return None
        at = self._chance.randrange(len(queue)) if self._shuffled else 0
        return queue.pop(at)

    def deliver(self, place: str, receive: Callable[[str], object]) -> int:
        """Hand over everything for `place`; how many."""
        count = 0
        while (envelope := self.take(place)) is not None:
            receive(envelope)
            count += 1
        return count
