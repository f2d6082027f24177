"""Sending: what is open in the outbox goes to the broker, sealed and signed anew each time.

Decides when a message is sent, and to whom: only to places that are there. One thread calls
`relay`; a crash between claim and sending costs one backoff. Never waits for an answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Refused, Unavailable
from core.ids import new_id
from core.runs import envelopes, exchange_store
from core.runs import exchange_bodies as bodies
from core.runs.envelopes import Content, Head
from core.runs.exchange_hello import Chains, KeyNews, standing
from core.runs.exchange_nodes import HOME, Nodes, Peer
from core.runs.exchange_store import OutRow
from core.seal import Identity

log = structlog.get_logger(__name__)

#: Seconds until a message that was not accepted is sent again; the last one repeats.
BACKOFF_S = (5, 10, 20, 40, 60)
#: Share by which a wait varies, so that messages do not march in step.
JITTER = 0.2
#: Age at which home gives a message up and tells the owner; also that it was sent this often, so
#: that a machine that was off over a weekend finds its work when it comes back.
GIVE_UP = timedelta(hours=24)
GIVE_UP_TRIES = 20
#: Seconds until the next try when the broker is away.
BROKER_AWAY_S = 1
#: Messages in one pass of the relay; a flood does not starve the clock.
MOST_PER_PASS = 64
#: Seconds that a hello may lie in the broker.
HELLO_VALID_S = 60
#: `accepted` messages that wait for the relay; a lost one costs a repeat.
MOST_REPLIES = 10_000


@dataclass(frozen=True)
class Here:
    """This end: its name and keys. A node has a `boot`, the nonce of this process; home has an
    `incarnation`, the number of times that its database was restored, from 1. The heads of the
    audit `chains`, and changes of the grant `keys`, travel with hellos."""

    place: str
    identity: Identity
    boot: str = ""
    incarnation: int = 1
    chains: Chains | None = None
    keys: KeyNews | None = None

    @property
    def is_home(self) -> bool:
        return self.place == HOME


#: Hands an envelope to the broker: (place, envelope, seconds that it is valid). It may block for
#: seconds, and raises Unavailable when the broker is away.
Publish = Callable[[str, str, int], None]
#: Bytes that travel behind a message, read when it is sent.
Attach = Callable[[Transaction, dict[str, Any]], bytes]
#: Told when home gives a message up.
OnDead = Callable[[Transaction, OutRow], None]


class Post:
    """The way out of one place. A node has no `on_dead`: it never gives a result up."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        here: Here,
        nodes: Nodes,
        publish: Publish,
        on_dead: OnDead | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._here = here
        self._nodes = nodes
        self._publish = publish
        self._on_dead = on_dead
        self._attach: dict[str, Attach] = {}
        self._replies: deque[tuple[str, str, dict[str, Any]]] = deque(maxlen=MOST_REPLIES)
        self._next_look = clock.now()

    def attach(self, kind: str, read: Attach) -> None:
        """What travels behind messages of `kind`."""
        self._attach[kind] = read

    def reply(self, place: str, kind: str, body: dict[str, Any]) -> None:
        """A message that is not kept, with the next pass of the relay."""
        self._replies.append((place, kind, body))

    def relay(self, now: datetime) -> int:
        """Send what is due; how many outbox messages went out. One thread calls it, often."""
        if now >= self._next_look:
            self._next_look = now + timedelta(minutes=1)
            self._give_up(now)
        try:
            self._send_replies(now)
            rows = self._claim_due(now)
        except Unavailable:
            return 0
        for at, row in enumerate(rows):
            try:
                self._send(row, now)
            except Unavailable:
                self._postpone(rows[at:], now)
                return at
        return len(rows)

    def relay_all(self) -> None:
        """Pass after pass until nothing is due: what a relay thread calls."""
        while self.relay(self._clock.now()) == MOST_PER_PASS:
            continue

    def say_hello(self, can: dict[str, Any], load: dict[str, Any]) -> None:
        """A node tells home that it is there, what it can do, and how its audit chain ends.
        Unavailable."""
        with self._db.read() as tx:
            more = standing(tx, self._here.chains, self._here.keys, HOME)
        body = {"can": can, "load": load, **more}
        self._send_direct(HOME, bodies.HELLO, body, self._clock.now(), HELLO_VALID_S)

    # -- inside ----------------------------------------------------------------------------------

    def _send_replies(self, now: datetime) -> None:
        with self._db.read() as tx:
            reachable = set(self._nodes.reachable(tx)) if self._replies else set()
        while self._replies:
            place, kind, body = self._replies.popleft()
            if place in reachable:
                self._send_direct(place, kind, body, now, envelopes.VALID_S)

    def _claim_due(self, now: datetime) -> list[OutRow]:
        with self._db.read() as tx:
            due = exchange_store.due(tx, self._nodes.reachable(tx), now, MOST_PER_PASS)
        if not due:
            return []
        with self._db.write() as tx:
            return [row for row in due if exchange_store.claim(tx, row, self._next(row, now))]

    def _next(self, row: OutRow, now: datetime) -> datetime:
        wait_s = BACKOFF_S[min(row.attempts, len(BACKOFF_S) - 1)]
        share = int(row.id[-4:], 16) / 0xFFFF  # of the id's random digits: 0 to 1
        return now + timedelta(seconds=wait_s * (1 + JITTER * (2 * share - 1)))

    def _send(self, row: OutRow, now: datetime) -> None:
        attachment = b""
        with self._db.read() as tx:
            peer = self._nodes.find(tx, row.place)
            if row.kind in self._attach:
                try:
                    attachment = self._attach[row.kind](tx, row.body)
                except Refused as refused:  # the blob was purged: the receiver asks again, or not
                    log.warning("message-withdrawn", kind=row.kind, code=refused.code)
                    peer = None
        if peer is None or peer.revoked:
            with self._db.write() as tx:
                exchange_store.kill(tx, row.id)
            return
        head = self._head(row.id, peer, row.kind)
        self._publish_as(head, Content(row.body, attachment), peer, now, envelopes.VALID_S)

    def _send_direct(
        self, place: str, kind: str, body: dict[str, Any], now: datetime, valid_s: int
    ) -> None:
        with self._db.read() as tx:
            peer = self._nodes.peer(tx, place)
        self._publish_as(self._head(new_id(), peer, kind), Content(body), peer, now, valid_s)

    def _head(self, message: str, peer: Peer, kind: str) -> Head:
        boot = peer.boot if self._here.is_home else self._here.boot
        incarnation = self._here.incarnation if self._here.is_home else peer.incarnation
        return Head(message, self._here.place, peer.name, kind, boot, incarnation, 0, 0)

    def _publish_as(
        self, head: Head, content: Content, peer: Peer, now: datetime, valid_s: int
    ) -> None:
        dated = envelopes.issued(head, now, valid_s)
        text = envelopes.write(dated, content, self._here.identity, peer.keys.seal)
        self._publish(peer.name, text, valid_s)

    def _postpone(self, rows: list[OutRow], now: datetime) -> None:
        with self._db.write() as tx:
            exchange_store.postpone(tx, rows, now + timedelta(seconds=BROKER_AWAY_S))

    def _give_up(self, now: datetime) -> None:
        if self._on_dead is None:
            return
        with self._db.write() as tx:
            for row in exchange_store.overdue(tx, now - GIVE_UP, GIVE_UP_TRIES, MOST_PER_PASS):
                if exchange_store.kill(tx, row.id):
                    self._on_dead(tx, row)
