"""Home with its engine, and a node, over their own databases with a broker between them: where
random workflows with gated steps (`gate_steps`) meet an owner, crashes and restarts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.clock import ManualClock
from core.db import metadata, open_sqlite
from core.runs import exchange_bodies, gate_fakes
from core.runs.blobs import Blobs
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange import Exchange
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_fakes import LossyBroker
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_post import Here
from core.runs.exchange_results import Results
from core.runs.exchange_steps import NodeSteps
from core.runs.gate_fakes import ScriptedAsking, ScriptedGuard
from core.runs.leases import LeaseKeeper
from core.runs.model import Label
from core.runs.parallel import Parallel
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind
from core.runs.sweeper import Sweeper
from core.seal import Identity
from tests.integration import gate_steps
from tests.integration.exchange_world import KEY, NODE, Crash, Fuse, KillableDatabase, receive
from tests.integration.gate_steps import GUARDS, Call, Plan, Ran, Room, many, one


class StillKeeper(LeaseKeeper):
    """Nobody watches in a thread: leases expire when the test's time says so."""

    def _start(self) -> None: ...


class Hints(NoWake):
    """Hints that the test follows, or loses."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.steps: list[tuple[str, str]] = []

    def run(self, run_id: str) -> None:
        self.runs.append(run_id)

    def step(self, run_id: str, position: str) -> None:
        self.steps.append((run_id, position))


class World:
    """`restart_home` and `restart_node` rebuild a side over its database, as after a kill."""

    def __init__(self, folder: Path, *, home_is_mine: bool = True) -> None:
        self.clock = ManualClock()
        self.broker = LossyBroker()
        self.home_fuse, self.node_fuse = Fuse(), Fuse()
        self.home_keys = Identity(b"h" * 32, b"H" * 32)
        self.node_keys = Identity(b"n" * 32, b"N" * 32)
        self.ran: list[Ran] = []
        self.notices: list[Any] = []
        self.during: Any = lambda _ctx, _args: None
        self.preparing: Any = lambda _ctx, _args: None
        self.lie: Any = lambda action: action
        self.changed = 0
        self.boots: dict[str, str] = {}
        self.booted = 0
        self.home_db = self._opened(folder / "home.db", self.home_fuse)
        self.node_db = self._opened(folder / "node.db", self.node_fuse)
        self._pair(home_is_mine)
        self.hints = Hints()
        self.home_guard = ScriptedGuard(
            self.clock, HOME, {kind: gates[0] for kind, gates in GUARDS.items()}
        )
        self.node_guard = ScriptedGuard(
            self.clock, NODE, {kind: gates[1] for kind, gates in GUARDS.items()}
        )
        self.asking = ScriptedAsking(self.home_db, self.clock, self.hints, self.boots)
        self.restart_home()
        self.restart_node()

    def db_of(self, place: str) -> KillableDatabase:
        return self.home_db if place == HOME else self.node_db

    def _opened(self, path: Path, fuse: Fuse) -> KillableDatabase:
        template = path.parents[1] / f"gate-template-{path.name}"
        if not template.exists():
            db = open_sqlite(template, KEY)
            metadata.create_all(db.engine)
            gate_fakes.metadata.create_all(db.engine)
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        shutil.copy(template, path)
        return KillableDatabase(open_sqlite(path, KEY).engine, fuse)

    def _pair(self, home_is_mine: bool) -> None:
        node, home = self.node_keys.public, self.home_keys.public
        with self.home_db.write() as tx:
            Nodes(self.home_db, self.clock).register(tx, NODE, node.sign, node.seal, is_mine=True)
        with self.node_db.write() as tx:
            Nodes(self.node_db, self.clock, NODE).register(
                tx, HOME, home.sign, home.seal, is_mine=home_is_mine
            )

    def restart_home(self) -> None:
        self.hints.runs.clear()
        self.hints.steps.clear()
        nodes = Nodes(self.home_db, self.clock)
        self.home = Exchange(
            self.home_db,
            self.clock,
            Here(HOME, self.home_keys),
            nodes,
            Blobs(self.home_db, self.clock, HOME),
            self.broker.publish,
        )
        self.results = Results(
            self.home,
            BlobCarrier(self.home),
            self._take,
        )
        registry = self.registry(HOME)
        ends = Endings(
            registry,
            self.clock,
            self.hints,
            put=lambda _tx, notice: self.notices.append(notice),
            halt=lambda tx, row: self.results.halt(tx, row.place, row.run_id),
            asking=self.asking,
        )
        parts = Parts(
            db=self.home_db,
            clock=self.clock,
            registry=registry,
            guard=self.home_guard,
            asking=self.asking,
            wake=self.hints,
            live=NoLiveText(),
            places=nodes,
            ends=ends,
            send=lambda tx, run, row, phase, permit: self.results.ask(
                tx, row.place, exchange_bodies.order(run, row, phase, permit)
            ),
        )
        keeper = StillKeeper(self.home_db, self.clock)
        self.engine, self.parallel = Engine(parts, keeper), Parallel(parts, keeper)
        self.keeper = keeper
        self.runs = Runs(self.clock, self.hints)
        self.sweeper = Sweeper(
            self.home_db,
            self.clock,
            advance=self.engine.advance,
            run_step=self.parallel.run_step,
        )
        self.boots[HOME] = self.home_guard.boot

    def restart_node(self) -> None:
        self.booted += 1
        boot = f"boot{self.booted}"
        self.boots[NODE] = self.node_guard.boot = boot
        self.node = Exchange(
            self.node_db,
            self.clock,
            Here(NODE, self.node_keys, boot=boot),
            Nodes(self.node_db, self.clock, NODE),
            Blobs(self.node_db, self.clock, NODE),
            self.broker.publish,
        )
        registry = self.registry(NODE)
        carrier = BlobCarrier(self.node)
        self.steps = NodeSteps(self.node, carrier, registry, guard=self.node_guard)
        self.steps.recover()

    def registry(self, place: str) -> Registry:
        """What this place can run."""
        workflows = [gate_steps.planned] if place == HOME else []
        return Registry(bind(gate_steps, Room(place, self)), workflows)

    def _take(self, tx: Any, result: Any) -> None:
        self.parallel.on_result(tx, result)

    def start(self, plan: Plan, label: Label = Label.OPEN, **more: Any) -> str:
        with self.home_db.write() as tx:
            return self.runs.start(tx, gate_steps.planned, plan, label=label, **more)

    def home_works(self) -> None:
        """Follows every hint, those that come up meanwhile too."""
        while self.hints.runs or self.hints.steps:
            while self.hints.runs:
                self.engine.advance(self.hints.runs.pop(0))
            while self.hints.steps:
                self.parallel.run_step(*self.hints.steps.pop(0))

    def sweep(self) -> None:
        for work in self.sweeper.due():
            work()

    def home_posts(self) -> None:
        self.broker.deliver(HOME, lambda text: receive(self.home, text))
        self.home.post.relay(self.clock.now())

    def node_works(self, *, hello: bool = True) -> None:
        if hello:
            self.node.post.say_hello({}, {})
        self.broker.deliver(NODE, lambda text: receive(self.node, text))
        while self.steps.work_one():
            continue
        self.node.post.relay(self.clock.now())

    def beat(self) -> None:
        """One turn of everything, in order."""
        self.home_works()
        self.home_posts()
        self.node_works()
        self.home_posts()
        self.home_works()

    def settle(self, turns: int = 6) -> None:
        """Turns with time between them: what was lost is found again."""
        for _ in range(turns):
            self.beat()
            self.clock.advance(7)
            self.sweep()

    def pending(self) -> list[Any]:
        with self.home_db.read() as tx:
            return self.asking.pending(tx)

    def questions(self) -> list[Any]:
        with self.home_db.read() as tx:
            return self.asking.all(tx)

    def decide(self, question: Any, *, yes: bool = True) -> bool:
        with self.home_db.write() as tx:
            return self.asking.decide(tx, question.id, yes=yes)

    def run(self, run_id: str) -> Any:
        with self.home_db.read() as tx:
            return self.runs.get(tx, run_id)

    def rows(self, run_id: str) -> dict[str, Any]:
        with self.home_db.read() as tx:
            return {row.position: row for row in self.runs.steps(tx, run_id)}

    def cancel(self, run_id: str) -> None:
        with self.home_db.write() as tx:
            self.runs.cancel(tx, run_id)

    def close(self) -> None:
        self.keeper.stop()
        self.home_db.close()
        self.node_db.close()


@contextmanager
def made(tmp_path_factory: Any, *, home_is_mine: bool = True) -> Iterator[World]:
    """A world in a folder of its own; its tables are copied, which is faster than making them."""
    base = tmp_path_factory.getbasetemp() / "gate-worlds"
    base.mkdir(exist_ok=True)
    world = World(Path(tempfile.mkdtemp(dir=base)), home_is_mine=home_is_mine)
    try:
        yield world
    finally:
        world.close()


def side_of(world: World) -> SimpleNamespace | None:
    """Whose fuse has burnt."""
    for fuse, restart in (
        (world.home_fuse, world.restart_home),
        (world.node_fuse, world.restart_node),
    ):
        if fuse.at and fuse.passed >= fuse.at:
            return SimpleNamespace(fuse=fuse, restart=restart)
    return None


__all__ = [
    "GUARDS",
    "HOME",
    "NODE",
    "Call",
    "Crash",
    "Plan",
    "World",
    "made",
    "many",
    "one",
    "side_of",
]
