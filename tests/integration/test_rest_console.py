"""`ops restore` and `ops memory rekey` on the console, and the supervisor's part in a repair."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import config, seal, wiring
from core.approvals.incarnation import Record
from core.runs.ports import NoWake
from core.runs.tables import notices
from ops import lock
from ops.commands import memory_rekey, restore
from ops.programs import Program, settings
from ops.records import Roll, claimed
from ops.supervisor import REPAIR_PAUSE_S, Supervisor
from tests.integration.rest_world import House, spoil

PATIENCE_S = 20.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A home as the settings name it, mirrored, with nothing open."""
    monkeypatch.setenv("MASK_HOME", str(tmp_path))
    monkeypatch.setenv("MASK_OWNER_ID", "1001")
    for name in ("MASK_KEY", "MASK_DATABASE_URL", "DB_PATH", "MASK_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    house = House(tmp_path, master=seal.open_master(tmp_path))
    house.fill(200)
    house.db.empty_wal()
    house.mirror.write()
    house.shut()
    return house


def told(house: House) -> list[str]:
    """The alerts in the database."""
    with house.db.read() as tx:
        found = tx.execute(sa.select(notices.c.params).where(notices.c.kind == "alert"))
        codes = [row.params["code"] for row in found]
    house.shut()
    return codes


def test_memory_comes_back_from_its_mirror(home: House, capsys) -> None:
    home.path.unlink()

    assert restore.main(["--from-mirror"]) == 0

    assert len(home.said()) == 200
    assert "taken from the mirror" in capsys.readouterr().out
    assert "memory-repaired" in told(home)


def test_a_damaged_database_is_repaired_and_the_owner_told(home: House, capsys) -> None:
    spoil(home.path, *range(2, 60))

    assert restore.main(["--repair"]) == 0

    assert len(home.said()) == 200
    assert "the old file: memory.db.damaged-" in capsys.readouterr().out
    assert told(home) == ["memory-repaired"]


def test_a_whole_one_is_left_alone(home: House, capsys) -> None:
    before = home.path.read_bytes()

    assert restore.main(["--repair"]) == 0

    assert "whole" in capsys.readouterr().out
    assert home.path.read_bytes() == before


def test_a_refusal_is_said_in_words_with_the_next_step(home: House, capsys) -> None:
    home.mirror_path.unlink()

    assert restore.main(["--from-mirror"]) == 1

    assert "Put memory_backup.json where MASK_MIRROR says" in capsys.readouterr().err


def test_nothing_is_restored_while_the_mask_runs(home: House, capsys) -> None:
    with lock.held(home.folder / "run" / "supervisor.lock"):
        assert restore.main(["--from-mirror"]) == 1

    assert "stop it first" in capsys.readouterr().err


def test_a_repair_that_was_cut_off_is_finished(home: House, capsys) -> None:
    shutil.copy(home.path, home.path.with_name("memory.db.rebuilt"))
    home.path.with_name("memory.db.swap").write_text(json.dumps({"aside": "memory.db.damaged-1"}))

    assert restore.main(["--repair"]) == 0

    assert "cut off" in capsys.readouterr().out
    assert (home.folder / "memory.db.damaged-1").exists()
    assert len(home.said()) == 200


def test_a_request_is_done_with_whatever_comes_of_it(home: House) -> None:
    request = home.folder / "run" / "repair"
    request.parent.mkdir(exist_ok=True)
    request.touch()

    restore.main(["--repair"])

    assert not request.exists()


def test_a_restored_home_is_a_later_incarnation(home: House) -> None:
    restore.main(["--from-mirror"])

    kept = Record(home.folder).read()

    assert kept is not None
    assert kept.incarnation == 2


def test_the_key_is_changed_from_the_console_while_somebody_works(home: House, capsys) -> None:
    home.say("before")

    assert memory_rekey.rekey() == 0
    home.say("after")

    assert home.said()[-2:] == ["before", "after"]
    assert "its number 1" in capsys.readouterr().out
    home.shut()


def test_a_home_with_a_changed_key_opens_like_any_other(home: House) -> None:
    memory_rekey.rekey()

    house = wiring.house(config.load(), NoWake())

    with house.db.read() as tx:
        assert house.preferences.get(tx, "language") == "bn"
    house.db.close()


# -- the supervisor ------------------------------------------------------------------------------

STAYS = "import threading; print('up', flush=True); threading.Event().wait()"


@pytest.fixture
def _signals_stay_with_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signal handlers belong to the main thread; the supervisor runs in another one here."""
    monkeypatch.setattr(Supervisor, "_take_signals", lambda _self, _stack: None)


def until(is_so) -> None:
    give_up, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not is_so():
        assert time.monotonic() < give_up
        pause.wait(0.02)


@pytest.mark.usefixtures("_signals_stay_with_pytest")
def test_a_repair_runs_while_nothing_else_does_and_everything_starts_again(tmp_path: Path) -> None:
    alive: list[dict[str, int]] = []
    said: list[str] = []
    roll = Roll(tmp_path / "run" / "processes.json")

    def repair() -> int:
        alive.append(roll.read())
        return 0

    program = Program("bot", (sys.executable, "-c", STAYS), settings({}), speaks=True)
    supervisor = Supervisor([program], tmp_path, say=said.append, repair=repair)

    def run() -> None:
        with claimed(tmp_path, said.append):
            supervisor.run()

    thread = threading.Thread(target=run)
    thread.start()
    request = tmp_path / "run" / "repair"
    try:
        until(lambda: said.count("up") == 1)
        request.touch()
        until(lambda: said.count("up") == 2)

        assert alive == [{}]
        assert not request.exists()
        request.touch()  # so soon after, another would not help either
        until(lambda: not request.exists())
        assert REPAIR_PAUSE_S > PATIENCE_S
        assert len(alive) == 1
    finally:
        supervisor.stop()
        thread.join(PATIENCE_S)


def test_a_repair_that_fails_ends_everything_with_its_code(tmp_path: Path) -> None:
    program = Program("bot", (sys.executable, "-c", STAYS), settings({}), speaks=True)
    supervisor = Supervisor([program], tmp_path, say=lambda _line: None, repair=lambda: 3)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "repair").touch()

    with claimed(tmp_path, lambda _line: None):
        assert supervisor.run() == 3
