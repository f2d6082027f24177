"""Summarising what is old: choose, ask, judge, keep; a batch at a time, in rounds.

Open talk first, private after it, so that an open summary never comes out of a run that has read
private words. Private talk goes to models on the owner's machines only; while those are away the
run waits for them. What nobody answers stays due. Started by beat and by /summarize.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from core.db import Transaction
from core.errors import Refused, Unavailable
from core.llm.ask import ask, wait_for_away
from core.llm.model import Reply, Request, Route
from core.llm.router import facts_of
from core.llm.steps import route
from core.runs.model import Again, Done, Label, StepCall, StepFailed, WorkflowBody, workflow
from core.runs.runs import Runs
from core.upkeep.model import Chosen, SummariseOld, SummaryWritten
from core.upkeep.old_talk_model import (
    AGAIN,
    GONE,
    UNANSWERED,
    Choice,
    Gathered,
    GatherSummary,
    Judged,
    after,
)
from core.upkeep.old_talk_steps import choose, gather, keep, note

#: Tries for one batch: the second is told what the first left out.
TRIES = 2
#: One run at a time.
LANE = "summaries"
#: Only a model of the owner's may be asked, and none answers.
NO_LOCAL = "no-local-model"


@workflow("summarise_old", version=1, args=SummariseOld)
def summarise_old(args: SummariseOld) -> WorkflowBody:
    """Rounds, until nothing is left that somebody would answer."""
    choice: Choice = yield choose(args)
    if not choice.batches:
        yield note(args)
        return Done({"originals": args.originals, "summaries": args.summaries})
    begun = args
    for batch in choice.batches:
        judged = yield from summarised(batch)
        args = after(args, judged, len(batch.originals))
        if judged.ending == UNANSWERED:
            break
    is_stuck = args.summaries == begun.summaries  # nothing is left of what was chosen
    if is_stuck or args.unanswered > begun.unanswered:
        args = replace(args, passed=(*args.passed, choice.label))
    return Again(args)


def summarised(batch: Chosen) -> Generator[StepCall, Any, Judged]:
    """One batch: a summary, or why there is none."""
    judged = Judged()
    for attempt in range(1, TRIES + 1):
        wanted = GatherSummary(batch, missing=judged.missing, invented=judged.invented)
        written = yield from wrote(wanted, attempt)
        if isinstance(written, Judged):
            return written
        judged = yield from kept(written)
        if judged.ending != AGAIN:
            return judged
    return Judged(ending=UNANSWERED)


def kept(written: SummaryWritten) -> Generator[StepCall, Any, Judged]:
    """What comes of it; another run may have been faster."""
    try:
        judged: Judged = yield keep(written)
    except StepFailed as failed:
        if failed.code == "summary-twice":
            return Judged(ending=GONE)
        raise
    return judged


def wrote(wanted: GatherSummary, attempt: int) -> Generator[StepCall, Any, SummaryWritten | Judged]:
    """What a model writes about a batch, all portions of it."""
    texts: list[str] = []
    portions, endpoint = 1, ""
    while len(texts) < portions:
        gathered: Gathered | None = yield gather(replace(wanted, portion=len(texts)))
        if gathered is None:
            return Judged(ending=GONE)
        portions, wanted = gathered.portions, replace(wanted, batch=gathered.batch)
        reply: Reply | None = yield from asked(gathered.request)
        if reply is None:
            return Judged(ending=UNANSWERED)
        texts.append(reply.text)
        endpoint = reply.endpoint
    return SummaryWritten(wanted.batch, "\n".join(texts), endpoint, attempt)


def asked(request: Request) -> Generator[StepCall, Any, Reply | None]:
    """A reply; None when nobody answers. The owner is never asked to let old talk go to a cloud:
    it waits for a machine of the owner's that is away."""
    try:
        return (yield from ask(request, may_release=False))
    except Unavailable as error:
        if error.code != NO_LOCAL:
            return None
        nobody = error
    except (StepFailed, Refused):
        return None
    found: Route = yield route(facts_of(request))
    try:
        return (yield from wait_for_away(request, found, nobody))
    except (StepFailed, Unavailable, Refused):
        return None


def start(
    runs: Runs,
    tx: Transaction,
    key: str,
    *,
    chat_id: int | None = None,
    reply_to: int | None = None,
) -> str | None:
    """Begin now, whatever beat says; `chat_id` is told the outcome. None when `key` was used."""
    args = SummariseOld(chat_id=chat_id, reply_to=reply_to)
    return runs.start(tx, summarise_old, args, lane=LANE, key=key, label=Label.OPEN)
