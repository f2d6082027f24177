"""The halt epoch: a number between home and a node that only rises.

`/stop` of everything raises it at home; every grant carries it, and a grant of an older epoch
counts no more at the node, also when the broker held it back. At home it stands in the row of the
node, at the node in its row of home. Home needs none for itself: its runs are cancelled in the
database that its grants are checked in.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import Transaction
from core.runs.tables import nodes


def epoch_of(tx: Transaction, name: str) -> int:
    """The epoch between this place and `name`; 0 before any."""
    found = tx.execute(sa.select(nodes.c.epoch).where(nodes.c.name == name)).scalar_one_or_none()
    return int(found or 0)


def raise_epoch(tx: Transaction, name: str, to: int | None = None) -> int:
    """The next epoch, or `to` when that is higher than what is known; the one that holds now."""
    known = epoch_of(tx, name)
    raised = known + 1 if to is None else max(known, to)
    if raised > known:
        tx.execute(sa.update(nodes).where(nodes.c.name == name).values(epoch=raised))
    return raised


def raise_all(tx: Transaction) -> list[str]:
    """At home, for a stop of everything: the next epoch for every node; which they are."""
    names = list(tx.execute(sa.select(nodes.c.name).order_by(nodes.c.name)).scalars())
    for name in names:
        raise_epoch(tx, name)
    return names


def epochs(tx: Transaction) -> dict[str, int]:
    """At home: every node that may be spoken to and has an epoch."""
    query = sa.select(nodes.c.name, nodes.c.epoch).where(
        nodes.c.epoch.is_not(None), sa.not_(nodes.c.revoked)
    )
    return {row.name: row.epoch for row in tx.execute(query)}
