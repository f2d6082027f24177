"""Stopping a node quickly: a signed record that stays readable until the node has obeyed.

The halt of a run also travels as a message, but a message waits its turn and may be lost with the
broker for some seconds. So home writes the runs that a node has not yet confirmed on a board (a
Redis key), signed, and the node reads it each second. The record names its node and carries the
halt epoch; an old one only halts again what is halted already, and an epoch never sinks, so it
needs no expiry. Its removal delays a halt, no more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import redis

from core import broker
from core.db import Transaction, canonical
from core.errors import Refused, Unavailable
from core.runs import exchange_bodies as bodies
from core.runs import exchange_store
from core.runs.exchange import Exchange
from core.runs.exchange_epochs import epochs, raise_epoch
from core.runs.exchange_nodes import HOME
from core.seal import Context, verify

VERSION = 2
#: Bytes of a record; more than a thousand runs.
MOST_RECORD = 64 * 1024
#: One more than the highest epoch: what a 32-bit column holds.
MOST_EPOCH = 2**31
#: Seconds that a record stays on the board without being written again.
KEPT_S = 3600
#: For how long a new epoch is written: longer than any grant of before it is valid.
TELL_EPOCH = timedelta(minutes=10)
RUN_ID = re.compile(r"[0-9a-zA-Z_-]{1,64}")


class Board(Protocol):
    """Where halts can be read. Every method raises Unavailable when the broker is away."""

    def write(self, place: str, record: str) -> None: ...

    def read(self, place: str) -> str | None: ...


class MemoryBoard:
    """A board in memory; ships for tests."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}

    def write(self, place: str, record: str) -> None:
        self.records[place] = record

    def read(self, place: str) -> str | None:
        return self.records.get(place)


class RedisBoard:
    """The board as one Redis key per node."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url, **broker.SOCKET_OPTIONS)

    def write(self, place: str, record: str) -> None:
        try:
            self._redis.set(f"{broker.KEY_PREFIX}halt:{place}", record, ex=KEPT_S)
        except redis.RedisError:
            raise Unavailable("broker-away") from None

    def read(self, place: str) -> str | None:
        try:
            found = self._redis.get(f"{broker.KEY_PREFIX}halt:{place}")
        except redis.RedisError:
            raise Unavailable("broker-away") from None
        return found.decode(errors="replace") if isinstance(found, bytes) else None

    def close(self) -> None:
        self._redis.close()


class HaltWriter:
    """Home's end: call `write` each second. A new process tells every epoch once more."""

    def __init__(self, exchange: Exchange, board: Board) -> None:
        self._exchange = exchange
        self._board = board
        self._told: dict[str, tuple[int, datetime]] = {}

    def write(self) -> int:
        """Put every unconfirmed halt and every new epoch on the board; how many halts. Unavailable
        when the broker is away."""
        with self._exchange.db.read() as tx:
            halts = exchange_store.open_of_kind(tx, bodies.HALT)
            known = epochs(tx)
        now = self._exchange.clock.now()
        fresh = {name for name, epoch in known.items() if self._is_news(name, epoch, now)}
        for place in {row.place for row in halts} | fresh:
            runs = sorted(row.body["run_id"] for row in halts if row.place == place)
            self._board.write(place, self._record(place, runs, known.get(place, 0)))
        return len(halts)

    def _is_news(self, place: str, epoch: int, now: datetime) -> bool:
        told, since = self._told.get(place, (0, now))
        if epoch > told:
            since = now
            self._told[place] = (epoch, since)
        return now - since < TELL_EPOCH

    def _record(self, place: str, runs: list[str], epoch: int) -> str:
        fields = {"v": VERSION, "to": place, "runs": runs, "epoch": epoch}
        signature = self._exchange.here.identity.sign(Context.HALT, canonical(fields).encode())
        return canonical({**fields, "sig": signature.hex()})


class HaltReader:
    """A node's end: call `look` each second. `halt(tx, run id)` must be harmless when repeated.
    The newest epoch is kept in the node's row of home: `exchange_epochs.epoch_of(tx, HOME)`."""

    def __init__(
        self, exchange: Exchange, board: Board, halt: Callable[[Transaction, str], None]
    ) -> None:
        self._exchange = exchange
        self._board = board
        self._halt = halt
        self._last: str | None = None

    def look(self) -> int:
        """Obey a new record; how many runs it halts. Refused when it is not home's; Unavailable."""
        place = self._exchange.here.place
        record = self._board.read(place)
        if record is None or record == self._last:
            return 0
        with self._exchange.db.read() as tx:
            sign_key = self._exchange.nodes.peer(tx, HOME).keys.sign
        try:
            found = read_record(record, place, sign_key)
        except Refused:
            self._last = record  # it does not get better; said once
            raise
        with self._exchange.db.write() as tx:
            raise_epoch(tx, HOME, found.epoch)
            for run_id in found.runs:
                self._halt(tx, run_id)
        self._last = record
        return len(found.runs)


@dataclass(frozen=True)
class Record:
    """What home wants stopped: these runs, and every grant of an older epoch."""

    runs: tuple[str, ...]
    epoch: int


def read_record(record: str, place: str, sign_key: str) -> Record:
    """A record that home signed. Refused(`halt-shape`, `signature-wrong`, `halt-not-mine`)."""
    if len(record) > MOST_RECORD:
        raise Refused("halt-shape")
    try:
        fields: Any = json.loads(record)
        if type(fields) is not dict or fields.keys() != {"v", "to", "runs", "epoch", "sig"}:
            raise Refused("halt-shape")
        signature = bytes.fromhex(fields.pop("sig"))
        signed = canonical(fields).encode()
    except (ValueError, TypeError, RecursionError):
        raise Refused("halt-shape") from None
    verify(sign_key, Context.HALT, signed, signature)
    runs, epoch = fields["runs"], fields["epoch"]
    if fields["to"] != place or fields["v"] != VERSION:
        raise Refused("halt-not-mine", to=str(fields["to"]))
    if type(runs) is not list or not all(type(r) is str and RUN_ID.fullmatch(r) for r in runs):
        raise Refused("halt-shape")
    if type(epoch) is not int or not 0 <= epoch < MOST_EPOCH:
        raise Refused("halt-shape")
    return Record(tuple(str(run) for run in runs), epoch)
