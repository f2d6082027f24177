"""Home's end of joining: a machine that nobody knows yet asks to be the node of an invitation.

Decides whether its request is honest: sealed for home, signed with the key it brings, MACed with
the secret of an invitation that is open. Then it shows the owner eight digits; only a tap lets the
machine in. The machine repeats its request until it is answered, so a lost message costs three
seconds. Answers lie on a board (a Redis key named by the invitation), sealed for the machine: what
an older node of the same name takes from the queue cannot be one of them.

What somebody with the string tries again, late, or with a wrong MAC is refused, audited, and told
to the owner, each at most once a minute. What names no invitation is counted as tampering.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

import redis
import structlog

from core import broker
from core.errors import Refused, Unavailable
from core.ids import new_id
from core.runs import envelopes
from core.runs import exchange_bodies as bodies
from core.runs.envelopes import Content, Envelope, Head
from core.runs.exchange import Exchange
from core.runs.exchange_halts import Board
from core.runs.exchange_hello import JOIN_REFUSED, Join
from core.runs.exchange_joining_invitations import Invitation, Invitations, Put, Records, State
from core.runs.exchange_joining_words import digits, mac, read_join
from core.runs.exchange_nodes import HOME
from core.runs.notices import Level, alert
from core.seal import PublicKeys

log = structlog.get_logger(__name__)

#: Seconds that an answer lies on the board, and is good for.
ANSWER_S = 60
#: How often the same refusal is audited and told.
TELL_EVERY = timedelta(minutes=1)


class JoinBoard:
    """Answers to machines that asked to join: one Redis key per invitation."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url, **broker.SOCKET_OPTIONS)

    def write(self, place: str, record: str) -> None:
        """Unavailable when the broker is away."""
        try:
            self._redis.set(f"{broker.KEY_PREFIX}join:{place}", record, ex=ANSWER_S)
        except redis.RedisError:
            raise Unavailable("broker-away") from None

    def read(self, place: str) -> str | None:
        """Unavailable when the broker is away."""
        try:
            found = self._redis.get(f"{broker.KEY_PREFIX}join:{place}")
        except redis.RedisError:
            raise Unavailable("broker-away") from None
        return found.decode(errors="replace") if isinstance(found, bytes) else None

    def close(self) -> None:
        self._redis.close()


class Joining:
    """Takes `join` messages from the exchange; call `look` every few seconds."""

    def __init__(
        self, exchange: Exchange, board: Board, invitations: Invitations, put: Put, audit: Records
    ) -> None:
        self._exchange = exchange
        self._board = board
        self._invitations = invitations
        self._put = put
        self._audit = audit
        self._told: dict[tuple[str, str], datetime] = {}
        exchange.on_join = self.take

    def look(self) -> int:
        """Expire what is over; how many."""
        with self._exchange.db.write() as tx:
            return self._invitations.expire(tx)

    def take(self, envelope: Envelope) -> None:
        """A request to join. Refused when it is not honest or not in time."""
        join = read_join(envelope, self._exchange.here.identity)
        with self._exchange.db.read() as tx:
            row = self._invitations.find(tx, join.invitation)
        if row is None or row.name != envelope.head.sender:
            raise Refused("pairing-unknown")
        try:
            answer = self._judge(row, join)
        except Refused as refused:
            self._tell(row, refused.code)
            if refused.code != "pairing-mac":
                self._answer(row, join, JOIN_REFUSED, {"code": refused.code})
            raise
        if answer is not None:
            self._answer(row, join, *answer)

    # -- inside ----------------------------------------------------------------------------------

    def _judge(self, row: Invitation, join: Join) -> tuple[str, dict[str, Any]] | None:
        """What to answer to a request with the right MAC; None while the owner is asked."""
        said = bodies.plain(join)
        home = self._exchange.here.identity.public
        if not row.secret:
            raise Refused("pairing-expired")
        if not hmac.compare_digest(mac(row.secret, row.name, home, said), join.mac):
            raise Refused("pairing-mac")
        card = {name: said[name] for name in ("sign", "seal", "place", "system", "machine")}
        if row.state is State.OPEN:
            shown = digits(row.secret, row.name, home, PublicKeys(join.sign, join.seal))
            self._join(row, card, shown)
            return None
        is_same = row.card is not None and row.card["sign"] == join.sign
        if not is_same or (row.card or {})["seal"] != join.seal:
            raise Refused("pairing-used" if row.card is not None else "pairing-expired")
        if row.state is State.TRUSTED:
            return bodies.WELCOME, {}
        if row.state is State.JOINED:
            return None
        code = "pairing-refused" if row.state is State.REFUSED else "pairing-expired"
        return JOIN_REFUSED, {"code": code}

    def _join(self, row: Invitation, card: dict[str, Any], shown: str) -> None:
        late: Refused | None = None
        with self._exchange.db.write() as tx:
            try:
                self._invitations.join(tx, row, card, shown)
            except Refused as refused:  # an expiry is committed all the same
                late = refused
        if late is not None:
            raise late

    def _answer(self, row: Invitation, join: Join, kind: str, body: dict[str, Any]) -> None:
        """On the board, for this machine only; while the broker is away it asks again anyway."""
        here = self._exchange.here
        head = Head(new_id(), HOME, row.name, kind, join.boot, here.incarnation, 0, 0)
        dated = envelopes.issued(head, self._exchange.clock.now(), ANSWER_S)
        text = envelopes.write(dated, Content(body), here.identity, join.seal)
        try:
            self._board.write(row.id, text)
        except Unavailable:
            log.info("join-not-answered", node=row.name)

    def _tell(self, row: Invitation, code: str) -> None:
        """Audit a refused use of a real string and alert the owner; repeats only now and then."""
        now, key = self._exchange.clock.now(), (row.id, code)
        if key in self._told and now - self._told[key] < TELL_EVERY:
            return
        self._told = {at: when for at, when in self._told.items() if now - when < TELL_EVERY}
        self._told[key] = now
        with self._exchange.db.write() as tx:
            self._audit.record(tx, "join-refused", "broker", invitation=row.id, why=code)
            warning = alert(Level.PROBLEM, "joining", code, name=row.name)
            self._put(tx, warning)
