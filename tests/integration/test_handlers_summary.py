"""A long thread is summarised by a run of its own, through the real engine."""

import json

import pytest

from core import config
from core.conversation import steps as conversation_steps
from core.conversation import summary, turn
from core.conversation.ports import ConversationRoom
from core.llm import steps as llm_steps
from core.llm.service import open_pool
from core.memory.context_gathering import Contexts
from core.memory.model import NewMessage, Role
from core.memory.threads import Threads
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
from tests.integration.handlers_house import OWNER, Chat

WINDOW = 4000


class Desk(Chat):
    """The handlers' house with an engine that is advanced by hand."""

    def __init__(self, database, clock, script, folder):
        super().__init__(database, clock)
        path = folder / "script.json"
        path.write_text(json.dumps({"rules": script}))
        settings = config.Settings(_env_file=None, MASK_SCRIPTED_MODEL=path)
        self.pool = open_pool(settings, clock)
        self.runs_facade = Runs(clock, NoWake())
        room = ConversationRoom(
            db=database,
            threads=Threads(database, clock, "home"),
            clock=clock,
            runs=self.runs_facade,
            window=lambda _label: WINDOW,
        )
        registry = Registry(
            [
                *bind(conversation_steps, room),
                *bind(summary, room),
                *bind(llm_steps, llm_steps.Room(self.pool)),
            ],
            [turn.chat_turn, summary.summarise_thread],
        )
        self.keeper = LeaseKeeper(database, clock)
        mailbox = Mailbox(database, clock, NoWake(), lambda _tx: OWNER)
        ends = Endings(
            registry, clock, NoWake(), mailbox.put, halt=lambda *_: None, asking=NobodyAsks()
        )
        parts = Parts(
            db=database,
            clock=clock,
            registry=registry,
            guard=OpenGuard(),
            asking=NobodyAsks(),
            wake=NoWake(),
            live=NoLiveText(),
            places=Nodes(database, clock),
            ends=ends,
            send=lambda *_: None,
        )
        self.engine = Engine(parts, self.keeper)

    def work(self):
        """Advance everything that is ready, oldest first."""
        while ready := self.runs(states=[RunState.READY]):
            self.engine.advance(ready[-1].id)

    def close(self):
        self.keeper.stop()
        self.pool.close()


SCRIPT = [
    {"when_system": "memory of a long conversation", "reply": "They spoke of the sea."},
    {"when": "", "reply": "I see."},
]


@pytest.fixture
def desk(sqlite_database, clock, tmp_path):
    desk = Desk(sqlite_database, clock, SCRIPT, tmp_path)
    yield desk
    desk.close()


def thread_of(desk):
    with desk.house.db.read() as tx:
        return desk.house.threads.get(tx, OWNER, desk.runs()[-1].thread_id)


def test_a_thread_that_fits_the_window_has_no_summary(desk):
    desk.say("a short word")
    desk.work()
    assert [run.workflow for run in desk.runs()] == ["chat_turn"]
    assert thread_of(desk).summary is None


def test_a_thread_that_outgrows_the_window_is_summarised_once_and_goes_on(desk):
    for number in range(4):
        desk.say(f"{number} " + "the sea " * 200)
        desk.work()
    thread = thread_of(desk)
    assert thread.summary == "They spoke of the sea."
    summaries = desk.runs(workflows=["summarise_thread"])
    assert {run.state for run in summaries} == {RunState.DONE}
    desk.say("and now?")
    desk.work()
    request = recalled(desk)
    assert "They spoke of the sea." in request["messages"][0]["content"]
    assert request["messages"][-1]["content"] == "and now?"
    assert len(request["messages"]) < 8


def test_a_summary_of_a_private_turn_is_private(desk):
    with desk.house.db.write() as tx:
        thread = desk.house.threads.current(tx, OWNER)
        said = [
            desk.house.threads.add(
                tx, NewMessage(thread.id, Role.OWNER, f"canary {n}", Label.PRIVATE)
            )
            for n in range(3)
        ]
        args = summary.Summarise(thread.id, said[-1].seq, "en", Label.PRIVATE)
        desk.runs_facade.start(tx, summary.summarise_thread, args, label=Label.PRIVATE)
    desk.work()
    with desk.house.db.read() as tx:
        assert desk.house.threads.get(tx, OWNER, thread.id).label is Label.PRIVATE
        budget = conversation_steps.shares(4000)
        seen = Contexts().built(tx, thread.id, Label.OPEN, budget)
    assert seen.placeholders
    assert not any("sea" in item.text for item in seen.items)


def test_when_no_model_answers_the_thread_stays_whole(sqlite_database, clock, tmp_path):
    script = [
        {"when_system": "memory of", "fail": {"failure": "bad-request"}},
        {"when": "", "reply": "I see."},
    ]
    desk = Desk(sqlite_database, clock, script, tmp_path)
    for number in range(4):
        desk.say(f"{number} " + "the sea " * 200)
        desk.work()
    desk.close()
    (first, *_) = desk.runs(workflows=["summarise_thread"])
    assert (first.state, first.result) == (RunState.DONE, {"kept": False})
    assert thread_of(desk).summary is None
    assert [row.notice.kind for row in desk.notices()] == ["answer"] * 4


def test_the_quoted_text_reaches_the_model(desk):
    desk.say("What does this mean?", quoted="line one\nline two")
    desk.work()
    assert (
        "> line one\n> line two\n\nWhat does this mean?"
        in recalled(desk)["messages"][-1]["content"]
    )


def test_the_model_is_told_the_language(desk):
    desk.say("আজ কী বার?")
    desk.work()
    assert "Answer in Bengali" in recalled(desk)["messages"][0]["content"]


def recalled(desk):
    newest = desk.runs(workflows=["chat_turn"])[0]
    with desk.house.db.read() as tx:
        steps = desk.runs_facade.steps(tx, newest.id)
    return next(step.outcome for step in steps if step.name == "conversation.recall")
