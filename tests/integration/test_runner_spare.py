"""A keeper in reserve: used by the next command, replaced when it died, never left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.execution.command_plan import RunCommand
from core.runs.cancel import CancelToken
from tests.integration.runner_world import Place, place

if sys.platform == "win32":
    pytest.skip("processes of POSIX", allow_module_level=True)

from core.execution import environment, pinning, run_hand_over, run_posix, run_spare
from core.execution.run_plan import Plan
from core.execution.run_port import Launch, Limits, Sandbox, View

__all__ = ["place"]

ROOT = Path(__file__).resolve().parents[2]
LISTED = "import os; print(*sorted(map(int, os.listdir('/proc/self/fd'))))"
WORKER = """
import sys, time
from core.execution.run_posix import SPARES
SPARES.get_ready()
print(SPARES._spare.process.pid, flush=True)
time.sleep(300)
"""


@pytest.fixture(autouse=True)
def spares(monkeypatch: pytest.MonkeyPatch) -> Iterator[run_spare.Spares]:
    """A reserve of this test's own; nothing of it is left."""
    fresh = run_spare.Spares()
    monkeypatch.setattr(run_posix, "SPARES", fresh)
    yield fresh
    rest = fresh._taken()
    if rest is not None:
        rest.dismiss()


def waiting(spares: run_spare.Spares) -> subprocess.Popen[bytes]:
    """The keeper in reserve, once it has its child."""
    assert spares._spare is not None
    process = spares._spare.process
    if sys.platform == "linux":
        until(lambda: children(process.pid) != [])
    return process


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_there(pid: int) -> bool:
    """Is it alive? Whom nobody buries is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.01)


def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pids of the keepers started from now on."""
    pids: list[int] = []
    begin = run_spare.Keeper.__init__

    def noted(self: run_spare.Keeper) -> None:
        begin(self)
        pids.append(self.process.pid)

    monkeypatch.setattr(run_spare.Keeper, "__init__", noted)
    return pids


def test_what_was_prepared_has_a_keeper_in_reserve_and_uses_it(
    place: Place, monkeypatch: pytest.MonkeyPatch, spares: run_spare.Spares
) -> None:
    pids = started(monkeypatch)
    asked = RunCommand(argv=["echo", "warm"])
    action = place.prepare(asked)
    first = waiting(spares)
    assert place.prepare(asked).digest == action.digest, "a second look starts no second keeper"

    assert place.perform(asked, action)[0].text == "warm\n"
    assert pids == [first.pid]
    assert first.returncode == 0
    assert spares._spare is None


def test_without_one_in_reserve_a_command_runs_alike(
    place: Place, monkeypatch: pytest.MonkeyPatch, spares: run_spare.Spares
) -> None:
    asked = RunCommand(argv=["echo", "cold"])
    action = place.prepare(asked)
    reserve = spares._taken()
    assert reserve is not None
    reserve.dismiss()
    pids = started(monkeypatch)

    assert place.perform(asked, action)[0].text == "cold\n"
    assert len(pids) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("is_warm", [True, False])
def test_a_command_inherits_nothing_but_its_input_and_output(
    place: Place, spares: run_spare.Spares, is_warm: bool
) -> None:
    asked = RunCommand(argv=[sys.executable, "-I", "-S", "-c", LISTED], path="docs:")
    action = place.prepare(asked)
    waiting(spares)
    if not is_warm:
        reserve = spares._taken()
        assert reserve is not None
        reserve.dismiss()

    # 3 is the folder that it lists.
    assert place.perform(asked, action)[0].text == "0 1 2 3\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("who", ["keeper", "child"])
def test_one_that_died_in_reserve_is_replaced(
    place: Place, monkeypatch: pytest.MonkeyPatch, spares: run_spare.Spares, who: str
) -> None:
    asked = RunCommand(argv=["touch", "once"], writes=["sandbox:"], path="sandbox:")
    action = place.prepare(asked)
    keeper = waiting(spares)
    child = children(keeper.pid)[0]
    pids = started(monkeypatch)
    os.kill(keeper.pid if who == "keeper" else child, signal.SIGKILL)
    until(lambda: not is_there(keeper.pid) and not is_there(child))

    assert place.perform(asked, action)[0].summary["exit_code"] == 0
    assert (place.sandbox / "once").exists()
    assert len(pids) == 1

    place.prepare(asked)
    first = waiting(spares)
    first.kill()
    until(lambda: not is_there(first.pid))
    place.prepare(asked)
    assert waiting(spares).pid != first.pid


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_one_that_dies_as_it_is_told_has_begun_nothing() -> None:
    keeper = run_spare.Keeper()
    os.kill(keeper.process.pid, signal.SIGSTOP)
    keeper.door.settimeout(0.1)

    assert not keeper.takes(run_hand_over.packed({"argv": ["x"]}), [])
    assert keeper.process.returncode == -signal.SIGKILL
    keeper.dismiss()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_one_that_is_not_used_ends() -> None:
    spares = run_spare.Spares(idle_s=0.2)
    spares.get_ready()
    keeper = spares._spare
    assert keeper is not None

    until(lambda: keeper.process.returncode is not None)
    assert keeper.process.returncode == 0
    assert spares._spare is None


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_one_in_reserve_ends_with_its_worker() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, stdout=-1) as worker:
        assert worker.stdout is not None
        keeper = int(worker.stdout.readline())
        until(lambda: children(keeper) != [])
        child = children(keeper)[0]
        worker.kill()

    until(lambda: not is_there(keeper) and not is_there(child))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_reserve_has_nothing_of_its_worker(spares: run_spare.Spares, tmp_path: Path) -> None:
    with (tmp_path / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        spares.get_ready()
        keeper = waiting(spares)
        open_there = [
            str(link.readlink())
            for pid in (keeper.pid, *children(keeper.pid))
            for link in Path(f"/proc/{pid}/fd").iterdir()
        ]

    assert str(tmp_path / "open") not in open_there
    assert b"PYTEST" not in Path(f"/proc/{keeper.pid}/environ").read_bytes()


class Heard:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.text = b""

    def feed(self, data: bytes) -> bool:
        self.text += data
        return True

    def tick(self) -> None: ...


def test_descriptors_arrive_at_the_numbers_that_the_plan_names(tmp_path: Path) -> None:
    """Whatever the keeper and its child have at these numbers themselves."""
    shell = pinning.pin("/bin/sh")
    numbers = [12, 3, 9, 4, 8, 5, 7, 6, 11, 10]
    reads = "; ".join(f"cat /dev/fd/{number}" for number in numbers)
    # sh has the words of a shell, and nothing above 9: so through /dev/fd.
    script, env = f"{reads}; echo end", environment.made("linux", str(tmp_path), {})
    inside = {number: tmp_path / str(number) for number in numbers}
    for number, path in inside.items():
        path.write_text(f"{number} ")
    held = {number: os.open(path, os.O_RDONLY) for number, path in inside.items()}
    plan = Plan(["sh", "-c", script], "/bin/sh", None, str(tmp_path), env, Limits(), [])
    plan.handed_on = numbers
    plan.descriptors = lambda stdin, stdout: [  # type: ignore[method-assign]
        *(stdin, stdout),
        *(held[number] for number in numbers),
    ]
    view = View(scratch=str(tmp_path))
    launch = Launch(("sh",), shell, str(tmp_path), env, view, Sandbox.NONE)
    heard = Heard()
    try:
        finished = run_posix.run(plan, launch, heard, CancelToken(), SystemClock())
    finally:
        shell.close()
        for fd in held.values():
            os.close(fd)

    assert heard.text.decode().split() == [*map(str, numbers), "end"]
    assert finished.exit_code == 0


def test_a_plan_larger_than_any_buffer_arrives_whole(tmp_path: Path) -> None:
    plan = {"argv": ["x" * 3_000_000, "\udcff"], "env": {"A": None}}
    (tmp_path / "given").write_text("given")
    ours, theirs = socket.socketpair()
    with ours, theirs, (tmp_path / "given").open() as file:
        ours.settimeout(20)
        message = run_hand_over.packed(plan)
        sender = threading.Thread(target=run_hand_over.hand, args=(ours, message, [file.fileno()]))
        sender.start()
        handed = run_hand_over.received(theirs)
        sender.join(20)
    assert handed is not None
    got, (fd,) = handed
    assert got == plan
    assert not os.get_inheritable(fd)
    with os.fdopen(fd) as arrived:
        assert arrived.read() == "given"


def test_half_a_plan_is_none(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with theirs, (tmp_path / "given").open("w") as file:
        before = len([*Path("/dev/fd").iterdir()])
        socket.send_fds(ours, [b"\0\0\1\0only"], [file.fileno()])
        ours.close()

        assert run_hand_over.received(theirs) is None
        assert len([*Path("/dev/fd").iterdir()]) == before - 1, "what came with it is closed"
