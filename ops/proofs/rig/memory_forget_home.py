"""A home in which a string lies wherever a home can hold one, and the run that forgets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Json, Transaction, metadata
from core.execution import changes, file_archive
from core.execution.file_ports import Facts, Shape
from core.execution.file_tree import Entry
from core.execution.roots import Roots
from core.execution.trash import Trash
from core.execution.trash_words import TrashWords
from core.ids import new_id
from core.memory.forget_model import ForgetState, Holder, How, Receipt, Target
from core.memory.forget_registry import HOLDERS
from core.memory.mirror import MirrorWords
from core.memory.model import NewMessage, Role
from core.memory.record_model import Category, NewRecord
from core.memory.rest_ports import FileWords
from core.memory.search_model import ItemKind
from core.memory.summary_model import Batch, Checked, Draft, Original, Point, SummaryState
from core.memory.tables import records
from core.memory.wiping import Wipe
from core.runs.blobs import Blobs
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.gate_fakes import NobodyAsks, OpenGuard
from core.runs.leases import LeaseKeeper
from core.runs.mailbox import Mailbox
from core.runs.model import Label
from core.runs.parallel import Parallel
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind
from core.runs.sweeper import Sweeper
from core.runs.tables import runs
from core.upkeep import forgetting, forgetting_here
from core.upkeep.forget_files import FolderWords
from core.upkeep.model import ForgetOrder
from ops.proofs.rig.memory_rest_home import CHAT, OWNER, Home

#: Columns that the stores themselves write, so that their index comes along.
STORED = {("records", "text"), ("messages", "text"), ("summaries", "text")}
#: Bytes of a blob around the string: it lies across two of its parts.
BLOB_BYTES = 48 * 1024 - 7


@dataclass
class Bench:
    """What forgetting works with, over one home."""

    home: Home
    trash: Trash
    keepers: tuple[FileWords, ...]
    engine: Engine
    sweeper: Sweeper
    runs: Runs

    def forget(self, record_id: str, string: str) -> Receipt:
        """Order and run, to its end."""
        forgets = self.home.memory.forgets
        with self.home.db.write() as tx:
            order = forgets.order(tx, [Target(ItemKind.RECORD, record_id)], [string])
            order_id = forgets.ask(tx, order, OWNER)
            run_id = self.runs.start(tx, forgetting.forget, ForgetOrder(order_id, CHAT))
        assert run_id is not None
        for _ in range(200):
            self.engine.advance(run_id)
            with self.home.db.read() as tx:
                receipt = forgets.receipt(tx, order_id)
                run = self.runs.get(tx, run_id)
            is_over = run is not None and run.state.is_final
            if receipt.state is ForgetState.DONE and is_over:
                return receipt
            for work in self.sweeper.due():
                work()
        raise RuntimeError("the run that forgets does not end")


@contextmanager
def bench(home: Home) -> Iterator[Bench]:
    """Everything that home's worker has for forgetting."""
    folder, db, clock = home.settings.home, home.db, home.clock
    key = home.master.subkey("trash")
    trash = Trash(folder / "trash", key, db, clock, Roots({}, folder))
    keepers = (
        MirrorWords(home.memory.mirror),
        TrashWords(trash, key),
        FolderWords("scratch", folder, "scratch/**/*"),
        FolderWords("log", folder, "logs/*.log*", as_lines=True),
    )
    nodes, runs_of = Nodes(db, clock), Runs(clock, NoWake())
    room = forgetting.ForgetRoom(db, home.memory.forgets, keepers, Wipe(db), nodes.all)
    registry = Registry(bind(forgetting, room), [forgetting.forget], [forgetting_here.here.spec])
    mailbox = Mailbox(db, clock, NoWake(), lambda _tx: CHAT)
    keeper = LeaseKeeper(db, clock)
    parts = Parts(
        db=db,
        clock=clock,
        registry=registry,
        guard=OpenGuard(),
        asking=NobodyAsks(),
        wake=NoWake(),
        live=NoLiveText(),
        places=nodes,
        ends=Endings(registry, clock, NoWake(), mailbox.put, lambda *_: None, NobodyAsks()),
        send=lambda *_: None,
    )
    engine = Engine(parts, keeper)
    step = Parallel(parts, keeper).run_step
    sweeper = Sweeper(db, clock, advance=engine.advance, run_step=step)
    try:
        yield Bench(home, trash, keepers, engine, sweeper, runs_of)
    finally:
        keeper.stop()


def plant(at: Bench, string: str) -> str:
    """The string wherever a home can hold one; the record's id."""
    home = at.home
    with home.db.write() as tx:
        record_id = _remembered(home, tx, string)
        for number, holder in enumerate(HOLDERS):
            if holder.how in {How.TEXT, How.JSON, How.ROW} and (
                (holder.table, holder.column) not in STORED
            ):
                _put(tx, holder, string, f"{record_id[:20]}{number}", home.clock.now())
        store = Blobs(home.db, home.clock, HOME)
        store.keep(tx, b"a" * BLOB_BYTES + string.encode() + b"b" * 999, Label.OPEN)
    _on_disk(at, string)
    return record_id


def _remembered(home: Home, tx: Transaction, string: str) -> str:
    """Said, answered, remembered, edited, summarised, archived."""
    thread = home.memory.threads.current(tx, CHAT)
    said = home.memory.threads.add(
        tx, NewMessage(thread.id, Role.OWNER, f"remember {string}, will you")
    )
    home.memory.threads.add(
        tx, NewMessage(thread.id, Role.ASSISTANT, f"I keep: {string}", parent_id=said.id)
    )
    new = NewRecord(Category.NOTE, f"first, {string}", message_id=said.id, content={"a": string})
    record = home.memory.records.remember(tx, new, OWNER).record
    home.memory.records.edit(tx, record.id, OWNER, text=string)
    other = NewRecord(Category.NOTE, f"beside it: {string}, in an archive")
    packed = home.memory.records.remember(tx, other, OWNER).record
    row = tx.execute(sa.select(records).where(records.c.id == packed.id)).one()
    original = Original(
        ItemKind.RECORD, row.id, row.seq, row.text, Label.OPEN, row.category, row.happened_at
    )
    draft = Draft(
        Batch("note", None, (original,), Label.OPEN),
        SummaryState.KEPT,
        f"In short: {string}.",
        (Point(f"There was {string}.", ((ItemKind.RECORD, row.id),)),),
        Checked(),
        Label.OPEN,
    )
    summary = home.memory.summaries.keep(tx, draft)
    home.memory.archives.pack(tx, summary.id)
    return record.id


def _put(tx: Transaction, holder: Holder, string: str, key: str, now: datetime) -> None:
    """A row of the holder's table whose column holds the string."""
    table = metadata.tables[holder.table]
    unique = (each for each in table.constraints if isinstance(each, sa.UniqueConstraint))
    own = {*table.primary_key, *(column for each in unique for column in each.columns)}
    values = {
        column.name: _filler(column, key, now, is_own=column in own)
        for column in table.columns
        if column.name == holder.column
        or not (column.nullable or column.autoincrement is True or column.default is not None)
    }
    is_json = holder.how is How.JSON or isinstance(table.c[holder.column].type, Json)
    value: Any = {"told": [f"so: {string}!"]} if is_json else f"so: {string}!"
    if is_json and not isinstance(table.c[holder.column].type, Json):
        value = json.dumps(value)
    if table.name in {"runs", "steps"}:
        values |= {"state": "done"}
    if table.name == "nodes":
        values |= {"revoked": True}  # it has no keys, so nobody may talk to it
    if table.name == "steps":
        run = {"id": values["run_id"], "workflow": "w", "version": 1, "args": {}, "round": 0}
        run |= {"state": "done", "label": "open", "created_at": now, "updated_at": now}
        tx.execute(sa.insert(runs).values(**run))
    if table.name == "messages":
        return
    tx.execute(sa.insert(table).values(**{**values, holder.column: value}))


def _filler(column: sa.Column[Any], key: str, now: datetime, *, is_own: bool) -> Any:
    kind = column.type
    if isinstance(kind, Json):
        return {}
    if isinstance(kind, sa.LargeBinary):
        return b""
    if isinstance(kind, sa.String):
        return key[: kind.length] if is_own else "x"
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.BigInteger | sa.Integer):
        return int(key, 16) % (1 << 53) if is_own else 1
    return now


def _on_disk(at: Bench, string: str) -> None:
    """Trash, scratch, a log."""
    folder = at.home.settings.home
    change_id = new_id()
    kept = at.trash.folder / change_id / "0"
    kept.parent.mkdir(parents=True)
    facts = Facts(Shape.FILE, len(string), 0o600, 0, 0, 0, 1)
    with kept.open("wb") as file:
        key = at.home.master.subkey("trash")
        writer = file_archive.Writer(file, key, f"{change_id}/0")
        writer.entry(Entry((), facts, None))
        writer.data(f"a file that said {string}".encode())
        writer.close()
    with at.home.db.write() as tx:
        part = changes.Part("sandbox", ("letter.txt",), "a" * 64, None, "file", "0", 9)
        row = changes.begun(change_id, "run", "0", "delete_file", [part], at.home.clock.now())
        changes.add(tx, row)
    for name, text in (
        ("scratch/note.txt", string),
        ("logs/worker.log", f"line\nit said {string}"),
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
