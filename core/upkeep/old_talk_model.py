"""Facts of a run that summarises what is old; no I/O. They are journaled: a new field needs a
default."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.llm.model import Request
from core.memory.summary_model import KeyFact, SummaryState
from core.runs.model import Label
from core.upkeep.model import Chosen, SummariseOld

#: Summaries that a run shows one by one; more are shown as a list.
MOST_SHOWN = 3
#: How a batch ended without a summary: nobody answered; its originals are gone, or have another
#: one; a second try is due.
UNANSWERED, GONE, AGAIN = "unanswered", "gone", "again"


@dataclass(frozen=True)
class Choice:
    """What one round takes up, all of one label; no batches: nothing is left to do."""

    batches: tuple[Chosen, ...]
    label: Label = Label.OPEN


@dataclass(frozen=True)
class GatherSummary:
    """`summaries.gather`: the words of one batch for a model. `portion`: of an original that is too
    long for one request; `missing` and `invented`: what the first try left out, and made up."""

    batch: Chosen
    portion: int = 0
    missing: tuple[KeyFact, ...] = ()
    invented: tuple[KeyFact, ...] = ()


@dataclass(frozen=True)
class Gathered:
    """What is asked of a model for one batch, as it is now: what was withdrawn since is not in."""

    request: Request
    batch: Chosen
    portions: int = 1


@dataclass(frozen=True)
class Judged:
    """What came of one try. `ending` says why there is no summary."""

    summary_id: str | None = None
    state: SummaryState | None = None
    ending: str = ""
    missing: tuple[KeyFact, ...] = ()
    invented: tuple[KeyFact, ...] = ()


def after(args: SummariseOld, judged: Judged, originals: int) -> SummariseOld:
    """The run's arguments with one batch more, however it ended."""
    args = replace(args, round=args.round + 1)
    if judged.summary_id is None:
        return replace(args, unanswered=args.unanswered + (judged.ending == UNANSWERED))
    return replace(
        args,
        originals=args.originals + originals,
        summaries=args.summaries + 1,
        refused=args.refused + (judged.state is SummaryState.REFUSED),
        kept=(*args.kept, judged.summary_id)[: MOST_SHOWN + 1],
    )
