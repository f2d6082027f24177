"""The step of forgetting that runs at another machine: its tables, its files, its WAL.

Decides nothing of what is forgotten: home sealed the words for this machine's key, and the step
leaves nothing of them behind. Called a second time without words it takes the sealed ones out of
this machine's own inbox, since its own key would open them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.db import Database
from core.memory.forgetting import Forgets, added
from core.memory.rest_ports import FileWords, Wipes
from core.runs.blobs import Blobs
from core.runs.exchange_bodies import STEP
from core.runs.model import Kind
from core.runs.ports import StepContext
from core.runs.steps import step
from core.runs.tables import inbox
from core.seal import Context, Identity


@dataclass(frozen=True)
class FilesForgotten:
    """Files by kind, and in how many the words still are."""

    counts: dict[str, int]
    left: int = 0


@dataclass(frozen=True)
class ForgetHere:
    """At a node. `sealed` empty: nothing is to be forgotten but the sealed words themselves."""

    order_id: str
    sealed: str = ""


@dataclass(frozen=True)
class ForgetHereRoom:
    """What forgetting needs at a node; `identity` opens what home sealed for it."""

    db: Database
    forgets: Forgets
    files: Sequence[FileWords]
    wipes: Wipes
    identity: Identity


@step("forget.here", kind=Kind.IDEMPOTENT, timeout_s=600.0)
def here(room: ForgetHereRoom, ctx: StepContext, args: ForgetHere) -> FilesForgotten:
    """The same at a node: its tables, its files, its WAL."""
    if not args.sealed:
        _drop_orders(room.db, ctx.run.id)
        room.wipes.wipe()
        return FilesForgotten({})
    sealed = base64.b64decode(args.sealed)
    needles = tuple(json.loads(room.identity.open(Context.FORGET, sealed, args.order_id.encode())))
    with room.db.write() as tx:
        counts = room.forgets.take_out(tx, needles).counts
    kept = on_disk(room.files, needles)
    room.wipes.wipe()
    with room.db.read() as tx:
        left = room.forgets.left(tx, needles)
    return FilesForgotten(added(counts, kept.counts), kept.left + left)


def on_disk(keepers: Sequence[FileWords], needles: tuple[str, ...]) -> FilesForgotten:
    if not needles:
        return FilesForgotten({})
    counts = {each.name: each.forget(needles) for each in keepers}
    left = sum(each.holds(needles) for each in keepers)
    return FilesForgotten({name: many for name, many in counts.items() if many}, left)


def _drop_orders(db: Database, run_id: str) -> None:
    """The sealed words of this run in this node's inbox, which its own key opens."""
    with db.write() as tx:
        rows = tx.execute(sa.select(inbox.c.id, inbox.c.body).where(inbox.c.kind == STEP)).all()
        for row in rows:
            body = row.body
            if body.get("run_id") != run_id or body.get("name") != here.spec.name:
                continue
            blob = body.get("inputs_blob")
            if isinstance(blob, dict):
                Blobs.drop(tx, str(blob["sha256"]))
            inputs = body.get("inputs")
            if isinstance(inputs, dict) and inputs.get("sealed"):
                emptied = {**body, "inputs": {**inputs, "sealed": ""}}
                tx.execute(sa.update(inbox).where(inbox.c.id == row.id).values(body=emptied))
