"""What a new node must know of this home, put together from the house."""

from __future__ import annotations

from core import seal
from core.approvals.incarnation import NAME as INCARNATION
from core.approvals.owner import actor_of
from core.approvals.peers import current_key
from core.db import Transaction
from core.errors import Refused
from core.runs.exchange_pairing import Pairing, make_pairing
from core.wiring.house import House


def pairing_for(
    house: House, tx: Transaction, name: str, secret: str, redis_url: str | None = None
) -> Pairing:
    """For a machine to be called `name`. `redis_url` beats that of the settings.
    Refused(`grant-key-missing`) before the bot has made its key, or while nobody owns it."""
    settings, key, owner = house.settings, current_key(tx), house.owner.owner_id(tx)
    if key is None or owner is None:
        raise Refused("grant-key-missing")
    return make_pairing(
        name,
        seal.open_identity(settings.under_home(settings.home), house.master),
        redis_url or settings.redis_url.get_secret_value(),
        place=settings.place,
        incarnation=int(house.preferences.get(tx, INCARNATION, 1)),
        secret=secret,
        grant_keys=(key,),
        owner=actor_of(owner),
    )
