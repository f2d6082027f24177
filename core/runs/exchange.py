"""The exchange: messages between home and nodes that are neither lost nor acted on twice.

    sender's database                     broker                 receiver's database
    tx: fact + outbox row
    relay: seal, sign, send      ------> envelope ------>  verify; tx: inbox row + effect
    outbox row is accepted       <------ accepted <------  after the commit

The broker is a hint: it may lose, double, reorder, invent and be wiped. An open outbox row is sent
again after 5, 10, 20, 40, 60, 60 ... seconds, signed anew under the same message id; an inbox row
makes a second arrival harmless. Home publishes only to nodes with a fresh verified hello. Never
decides what a message does: handlers do (`on`), inside the transaction of the inbox row.

Missing guarantee: messages may arrive in another order than they were put.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.clock import Clock
from core.db import Database, Transaction, canonical
from core.errors import Refused
from core.runs import envelopes, exchange_store
from core.runs import exchange_bodies as bodies
from core.runs.blobs import Blobs
from core.runs.envelopes import Envelope, Head
from core.runs.exchange_hello import GRANT_KEYS, HEADS, JOIN, ChainHead, GrantKeyNews, HelloHeads
from core.runs.exchange_nodes import HOME, Nodes, Peer
from core.runs.exchange_post import Here, OnDead, Post, Publish
from core.runs.exchange_store import InRow, InState, OutRow, OutState
from core.runs.exchange_tampering import Tampering
from core.runs.model import BLOB_BYTES, Label
from core.runs.ports import NoWake, Wake


@dataclass(frozen=True)
class Incoming:
    """A verified message."""

    id: str
    sender: Peer
    kind: str
    body: dict[str, Any]
    attachment: bytes


#: Acts on a message inside the transaction of its inbox row. True: it is done with. False: the
#: row stays `new` and the room that took it finishes it later.
Handler = Callable[[Transaction, Incoming], bool]
#: Called when a message arrives that was received before.
Repeat = Callable[[Transaction, Incoming], None]
#: Messages that are not kept, and who hears them: home, a node, or both.
AT_HOME, AT_NODE = "home", "node"
DIRECT = {
    bodies.ACCEPTED: {AT_HOME, AT_NODE},
    bodies.HELLO: {AT_HOME},
    bodies.WELCOME: {AT_NODE},
    HEADS: {AT_NODE},
    GRANT_KEYS: {AT_NODE},
}


class Exchange:
    """One place's end: `put` messages in, `receive` envelopes, and let a thread run `post.relay`.

    `on_dead(tx, row)` is told when home gives a message up; a node has none and never gives up.
    What is refused is counted in `tampering`. `on_join`, at home, takes envelopes of machines that
    nobody knows yet.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        here: Here,
        nodes: Nodes,
        blobs: Blobs,
        publish: Publish,
        wake: Wake | None = None,
        on_dead: OnDead | None = None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.here = here
        self.nodes = nodes
        self.blobs = blobs
        self.post = Post(db, clock, here, nodes, publish, on_dead)
        self.tampering = Tampering(clock)
        self.on_join: Callable[[Envelope], None] | None = None
        self._wake = wake or NoWake()
        self._handlers: dict[str, tuple[Handler, Repeat | None]] = {}

    def on(self, kind: str, handler: Handler, repeat: Repeat | None = None) -> None:
        """Who acts on messages of `kind`; other kinds are refused."""
        self._handlers[kind] = (handler, repeat)

    # -- sending ---------------------------------------------------------------------------------

    def put(
        self, tx: Transaction, place: str, kind: str, body: dict[str, Any], *, again: bool = False
    ) -> str:
        """Add a message to the outbox; its id. The same attempt of a step is the same message.

        `again` sends it once more although it was accepted (the other side may have lost it; if
        not, it only answers again). Refused: `private-place` when the body is private and the
        place is not the owner's, `node-unknown`, `node-revoked`, `message-too-large`.
        """
        peer = self.nodes.peer(tx, place)
        label = Label(body.get("label", Label.OPEN))
        stays = kind == bodies.RESULT and body.get("kept") is True  # only its digest travels
        if label is Label.PRIVATE and not peer.is_mine and not stays:
            raise Refused("private-place", node=place)
        now = self.clock.now()
        slim = self._slim(tx, kind, body, label)
        size = len(canonical(slim).encode())
        if size > envelopes.MOST_BODY_BYTES - 4:
            raise Refused("message-too-large", size=size, most=envelopes.MOST_BODY_BYTES)
        row = OutRow(
            bodies.id_of(kind, body, self.here.place, place),
            place,
            kind,
            slim,
            OutState.OPEN,
            0,
            now,
        )
        exchange_store.put(tx, row)
        if again:
            exchange_store.reopen(tx, row.id, now, OutState.ACCEPTED)
        tx.after_commit(lambda: self._wake.outbox(place))
        return row.id

    # -- receiving -------------------------------------------------------------------------------

    def receive(self, raw: bytes | str) -> bool:
        """Verify an envelope and act on it; True when it was new. Refused when it is not honest,
        not for this place, or not timely: then nothing has changed."""
        try:
            is_new = self._receive(raw)
        except Refused as refused:
            self.tampering.refused(refused.code)
            raise
        self.tampering.passed(raw)
        return is_new

    def _receive(self, raw: bytes | str) -> bool:
        if not isinstance(raw, bytes | str):  # a task's argument is whatever the broker holds
            raise Refused("envelope-shape")
        envelope = envelopes.parse(raw)
        head, now = envelope.head, self.clock.now()
        if head.kind == JOIN:
            self._take_join(envelope, now)
            return True
        with self.db.read() as tx:
            peer = self.nodes.peer(tx, head.sender)
        envelopes.check_signature(envelope, peer.keys.sign)
        envelopes.check_receiver(head, self.here.place)
        self._check_epoch(head, peer)
        envelopes.check_time(head, now)
        message = self._opened(envelope, peer)
        if head.kind in DIRECT:
            self._take_direct(message, head, now)
            return True
        return self._take(message, head, now)

    def _take(self, message: Incoming, head: Head, now: datetime) -> bool:
        if message.kind not in self._handlers:
            raise Refused("envelope-kind", kind=message.kind)
        handler, repeat = self._handlers[message.kind]
        with self.db.write() as tx:
            self._note_incarnation(tx, head, message.sender)
            row = InRow(message.id, message.sender.name, message.kind, message.body, InState.NEW)
            is_new = exchange_store.receive(tx, row, now)
            if is_new and handler(tx, message):
                exchange_store.move(tx, message.id, InState.NEW, InState.DONE, now)
            elif not is_new and repeat is not None:
                repeat(tx, message)
        self.post.reply(message.sender.name, bodies.ACCEPTED, {"id": message.id})
        self._wake.outbox(message.sender.name)
        return is_new

    def _take_join(self, envelope: Envelope, now: datetime) -> None:
        """Nobody knows the sender: whoever judges joins finds out whether it is honest."""
        if self.on_join is None:
            raise Refused("envelope-kind", kind=JOIN)
        envelopes.check_receiver(envelope.head, self.here.place)
        envelopes.check_time(envelope.head, now)
        self.on_join(envelope)

    def _take_direct(self, message: Incoming, head: Head, now: datetime) -> None:
        """Messages that are not kept: doing them twice changes nothing."""
        sender = message.sender
        if (AT_HOME if self.here.is_home else AT_NODE) not in DIRECT[message.kind]:
            raise Refused("envelope-kind", kind=message.kind)
        with self.db.write() as tx:
            self._note_incarnation(tx, head, sender)
            if message.kind == bodies.ACCEPTED:
                accepted = bodies.read(bodies.Accepted, message.body)
                exchange_store.accept(tx, accepted.id, sender.name, now)
            elif message.kind == HEADS:
                self._note_head(tx, HOME, bodies.read(ChainHead, message.body))
            elif message.kind == GRANT_KEYS:
                self._follow_keys(tx, bodies.read(GrantKeyNews, message.body))
            elif message.kind == bodies.HELLO:
                if self.nodes.heard(tx, sender, head.boot, head.iat, message.body):
                    exchange_store.send_now(tx, sender.name, now)
                    tx.after_commit(lambda: self._wake.outbox(sender.name))
                self._compare_heads(tx, sender.name, message.body)
                if head.incarnation != self.here.incarnation:
                    self.post.reply(sender.name, bodies.WELCOME, {})

    def _compare_heads(self, tx: Transaction, place: str, body: dict[str, Any]) -> None:
        """Keep the head of the node's chain; tell it home's, and new grant keys, when it has
        other ones."""
        said, here = bodies.read(HelloHeads, body), self.here
        self._note_head(tx, place, said.audit)
        if here.chains is not None and said.noted is not None:
            here.chains.reported(tx, place, said.noted)
        mine = here.chains.head(tx) if here.chains is not None else None
        if mine is not None and mine != said.noted:
            self.post.reply(place, HEADS, bodies.plain(mine))
        if here.keys is not None and said.key not in {None, here.keys.current(tx)}:
            self.post.reply(place, GRANT_KEYS, {"rotations": here.keys.rotations(tx)})

    def _follow_keys(self, tx: Transaction, news: GrantKeyNews) -> None:
        keys = self.here.keys
        if keys is None:
            return
        for rotation in news.rotations:
            keys.take(tx, rotation)

    def _note_head(self, tx: Transaction, place: str, head: ChainHead | None) -> None:
        if self.here.chains is not None and head is not None:
            self.here.chains.note(tx, place, head)

    def _opened(self, envelope: Envelope, peer: Peer) -> Incoming:
        content = envelopes.open_body(envelope, self.here.identity)
        head = envelope.head
        return Incoming(head.id, peer, head.kind, content.body, content.attachment)

    def _check_epoch(self, head: Head, peer: Peer) -> None:
        """Each end checks the nonce it owns: a node its boot, home its database's incarnation. A
        node also refuses a past incarnation. Home's hellos are how a node learns a new one."""
        if self.here.is_home:
            if head.kind != bodies.HELLO and head.incarnation != self.here.incarnation:
                raise Refused("envelope-incarnation", node=head.sender)
            return
        if head.boot != self.here.boot:
            raise Refused("envelope-boot", node=head.sender)
        if head.incarnation < peer.incarnation:
            raise Refused("envelope-incarnation", node=head.sender)

    def _note_incarnation(self, tx: Transaction, head: Head, peer: Peer) -> None:
        if not self.here.is_home and head.incarnation > peer.incarnation:
            self.nodes.note_incarnation(tx, peer, head.incarnation)

    # -- inside ----------------------------------------------------------------------------------

    def _slim(
        self, tx: Transaction, kind: str, body: dict[str, Any], label: Label
    ) -> dict[str, Any]:
        """`body` with its large field kept as a blob and referred to."""
        name = bodies.LARGE_FIELD.get(kind)
        if name is None or body.get(name) is None:
            return body
        content = canonical(body[name]).encode()
        if len(content) <= BLOB_BYTES:
            return body
        ref = self.blobs.keep(tx, content, label, "application/json")
        return {**body, name: None, f"{name}_blob": ref.to_json()}
