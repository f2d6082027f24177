"""What the bot and the workers share about models: rows, keys, budgets, sums; opens nothing.

The bot reads and changes rows with it; a call is never made here. `looking` counts from the
database's record alone: the worker's own ledger, which reserves, has Redis in front of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import Clock
from core.config import Settings
from core.db import Database, Transaction
from core.llm.adding_desk import AddingDesk
from core.llm.budget import Budgets, Crossing
from core.llm.budget_notices import notice_of
from core.llm.credentials import Credentials
from core.llm.endpoint_rows import EndpointRows
from core.llm.keyring import open_credentials
from core.llm.ledger import Ledger
from core.llm.ledger_counts import LedgerCounts
from core.llm.ollama_versions import Versions, versions_of
from core.llm.spending import Spending
from core.llm.standings import Standings
from core.llm.windows import Windows
from core.memory.preferences import Preferences
from core.redaction import Redaction
from core.runs.notices import Notice
from core.runs.runs import Runs
from core.seal import Master

if TYPE_CHECKING:
    from core.llm.books import Books
    from core.llm.model import Endpoint, Reply, Request
    from core.llm.pool import Pool
    from core.runs.cancel import CancelToken
    from core.runs.model import Workflow
    from core.runs.steps import BoundStep
    from core.wiring.house import House


@dataclass(frozen=True)
class Models:
    """The services about models over this place's database; safe to share between threads."""

    keys: Credentials
    rows: EndpointRows
    desk: AddingDesk
    versions: Versions
    budgets: Budgets
    spending: Spending
    standings: Standings
    looking: Ledger


def model_runs(
    base: House, pool: Pool, books: Books, elsewhere: Callable[[], Sequence[Endpoint]] = tuple
) -> tuple[list[BoundStep], list[Workflow]]:
    """What the screens start, for home's worker: adding with its test call, the check of all, the
    picture of /cost. Their calls go through `books` like any other. `elsewhere`: what nodes offer,
    asked there by the `models.check` that they bind (`node_checks`)."""
    from core.llm import adding
    from core.monitor import cost_chart, model_check
    from core.runs.blobs import Blobs
    from core.runs.exchange_nodes import HOME
    from core.runs.steps import bind

    models, chat = base.models, _caller(pool, books)
    tries = _caller(pool, books, adding.add_model.name)
    blobs = Blobs(base.db, base.clock, HOME)
    adds = adding.AddingRoom(base.db, base.clock, models.rows, models.keys, tries)
    draws = cost_chart.ChartRoom(base.db, base.clock, blobs, models.spending)
    checks = model_check.CheckRoom(
        base.db, base.clock, blobs, lambda: (*pool.endpoints(), *elsewhere()), chat
    )
    steps = [*bind(adding, adds), *bind(cost_chart, draws), *bind(model_check, checks)]
    return steps, [adding.add_model, cost_chart.cost_chart, model_check.check_all_models]


def node_checks(db: Database, clock: Clock, place: str, pool: Pool, books: Books) -> BoundStep:
    """`models.check` at a node: its own pool's models."""
    from core.monitor import model_check
    from core.runs.blobs import Blobs
    from core.runs.steps import bind

    chat, blobs = _caller(pool, books), Blobs(db, clock, place)
    room = model_check.CheckRoom(db, clock, blobs, pool.endpoints, chat)
    name = model_check.check.spec.name
    return next(each for each in bind(model_check, room) if each.spec.name == name)


def _caller(
    pool: Pool, books: Books, workflow: str = "check_all_models"
) -> Callable[[Endpoint, Request, CancelToken], Reply]:
    """One call with key, room and money, as any other; nobody reads along."""
    from core.llm.calling import Caller

    def chat(endpoint: Endpoint, request: Request, cancel: CancelToken) -> Reply:
        caller = Caller(pool, books, None, workflow)
        return caller.ask(endpoint, request, lambda _text: None, cancel)

    return chat


def models_over(
    database: Database,
    settings: Settings,
    master: Master,
    clock: Clock,
    preferences: Preferences,
    *,
    runs: Runs,
    redact: Redaction,
    put: Callable[[Transaction, Notice], object],
) -> Models:
    """`put` stores a notice: what the owner is told of budgets."""
    keys = open_credentials(settings, database, clock, master, redact.learn)
    rows = EndpointRows(database, clock, settings, keys, preferences)
    budgets = Budgets(preferences, tell=lambda tx, crossing: _told(put, tx, crossing))
    return Models(
        keys=keys,
        rows=rows,
        desk=AddingDesk(clock, runs, rows, keys),
        versions=versions_of(settings, clock),
        budgets=budgets,
        spending=Spending(budgets),
        standings=Standings(clock, database),
        looking=Ledger(
            database,
            clock,
            Windows(LedgerCounts(database), None, clock),
            budgets,
            api_limit=settings.api_limit,
            is_api_limit_set="api_limit" in settings.model_fields_set,
        ),
    )


def _told(
    put: Callable[[Transaction, Notice], object], tx: Transaction, crossing: Crossing
) -> None:
    put(tx, notice_of(crossing))
