"""Home and one node with their own databases and a bad broker between them, in one process."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.clock import ManualClock
from core.db import Database, Transaction, metadata, open_sqlite
from core.errors import Refused
from core.runs import exchange_store
from core.runs.blobs import Blobs
from core.runs.codec import digest
from core.runs.exchange import Exchange
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_fakes import LossyBroker
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_post import Here
from core.runs.exchange_results import NodeResult, Results
from core.runs.exchange_steps import NodeSteps
from core.runs.exchange_store import OutRow
from core.runs.model import Kind
from core.runs.ports import StepContext
from core.runs.registry import Registry
from core.runs.steps import BoundStep, StepSpec
from core.seal import Identity

NODE = "pc"
KEY = bytes(range(48))
#: What steps did at the node and what results did at home, committed with the exchange's own rows.
effects = sa.Table(
    "test_effects",
    sa.MetaData(),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("what", sa.Text),
)


class Crash(BaseException):
    """The process is killed here."""


class KillableDatabase(Database):
    """Raises `Crash` before or after the commit that `fuse` picks, once."""

    def __init__(self, engine: sa.Engine, fuse: Fuse) -> None:
        super().__init__(engine)
        self._fuse = fuse

    def write(self):  # type: ignore[override]
        return _Killable(super().write(), self._fuse)


class _Killable:
    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def __enter__(self) -> Transaction:
        tx: Transaction = self._inner.__enter__()
        return tx

    def __exit__(self, kind, error, trace) -> bool | None:
        if kind is None and self._fuse.burns("before-commit"):
            crash = Crash()
            self._inner.__exit__(Crash, crash, None)
            raise crash
        ended = self._inner.__exit__(kind, error, trace)
        if kind is None and self._fuse.burns("after-commit"):
            raise Crash
        return ended


class Fuse:
    """Counts crash points; `at` is the one that kills (0: none)."""

    def __init__(self) -> None:
        self.at = 0
        self.passed = 0

    def burns(self, _where: str) -> bool:
        self.passed += 1
        return self.at == self.passed


@dataclass(frozen=True)
class Say:
    text: str
    run: str = ""


class World:
    """`home` and `node` are rebuilt over the same files by `restart_*`."""

    def __init__(
        self,
        folder: Path,
        broker: LossyBroker | None = None,
        *,
        home_is_mine: bool = True,
        home_db: Database | None = None,
    ) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.broker = broker or LossyBroker()
        self.fuse = Fuse()
        self.home_keys = Identity(b"h" * 32, b"H" * 32)
        self.node_keys = Identity(b"n" * 32, b"N" * 32)
        self.ran: list[str] = []
        self.results: list[NodeResult] = []
        self.halted: list[tuple[str, str]] = []
        self.dead: list[OutRow] = []
        self.on_run: Callable[[StepContext, Say], None] = lambda _ctx, _args: None
        self.home_incarnation = 1
        self.boots = 0
        self.home_db = self._made(home_db or open_sqlite(folder / "home.db", KEY))
        self.node_db = self._made(open_sqlite(folder / "node.db", KEY))
        self._pair(home_is_mine)
        self.restart_home()
        self.restart_node()

    def _made(self, opened: Database) -> KillableDatabase:
        db = KillableDatabase(opened.engine, self.fuse)
        metadata.create_all(db.engine)
        effects.create(db.engine, checkfirst=True)
        return db

    def _pair(self, home_is_mine: bool) -> None:
        node, home = self.node_keys.public, self.home_keys.public
        with self.home_db.write() as tx:
            Nodes(self.home_db, self.clock).register(tx, NODE, node.sign, node.seal, is_mine=True)
        with self.node_db.write() as tx:
            Nodes(self.node_db, self.clock, NODE).register(
                tx, HOME, home.sign, home.seal, is_mine=home_is_mine
            )

    # -- lives -------------------------------------------------------------------------------------

    def restart_home(self) -> None:
        here = Here(HOME, self.home_keys, incarnation=self.home_incarnation)
        self.home = Exchange(
            self.home_db,
            self.clock,
            here,
            Nodes(self.home_db, self.clock),
            Blobs(self.home_db, self.clock, HOME),
            self.broker.publish,
            on_dead=lambda _tx, row: self.dead.append(row),
        )
        carrier = BlobCarrier(self.home)
        self.asking = Results(self.home, carrier, self._on_result, self._on_halted)

    def restart_node(self) -> None:
        self.boots += 1
        here = Here(NODE, self.node_keys, boot=f"boot{self.boots}")
        self.node = Exchange(
            self.node_db,
            self.clock,
            here,
            Nodes(self.node_db, self.clock, NODE),
            Blobs(self.node_db, self.clock, NODE),
            self.broker.publish,
        )
        self.steps = NodeSteps(self.node, BlobCarrier(self.node), Registry(self._bound()))
        self.steps.recover()

    def _bound(self) -> list[BoundStep]:
        def far(ctx: StepContext, args: Say) -> str:
            self.ran.append(f"{args.run}{args.text}")
            self.on_run(ctx, args)
            return args.text.upper()

        def local(ctx: StepContext, args: Say) -> str:
            assert ctx.transaction is not None
            ctx.transaction.execute(sa.insert(effects).values(what=ctx.run.id))
            self.on_run(ctx, args)
            return args.text.upper()

        kinds = {kind.value: (local if kind is Kind.LOCAL else far, kind) for kind in Kind}
        bound = [
            BoundStep(StepSpec(f"test.{name}", kind, Say, str, NODE, timeout_s=30), run)
            for name, (run, kind) in kinds.items()
        ]
        gated = StepSpec("test.gated", Kind.ONCE, Say, str, NODE, gated=True)
        return [*bound, BoundStep(gated, far)]

    # -- home's side -------------------------------------------------------------------------------

    def _on_result(self, tx: Transaction, result: NodeResult) -> None:
        tx.execute(sa.insert(effects).values(what=f"{result.run_id} {result.state}"))
        self.results.append(result)

    def _on_halted(self, tx: Transaction, place: str, run_id: str) -> None:
        del tx
        self.halted.append((place, run_id))

    def ask(self, run_id: str, text: str, kind: str = "read", **more: Any) -> str:
        inputs = {"text": text, "run": run_id if len(text) < 100 else ""}
        body = {
            "run_id": run_id,
            "position": "1",
            "name": f"test.{kind}",
            "version": 1,
            "inputs": inputs,
            "digest": digest(inputs),
            "label": "open",
            "attempt": 1,
            **more,
        }
        with self.home_db.write() as tx:
            return self.asking.ask(tx, NODE, body)

    # -- time --------------------------------------------------------------------------------------

    def take_home(self) -> None:
        self.broker.deliver(HOME, lambda text: receive(self.home, text))

    def take_node(self) -> None:
        self.broker.deliver(NODE, lambda text: receive(self.node, text))

    def work(self) -> None:
        while self.steps.work_one():
            pass

    def beat(self, *, hello: bool = True) -> None:
        """One turn of everything, in order."""
        if hello and not self.broker.away:
            self.node.post.say_hello({}, {})
        self.take_home()
        self.home.post.relay(self.clock.now())
        self.take_node()
        self.work()
        self.node.post.relay(self.clock.now())
        self.take_home()
        self.home.post.relay(self.clock.now())
        self.take_node()

    def settle(self, seconds: int = 600, step: int = 5) -> None:
        """Turns until nothing is open any more, or `seconds` have passed."""
        for _ in range(0, seconds, step):
            self.beat()
            if self.is_quiet():
                return
            self.clock.advance(step)

    def is_quiet(self) -> bool:
        for db in (self.home_db, self.node_db):
            with db.read() as tx:
                count = sa.select(sa.func.count()).select_from(exchange_store.outbox)
                if tx.execute(count.where(exchange_store.outbox.c.state == "open")).scalar_one():
                    return False
                waits = sa.select(sa.func.count()).select_from(exchange_store.inbox)
                if tx.execute(waits.where(exchange_store.inbox.c.state != "done")).scalar_one():
                    return False
        return True

    @staticmethod
    def effects(db: Database) -> list[str]:
        with db.read() as tx:
            return list(tx.execute(sa.select(effects.c.what)).scalars())

    def close(self) -> None:
        self.home_db.close()
        self.node_db.close()


def receive(exchange: Exchange, text: str) -> bool:
    """As the Celery task does: what is refused is dropped."""
    try:
        return exchange.receive(text)
    except Refused:
        return False


def chance(seed: int) -> random.Random:
    return random.Random(seed)
