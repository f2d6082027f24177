"""A memory with everything that a turn's context and the finding of facts need, over one database,
and an engine that is advanced by hand with a scripted model."""

from __future__ import annotations

import json
from contextlib import contextmanager

import sqlalchemy as sa

from core import config
from core.conversation import remembering, summary, turn
from core.conversation import steps as conversation_steps
from core.conversation.model import Turn
from core.conversation.ports import ConversationRoom
from core.llm import steps as llm_steps
from core.llm.service import open_pool
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.context_gathering import Contexts
from core.memory.links import Links
from core.memory.loading import Loads
from core.memory.model import NewMessage, Role
from core.memory.proposals import Proposals
from core.memory.record_model import Actor, Category, NewRecord
from core.memory.records import Records
from core.memory.search import Search
from core.memory.search_index import Index
from core.memory.search_model import Query
from core.memory.threads import Threads
from core.memory.unread_talk import UnreadTalk
from core.runs import notice_rows
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import Nodes
from core.runs.gate_fakes import NobodyAsks, OpenGuard
from core.runs.leases import LeaseKeeper
from core.runs.mailbox import Mailbox
from core.runs.model import Label, RunState
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind
from core.runs.tables import notices
from core.upkeep import fact_steps, facts
from core.upkeep.model import ExtractFacts

CHAT = 1001
OWNER = Actor(f"telegram:{CHAT}")
QUIET_S = 30 * 60


class World:
    """Memory over `db`; `window` tokens in a prompt."""

    def __init__(self, db, clock, window=8000):
        self.db, self.clock = db, clock
        index, self.clocks = Index(), Clocks(clock, "home")
        archives = Archives(clock, self.clocks, index, "home")
        self.loads = Loads(archives)
        self.records = Records(self.clocks, index, self.loads, clock, "home")
        self.threads = Threads(db, clock, "home", index=index, clocks=self.clocks, loads=self.loads)
        self.search = Search(clock, self.loads, Links())
        self.contexts = Contexts(self.search, self.records, self.loads)
        self.unread = UnreadTalk(clock)
        self.proposals = Proposals(self.records, clock, "home", self.search)
        self.runs = Runs(clock, NoWake())
        self.room = ConversationRoom(
            db=db,
            threads=self.threads,
            clock=clock,
            runs=self.runs,
            window=lambda _label: window,
            contexts=self.contexts,
            records=self.records,
        )

    def say(self, text, *, label=Label.OPEN, role=Role.OWNER, thread=None, **more):
        """A message in the current thread, or in another one."""
        with self.db.write() as tx:
            thread_id = thread or self.threads.current(tx, CHAT).id
            return self.threads.add(tx, NewMessage(thread_id, role, text, label, **more))

    def new_thread(self, name=None):
        with self.db.write() as tx:
            return self.threads.new(tx, CHAT, name).id

    def remember(self, text, category=Category.FACT, **more):
        with self.db.write() as tx:
            return self.records.remember(tx, NewRecord(category, text, **more), OWNER)

    def facts(self):
        """The words of all facts that are alive."""
        with self.db.read() as tx:
            return [each.text for each in self.records.standing(tx, Label.PRIVATE)]

    def found(self, words, reader=Label.PRIVATE):
        with self.db.read() as tx:
            return [hit.text for hit in self.search.find(tx, Query(words, reader)).hits]

    def turn(self, text, *, label=Label.OPEN, **more):
        """The owner asks; the turn that the bot would start."""
        kept = self.say(text, label=label)
        given = {"language": "en", "label": label, "reply_to": 7, **more}
        return Turn(CHAT, kept.thread_id, kept.id, text[:400], **given)


class Desk:
    """A world with an engine: chat turns and the finding of facts."""

    def __init__(self, world, script, folder):
        self.world = world
        path = folder / "script.json"
        path.write_text(json.dumps({"rules": script}, ensure_ascii=False), encoding="utf-8")
        settings = config.Settings(_env_file=None, MASK_SCRIPTED_MODEL=path)
        self.pool = open_pool(settings, world.clock)
        room = fact_steps.FactsRoom(
            db=world.db,
            clock=world.clock,
            unread=world.unread,
            proposals=world.proposals,
            records=world.records,
            window=lambda _label: 8000,
        )
        registry = Registry(
            [
                *bind(conversation_steps, world.room),
                *bind(remembering, world.room),
                *bind(summary, world.room),
                *bind(fact_steps, room),
                *bind(llm_steps, llm_steps.Room(self.pool)),
            ],
            [turn.chat_turn, summary.summarise_thread, facts.extract_facts],
        )
        self.keeper = LeaseKeeper(world.db, world.clock)
        self.mailbox = Mailbox(world.db, world.clock, NoWake(), lambda _tx: CHAT)
        ends = Endings(
            registry,
            world.clock,
            NoWake(),
            self.mailbox.put,
            halt=lambda *_: None,
            asking=NobodyAsks(),
        )
        parts = Parts(
            db=world.db,
            clock=world.clock,
            registry=registry,
            guard=OpenGuard(),
            asking=NobodyAsks(),
            wake=NoWake(),
            live=NoLiveText(),
            places=Nodes(world.db, world.clock),
            ends=ends,
            send=lambda *_: None,
        )
        self.engine = Engine(parts, self.keeper)

    def start(self, workflow, args, label=Label.OPEN):
        with self.world.db.write() as tx:
            return self.world.runs.start(tx, workflow, args, chat_id=CHAT, label=label)

    def work(self):
        """Advance everything that is ready, oldest first."""
        while ready := self.listed(states=[RunState.READY]):
            self.engine.advance(ready[-1].id)

    def extract(self, **more):
        """One run of `extract_facts`, at once; its row."""
        run_id = self.start(facts.extract_facts, ExtractFacts(**more))
        self.work()
        return next(run for run in self.listed() if run.id == run_id)

    def listed(self, **more):
        with self.world.db.read() as tx:
            return self.world.runs.list(tx, **more)

    def steps(self, run_id):
        with self.world.db.read() as tx:
            return self.world.runs.steps(tx, run_id)

    def notices(self, kind=None):
        with self.world.db.read() as tx:
            rows = tx.execute(sa.select(notices).order_by(notices.c.id)).all()
        found = [notice_rows.read(row).notice for row in rows]
        return [each for each in found if kind in {None, each.kind}]

    def close(self):
        self.keeper.stop()
        self.pool.close()


@contextmanager
def desk_over(world, script, folder):
    desk = Desk(world, script, folder)
    try:
        yield desk
    finally:
        desk.close()
