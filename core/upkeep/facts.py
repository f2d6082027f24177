"""Facts about the owner, found in what the owner said: expire, gather, ask, propose.

Runs every hour and does something only when the owner has been quiet for a while. Open talk is
read first, then private talk, which only a model of the owner's may read: where none answers it
waits, and holds up nothing. When nobody answers the run ends quietly and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from core.errors import Refused, Unavailable
from core.llm.ask import ask
from core.llm.model import Message, Request
from core.runs.model import Done, Label, StepCall, StepFailed, WorkflowBody, workflow
from core.upkeep.fact_steps import expire, gather, propose
from core.upkeep.model import ExtractFacts, FactsFound, FactsGathered, FactsKept

#: Batches of each label in one run; what is left waits for the next.
MOST_BATCHES = 5
#: Answers asked for where one cannot be read.
TRIES = 2
NOTHING = "[]"
ONLY_JSON = "That could not be read. Answer with the JSON array and nothing else."


@workflow("extract_facts", version=1, args=ExtractFacts)
def extract_facts(args: ExtractFacts) -> WorkflowBody:
    """Read on where the last run ended."""
    expired: int = yield expire(args)
    stored = asked = 0
    for label in (Label.OPEN, Label.PRIVATE):
        for _ in range(MOST_BATCHES):
            gathered: FactsGathered | None = yield gather(replace(args, label=label))
            if gathered is None:
                break
            kept = yield from read(gathered)
            if kept is None:
                break
            stored, asked = stored + kept.stored, asked + kept.asked
    return Done(result={"stored": stored, "asked": asked, "expired": expired})


def read(gathered: FactsGathered) -> Generator[StepCall, Any, FactsKept | None]:
    """What became of one batch; None when no model answers now."""
    request, kept = gathered.request, FactsKept()
    for attempt in range(1, TRIES + 1):
        text = NOTHING
        if request is not None:
            try:
                reply = yield from ask(request, may_release=False)
            except (StepFailed, Unavailable, Refused):
                return None
            text = reply.text
            request = _once_more(request, text)
        kept = yield propose(
            FactsFound(
                text=text,
                upto=gathered.upto,
                message_ids=gathered.message_ids,
                label=gathered.label,
                record_ids=gathered.record_ids,
                is_last_try=attempt == TRIES,
            )
        )
        if kept.is_readable:
            break
    return kept


def _once_more(request: Request, answer: str) -> Request:
    said = (*request.messages, Message("assistant", answer), Message("user", ONLY_JSON))
    return replace(request, messages=said)
