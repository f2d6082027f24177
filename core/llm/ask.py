"""The sub-workflow `ask`: one request, one reply, whoever gives it.

    reply = yield from ask(request)

Step `llm.route` journals the ordered candidates; neighbours at one place are one `llm.generate`
there; where all of a place fail, the next place is the next step. Everybody who failed is in
`reply.tried`. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from itertools import groupby
from typing import Any

from core.errors import MaskError, Refused, Unavailable
from core.llm.model import Attempt, Candidate, Failure, Generate, Reply, Request, Route
from core.llm.router import facts_of
from core.llm.steps import generate, route
from core.runs.model import Label, StepCall, StepFailed

#: The error of one candidate, and of a turn for which nobody else was left.
KEY_REFUSED = f"model-{Failure.UNAUTHORISED.value}"


def ask(request: Request) -> Generator[StepCall, Any, Reply]:
    """The reply. Raises `Unavailable` (`all-models-failed`, `no-local-model`, `no-model`,
    `model-unauthorised`) or `Refused` (`prompt-too-long`); other failures of a step, as
    `StepFailed`, rise unchanged."""
    found: Route = yield route(facts_of(request))
    groups = by_place(found.candidates)
    if not groups:
        raise nobody(request, found)
    tried: list[Attempt] = []
    for position, (place, names) in enumerate(groups, start=1):
        args = Generate(request, names, is_last=position == len(groups))
        try:
            reply: Reply = yield generate(args, place=place)
        except StepFailed as failed:
            tried.extend(attempts_of(failed))
        else:
            return replace(reply, tried=(*tried, *reply.tried))
    raise all_failed(tried)


def by_place(candidates: tuple[Candidate, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Neighbouring candidates at one place, together, in order."""
    groups = groupby(candidates, key=lambda candidate: candidate.place)
    return [(place, tuple(each.endpoint for each in group)) for place, group in groups]


def attempts_of(failed: StepFailed) -> list[Attempt]:
    """Why a place's candidates failed; a step that failed for another reason rises again."""
    entries = failed.params.get("attempts")
    if failed.code != "models-failed" or not entries:
        raise failed
    return [Attempt(**{**entry, "failure": Failure(entry["failure"])}) for entry in entries]


def all_failed(tried: list[Attempt]) -> Unavailable:
    """Every candidate failed: `reasons` lists endpoint and reason, `attempts` the whole story.
    When only the keys are to blame, waiting does not help and the error says so."""
    waits = [each.retry_after for each in tried if each.retry_after is not None]
    refused = bool(tried) and all(each.failure is Failure.UNAUTHORISED for each in tried)
    return Unavailable(
        KEY_REFUSED if refused else "all-models-failed",
        retry_after=min(waits, default=None),
        reasons="; ".join(f"{each.endpoint}: {each.failure.value}" for each in tried),
        attempts=[
            {"endpoint": each.endpoint, "failure": each.failure.value, "detail": each.detail}
            for each in tried
        ],
    )


def nobody(request: Request, found: Route) -> MaskError:
    """Why nobody may be asked."""
    reasons = {each.endpoint: each.reason for each in found.ruled_out}
    told = "; ".join(f"{endpoint}: {reason}" for endpoint, reason in reasons.items())
    if any(reason.startswith("context") for reason in reasons.values()):
        return Refused("prompt-too-long", reasons=told)
    if request.label is Label.PRIVATE or "private" in reasons.values():
        return Unavailable("no-local-model", reasons=told)
    if "key-refused" in reasons.values():
        return Unavailable(KEY_REFUSED, reasons=told)
    return Unavailable("no-model", reasons=told)
