"""The home worker: the engine with its rooms over this house, and the exchange with nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import config, db
from core.errors import Broken
from core.runs.exchange_nodes import HOME
from core.runs.notices import Level, alert
from core.runs.ports import LiveText, Wake
from core.wiring.house import House, house

if TYPE_CHECKING:
    from core.approvals.incarnation import Incarnation
    from core.runs.engine import Engine
    from core.runs.exchange import Exchange
    from core.runs.exchange_post import OnDead, Publish
    from core.runs.exchange_relay import Ticker
    from core.runs.exchange_results import NodeResult, Results
    from core.runs.exchange_store import OutRow
    from core.runs.leases import LeaseKeeper
    from core.runs.parallel import Parallel
    from core.runs.parts import Parts
    from core.runs.registry import Registry
    from core.runs.sweeper import Sweeper
    from core.wiring.hands import Hands
    from core.wiring.home_models import HomeModels
    from core.wiring.upkeep import Upkeep


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
    models: HomeModels
    tickers: tuple[Ticker, ...]
    hands: Hands
    upkeep: Upkeep
    close_live: Callable[[], None]

    def start(self) -> None:
        """Let the threads run: the sweeper finds what a former process left."""
        self._tell_of_broken_policy()
        self.hands.tidy()
        self.models.start()
        self.upkeep.start()
        self.sweeper.start()
        for ticker in self.tickers:
            ticker.start()

    def stop(self) -> None:
        """End the threads and close what is open; leases of cut-off work expire."""
        for ticker in self.tickers:
            ticker.stop()
        self.sweeper.stop()
        self.keeper.stop()
        self.models.stop()
        self.close_live()
        self.models.close()
        self.upkeep.close()
        self.house.db.close()

    def _tell_of_broken_policy(self) -> None:
        """A policy that cannot be read asks about everything; the owner should know why."""
        error = self.house.policy.error
        if error is not None:
            told = alert(Level.CRITICAL, "policy", error.code, **error.params)
            self.house.mailbox.post(told)

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
    from core.conversation.carry_out import HandsRoom
    from core.runs.engine import Engine
    from core.runs.exchange_blobs import BlobCarrier
    from core.runs.exchange_halts import HaltWriter, RedisBoard
    from core.runs.exchange_relay import Ticker
    from core.runs.exchange_results import Results
    from core.runs.leases import LeaseKeeper
    from core.runs.live import RedisLiveText
    from core.runs.parallel import Parallel
    from core.runs.sweeper import Sweeper
    from core.wiring.gate import open_incarnation
    from core.wiring.hands import Place, hands
    from core.wiring.home_models import open_home_models
    from core.wiring.nodes import node_tickers
    from core.wiring.steps import home_registry
    from core.wiring.upkeep import open_upkeep

    base = house(settings, wake)
    incarnation = open_incarnation(base)
    incarnation.settle()
    redis_url = settings.redis_url.get_secret_value()
    live = RedisLiveText(redis_url, base.master.live_key(), settings.node, base.clock)
    exchange = _exchange(base, incarnation, publish, lambda tx, row: _given_up(parallel, tx, row))
    place = Place(HOME, settings, settings.home, base.db, base.clock, base.master, base.redact)
    own_hands = hands(place, base.policy, base.rules, exchange.blobs)
    models = open_home_models(base, exchange.nodes, place, redis_url)
    upkeep = open_upkeep(base, exchange.nodes, own_hands, models)
    carrier = BlobCarrier(exchange)
    results = Results(exchange, carrier, lambda tx, result: _result(parallel, tx, result))
    brings = HandsRoom(base.db, carrier)
    registry = home_registry(base, models, exchange.nodes, own_hands, brings, upkeep)
    keeper = LeaseKeeper(base.db, base.clock)
    parts = _parts(base, registry, live, exchange, results)
    models.guarded_by(parts.guard)
    engine, parallel = Engine(parts, keeper), Parallel(parts, keeper)
    about_nodes, close_board = node_tickers(base, exchange, parallel, redis_url)
    return HomeWorker(
        house=base,
        registry=registry,
        engine=engine,
        parallel=parallel,
        keeper=keeper,
        sweeper=Sweeper(base.db, base.clock, advance=engine.advance, run_step=parallel.run_step),
        exchange=exchange,
        models=models,
        tickers=(
            Ticker("relay", 1.0, exchange.post.relay_all),
            Ticker("halts", 1.0, HaltWriter(exchange, RedisBoard(redis_url)).write),
            Ticker("expiry", 1.0, lambda: _expire(base)),
            *about_nodes,
            *upkeep.tickers(),
        ),
        hands=own_hands,
        upkeep=upkeep,
        close_live=lambda: _close_all(live.close, close_board),
    )


def _parts(
    base: House, registry: Registry, live: LiveText, exchange: Exchange, results: Results
) -> Parts:
    """What the engine works with."""
    from core.runs.endings import Endings
    from core.runs.exchange_bodies import order
    from core.runs.parts import Parts
    from core.wiring.gate import home_guard

    return Parts(
        db=base.db,
        clock=base.clock,
        registry=registry,
        guard=home_guard(base),
        asking=base.approvals,
        wake=base.wake,
        live=live,
        places=exchange.nodes,
        ends=Endings(
            registry,
            base.clock,
            base.wake,
            put=base.mailbox.put,
            halt=lambda tx, step: results.halt(tx, step.place, step.run_id),
            asking=base.approvals,
        ),
        send=lambda tx, run, step, phase, permit: results.ask(
            tx, step.place, order(run, step, phase, permit)
        ),
    )


def _close_all(*closers: Callable[[], None]) -> None:
    for close in closers:
        close()


def _expire(base: House) -> None:
    """What time alone decides about open questions."""
    with base.db.write() as tx:
        base.approvals.expire(tx, base.clock.now())


def _exchange(base: House, incarnation: Incarnation, publish: Publish, on_dead: OnDead) -> Exchange:
    """Home's end of the exchange with nodes."""
    from core.runs.blobs import Blobs
    from core.runs.exchange import Exchange
    from core.runs.exchange_nodes import Nodes
    from core.wiring.nodes import home_here

    here = home_here(base, incarnation, lambda: _restart(base))
    nodes, blobs = Nodes(base.db, base.clock), Blobs(base.db, base.clock, HOME)
    return Exchange(base.db, base.clock, here, nodes, blobs, publish, base.wake, on_dead)


def _restart(base: House) -> None:
    """The database has turned out to be a past one: home's processes begin anew."""
    from core.monitor.watchdog import request_restart

    for process in ("bot", "worker"):
        request_restart(base.settings.home / "run", process)


def _result(parallel: Parallel, tx: db.Transaction, result: NodeResult) -> None:
    """A node's result, for the run that asked for it."""
    parallel.on_result(tx, result)


def _given_up(parallel: Parallel, tx: db.Transaction, row: OutRow) -> None:
    """The exchange gave a message up; a step in it fails."""
    if "position" in row.body:
        parallel.on_given_up(tx, row.body["run_id"], row.body["position"], row.place)
