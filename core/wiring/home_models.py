"""The models of home's worker: who may be asked, with which keys, limits and money, and the watch.

Imported by workers only. The catalog is the owner's rows, with what home's own model server tells
in the place of the guess about it. Limits are counted in Redis where `redis_url` is given, and in
the database's record always. Opens nothing before `start`, but for a script of practice answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.db import Transaction
from core.llm import key_notices, ollama_work
from core.llm import steps as llm_steps
from core.llm.cache import ReplyCache
from core.llm.catalog import may_have_key
from core.llm.credential_rows import KeyInfo
from core.llm.endpoint_store import as_said
from core.llm.gauges import Room
from core.llm.ledger import Ledger
from core.llm.ledger_counts import LedgerCounts
from core.llm.limit_watch import EVERY_S as LIMITS_EVERY_S
from core.llm.limit_watch import LimitWatch
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint, RequestFacts
from core.llm.ollama_chat import OllamaChat
from core.llm.ollama_client import OllamaClients
from core.llm.ollama_offers import merged
from core.llm.ollama_smaller import SmallerWhenFull
from core.llm.paces import Paces, remembered
from core.llm.pool import Pool
from core.llm.redis_windows import RedisCounters
from core.llm.router import may_have_tools
from core.llm.score import Weights
from core.llm.service import open_pool
from core.llm.till import Till
from core.llm.windows import Windows
from core.monitor import local_models
from core.monitor.cloud_watch import EVERY_S as CLOUD_EVERY_S
from core.monitor.cloud_watch import CloudWatch, seen_of
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_relay import Ticker
from core.runs.model import Label, RunRow, Workflow
from core.runs.ports import Guard
from core.runs.steps import BoundStep, bind
from core.wiring.house import House
from core.wiring.local_models import (
    LocalModels,
    home_steps,
    like_of,
    open_local_models,
    watch_of,
)
from core.wiring.model_runs import model_runs

if TYPE_CHECKING:
    from core.wiring.hands import Place

#: Seconds between two looks for calls that nobody has settled.
RECOVERY_EVERY_S = 60.0
#: Tokens of the window that is assumed while no model is in sight.
NO_WINDOW = 8192
#: Tokens of a window that prompts use at most: a model that holds a million is paid by the token,
#: and answers worse the more it is given.
MOST_WINDOW = 32_768


@dataclass(frozen=True)
class HomeModels:
    """What home's worker asks, and what it watches. `start` and `close` are called once each."""

    base: House
    nodes: Nodes
    pool: Pool
    ledger: Ledger
    till: Till
    room: llm_steps.Room
    local: LocalModels | None
    tickers: tuple[Ticker, ...]
    on_close: Callable[[], None]

    def bound(self) -> list[BoundStep]:
        """The steps of an answer, of the screens about models, and of home's model server."""
        return [
            *bind(llm_steps, self.room),
            *self._screens()[0],
            *home_steps(self.base.models.versions, self.base.audit.record),
            *(self.local.bound() if self.local else ()),
        ]

    def workflows(self) -> list[Workflow]:
        """What the screens start."""
        return [*self._screens()[1], *ollama_work.WORKFLOWS]

    def window(self, label: Label) -> int:
        """Tokens that the model which would answer now can hold, question and answer together."""
        found = llm_steps.chosen(self.room, RequestFacts(label=label))
        known = {each.name: each for each in (*self.pool.endpoints(), *self.room.elsewhere())}
        first = known.get(found.candidates[0].endpoint) if found.candidates else None
        return min(first.context, MOST_WINDOW) if first else NO_WINDOW

    def may_use_tools(self, label: Label) -> bool:
        """Whether a model that may have such text can use tools; where none can, a question with
        tools would find nobody."""
        return may_have_tools(label, (*self.pool.endpoints(), *self.room.elsewhere()))

    def guarded_by(self, guard: Guard) -> None:
        """The watch starts home's model server only as policy admits it."""
        if self.local is not None:
            self.local.guarded_by(self.base.db, guard)

    def start(self) -> None:
        """Mark what a former process has left unsettled; load the vendors' libraries beside; begin
        to watch."""
        self.ledger.recover()
        self.pool.warm()
        if self.local is not None:
            self.local.start()
        for ticker in self.tickers:
            ticker.start()

    def stop(self) -> None:
        """End the watch, and the model server if it is ours."""
        for ticker in self.tickers:
            ticker.stop()
        if self.local is not None:
            self.local.stop()

    def close(self) -> None:
        """Close every client; nobody asks any more."""
        self.pool.close()
        self.on_close()

    def _screens(self) -> tuple[list[BoundStep], list[Workflow]]:
        return model_runs(self.base, self.pool, self.till, self.room.elsewhere)


def open_home_models(base: House, nodes: Nodes, place: Place, redis_url: str | None) -> HomeModels:
    """The models of home over its database. `SettingsError` as `open_pool`."""
    loop = LoopThread("ollama")
    servers = OllamaClients(loop)
    ollama = SmallerWhenFull(OllamaChat(loop, base.clock), base.clock, servers.installed)
    local = open_local_models(place, smaller=ollama.smaller)
    pool = open_pool(
        base.settings,
        base.clock,
        base.redact,
        base.models.keys,
        endpoints=lambda: _endpoints(base, local),
        ollama=ollama,
        standings=base.models.standings,
        paces=Paces(remembered(base.db)),
    )
    counters = RedisCounters(redis_url) if redis_url else None
    ledger = _ledger(base, counters)
    till = _till(base, ledger)
    room = _room(base, nodes, pool, till)

    def close() -> None:
        servers.close()
        loop.close()
        if counters is not None:
            counters.close()

    tickers = _tickers(base, room, ledger, till)
    if local is not None:
        tickers = (*tickers, watch_of(base, nodes, local)[1])
    return HomeModels(base, nodes, pool, ledger, till, room, local, tickers, close)


def _endpoints(base: House, local: LocalModels | None) -> tuple[Endpoint, ...]:
    """The owner's rows, with what home's model server tells."""
    with base.db.read() as tx:
        known = base.models.rows.all(tx)
        choice = base.models.versions.choice(tx, HOME)
        said = base.models.rows.rows(tx)
    told = local.endpoints(choice) if local else ()
    return merged(known, as_said(said, told), here=bool(told))


def _ledger(base: House, counters: RedisCounters | None) -> Ledger:
    return Ledger(
        base.db,
        base.clock,
        Windows(LedgerCounts(base.db), counters, base.clock),
        base.models.budgets,
        api_limit=base.settings.api_limit,
        is_api_limit_set="api_limit" in base.settings.model_fields_set,
    )


def _till(base: House, ledger: Ledger) -> Till:
    """A refused key is told of once, in the transaction in which it died."""

    def told(tx: Transaction, key: KeyInfo) -> None:
        base.mailbox.put(tx, key_notices.revoked(key))
        left = len(base.models.keys.candidates(tx, key.service))
        base.audit.record(tx, "key-refused", HOME, service=key.service, hint=key.hint, left=left)

    return Till(
        base.db,
        base.clock,
        ledger,
        base.models.keys,
        may_have_key=lambda endpoint: may_have_key(endpoint, base.settings),
        on_dead=told,
    )


def _room(base: House, nodes: Nodes, pool: Pool, till: Till) -> llm_steps.Room:
    rows, like = base.models.rows, like_of(base.settings)

    def elsewhere() -> tuple[Endpoint, ...]:
        with base.db.read() as tx:
            told = local_models.elsewhere(tx, nodes, base.clock, base.models.versions, like)
            return as_said(rows.rows(tx), told)

    def preference() -> tuple[str, ...]:
        with base.db.read() as tx:
            return rows.preference(tx)

    def pinned(run: RunRow) -> str:
        if run.thread_id is None:
            return ""
        with base.db.read() as tx:
            return rows.pinned(tx, run.thread_id)

    return llm_steps.Room(
        pool,
        preference=preference,
        elsewhere=elsewhere,
        books=till,
        weights=Weights.of(base.settings.router_weights),
        cache=ReplyCache(base.clock, base.settings.model_cache_s),
        is_present=nodes.is_present,
        pinned=pinned,
    )


def _tickers(base: House, room: llm_steps.Room, ledger: Ledger, till: Till) -> tuple[Ticker, ...]:
    """What looks at limits, at the cloud, and at calls that a dead process has left."""

    def everybody() -> tuple[Endpoint, ...]:
        return (*room.pool.endpoints(), *room.elsewhere())

    def rooms() -> dict[str, Room]:
        return till.roomiest([each for each in everybody() if not each.missing])

    limits = LimitWatch(base.db, rooms, base.mailbox.put)
    cloud = CloudWatch(
        base.db,
        base.clock,
        base.preferences,
        base.mailbox.put,
        lambda: seen_of(everybody(), room.pool.standing, rooms()),
    )
    return (
        Ticker("calls-left", RECOVERY_EVERY_S, ledger.recover),
        Ticker("limits", LIMITS_EVERY_S, limits.look),
        Ticker("cloud", CLOUD_EVERY_S, cloud.look),
    )
