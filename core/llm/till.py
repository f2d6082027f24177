"""The real books: credentials, windows and the ledger, taken together for one call.

Decides which key a call goes out with: the next one that has room. Reserves in the ledger before
the call and settles after it; tells the ledger what headers said. A key that was refused is dead in
its row, and `on_dead` is told in that transaction, once. Text never comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from core.clock import Clock
from core.db import Database, Transaction
from core.llm.books import Ended, Planned, Ticket
from core.llm.budget import BudgetUsedUp
from core.llm.credential_rows import KeyInfo
from core.llm.credentials import Credentials
from core.llm.gauges import Gauge, Level, Room
from core.llm.key_choice import Keyrings
from core.llm.ledger import Ledger
from core.llm.ledger_calls import Call, Settlement
from core.llm.model import Endpoint, Failure, Usage
from core.llm.ports import ModelFailed
from core.llm.rotation import organisation_of
from core.llm.sight import Left
from core.llm.windows import LimitReached

OnDead = Callable[[Transaction, KeyInfo], None]


class Till:
    """`Books` over the database. Thread-safe; one per process."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ledger: Ledger,
        credentials: Credentials | None = None,
        *,
        may_have_key: Callable[[Endpoint], bool] = lambda _endpoint: True,
        on_dead: OnDead = lambda _tx, _key: None,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._keyrings = Keyrings(db, clock, credentials, may_have_key)
        self._on_dead = on_dead

    def left(
        self, endpoints: Sequence[Endpoint], prompt_tokens: int, max_output: int
    ) -> Mapping[str, Left]:
        versions = {each.name: self._keyrings.versions(each) for each in endpoints}
        has_key = {each.name: self._keyrings.has_key(each) for each in endpoints}
        found = {name: Left(has_key=has_key[name]) for name in versions if not versions[name]}
        now = self._clock.now()
        for column in zip_longest(*versions.values()):
            asked = [each for each in column if each is not None]
            rooms = self._ledger.rooms(asked, prompt_tokens, max_output)
            for name, room in rooms.items():
                known, other = found.get(name), left_of(room, now, has_key[name])
                found[name] = other if known is None else _roomier(known, other)
        return found

    def money(self, run_id: str | None) -> int | None:
        standing = self._ledger.budget_left(run_id)
        return standing.left if standing else None

    def open(self, planned: Planned, without: Collection[str] = ()) -> Ticket | None:
        """The first key that has room. Raises what the last one without room has met."""
        versions = self._keyrings.versions(planned.endpoint)
        if not versions:
            raise ModelFailed(Failure.UNAUTHORISED, detail="every key was refused")
        shortage: LimitReached | None = None
        for endpoint in [each for each in versions if each.credential not in without]:
            call = Call(
                endpoint,
                planned.prompt_tokens,
                planned.max_output,
                planned.run_id,
                planned.workflow,
            )
            try:
                held = self._ledger.reserve(call)
            except LimitReached as reached:
                shortage = reached
                continue
            except BudgetUsedUp as used_up:
                raise ModelFailed(Failure.BUDGET, detail=str(used_up.params["kind"])) from None
            self._keyrings.used(endpoint)
            return Ticket(endpoint, held)
        if shortage is not None:
            detail = f"at limit: {shortage.params['dimension']}"
            raise ModelFailed(Failure.LIMITED, detail=detail, retry_after=shortage.retry_after)
        return None

    def heard(
        self, ticket: Ticket, headers: Mapping[str, str], message: str, *, is_refused: bool
    ) -> None:
        held, organisation = ticket.held, organisation_of(message)
        if organisation and ticket.key and organisation != ticket.endpoint.organisation:
            self._keyrings.grouped(ticket.endpoint, organisation)
            # What was said binds the organisation that was named, not all whose is unknown.
            found = replace(ticket.endpoint, organisation=organisation)
            held = replace(held, buckets=self._ledger.buckets(found), marks={})
        self._ledger.learn(held, headers, is_refused=is_refused, message=message)

    def close(self, ticket: Ticket, ended: Ended) -> None:
        settlement = Settlement(ended.outcome, ended.usage, ended.first_token_ms, ended.took_ms)
        self._ledger.settle(ticket.held, settlement)

    def refused(self, ticket: Ticket, why: str) -> None:
        self._keyrings.dead(ticket.endpoint, why, self._on_dead)

    def cached(self, planned: Planned, usage: Usage) -> None:
        call = Call(
            planned.endpoint,
            planned.prompt_tokens,
            planned.max_output,
            planned.run_id,
            planned.workflow,
        )
        self._ledger.put_down(call, Settlement("answered", usage), is_cached=True)


def left_of(room: Room, now: datetime, has_key: bool | None = None) -> Left:
    """What the windows say, as the router reads it."""
    share = min((_share(gauge) for gauge in room.gauges), default=1.0)
    wait_s: float | None = 0.0
    if room.level is Level.FULL:
        wait_s = None if room.until is None else max(0.0, (room.until - now).total_seconds())
    return Left(
        share,
        is_near=room.level is Level.NEAR,
        is_full=room.level is Level.FULL,
        wait_s=wait_s,
        runs_out_s=room.limit_in_s,
        has_key=has_key,
    )


def _share(gauge: Gauge) -> float:
    if gauge.left is None or not gauge.most:
        return 1.0
    return min(1.0, gauge.left / gauge.most)


def _roomier(one: Left, other: Left) -> Left:
    """Of two keys the one that a call would go out with."""
    return max((one, other), key=lambda left: (not left.is_full, not left.is_near, left.share))
