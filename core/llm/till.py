"""The real books: credentials, windows and the ledger, taken together for one call.

Decides which key a call goes out with: the next one that has room. Reserves in the ledger before
the call and settles after it; tells the ledger what headers said. A key that was refused is dead in
its row, and `on_dead` is told in that transaction, once. Text never comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
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
from core.llm.ledger_calls import ANSWERED, Call, Settlement
from core.llm.marks import reserved_tokens, service_of
from core.llm.model import Endpoint, Failure, Usage
from core.llm.ports import ModelFailed
from core.llm.rotation import organisation_of
from core.llm.sight import Left
from core.llm.windows import LimitReached

#: Seconds for which what was counted is believed; `open` counts anew.
ROOMS_FRESH_S = 0.5

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
        self._seen: dict[str, tuple[float, tuple[Room, ...]]] = {}

    def left(
        self, endpoints: Sequence[Endpoint], prompt_tokens: int, max_output: int
    ) -> Mapping[str, Left]:
        rooms = self._rooms(endpoints)
        found: dict[str, Left] = {}
        for each in endpoints:
            has_key = self._keyrings.has_key(each)
            output = min(max_output, each.max_output)
            tokens = reserved_tokens(service_of(each), prompt_tokens, output)
            lefts = [left_of(room, tokens, has_key) for room in rooms[each.name]]
            found[each.name] = max(lefts, key=_roominess, default=Left(has_key=has_key))
        return found

    def _rooms(self, endpoints: Sequence[Endpoint]) -> dict[str, tuple[Room, ...]]:
        """The rooms of each endpoint, one for each of its keys, at most half a second old; where a
        call has changed them here, anew."""
        now = self._clock.monotonic()
        kept = {
            name: seen for name, seen in self._seen.items() if 0 <= now - seen[0] < ROOMS_FRESH_S
        }
        versions = {
            each.name: self._keyrings.versions(each) for each in endpoints if each.name not in kept
        }
        fresh: dict[str, list[Room]] = {name: [] for name in versions}
        for column in zip_longest(*versions.values()):
            for name, room in self._ledger.rooms([each for each in column if each]).items():
                fresh[name].append(room)
        seen = kept | {name: (now, tuple(rooms)) for name, rooms in fresh.items()}
        self._seen = seen  # a whole one: others read while this one is made
        return {each.name: seen[each.name][1] for each in endpoints}

    def _changed(self, endpoint: Endpoint) -> None:
        self._seen = {name: seen for name, seen in self._seen.items() if name != endpoint.name}

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
            self._changed(endpoint)
            return Ticket(endpoint, held)
        if shortage is not None:
            detail = f"at limit: {shortage.params['dimension']}"
            raise ModelFailed(Failure.LIMITED, detail=detail, retry_after=shortage.retry_after)
        return None

    def heard(
        self, ticket: Ticket, headers: Mapping[str, str], message: str, *, is_refused: bool
    ) -> None:
        of, organisation = ticket.endpoint, organisation_of(message)
        if organisation and ticket.key and organisation != ticket.endpoint.organisation:
            self._keyrings.grouped(ticket.endpoint, organisation)
            # What was said binds the organisation that was named, not all whose is unknown.
            of = replace(of, organisation=organisation)
        self._ledger.learn(ticket.held, headers, is_refused=is_refused, message=message, of=of)
        self._changed(ticket.endpoint)

    def close(self, ticket: Ticket, ended: Ended) -> None:
        settlement = Settlement(ended.outcome, ended.usage, ended.first_token_ms, ended.took_ms)
        self._ledger.settle(ticket.held, settlement)

    def refused(self, ticket: Ticket, why: str) -> None:
        self._keyrings.dead(ticket.endpoint, why, self._on_dead)

    def cached(self, planned: Planned, usage: Usage) -> None:
        self._ledger.put_down(_call(planned), Settlement(ANSWERED, usage), is_cached=True)

    def made_elsewhere(self, tx: Transaction, planned: Planned, usage: Usage) -> None:
        self._ledger.note(tx, _call(planned), Settlement(ANSWERED, usage))

    def roomiest(self, endpoints: Sequence[Endpoint]) -> dict[str, Room]:
        """What each endpoint by name has left with the key that has most of it."""
        found = self._rooms(endpoints)
        return {name: max(rooms, key=_most) for name, rooms in found.items() if rooms}


def _call(planned: Planned) -> Call:
    return Call(
        planned.endpoint,
        planned.prompt_tokens,
        planned.max_output,
        planned.run_id,
        planned.workflow,
    )


def _most(room: Room) -> tuple[int, float]:
    return (Level.FULL, Level.NEAR, Level.ROOMY).index(room.level), room.share


def left_of(room: Room, tokens: int, has_key: bool | None = None) -> Left:
    """What the windows say, as the router reads it, for a request of so many tokens. Until when a
    full one is full is an estimate: `open` knows it better."""
    if not room.gauges:
        return Left(has_key=has_key)
    share = min((_share(gauge) for gauge in room.gauges), default=1.0)
    short = [
        gauge
        for gauge in room.gauges
        if gauge.left is not None and gauge.left < gauge.dimension.amount(tokens)
    ]
    never = any(
        each.most is not None and each.dimension.amount(tokens) > each.most for each in short
    )
    return Left(
        share,
        is_near=room.level is not Level.ROOMY,
        is_full=bool(short),
        wait_s=None if never else max((each.more_in_s for each in short), default=0.0),
        runs_out_s=room.limit_in_s,
        has_key=has_key,
    )


def _share(gauge: Gauge) -> float:
    if gauge.left is None or not gauge.most:
        return 1.0
    return min(1.0, gauge.left / gauge.most)


def _roominess(left: Left) -> tuple[bool, bool, float]:
    """Of several keys a call goes out with the one that has most of this."""
    return not left.is_full, not left.is_near, left.share
