"""Whom to ask, in which order, and why: a pure function over facts.

Hard constraints first: what is not set up, not there or refused for good is out; private text goes
only to the owner's machines; the prompt must fit the context; tools need a model that calls them.
What remains stands in the owner's order, then the catalog's; what cools down after a failure stands
behind the rest. The scripted model answers only where no real one is set up at all.

Reasons are codes with an optional detail after a colon: `private`, `not-set-up: GROQ_API_KEY`,
`not-there`, `key-refused`, `context: 8192`, `no-tools`, `practice`, `preferred`, `listed`,
`cooling: 12`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from core.llm.model import (
    Candidate,
    Endpoint,
    Readiness,
    Request,
    RequestFacts,
    Route,
    Standing,
)
from core.llm.tokens import prompt_tokens
from core.runs.model import Label

_READY = Standing()


def facts_of(request: Request) -> RequestFacts:
    """What the router must know of a request."""
    return RequestFacts(
        label=request.label,
        prompt_tokens=prompt_tokens(request),
        max_output=request.max_output,
        needs_tools=bool(request.tools),
    )


def route(
    facts: RequestFacts,
    endpoints: Iterable[Endpoint],
    standings: Mapping[str, Standing],
    preference: Sequence[str] = (),
) -> Route:
    """The ordered candidates and who was ruled out. Empty candidates mean: nobody may be asked."""
    known = tuple(endpoints)
    real = [endpoint for endpoint in known if endpoint.provider != "scripted"]
    is_practice = all(_not_there(each, standings) for each in real)
    candidates: list[tuple[tuple[bool, int], Candidate]] = []
    ruled_out: list[Candidate] = []
    for position, endpoint in enumerate(known):
        standing = standings.get(endpoint.name, _READY)
        reason = _obstacle(facts, endpoint, standings, is_practice=is_practice)
        if reason:
            ruled_out.append(Candidate(endpoint.name, endpoint.place, reason))
            continue
        is_cooling = standing.readiness is Readiness.COOLING
        is_preferred = endpoint.name in preference
        rank = preference.index(endpoint.name) if is_preferred else len(preference) + position
        reason = _reason(standing, is_preferred=is_preferred)
        chosen = Candidate(endpoint.name, endpoint.place, reason)
        candidates.append(((is_cooling, rank), chosen))
    ordered = sorted(candidates, key=lambda ranked: ranked[0])
    return Route(tuple(candidate for _, candidate in ordered), tuple(ruled_out))


def _reason(standing: Standing, *, is_preferred: bool) -> str:
    if standing.readiness is Readiness.COOLING:
        return f"cooling: {math.ceil(standing.retry_after_s)}"
    return "preferred" if is_preferred else "listed"


def _not_there(endpoint: Endpoint, standings: Mapping[str, Standing]) -> str:
    """Why an endpoint does not exist for this system; empty when it does."""
    if endpoint.missing:
        return f"not-set-up: {endpoint.missing}"
    if standings.get(endpoint.name, _READY).readiness is Readiness.ABSENT:
        return "not-there"
    return ""


def _obstacle(
    facts: RequestFacts,
    endpoint: Endpoint,
    standings: Mapping[str, Standing],
    *,
    is_practice: bool,
) -> str:
    """The first hard constraint that is not met; empty when all are."""
    if endpoint.provider == "scripted" and not is_practice:
        return "practice"
    room = endpoint.context - min(facts.max_output, endpoint.max_output)
    is_dead = standings.get(endpoint.name, _READY).readiness is Readiness.DEAD
    checks = (
        (facts.label is Label.PRIVATE and not (endpoint.is_mine or facts.released), "private"),
        (is_dead, "key-refused"),
        (facts.prompt_tokens > room, f"context: {endpoint.context}"),
        (facts.needs_tools and not endpoint.tools, "no-tools"),
    )
    met = (reason for is_met, reason in checks if is_met)
    return _not_there(endpoint, standings) or next(met, "")
