"""Signing over a house: what the bot alone has, because it alone may sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.approvals import incarnation
from core.approvals.keys import GrantKeys, KeyKeeper
from core.approvals.minting import Mint
from core.runs.exchange_epochs import epoch_of
from core.runs.exchange_nodes import Nodes

if TYPE_CHECKING:
    from core.db import Transaction
    from core.wiring.house import House


@dataclass(frozen=True)
class Signing:
    """The mint, and the key it signs with."""

    mint: Mint
    keeper: KeyKeeper

    def renew_key(self) -> None:
        """Change a key that has signed for long enough; the former one counts for a day more."""
        signer = self.keeper.rotate_when_old()
        if signer is not None:
            self.mint.change_signer(signer)


def open_signing(house: House) -> Signing:
    """This home's grant key, made at the first start, and its mint. Refused(`grant-key-lost`)."""
    home = house.settings.under_home(house.settings.home)
    keys = GrantKeys(house.clock, house.audit)
    keeper = KeyKeeper(house.db, house.preferences, keys, home, house.master)

    def current(tx: Transaction) -> int:
        return int(house.preferences.get(tx, incarnation.NAME, 1))

    mint = Mint(
        house.db,
        house.clock,
        Nodes(house.db, house.clock),
        keeper.signer(),
        house.audit,
        house.wake,
        incarnation=current,
        epoch=epoch_of,
    )
    return Signing(mint, keeper)
