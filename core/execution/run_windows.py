"""Commands on Windows: a Job Object, in which the whole tree dies together.

Decides the order of things: the program is created suspended, put into a job that lets nothing
break away and ends everything when it is closed, and only then resumed; a child that is quicker
than we are does not get out. Logic only: the calls are a `Kernel` (`run_windows_calls`).

Missing guarantees: a job holds processes, not files and not the network, so the card says that it
is not sandboxed; nothing here asks a program to end before it is ended.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Protocol

from core.clock import Clock
from core.errors import Broken, Refused
from core.execution.run_port import MIB, Finished, Launch, Sandbox, Sink
from core.runs.cancel import CancelToken

#: Process creation flags of the Windows API.
CREATE_SUSPENDED, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW = 0x4, 0x200, 0x08000000
FLAGS = CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW
#: Letters of a command line, the closing NUL among them (CreateProcessW).
MOST_LINE = 32_767
#: Bytes that a tree may hold, and what it exits with when we end it.
MOST_MEMORY, KILLED = 4096 * MIB, 1
CHUNK = 64 * 1024
TICK_S, LINGER_S = 0.25, 1.0


class Kernel(Protocol):
    """The calls of Windows that a job needs. Handles are numbers; errors are OSError."""

    def create_job(self, *, processes: int, memory: int) -> int:
        """A job with these limits that ends its processes when its last handle is closed."""

    def assign(self, job: int, process: int) -> None: ...

    def resume(self, process: int) -> None:
        """Let a process that was created suspended begin."""

    def terminate(self, job: int, code: int) -> None: ...

    def active(self, job: int) -> int:
        """How many of the job's processes live."""

    def close(self, handle: int) -> None: ...


class Process(Protocol):
    """A started program, as `subprocess.Popen` is one."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


Spawn = Callable[[Sequence[str], str, str, Mapping[str, str]], Process]
HandleOf = Callable[[Process], int]


def spawn(argv: Sequence[str], exe: str, cwd: str, env: Mapping[str, str]) -> Process:
    """The program, suspended, with pipes for its input and output."""
    return subprocess.Popen(  # noqa: S603 - what the owner approved
        list(argv),
        executable=exe,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        creationflags=FLAGS,
        close_fds=True,
    )


def handle_of(process: Process) -> int:
    """The handle that Popen keeps to itself."""
    return int(process._handle)  # type: ignore[attr-defined]  # noqa: SLF001


class WindowsRunner:
    """`run_port.Runner`."""

    def __init__(
        self, clock: Clock, kernel: Kernel, spawn: Spawn = spawn, handle_of: HandleOf = handle_of
    ) -> None:
        self._clock = clock
        self._kernel = kernel
        self._spawn = spawn
        self._handle_of = handle_of

    def sandbox(self, *, privilege: bool = False) -> Sandbox:
        del privilege
        return Sandbox.JOB

    def get_ready(self) -> None:
        """There is nothing to start ahead: no keeper is needed."""

    def run(self, launch: Launch, sink: Sink, cancel: CancelToken) -> Finished:
        if len(subprocess.list2cmdline(launch.argv)) >= MOST_LINE:
            raise Refused("command-too-long", most=MOST_LINE - 1)
        cancel.check()
        began = self._clock.monotonic()
        job = self._kernel.create_job(processes=launch.limits.processes, memory=MOST_MEMORY)
        try:
            process = self._started(launch, job)
            with contextlib.ExitStack() as stack:
                for pipe in (process.stdin, process.stdout):
                    assert pipe is not None
                    stack.enter_context(pipe)
                killed = self._follow(process, launch, sink, cancel, job)
                code = process.wait()
            self._kernel.terminate(job, KILLED)
            left = self._kernel.active(job)
        finally:
            self._kernel.close(job)
        return Finished(code, killed, self._clock.monotonic() - began, left)

    def _started(self, launch: Launch, job: int) -> Process:
        """In the job before its first instruction; nothing is left when that fails."""
        if any(one is not None and not one.is_same() for one in (launch.exe, launch.operand)):
            raise Refused("command-changed", path=launch.exe.path)
        try:
            process = self._spawn(launch.argv, launch.exe.path, launch.cwd, launch.env)
        except OSError as error:
            why = f"{type(error).__name__} {error.errno}"
            raise Broken("command-not-started", why=why) from error
        try:
            handle = self._handle_of(process)
            self._kernel.assign(job, handle)
            self._kernel.resume(handle)
        except OSError as error:
            process.kill()
            process.wait()
            why = f"{type(error).__name__} {error.errno}"
            raise Broken("command-not-started", why=why) from error
        return process

    def _follow(
        self, process: Process, launch: Launch, sink: Sink, cancel: CancelToken, job: int
    ) -> str | None:
        """Take the output until the program has ended, or has to; why it had to."""
        events: queue.SimpleQueue[bytes | str] = queue.SimpleQueue()
        assert process.stdin is not None
        assert process.stdout is not None
        _thread(_pump, process.stdout, events)
        _thread(_type, process.stdin, launch.stdin)
        _thread(_wait, process, events)
        cancel.on_cancel(lambda: events.put("stop"))
        deadline = self._clock.monotonic() + launch.limits.time_s
        killed: str | None = None
        over_at: float | None = None
        is_silent = False
        while not (over_at is not None and is_silent):
            now = self._clock.monotonic()
            if killed is None and now >= deadline:
                killed = "time"
                self._kernel.terminate(job, KILLED)
            if over_at is not None and now >= over_at + LINGER_S:
                break  # somebody else holds the pipe: not our affair
            with contextlib.suppress(queue.Empty):
                event = events.get(timeout=TICK_S)
                if event == "over":
                    over_at = self._clock.monotonic()
                    self._kernel.terminate(job, KILLED)  # children that it left behind
                elif event == "stop" and over_at is None:
                    killed = "stop"
                    self._kernel.terminate(job, KILLED)
                elif event == b"":
                    is_silent = True
                elif isinstance(event, bytes) and not sink.feed(event) and killed is None:
                    killed = "output"
                    self._kernel.terminate(job, KILLED)
            sink.tick()
        return killed


def _thread(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, name="command", daemon=True).start()


def _pump(pipe: IO[bytes], events: queue.SimpleQueue[bytes | str]) -> None:
    with contextlib.suppress(OSError, ValueError):  # closed at the end, by us
        while data := pipe.read(CHUNK):
            events.put(data)
    events.put(b"")


def _type(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):  # it does not want to read: its own affair
        if data:
            pipe.write(data)
        pipe.close()


def _wait(process: Process, events: queue.SimpleQueue[bytes | str]) -> None:
    process.wait()
    events.put("over")
