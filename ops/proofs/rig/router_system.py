"""The one place where the router's proofs meet the product: who is asked, and how.

`open_system` wires what answers in production against the laboratory's endpoints. Whoever changes
the wiring changes this file; the proofs know only `System`. Nothing here decides anything.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import sqlalchemy as sa

from core.clock import Clock, SystemClock
from core.db import Database, open_sqlite
from core.llm import steps
from core.llm.ask import ask
from core.llm.budget import NO_LIMIT, Budgets, Span
from core.llm.groq_chat import GroqChat
from core.llm.ledger import Ledger
from core.llm.ledger_calls import ANSWERED, Call, Settlement
from core.llm.ledger_counts import LedgerCounts
from core.llm.loop_thread import LoopThread
from core.llm.model import (
    Deadlines,
    Endpoint,
    Limits,
    Price,
    Reply,
    Request,
    Route,
    Standing,
    Usage,
)
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Pool
from core.llm.redis_windows import RedisCounters
from core.llm.router import facts_of
from core.llm.standings import Standings
from core.llm.steps import Room
from core.llm.tables import calls
from core.llm.till import Till
from core.llm.tokens import prompt_tokens
from core.llm.windows import Windows
from core.memory.preferences import Preferences
from core.runs.steps import BoundStep, bind
from ops import metadata as ops_metadata
from ops.emulator.models.lab_client import Lab
from ops.emulator.models.lab_script import Dialect, Fake
from ops.proofs.rig.router_driving import context, drive

#: The proofs' deadlines: the fakes answer within milliseconds or not at all.
QUICK = Deadlines(connect_s=1.0, first_token_s=0.6, stall_s=0.6, total_s=5.0)
#: API_LIMIT: the fakes' own quotas are what is to be met.
NEVER = 10**9
_KEY = bytes(range(48))


@dataclass(frozen=True)
class Money:
    """The ledger's sums of paid calls, in micro-dollars: settled by the provider's own count,
    settled by an estimate, marked at their reserve, and reserved now. `marked_calls`: how many."""

    exact: int
    estimated: int
    marked: int
    reserved: int
    marked_calls: int = 0

    @property
    def booked(self) -> int:
        """What has ended."""
        return self.exact + self.estimated + self.marked

    def covers(self, owed: int, close: float) -> bool:
        """A bill is what was counted exactly, give or take `close` of it, and at most what is not
        known exactly beside it."""
        unsure = self.estimated + self.marked
        return (1 - close) * self.exact <= owed <= (1 + close) * self.exact + unsure


@dataclass(frozen=True)
class Given:
    """What a system is opened with. `budget_micros`: of the day; None: no limit. `home`: where its
    database is, shared by all processes that are given the same. `redis_url`: shared counters."""

    home: Path | None = None
    budget_micros: int | None = None
    redis_url: str | None = None
    deadlines: Deadlines = QUICK
    clock: Clock = field(default_factory=SystemClock)


class System(Protocol):
    """What the proofs drive. `ask` raises `MaskError` when nobody answers; safe from threads."""

    def ask(self, request: Request, on_text: Callable[[str], None] = ...) -> Reply: ...

    def decide(self, request: Request) -> int:
        """Only choose; the number of candidates."""

    def standings(self) -> Mapping[str, Standing]: ...

    def reserve_of(self, request: Request, endpoint: str) -> int:
        """Micro-dollars that are reserved for this request before it is made."""

    def money(self) -> Money | None:
        """The ledger's sums; None where there is no ledger."""

    def spend(self, micros: int) -> None:
        """Put a settled call of that cost into the ledger."""

    def recover(self) -> None:
        """Mark what was reserved by processes that have died."""

    def tick(self) -> None:
        """What runs once a minute while nobody asks."""

    def close(self) -> None: ...


def open_system(lab: Lab, given: Given | None = None) -> System:
    """The product as it stands, at the laboratory's endpoints."""
    return BookedSystem(lab, given or Given())


def endpoint_of(fake: Fake, url: str, deadlines: Deadlines) -> Endpoint:
    """The catalog's entry for a fake."""
    provider: Literal["groq", "ollama", "openai"] = "openai"
    base_url = f"{url}/v1"
    if fake.dialect is Dialect.GROQ:
        provider, base_url = "groq", url
    elif fake.dialect is Dialect.OLLAMA:
        provider, base_url = "ollama", url
    quota = fake.quota
    return Endpoint(
        name=fake.name,
        provider=provider,
        model=fake.model,
        base_url=base_url,
        is_mine=fake.is_mine,
        context=fake.context,
        max_output=256,
        deadlines=deadlines,
        service=f"lab-{fake.dialect}",
        strength=_strength(fake),
        organisation=fake.organisation or fake.name,
        price=Price(fake.prompt_price, fake.completion_price),
        limits=Limits(quota.rpm, quota.rpd, quota.tpm, quota.tpd),
    )


def _strength(fake: Fake) -> int:
    """What is paid for is stronger, what is the owner's own weaker."""
    if fake.completion_price:
        return 80
    return 40 if fake.is_mine else 50


class BookedSystem:
    """Pool, router, failover, shared standings, limits and ledger, as wiring puts them together."""

    def __init__(self, lab: Lab, given: Given) -> None:
        self._given, self._clock = given, given.clock
        self._own_folder = None if given.home else tempfile.TemporaryDirectory(prefix="mask-lab-")
        self._db = _database(given.home or Path(self._own_folder.name if self._own_folder else ""))
        preferences = Preferences(self._db, given.clock)
        budgets = Budgets(preferences)
        with self._db.write() as tx:
            budgets.set(tx, Span.DAY, NO_LIMIT if not given.budget_micros else given.budget_micros)
        counters = RedisCounters(given.redis_url) if given.redis_url else None
        windows = Windows(LedgerCounts(self._db), counters, given.clock)
        self._ledger = Ledger(self._db, given.clock, windows, budgets, api_limit=NEVER)
        self._pool = _pool(lab, given, Standings(given.clock, self._db))
        books = Till(self._db, given.clock, self._ledger)
        bound = bind(steps, Room(self._pool, books=books))
        self._bound: dict[str, BoundStep] = {each.spec.name: each for each in bound}

    def ask(self, request: Request, on_text: Callable[[str], None] = lambda _text: None) -> Reply:
        return drive(ask(request), self._bound, request.label, on_text)

    def decide(self, request: Request) -> int:
        step = self._bound["llm.route"]
        found: Route = step.run(context(step, request.label), facts_of(request))
        return len(found.candidates)

    def standings(self) -> Mapping[str, Standing]:
        return self._pool.standings()

    def reserve_of(self, request: Request, endpoint: str) -> int:
        found = self._pool.get(endpoint)
        assert found is not None
        call = Call(found, prompt_tokens(request), request.max_output)
        return found.price.of(call.most)

    def money(self) -> Money | None:
        micros = sa.func.coalesce(calls.c.micros, calls.c.reserved_micros)
        amount, many = sa.func.sum(micros).label("amount"), sa.func.count().label("many")
        query = sa.select(calls.c.state, calls.c.is_exact, amount, many).where(calls.c.is_paid)
        with self._db.read() as tx:
            rows = tx.execute(query.group_by(calls.c.state, calls.c.is_exact)).all()

        def of(state: str, *, is_exact: bool | None = None) -> int:
            fitting = (row for row in rows if row.state == state)
            return sum(int(row.amount) for row in fitting if is_exact in {None, bool(row.is_exact)})

        return Money(
            exact=of("settled", is_exact=True),
            estimated=of("settled", is_exact=False),
            marked=of("marked"),
            reserved=of("reserved"),
            marked_calls=sum(int(row.many) for row in rows if row.state == "marked"),
        )

    def spend(self, micros: int) -> None:
        spent = Endpoint("spent", "openai", "spent", price=Price(prompt=1_000_000))
        self._ledger.put_down(Call(spent, micros, 0), Settlement(ANSWERED, Usage(micros, 0)))

    def recover(self) -> None:
        self._ledger.recover(older_than_s=0.0)

    def tick(self) -> None:
        self._pool.standings()
        self._pool.health()
        self._ledger.recover()

    def close(self) -> None:
        self._pool.close()
        self._db.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()


def _database(folder: Path) -> Database:
    """The tables of this code, in a file of the folder."""
    db = open_sqlite(folder / "proof.db", _KEY)
    ops_metadata.whole().create_all(db.engine)
    return db


def _pool(lab: Lab, given: Given, standings: Standings) -> Pool:
    fakes, loop = lab.fakes(), LoopThread("proof")
    keys = {name: next(iter(fake.keys), "none") for name, fake in fakes.items()}

    def key_of(endpoint: Endpoint) -> str | None:
        return keys[endpoint.name]

    return Pool(
        [endpoint_of(fake, lab.urls[name], given.deadlines) for name, fake in fakes.items()],
        {
            "groq": GroqChat(loop, given.clock, key_of),
            "openai": OpenAIChat(loop, given.clock, key_of),
            "ollama": OllamaChat(loop, given.clock),
        },
        given.clock,
        on_close=loop.close,
        standings=standings,
    )


@contextlib.contextmanager
def system(lab: Lab, given: Given | None = None) -> Generator[System]:
    """A system, closed at the end."""
    opened = open_system(lab, given)
    try:
        yield opened
    finally:
        opened.close()
