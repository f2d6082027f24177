"""The database's key: found by generation, changed while everybody works, never half changed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.database_keys import MOST_TRIED, Generations, KeptKeys, is_sound, is_written_with
from core.db import open_sqlite
from core.errors import Refused, Unavailable
from core.sqlite_file import connect_sqlite
from core.upkeep import repair
from core.upkeep.rekeying import Rekey
from tests.integration.rest_world import MASTER, House, digest_of


@pytest.fixture
def house(tmp_path: Path):
    made = House(tmp_path)
    yield made
    made.shut()


def opens(house: House, generation: int) -> bool:
    return repair.opens(house.path, MASTER.database_key(generation))


def test_the_first_generation_is_the_key_that_homes_have_had_always(tmp_path: Path) -> None:
    keys = KeptKeys(tmp_path, MASTER)

    assert keys.current() == MASTER.subkey("database", 48)
    assert len({MASTER.database_key(number) for number in range(50)}) == 50


def test_a_new_key_opens_everything_and_the_old_one_nothing(house: House) -> None:
    house.fill(200)
    before = digest_of(house.db)

    done = house.rekey.rekey()

    assert done.generation == 1
    assert house.keys.generations() == Generations(1)
    assert digest_of(house.db) == before
    assert opens(house, 1)
    assert not opens(house, 0)


def test_nothing_of_the_old_key_is_left_in_file_or_wal(house: House) -> None:
    house.fill(50)
    house.rekey.rekey()

    pages = house.path.read_bytes()
    old = MASTER.database_key(0)

    assert house.path.with_name("memory.db-wal").stat().st_size == 0
    assert not any(
        is_sound(old, at // 4096 + 1, pages[at : at + 4096]) for at in range(0, len(pages), 4096)
    )


def test_another_process_with_the_former_key_goes_on_without_an_error(house: House) -> None:
    """It has its own pool, with connections under the old key."""
    house.say("before")
    other = House(house.folder)
    other.say("also before")

    house.rekey.rekey()
    other.say("after")
    house.say("after that")

    assert other.said() == ["before", "also before", "after", "after that"]
    other.shut()


def test_a_process_that_only_reads_begins_anew_before_it_has_found_anything(house: House) -> None:
    house.say("before")
    reader = House(house.folder)
    assert reader.said() == ["before"]

    house.rekey.rekey()

    assert reader.said() == ["before"]
    reader.shut()


def test_a_process_without_the_keys_file_stops_at_the_changed_key(house: House) -> None:
    house.say("before")
    stranger = open_sqlite(house.path, MASTER.database_key(0))
    with stranger.read() as tx:
        tx.execute(sa.text("SELECT count(*) FROM messages"))

    house.rekey.rekey()

    with pytest.raises(sa.exc.DatabaseError, match="not a database"), stranger.write():
        pass
    with pytest.raises(sa.exc.DatabaseError, match="not a database"), stranger.read():
        raise AssertionError("it must fail before anything is found")
    stranger.close()


def test_a_reader_finishes_on_what_it_saw(house: House) -> None:
    house.fill(100)
    with house.db.read() as tx:
        count = sa.text("SELECT count(*) FROM messages")
        assert tx.execute(count).scalar() == 100
        with house.db.alone() as connection:
            key = MASTER.database_key(1).hex()
            connection.connection.driver_connection.execute(f"PRAGMA rekey = \"x'{key}'\"")
        assert tx.execute(count).scalar() == 100
    house.keys.next()
    house.say("after")
    assert len(house.said()) == 101


def test_writers_lose_nothing_while_the_key_changes_five_times(house: House) -> None:
    house.say("first")
    writers, each = 3, 25
    failed: list[Exception] = []

    def write(number: int) -> None:
        mine = House(house.folder)
        try:
            for at in range(each):
                mine.say(f"{number}:{at}")
        except Exception as error:  # noqa: BLE001 - any error at all is a failure of the test
            failed.append(error)
        finally:
            mine.shut()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        house.rekey.rekey()
    for thread in threads:
        thread.join()

    assert failed == []
    said = house.said()
    assert len(said) == len(set(said)) == 1 + writers * each
    assert house.integrity.check().findings == ()
    assert house.keys.generations() == Generations(5)


def test_a_change_that_was_killed_after_the_rewriting_is_finished_not_repeated(
    house: House,
) -> None:
    house.fill(20)
    generation = house.keys.next()
    house.rekey._rewrite(generation)

    again = House(house.folder)
    done = again.rekey.rekey()

    assert done.generation == generation == 1
    assert again.keys.generations() == Generations(1)
    again.shut()


def test_a_change_that_was_killed_before_the_rewriting_is_done_with_the_noted_generation(
    house: House,
) -> None:
    house.fill(20)
    house.keys.next()

    assert house.rekey.rekey().generation == 1


def test_without_its_note_the_key_is_found_and_the_next_one_is_really_new(house: House) -> None:
    house.say("kept")
    for _ in range(3):
        house.rekey.rekey()
    house.shut()
    (house.folder / "keys" / "database").unlink()

    assert house.said() == ["kept"]
    assert house.rekey.rekey().generation == 4


@pytest.mark.parametrize("words", ["", "{", '{"generation": null}', "[]"])
def test_a_damaged_note_is_as_good_as_none(house: House, words: str) -> None:
    house.say("kept")
    house.rekey.rekey()
    house.shut()
    (house.folder / "keys" / "database").write_text(words)

    assert house.said() == ["kept"]


def test_candidates_begin_with_the_likely_ones_and_name_each_once(tmp_path: Path) -> None:
    keys = KeptKeys(tmp_path, MASTER)
    keys.keep(7)
    keys.next()

    numbers = [number for number, _ in keys.numbered()]

    assert numbers[:3] == [7, 8, 0]
    assert len(numbers) == len(set(numbers)) == MOST_TRIED


def test_a_reader_of_old_pages_is_waited_for_and_no_further_key_is_made(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.fill(20)
    monkeypatch.setattr("core.upkeep.rekeying.READERS_S", 0.05)
    with house.db.read() as tx:
        tx.execute(sa.text("SELECT count(*) FROM messages"))
        with pytest.raises(Unavailable) as raised:
            house.rekey.rekey()
    assert raised.value.code == "database-busy"

    assert house.rekey.rekey().generation == 1


def test_a_file_that_no_key_of_this_home_opens_is_left_alone(tmp_path: Path) -> None:
    stranger = open_sqlite(tmp_path / "memory.db", bytes(range(100, 148)))
    with stranger.write() as tx:
        tx.connection.exec_driver_sql("CREATE TABLE t (x)")
    stranger.close()
    before = (tmp_path / "memory.db").read_bytes()
    keys = KeptKeys(tmp_path, MASTER)
    db = open_sqlite(tmp_path / "memory.db", keys)

    with pytest.raises(Refused) as raised:
        Rekey(db, keys, tmp_path / "memory.db").rekey()

    assert raised.value.code == "database-key"
    assert (tmp_path / "memory.db").read_bytes() == before
    db.close()


def test_a_failed_change_does_not_tell_the_key(house: House) -> None:
    house.fill(5)
    with house.db.read() as tx:  # a second writer that never ends
        other = connect_sqlite(house.path, MASTER.database_key(0), busy_s=0.1)
        other.execute("BEGIN IMMEDIATE")
        assert tx is not None
        with pytest.raises(Unavailable) as raised:
            house.rekey.rekey()
        other.execute("ROLLBACK")
        other.close()

    said = f"{raised.value} {raised.value.__cause__} {raised.value.params}"
    assert raised.value.code == "rekey-failed"
    assert MASTER.database_key(1).hex()[:16] not in said
    assert opens(house, 0)


def test_postgresql_has_no_key_of_ours(house: House) -> None:
    with pytest.raises(Refused) as raised:
        Rekey(house.db, house.keys, None).rekey()
    assert raised.value.code == "rekey-postgres"


def test_a_file_of_ours_is_known_by_its_salt_and_by_the_seal_of_any_page(house: House) -> None:
    house.fill(20)
    house.shut()
    key, other = MASTER.database_key(0), MASTER.database_key(1)
    assert is_written_with(key, house.path)
    assert not is_written_with(other, house.path)

    content = house.path.read_bytes()
    house.path.write_bytes(b"\xff" * 4096 + content[4096:])

    assert is_written_with(key, house.path)
    assert not is_written_with(other, house.path)


def test_a_clean_end_leaves_no_wal(house: House) -> None:
    house.say("something")
    assert house.path.with_name("memory.db-wal").stat().st_size > 0

    house.shut()

    assert not house.path.with_name("memory.db-wal").exists()
    assert opens(house, 0)


def test_the_wal_is_emptied_unless_a_reader_needs_it(house: House) -> None:
    house.say("one")
    wal = house.path.with_name("memory.db-wal")
    with house.db.read() as tx:
        tx.execute(sa.text("SELECT count(*) FROM messages"))
        house.say("two")
        assert not house.db.empty_wal(0.05)
        assert wal.stat().st_size > 0
    assert house.db.empty_wal()
    assert wal.stat().st_size == 0
