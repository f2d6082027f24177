"""/pending: fresh cards for what waits for the owner, and the runs that wait for a machine.

A tap dies on Telegram's side after 150 seconds, and a new start of the bot may lose one; nothing
else is lost by that: the questions are rows, and this shows them again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.handlers.incoming import Incoming, Tapped, Word
from core.approvals.model import State
from core.conversation.carry_out import Wish, carry_out, start
from core.db import Transaction
from core.errors import Refused
from core.runs.buttons import Tap
from core.runs.codec import decode
from core.runs.exchange_nodes import HOME, Nodes, Peer
from core.runs.model import Label, RunRow, RunState, Waiting
from core.runs.notices import Notice
from core.wiring import House

#: Waiting runs looked at.
MOST_RUNS = 100


def pending(house: House, tx: Transaction, said: Incoming) -> None:
    """`/pending`"""
    waiting = house.approvals.pending(tx)
    asked = house.approvals.show_again(tx)
    queued = sum(approval.state is State.QUEUED for approval in waiting)
    show_waits(house, tx, said.chat_id, asked=asked, queued=queued)


def show_waits(
    house: House, tx: Transaction, chat_id: int, *, asked: int, queued: int, key: str | None = None
) -> None:
    """The list under the cards."""
    runs = house.runs.list(tx, states=[RunState.WAITING], limit=MOST_RUNS)
    peers = {peer.name: peer for peer in Nodes(house.db, house.clock).all(tx)}
    rows = [_row(house, run, peers) for run in runs if run.waiting is Waiting.PLACE]
    facts = {"asked": asked, "queued": queued, "runs": rows}
    house.mailbox.put(tx, Notice("approval-pending", facts, chat_id=chat_id, key=key))


def cancel(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.cancel`: the run waits no more."""
    is_asked = house.runs.cancel(tx, str(tap.params["run_id"]))
    return Word("reply-stopping" if is_asked else "reply-nothing-to-stop")


def in_the_cloud(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`approval.cloud`: the same wish at home, which is in the cloud; the old run ends first."""
    run = house.runs.get(tx, str(tap.params["run_id"]))
    if run is None or run.waiting is not Waiting.PLACE or not can_cloud(house, run):
        raise Refused("stale-button")
    house.runs.cancel(tx, run.id)
    wish: Wish = decode(Wish, run.args)
    start(house, tx, replace(wish, place=HOME), key=f"cloud:{run.id}", label=run.label)
    return Word("approval-said-cloud")


def can_cloud(house: House, run: RunRow) -> bool:
    """May it run at home instead: open, asked by hand, and home is in the cloud."""
    is_open = run.label is Label.OPEN and house.settings.place == "rented"
    return is_open and run.workflow == carry_out.name


def _row(house: House, run: RunRow, peers: dict[str, Peer]) -> dict[str, Any]:
    peer = peers.get(run.waiting_for or "")
    seen = peer.last_hello_at if peer else None
    ago = (house.clock.now() - seen).total_seconds() if seen else None
    return {
        "id": run.id,
        "title": run.title,
        "place": run.waiting_for,
        "place_title": peer.title if peer else None,
        "seen_s": ago,
        "can_cloud": can_cloud(house, run),
    }
