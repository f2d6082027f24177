"""Home's end of joining over a database, and machines that want to be let in."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from core.approvals.audit import Audit
from core.approvals.tables import audit
from core.clock import ManualClock
from core.errors import Refused
from core.runs import notice_rows
from core.runs.blobs import Blobs
from core.runs.exchange import Exchange
from core.runs.exchange_fakes import LossyBroker
from core.runs.exchange_halts import MemoryBoard
from core.runs.exchange_joining import Joining
from core.runs.exchange_joining_invitations import Invitations
from core.runs.exchange_joining_words import Applicant
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_pairing import make_pairing, parse_pairing
from core.runs.exchange_post import Here
from core.runs.mailbox import Mailbox
from core.runs.ports import NoWake
from core.runs.tables import invitations, notices
from core.seal import Identity

OWNER = 1001
URL = "redis://:broker-password@192.0.2.7:6379/0"
FACTS = {"place": "mine", "system": "Linux", "machine": "x86_64"}
GRANT_KEY = "ab" * 32


class Doorway:
    """Home, its owner's mailbox, and what lies on the board."""

    def __init__(self, db, clock=None) -> None:
        self.db, self.clock = db, clock or ManualClock()
        self.keys = Identity(b"h" * 32, b"H" * 32)
        self.broker, self.board = LossyBroker(), MemoryBoard()
        self.nodes = Nodes(db, self.clock)
        self.mailbox = Mailbox(db, self.clock, NoWake(), lambda _tx: OWNER)
        self.audit = Audit(self.clock)
        self.exchange = Exchange(
            db,
            self.clock,
            Here(HOME, self.keys, incarnation=3),
            self.nodes,
            Blobs(db, self.clock, HOME),
            self.broker.publish,
        )
        self.invitations = Invitations(self.clock, self.nodes, self.mailbox.put, self.audit)
        self.joining = Joining(
            self.exchange, self.board, self.invitations, self.mailbox.put, self.audit
        )

    def invite(self, name="pc", url=URL) -> str:
        def pairing(secret):
            return make_pairing(
                name, self.keys, url, incarnation=3, secret=secret, grant_keys=(GRANT_KEY,)
            )

        with self.db.write() as tx:
            return self.invitations.invite(tx, name, pairing, "telegram:1001").to_text()

    def knock(self, machine) -> str:
        """Ask once more to be let in; how it ended."""
        try:
            self.exchange.receive(machine.ask(self.clock.now()))
        except Refused as refused:
            return refused.code
        return "asked"

    def answer(self, machine):
        """What the machine reads on the board: its welcome, a reason, or None."""
        record = self.board.read(machine.invitation)
        if record is None:
            return None
        try:
            return machine.hear(record, self.clock.now())
        except Refused as refused:
            return refused.code

    def tap(self, machine, *, same=True):
        act = self.invitations.trust if same else self.invitations.distrust
        with self.db.write() as tx:
            return act(tx, machine.invitation, "telegram:1001")

    # -- what is to be seen

    def card(self):
        """The newest revision of the invitation's card."""
        return self.notices("invitation")[-1].params

    def notices(self, kind):
        with self.db.read() as tx:
            rows = tx.execute(sa.select(notices).order_by(notices.c.id)).all()
        found = [notice_rows.read(row).notice for row in rows]
        return [notice for notice in found if notice.kind == kind]

    def alerts(self):
        return [notice.params["code"] for notice in self.notices("alert")]

    def audited(self):
        with self.db.read() as tx:
            return list(tx.execute(sa.select(audit.c.kind).order_by(audit.c.seq)).scalars())

    def names(self):
        with self.db.read() as tx:
            return [peer.name for peer in self.nodes.all(tx) if not peer.revoked]

    def secrets_kept(self):
        with self.db.read() as tx:
            return list(tx.execute(sa.select(invitations.c.secret)).scalars())


def machine(line, seed=b"n", boot="boot1", **changed) -> Applicant:
    """A machine with that pairing string and keys of its own."""
    pairing = replace(parse_pairing(line), **changed)
    return Applicant(pairing, Identity(seed * 32, seed.upper() * 32), boot, FACTS)
