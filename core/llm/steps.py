"""The two steps of an answer: `llm.route` at home, `llm.generate` where the candidates are.

Both only read, so a worker that dies in the middle costs nothing but the tokens. What they were
given is in the journal; keys and addresses are not, they stay in the pool of the place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.llm.books import Books, NoBooks, Planned
from core.llm.cache import ReplyCache
from core.llm.calling import Caller
from core.llm.choice import choose
from core.llm.failover import Failover
from core.llm.lookout import look
from core.llm.model import Endpoint, Generate, Message, Reply, RequestFacts, Route, Usage
from core.llm.pool import Pool
from core.llm.score import Weights
from core.llm.tokens import prompt_tokens
from core.runs import actions
from core.runs.codec import digest, encode
from core.runs.model import Action, Kind, Label, RunRow
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
    that nodes have announced; keys, limits and money; the choice's weights; the cache, where there
    is one; who is present; and what the owner pinned for a run's thread."""

    pool: Pool
    preference: Callable[[], tuple[str, ...]] = tuple
    elsewhere: Callable[[], tuple[Endpoint, ...]] = tuple
    books: Books = field(default_factory=NoBooks)
    weights: Weights = field(default_factory=Weights)
    cache: ReplyCache | None = None
    is_present: Callable[[str], bool] = lambda _place: True
    pinned: Callable[[RunRow], str] = lambda _run: ""


@dataclass(frozen=True)
class Made:
    """An answer of a node's model, by what the ledger wants to know of it."""

    endpoint: str
    place: str
    usage: Usage


@step("llm.route", kind=Kind.READ, timeout_s=ROUTE_TIMEOUT_S)
def route(room: Room, ctx: StepContext, facts: RequestFacts) -> Route:
    """The ordered candidates for a request of these facts, under the run's label."""
    facts = replace(
        facts,
        label=Label.highest(facts.label, ctx.label),
        pinned=facts.pinned or room.pinned(ctx.run),
    )
    found = chosen(room, facts, ctx.run.id)
    room.pool.paces.chosen(found.candidates[0].endpoint if found.candidates else None)
    return found


def chosen(room: Room, facts: RequestFacts, run_id: str | None = None) -> Route:
    """Whom these facts would go to now; nothing is counted as a turn."""
    seen = look(
        room.pool,
        room.books,
        facts,
        elsewhere=room.elsewhere(),
        is_present=room.is_present,
        preference=room.preference(),
        run_id=run_id,
    )
    return choose(facts, seen, room.weights)


@step("llm.generate", kind=Kind.READ, timeout_s=GENERATE_TIMEOUT_S, retries=0)
def generate(room: Room, ctx: StepContext, args: Generate) -> Reply:
    """A reply by the first candidate that gives one; live text goes to `ctx.show`."""
    label = Label.highest(args.request.label, ctx.label)
    if args.request.wish.is_sensitive:
        label = Label.PRIVATE
    key = room.cache.key(args, label) if room.cache else None
    cached = _cached(room, ctx, args, key)
    if cached is not None:
        return cached
    caller = _caller(room, ctx)
    reply = Failover(caller, args, label, ctx.show, ctx.cancel, room.weights.hedge_s).run()
    if room.cache:
        room.cache.keep(key, reply)
    return reply


def _cached(room: Room, ctx: StepContext, args: Generate, key: str | None) -> Reply | None:
    """The same answer as a moment ago, counted in the ledger."""
    found = room.cache.find(key) if room.cache else None
    endpoint = room.pool.get(found.endpoint) if found else None
    if found is None or endpoint is None:
        return None
    request, run = args.request, ctx.run
    size = prompt_tokens(request), request.max_output
    room.books.cached(Planned(endpoint, *size, run.id, run.workflow), found.usage)
    ctx.show(found.text)
    return found


def _caller(room: Room, ctx: StepContext) -> Caller:
    return Caller(room.pool, room.books, ctx.run.id, ctx.run.workflow)


@step("llm.book", kind=Kind.LOCAL)
def book(room: Room, ctx: StepContext, made: Made) -> None:
    """Put down a call that a node's model answered: its own limits, home's sums."""
    tx, run = ctx.transaction, ctx.run
    assert tx is not None, "a LOCAL step has a transaction"
    model = made.endpoint.removeprefix("ollama/").removesuffix(f"@{made.place}")
    endpoint = Endpoint(made.endpoint, "ollama", model, made.place, service="ollama")
    planned = Planned(endpoint, made.usage.prompt, made.usage.completion, run.id, run.workflow)
    room.books.made_elsewhere(tx, planned, made.usage)


#: Characters of the owner's words that the card shows.
MOST_EXCERPT = 600


@step("llm.generate_released", kind=Kind.ONCE, timeout_s=GENERATE_TIMEOUT_S, gated=True)
def generate_released(room: Room, ctx: StepContext, args: Generate) -> Reply:
    """As `generate`, but private text leaves the owner's machines: exactly the messages and the
    endpoints that the owner has said yes to, once."""
    return Failover(_caller(room, ctx), args, Label.OPEN, ctx.show, ctx.cancel).run()


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
