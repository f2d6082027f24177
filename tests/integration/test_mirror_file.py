"""The mirror: the same memory again, sealed, whole or not at all."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db import Database
from core.errors import Refused, Unavailable
from core.memory import content_rows, mirror_file, state_names
from core.memory.clocks import Clocks
from core.memory.mirror import BURST, MirrorWords
from core.memory.model import NewMessage, Role
from core.memory.preferences import Preferences
from core.memory.rest_model import MIRRORED
from core.memory.search_fakes import FakeIndex
from core.memory.tables import memory_state, messages, proposals, threads
from core.memory.threads import Threads
from core.runs.model import Label
from core.seal import Master
from tests.integration.rest_world import CHAT, House, digest, digest_of, mirror_of

SECRET = "পাসওয়ার্ড-planted-4711"


@pytest.fixture
def house(tmp_path: Path):
    made = House(tmp_path)
    yield made
    made.shut()


def fill(db: Database, clock, *texts: str) -> None:
    """Some memory in either dialect."""
    kept = Threads(db, clock, "home", index=FakeIndex())
    with db.write() as tx:
        thread = kept.new(tx, CHAT, "এক")
        for text in texts:
            kept.add(tx, NewMessage(thread.id, Role.OWNER, text, Label.PRIVATE))
        Preferences(db, clock).set(tx, "asked", {"deep": ["é", None, 1.5]})


def test_a_restored_memory_is_the_same_in_both_dialects(database, tmp_path, clock) -> None:
    fill(database, clock, "one", "দুই", "ثلاثة")
    mirror = mirror_of(database, clock, tmp_path / "mirror.json")
    before = digest_of(database)
    state = mirror.write()
    fill(database, clock, "what the mirror does not have")

    with database.write() as tx:
        done = mirror.restore(tx)

    assert done.content_hash == before == digest_of(database)
    assert sum(done.rows.values()) == state.rows
    fill(database, clock, "numbered above all that came in")


def test_a_mirror_goes_into_an_empty_database(house: House, postgres_database, clock) -> None:
    house.fill(50)
    before = digest_of(house.db)
    house.mirror.write()
    other = mirror_of(postgres_database, clock, house.mirror_path)

    with postgres_database.write() as tx:
        assert other.restore(tx).content_hash == before


def test_every_table_of_memory_is_in_it_with_all_its_columns(house: House) -> None:
    house.fill(3)
    house.mirror.write()
    found = {name: set(row) for name, row in house.mirror.read()}

    assert {"threads", "messages", "records", "archives", "preferences"} <= set(found)
    for name, columns in found.items():
        assert columns == set(content_rows.table_of(name).c.keys())


def test_rows_come_in_the_order_of_their_tables(house: House) -> None:
    house.fill(30)
    house.mirror.write()

    names = list(dict.fromkeys(name for name, _ in house.mirror.read()))

    assert names == [name for name in MIRRORED if name in names]


def test_nothing_of_it_can_be_read_without_the_key(house: House) -> None:
    house.say(SECRET)
    house.mirror.write()
    content = house.mirror_path.read_bytes()

    assert SECRET.encode() not in content
    assert b"messages" not in content
    stranger = mirror_of(house.db, house.clock, house.mirror_path, Master(bytes(32)))
    with pytest.raises(Refused) as raised:
        list(stranger.read())
    assert raised.value.code == "mirror-damaged"


def test_only_its_owner_may_read_the_file(house: House) -> None:
    house.say("x")
    house.mirror.write()
    if os.name != "nt":
        assert house.mirror_path.stat().st_mode & 0o077 == 0


def test_a_write_that_fails_leaves_the_old_one_and_no_draft(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.say("one")
    house.mirror.write()
    before = house.mirror_path.read_bytes()
    house.say("two")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as raised:
        house.mirror.write()
    monkeypatch.undo()

    assert raised.value.code == "mirror-failed"
    assert raised.value.params == {"why": "No space left on device"}
    assert house.mirror_path.read_bytes() == before
    assert [path.name for path in house.folder.glob(".memory_backup.json.*")] == [
        ".memory_backup.json.lock"
    ]
    with house.db.read() as tx:
        assert house.mirror.is_behind(tx)


def test_what_a_killed_write_left_is_swept_by_the_next_one(house: House) -> None:
    house.say("one")
    draft = house.folder / ".memory_backup.json.0123456789abcdef"
    draft.write_bytes(b"half")

    house.mirror.write()

    assert not draft.exists()


def pieces(path: Path) -> tuple[bytes, list[bytes]]:
    """The beginning of a mirror, and its frames."""
    content = path.read_bytes()
    at = len(mirror_file.MAGIC) + mirror_file.FILE_ID_BYTES
    frames = []
    begin = at
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        frames.append(content[at : at + 4 + size])
        at += 4 + size
    return content[:begin], frames


@pytest.fixture
def several(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A mirror of several frames."""
    monkeypatch.setattr(mirror_file, "FRAME", 4096)
    house.fill(60)
    house.mirror.write()
    assert len(pieces(house.mirror_path)[1]) >= 5
    return house


def refused(house: House) -> list:
    """What was given before the refusal."""
    given = []
    with pytest.raises(Refused) as raised:
        given.extend(house.mirror.read())  # keeps what came before
    assert raised.value.code == "mirror-damaged"
    return given


def test_a_frame_that_is_left_out_swapped_or_cut_off_is_noticed(several: House) -> None:
    whole = list(several.mirror.read())
    begin, frames = pieces(several.mirror_path)

    for damaged in (
        frames[:-1],
        frames[:2] + frames[3:],
        [frames[1], frames[0], *frames[2:]],
        [*frames, frames[-1]],
        [*frames[:-1], frames[-1][:-1]],
        [],
    ):
        several.mirror_path.write_bytes(begin + b"".join(damaged))
        given = refused(several)
        assert given == whole[: len(given)]
        assert len(given) < len(whole) or damaged[-1] is frames[-1]


def test_a_frame_of_another_mirror_is_noticed(several: House) -> None:
    begin, frames = pieces(several.mirror_path)
    several.mirror.write()
    _, others = pieces(several.mirror_path)
    several.mirror_path.write_bytes(begin + b"".join([frames[0], others[1], *frames[2:]]))

    refused(several)


def test_any_changed_byte_is_noticed(several: House) -> None:
    content = several.mirror_path.read_bytes()
    for at in range(0, len(content), max(1, len(content) // 97)):
        changed = bytearray(content)
        changed[at] ^= 0x01
        several.mirror_path.write_bytes(bytes(changed))
        refused(several)


def test_what_was_readable_before_the_damage_is_given(several: House) -> None:
    begin, frames = pieces(several.mirror_path)
    several.mirror_path.write_bytes(begin + b"".join(frames[:-2]) + b"\0" * 40)

    assert len(refused(several)) > 10


def test_a_mirror_that_is_not_there_says_so(house: House) -> None:
    with pytest.raises(Refused) as raised:
        next(house.mirror.read())
    assert raised.value.code == "mirror-missing"


def test_a_damaged_mirror_changes_nothing_when_it_is_restored(several: House) -> None:
    begin, frames = pieces(several.mirror_path)
    several.mirror_path.write_bytes(begin + b"".join(frames[:-1]))
    before = digest_of(several.db)

    with pytest.raises(Refused), several.db.write() as tx:
        several.mirror.restore(tx)

    assert digest_of(several.db) == before


def behind(house: House) -> bool:
    with house.db.read() as tx:
        return house.mirror.is_behind(tx)


def test_it_is_behind_after_any_change_of_memory_and_only_then(house: House) -> None:
    house.say("one")
    house.db.empty_wal()
    house.mirror.write()
    assert not behind(house)

    def change(statement: sa.Executable) -> None:
        assert not behind(house)
        with house.db.write() as tx:
            tx.execute(statement)
        assert behind(house)
        house.mirror.write()

    now = house.clock.now()
    proposed = {
        "id": "p1", "kind": "fact", "state": "open", "text": "x", "category": "fact",
        "confidence": 50, "label": "open", "source": "owner", "origin": "home",
        "happened_at": now, "created_at": now,
    }  # fmt: skip
    change(sa.insert(proposals).values(**proposed))
    change(sa.update(proposals).values(decided_at=now))
    with house.db.write() as tx:
        Preferences(house.db, house.clock).set(tx, "language", "ar")
    assert behind(house)
    house.mirror.write()
    with house.db.write() as tx:
        Preferences(house.db, house.clock).forget(tx, "language")
    assert behind(house)
    house.mirror.write()
    with house.db.write() as tx:
        Clocks(house.clock, "home").tick(tx)
    assert behind(house)
    house.mirror.write()
    house.mirror_path.unlink()
    assert behind(house)


def test_it_is_behind_when_the_database_has_another_key(house: House) -> None:
    house.say("one")
    house.db.empty_wal()
    house.mirror.write()
    assert not behind(house)

    house.rekey.rekey()

    assert behind(house)


def test_a_burst_is_counted_in_writes(house: House) -> None:
    house.say("one")
    house.mirror.write()
    for number in range(BURST - 1):
        house.say(str(number))
    with house.db.read() as tx:
        assert house.mirror.behind_by(tx) == BURST - 1
    house.say("one more")
    with house.db.read() as tx:
        assert house.mirror.behind_by(tx) == BURST


def test_its_generation_rises_and_its_digest_is_that_of_its_rows(house: House) -> None:
    house.say("one")
    first = house.mirror.write()
    second = house.mirror.write()

    assert (first.generation, second.generation) == (1, 2)
    assert first.sha256 != second.sha256 or first.rows == second.rows
    assert first.size > 0
    with house.db.read() as tx:
        assert house.mirror.state(tx) == replace(second, written_at=house.clock.now())


def test_a_restored_place_stamps_above_all_that_came_in(house: House, clock) -> None:
    house.fill(5)
    with house.db.write() as tx:
        high = Clocks(clock, "home").tick(tx).value + (10**6 << 16)
        tx.execute(sa.update(messages).where(messages.c.seq == 1).values(clock=high))
    house.mirror.write()

    with house.db.write() as tx:
        house.mirror.restore(tx)
        assert Clocks(clock, "home").tick(tx).value > high


def test_the_index_of_a_restored_memory_counts_as_not_built(house: House) -> None:
    house.fill(5)
    row = {"name": state_names.INDEX, "value": "v1", "changed_at": house.clock.now()}
    upto = {**row, "name": state_names.FACTS_UPTO, "value": 4}
    with house.db.write() as tx:
        tx.execute(sa.insert(memory_state), [row, upto])
    house.mirror.write()

    with house.db.write() as tx:
        house.mirror.restore(tx)
        kept = {each.name: each.value for each in tx.execute(sa.select(memory_state))}

    assert state_names.INDEX not in kept
    assert kept[state_names.FACTS_UPTO] == 4


def test_words_that_tables_gave_up_leave_the_mirror(house: House) -> None:
    house.say(SECRET, "stays")
    house.mirror.write()
    words = MirrorWords(house.mirror)
    assert words.holds((SECRET,)) == 1
    with house.db.write() as tx:
        tx.execute(sa.update(messages).where(messages.c.text == SECRET).values(text=""))

    assert words.forget((SECRET,)) == 1

    assert words.holds((SECRET,)) == 0
    assert words.holds(("stays",)) == 1


def test_words_are_found_in_json_values_and_in_what_cannot_be_read(house: House) -> None:
    with house.db.write() as tx:
        Preferences(house.db, house.clock).set(tx, "note", {"said": 'a "quoted" line\nand more'})
    house.mirror.write()
    words = MirrorWords(house.mirror)

    assert words.holds(('a "quoted" line\nand',)) == 1
    assert words.holds(("never said",)) == 0
    house.mirror_path.write_bytes(b"rubbish")
    assert words.holds(("never said",)) == 1


def test_a_row_that_makes_no_sense_is_refused(house: House) -> None:
    with pytest.raises(Refused), house.db.write() as tx:
        content_rows.put_rows(tx, "threads", [{"id": "t", "created_at": "yesterday"}])
    with pytest.raises(Refused), house.db.write() as tx:
        content_rows.put_rows(tx, "archives", [{"id": "a", "data": "not base64!"}])
    with pytest.raises(Refused), house.db.write() as tx:
        content_rows.put_rows(tx, "grant_keys", [{"id": "g"}])


def test_memory_is_written_from_one_moment(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said while it is being written is in the next one, as a whole."""
    house.fill(20)
    before = digest_of(house.db)
    real, other = content_rows.rows, House(house.folder)

    def interrupted(tx, name):
        if name == "messages":
            other.say("meanwhile")
        return real(tx, name)

    monkeypatch.setattr(content_rows, "rows", interrupted)
    house.mirror.write()
    monkeypatch.undo()
    other.shut()

    assert behind(house)
    with house.db.write() as tx:
        house.mirror.restore(tx)
        assert digest(tx) == before
        assert tx.execute(sa.select(sa.func.count()).select_from(threads)).scalar() == 1
