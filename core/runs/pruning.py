"""Old rows go: finished runs, delivered notices, ended raw updates. Messages and audit stay.

Large content goes after the runs and notices that may refer to it: pictures, documents, output.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.runs import exchange_store
from core.runs.blobs import Blobs
from core.runs.intake import IntakeState
from core.runs.mailbox import Mailbox
from core.runs.model import FINAL_RUN, Done, Kind, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.steps import step
from core.runs.tables import intake, notices, runs

RUNS_KEPT = timedelta(days=90)
HEARTBEATS = ("echo", "probe_models", "refresh_mirror")
ECHOES_KEPT = timedelta(days=1)
#: Telegram offers an update for 24 hours; its row must outlive every second offer.
UPDATES_KEPT = timedelta(days=7)
NOTICES_KEPT = timedelta(days=90)
#: A run or a notice is made at most this long after the content it refers to was kept: a document
#: waits a day for its folder.
CONTENT_WAITS = timedelta(days=2)


@dataclass(frozen=True)
class PruneAsked:
    """No arguments: the ages above are the rule."""


@dataclass(frozen=True)
class PruningRoom:
    """What pruning needs. `others` are rows of other rooms, by the name they are counted under:
    each forgets what is older than the moment it is given, as long as finished runs are kept."""

    clock: Clock
    others: Mapping[str, Callable[[Transaction, datetime], int]] = field(default_factory=dict)


@step("runs.prune", kind=Kind.LOCAL)
def prune(room: PruningRoom, ctx: StepContext, _asked: PruneAsked) -> dict[str, int]:
    """Delete what is old enough; how many rows of each table went."""
    tx, now = ctx.transaction, room.clock.now()
    assert tx is not None, "a LOCAL step has a transaction"
    gone = {
        "runs": _runs(tx, now - RUNS_KEPT) + _runs(tx, now - ECHOES_KEPT, HEARTBEATS),
        "intake": _updates(tx, now - UPDATES_KEPT),
        "notices": Mailbox.prune(tx, now - NOTICES_KEPT),
        "exchange": exchange_store.purge(tx, now),
        **{name: forget(tx, now - RUNS_KEPT) for name, forget in room.others.items()},
    }
    return {**gone, "blobs": Blobs.purge(tx, _oldest(tx, now) - CONTENT_WAITS)}


@workflow("pruning", version=1, args=PruneAsked)
def pruning(asked: PruneAsked) -> WorkflowBody:
    """Once a day."""
    return Done((yield prune(asked)))


def _runs(tx: Transaction, before: datetime, names: Collection[str] = ()) -> int:
    chosen = sa.delete(runs).where(runs.c.state.in_(list(FINAL_RUN)), runs.c.updated_at < before)
    if names:
        chosen = chosen.where(runs.c.workflow.in_(names))
    return tx.execute(chosen).rowcount


def _oldest(tx: Transaction, now: datetime) -> datetime:
    """When the oldest run or notice that is left was made."""
    made = [
        tx.execute(sa.select(sa.func.min(table.c.created_at))).scalar_one()
        for table in (runs, notices)
    ]
    return min((when for when in made if when is not None), default=now)


def _updates(tx: Transaction, before: datetime) -> int:
    ended = sa.delete(intake).where(
        intake.c.finished_at < before, intake.c.state != IntakeState.NEW
    )
    return tx.execute(ended).rowcount
