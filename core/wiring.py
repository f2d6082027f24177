"""The only place where ports meet adapters: what each process is made of.

`house` is what the bot and the workers share: the database and the stores over it.
`home_worker` adds the engine with its rooms. Rooms that only a worker needs are imported there,
so the bot starts without models and the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from core import config, db, logs, schema, seal
from core.approvals.audit import Audit
from core.approvals.gate import AutoGate
from core.approvals.owner import Owner
from core.clock import Clock, SystemClock
from core.errors import Broken
from core.memory.preferences import Preferences
from core.memory.threads import Threads
from core.runs.buttons import Buttons
from core.runs.intake import Intake
from core.runs.mailbox import Mailbox
from core.runs.ports import Wake
from core.runs.runs import Runs

if TYPE_CHECKING:
    from core.llm.pool import Pool
    from core.runs.engine import Engine
    from core.runs.exchange import Exchange
    from core.runs.exchange_nodes import Nodes
    from core.runs.exchange_post import OnDead, Publish
    from core.runs.exchange_relay import Ticker
    from core.runs.exchange_results import NodeResult, Results
    from core.runs.exchange_store import OutRow
    from core.runs.leases import LeaseKeeper
    from core.runs.model import Label, RunRow, StepRow
    from core.runs.parallel import Parallel
    from core.runs.registry import Registry
    from core.runs.sweeper import Sweeper

#: Tokens of the window that is assumed while no model is in sight.
NO_WINDOW = 8192


@dataclass(frozen=True)
class House:
    """The services over this place's database; safe to share between threads."""

    settings: config.Settings
    clock: Clock
    master: seal.Master
    db: db.Database
    wake: Wake
    runs: Runs
    intake: Intake
    mailbox: Mailbox
    buttons: Buttons
    preferences: Preferences
    threads: Threads
    owner: Owner
    audit: Audit


def set_up_logging(settings: config.Settings) -> None:
    """Logs to stderr, with the settings' own secrets taken out."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    logs.set_up(settings.log_level, logs.Redaction(secrets))


def open_master(settings: config.Settings) -> seal.Master:
    """The master key of this place."""
    key = settings.key.get_secret_value() if settings.key else None
    return seal.open_master(settings.under_home(settings.home), key)


def house(settings: config.Settings, wake: Wake, clock: Clock | None = None) -> House:
    """Open the database, bring its schema to the code's, and build the services over it."""
    master = open_master(settings)
    database = schema.open_database(settings, master)
    schema.ensure_schema(database)
    return house_over(database, settings, master, wake, clock or SystemClock())


def house_over(
    database: db.Database, settings: config.Settings, master: seal.Master, wake: Wake, clock: Clock
) -> House:
    """The services over a database that is open and has its tables."""
    preferences = Preferences(database, clock)
    owner = Owner(preferences, clock, settings.owner_id)
    return House(
        settings=settings,
        clock=clock,
        master=master,
        db=database,
        wake=wake,
        runs=Runs(clock, wake),
        intake=Intake(database),
        mailbox=Mailbox(database, clock, wake, owner.owner_id),
        buttons=Buttons(database, clock),
        preferences=preferences,
        threads=Threads(database, clock, settings.node),
        owner=owner,
        audit=Audit(clock),
    )


@dataclass(frozen=True)
class HomeWorker:
    """Everything of the home worker's process. `start` and `stop` are called once each."""

    house: House
    registry: Registry
    engine: Engine
    parallel: Parallel
    keeper: LeaseKeeper
    sweeper: Sweeper
    exchange: Exchange
    pool: Pool
    tickers: tuple[Ticker, ...]
    close_live: Callable[[], None]

    def start(self) -> None:
        """Let the threads run: the sweeper finds what a former process left."""
        self.sweeper.start()
        for ticker in self.tickers:
            ticker.start()

    def stop(self) -> None:
        """End the threads and close what is open; leases of cut-off work expire."""
        for ticker in self.tickers:
            ticker.stop()
        self.sweeper.stop()
        self.keeper.stop()
        self.close_live()
        self.pool.close()
        self.house.db.close()

    def nudge_relay(self) -> None:
        """Something is in the outbox."""
        self.tickers[0].nudge()

    def start_scheduled(self, name: str, key: str) -> None:
        """Create the run of a schedule's slot; a key that was used starts nothing."""
        workflow = self.registry.workflow(name)
        if workflow is None:
            raise Broken("unknown-schedule", schedule=name)
        with self.house.db.write() as tx:
            self.house.runs.start(tx, workflow, workflow.args(), key=key)


def home_worker(settings: config.Settings, wake: Wake, publish: Publish) -> HomeWorker:
    """The engine with its rooms over this house, and the exchange with nodes."""
    from core.llm.service import open_pool
    from core.runs.endings import Endings
    from core.runs.engine import Engine
    from core.runs.exchange_blobs import BlobCarrier
    from core.runs.exchange_halts import HaltWriter, RedisBoard
    from core.runs.exchange_relay import Ticker
    from core.runs.exchange_results import Results
    from core.runs.leases import LeaseKeeper
    from core.runs.live import RedisLiveText
    from core.runs.parallel import Parallel
    from core.runs.parts import Parts
    from core.runs.sweeper import Sweeper

    base = house(settings, wake)
    redis_url = settings.redis_url.get_secret_value()
    live = RedisLiveText(redis_url, base.master.live_key(), settings.node, base.clock)
    pool = open_pool(settings, base.clock)
    exchange = _exchange(base, publish, lambda tx, row: _given_up(parallel, tx, row))
    results = Results(
        exchange, BlobCarrier(exchange), lambda tx, result: _result(parallel, tx, result)
    )
    registry = _registry(base, pool, exchange.nodes)
    keeper = LeaseKeeper(base.db, base.clock)
    parts = Parts(
        db=base.db,
        clock=base.clock,
        registry=registry,
        gate=AutoGate(),
        wake=wake,
        live=live,
        places=exchange.nodes,
        ends=Endings(
            registry,
            base.clock,
            wake,
            put=base.mailbox.put,
            halt=lambda tx, step: results.halt(tx, step.place, step.run_id),
        ),
        send=lambda tx, run, step: _order(results, tx, run, step),
    )
    engine, parallel = Engine(parts, keeper), Parallel(parts, keeper)
    return HomeWorker(
        house=base,
        registry=registry,
        engine=engine,
        parallel=parallel,
        keeper=keeper,
        sweeper=Sweeper(base.db, base.clock, advance=engine.advance, run_step=parallel.run_step),
        exchange=exchange,
        pool=pool,
        tickers=(
            Ticker("relay", 1.0, exchange.post.relay_all),
            Ticker("halts", 1.0, HaltWriter(exchange, RedisBoard(redis_url)).write),
        ),
        close_live=live.close,
    )


def _exchange(base: House, publish: Publish, on_dead: OnDead) -> Exchange:
    """Home's end of the exchange with nodes."""
    from core.runs.blobs import Blobs
    from core.runs.exchange import Exchange
    from core.runs.exchange_nodes import HOME, Nodes
    from core.runs.exchange_post import Here

    home = base.settings.under_home(base.settings.home)
    here = Here(HOME, seal.open_identity(home, base.master))
    nodes, blobs = Nodes(base.db, base.clock), Blobs(base.db, base.clock, HOME)
    return Exchange(base.db, base.clock, here, nodes, blobs, publish, base.wake, on_dead)


def _registry(base: House, pool: Pool, nodes: Nodes) -> Registry:
    """Every step of home with its room, and every workflow."""
    from core.conversation import steps as conversation_steps
    from core.conversation import summary, tools, turn
    from core.conversation.ports import ConversationRoom
    from core.llm import steps as llm_steps
    from core.monitor import echo, probe
    from core.monitor import steps as monitor_steps
    from core.runs import pruning
    from core.runs.registry import Registry
    from core.runs.steps import bind

    room = ConversationRoom(
        db=base.db,
        threads=base.threads,
        clock=base.clock,
        runs=base.runs,
        window=lambda label: _window(pool, label),
        tools=lambda label: tools.offered(nodes, base.db, label),
    )
    return Registry(
        [
            *bind(conversation_steps, room),
            *bind(summary, room),
            *bind(tools, room),
            *bind(llm_steps, llm_steps.Room(pool)),
            *bind(monitor_steps, monitor_steps.Room(base.clock, base.settings.home)),
            *bind(probe, probe.ProbeRoom(base.preferences, base.clock, pool.health)),
            *bind(pruning, pruning.PruningRoom(base.clock)),
        ],
        [turn.chat_turn, summary.summarise_thread, echo.echo, probe.probe_models, pruning.pruning],
    )


def _window(pool: Pool, label: Label) -> int:
    """Tokens that the model which would answer now can hold."""
    from core.llm.model import RequestFacts
    from core.llm.router import route

    found = route(RequestFacts(label=label), pool.endpoints(), pool.standings(), ())
    first = pool.get(found.candidates[0].endpoint) if found.candidates else None
    return first.context if first else NO_WINDOW


def _order(results: Results, tx: db.Transaction, run: RunRow, step: StepRow) -> None:
    """Ask a place for a step of ours."""
    results.ask(
        tx,
        step.place,
        {
            "run_id": run.id,
            "position": step.position,
            "name": step.name,
            "version": step.version,
            "digest": step.digest,
            "label": run.label.value,
            "attempt": step.attempts,
            "inputs": step.inputs,
        },
    )


def _result(parallel: Parallel, tx: db.Transaction, result: NodeResult) -> None:
    """A node's result, for the run that asked for it."""
    parallel.on_result(tx, result)


def _given_up(parallel: Parallel, tx: db.Transaction, row: OutRow) -> None:
    """The exchange gave a message up; a step in it fails."""
    if "position" in row.body:
        parallel.on_given_up(tx, row.body["run_id"], row.body["position"], row.place)
