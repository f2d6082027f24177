"""How well an endpoint suits a request that it may have: a sum of weighted parts; pure.

Each part goes from 0 to 1. `Weights` are settings (MASK_ROUTER_WEIGHTS), so that an owner with
other machines can have another order; the seeds' rules and the hard constraints are not weighed.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from core.errors import Refused
from core.llm.model import Endpoint, RequestFacts, Role, Usage
from core.llm.sight import Sight

#: Seconds to the first token that are assumed of an endpoint nobody has measured: in the cloud, and
#: on the owner's machine (a 14B model reading a prompt).
UNMEASURED_S = 1.0
UNMEASURED_MINE_S = 3.0
#: Failures in a row below which a bad spell is nothing to tell.
_TOLD_FAILURES = 1


@dataclass(frozen=True)
class Weights:
    """What counts how much; `name=number;name=number` in the setting."""

    cost: float = 0.4  # free is 1, a tenth of a cent is a half
    speed: float = 0.15  # at once is 1, a second to the first token is a half
    strength: float = 0.2  # counts up to `enough`, and up to 100 for urgent and hard work
    left: float = 0.1  # falls once less than a third of a limit is left
    health: float = 0.15  # falls with failures in a row, when it is urgent or hard
    load: float = 0.15  # falls with calls under way
    role: float = 0.2
    language: float = 0.1  # a provider that names the language; a half where it names none
    urgent: float = 5.0  # times strength, for urgent and hard work
    cost_urgent: float = 0.05  # in place of `cost`, for urgent and hard work
    enough: float = 30.0  # strength that ordinary work needs
    enough_hard: float = 65.0  # strength that tools and code need
    large: float = 1000.0  # characters above which work goes to the owner's machines (seed M02)
    equal: float = 0.05  # endpoints alike in the catalog whose scores differ by less take turns
    rest: float = 0.5  # what may be missing to an endpoint that was long not asked, for one turn
    rest_turns: float = 10.0  # "long": so many decisions times the number of endpoints
    rest_micros: float = 0.0  # what such a turn may cost
    hedge_s: float = 3.0  # urgent: until a second one is asked, where no p95 is known

    @classmethod
    def of(cls, text: str) -> Weights:
        """The weights that a setting names. Refused(`router-weights` {part}) says what is wrong."""
        known = {each.name for each in dataclasses.fields(cls)}
        found: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.split(";"))):
            name, _, number = (piece.strip() for piece in part.partition("="))
            try:
                value = float(number)
            except ValueError:
                value = math.nan
            if name not in known or not math.isfinite(value) or value < 0:
                raise Refused("router-weights", part=part[:60])
            found[name] = value
        return cls(**found)


def micros_of(facts: RequestFacts, endpoint: Endpoint) -> int:
    """The most that the request can cost there."""
    if not endpoint.price.is_paid:
        return 0
    return endpoint.price.of(Usage(facts.prompt_tokens, min(facts.max_output, endpoint.max_output)))


def score(
    facts: RequestFacts, endpoint: Endpoint, sight: Sight, weights: Weights, micros: int
) -> float:
    """The sum; comparable only between endpoints of one decision."""
    is_strong = facts.wants_strongest
    in_a_row, pace = sight.standing.in_a_row, sight.pace
    total = (weights.cost_urgent if is_strong else weights.cost) / (1.0 + micros / 1000.0)
    total += weights.speed / (1.0 + first_token_s(endpoint, sight))
    total += (
        (weights.urgent if is_strong else 1.0)
        * weights.strength
        * strength(facts, endpoint, weights)
    )
    total += weights.left * min(1.0, sight.left.share * 3.0)
    # Its wait is over: ordinary work finds out whether it is back, or nobody ever would.
    total += weights.health / (1.0 + in_a_row if is_strong else 1.0)
    total += weights.load / (1.0 + pace.busy)
    if facts.role in endpoint.roles:
        total += weights.role
    if facts.language:
        total += weights.language * _speaks(endpoint, facts.language)
    return total


def _speaks(endpoint: Endpoint, language: str) -> float:
    """Whether its provider names the language; a half where it names none at all."""
    if not endpoint.languages:
        return 0.5
    return float(language in endpoint.languages)


def strength(facts: RequestFacts, endpoint: Endpoint, weights: Weights) -> float:
    """Ordinary work asks for no more than enough; urgent and hard work for the strongest."""
    if facts.wants_strongest:
        return endpoint.strength / 100.0
    is_hard = facts.needs_tools or facts.role is Role.CODE
    enough = weights.enough_hard if is_hard else weights.enough
    return min(1.0, endpoint.strength / max(enough, 1.0))


def first_token_s(endpoint: Endpoint, sight: Sight) -> float:
    """The measured median, or what is assumed."""
    known = sight.pace.first_token_s
    if known is not None:
        return known
    return UNMEASURED_MINE_S if endpoint.is_mine else UNMEASURED_S


def notes(sight: Sight, micros: int) -> tuple[str, ...]:
    """What speaks for and against it, as codes with a figure: `free`, `cost: <micro-dollars>`,
    `left: <per cent>`, `runs-out: <s>`, `first-token: <s>`, `failed: <times>`, `busy: <calls>`."""
    told = [f"cost: {micros}" if micros else "free"]
    left, pace, failures = sight.left, sight.pace, sight.standing.in_a_row
    if left.share < 1.0:
        told.append(f"left: {math.floor(left.share * 100)}")
    if left.runs_out_s is not None:
        told.append(f"runs-out: {math.ceil(left.runs_out_s)}")
    if pace.first_token_s is not None:
        told.append(f"first-token: {pace.first_token_s:.1f}")
    if failures >= _TOLD_FAILURES:
        told.append(f"failed: {failures}")
    if pace.busy:
        told.append(f"busy: {pace.busy}")
    return tuple(told)
