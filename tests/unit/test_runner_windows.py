"""The order of things on Windows, with a kernel that is not there."""

from __future__ import annotations

import io
import queue
from collections.abc import Callable
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.errors import Broken, Refused
from core.execution import pinning
from core.execution.output import Output
from core.execution.run_port import Launch, Limits, Sandbox, View
from core.execution.run_windows import FLAGS, MOST_LINE, WindowsRunner
from core.runs.cancel import Cancelled, CancelToken

JOB, HANDLE = 7, 9


class FakeProcess:
    """Runs until it is told to end."""

    def __init__(self, printed: bytes = b"", *, ends: bool = True) -> None:
        self.stdin = io.BytesIO()
        self.stdout = io.BytesIO(printed)
        self._over: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.code: int | None = None
        if ends:
            self.end(0)

    def end(self, code: int) -> None:
        self._over.put(code)

    def wait(self, timeout: float | None = None) -> int:
        if self.code is None:
            code = self._over.get(timeout=timeout or 30)
            self._over.put(code)
            self.code = code
        return self.code

    def kill(self) -> None:
        self.end(1)


class FakeKernel:
    """`run_windows.Kernel` that notes what it was asked."""

    def __init__(self, process: FakeProcess, fails: str = "") -> None:
        self.calls: list[str] = []
        self._process = process
        self._fails = fails

    def create_job(self, *, processes: int, memory: int) -> int:
        self._note(f"job {processes}")
        assert memory > 0
        return JOB

    def assign(self, job: int, process: int) -> None:
        assert (job, process) == (JOB, HANDLE)
        self._note("assign")

    def resume(self, process: int) -> None:
        assert process == HANDLE
        self._note("resume")

    def terminate(self, job: int, code: int) -> None:
        assert job == JOB
        self._note("terminate")
        self._process.end(code)

    def active(self, _job: int) -> int:
        return 0

    def close(self, handle: int) -> None:
        self._note(f"close {handle}")

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call == self._fails:
            raise OSError(5, "denied")


@pytest.fixture
def launch() -> Launch:
    exe = pinning.pin(__file__)
    view = View(scratch="C:\\scratch")
    return Launch(("x", "a b"), exe, "C:\\", {"A": "1"}, view, Sandbox.JOB, limits=Limits(time_s=5))


def made(
    process: FakeProcess, clock: ManualClock, fails: str = ""
) -> tuple[WindowsRunner, FakeKernel]:
    kernel = FakeKernel(process, fails)

    def spawn(argv: object, exe: str, cwd: str, env: object) -> FakeProcess:
        assert (argv, exe, cwd, env) == (("x", "a b"), __file__, "C:\\", {"A": "1"})
        kernel.calls.append("spawn")
        return process

    return WindowsRunner(clock, kernel, spawn, lambda _process: HANDLE), kernel


def test_a_program_is_in_its_job_before_it_begins(launch: Launch, clock: ManualClock) -> None:
    runner, kernel = made(FakeProcess(b"hello\n"), clock)
    output = Output(str)

    finished = runner.run(launch, output, CancelToken())

    assert kernel.calls[:4] == ["job 256", "spawn", "assign", "resume"]
    assert kernel.calls[-1] == f"close {JOB}"
    assert (finished.exit_code, finished.killed, finished.left) == (0, None, 0)
    assert output.finish().text == "hello\n"
    assert FLAGS & 0x4, "created suspended"


def test_children_that_are_left_behind_die_with_the_job(launch: Launch, clock: ManualClock) -> None:
    runner, kernel = made(FakeProcess(), clock)

    runner.run(launch, Output(str), CancelToken())

    assert kernel.calls.index("terminate") < kernel.calls.index(f"close {JOB}")


@pytest.mark.parametrize("fails", ["assign", "resume"])
def test_what_cannot_be_held_does_not_run(launch: Launch, clock: ManualClock, fails: str) -> None:
    process = FakeProcess(ends=False)
    runner, kernel = made(process, clock, fails)

    with pytest.raises(Broken, match="command-not-started"):
        runner.run(launch, Output(str), CancelToken())

    assert process.code == 1
    assert kernel.calls[-1] == f"close {JOB}"


def test_without_a_job_nothing_is_started(launch: Launch, clock: ManualClock) -> None:
    runner, kernel = made(FakeProcess(), clock, "job 256")

    with pytest.raises(OSError, match="denied"):
        runner.run(launch, Output(str), CancelToken())

    assert kernel.calls == ["job 256"]


def ends(
    launch: Launch, clock: ManualClock, printed: bytes, act: Callable[[CancelToken], None]
) -> str:
    """Why a program that never ends by itself was ended."""
    process, cancel = FakeProcess(printed, ends=False), CancelToken()
    runner, kernel = made(process, clock)

    class Acting(Output):
        def tick(self) -> None:
            act(cancel)

    finished = runner.run(launch, Acting(str, most=10), cancel)
    assert "terminate" in kernel.calls
    return str(finished.killed)


def test_a_program_is_ended_at_its_limit(launch: Launch, clock: ManualClock) -> None:
    assert ends(launch, clock, b"", lambda _cancel: clock.advance(3)) == "time"


def test_a_program_is_ended_when_the_owner_stops_it(launch: Launch, clock: ManualClock) -> None:
    assert ends(launch, clock, b"", CancelToken.set) == "stop"


def test_a_program_is_ended_when_it_floods(launch: Launch, clock: ManualClock) -> None:
    assert ends(launch, clock, b"x" * 11, lambda _cancel: None) == "output"


def test_what_was_stopped_before_does_not_start(launch: Launch, clock: ManualClock) -> None:
    runner, kernel = made(FakeProcess(), clock)
    cancel = CancelToken()
    cancel.set()

    with pytest.raises(Cancelled):
        runner.run(launch, Output(str), cancel)

    assert kernel.calls == []


def test_a_program_that_was_exchanged_is_not_started(clock: ManualClock, tmp_path: Path) -> None:
    program = tmp_path / "x.exe"
    program.write_bytes(b"one")
    exe = pinning.pin(str(program))
    program.write_bytes(b"two")
    view = View(scratch="C:\\scratch")
    launch = Launch(("x", "a b"), exe, "C:\\", {"A": "1"}, view, Sandbox.JOB)
    runner, kernel = made(FakeProcess(), clock)

    with pytest.raises(Refused, match="command-changed"):
        runner.run(launch, Output(str), CancelToken())

    assert "spawn" not in kernel.calls


def test_a_line_that_windows_does_not_take_is_refused(launch: Launch, clock: ManualClock) -> None:
    runner, _kernel = made(FakeProcess(), clock)
    long = Launch(("x" * MOST_LINE,), launch.exe, "C:\\", {}, launch.view, Sandbox.JOB)

    with pytest.raises(Refused, match="command-too-long"):
        runner.run(long, Output(str), CancelToken())


def test_a_job_is_no_sandbox() -> None:
    assert not Sandbox.JOB.holds_files
    assert not Sandbox.NONE.holds_files
