"""Whom to ask, in which order, and why: a pure function of request and field.

Hard constraints first: what is not set up, not there, paused or refused for good is out; private
and sensitive text goes only to the owner's machines; the place must answer; tools, pictures,
embeddings and the prompt's length need a model that can; the price must fit what may be spent; a
limit that is used up for longer than an answer can wait rules out. Then the tiers: who is ready,
who is near a limit, who must be waited for. Within a tier the owner's pin, for urgent work the
score alone, else the owner's order, then for large work the owner's machines (seed M02), then the
score. Endpoints that are alike in the catalog and near in score take turns. The scripted model
answers only where no real one is set up at all.

Reasons are codes with an optional detail after a colon. Candidates: `pinned`, `preferred`,
`urgent`, `kept` (private, so the owner's machine), `large: 1000`, `hard`, `role: code`, `rested`,
`listed`, `near-limit: 8` (per cent left), `at-limit: 12` and `cooling: 12` (seconds). Ruled out:
`not-set-up: GROQ_API_KEY`, `not-there`, `paused`, `practice`, `private`, `away: pc`, `key-refused`,
`context: 8192`, `no-tools`, `no-vision`, `no-role: embed`, `budget: 1200` (micro-dollars),
`over-limit`, `used-up: 3400` (seconds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.llm.model import Candidate, Endpoint, Readiness, RequestFacts, Role, Route
from core.llm.score import Weights, micros_of, notes, score
from core.llm.sight import Field, Sight
from core.runs.model import Label

#: A limit that is free again sooner than this is worth waiting for, seconds; `failover` waits.
PATIENCE_S = 15.0

_READY, _NEAR, _LATER = range(3)


@dataclass
class _Entry:
    """One endpoint that may be asked."""

    endpoint: Endpoint
    sight: Sight
    position: int
    tier: int
    micros: int
    score: float
    reason: str
    is_rested: bool = False
    group: int = 0  # of those who are alike
    rank: tuple[float, int] = (0.0, 0)


def is_kept(facts: RequestFacts) -> bool:
    """Whether the request may go to the owner's machines only."""
    return (facts.label is Label.PRIVATE or facts.is_sensitive) and not facts.released


def choose(facts: RequestFacts, field: Field, weights: Weights | None = None) -> Route:
    """The ordered candidates and who was ruled out. Empty candidates mean: nobody may be asked."""
    weights = weights or Weights()
    is_practice = all(
        _not_there(each, field.sight(each.name))
        for each in field.endpoints
        if each.provider != "scripted"
    )
    entries: list[_Entry] = []
    ruled_out: list[Candidate] = []
    for position, endpoint in enumerate(field.endpoints):
        sight, micros = field.sight(endpoint.name), micros_of(facts, endpoint)
        obstacle = _obstacle(facts, endpoint, sight, field, micros, is_practice=is_practice)
        if obstacle:
            ruled_out.append(Candidate(endpoint.name, endpoint.place, obstacle))
            continue
        tier, reason = _tier(endpoint, sight, field)
        total = score(facts, endpoint, sight, weights, micros)
        entries.append(_Entry(endpoint, sight, position, tier, micros, total, reason))
    _take_turns(facts, entries, field, weights)
    entries.sort(key=lambda entry: _key(facts, entry, field, weights))
    chosen = [
        Candidate(
            entry.endpoint.name,
            entry.endpoint.place,
            entry.reason or _reason(facts, entry, field, weights),
            notes(entry.sight, entry.micros),
        )
        for entry in entries
    ]
    return Route(tuple(chosen), tuple(ruled_out))


def _not_there(endpoint: Endpoint, sight: Sight) -> str:
    """Why an endpoint does not exist for this system; empty when it does."""
    if endpoint.missing and sight.left.has_key is not True:
        return f"not-set-up: {endpoint.missing}"
    if sight.standing.readiness is Readiness.ABSENT:
        return "not-there"
    return ""


def _obstacle(
    facts: RequestFacts,
    endpoint: Endpoint,
    sight: Sight,
    field: Field,
    micros: int,
    *,
    is_practice: bool,
) -> str:
    """The first hard constraint that is not met; empty when all are."""
    if endpoint.provider == "scripted" and not is_practice:
        return "practice"
    missing = _not_there(endpoint, sight)
    if missing:
        return missing
    if is_kept(facts) and not endpoint.is_mine:
        return "private"
    if endpoint.is_paused:
        return "paused"
    if sight.is_away:
        return f"away: {endpoint.place}"
    return _cannot(facts, endpoint) or _may_not(sight, field, micros)


def _cannot(facts: RequestFacts, endpoint: Endpoint) -> str:
    """What the model itself lacks."""
    if facts.prompt_tokens > endpoint.context - min(facts.max_output, endpoint.max_output):
        return f"context: {endpoint.context}"
    if facts.needs_tools and not endpoint.tools:
        return "no-tools"
    if facts.needs_vision and not endpoint.vision:
        return "no-vision"
    is_embedding = facts.role is Role.EMBED
    if Role.EMBED in endpoint.roles if is_embedding else endpoint.roles != (Role.EMBED,):
        return ""
    return f"no-role: {facts.role.value}"


def _may_not(sight: Sight, field: Field, micros: int) -> str:
    """What keys, money and limits forbid."""
    left = sight.left
    is_dead = sight.standing.readiness is Readiness.DEAD and left.has_key is not True
    if is_dead or left.has_key is False:
        return "key-refused"
    if micros and field.money is not None and micros > field.money:
        return f"budget: {micros}"
    if not left.is_full:
        return ""
    if left.wait_s is None:
        return "over-limit"
    return f"used-up: {math.ceil(left.wait_s)}" if left.wait_s > PATIENCE_S else ""


def _tier(endpoint: Endpoint, sight: Sight, field: Field) -> tuple[int, str]:
    """Whether it can be asked at once, and if not, why."""
    left = sight.left
    if sight.standing.readiness is Readiness.COOLING:
        return _LATER, f"cooling: {math.ceil(sight.standing.retry_after_s)}"
    if left.is_full:
        return _LATER, f"at-limit: {math.ceil(left.wait_s or 0)}"
    if left.is_near and endpoint.name != field.pinned:
        return _NEAR, f"near-limit: {math.floor(left.share * 100)}"
    return _READY, ""


def _take_turns(facts: RequestFacts, entries: list[_Entry], field: Field, weights: Weights) -> None:
    """Rank entries: alike ones whose scores are near share the best one's, and then it counts who
    was chosen longest ago; one that was not asked for long gets a turn before its betters."""
    long = weights.rest_turns * len(entries)
    groups: dict[tuple[object, ...], int] = {}
    best: dict[int, _Entry] = {}
    for entry in entries:
        endpoint = entry.endpoint
        has_rested = field.turns - entry.sight.pace.turn >= long > 0
        may_rest = entry.micros <= weights.rest_micros and not facts.wants_strongest
        entry.is_rested = field.turns > 0 and has_rested and may_rest
        entry.score += weights.rest if entry.is_rested else 0.0
        alike = (
            entry.tier,
            entry.is_rested,
            endpoint.service or endpoint.provider,
            endpoint.strength,
            endpoint.price,
            endpoint.limits,
            endpoint.roles,
            endpoint.is_mine,
        )
        entry.group = groups.setdefault(alike, len(groups))
        known = best.get(entry.group)
        if known is None or entry.score > known.score:
            best[entry.group] = entry
    first: dict[int, int] = {}
    for entry in entries:
        top = best[entry.group].score
        if top - entry.score <= weights.equal:
            entry.rank = (top, first.setdefault(entry.group, entry.position))
        else:
            entry.rank = (entry.score, entry.position)


def _key(facts: RequestFacts, entry: _Entry, field: Field, weights: Weights) -> tuple[float, ...]:
    """What comes first in the order, the smaller the earlier."""
    endpoint = entry.endpoint
    name = endpoint.name
    is_urgent = facts.urgency == "high"
    preferred = field.preference.index(name) if name in field.preference else math.inf
    is_large = facts.characters > weights.large
    top, group = entry.rank
    return (
        entry.tier,
        name != field.pinned,
        0.0 if is_urgent else preferred,
        is_large and not is_urgent and not endpoint.is_mine,
        -round(top, 9),
        group,
        entry.sight.pace.turn,
        entry.position,
    )


def _reason(facts: RequestFacts, entry: _Entry, field: Field, weights: Weights) -> str:
    """What put a ready candidate where it stands."""
    endpoint = entry.endpoint
    is_large = endpoint.is_mine and facts.characters > weights.large
    grounds = (
        (endpoint.name == field.pinned, "pinned"),
        (facts.urgency == "high", "urgent"),
        (endpoint.name in field.preference, "preferred"),
        (is_kept(facts), "kept"),
        (is_large, f"large: {weights.large:.0f}"),
        (facts.is_hard, "hard"),
        (
            facts.role is not Role.CHAT and facts.role in endpoint.roles,
            f"role: {facts.role.value}",
        ),
        (entry.is_rested, "rested"),
    )
    return next((reason for holds, reason in grounds if holds), "listed")
