"""What processes of their own do with one ledger; started by spawn."""

from __future__ import annotations

import multiprocessing
import threading
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.db import Database, open_sqlite, open_url
from core.llm.budget import BudgetUsedUp
from core.llm.ledger import Ledger
from core.llm.ledger_calls import ANSWERED, Settlement
from core.llm.model import Endpoint, Usage
from core.llm.redis_windows import RedisCounters
from core.llm.windows import LimitReached
from tests.integration.ledger_world import call, ledger_over

KEY = bytes(range(48))
PATIENCE_S = 120
SPAWN = multiprocessing.get_context("spawn")


def address_of(db: Database, folder: Path) -> str:
    """Where another process finds the same database."""
    if db.engine.dialect.name == "sqlite":
        return str(folder / "memory.db")
    return db.engine.url.render_as_string(hide_password=False)


def opened(address: str, redis_url: str | None, **more: Any) -> tuple[Database, Ledger]:
    is_url = address.startswith("postgresql")
    db = open_url(address) if is_url else open_sqlite(Path(address), KEY)
    counters = RedisCounters(redis_url) if redis_url else None
    return db, ledger_over(db, SystemClock(), counters, **more)


def reserve_many(
    address: str,
    redis_url: str | None,
    endpoint: Endpoint,
    tries: int,
    start: Barrier,
    answers: Any,
) -> None:
    """Reserve as often as told, all processes at once; put how many were granted."""
    db, ledger = opened(address, redis_url)
    ledger.budget_left()
    start.wait(PATIENCE_S)
    granted = 0
    for _ in range(tries):
        try:
            ledger.reserve(call(endpoint))
        except (BudgetUsedUp, LimitReached):
            continue
        granted += 1
    answers.put(granted)
    db.close()


def settle_until_killed(address: str, endpoint: Endpoint, number: int, ready: Any) -> None:
    """Settle ten of twelve calls, say so, and wait for the end."""
    db, ledger = opened(address, None)
    for made in range(12):
        held = ledger.reserve(call(endpoint, run_id=f"r{number}"))
        if made < 10:
            ledger.settle(held, Settlement(ANSWERED, Usage(made, number)))
    ready.put(number)
    threading.Event().wait(PATIENCE_S)
    db.close()


def together(count: int, *args: Any) -> list[int]:
    """What `count` processes were granted that reserve at the same moment."""
    start, answers = SPAWN.Barrier(count), SPAWN.Queue()
    workers = [
        SPAWN.Process(target=reserve_many, args=(*args, start, answers)) for _ in range(count)
    ]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=PATIENCE_S) for _ in workers]
    for worker in workers:
        worker.join(PATIENCE_S)
        assert worker.exitcode == 0
    return found
