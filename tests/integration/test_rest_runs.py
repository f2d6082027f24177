"""Upkeep's runs at rest: mirror, check and key as steps, and what the owner hears of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from core.connecting import Cause
from core.errors import Unavailable
from core.memory import state_names
from core.memory.mirror import BURST
from core.memory.rest_model import Checkup, Damage
from core.memory.tables import memory_state
from core.memory.wiping import Wipe
from core.runs.model import Done, RunState
from core.schema import note_outage, request_repair
from core.upkeep import integrity, rekeying
from core.upkeep import mirror as mirroring
from core.upkeep.integrity import CheckedMemory, IntegrityRoom, check_memory
from core.upkeep.mirror import Bursts, Mirrored, MirrorRoom, refresh_mirror
from core.upkeep.model import CheckMemory, RefreshMirror, RekeyDatabase
from core.upkeep.outages import Outages
from core.upkeep.rekeying import RekeyingRoom, rekey_database
from tests.integration.rest_world import House


@pytest.fixture
def house(tmp_path: Path):
    made = House(tmp_path)
    yield made
    made.shut()


def ended(workflow, args, answer) -> Done:
    """A workflow of one step, given that step's answer."""
    body = workflow.body(args)
    next(body)
    with pytest.raises(StopIteration) as stop:
        body.send(answer)
    return stop.value.value


def codes(done: Done) -> list[tuple[str, str]]:
    return [(each.params["level"], each.params["code"]) for each in done.notices]


# -- the mirror ----------------------------------------------------------------------------------


def write(house: House) -> Mirrored:
    room = MirrorRoom(house.db, house.mirror)
    return mirroring.write.handler(room, SimpleNamespace(), RefreshMirror())


def test_the_mirror_is_written_when_memory_has_changed_and_only_then(house: House) -> None:
    house.say("one")
    house.db.empty_wal()

    assert write(house).is_new
    stamp = house.mirror_path.stat().st_mtime_ns
    assert not write(house).is_new
    assert house.mirror_path.stat().st_mtime_ns == stamp
    house.say("two")
    assert write(house).is_new


def test_a_written_mirror_takes_the_alert_back_and_says_nothing_else() -> None:
    done = ended(refresh_mirror, RefreshMirror(), Mirrored(True, 1, 10, 100))
    assert codes(done) == [("resolved", "mirror-failed")]
    assert codes(ended(refresh_mirror, RefreshMirror(), Mirrored(is_new=False))) == []


def test_a_mirror_that_cannot_be_written_is_told_with_its_reason() -> None:
    error = Unavailable("mirror-failed", why="No space left on device")

    said = refresh_mirror.say_farewell(None, RefreshMirror(), RunState.FAILED, error, [])

    (notice,) = said.notices
    assert notice.params["code"] == "mirror-failed"
    assert notice.params["values"] == {"why": "No space left on device"}


def test_a_burst_asks_for_one_run_until_the_mirror_is_written(house: House) -> None:
    asked: dict[str, int] = {}
    bursts = Bursts(
        house.db, house.mirror, lambda _tx, key: asked.update({key: asked.get(key, 0) + 1})
    )
    house.say("one")
    house.mirror.write()
    for number in range(BURST - 1):
        house.say(str(number))
    assert not bursts.look()

    house.say("the fiftieth")

    assert bursts.look()
    assert bursts.look()
    assert list(asked) == ["mirror:burst:1"]  # a run of a key that was used is not started again
    house.mirror.write()
    assert not bursts.look()


# -- the check -----------------------------------------------------------------------------------


class FakeIntegrity:
    def __init__(self, damage: Damage, *findings: str) -> None:
        self.found = Checkup(damage, findings, 0.5, 4096)

    def check(self) -> Checkup:
        return self.found


def checked(house: House, found: FakeIntegrity) -> tuple[CheckedMemory, list[str]]:
    asked: list[str] = []
    room = IntegrityRoom(
        house.db,
        house.clock,
        found,
        rebuild_index=lambda: asked.append("index"),
        repair=lambda: asked.append("repair"),
    )
    return integrity.check.handler(room, SimpleNamespace(), CheckMemory()), asked


@pytest.mark.parametrize(
    ("damage", "asks", "told"),
    [
        (Damage.NONE, [], []),
        (Damage.INDEX, ["index"], [("notice", "index-rebuilt")]),
        (Damage.ORPHANS, ["repair"], [("critical", "memory-damaged")]),
        (Damage.PAGES, ["repair"], [("critical", "memory-damaged")]),
    ],
)
def test_what_is_found_decides_what_is_asked_for_and_told(
    house: House, damage: Damage, asks: list[str], told: list
) -> None:
    found, asked = checked(house, FakeIntegrity(damage, *(["line"] if damage != "none" else [])))

    assert asked == asks
    assert codes(ended(check_memory, CheckMemory(), found)) == told


def test_the_first_sound_look_after_damage_takes_the_alert_back(house: House) -> None:
    checked(house, FakeIntegrity(Damage.ORPHANS, "line"))
    found, _ = checked(house, FakeIntegrity(Damage.NONE))
    assert codes(ended(check_memory, CheckMemory(), found)) == [("resolved", "memory-damaged")]

    found, _ = checked(house, FakeIntegrity(Damage.NONE))
    assert codes(ended(check_memory, CheckMemory(), found)) == []


def test_what_was_found_is_kept_with_its_time(house: House) -> None:
    checked(house, FakeIntegrity(Damage.INDEX, "line"))

    with house.db.read() as tx:
        query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.CHECK)
        kept = tx.execute(query).scalar_one()
    assert kept["damage"] == "index"
    assert kept["at"] == house.clock.now().isoformat()


# -- the key -------------------------------------------------------------------------------------


def test_a_new_key_is_told_with_its_number(house: House) -> None:
    house.fill(10)
    room = RekeyingRoom(house.rekey)
    done = rekeying.rekey.handler(room, SimpleNamespace(), RekeyDatabase())

    end = ended(rekey_database, RekeyDatabase(), done)

    assert codes(end) == [("notice", "database-rekeyed")]
    assert end.notices[0].params["values"]["generation"] == 1


# -- outages, wiping -----------------------------------------------------------------------------


def test_an_outage_is_told_once_when_the_database_is_back(house: House) -> None:
    told: list = []
    run_dir = house.folder / "run"
    outages = Outages(run_dir, house.db, lambda _tx, notice: told.append(notice))
    assert not outages.look()

    note_outage(run_dir, Cause.LOCKED)
    note_outage(run_dir, Cause.FULL)

    assert outages.look()
    assert not outages.look()
    (notice,) = told
    assert notice.params["code"] == "database-unreachable"
    assert notice.params["values"] == {"cause": "full"}


def test_an_outage_stays_noted_while_it_cannot_be_told(house: House) -> None:
    run_dir = house.folder / "run"

    def fail(_tx, _notice) -> None:
        raise Unavailable("database-unreachable", cause="locked")

    outages = Outages(run_dir, house.db, fail)
    note_outage(run_dir, Cause.LOCKED)

    with pytest.raises(Unavailable):
        outages.look()

    assert (run_dir / "unreachable").exists()


def test_asking_for_a_repair_twice_is_asking_once(house: House) -> None:
    for _ in range(2):
        request_repair(house.folder / "run")
    assert [path.name for path in (house.folder / "run").iterdir()] == ["repair"]


def test_wiping_empties_the_wal_or_says_that_somebody_reads(house: House) -> None:
    house.say("one")
    wal = house.path.with_name("memory.db-wal")
    with house.db.read() as tx:
        tx.execute(sa.text("SELECT count(*) FROM messages"))
        house.say("two")
        with pytest.raises(Unavailable) as raised:
            Wipe(house.db, 0.05).wipe()
    assert raised.value.code == "database-busy"

    Wipe(house.db).wipe()

    assert wal.stat().st_size == 0
