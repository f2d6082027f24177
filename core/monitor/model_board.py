"""What /models shows of each endpoint: how it is now, what is left, what it took this month.

Gathers; never changes anything, and asks no model. States are judged from what all processes share
(standings, the ledger, keys, the last probe), so the bot can tell them without a worker. Times are
milliseconds where the name says so, money is micro-dollars.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.llm.credential_rows import DEAD
from core.llm.credentials import Credentials
from core.llm.endpoint_rows import EndpointRows
from core.llm.gauges import Gauge, Level, Room
from core.llm.key_choice import with_key
from core.llm.ledger import RECOVERED_AFTER_S, Ledger
from core.llm.marks import service_of
from core.llm.model import SCRIPTED, Endpoint, Failure, Readiness, Standing
from core.llm.ollama_offers import merged
from core.llm.spending import Spending, Sum
from core.llm.standings import Standings
from core.llm.tables import calls

HOME = "home"
#: Of an endpoint that was not asked this month.
NONE = Sum()


class State(enum.StrEnum):
    """How an endpoint is, as the owner reads it."""

    READY = "ready"  # it may be asked
    BUSY = "busy"  # it is answering just now; it may be asked
    COOLING = "cooling"  # it failed; left alone until then
    USED_UP = "used-up"  # its limit leaves no room until then
    UNREACHABLE = "unreachable"  # its address, or its place, does not answer
    REFUSED = "refused"  # its key was refused
    KEYLESS = "keyless"  # it has no key yet
    PAUSED = "paused"  # the owner does not want it asked


@dataclass(frozen=True)
class Line:
    """One endpoint on the board. `sums` are this month's; `share` is its part of all answers;
    `is_own`: a row may pause, prefer, pin or remove it."""

    endpoint: Endpoint
    state: State
    until: datetime | None = None
    detail: str = ""
    gauges: tuple[Gauge, ...] = ()
    limit_in_s: int | None = None
    sums: Sum = NONE
    share: float = 0.0
    is_preferred: bool = False
    is_own: bool = True


@dataclass(frozen=True)
class Offers:
    """Endpoints of model servers that are watched: `here` says whether home's own is among them,
    so that what they tell takes the place of the catalog's guess."""

    endpoints: tuple[Endpoint, ...] = ()
    here: bool = False


class ModelBoard:
    """`local` tells what watched model servers offer; `reached` what the last probe found, by
    name: None for an endpoint that it did not look at."""

    def __init__(
        self,
        clock: Clock,
        rows: EndpointRows,
        keys: Credentials,
        standings: Standings,
        ledger: Ledger,
        spending: Spending,
        *,
        local: Callable[[Transaction], Offers] = lambda _tx: Offers(),
        reached: Callable[[Transaction], Mapping[str, str]] = lambda _tx: {},
    ) -> None:
        self._clock = clock
        self._rows = rows
        self._keys = keys
        self._standings = standings
        self._ledger = ledger
        self._spending = spending
        self._local = local
        self._reached = reached

    def endpoints(self, tx: Transaction) -> tuple[Endpoint, ...]:
        """Everybody, in the owner's order; those without a key last. The scripted model is shown
        where there is no real one."""
        local = self._local(tx)
        known = merged(self._rows.offered(tx), local.endpoints, here=local.here)
        real = [each for each in known if each.name != SCRIPTED]
        found = known if all(each.missing or each.is_assumed for each in real) else real
        order = {name: at for at, name in enumerate(self._rows.preference(tx))}
        return tuple(
            sorted(found, key=lambda each: (bool(each.missing), order.get(each.name, len(order))))
        )

    def lines(self, tx: Transaction, wanted: Sequence[Endpoint]) -> tuple[Line, ...]:
        """How these are."""
        now = self._clock.now()
        rooms = self._rooms(tx, [each for each in wanted if not each.missing])
        month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        sums = {each.name: each for each in self._spending.by_model(tx, month)}
        whole = Sum(answered=sum(each.answered for each in sums.values()))
        busy, reached = self._busy(tx, now), self._reached(tx)
        preferred = set(self._rows.preference(tx))
        found = []
        for each in wanted:
            room, spent = rooms.get(each.name, Room()), sums.get(each.name, NONE)
            line = Line(
                each,
                State.READY,
                gauges=room.gauges,
                limit_in_s=room.limit_in_s,
                sums=spent,
                share=spent.share_of(whole),
                is_preferred=each.name in preferred,
                is_own=each.name != SCRIPTED,
            )
            standing = self._standings.standing(each)
            state, until, detail = judge(
                each,
                standing,
                room,
                now,
                is_busy=each.name in busy,
                is_refused=bool(each.missing) and self._is_refused(tx, each),
                trouble=reached.get(each.name, ""),
            )
            found.append(replace(line, state=state, until=until, detail=detail))
        return tuple(found)

    def _rooms(self, tx: Transaction, endpoints: Sequence[Endpoint]) -> dict[str, Room]:
        """What is left with the key that has most of it."""
        found: dict[str, Room] = {}
        for each in endpoints:
            for version in self._with_keys(tx, each):
                room = self._ledger.rooms([version])[each.name]
                known = found.get(each.name)
                if known is None or _roomier(room, known):
                    found[each.name] = room
        return found

    def _with_keys(self, tx: Transaction, endpoint: Endpoint) -> list[Endpoint]:
        given = () if endpoint.credential else self._keys.candidates(tx, service_of(endpoint))
        return [with_key(endpoint, key) for key in given] or [endpoint]

    def _is_refused(self, tx: Transaction, endpoint: Endpoint) -> bool:
        return any(key.state == DEAD for key in self._keys.of(tx, service_of(endpoint)))

    @staticmethod
    def _busy(tx: Transaction, now: datetime) -> frozenset[str]:
        """Who has a call under way; one that nobody ended in time is none."""
        since = now - timedelta(seconds=RECOVERED_AFTER_S)
        query = (
            sa.select(calls.c.endpoint)
            .where(calls.c.state == "reserved", calls.c.began_at >= since)
            .distinct()
        )
        return frozenset(tx.execute(query).scalars())


def judge(
    endpoint: Endpoint,
    standing: Standing,
    room: Room,
    now: datetime,
    *,
    is_busy: bool = False,
    is_refused: bool = False,
    trouble: str = "",
) -> tuple[State, datetime | None, str]:
    """The state, until when it lasts where that is known, and a detail; pure. `trouble` is what
    the last probe said of an endpoint that did not answer it."""
    if endpoint.is_paused:
        return State.PAUSED, None, ""
    if is_refused or standing.readiness is Readiness.DEAD:
        return State.REFUSED, None, standing.detail
    if endpoint.missing:
        return State.KEYLESS, None, endpoint.missing
    if room.level is Level.FULL:
        return State.USED_UP, room.until, ""
    if standing.readiness is Readiness.COOLING:
        until = now + timedelta(seconds=standing.retry_after_s)
        return _cooling(standing.detail), until, standing.detail
    if standing.readiness is Readiness.ABSENT:
        trouble = trouble or standing.detail or Failure.UNREACHABLE
    usual = State.BUSY if is_busy else State.READY
    return (State.UNREACHABLE if trouble else usual), None, trouble


def _cooling(detail: str) -> State:
    failure = detail.partition(":")[0]
    if failure == Failure.LIMITED:
        return State.USED_UP
    return State.UNREACHABLE if failure == Failure.UNREACHABLE else State.COOLING


def _roomier(one: Room, other: Room) -> bool:
    order = {Level.ROOMY: 2, Level.NEAR: 1, Level.FULL: 0}
    return (order[one.level], one.share) > (order[other.level], other.share)
