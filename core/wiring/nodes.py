"""What home does beside the engine for its nodes: letting in, watching, ending what was revoked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core import seal
from core.approvals.incarnation import NAME as INCARNATION
from core.approvals.keys import GrantKeys
from core.approvals.peers import AuditChains, KeyRotations
from core.runs.exchange_nodes import HOME
from core.runs.exchange_post import Here

if TYPE_CHECKING:
    from core.approvals.incarnation import Incarnation
    from core.runs.exchange import Exchange
    from core.runs.exchange_relay import Ticker
    from core.runs.parallel import Parallel
    from core.wiring.house import House

#: Seconds between two looks.
JOINS_EVERY_S, TAMPERING_EVERY_S, REVOKED_EVERY_S, WAITING_EVERY_S = 2.0, 5.0, 1.0, 5.0


def home_here(
    base: House,
    incarnation: Incarnation | None = None,
    raised: Callable[[], None] = lambda: None,
) -> Here:
    """Home's end of the exchange. `incarnation` is raised when a node knows more of home's audit
    than home does; then `raised` is called, and the processes of home are to start anew."""
    home = base.settings.under_home(base.settings.home)
    with base.db.read() as tx:
        number = int(base.preferences.get(tx, INCARNATION, 1))
    return Here(
        HOME,
        seal.open_identity(home, base.master),
        incarnation=number,
        chains=AuditChains(base.audit, base.mailbox.put, incarnation, raised),
        keys=KeyRotations(GrantKeys(base.clock, base.audit), base.preferences),
    )


def node_tickers(
    base: House,
    exchange: Exchange,
    parallel: Parallel,
    redis_url: str,
) -> tuple[tuple[Ticker, ...], Callable[[], None]]:
    """The clockwork about nodes, and what closes it."""
    from core.conversation.carry_out import CARDS
    from core.monitor.places import WaitingPlaces
    from core.runs.exchange_joining import JoinBoard, Joining
    from core.runs.exchange_joining_invitations import Invitations
    from core.runs.exchange_nodes_away import AwayWork
    from core.runs.exchange_nodes_revoked import RevokedWork
    from core.runs.exchange_relay import Ticker
    from core.runs.exchange_tampering import TamperWatch

    db, clock, nodes, put = base.db, base.clock, exchange.nodes, base.mailbox.put
    board = JoinBoard(redis_url)
    invitations = Invitations(clock, nodes, put, base.audit)
    joining = Joining(exchange, board, invitations, put, base.audit)
    watch = TamperWatch(db, clock, nodes, exchange.tampering, put)
    revoked = RevokedWork(db, clock, parallel.on_result)
    away = AwayWork(db, nodes, parallel.settle)
    waiting = WaitingPlaces(db, clock, nodes, put, CARDS.__contains__)
    tickers = (
        Ticker("joins", JOINS_EVERY_S, joining.look),
        Ticker("tampering", TAMPERING_EVERY_S, watch.look),
        Ticker("revoked", REVOKED_EVERY_S, revoked.look),
        Ticker("away", WAITING_EVERY_S, away.look),
        Ticker("waiting-places", WAITING_EVERY_S, waiting.look),
    )
    return tickers, board.close
