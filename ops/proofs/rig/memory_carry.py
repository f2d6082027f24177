"""Memory exported, wiped, imported: the same by content hash; what is five years old is found.

A home with talk, records, their history, a summary and its archive is written into one file, taken
into an empty home under another key, and from there into a third. Five columns of JSON, the usual
way, run beside it.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from core.db import Transaction
from core.ids import ThreadId
from core.memory import message_store
from core.memory.model import NewMessage, Role
from core.memory.record_model import Category, NewRecord
from core.memory.search_model import Found, ItemKind, Query
from core.memory.summary_model import Batch, Checked, Draft, Original, Point, SummaryState
from core.memory.tables import archives, messages, records
from core.runs.model import Label
from ops.proofs.naive import memory_carrying as naive
from ops.proofs.rig.memory_rest_home import CHAT, OWNER, Home, home
from ops.proofs.rig.report import Dose, Verdict, table

ITEMS, A_THREAD, PORTION = 10_000, 500, 200
YEARS_BACK = timedelta(days=5 * 365)
#: Of the records, every so many is edited, made private, retired.
EDITED, PRIVATE, RETIRED = 5, 7, 11
OLD = "the boat named Ruposhi was sold for 48200 taka"
#: Records of one kept summary, whose words are archived.
SUMMARISED = 40


@dataclass(frozen=True)
class Carried:
    """One way of carrying: how long, how large, and what came out."""

    way: str
    size: int
    out_s: float
    in_s: float
    rows: int
    is_same: bool


def prove(dose: Dose) -> Verdict:
    """Ours, archived and live, then the usual way."""
    verdict = Verdict("carry")
    with tempfile.TemporaryDirectory(prefix="mask-carry-") as name:
        folder = Path(name)
        with home(folder / "first") as first:
            fill(first, dose.of(ITEMS, least=400))
            archive(first)
            before = first.content_hash()
            rows: list[tuple[str, ...]] = [("way", "MB", "out s", "in s", "rows", "the same")]
            with first.db.read() as tx:
                verdict.expect(_old(first, tx).hits[0].is_archived, "the old item is not archived")
                verdict.expect(tx.execute(sa.select(archives)).first(), "nothing is archived")
            done = _carry(first, folder / "second", before)
            rows.append(_row(done))
            again = _back(folder / "second", folder / "third", before)
            rows.append(_row(again))
            usual = _naive(first, folder / "naive", before)
            rows.append(_row(usual))
        for line in table(rows):
            verdict.tell(line)
        verdict.expect(done.is_same, "what came in is another memory")
        verdict.expect(again.is_same, "carried on, it is another memory")
        verdict.expect(not usual.is_same, "five columns were enough: the hash proves nothing")
        _found_again(verdict, folder / "third")
    return verdict


def fill(first: Home, many: int) -> None:
    """Talk in threads; records with history, labels and tombstones; one item of five years back."""
    with first.db.write() as tx:
        at = first.clock.now() - YEARS_BACK
        first.memory.records.remember(tx, NewRecord(Category.TASK, OLD, happened_at=at), OWNER)
    for begin in range(0, many, PORTION):
        with first.db.write() as tx:
            is_new = begin % A_THREAD < PORTION
            threads = first.memory.threads
            thread = threads.new(tx, CHAT, f"part {begin}") if is_new else threads.current(tx, CHAT)
            for number in range(begin, min(begin + PORTION, many)):
                _item(first, tx, thread.id, number)


def _item(first: Home, tx: Transaction, thread_id: ThreadId, number: int) -> None:
    label = Label.PRIVATE if number % PRIVATE == 0 else Label.OPEN
    text = f"জিনিস {number}: the price is {number * 37} taka, said in part {number // 9}"
    if number % 2:
        role = Role.OWNER if number % 4 == 1 else Role.ASSISTANT
        first.memory.threads.add(tx, NewMessage(thread_id, role, text, label))
        return
    new = NewRecord(Category.NOTE, text, label, content={"n": number}, importance=number % 100)
    stored = first.memory.records.remember(tx, new, OWNER)
    if number % EDITED == 0:
        changed = f"{text}, or rather {number * 41}"
        first.memory.records.edit(tx, stored.record.id, OWNER, text=changed, is_pinned=True)
    if number % RETIRED == 0:
        first.memory.records.retire(tx, stored.record.id, OWNER)


def archive(first: Home) -> None:
    """A summary of some records, with the old one among them, kept and archived."""
    with first.db.write() as tx:
        free = sa.and_(records.c.is_pinned.is_(False), records.c.deleted_at.is_(None))
        oldest = sa.select(records).where(free, records.c.label == Label.OPEN)
        rows = tx.execute(oldest.order_by(records.c.happened_at).limit(SUMMARISED)).all()
        originals = tuple(
            Original(ItemKind.RECORD, r.id, r.seq, r.text, Label.OPEN, r.category, r.happened_at)
            for r in rows
        )
        draft = Draft(
            Batch("note", None, originals, Label.OPEN),
            SummaryState.KEPT,
            "Prices, and a boat.",
            (Point("A boat was sold.", ((ItemKind.RECORD, originals[0].id),)),),
            Checked(),
            Label.OPEN,
        )
        summary = first.memory.summaries.keep(tx, draft)
        first.memory.archives.pack(tx, summary.id)


def _carry(source: Home, folder: Path, before: str) -> Carried:
    begun = time.monotonic()
    with source.db.read() as tx:
        content = b"".join(source.memory.carries.export(tx, "json"))
    out_s = time.monotonic() - begun
    with home(folder) as second:
        begun = time.monotonic()
        with second.db.write() as tx:
            written = second.memory.carries.take(tx, content)
        in_s = time.monotonic() - begun
        is_same = written.content_hash == before == second.content_hash()
    is_whole = not written.skipped and not written.unreadable
    rows = sum(written.rows.values())
    return Carried("ours", len(content), out_s, in_s, rows, is_same and is_whole)


def _back(folder: Path, target: Path, before: str) -> Carried:
    with home(folder) as second:
        return _carry(second, target, before)


def _naive(source: Home, folder: Path, before: str) -> Carried:
    begun = time.monotonic()
    with source.db.read() as tx:
        content = naive.dumped(tx)
    out_s = time.monotonic() - begun
    with home(folder) as other:
        begun = time.monotonic()
        with other.db.write() as tx:
            written = other.memory.carries.take(tx, content)
        in_s = time.monotonic() - begun
    rows = sum(written.rows.values())
    return Carried(
        "naive: five columns", len(content), out_s, in_s, rows, written.content_hash == before
    )


def _found_again(verdict: Verdict, folder: Path) -> None:
    """The old item in the third home: live, with its date, and once."""
    with home(folder) as third, third.db.read() as tx:
        found = _old(third, tx)
        at = found.hits[0].at if found.hits else None
        verdict.tell(f"found after two journeys: {at:%Y-%m-%d}" if at else "not found")
        verdict.expect(found.hits and found.hits[0].text == OLD, "the old item is not found")
        verdict.expect(at and _is_old(third, at), "its date is another")
        damage = [row[0] for row in tx.connection.exec_driver_sql("PRAGMA integrity_check")]
        verdict.expect(damage == ["ok"], f"the database is damaged: {damage[:3]}")
        said = tx.execute(sa.select(messages).limit(1)).one()
        verdict.expect(message_store.kind_of(said.role), "messages have lost their speaker")


def _old(where: Home, tx: Transaction) -> Found:
    asked = Query("boat Ruposhi 48200", Label.PRIVATE, (ItemKind.RECORD,))
    return where.memory.search.find(tx, asked)


def _is_old(where: Home, at: datetime) -> bool:
    return abs(where.clock.now() - YEARS_BACK - at) < timedelta(hours=1)


def _row(done: Carried) -> tuple[str, ...]:
    same = "yes" if done.is_same else "no"
    megabytes = f"{done.size / 1e6:.1f}"
    return (done.way, megabytes, f"{done.out_s:.1f}", f"{done.in_s:.1f}", str(done.rows), same)
