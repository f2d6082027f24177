"""What the screens about models start, bound for home's worker, and what a node binds of it.

Imported by workers only. Calls go through `books` like any other: keys, limits, money.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.clock import Clock
    from core.db import Database
    from core.llm.books import Books
    from core.llm.model import Endpoint, Reply, Request
    from core.llm.pool import Pool
    from core.runs.cancel import CancelToken
    from core.runs.model import Workflow
    from core.runs.steps import BoundStep
    from core.wiring.house import House


def model_runs(
    base: House, pool: Pool, books: Books, elsewhere: Callable[[], Sequence[Endpoint]] = tuple
) -> tuple[list[BoundStep], list[Workflow]]:
    """What the screens start, for home's worker: adding with its test call, the check of all, the
    test of switching, the picture of /cost. Their calls go through `books` like any other.
    `elsewhere`: what nodes offer, asked there by the `models.check` that they bind
    (`node_checks`)."""
    from core.llm import adding
    from core.monitor import cost_chart, model_check, switching
    from core.runs.blobs import Blobs
    from core.runs.exchange_nodes import HOME
    from core.runs.steps import bind

    models, chat = base.models, _caller(pool, books)
    tries = _caller(pool, books, adding.add_model.name)
    blobs = Blobs(base.db, base.clock, HOME)
    adds = adding.AddingRoom(
        base.db, base.clock, models.rows, models.keys, tries, base.audit.record
    )
    draws = cost_chart.ChartRoom(base.db, base.clock, blobs, models.spending)
    checks = model_check.CheckRoom(
        base.db, base.clock, blobs, lambda: (*pool.endpoints(), *elsewhere()), chat
    )
    steps = [
        *bind(adding, adds),
        *bind(cost_chart, draws),
        *bind(model_check, checks),
        *bind(switching, switching.Theatre(HOME)),
    ]
    return steps, [
        adding.add_model,
        cost_chart.cost_chart,
        model_check.check_all_models,
        switching.switching_test,
    ]


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
