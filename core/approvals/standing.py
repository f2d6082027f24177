"""What home and a node know of themselves when a grant is checked, read from their databases.

The halt epoch of a place is a number that only rises: at home it stands in the row of the node,
at the node in its row of home. Raising it makes every grant of before worthless there.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from core.approvals.grants import Standing
from core.approvals.keys import GrantKeys
from core.approvals.minting import home_boot
from core.approvals.owner import actor_of
from core.db import Transaction
from core.runs.exchange_nodes import HOME
from core.runs.tables import nodes

#: Nobody: no grant names it, so nothing is let through before there is an owner.
NO_OWNER = "telegram:0"


def epoch_of(tx: Transaction, name: str) -> int:
    """The halt epoch between this place and `name`; 0 before any, and at home for home."""
    found = tx.execute(sa.select(nodes.c.epoch).where(nodes.c.name == name)).scalar_one_or_none()
    return int(found or 0)


def raise_epoch(tx: Transaction, name: str, to: int | None = None) -> int:
    """The next epoch, or `to` when that is higher than what is known; the one that holds now."""
    known = epoch_of(tx, name)
    raised = known + 1 if to is None else max(known, to)
    tx.execute(sa.update(nodes).where(nodes.c.name == name).values(epoch=raised))
    return raised


def home_standing(
    keys: GrantKeys,
    incarnation: Callable[[Transaction], int],
    owner: Callable[[Transaction], int | None],
) -> Callable[[Transaction], Standing]:
    """For the guard of home."""

    def standing(tx: Transaction) -> Standing:
        number, owner_id = incarnation(tx), owner(tx)
        by = NO_OWNER if owner_id is None else actor_of(owner_id)
        return Standing(HOME, home_boot(number), number, epoch_of(tx, HOME), by, keys.valid(tx))

    return standing


def node_standing(
    keys: GrantKeys,
    place: str,
    boot: str,
    incarnation: Callable[[Transaction], int],
    owner: Callable[[Transaction], str | None],
) -> Callable[[Transaction], Standing]:
    """For the guard of a node. `incarnation` is the newest of home's that it has heard of, `owner`
    (`telegram:<id>`) what its pairing named."""

    def standing(tx: Transaction) -> Standing:
        by = owner(tx) or NO_OWNER
        return Standing(place, boot, incarnation(tx), epoch_of(tx, HOME), by, keys.valid(tx))

    return standing
