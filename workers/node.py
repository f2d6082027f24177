"""A node: runs what home asks for, on this machine, and answers. No Telegram token is here.

`python3 -m ops node` starts it with `run(settings)`. It keeps its own encrypted database under
MASK_HOME/node, holds home's public keys only, and listens to one queue. Celery only carries
envelopes in; steps run in threads of our own, so that a long step neither holds a Celery thread
nor outlives its message. One process per node database: a second one is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from celery import Celery
from celery.signals import setup_logging, task_rejected, task_unknown

from core import broker, config, db, ids, schema, wiring
from core.approvals.guard import Surroundings
from core.clock import Clock, SystemClock
from core.errors import MaskError, Refused
from core.runs.blobs import Blobs
from core.runs.exchange import Exchange
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_halts import HaltReader, RedisBoard
from core.runs.exchange_nodes import Nodes
from core.runs.exchange_pairing import Pairing, kept_pairing, know_home
from core.runs.exchange_post import Here, Publish
from core.runs.exchange_relay import Nudge, Ticker
from core.runs.exchange_steps import NodeSteps
from core.runs.exchange_tampering import FIELD as REFUSED
from core.runs.live import RedisLiveText
from core.runs.registry import Registry
from core.runs.steps import BoundStep
from core.seal import Context, Identity
from core.wiring.forgetting_here import forget_here
from core.wiring.hands import Place, hands, policy_of
from core.wiring.node_models import open_node_models
from workers.app import celery_settings, make_app
from workers.hints import publisher
from workers.node_parts import (
    Keeping,
    OwnRooms,
    bound_steps,
    keeping,
    learn,
    own_identity,
    place_guard,
)
from workers.presence import Presence
from workers.shell import guarded

log = structlog.get_logger(__name__)

#: Steps that run at the same time; Celery's own threads only take envelopes in.
STEP_THREADS = 4
RELAY_EVERY_S = 1.0
HALTS_EVERY_S = 1.0
DEADLINES_EVERY_S = 0.5
TRASH_EVERY_S = 3600.0
CELERY_THREADS = 4


class Node:
    """Everything in a node's process but Celery. `kept` is what decides here whether something
    runs; `own` are its files, commands, rules and models."""

    def __init__(
        self,
        database: db.Database,
        identity: Identity,
        pairing: Pairing,
        publish: Publish,
        steps: list[BoundStep],
        clock: Clock | None = None,
        kept: Keeping | None = None,
        own: OwnRooms | None = None,
    ) -> None:
        clock = clock or SystemClock()
        kept = kept or keeping(clock, pairing.name)
        nodes = Nodes(database, clock, pairing.name)
        with database.write() as tx:
            know_home(tx, nodes, pairing)
            learn(tx, kept, pairing)
        boot = ids.random_token()
        here = Here(pairing.name, identity, boot, chains=kept.chains, keys=kept.rotations)
        roots = own.hands.files.roots.names if own else ()
        here_now = Surroundings(pairing.name, roots=tuple(roots))
        self._models = own.models if own else None
        self._guard = place_guard(database, clock, identity, pairing, boot, kept, here_now)
        self._relay = Ticker("node-relay", RELAY_EVERY_S, self._relay_all)
        self.exchange = Exchange(
            database,
            clock,
            here,
            nodes,
            Blobs(database, clock, pairing.name),
            publish,
            Nudge(self._relay.nudge),
        )
        live_key = identity.shared_key(pairing.home_seal, Context.LIVE)
        self._live = RedisLiveText(pairing.redis_url, live_key, pairing.name, clock)
        registry = Registry(steps)
        carrier = BlobCarrier(self.exchange)
        self.steps = NodeSteps(
            self.exchange, carrier, registry, self._live, self._nudge_steps, self._guard
        )
        self._board = RedisBoard(pairing.redis_url)
        self._reader = HaltReader(self.exchange, self._board, self.steps.halt)
        self._tickers = [
            self._relay,
            Ticker("node-halts", HALTS_EVERY_S, self._look_for_halts),
            Ticker("node-deadlines", DEADLINES_EVERY_S, self.steps.look),
        ]
        if own is not None:
            self._tickers.append(Ticker("node-trash", TRASH_EVERY_S, own.hands.trash.purge))
        self._workers = [
            Ticker(f"node-step-{number}", 1.0, self._work) for number in range(STEP_THREADS)
        ]
        self._presence = Presence(
            self.exchange.post,
            registry.names,
            self.steps.busy,
            more=own.hands.can() if own else None,
            counts=lambda: {REFUSED: self.exchange.tampering.to_json()},
            now=self._models.can if self._models else dict,
        )

    def start(self) -> None:
        """Close or give back what a former process left, then work."""
        left = self.steps.recover()
        if self._models is not None:
            self._models.start(self._guard)
        for ticker in (*self._tickers, *self._workers):
            ticker.start()
        self._presence.start()
        log.info("node-ready", name=self.exchange.here.place, recovered=left)

    def stop(self) -> None:
        """Stop taking steps; a step that does not end in time is recovered at the next start."""
        self._presence.stop()
        for ticker in (*self._workers, *self._tickers):
            ticker.stop(wait_s=1.0)
        if self._models is not None:
            self._models.stop()
        self._live.close()
        self._board.close()

    def receive(self, envelope: str) -> None:
        self.exchange.receive(envelope)

    def refuse(self, code: str) -> None:
        """Something came from the broker that is not even an envelope."""
        self.exchange.tampering.refused(code)

    def _look_for_halts(self) -> None:
        try:
            self._reader.look()
        except Refused as refused:
            self.refuse(refused.code)
            raise

    def _relay_all(self) -> None:
        self.exchange.post.relay_all()

    def _nudge_steps(self) -> None:
        for worker in self._workers:
            worker.nudge()

    def _work(self) -> None:
        """Run waiting steps; after an unexpected error (a full disk) nothing stays half taken."""
        try:
            while self.steps.work_one():
                continue
        except MaskError:
            self.steps.recover()
            raise
        except sa.exc.SQLAlchemyError:
            self.steps.recover()
            raise


@contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Hold the folder's lock for the life of this process: the write lock of a database of its own,
    which the system frees when the process dies, on every system. Refused(`node-already-runs`)."""
    lock = db.open_sqlite(folder / "lock.db", bytes(48), busy_s=0.1)
    try:
        with lock.engine.connect() as connection:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except sa.exc.OperationalError:
                raise Refused("node-already-runs") from None
            yield
            connection.rollback()
    finally:
        lock.close()


@contextmanager
def node_database(settings: config.Settings) -> Iterator[db.Database]:
    """This node's own database, at this code's tables."""
    home = settings.under_home(settings.home)
    master = wiring.open_master(settings)
    database = db.open_sqlite(home / "node" / "node.db", master.database_key())
    try:
        schema.ensure_schema(database)
        yield database
    finally:
        database.close()


def place_of(
    settings: config.Settings, folder: Path, database: db.Database, clock: Clock, pairing: Pairing
) -> Place:
    """What this node's rooms stand on: its own database and folder."""
    return Place(
        pairing.name,
        settings,
        folder,
        database,
        clock,
        wiring.open_master(settings),
        wiring.redaction_of(settings),
    )


@contextmanager
def working(settings: config.Settings, pairing: Pairing, publish: Publish) -> Iterator[Node]:
    """The node with its database, from start to stop. Refused(`node-already-runs`)."""
    home, clock = settings.under_home(settings.home), SystemClock()
    with ExitStack() as open_things:
        open_things.enter_context(only_process(home / "node"))
        database = open_things.enter_context(node_database(settings))
        identity = own_identity(home, wiring.open_master(settings), pairing)
        folder = home / "node"
        kept = keeping(clock, pairing.name, policy_of(settings, folder, pairing.name))
        place = place_of(settings, folder, database, clock, pairing)
        blobs = Blobs(database, clock, pairing.name)
        own = OwnRooms(
            hands(place, kept.policy, kept.rules, blobs), open_node_models(place, kept.audit)
        )
        forgets = forget_here(place, own.hands, identity)
        steps = [*bound_steps(clock, home), *own.bound(), *forgets]
        node = Node(database, identity, pairing, publish, steps, clock, kept, own)
        own.hands.tidy()
        node.start()
        open_things.callback(node.stop)
        yield node


def make_node_app(settings: config.Settings, pairing: Pairing) -> Celery:
    """The Celery application of a node: one task, one queue, home's settings otherwise."""

    def read() -> dict[str, Any]:
        found = celery_settings(settings, broker.node_queue(pairing.name))
        found["broker_url"] = pairing.redis_url
        found["broker_transport_options"]["client_name"] = pairing.name
        found.pop("beat_schedule")
        return found

    return make_app("mask-node", read)


def run(settings: config.Settings) -> None:
    """Be a node until told to stop. Refused(`node-not-paired`, `node-already-runs`)."""
    wiring.set_up_logging(settings)
    pairing = kept_pairing(settings.under_home(settings.home))
    app = make_node_app(settings, pairing)
    setup_logging.connect(_keep_our_logging, weak=False)
    argv = ["worker", "-Q", broker.node_queue(pairing.name), "-n", f"{pairing.name}@%h"]
    argv += ["-P", "threads", "-c", str(CELERY_THREADS)]
    argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with working(settings, pairing, publisher(app)) as node:
        for signal in (task_unknown, task_rejected):
            signal.connect(lambda **_: node.refuse("task-strange"), weak=False)
        receive = guarded(broker.RECEIVE, node.receive)
        app.task(receive, name=broker.RECEIVE, ignore_result=True, shared=False)
        app.worker_main(argv)


def _keep_our_logging(**_: object) -> None:
    """Connected so that Celery leaves logging alone."""


def main() -> None:
    """`python -m workers.node`: what `ops node` starts; it says why it does not."""
    try:
        run(config.load())
    except Refused as refused:
        raise SystemExit(f"The node does not start: {refused}") from None


if __name__ == "__main__":
    main()
