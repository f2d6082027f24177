"""What home and a node know of themselves when a grant is checked, read from their databases."""

from __future__ import annotations

from collections.abc import Callable

from core.approvals.grants import Standing
from core.approvals.keys import GrantKeys
from core.approvals.minting import home_boot
from core.approvals.owner import actor_of
from core.db import Transaction
from core.runs.exchange_epochs import epoch_of
from core.runs.exchange_nodes import HOME

#: Nobody: no grant names it, so nothing is let through before there is an owner.
NO_OWNER = "telegram:0"


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
