"""Invitations: pairing strings that were given out, and what became of each.

Decides when one may be used: once, within ten minutes, by one machine; and that the machine is
trusted only after the owner's tap. Rows and cards only; messages are `exchange_joining`'s.
Every method works inside the caller's transaction. The pairing string lies in the params of its
card until it is used or expired; then it is taken out of every revision, and the message deleted.
"""

from __future__ import annotations

import enum
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.runs import cards
from core.runs.exchange_joining_words import invitation_id
from core.runs.exchange_nodes import HOME, NAME, Nodes
from core.runs.exchange_pairing import SECRET_BYTES, Pairing, is_loopback
from core.runs.notices import Notice, Urgency
from core.runs.tables import invitations

#: How long a string may be used, and then how long the owner may compare the digits.
LIFE = timedelta(minutes=10)
#: How long a secret stays after its end, so that a late machine can be told why.
SECRET_STAYS = timedelta(hours=1)
KIND = "invitation"
#: The param of the card that holds the string.
LINE = "line"


class State(enum.StrEnum):
    """Where an invitation stands."""

    OPEN = "open"  # its string may be used
    JOINED = "joined"  # a machine has used it; the owner compares digits
    TRUSTED = "trusted"  # the owner let the machine in
    REFUSED = "refused"  # the owner did not
    EXPIRED = "expired"  # nobody came, or nobody tapped, in time


@dataclass(frozen=True)
class Invitation:
    """One string that was given out. `card` is what a machine said of itself: keys and facts."""

    id: str
    name: str
    secret: str
    state: State
    expires_at: datetime
    card: dict[str, Any] | None = None
    digits: str | None = None


class Records(Protocol):
    """The audit; `core.approvals.audit.Audit` is one."""

    def record(self, tx: Transaction, kind: str, actor: str, **detail: Any) -> Any: ...


#: Keeps a notice for the owner; `Mailbox.put`.
Put = Callable[[Transaction, Notice], Any]


class Invitations:
    """The rows, and the card of each."""

    def __init__(self, clock: Clock, nodes: Nodes, put: Put, audit: Records) -> None:
        self._clock = clock
        self._nodes = nodes
        self._put = put
        self._audit = audit

    def check_name(self, tx: Transaction, name: str) -> None:
        """Refused(`node-name`, `node-name-taken`) unless a new node may be called `name`."""
        if not NAME.fullmatch(name) or name == HOME:
            raise Refused("node-name", name=name)
        known = self._nodes.find(tx, name)
        if known is not None and not known.revoked:
            raise Refused("node-name-taken", name=name)

    def invite(
        self,
        tx: Transaction,
        name: str,
        pairing: Callable[[str], Pairing],
        by: str,
        *,
        in_chat: bool = True,
    ) -> Pairing:
        """A new string for a node `name`; older open ones for that name die. `pairing` makes it
        around a secret. `in_chat`: the owner gets it as a card."""
        self.check_name(tx, name)
        now = self._clock.now()
        for row in self._all(tx, State.OPEN, State.JOINED):
            if row.name == name:
                self._end(tx, row, State.EXPIRED)
        made = pairing(secrets.token_hex(SECRET_BYTES))
        row = Invitation(invitation_id(made.secret), name, made.secret, State.OPEN, now + LIFE)
        values = {
            "id": row.id,
            "name": name,
            "secret": made.secret,
            "state": State.OPEN,
            "created_at": now,
            "expires_at": row.expires_at,
        }
        tx.execute(sa.insert(invitations).values(values))
        self._audit.record(tx, "node-invited", by, node=name, invitation=row.id)
        if in_chat:
            facts = {LINE: made.to_text(), "loopback": is_loopback(made.redis_url)}
            self._show(tx, row, **facts)
        return made

    def find(self, tx: Transaction, wanted: str) -> Invitation | None:
        query = sa.select(invitations).where(invitations.c.id == wanted)
        row = tx.execute(query).mappings().one_or_none()
        return None if row is None else _invitation(row)

    def join(
        self, tx: Transaction, row: Invitation, card: dict[str, Any], digits: str
    ) -> Invitation:
        """The one use of a string. Refused(`pairing-used`, `pairing-expired`)."""
        now = self._clock.now()
        if row.state is State.OPEN and row.expires_at <= now:
            self._end(tx, row, State.EXPIRED)
            raise Refused("pairing-expired")
        until = now + LIFE
        used = self._move(tx, row.id, State.OPEN, State.JOINED, card, digits, until)
        if not used:
            raise Refused("pairing-used")
        joined = Invitation(row.id, row.name, row.secret, State.JOINED, until, card, digits)
        self._audit.record(tx, "node-joined", f"node:{row.name}", invitation=row.id, digits=digits)
        self._show(tx, joined)
        return joined

    def trust(self, tx: Transaction, wanted: str, by: str) -> Invitation:
        """The owner saw the same digits on both screens. Refused(`pairing-closed`)."""
        row = self._joined(tx, wanted)
        card = row.card or {}
        known = self._nodes.find(tx, row.name)
        if known is not None and not known.revoked:
            raise Refused("node-name-taken", name=row.name)
        is_mine = card.get("place") == "mine"
        self._nodes.register(tx, row.name, card["sign"], card["seal"], is_mine=is_mine)
        self._audit.record(tx, "node-trusted", by, node=row.name, invitation=row.id)
        return self._end(tx, row, State.TRUSTED, by)

    def distrust(self, tx: Transaction, wanted: str, by: str) -> Invitation:
        """The digits differ. Refused(`pairing-closed`)."""
        row = self._joined(tx, wanted)
        self._audit.record(tx, "node-distrusted", by, node=row.name, invitation=row.id)
        return self._end(tx, row, State.REFUSED, by)

    def expire(self, tx: Transaction) -> int:
        """End what nobody used or answered in time, and forget spent secrets; how many ended."""
        now, ended = self._clock.now(), 0
        for row in self._all(tx, State.OPEN, State.JOINED):
            if row.expires_at <= now:
                self._end(tx, row, State.EXPIRED)
                ended += 1
        tx.execute(
            sa.update(invitations)
            .where(
                invitations.c.state.not_in([State.OPEN, State.JOINED]),
                invitations.c.expires_at < now - SECRET_STAYS,
                invitations.c.secret != "",
            )
            .values(secret="")
        )
        return ended

    # -- inside ----------------------------------------------------------------------------------

    def _joined(self, tx: Transaction, wanted: str) -> Invitation:
        row = self.find(tx, wanted)
        if row is None or row.state is not State.JOINED or row.expires_at <= self._clock.now():
            raise Refused("pairing-closed")
        return row

    def _end(
        self, tx: Transaction, row: Invitation, state: State, by: str | None = None
    ) -> Invitation:
        ended = Invitation(
            row.id, row.name, row.secret, state, row.expires_at, row.card, row.digits
        )
        if not self._move(tx, row.id, row.state, state, row.card, row.digits, row.expires_at):
            raise Refused("pairing-closed")
        if row.state is not State.OPEN or self._was_shown(tx, row.id):
            self._show(tx, ended, by=by)
        return ended

    @staticmethod
    def _move(
        tx: Transaction,
        wanted: str,
        old: State,
        new: State,
        card: dict[str, Any] | None,
        digits: str | None,
        expires_at: datetime,
    ) -> bool:
        moved = tx.execute(
            sa.update(invitations)
            .where(invitations.c.id == wanted, invitations.c.state == old)
            .values(state=new, card=card, digits=digits, expires_at=expires_at)
        )
        return moved.rowcount == 1

    @staticmethod
    def _all(tx: Transaction, *states: State) -> list[Invitation]:
        query = sa.select(invitations).where(invitations.c.state.in_(states))
        return [_invitation(row) for row in tx.execute(query).mappings().all()]

    @staticmethod
    def _was_shown(tx: Transaction, wanted: str) -> bool:
        return bool(cards.params_of(tx, _key(wanted)))

    def _show(self, tx: Transaction, row: Invitation, **more: Any) -> None:
        """The card as it is now; what an earlier revision told of the string is taken out."""
        if LINE not in more:
            cards.forget(tx, _key(row.id), LINE)
        facts = row.card or {}
        params = {
            "id": row.id,
            "name": row.name,
            "state": row.state.value,
            "expires_at": row.expires_at.isoformat(),
            "digits": row.digits,
            "place": facts.get("place"),
            "system": facts.get("system"),
            "machine": facts.get("machine"),
            **more,
        }
        self._put(tx, Notice(KIND, params, key=_key(row.id), urgency=Urgency.ALERT))


def _key(wanted: str) -> str:
    return f"{KIND}:{wanted}"


def _invitation(row: sa.RowMapping) -> Invitation:
    return Invitation(
        row["id"],
        row["name"],
        row["secret"],
        State(row["state"]),
        row["expires_at"],
        row["card"],
        row["digits"],
    )
