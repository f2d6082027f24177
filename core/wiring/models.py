"""What the bot and the workers share about models: rows, keys, budgets, sums; opens nothing.

The bot reads and changes rows with it; a call is never made here. `looking` counts from the
database's record alone: the worker's own ledger, which reserves, has Redis in front of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
