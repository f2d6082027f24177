"""The mint over a house: what the bot alone has, because it alone may sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.approvals import incarnation
from core.approvals.keys import GrantKeys, KeyKeeper
from core.approvals.minting import Mint
from core.runs.exchange_epochs import epoch_of
from core.runs.exchange_nodes import Nodes

if TYPE_CHECKING:
    from core.db import Transaction
    from core.wiring.house import House


def open_mint(house: House) -> Mint:
    """The mint with this home's grant key, made at the first start. Refused(`grant-key-lost`)."""
    home = house.settings.under_home(house.settings.home)
    keys = GrantKeys(house.clock, house.audit)
    keeper = KeyKeeper(house.db, house.preferences, keys, home, house.master)

    def current(tx: Transaction) -> int:
        return int(house.preferences.get(tx, incarnation.NAME, 1))

    nodes = Nodes(house.db, house.clock)
    return Mint(
        house.db,
        house.clock,
        nodes,
        keeper.signer(),
        house.audit,
        house.wake,
        incarnation=current,
        epoch=epoch_of,
    )
