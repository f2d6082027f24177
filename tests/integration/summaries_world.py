"""Home with old talk and records, an engine that is advanced by hand, and a model that copies."""

from __future__ import annotations

import itertools

import sqlalchemy as sa

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
from core.memory.search_fakes import FakeIndex
from core.memory.tables import messages, records, summaries, summary_sources
from core.memory.threads import Threads
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import Nodes
from core.runs.gate_fakes import NobodyAsks, OpenGuard
from core.runs.leases import LeaseKeeper
from core.runs.mailbox import Mailbox
from core.runs.model import Label, RunState
from core.runs.notice_rows import read as read_notice
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind
from core.runs.tables import notices
from core.upkeep import archiving, old_talk, old_talk_steps
from core.upkeep.old_talk_fakes import FakeSummariser

OWNER = 1001
ACTOR = Actor("telegram:1001")
LOCAL = Endpoint("fake/local", "ollama", "local", is_mine=True, context=32_768)
CLOUD = Endpoint("fake/cloud", "openai", "cloud", context=32_768)


class World:
    """`local` and `cloud` are models: the owner's own, and somebody else's. None: not there."""

    def __init__(self, database, clock, *, local=None, cloud=None, window=16_000, index=None):
        self.db, self.clock = database, clock
        self.local, self.cloud = local, cloud
        self.index = index or FakeIndex()
        self.clocks = Clocks(clock, "home")
        self.archives = Archives(clock, self.clocks, self.index, "home")
        self.loads = Loads(self.archives)
        self.summaries = OldSummaries(clock, self.clocks, self.index, "home")
        self.records = Records(self.clocks, self.index, self.loads, clock, "home")
        self.threads = Threads(
            database, clock, "home", index=self.index, clocks=self.clocks, loads=self.loads
        )
        self.preferences = Preferences(database, clock)
        self.runs = Runs(clock, NoWake())
        self.reviews = archiving.Reviews(self.summaries, self.runs)
        self.room = old_talk_steps.OldTalkRoom(
            database, clock, self.summaries, self.archives, self.preferences, self.runs,
            lambda _label: window,
        )  # fmt: skip
        self._numbers = itertools.count(1)
        self._start_engine()

    def _start_engine(self):
        adapters = {"ollama": self.local, "openai": self.cloud}
        there = {name: each for name, each in adapters.items() if each is not None}
        endpoints = [each for each in (LOCAL, CLOUD) if each.provider in there]
        self.pool = Pool(endpoints, there, self.clock)
        registry = Registry(
            [
                *bind(old_talk_steps, self.room),
                *bind(archiving, archiving.ArchivingRoom(self.archives)),
                *bind(llm_steps, llm_steps.Room(self.pool)),
            ],
            [old_talk.summarise_old, archiving.archive_summary],
        )
        self.keeper = LeaseKeeper(self.db, self.clock)
        mailbox = Mailbox(self.db, self.clock, NoWake(), lambda _tx: OWNER)
        parts = Parts(
            db=self.db,
            clock=self.clock,
            registry=registry,
            guard=OpenGuard(),
            asking=NobodyAsks(),
            wake=NoWake(),
            live=NoLiveText(),
            places=Nodes(self.db, self.clock),
            ends=Endings(
                registry, self.clock, NoWake(), mailbox.put, lambda *_: None, NobodyAsks()
            ),
            send=lambda *_: None,
        )
        self.engine = Engine(parts, self.keeper)

    def close(self):
        self.keeper.stop()
        self.pool.close()

    # -- what there is

    def thread(self):
        with self.db.write() as tx:
            return self.threads.new(tx, OWNER).id

    def say(self, thread_id, *texts, label=Label.OPEN, role=Role.OWNER):
        """Messages, now."""
        with self.db.write() as tx:
            return [
                self.threads.add(tx, NewMessage(thread_id, role, text, label)) for text in texts
            ]

    def remember(self, *texts, category=Category.NOTE, **more):
        """Records, as of now."""
        with self.db.write() as tx:
            return [
                self.records.remember(tx, NewRecord(category, text, **more), ACTOR).record
                for text in texts
            ]

    def wait(self, days):
        self.clock.advance(days * 86_400)

    # -- what happens

    def summarise(self, **more):
        """A run by hand, to its end."""
        with self.db.write() as tx:
            old_talk.start(self.runs, tx, f"by-hand:{next(self._numbers)}", **more)
        return self.work()

    def work(self):
        """Advance what is ready, oldest first; the runs that were."""
        done = []
        while ready := self.runs_of(states=[RunState.READY]):
            self.engine.advance(ready[-1].id)
            done.append(ready[-1].id)
        return done

    def decide(self, summary_id, state, text=None):
        with self.db.write() as tx:
            summary = self.reviews.decide(tx, summary_id, state, ACTOR, text)
        self.work()
        return summary

    def set_review(self, *, on):
        with self.db.write() as tx:
            self.preferences.set(tx, old_talk_steps.REVIEW, on)

    # -- what came of it

    def runs_of(self, **more):
        with self.db.read() as tx:
            return self.runs.list(tx, **more)

    def rows(self, table):
        with self.db.read() as tx:
            return tx.execute(sa.select(table).order_by(*table.primary_key.columns)).all()

    def all_summaries(self):
        with self.db.read() as tx:
            rows = tx.execute(sa.select(summaries.c.id).order_by(summaries.c.seq)).all()
            return [self.summaries.get(tx, row.id, Label.PRIVATE) for row in rows]

    def sources(self):
        return self.rows(summary_sources)

    def message_rows(self):
        return self.rows(messages)

    def record_rows(self):
        return self.rows(records)

    def texts(self):
        """Every text of messages and records, wherever it lies."""
        with self.db.read() as tx:
            items = [(item.kind, item.source) for item in self.loads.all_items(tx, 0, 1_000_000)]
            return sorted(self.loads.texts(tx, items).values())

    def notices(self, kind=None):
        rows = self.rows(notices)
        found = [read_notice(row).notice for row in rows]
        return [each for each in found if kind in {None, each.kind}]

    def due(self, **more):
        with self.db.read() as tx:
            return self.summaries.due(tx, self.room.before(), 1000, **more)


def local(write=None):
    return FakeSummariser() if write is None else FakeSummariser(write)
