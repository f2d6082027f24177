"""The one place where the router's proofs meet the product: who is asked, and how.

`open_system` wires what answers in production against the laboratory's endpoints. Whoever changes
the wiring changes this file; the proofs know only `System`. Nothing here decides anything.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from core.clock import Clock, SystemClock
from core.errors import MaskError, Refused
from core.llm import steps
from core.llm.ask import ask
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Deadlines, Endpoint, Limits, Price, Reply, Request, Standing, Usage
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Pool
from core.llm.router import facts_of, route
from core.llm.steps import Room
from core.llm.tokens import prompt_tokens
from core.runs.cancel import CancelToken
from core.runs.model import Label, Outcome, RunRow, RunState, StepCall, StepFailed, StepState
from core.runs.ports import StepContext
from core.runs.steps import BoundStep, bind
from ops.emulator.models.lab_client import Lab
from ops.emulator.models.lab_script import Dialect, Fake

#: The proofs' deadlines: the fakes answer within milliseconds or not at all.
QUICK = Deadlines(connect_s=1.0, first_token_s=0.6, stall_s=0.6, total_s=5.0)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Money:
    """The ledger's sums, in micro-dollars: calls that were settled, that were marked at their
    reserve after a crash, and that are reserved now. `marked_calls`: how many were marked."""

    settled: int
    marked: int
    reserved: int
    marked_calls: int = 0


@dataclass(frozen=True)
class Given:
    """What a system is opened with. `budget_micros`: of the day; None: no limit. `home`: where its
    database is, shared by all processes that are given the same."""

    home: Path | None = None
    budget_micros: int | None = None
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
    return PoolSystem(lab, given or Given())


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
        organisation=fake.organisation or fake.name,
        price=Price(fake.prompt_price, fake.completion_price),
        limits=Limits(quota.rpm, quota.rpd, quota.tpm, quota.tpd),
    )


class PoolSystem:
    """Pool, router and failover, as `open_pool` wires them; no ledger, no shared limits."""

    def __init__(self, lab: Lab, given: Given) -> None:
        fakes = lab.fakes()
        keys = {name: next(iter(fake.keys), "none") for name, fake in fakes.items()}
        endpoints = [
            endpoint_of(fake, lab.urls[name], given.deadlines) for name, fake in fakes.items()
        ]
        loop = LoopThread("proof")

        def key_of(endpoint: Endpoint) -> str | None:
            return keys[endpoint.name]

        self._pool = Pool(
            endpoints,
            {
                "groq": GroqChat(loop, given.clock, key_of),
                "openai": OpenAIChat(loop, given.clock, key_of),
                "ollama": OllamaChat(loop, given.clock),
            },
            given.clock,
            on_close=loop.close,
        )
        bound = bind(steps, Room(self._pool))
        self._bound: dict[str, BoundStep] = {each.spec.name: each for each in bound}

    def ask(self, request: Request, on_text: Callable[[str], None] = lambda _text: None) -> Reply:
        return drive(ask(request), self._bound, request.label, on_text)

    def decide(self, request: Request) -> int:
        endpoints, standings = self._pool.endpoints(), self._pool.standings()
        return len(route(facts_of(request), endpoints, standings).candidates)

    def standings(self) -> Mapping[str, Standing]:
        return self._pool.standings()

    def reserve_of(self, request: Request, endpoint: str) -> int:
        found = self._pool.get(endpoint)
        assert found is not None
        most = min(request.max_output, found.max_output)
        return found.price.of(Usage(prompt_tokens(request), most))

    def money(self) -> Money | None:
        return None

    def spend(self, micros: int) -> None:
        """There is no ledger to put it into."""

    def recover(self) -> None:
        """There is no ledger to mark."""

    def tick(self) -> None:
        self._pool.standings()
        self._pool.health()

    def close(self) -> None:
        self._pool.close()


def drive(
    flow: Generator[StepCall, Any, Reply],
    bound: Mapping[str, BoundStep],
    label: Label,
    on_text: Callable[[str], None],
) -> Reply:
    """Run a workflow's steps one after another, as the engine would; what has a gate is denied."""
    run = RunRow("proof", 1, "proof", 1, None, RunState.RUNNING, label, _NOW, _NOW)
    cancel = CancelToken()
    value: Any = None
    failed: StepFailed | None = None
    while True:
        try:
            call = flow.send(value) if failed is None else flow.throw(failed)
        except StopIteration as end:
            reply: Reply = end.value
            return reply
        step = bound[call.name]
        ctx = StepContext(run, "1", cancel, step.spec.timeout_s, show=on_text, label=label)
        value, failed = None, None
        try:
            if step.spec.gated:
                raise Refused("approval-denied")
            value = step.run(ctx, call.args)
        except MaskError as error:
            state = StepState.REFUSED if isinstance(error, Refused) else StepState.FAILED
            failed = StepFailed(Outcome(state, error=error.to_json()))


@contextlib.contextmanager
def system(lab: Lab, given: Given | None = None) -> Generator[System]:
    """A system, closed at the end."""
    opened = open_system(lab, given)
    try:
        yield opened
    finally:
        opened.close()
