"""The audit is a chain: what is changed, cut or put in shows, here or at another place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import seal
from core.approvals.audit import Audit, PeerHead
from core.approvals.audit_chain import Head
from core.approvals.tables import audit, audit_heads
from core.clock import ManualClock
from core.db import Database, Transaction, open_sqlite
from ops import metadata
from ops.environment import ROOT


def fill(db: Database, clock: ManualClock, many: int = 10) -> Audit:
    books = Audit(clock)
    for number in range(many):
        clock.advance(1)
        with db.write() as tx:
            books.record(tx, "approved", "telegram:42", approval=f"{number:032x}", n=number)
    return books


def verify(db: Database) -> list[tuple[int, str]]:
    with db.read() as tx:
        return [(each.seq, each.why) for each in Audit(ManualClock()).verify(tx).breaks]


def change(db: Database, seq: int, **values: object) -> None:
    with db.write() as tx:
        tx.execute(sa.update(audit).where(audit.c.seq == seq).values(**values))


def test_an_untouched_chain_holds_and_its_numbers_have_no_gaps(
    database: Database, clock: ManualClock
) -> None:
    books = fill(database, clock)
    with database.read() as tx:
        found = books.verify(tx)
        assert (found.rows, found.older, found.breaks) == (10, 0, [])
        assert found.head == books.head(tx)
        assert [row.seq for row in books.rows(tx)] == list(range(1, 11))


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "denied"},
        {"actor": "telegram:43"},
        {"detail": {"approval": "0" * 32, "n": 5}},
        {"hash": "0" * 64},
    ],
)
def test_a_changed_row_shows(database: Database, clock: ManualClock, values) -> None:
    fill(database, clock)
    change(database, 5, **values)
    assert verify(database)[0] == (5, "altered")


def test_a_changed_time_shows(sqlite_database: Database, clock: ManualClock) -> None:
    fill(sqlite_database, clock)
    change(sqlite_database, 5, at=clock.now())
    assert verify(sqlite_database) == [(5, "altered")]


def test_a_row_taken_out_of_the_middle_shows(database: Database, clock: ManualClock) -> None:
    fill(database, clock)
    with database.write() as tx:
        tx.execute(sa.delete(audit).where(audit.c.seq == 5))
    assert verify(database) == [(6, "gap")]


def test_a_row_put_in_behind_the_chain_shows(sqlite_database: Database, clock) -> None:
    fill(sqlite_database, clock)
    with sqlite_database.write() as tx:
        values = {"seq": 11, "at": clock.now(), "kind": "approved", "actor": "x", "detail": {}}
        tx.execute(sa.insert(audit).values(**values))
    assert verify(sqlite_database) == [(11, "unsealed")]


def test_rows_from_before_the_chain_are_sealed_by_its_first_row(
    database: Database, clock: ManualClock
) -> None:
    with database.write() as tx:
        for number in (1, 2, 3):
            old = {"seq": number, "at": clock.now(), "kind": "paired", "actor": "x", "detail": {}}
            tx.execute(sa.insert(audit).values(**old))
    fill(database, clock, 2)
    with database.read() as tx:
        found = Audit(clock).verify(tx)
        assert (found.rows, found.older, found.holds) == (5, 3, True)
    change(database, 2, kind="denied")
    assert verify(database) == [(4, "older")]


def test_the_end_cut_off_is_seen_by_who_noted_the_head(
    database: Database, clock: ManualClock
) -> None:
    books = fill(database, clock)
    with database.read() as tx:
        head = books.head(tx)
    assert head is not None
    with database.write() as tx:
        tx.execute(sa.delete(audit).where(audit.c.seq > 7))
    assert verify(database) == []  # nothing inside shows it
    with database.read() as tx:
        assert not books.knows(tx, head)
    fill(database, clock, 3)  # another row has that number now
    with database.read() as tx:
        assert not books.knows(tx, head)


def test_a_head_that_goes_back_is_told_once_and_recorded(
    database: Database, clock: ManualClock
) -> None:
    books = Audit(clock)

    def told(seq: int, letter: str) -> PeerHead:
        with database.write() as tx:
            return books.note_peer_head(tx, "pc", seq, letter * 64)

    assert [told(5, "a"), told(5, "a"), told(9, "b")] == [PeerHead.NEW, PeerHead.SAME, PeerHead.NEW]
    assert told(7, "c") is PeerHead.CUT
    assert told(7, "c") is PeerHead.SAME
    assert told(8, "d") is PeerHead.NEW
    assert told(8, "e") is PeerHead.CUT
    with database.read() as tx:
        assert books.noted(tx, "pc") == Head(8, "e" * 64)
        cuts = [row for row in books.rows(tx) if row.kind == "peer-audit-cut"]
    assert [row.detail["was_seq"] for row in cuts] == [9, 8]
    assert cuts[0].detail["was_hash"] == "b" * 64


def test_many_writers_at_once_make_one_chain(database: Database, clock: ManualClock) -> None:
    from concurrent.futures import ThreadPoolExecutor

    books = Audit(clock)

    def record(number: int) -> None:
        with database.write() as tx:
            books.record(tx, "approved", "telegram:42", n=number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, range(60)))
    with database.read() as tx:
        found = books.verify(tx)
    assert (found.rows, found.holds) == (60, True)


def test_the_newest_head_is_told_after_the_commit_and_not_before(
    sqlite_database: Database, clock: ManualClock
) -> None:
    heads: list[Head] = []
    books = Audit(clock, heads.append)
    with suppress(ZeroDivisionError), sqlite_database.write() as tx:
        books.record(tx, "approved", "x")
        assert 1 / len(heads)
    assert heads == []
    with sqlite_database.write() as tx:
        books.record(tx, "approved", "x")
        assert heads == []
    with sqlite_database.read() as tx:
        assert heads == [books.head(tx)]


# -- the command, as its own process


class Site:
    """A place's folder with a database, and `ops audit` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        master = seal.open_master(folder)
        self.db = open_sqlite(folder / "memory.db", master.database_key())
        metadata.whole().create_all(self.db.engine)

    def audit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        keep = ("PATH", "SYSTEMROOT", "LANG", "VIRTUAL_ENV")
        env = {name: os.environ[name] for name in keep if name in os.environ}
        code = (
            f"import sys; from ops.commands import audit; sys.exit(audit.main({list(arguments)!r}))"
        )
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.folder,
            env={**env, "MASK_HOME": str(self.folder), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def site(tmp_path: Path):
    found = Site(tmp_path)
    yield found
    found.db.close()


def test_the_command_verifies_offline_and_names_what_is_broken(site: Site, clock) -> None:
    fill(site.db, clock)
    well = site.audit("verify")
    assert (well.returncode, "holds: 10 rows" in well.stdout) == (0, True), well.stderr
    change(site.db, 4, actor="somebody")
    ill = site.audit("verify")
    assert ill.returncode == 1
    assert "row 4 was changed" in ill.stderr


def test_what_another_machine_noted_shows_a_cut_chain(site: Site, clock, tmp_path: Path) -> None:
    books = fill(site.db, clock)
    with site.db.read() as tx:
        head = books.head(tx)
    assert head is not None
    noted = tmp_path / "noted.json"
    row = {"place": "home", "seq": head.seq, "hash": head.hash, "seen_at": "now"}
    noted.write_text(json.dumps({"noted_by": "pc", "heads": [row]}), "utf-8")
    assert site.audit("verify", "--heads", str(noted)).returncode == 0
    with site.db.write() as tx:
        tx.execute(sa.delete(audit).where(audit.c.seq > 8))
    assert site.audit("verify").returncode == 0
    ill = site.audit("verify", "--heads", str(noted))
    assert (ill.returncode, "pc noted row 10" in ill.stderr) == (1, True)


def test_a_machine_prints_what_it_noted_of_others(site: Site, clock) -> None:
    with site.db.write() as tx:
        Audit(clock).note_peer_head(tx, "pc", 3, "a" * 64)
    said = json.loads(site.audit("heads").stdout)
    assert said["noted_by"] == "home"
    assert [(each["place"], each["seq"]) for each in said["heads"]] == [("pc", 3)]


def test_without_a_database_the_command_says_so_and_makes_none(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.db.close()
    shutil.move(tmp_path / "memory.db", tmp_path / "elsewhere.db")
    assert "no database" in site.audit("verify").stderr
    assert not (tmp_path / "memory.db").exists()


def test_noted_heads_are_kept_per_place(sqlite_database: Database, clock) -> None:
    books = Audit(clock)
    with sqlite_database.write() as tx:
        books.note_peer_head(tx, "pc", 3, "a" * 64)
        books.note_peer_head(tx, "laptop", 1, "b" * 64)
        assert books.noted(tx, "pc") == Head(3, "a" * 64)
        assert count(tx) == 2


def count(tx: Transaction) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(audit_heads)).scalar_one())
