"""Archiving: what a kept summary was made of is packed, in a run of its own.

The owner's word on a summary and the start of that run are one transaction. Nothing is archived
before it: while a summary waits, is refused or discarded, its originals stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.db import Transaction
from core.memory.archives import Archives
from core.memory.old_summaries import OldSummaries
from core.memory.record_model import Actor
from core.memory.summary_model import Summary, SummaryState
from core.runs.model import Done, Kind, Label, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.runs import Runs
from core.runs.steps import step
from core.upkeep.model import ArchiveSummary


@dataclass(frozen=True)
class ArchivingRoom:
    """What the step needs."""

    archives: Archives


@dataclass(frozen=True)
class Packed:
    """What lies in archives now: how many archives, originals, and bytes before compression."""

    archives: int
    originals: int
    size: int


@step("archives.pack", kind=Kind.LOCAL)
def pack(room: ArchivingRoom, ctx: StepContext, args: ArchiveSummary) -> Packed:
    """Move the words of a summary's originals; twice is once."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    found = room.archives.pack(ctx.transaction, args.summary_id)
    return Packed(len(found), sum(each.count for each in found), sum(each.size for each in found))


@workflow("archive_summary", version=1, args=ArchiveSummary)
def archive_summary(args: ArchiveSummary) -> WorkflowBody:
    """One step."""
    packed: Packed = yield pack(args)
    return Done({"archives": packed.archives, "originals": packed.originals})


class Reviews:
    """The owner's word on summaries, and what follows from it."""

    def __init__(self, summaries: OldSummaries, runs: Runs) -> None:
        self._summaries = summaries
        self._runs = runs

    def decide(
        self,
        tx: Transaction,
        summary_id: str,
        state: SummaryState,
        actor: Actor,
        text: str | None = None,
    ) -> Summary:
        """As `OldSummaries.decide`; what has taken over is archived by a run."""
        summary = self._summaries.decide(tx, summary_id, state, actor, text)
        if summary.state.has_taken_over:
            start(self._runs, tx, summary)
        return summary


def start(runs: Runs, tx: Transaction, summary: Summary) -> str | None:
    """Begin to archive the originals of a summary; None when that has begun before."""
    return runs.start(
        tx,
        archive_summary,
        ArchiveSummary(summary.id),
        key=f"archive:{summary.id}",
        label=Label.highest(summary.label),
    )
