"""Memory as a document of the chat, through the engine; and as a file of the machine."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.memory.record_model import Category, NewRecord
from core.runs.blobs import Blobs
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
from core.runs.steps import bind
from core.runs.tables import notices
from core.upkeep import carrying
from core.upkeep.model import ExportMemory, ImportMemory
from tests.integration.forget_world import OWNER
from tests.integration.test_records_carrying import carrying_world


class Desk:
    """An engine that carries, advanced by hand."""

    def __init__(self, db, clock):
        self.memory = carrying_world(db, clock)
        self.db, self.blobs = db, Blobs(db, clock, "home")
        room = carrying.CarryRoom(db, self.memory.carries, self.blobs)
        workflows = [carrying.export_memory, carrying.import_memory]
        registry = Registry(bind(carrying, room), workflows)
        mailbox = Mailbox(db, clock, NoWake(), lambda _tx: 7)
        ends = Endings(registry, clock, NoWake(), mailbox.put, lambda *_: None, NobodyAsks())
        self.keeper = LeaseKeeper(db, clock)
        parts = Parts(
            db=db,
            clock=clock,
            registry=registry,
            guard=OpenGuard(),
            asking=NobodyAsks(),
            wake=NoWake(),
            live=NoLiveText(),
            places=Nodes(db, clock),
            ends=ends,
            send=lambda *_: None,
        )
        self.engine = Engine(parts, self.keeper)

    def run(self, workflow, args):
        with self.db.write() as tx:
            run_id = self.memory.runs.start(tx, workflow, args)
        self.engine.advance(run_id)
        with self.db.read() as tx:
            return self.memory.runs.get(tx, run_id)

    def told(self):
        with self.db.read() as tx:
            return [read_notice(row).notice for row in tx.execute(sa.select(notices))]

    def remember(self, text, **more):
        with self.db.write() as tx:
            new = NewRecord(Category.NOTE, text, **more)
            return self.memory.records.remember(tx, new, OWNER).record


@pytest.fixture
def desk(sqlite_database, clock):
    desk = Desk(sqlite_database, clock)
    yield desk
    desk.keeper.stop()


def test_an_export_is_a_private_document_for_whoever_asked(desk):
    desk.remember("the gate opens with 4411", label=Label.PRIVATE)
    run = desk.run(carrying.export_memory, ExportMemory("json", 7, 41))
    assert (run.state, run.label) == (RunState.DONE, Label.PRIVATE)
    (told,) = desk.told()
    assert (told.kind, told.chat_id, told.reply_to, told.label) == (
        "memory-document", 7, 41, Label.PRIVATE,
    )  # fmt: skip
    assert told.params["rows"] == {"records": 1}
    assert "4411" not in str(told)
    content = desk.blobs.content(told.params["blob"])
    assert "4411" in content.decode()
    with desk.db.read() as tx:
        ref = desk.blobs.find(tx, told.params["blob"])
    assert (ref.label, ref.media) == (Label.PRIVATE, "application/json")


def test_chosen_records_are_all_that_is_exported(desk):
    one, _two = desk.remember("first"), desk.remember("second")
    desk.run(carrying.export_memory, ExportMemory("markdown", 7, None, (one.id,)))
    (told,) = desk.told()
    text = desk.blobs.content(told.params["blob"]).decode()
    assert "first" in text
    assert "second" not in text
    assert (told.params["form"], told.params["rows"]) == ("markdown", {"records": 1})


def test_a_document_comes_in_and_what_it_brought_is_told(desk):
    rows = [{"content": "likes tea"}, {"content": None}]
    with desk.db.write() as tx:
        kept = desk.blobs.keep(tx, json.dumps(rows).encode(), Label.PRIVATE)
    run = desk.run(carrying.import_memory, ImportMemory(kept.sha256, 7, 41))
    assert run.state is RunState.DONE
    (told,) = desk.told()
    assert (told.kind, told.params["rows"], told.params["unreadable"]) == (
        "memory-imported", {"records": 1}, 1,
    )  # fmt: skip


def test_a_document_that_is_no_memory_fails_with_its_reason(desk):
    with desk.db.write() as tx:
        kept = desk.blobs.keep(tx, b"\x00\x01", Label.PRIVATE)
    run = desk.run(carrying.import_memory, ImportMemory(kept.sha256, 7, 41))
    assert run.state is RunState.FAILED
    assert run.error["code"] == "memory-file"
    assert desk.run(carrying.import_memory, ImportMemory("0" * 64)).error["code"] == "blob-missing"
