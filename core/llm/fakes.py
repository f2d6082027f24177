"""Books without a database: keys, request limits and one budget, in memory. Ships for tests."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.clock import Clock
from core.db import Transaction
from core.llm.books import Ended, Planned, Ticket
from core.llm.hearing import Heard
from core.llm.model import Endpoint, Failure, Usage
from core.llm.ports import ModelFailed
from core.llm.sight import Left

#: So little of a limit left is near it.
NEAR = 0.1


@dataclass
class Booked:
    """One call as the fake has it: `micros` is its reserve until it has ended, its price then."""

    number: int
    planned: Planned
    key: str
    micros: int
    ended: Ended | None = None
    heard: list[Heard] = field(default_factory=list)


class FakeBooks:
    """Keys by service (none: none is needed), requests by endpoint for good, money in all."""

    def __init__(
        self,
        clock: Clock,
        *,
        keys: Mapping[str, Sequence[str]] | None = None,
        most: Mapping[str, int] | None = None,
        money: int | None = None,
        wait_s: float = 60.0,
    ) -> None:
        self._clock = clock
        self._keys = dict(keys or {})
        self._most = dict(most or {})
        self._money = money
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._taken: Counter[str] = Counter()
        self.dead: list[str] = []
        self.calls: list[Booked] = []
        self.from_cache: list[Planned] = []
        self.from_elsewhere: list[Planned] = []

    @property
    def spent(self) -> int:
        """Micro-dollars: what has ended, and what is reserved."""
        return sum(each.micros for each in self.calls)

    def left(
        self, endpoints: Sequence[Endpoint], _prompt_tokens: int, _max_output: int
    ) -> Mapping[str, Left]:
        return {each.name: self._left(each) for each in endpoints}

    def money(self, _run_id: str | None) -> int | None:
        return None if self._money is None else max(0, self._money - self.spent)

    def open(self, planned: Planned, without: Collection[str] = ()) -> Ticket | None:
        endpoint = planned.endpoint
        most = Usage(planned.prompt_tokens, min(planned.max_output, endpoint.max_output))
        micros = endpoint.price.of(most)
        with self._lock:
            keys = self._alive(endpoint)
            if not keys:
                raise ModelFailed(Failure.UNAUTHORISED, detail="no key is left")
            key = next((each for each in keys if each not in without), None)
            if key is None:
                return None
            if self._left(endpoint).is_full:
                raise ModelFailed(Failure.LIMITED, detail="at limit", retry_after=self._wait_s)
            if micros and self._money is not None and micros > self._money - self.spent:
                raise ModelFailed(Failure.BUDGET, detail="day")
            self._taken[endpoint.name] += 1
            booked = Booked(next(self._numbers), planned, key, micros)
            self.calls.append(booked)
        return Ticket(replace(endpoint, credential=key), booked)

    def heard(
        self, ticket: Ticket, headers: Mapping[str, str], message: str, *, is_refused: bool
    ) -> None:
        ticket.held.heard.append(Heard(headers, message, is_refused))

    def close(self, ticket: Ticket, ended: Ended) -> None:
        booked: Booked = ticket.held
        assert booked.ended is None, "a call is settled once"
        booked.ended = ended
        if ended.usage is not None:
            booked.micros = ticket.endpoint.price.billed(ended.usage)

    def refused(self, ticket: Ticket, why: str) -> None:
        assert why, "a key does not die without a reason"
        self.dead.append(ticket.key)

    def cached(self, planned: Planned, usage: Usage) -> None:
        assert usage.prompt >= 0
        self.from_cache.append(planned)

    def made_elsewhere(self, _tx: Transaction, planned: Planned, usage: Usage) -> None:
        assert usage.prompt >= 0
        self.from_elsewhere.append(planned)

    def _alive(self, endpoint: Endpoint) -> list[str]:
        given = self._keys.get(endpoint.service or endpoint.provider)
        if given is None:
            return [endpoint.credential]
        return [each for each in given if each not in self.dead]

    def _left(self, endpoint: Endpoint) -> Left:
        has_key = bool(self._alive(endpoint))
        most = self._most.get(endpoint.name)
        if most is None:
            return Left(has_key=has_key)
        left = max(0, most - self._taken[endpoint.name])
        share = left / most if most else 0.0
        return Left(share, share <= NEAR, left == 0, self._wait_s, None, has_key)
