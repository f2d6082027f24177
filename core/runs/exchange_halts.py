"""Stopping a node quickly: a signed record that stays readable until the node has obeyed.

The halt of a run also travels as a message, but a message waits its turn and may be lost with the
broker for some seconds. So home writes the runs that a node has not yet confirmed on a board (a
Redis key), signed, and the node reads it each second. The record names its node; an old one only
halts again what is halted already, so it needs no expiry. Its removal delays a halt, no more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

import redis

from core import broker
from core.db import Transaction, canonical
from core.errors import Refused, Unavailable
from core.runs import exchange_bodies as bodies
from core.runs import exchange_store
from core.runs.exchange import Exchange
from core.runs.exchange_nodes import HOME
from core.seal import Context, verify

#: Bytes of a record; more than a thousand runs.
MOST_RECORD = 64 * 1024
#: Seconds that a record stays on the board without being written again.
KEPT_S = 3600
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
    """Home's end: call `write` each second."""

    def __init__(self, exchange: Exchange, board: Board) -> None:
        self._exchange = exchange
        self._board = board

    def write(self) -> int:
        """Put every unconfirmed halt on the board; how many. Unavailable."""
        with self._exchange.db.read() as tx:
            halts = exchange_store.open_of_kind(tx, bodies.HALT)
        for place in {row.place for row in halts}:
            runs = sorted(row.body["run_id"] for row in halts if row.place == place)
            self._board.write(place, self._record(place, runs))
        return len(halts)

    def _record(self, place: str, runs: list[str]) -> str:
        fields = {"v": 1, "to": place, "runs": runs}
        signature = self._exchange.here.identity.sign(Context.HALT, canonical(fields).encode())
        return canonical({**fields, "sig": signature.hex()})


class HaltReader:
    """A node's end: call `look` each second. `halt(tx, run id)` must be harmless when repeated."""

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
        self._last = record
        with self._exchange.db.read() as tx:
            sign_key = self._exchange.nodes.peer(tx, HOME).keys.sign
        runs = read_record(record, place, sign_key)
        with self._exchange.db.write() as tx:
            for run_id in runs:
                self._halt(tx, run_id)
        return len(runs)


def read_record(record: str, place: str, sign_key: str) -> list[str]:
    """The runs that a record halts. Refused(`halt-shape`, `signature-wrong`, `halt-not-mine`)."""
    if len(record) > MOST_RECORD:
        raise Refused("halt-shape")
    try:
        fields: Any = json.loads(record)
        if type(fields) is not dict or fields.keys() != {"v", "to", "runs", "sig"}:
            raise Refused("halt-shape")
        signature = bytes.fromhex(fields.pop("sig"))
        signed = canonical(fields).encode()
    except (ValueError, TypeError, RecursionError):
        raise Refused("halt-shape") from None
    verify(sign_key, Context.HALT, signed, signature)
    runs = fields["runs"]
    if fields["to"] != place or fields["v"] != 1:
        raise Refused("halt-not-mine", to=str(fields["to"]))
    if type(runs) is not list or not all(type(r) is str and RUN_ID.fullmatch(r) for r in runs):
        raise Refused("halt-shape")
    return [str(run) for run in runs]
