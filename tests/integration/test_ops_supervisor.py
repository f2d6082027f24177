"""The supervisor with real processes: it restarts, backs off, obeys requests, stops the tree."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops import lock
from ops.programs import Program, settings
from ops.records import Roll, claimed
from ops.supervisor import Supervisor

#: Seconds that any event here may take before the test fails.
PATIENCE_S = 20.0

#: Runs until it is told to stop.
STAYS = "import threading; print('up', flush=True); threading.Event().wait()"
#: Cannot be told: it ignores the polite signal, and has a child.
STUBBORN = (
    "import signal, subprocess, sys, threading\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "stay = 'import threading; threading.Event().wait()'\n"
    "child = subprocess.Popen([sys.executable, '-c', stay])\n"
    "print('child', child.pid, flush=True)\n"
    "threading.Event().wait()\n"
)


def program(name: str, code: str, **more: object) -> Program:
    return Program(name, (sys.executable, "-c", code), settings({}), speaks=True, **more)


class Running:
    """A supervisor in a thread, and what it has said."""

    def __init__(self, home: Path, *programs: Program) -> None:
        self.home = home
        self.said: list[str] = []
        self.supervisor = Supervisor(programs, home, say=self.said.append)
        self.code: int | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with claimed(self.home, self.said.append):
            self.code = self.supervisor.run()

    def pid(self, name: str) -> int | None:
        path = self.home / "run" / "processes.json"
        rows = json.loads(path.read_text()) if path.exists() else {}
        return rows.get(name, {}).get("pid")

    def pid_after(self, name: str, old: int | None = None) -> int:
        """The program's process, once it is another than `old`."""
        until(lambda: self.pid(name) not in {None, old})
        found = self.pid(name)
        assert found is not None
        return found

    def end(self) -> int | None:
        self.supervisor.stop()
        self._thread.join(PATIENCE_S)
        return self.code

    def join(self) -> int | None:
        self._thread.join(PATIENCE_S)
        return self.code


def until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while not is_so():
        assert time.monotonic() < give_up
        pause.wait(0.02)


def is_alive(pid: int) -> bool:
    from ops.child import birth

    return birth(pid) is not None


@pytest.fixture(autouse=True)
def _signals_stay_with_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signal handlers belong to the main thread; the supervisor runs in another one here."""
    monkeypatch.setattr(Supervisor, "_take_signals", lambda _self, _stack: None)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*programs: Program) -> Running:
        started.append(Running(tmp_path, *programs))
        return started[-1]

    yield begin
    for running in started:
        running.end()


def test_a_killed_program_is_back_within_a_second(start: Callable[..., Running]) -> None:
    running = start(program("one", STAYS))
    for _ in range(8):
        before = running.pid_after("one")
        since = time.monotonic()
        os.kill(before, signal.SIGKILL)

        running.pid_after("one", before)

        assert time.monotonic() - since < 1.0


def test_the_others_go_on_when_one_is_killed(start: Callable[..., Running]) -> None:
    running = start(program("one", STAYS), program("two", STAYS))
    one, two = running.pid_after("one"), running.pid_after("two")

    os.kill(one, signal.SIGKILL)
    running.pid_after("one", one)

    assert running.pid("two") == two


def test_a_restart_request_is_obeyed_and_used_up(start: Callable[..., Running]) -> None:
    running = start(program("one", STAYS))
    before = running.pid_after("one")
    request = running.home / "run" / "restart-one"

    request.write_text("deaf")
    running.pid_after("one", before)

    assert not request.exists()
    assert not is_alive(before)


def test_a_deaf_program_is_restarted_too(start: Callable[..., Running]) -> None:
    running = start(program("one", STUBBORN, stop_s=0.3))
    until(lambda: any(line.startswith("child") for line in running.said))
    before = running.pid_after("one")

    (running.home / "run" / "restart-one").write_text("deaf")
    running.pid_after("one", before)

    assert not is_alive(before)


def test_stopping_ends_the_whole_tree(start: Callable[..., Running]) -> None:
    running = start(program("one", STUBBORN, stop_s=0.3))
    until(lambda: any(line.startswith("child") for line in running.said))
    child = int(next(line.split()[1] for line in running.said if line.startswith("child")))

    assert running.end() == 0

    until(lambda: not is_alive(child))
    assert json.loads((running.home / "run" / "processes.json").read_text()) == {}


def test_a_program_that_never_comes_up_ends_everything_with_its_words(
    start: Callable[..., Running],
) -> None:
    running = start(program("bad", "raise SystemExit('MASK_X is missing')"), program("two", STAYS))

    assert running.join() == 1

    assert any("MASK_X is missing" in line for line in running.said)
    assert any("cannot be started" in line for line in running.said)


def test_a_program_that_does_not_exist_ends_everything(start: Callable[..., Running]) -> None:
    running = start(Program("gone", ("/no/such/program",), settings({})))

    assert running.join() == 1
    assert any("cannot be started" in line for line in running.said)


def test_a_second_start_in_the_same_place_is_refused(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    running = start(program("one", STAYS))
    running.pid_after("one")

    with pytest.raises(lock.AlreadyHeld), claimed(tmp_path, running.said.append):
        raise AssertionError("two supervisors in one place")

    assert is_alive(running.pid_after("one"))


def test_what_a_killed_supervisor_left_is_ended_first(
    start: Callable[..., Running], tmp_path: Path
) -> None:
    left = subprocess.Popen([sys.executable, "-c", STAYS], start_new_session=True)
    Roll(tmp_path / "run" / "processes.json").write({"one": left.pid})

    running = start(program("one", STAYS))
    left.wait(PATIENCE_S)

    assert running.pid_after("one", left.pid) != left.pid
    assert any("left behind" in line for line in running.said)


def test_a_process_that_only_has_an_old_number_is_spared(tmp_path: Path) -> None:
    innocent = subprocess.Popen([sys.executable, "-c", STAYS], start_new_session=True)
    path = tmp_path / "run" / "processes.json"
    lock.write_private(path, json.dumps({"one": {"pid": innocent.pid, "born": "another"}}))

    assert Roll(path).end_leftovers() == []

    assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


def test_output_goes_to_a_log_of_its_own(start: Callable[..., Running]) -> None:
    running = start(program("one", f"import sys; print('to the log', file=sys.stderr)\n{STAYS}"))
    log = running.home / "logs" / "one.log"

    until(lambda: log.exists() and "to the log" in log.read_text())

    until(lambda: "up" in running.said)
    assert not any("to the log" in line for line in running.said)


def test_a_program_waits_for_the_port_it_needs(start: Callable[..., Running]) -> None:
    from ops.private_redis import free_port

    port = free_port()
    serve = (
        "import socket, threading; s = socket.socket(); "
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); "
        f"s.bind(('127.0.0.1', {port})); s.listen(); print('listening', flush=True); "
        "threading.Event().wait()"
    )
    running = start(program("user", STAYS, needs=(port,)), program("server", serve, wave=0))

    until(lambda: "up" in running.said)

    assert running.said.index("listening") < running.said.index("up")
