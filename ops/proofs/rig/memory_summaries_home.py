"""A home that summarises until it is killed: the real engine, stores and index, a fake model.

`python3 -m ops.proofs.rig.memory_summaries_home FOLDER AHEAD_S` works until nothing is due;
`naive FOLDER` does so the usual way. AHEAD_S: the clock is that far ahead, so that a new process
finds the leases of a killed one expired without waiting for them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import Clock, ManualClock, SystemClock
from core.db import Database, Transaction, open_sqlite
from core.llm import steps as llm_steps
from core.llm.model import Endpoint
from core.llm.pool import Pool
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.loading import Loads
from core.memory.model import NewMessage, Role
from core.memory.old_summaries import OldSummaries
from core.memory.preferences import Preferences
from core.memory.record_model import Actor, Category, NewRecord
from core.memory.records import Records
from core.memory.search_index import Index
from core.memory.threads import Threads
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import Nodes
from core.runs.gate_fakes import NobodyAsks, OpenGuard
from core.runs.leases import LeaseKeeper
from core.runs.mailbox import Mailbox
from core.runs.model import RunState
from core.runs.parallel import Parallel
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind
from core.runs.sweeper import Sweeper
from core.upkeep import archiving, old_talk, old_talk_steps
from core.upkeep.old_talk_fakes import FakeSummariser
from ops import metadata
from ops.proofs.naive import memory_summaries as naive

KEY = bytes(range(48))
OWNER = 1001
LOOK_S = 0.05
WINDOW = 16_000
MODEL = Endpoint("fake/local", "ollama", "local", is_mine=True, context=WINDOW)
#: Messages of one thread, and of every third item a record.
A_THREAD, RECORDS_IN = 300, 3


class Ahead:
    """The machine's clock, put forward."""

    def __init__(self, ahead_s: float) -> None:
        self._clock = SystemClock()
        self._ahead = timedelta(seconds=ahead_s)

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic() + self._ahead.total_seconds()


@dataclass(frozen=True)
class Home:
    """Stores over one file, and what advances runs."""

    db: Database
    clock: Clock
    runs: Runs
    loads: Loads
    summaries: OldSummaries
    archives: Archives
    engine: Engine
    sweeper: Sweeper
    room: old_talk_steps.OldTalkRoom

    def work(self) -> None:
        """Go on with what is there; begin where nothing is; end when nothing is due."""
        number = 0
        while True:
            if self._advance():
                continue
            if self._has_open_runs():  # another process holds one: its lease ends
                time.sleep(LOOK_S)
            elif self._is_due():
                number += 1
                with self.db.write() as tx:
                    key = f"proof:{self.clock.now():%s%f}:{number}"
                    old_talk.start(self.runs, tx, key, chat_id=OWNER)
            else:
                return

    def _advance(self) -> bool:
        work = self.sweeper.due()
        for each in work:
            each()
        with self.db.read() as tx:
            ready = self.runs.list(tx, states=[RunState.READY], limit=100)
        for run in reversed(ready):
            self.engine.advance(run.id)
        return bool(work or ready)

    def _has_open_runs(self) -> bool:
        going = [RunState.READY, RunState.RUNNING, RunState.WAITING]
        with self.db.read() as tx:
            return bool(self.runs.list(tx, states=going, limit=1))

    def _is_due(self) -> bool:
        with self.db.read() as tx:
            return bool(self.summaries.count_due(tx, self.room.before()))


@contextmanager
def home(folder: Path, clock: Clock) -> Iterator[Home]:
    """The home in `folder`, with a model that copies."""
    db = open_sqlite(folder / "memory.db", KEY)
    pool = Pool([MODEL], {"ollama": FakeSummariser()}, clock)
    keeper = LeaseKeeper(db, clock)
    try:
        yield _home(db, clock, pool, keeper)
    finally:
        keeper.stop()
        pool.close()
        db.close()


def _home(db: Database, clock: Clock, pool: Pool, keeper: LeaseKeeper) -> Home:
    clocks, index, runs = Clocks(clock, "home"), Index(), Runs(clock, NoWake())
    archives = Archives(clock, clocks, index, "home")
    summaries = OldSummaries(clock, clocks, index, "home")
    room = old_talk_steps.OldTalkRoom(
        db, clock, summaries, archives, Preferences(db, clock), runs, lambda _label: WINDOW
    )
    registry = Registry(
        [
            *bind(old_talk_steps, room),
            *bind(archiving, archiving.ArchivingRoom(archives)),
            *bind(llm_steps, llm_steps.Room(pool)),
        ],
        [old_talk.summarise_old, archiving.archive_summary],
    )
    mailbox = Mailbox(db, clock, NoWake(), lambda _tx: OWNER)
    parts = Parts(
        db=db,
        clock=clock,
        registry=registry,
        guard=OpenGuard(),
        asking=NobodyAsks(),
        wake=NoWake(),
        live=NoLiveText(),
        places=Nodes(db, clock),
        ends=Endings(registry, clock, NoWake(), mailbox.put, lambda *_: None, NobodyAsks()),
        send=lambda *_: None,
    )
    engine = Engine(parts, keeper)
    step = Parallel(parts, keeper).run_step
    sweeper = Sweeper(db, clock, advance=engine.advance, run_step=step)
    return Home(db, clock, runs, Loads(archives), summaries, archives, engine, sweeper, room)


def fill(folder: Path, texts: list[str]) -> None:
    """Old memories: messages in threads, and records, from 200 days ago; no review of summaries."""
    db = open_sqlite(folder / "memory.db", KEY)
    metadata.whole().create_all(db.engine)
    clock = ManualClock(SystemClock().now() - timedelta(days=200))
    clocks, index = Clocks(clock, "home"), Index()
    loads = Loads(Archives(clock, clocks, index, "home"))
    threads = Threads(db, clock, "home", index=index, clocks=clocks, loads=loads)
    records = Records(clocks, index, loads, clock, "home")
    for begin in range(0, len(texts), A_THREAD):
        with db.write() as tx:
            thread = threads.new(tx, OWNER)
            for number, text in enumerate(texts[begin : begin + A_THREAD]):
                if number % RECORDS_IN:
                    threads.add(tx, NewMessage(thread.id, Role.OWNER, text))
                else:
                    _remember(tx, records, text)
                clock.advance(1)
    with db.write() as tx:
        Preferences(db, clock).set(tx, old_talk_steps.REVIEW, value=False)
    db.close()


def _remember(tx: Transaction, records: Records, text: str) -> None:
    records.remember(tx, NewRecord(Category.NOTE, text), Actor("proof"))


def main(arguments: list[str]) -> None:
    """Say that it begins, then work until it is done, or killed."""
    print("begun", flush=True)
    match arguments:
        case ["naive", folder]:
            naive.work(Path(folder))
        case [folder, ahead_s]:
            with home(Path(folder), Ahead(float(ahead_s))) as ours:
                ours.work()


if __name__ == "__main__":
    main(sys.argv[1:])
