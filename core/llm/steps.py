"""The two steps of an answer: `llm.route` at home, `llm.generate` where the candidates are.

Both only read, so a worker that dies in the middle costs nothing but the tokens. What they were
given is in the journal; keys and addresses are not, they stay in the pool of the place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.llm.failover import Failover
from core.llm.model import Endpoint, Generate, Message, Reply, RequestFacts, Route, Standing
from core.llm.pool import Pool
from core.llm.router import route as decide
from core.runs import actions
from core.runs.codec import digest, encode
from core.runs.model import Action, Kind, Label
from core.runs.ports import StepContext
from core.runs.steps import step

#: Seconds for one group of candidates: more than the whole catalog's total deadlines, twice, since
#: the last group may be asked a second time. The candidates' own deadlines are what ends a call.
GENERATE_TIMEOUT_S = 3600.0
#: Seconds for a first look at addresses that were never probed, and some more.
ROUTE_TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Room:
    """What the steps need: this place's pool, the owner's order of endpoints, and the endpoints
    that nodes have announced."""

    pool: Pool
    preference: Callable[[], tuple[str, ...]] = tuple
    elsewhere: Callable[[], tuple[Endpoint, ...]] = tuple


@step("llm.route", kind=Kind.READ, timeout_s=ROUTE_TIMEOUT_S)
def route(room: Room, ctx: StepContext, facts: RequestFacts) -> Route:
    """The ordered candidates for a request of these facts, under the run's label."""
    facts = replace(facts, label=Label.highest(facts.label, ctx.label))
    standings: dict[str, Standing] = room.pool.standings()
    endpoints = (*room.pool.endpoints(), *room.elsewhere())
    return decide(facts, endpoints, standings, room.preference())


@step("llm.generate", kind=Kind.READ, timeout_s=GENERATE_TIMEOUT_S, retries=0)
def generate(room: Room, ctx: StepContext, args: Generate) -> Reply:
    """A reply by the first candidate that gives one; live text goes to `ctx.show`."""
    label = Label.highest(args.request.label, ctx.label)
    return Failover(room.pool, args, label, ctx.show, ctx.cancel).run()


#: Characters of the owner's words that the card shows.
MOST_EXCERPT = 600


@step("llm.generate_released", kind=Kind.ONCE, timeout_s=GENERATE_TIMEOUT_S, gated=True)
def generate_released(room: Room, ctx: StepContext, args: Generate) -> Reply:
    """As `generate`, but private text leaves the owner's machines: exactly the messages and the
    endpoints that the owner has said yes to, once."""
    return Failover(room.pool, args, Label.OPEN, ctx.show, ctx.cancel).run()


@generate_released.prepare
def release(_room: Room, _ctx: StepContext, args: Generate) -> Action:
    """What would leave, and where it would go."""
    messages = encode(tuple[Message, ...], args.request.messages)
    said = [each.content for each in args.request.messages if each.role == "user"]
    return actions.make(
        "sensitive",
        "home",
        undo="none",
        preview={"excerpt": said[-1][:MOST_EXCERPT] if said else ""},
        endpoints=list(args.candidates),
        messages=digest(messages),
        characters=sum(len(each.content) for each in args.request.messages),
    )
