"""Under which key a place seals its live text.

Home's own processes share one; a node's is computed from its public key. Nodes come and go seldom:
the list is read again every minute, and a frame of a place not listed yet is dropped, as any frame
may be.
"""

from __future__ import annotations

import asyncio

from bot.crossing import Cross, insist
from core import seal
from core.runs.exchange_nodes import HOME, Nodes
from core.wiring import House

RENEW_S = 60.0


class LiveKeys:
    """Keys by place. `of` is asked for every frame and never waits."""

    def __init__(self, house: House) -> None:
        self._house = house
        live = house.master.live_key()
        self._home = {HOME: live, house.settings.node: live}
        self._keys = dict(self._home)

    def of(self, place: str) -> bytes | None:
        """The key, None for an unknown place."""
        return self._keys.get(place)

    async def renew(self, cross: Cross) -> None:
        """Read the nodes' keys now and then, for ever."""
        while True:
            self._keys = await insist(cross, self._read)
            await asyncio.sleep(RENEW_S)

    def _read(self) -> dict[str, bytes]:
        house = self._house
        nodes = Nodes(house.db, house.clock)
        with house.db.read() as tx:
            peers = [peer for peer in nodes.all(tx) if not peer.revoked]
        if not peers:
            return dict(self._home)
        identity = seal.open_identity(house.settings.under_home(house.settings.home), house.master)
        keys = {p.name: identity.shared_key(p.keys.seal, seal.Context.LIVE) for p in peers}
        return keys | self._home
