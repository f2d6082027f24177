"""The audit chain and the grant keys as the exchange with other places takes them along.

Decides nothing: it lends `Audit` and `GrantKeys` the shape of the ports of `core.runs`. A chain of
another place that was cut is told to the owner here, where the place that noted it sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.approvals.audit import Audit, PeerHead
from core.approvals.audit_chain import Head
from core.approvals.incarnation import Incarnation
from core.approvals.keys import ROTATIONS, GrantKeys
from core.approvals.ports import NamedValues
from core.approvals.tables import grant_keys
from core.db import Transaction
from core.errors import Refused
from core.runs.exchange_hello import ChainHead
from core.runs.notices import Level, Notice, alert


class AuditChains:
    """`core.runs.exchange_hello.Chains` over the audit. Home gives `put`, which keeps a notice for
    the owner, `incarnation`, and `raised`, called when a node knows more of home's chain than home
    does: home's processes are to start anew then. A node gives none of them."""

    def __init__(
        self,
        audit: Audit,
        put: Callable[[Transaction, Notice], Any] | None = None,
        incarnation: Incarnation | None = None,
        raised: Callable[[], None] = lambda: None,
    ) -> None:
        self._audit = audit
        self._put = put
        self._incarnation = incarnation
        self._raised = raised

    def head(self, tx: Transaction) -> ChainHead | None:
        found = self._audit.head(tx)
        return None if found is None else ChainHead(found.seq, found.hash)

    def noted(self, tx: Transaction, place: str) -> ChainHead | None:
        found = self._audit.noted(tx, place)
        return None if found is None else ChainHead(found.seq, found.hash)

    def note(self, tx: Transaction, place: str, head: ChainHead) -> None:
        said = self._audit.note_peer_head(tx, place, head.seq, head.hash)
        if said is PeerHead.CUT and self._put is not None:
            self._put(tx, alert(Level.CRITICAL, f"node-{place}", "audit-cut", place=place))

    def reported(self, tx: Transaction, place: str, head: ChainHead) -> None:
        if self._incarnation is not None and self._incarnation.reported(
            tx, place, Head(head.seq, head.hash)
        ):
            tx.after_commit(self._raised)


class KeyRotations:
    """`core.runs.exchange_hello.KeyNews` over the grant keys. `values` are home's named values,
    where its rotations are kept; a node has none."""

    def __init__(self, keys: GrantKeys, values: NamedValues | None = None) -> None:
        self._keys = keys
        self._values = values

    def current(self, tx: Transaction) -> str | None:
        return current_key(tx)

    def rotations(self, tx: Transaction) -> list[dict[str, Any]]:
        return list(self._values.get(tx, ROTATIONS, [])) if self._values is not None else []

    def take(self, tx: Transaction, rotation: dict[str, Any]) -> bool:
        """A rotation from before this place was paired begins with a key that it never knew."""
        try:
            return self._keys.take(tx, rotation)
        except Refused as refused:
            if refused.code == "rotation-unknown-key":
                return False
            raise


def current_key(tx: Transaction) -> str | None:
    """The newest key that grants may be signed with here; None before there is one."""
    query = (
        sa.select(grant_keys.c.key)
        .where(grant_keys.c.until.is_(None))
        .order_by(grant_keys.c.since.desc())
    )
    found: str | None = tx.execute(query.limit(1)).scalar_one_or_none()
    return found
