"""Building the search index anew, in portions, while everybody works.

Started when the index was made with another normal form (an upgrade), and after a look at the
database has found the index damaged. Search finds less until it is done; nothing is lost, since
everything of the index is derived. Each portion is one short transaction; a run that is cut off
goes on where its journal ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.db import Transaction
from core.memory.ports import Rebuilds
from core.runs.model import Again, Done, Kind, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.steps import step
from core.upkeep.model import RebuildIndex

#: Items of a portion: a tenth of a second under the write lock.
PORTION = 100
#: Portions of one run: a journal has 500 steps at most.
PORTIONS = 400


@dataclass(frozen=True)
class IndexRoom:
    """What the step needs."""

    rebuild: Rebuilds


@dataclass(frozen=True)
class Indexed:
    """Where to go on; None: it is whole."""

    after: int | None


@step("search.rebuild", kind=Kind.LOCAL)
def rebuild(room: IndexRoom, ctx: StepContext, asked: RebuildIndex) -> Indexed:
    """The next portion; from 0 on the index is emptied first."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    return Indexed(room.rebuild.rebuild(ctx.transaction, asked.after, PORTION))


@workflow("rebuild_index", version=1, args=RebuildIndex)
def rebuild_index(asked: RebuildIndex) -> WorkflowBody:
    """Portion by portion, over several runs where there is much."""
    after = asked.after
    for _ in range(PORTIONS):
        done: Indexed = yield rebuild(RebuildIndex(after))
        if done.after is None:
            return Done(result={"is_whole": True})
        after = done.after
    return Again(RebuildIndex(after))


def is_due(rebuilds: Rebuilds, tx: Transaction) -> bool:
    """Was the index never built whole, or with another normal form?"""
    return not rebuilds.is_current(tx)
