"""A damaged database is moved aside and rebuilt from what can be read and from the mirror."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import schema
from core.approvals.audit import Audit
from core.approvals.incarnation import Incarnation, Record
from core.config import Settings, SettingsError
from core.db import EPOCH, open_sqlite
from core.errors import Broken, Refused
from core.memory import state_names
from core.memory.preferences import Preferences
from core.memory.rest_model import Damage
from core.memory.search_tables import search_items
from core.memory.tables import memory_state, messages, records, threads
from core.runs.model import RunState
from core.runs.ports import NoWake
from core.runs.tables import runs
from core.upkeep import rebuilding
from core.upkeep.integrity import Integrity
from core.upkeep.repair import AsideWords, asides, told
from tests.integration.rest_world import MASTER, House, digest_of, page_count, spoil

PAGE = 4096


@pytest.fixture
def house(tmp_path: Path):
    """Three hundred messages and records; mirrored; then one message more. Nothing is open."""
    made = House(tmp_path)
    made.fill(300)
    made.db.empty_wal()
    made.mirror.write()
    made.say("after the mirror")
    made.digest = digest_of(made.db)
    made.shut()
    yield made
    made.shut()


def root_of(house: House, table: str) -> int:
    with house.db.read() as tx:
        query = sa.text("SELECT rootpage FROM sqlite_schema WHERE name = :name")
        found = tx.execute(query, {"name": table}).scalar()
    house.shut()
    return found


def repaired(house: House):
    repair = house.repair
    return repair.repair(repair.check())


# -- the check -----------------------------------------------------------------------------------


def test_a_whole_database_is_found_whole(house: House) -> None:
    found = house.repair.check()

    assert (found.damage, found.findings) == (Damage.NONE, ())
    assert found.size == house.path.stat().st_size


@pytest.mark.parametrize("offset", [0, 100, 2000, 4015, 4016, 4040, 4095])
def test_one_changed_byte_anywhere_in_a_page_is_found(house: House, offset: int) -> None:
    root = root_of(house, "messages")
    content = bytearray(house.path.read_bytes())
    content[(root - 1) * PAGE + offset] ^= 0x10
    house.path.write_bytes(bytes(content))

    assert house.repair.check().damage is Damage.PAGES


def test_a_first_page_that_is_gone_is_damage_and_a_strangers_file_is_a_matter_of_keys(
    house: House,
) -> None:
    spoil(house.path, 1, at=0, by=bytes(PAGE))
    assert house.repair.check().damage is Damage.PAGES

    stranger = open_sqlite(house.folder / "stranger.db", bytes(range(9, 57)))
    with stranger.write() as tx:
        tx.connection.exec_driver_sql("CREATE TABLE t (x)")
    stranger.close()
    shutil.move(house.folder / "stranger.db", house.path)
    assert house.repair.check().damage is Damage.KEY


def test_a_row_without_its_parent_is_found(house: House) -> None:
    with house.db.alone() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("UPDATE messages SET thread_id = 'nobody' WHERE seq = 3")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")

    found = house.integrity.check()

    assert found.damage is Damage.ORPHANS
    assert found.findings == ("messages 3 without threads",)


def test_what_the_index_says_of_itself_is_not_damage_of_the_file(house: House) -> None:
    integrity = Integrity(house.db, index=lambda _tx: ("words of message 4 are missing",))

    found = integrity.check()

    assert found.damage is Damage.INDEX
    assert found.findings == ("words of message 4 are missing",)


def test_an_index_that_cannot_be_read_is_the_index_only(house: House) -> None:
    with house.db.write() as tx:
        words = "INSERT INTO search_words(rowid, text) VALUES (1, 'one two three')"
        tx.connection.exec_driver_sql(words)
    with house.db.write() as tx:
        spoilt = "UPDATE search_words_data SET block = x'0000' WHERE id > 100"
        tx.connection.exec_driver_sql(spoilt)
    house.shut()

    def look(tx) -> tuple[str, ...]:
        ask = "INSERT INTO search_words(search_words) VALUES('integrity-check')"
        tx.connection.exec_driver_sql(ask)
        return ()

    found = Integrity(house.db, index=look).check()

    assert found.damage is Damage.INDEX
    assert len(found.findings) == 1


def test_an_index_that_does_not_fit_is_built_at_the_next_start(house: House) -> None:
    row = {"name": state_names.INDEX, "value": "v1", "changed_at": house.clock.now()}
    with house.db.write() as tx:
        tx.execute(sa.insert(memory_state).values(**row))
    house.shut()

    house.repair.forget_index()

    with house.db.read() as tx:
        assert tx.execute(sa.select(memory_state.c.name)).scalars().all() == ["clock", "mirror"]


def test_a_locked_database_is_not_called_damaged(house: House) -> None:
    slow = open_sqlite(house.path, MASTER.database_key(), busy_s=0.05)
    holder = House(house.folder)
    with holder.db.alone() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        blocked = Integrity(_without_lock(slow))
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            blocked.check()
        connection.exec_driver_sql("ROLLBACK")
    holder.shut()
    slow.close()


def _without_lock(db):
    from core.db import Database

    return Database(db.engine, None, db.patience)


# -- the repair ----------------------------------------------------------------------------------


def test_whatever_single_page_is_damaged_memory_is_the_same_again(house: House) -> None:
    """A sample over the whole file, the first and the last page with it."""
    dice = random.Random(5)
    many = page_count(house.path)
    pages = [1, 2, 3, many, *dice.sample(range(4, many), 6)]
    for page in pages:
        copy = House(house.folder / f"page-{page}")
        shutil.copytree(house.folder, copy.folder, ignore=shutil.ignore_patterns("page-*"))
        spoil(copy.path, page)
        if copy.repair.check().damage is Damage.NONE:
            continue  # a page that nothing uses
        repaired(copy)
        assert copy.integrity.check().damage is Damage.NONE, page
        assert copy.said()[:300] == house.said()[:300], page
        copy.shut()


def test_what_the_mirror_lacks_is_read_from_the_damaged_file(house: House) -> None:
    spoil(house.path, root_of(house, "records"))

    done = repaired(house)

    assert digest_of(house.db) == house.digest
    assert house.said()[-1] == "after the mirror"
    assert done.from_mirror["records"] == 300
    assert done.saved["messages"] == 301
    assert done.lost_since == house.clock.now()


def test_a_table_that_can_be_read_whole_is_not_mixed_with_the_mirror(house: House) -> None:
    """What was taken out since must not come back."""
    with house.db.write() as tx:
        tx.execute(sa.delete(records).where(records.c.seq == 7))
        tx.execute(sa.update(messages).where(messages.c.seq == 7).values(text=""))
    spoil(house.path, root_of(house, "preferences"))

    repaired(house)

    with house.db.read() as tx:
        assert tx.execute(sa.select(records.c.id).where(records.c.seq == 7)).first() is None
        text = sa.select(messages.c.text).where(messages.c.seq == 7)
        assert tx.execute(text).scalar() == ""


def test_the_newer_of_two_rows_wins(house: House) -> None:
    row = {"id": "t1", "chat_id": 1, "name": "newer", "label": "open", "origin": "home",
           "created_at": 1, "changed_at": 1, "clock": 900}  # fmt: skip
    older = {**row, "name": "older", "clock": 800}
    with house.db.write() as tx:
        tx.execute(sa.insert(threads).values(**{**older, "created_at": EPOCH, "changed_at": EPOCH}))
        assert rebuilding.merge(tx, "threads", [{**row, "clock": 700}, row]) == 1
        name = sa.select(threads.c.name).where(threads.c.id == "t1")
        assert tx.execute(name).scalar() == "newer"
        assert rebuilding.merge(tx, "threads", [older]) == 0
        assert tx.execute(name).scalar() == "newer"


def test_the_damaged_file_is_moved_aside_as_it_was(house: House) -> None:
    spoil(house.path, root_of(house, "records"))
    before = house.path.read_bytes()

    done = repaired(house)

    assert [each.name for each in asides(house.path)] == [done.aside]
    assert (house.folder / done.aside).read_bytes() == before


def test_only_the_newest_damaged_files_are_kept(house: House) -> None:
    page = root_of(house, "records")
    for _ in range(4):
        spoil(house.path, page)
        repaired(house)
        house.clock.advance(60)
        page = root_of(house, "records")

    assert len(asides(house.path)) == 2


def test_forgetting_takes_the_damaged_files_along(house: House) -> None:
    spoil(house.path, root_of(house, "records"))
    repaired(house)
    words = AsideWords(house.path)
    assert words.holds(("anything",)) == 1

    assert words.forget(("anything",)) == 1

    assert words.holds(("anything",)) == 0
    assert list(house.folder.glob("*.damaged-*")) == []


def test_a_file_that_lost_its_first_page_is_read_with_the_one_the_mirror_kept(
    house: House,
) -> None:
    spoil(house.path, 1, at=0, by=bytes(PAGE))

    done = repaired(house)

    assert digest_of(house.db) == house.digest
    assert done.saved["messages"] == 301
    assert done.gaps == ()


def test_without_that_page_memory_is_the_mirrors(house: House) -> None:
    house.rekey.rekey()  # the page in the mirror is under the former key
    house.shut()
    spoil(house.path, 1, at=0, by=bytes(PAGE))

    done = repaired(house)

    assert done.saved == {}
    assert len(house.said()) == 300
    assert done.lost_since is not None
    assert "runs" in done.gaps


def test_a_database_that_is_gone_comes_back_from_the_mirror(house: House) -> None:
    house.path.unlink()

    done = repaired(house)

    assert len(house.said()) == 300
    assert done.aside == ""


def test_without_a_mirror_what_can_be_read_is_kept(house: House) -> None:
    house.mirror_path.unlink()
    last = page_count(house.path)
    spoil(house.path, *range(last - 20, last - 10))

    done = repaired(house)

    assert 200 < len(house.said()) <= 301
    assert done.lost_since == EPOCH


def test_a_mirror_damaged_in_its_middle_gives_what_is_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.memory.mirror_file.FRAME", 4096)
    house.mirror.write()
    house.shut()
    content = house.mirror_path.read_bytes()
    house.mirror_path.write_bytes(content[: len(content) // 2])
    house.path.unlink()

    repaired(house)

    assert 50 < len(house.said()) < 301


def test_where_nothing_can_be_read_nothing_is_touched(house: House) -> None:
    house.rekey.rekey()
    house.shut()
    house.mirror_path.unlink()
    spoil(house.path, 1, at=0, by=bytes(PAGE))
    before = house.path.read_bytes()

    with pytest.raises(Refused) as raised:
        repaired(house)

    assert raised.value.code == "repair-nothing"
    assert house.path.read_bytes() == before


def test_a_strangers_file_is_not_touched(house: House) -> None:
    stranger = House(house.folder / "other", master=type(MASTER)(bytes(32)))
    stranger.say("secret of another home")
    stranger.shut()
    shutil.copy(stranger.path, house.path)
    before = house.path.read_bytes()

    with pytest.raises(Refused) as raised:
        repaired(house)

    assert raised.value.code == "repair-key"
    assert house.path.read_bytes() == before


def test_a_whole_database_is_not_repaired(house: House) -> None:
    with pytest.raises(Refused) as raised:
        repaired(house)
    assert raised.value.code == "repair-needless"


# -- a kill in between ---------------------------------------------------------------------------


@pytest.mark.parametrize("moment", range(5))
def test_a_repair_that_is_cut_off_anywhere_is_finished_or_begun_anew(
    house: House, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Before the record rises, before the mark, before each of the two moves, and never."""
    spoil(house.path, root_of(house, "records"))
    real, calls = Path.replace, []

    def replace(self, target):
        calls.append(self)
        if len(calls) > moment:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    is_cut = False
    try:
        repaired(house)
    except KeyboardInterrupt:
        is_cut = True
    monkeypatch.undo()
    assert is_cut is (moment < 4)

    repair = house.repair
    if not repair.finish():
        found = repair.check()
        if found.damage is not Damage.NONE:
            repair.repair(found)

    assert digest_of(house.db) == house.digest
    left = {path.name for path in house.folder.iterdir() if path.is_file()}
    assert not left & {"memory.db.swap", "memory.db.rebuilt", "memory.db.wreck"}
    assert len(asides(house.path)) == 1


def test_nobody_opens_the_database_while_a_swap_is_open(house: House) -> None:
    schema.swap_mark(house.path).write_text('{"aside": "memory.db.damaged-1"}')
    settings = Settings(_env_file=None, MASK_HOME=house.folder)

    with pytest.raises(SettingsError, match="restore --repair"):
        schema.open_database(settings, MASTER)

    assert (house.folder / "run" / "repair").exists()


# -- what follows --------------------------------------------------------------------------------


def settle(house: House) -> int:
    audit = Audit(house.clock, Record(house.folder).seen)
    return Incarnation(
        house.db,
        house.clock,
        Preferences(house.db, house.clock),
        audit,
        Record(house.folder),
        NoWake(),
        forget_past=lambda _tx: 0,
        put=lambda _tx, _notice: None,
    ).settle()


def test_a_rebuilt_past_does_not_act(house: House) -> None:
    assert settle(house) == 1
    assert settle(house) == 1
    house.shut()
    spoil(house.path, root_of(house, "records"))

    repaired(house)

    assert settle(house) == 3  # the record rose to 2, and a past is ended above it
    assert settle(house) == 3


def test_runs_whose_record_has_gaps_do_not_go_on(house: House) -> None:
    now = house.clock.now()
    row = {
        "id": "r1", "workflow": "w", "version": 1, "args": {}, "round": 0, "state": "waiting",
        "label": "open", "cancel": False, "attempts": 0, "created_at": now, "updated_at": now,
    }  # fmt: skip
    with house.db.write() as tx:
        tx.execute(sa.insert(runs), [row, {**row, "id": "r2", "state": "done"}])
    spoil(house.path, root_of(house, "steps"))

    done = repaired(house)

    assert done.stopped == 1
    with house.db.read() as tx:
        found = {each.id: each for each in tx.execute(sa.select(runs))}
    assert found["r1"].state == RunState.STALE
    assert found["r1"].error["code"] == "journal-damaged"
    assert found["r2"].state == RunState.DONE


def test_runs_go_on_when_their_record_is_whole(house: House) -> None:
    now = house.clock.now()
    row = {
        "id": "r1", "workflow": "w", "version": 1, "args": {}, "round": 0, "state": "waiting",
        "label": "open", "cancel": False, "attempts": 0, "created_at": now, "updated_at": now,
    }  # fmt: skip
    with house.db.write() as tx:
        tx.execute(sa.insert(runs).values(**row))
    spoil(house.path, root_of(house, "records"))

    assert repaired(house).stopped == 0

    with house.db.read() as tx:
        assert tx.execute(sa.select(runs.c.state)).scalar() == "waiting"


def test_messages_of_a_lost_thread_get_a_private_one_back(house: House) -> None:
    house.mirror_path.unlink()
    spoil(house.path, root_of(house, "threads"))

    repaired(house)

    with house.db.read() as tx:
        found = tx.execute(sa.select(threads)).all()
    assert [each.label for each in found] == ["private"]
    assert len(house.said()) == 301


def test_the_search_index_of_a_rebuilt_database_is_to_be_built_anew(house: House) -> None:
    spoil(house.path, root_of(house, "records"))
    repaired(house)
    with house.db.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(search_items)).scalar() == 0


def test_a_file_of_an_older_revision_is_rebuilt_and_migrated(tmp_path: Path) -> None:
    house = House(tmp_path)
    older = schema.revisions()[-2]
    db = open_sqlite(house.path, house.keys)
    with db.write() as tx:
        schema.migrate(tx.connection, older)
        tx.connection.exec_driver_sql("INSERT INTO preferences VALUES ('language', '\"ar\"', 1)")
    db.close()
    spoil(house.path, page_count(house.path))

    repaired(house)

    assert schema.current_revision(house.db) == schema.head()
    with house.db.read() as tx:
        assert Preferences(house.db, house.clock).get(tx, "language") == "ar"
    house.shut()


def test_the_owner_is_told_how_much_came_from_where(house: House) -> None:
    spoil(house.path, root_of(house, "records"))

    notice = told(repaired(house))

    values = notice.params["values"]
    assert notice.params["code"] == "memory-repaired"
    assert values["mirrored"] == 300
    assert values["saved"] > 300
    assert values["whole"] == "no"
    assert values["aside"].startswith("memory.db.damaged-")


# -- from the mirror -----------------------------------------------------------------------------


def test_memory_from_its_mirror_is_the_same_memory(house: House) -> None:
    house.say("what shall be gone")
    house.shut()

    done = house.repair.restore_mirror()

    assert len(house.said()) == 300
    assert done.lost_since == house.clock.now()
    house.mirror.write()
    assert len(list(house.mirror.read())) == sum(done.from_mirror.values())


def test_what_else_the_database_holds_stays(house: House) -> None:
    settle(house)
    house.shut()

    house.repair.restore_mirror()

    with house.db.read() as tx:
        rows = tx.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar()
    assert rows == 1
    assert settle(house) == 3


def test_a_new_machine_needs_the_mirror_and_the_master_key_only(
    house: House, tmp_path: Path
) -> None:
    other = House(tmp_path / "new machine")
    other.folder.mkdir()
    shutil.copy(house.mirror_path, other.mirror_path)

    other.repair.restore_mirror()

    assert other.said() == house.said()[:300]
    other.shut()


def test_a_restore_without_a_readable_mirror_touches_nothing(house: House) -> None:
    content = house.mirror_path.read_bytes()
    house.mirror_path.write_bytes(content[:-5])
    before = house.path.read_bytes()

    with pytest.raises(Refused) as raised:
        house.repair.restore_mirror()
    assert raised.value.code == "mirror-damaged"
    house.mirror_path.unlink()
    with pytest.raises(Refused) as raised:
        house.repair.restore_mirror()

    assert raised.value.code == "mirror-missing"
    assert house.path.read_bytes() == before
    assert asides(house.path) == []


def test_a_rebuilt_file_that_is_not_whole_does_not_take_its_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(house.path, root_of(house, "records"))
    before = house.path.read_bytes()

    def broken(_db) -> None:
        raise Broken("repair-failed", why="test")

    monkeypatch.setattr(rebuilding, "_check", broken)
    with pytest.raises(Broken):
        repaired(house)

    assert house.path.read_bytes() == before


# -- while it runs -------------------------------------------------------------------------------


def test_a_process_that_meets_a_bad_page_asks_for_a_repair(house: House) -> None:
    page = root_of(house, "messages")
    spoil(house.path, page)
    settings = Settings(_env_file=None, MASK_HOME=house.folder)
    db = schema.open_database(settings, MASTER)

    with pytest.raises(sa.exc.DatabaseError, match="malformed"), db.read() as tx:
        tx.execute(sa.select(messages)).all()

    assert (house.folder / "run" / "repair").exists()
    with db.read() as tx:  # the connection that met it is not used again
        assert tx.execute(sa.select(sa.func.count()).select_from(threads)).scalar() == 1
    db.close()


def test_a_start_on_a_file_without_its_first_page_asks_for_a_repair(house: House) -> None:
    spoil(house.path, 1, at=0, by=bytes(PAGE))
    settings = Settings(_env_file=None, MASK_HOME=house.folder)
    db = schema.open_database(settings, MASTER)

    with pytest.raises(SettingsError, match="damaged"):
        schema.ensure_schema(db)

    assert (house.folder / "run" / "repair").exists()
    db.close()


def test_a_start_with_the_wrong_key_asks_for_none(house: House) -> None:
    settings = Settings(_env_file=None, MASK_HOME=house.folder)
    db = schema.open_database(settings, type(MASTER)(bytes(32)))

    with pytest.raises(SettingsError, match="MASK_KEY"):
        schema.ensure_schema(db)

    assert not (house.folder / "run" / "repair").exists()
    db.close()
