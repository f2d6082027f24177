"""The one place where the router's proofs meet the product: who is asked, and how.

`open_system` wires what answers in production against the laboratory's endpoints. Whoever changes
the wiring changes this file; the proofs know only `System`. Nothing here decides anything.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from core.clock import Clock, SystemClock
from core.db import Database, Transaction, open_sqlite
from core.llm import steps
from core.llm.ask import ask
from core.llm.budget import NO_LIMIT, Budgets, Span
from core.llm.driving import context, drive
from core.llm.gauges import Room as WindowRoom
from core.llm.groq_chat import GroqChat
from core.llm.ledger import Ledger
from core.llm.ledger_calls import ANSWERED, Call, Settlement
from core.llm.ledger_counts import LedgerCounts
from core.llm.limit_watch import LimitWatch
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
from core.llm.till import Till
from core.llm.tokens import prompt_tokens
from core.llm.windows import Windows
from core.memory.preferences import Preferences
from core.monitor.cloud_watch import CloudWatch, Seen, seen_of
from core.runs.notices import Notice
from core.runs.steps import BoundStep, bind
from ops import metadata as ops_metadata
from ops.emulator.models.lab_client import Lab
from ops.emulator.models.lab_script import Dialect, Fake
from ops.proofs.rig.router_accounts import Money, money_of, reservations_of

#: The proofs' deadlines: the fakes answer within milliseconds or not at all.
QUICK = Deadlines(connect_s=1.0, first_token_s=0.6, stall_s=0.6, total_s=5.0)
#: API_LIMIT: the fakes' own quotas are what is to be met.
NEVER = 10**9
_KEY = bytes(range(48))


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

    def money(self) -> Money:
        """The ledger's sums."""

    def reservations(self) -> Mapping[str, Sequence[float]]:
        """When the calls of each endpoint were reserved, unix seconds in order."""

    def spend(self, micros: int) -> None:
        """Put a settled call of that cost into the ledger."""

    def recover(self) -> None:
        """Mark what was reserved by processes that have died."""

    def tick(self) -> None:
        """What runs while nobody asks: calls left behind, limits, the cloud, health, standings."""

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
        service=service_of(fake),
        strength=_strength(fake),
        organisation=fake.organisation or fake.name,
        price=Price(fake.prompt_price, fake.completion_price),
        limits=Limits(quota.rpm, quota.rpd, quota.tpm, quota.tpd),
    )


def service_of(fake: Fake) -> str:
    """Whose bill its calls are on."""
    return f"lab-{fake.dialect}"


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
        self._counters = RedisCounters(given.redis_url) if given.redis_url else None
        windows = Windows(LedgerCounts(self._db), self._counters, given.clock)
        self._ledger = Ledger(self._db, given.clock, windows, budgets, api_limit=NEVER)
        self._pool = _pool(lab, given, Standings(given.clock, self._db))
        self._pool.warm().join()
        books = Till(self._db, given.clock, self._ledger)
        self._watches = _watches(self._db, given.clock, preferences, self._pool, books)
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

    def money(self) -> Money:
        return money_of(self._db)

    def reservations(self) -> Mapping[str, Sequence[float]]:
        return reservations_of(self._db)

    def spend(self, micros: int) -> None:
        spent = Endpoint("spent", "openai", "spent", price=Price(prompt=1_000_000))
        self._ledger.put_down(Call(spent, micros, 0), Settlement(ANSWERED, Usage(micros, 0)))

    def recover(self) -> None:
        self._ledger.recover(older_than_s=0.0)

    def tick(self) -> None:
        self._pool.standings()
        self._pool.health()
        self._ledger.recover()
        for look in self._watches:
            look()

    def close(self) -> None:
        self._pool.close()
        if self._counters is not None:
            self._counters.close()
        self._db.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()


def _watches(
    db: Database, clock: Clock, values: Preferences, pool: Pool, till: Till
) -> tuple[Callable[[], object], ...]:
    """The watch over limits and over the cloud, as home's worker has them; nobody is told."""

    def rooms() -> Mapping[str, WindowRoom]:
        return till.roomiest(pool.endpoints())

    def untold(_tx: Transaction, _notice: Notice) -> None:
        """There is no chat."""

    def seen() -> Sequence[Seen]:
        return seen_of(pool.endpoints(), pool.standing, rooms())

    limits, cloud = LimitWatch(db, rooms, untold), CloudWatch(db, clock, values, untold, seen)
    return limits.look, cloud.look


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
