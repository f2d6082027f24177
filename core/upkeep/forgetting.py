"""Forgetting for good, as a run: tables, files, what was written meanwhile, other machines.

Decides in which order places forget, and what the owner is told. The run carries the order's id;
the words are read by each step from the order's row, and go to other machines sealed for their key
alone. Home is done when a second walk, after the runs that held the words have ended, finds
nothing; then the order's own words go, the WAL is emptied, and machines that sleep are waited for.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from core.db import Database
from core.errors import Unavailable
from core.memory.forget_model import Receipt
from core.memory.forgetting import Forgets, added
from core.memory.rest_ports import FileWords, Wipes
from core.runs.exchange_nodes import HOME, Peer
from core.runs.model import FINAL_RUN, Done, Kind, StepFailed, WorkflowBody, workflow
from core.runs.notices import Notice, Urgency
from core.runs.ports import StepContext
from core.runs.steps import step
from core.runs.tables import runs
from core.seal import Context, seal
from core.upkeep.forgetting_here import FilesForgotten, ForgetHere, here, on_disk
from core.upkeep.model import ForgetOrder

#: Seconds between two looks at runs that were told to end, and how many looks.
LOOK_AGAIN_S = 1.0
MOST_LOOKS = 60


@dataclass(frozen=True)
class ForgetTables:
    """`ended`: runs of the first walk that have to be over before the second (`is_again`)."""

    order_id: str
    ended: tuple[str, ...] = ()
    is_again: bool = False


@dataclass(frozen=True)
class TablesForgotten:
    """Rows by table, runs that were ended, and the words sealed for each other machine."""

    counts: dict[str, int]
    ended: tuple[str, ...] = ()
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ForgetFinish:
    """A place is done."""

    order: ForgetOrder
    place: str
    counts: dict[str, int]
    left: int = 0


@dataclass(frozen=True)
class ForgetRoom:
    """What forgetting needs at home. `machines` are the other places that are trusted now."""

    db: Database
    forgets: Forgets
    files: Sequence[FileWords]
    wipes: Wipes
    machines: Callable[[Any], Sequence[Peer]]


@step("forget.tables", kind=Kind.LOCAL, timeout_s=600.0, retries=MOST_LOOKS)
def tables(room: ForgetRoom, ctx: StepContext, args: ForgetTables) -> TablesForgotten:
    """Walk every table. Unavailable(`forget-busy`) while a run that held the words is not over."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    going = sa.and_(runs.c.id.in_(args.ended), runs.c.state.not_in(list(FINAL_RUN)))
    if tx.execute(sa.select(sa.func.count()).select_from(runs).where(going)).scalar_one():
        raise Unavailable("forget-busy", retry_after=LOOK_AGAIN_S)
    carried = room.forgets.carried(tx, args.order_id)
    if args.is_again:
        return TablesForgotten(dict(carried.counts))
    words = json.dumps(room.forgets.needles(tx, args.order_id)).encode()
    machines = [peer for peer in room.machines(tx) if not peer.revoked]
    sealed = {
        peer.name: base64.b64encode(
            seal(Context.FORGET, words, peer.keys.seal, args.order_id.encode())
        ).decode()
        for peer in machines
    }
    room.forgets.await_places(tx, args.order_id, [HOME, *sealed])
    return TablesForgotten(dict(carried.counts), carried.ended, sealed)


@step("forget.files", kind=Kind.IDEMPOTENT, timeout_s=600.0)
def files(room: ForgetRoom, ctx: StepContext, args: ForgetOrder) -> FilesForgotten:  # noqa: ARG001
    """Trash, mirror, scratch, logs: by whoever keeps them."""
    with room.db.read() as tx:
        needles = room.forgets.needles(tx, args.order_id)
    return on_disk(room.files, needles)


@step("forget.wipe", kind=Kind.IDEMPOTENT, retries=MOST_LOOKS)
def wipe(room: ForgetRoom, ctx: StepContext, args: ForgetOrder) -> None:  # noqa: ARG001
    """No old page of the database stays behind."""
    room.wipes.wipe()


@step("forget.finish", kind=Kind.LOCAL, timeout_s=600.0)
def finish(room: ForgetRoom, ctx: StepContext, args: ForgetFinish) -> int:
    """Look once more, let the order's own words go, and show the receipt; how much is left."""
    tx, order_id = ctx.transaction, args.order.order_id
    assert tx is not None, "a LOCAL step has a transaction"
    left = args.left
    if args.place == HOME:
        left += room.forgets.left(tx, room.forgets.needles(tx, order_id))
    room.forgets.finish(tx, order_id, args.place, args.counts, left)
    ctx.notices.append(receipt_card(room.forgets.receipt(tx, order_id), args.order))
    return left


@workflow("forget", version=1, args=ForgetOrder)
def forget(args: ForgetOrder) -> WorkflowBody:
    """Home first, then the machines; a machine that sleeps is waited for."""
    first: TablesForgotten = yield tables(ForgetTables(args.order_id))
    kept: FilesForgotten = yield files(args)
    counts = added(first.counts, kept.counts)
    try:
        again = ForgetTables(args.order_id, first.ended, is_again=True)
        second: TablesForgotten = yield tables(again)
        counts = added(counts, second.counts)
    except StepFailed:  # a run does not end: what it wrote is counted as left
        pass
    left: int = yield finish(ForgetFinish(args, HOME, counts, kept.left))
    yield wipe(args)
    outcomes = yield [
        here(ForgetHere(args.order_id, sealed), key=name, place=name)
        for name, sealed in sorted(first.sealed.items())
    ]
    done = [outcome for outcome in outcomes if outcome.ok]
    for outcome in done:
        there: FilesForgotten = outcome.value
        yield finish(ForgetFinish(args, outcome.key, there.counts, there.left))
    yield [here(ForgetHere(args.order_id), key=each.key, place=each.key) for each in done]
    return Done(result={"left": left, "machines": len(done)})


def receipt_card(receipt: Receipt, order: ForgetOrder) -> Notice:
    """What went and where, in counts; it names no words."""
    params: dict[str, Any] = {
        **asdict(receipt),
        "stage": "receipt",
        "state": receipt.state.value,
        "total": sum(sum(each.values()) for each in receipt.counts.values()),
        "waiting_for": list(receipt.waiting_for),
        "asked_at": receipt.asked_at.isoformat(),
        "done_at": receipt.done_at.isoformat() if receipt.done_at else None,
    }
    return Notice(
        kind="memory-forget",
        key=order.card_key or f"memory-forget:{receipt.id}",
        params=params,
        chat_id=order.chat_id,
        urgency=Urgency.CARD,
    )
