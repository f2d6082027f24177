"""The sub-workflow `ask`: one request, one reply, whoever gives it.

    reply = yield from ask(request)

Step `llm.route` journals the ordered candidates; neighbours at one place are one `llm.generate`
there; where all of a place fail, the next place is the next step, and goes on with what a broken
stream has shown. Everybody who failed is in `reply.tried`. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from itertools import groupby
from typing import Any

from core.errors import MaskError, Refused, Unavailable
from core.llm.model import Attempt, Candidate, Failure, Generate, Reply, Request, Route
from core.llm.router import facts_of
from core.llm.steps import Made, book, generate, generate_released, route
from core.runs.model import Label, StepCall, StepFailed, StepState

HOME = "home"
#: The error of one candidate, and of a turn for which nobody else was left.
KEY_REFUSED = f"model-{Failure.UNAUTHORISED.value}"
FAILED, OVER_BUDGET = "all-models-failed", "models-over-budget"
#: The router's reason for an endpoint that private text may not go to.
KEPT = "private"
#: ... and for one whose place does not answer.
AWAY = "away: "


def ask(request: Request, *, may_release: bool = True) -> Generator[StepCall, Any, Reply]:
    """The reply. Raises `Unavailable` (`all-models-failed`, `no-local-model`, `no-model`,
    `model-unauthorised`, `models-at-limit`, `models-over-budget`) or `Refused`
    (`prompt-too-long`); other failures of a step, as `StepFailed`, rise unchanged.

    Where only the label stood in the way, and `may_release`, the owner is asked whether this one
    request may go to a cloud model; after a no, or silence, it waits for a machine of the owner's
    that is away, and where there is none raises what it would have raised."""
    found: Route = yield route(facts_of(request))
    groups = by_place(found.candidates)
    tried: list[Attempt] = []
    said, begun_by = "", tuple[str, ...]()
    for position, (place, names) in enumerate(groups, start=1):
        args = Generate(request, names, is_last=position == len(groups), said=said)
        try:
            reply: Reply = yield generate(args, place=place)
        except StepFailed as failed:
            tried.extend(attempts_of(failed))
            said = str(failed.params.get("said", said))
            begun_by = (*begun_by, *failed.params.get("begun_by", ()))
        else:
            if place != HOME:
                yield book(Made(reply.endpoint, place, reply.usage))
            begun_by = (*begun_by, *reply.begun_by)
            return replace(reply, tried=(*tried, *reply.tried), begun_by=begun_by)
    error = all_failed(tried) if groups else nobody(request, found)
    if not may_release or all(each.reason != KEPT for each in found.ruled_out):
        raise error
    later: Reply | None = yield from release(request, found)
    if later is None:
        later = yield from wait_for_away(request, found, error)
    return replace(later, tried=(*tried, *later.tried))


def release(request: Request, found: Route) -> Generator[StepCall, Any, Reply | None]:
    """Ask the owner to let this request go where its label forbids; None when it may not, or when
    nobody there could answer it."""
    kept = tuple(each.endpoint for each in found.ruled_out if each.reason == KEPT)
    anywhere: Route = yield route(replace(facts_of(request), released=True))
    names = tuple(each.endpoint for each in anywhere.candidates if each.endpoint in kept)
    if not names:
        return None
    try:
        reply: Reply = yield generate_released(Generate(request, names))
    except StepFailed as failed:
        if failed.outcome.state is StepState.REFUSED:
            return None
        raise all_failed(attempts_of(failed)) from failed
    return reply


def wait_for_away(
    request: Request, found: Route, error: MaskError
) -> Generator[StepCall, Any, Reply]:
    """What may not leave waits for the owner's machine that is away: the step is parked until its
    place is back. `error` when there is none."""
    away = tuple(each for each in found.ruled_out if each.reason.startswith(AWAY))
    if not away:
        raise error
    place = away[0].place
    names = tuple(each.endpoint for each in away if each.place == place)
    try:
        reply: Reply = yield generate(Generate(request, names), place=place)
    except StepFailed as failed:
        raise all_failed(attempts_of(failed)) from failed
    if place != HOME:
        yield book(Made(reply.endpoint, place, reply.usage))
    return reply


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


#: What every candidate's same failure comes down to.
_CODES = {Failure.UNAUTHORISED: KEY_REFUSED, Failure.BUDGET: OVER_BUDGET}


def all_failed(tried: list[Attempt]) -> Unavailable:
    """Every candidate failed: `reasons` lists endpoint and reason, `attempts` the whole story.
    When only the keys are to blame, waiting does not help and the error says so."""
    waits = [each.retry_after for each in tried if each.retry_after is not None]
    kinds = {each.failure for each in tried}
    code = _CODES.get(next(iter(kinds)), FAILED) if len(kinds) == 1 else FAILED
    return Unavailable(
        code,
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
    if request.label is Label.PRIVATE or KEPT in reasons.values():
        return Unavailable("no-local-model", reasons=told)
    if "key-refused" in reasons.values():
        return Unavailable(KEY_REFUSED, reasons=told)
    waits = [_seconds(each) for each in reasons.values() if each.startswith("used-up: ")]
    if waits:
        return Unavailable("models-at-limit", retry_after=min(waits), reasons=told)
    if any(reason.startswith("budget") for reason in reasons.values()):
        return Unavailable("models-over-budget", reasons=told)
    return Unavailable("no-model", reasons=told)


def _seconds(reason: str) -> float:
    return float(reason.partition(": ")[2])
