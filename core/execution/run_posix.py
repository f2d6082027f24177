"""One command through its keeper, as Linux and macOS do it alike.

Decides when a command has to end: at its time limit it is asked to and five seconds later ended,
when the owner stops it or it floods it is ended at once. The keeper does it, and says when nothing
of the tree is left. Works in any thread: no signal handlers, nothing runs between fork and exec.
"""

from __future__ import annotations

import ast
import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
from typing import IO, Any

from core.clock import Clock
from core.errors import Broken, Refused
from core.execution import run_hand_over, run_spare
from core.execution.run_plan import Plan
from core.execution.run_port import Finished, Launch, Sink
from core.execution.run_tree import CHANGED
from core.runs.cancel import CancelToken

assert sys.platform != "win32", "Windows has run_windows"

#: One for all of this process: a keeper knows nothing of who runs commands.
SPARES = run_spare.Spares()
CHUNK = 64 * 1024
#: Seconds between two looks, and how long output may stay open after the tree is dead.
TICK_S, LINGER_S = 0.25, 1.0
#: Seconds after the order to end everything, until the keeper itself is given up.
KEEPER_S = 15.0


class Bell:
    """Wakes a loop from another thread; after `close` it is silent, whoever still holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.read, self._write = os.pipe()
        self._is_open = True

    def ring(self) -> None:
        with self._lock:
            if self._is_open:
                os.write(self._write, b"!")

    def close(self) -> None:
        with self._lock:
            self._is_open = False
            os.close(self.read)
            os.close(self._write)


def run(plan: Plan, launch: Launch, sink: Sink, cancel: CancelToken, clock: Clock) -> Finished:
    """Hand it to a keeper and see it through. Refused(`command-changed`), Broken(`command-lost`,
    `command-not-started`)."""
    cancel.check()
    with contextlib.ExitStack() as stack:
        bell = Bell()
        stack.callback(bell.close)
        stdin_read, stdin_write = _pipe(stack)
        out_read, out_write = _pipe(stack)
        fds = plan.descriptors(stdin_read.fileno(), out_write.fileno())
        keeper = SPARES.hand_over(run_hand_over.packed(plan.told()), fds)
        stack.callback(run_spare.leave, keeper)
        stdin_read.close()
        out_write.close()
        cancel.on_cancel(bell.ring)
        watch = _Watch(keeper, launch, sink, cancel, clock)
        watch.follow(bell, stdin_write, out_read)
        return watch.finished()


class _Watch:
    """The worker's side of one command."""

    def __init__(
        self,
        keeper: subprocess.Popen[bytes],
        launch: Launch,
        sink: Sink,
        cancel: CancelToken,
        clock: Clock,
    ) -> None:
        self._keeper = keeper
        self._launch = launch
        self._sink = sink
        self._cancel = cancel
        self._clock = clock
        self._began = clock.monotonic()
        self._selector = selectors.DefaultSelector()
        self._stdin = memoryview(launch.stdin)
        self._killed: str | None = None
        self._kill_at: float | None = None
        self._give_up_at: float | None = None
        self._linger_until: float | None = None
        self._is_silent = False
        self._reports = b""
        self._told: dict[str, Any] = {}

    def follow(self, bell: Bell, stdin: IO[bytes], output: IO[bytes]) -> None:
        """Everything until the keeper has said that it is over, or is lost."""
        report = self._keeper.stdout
        assert report is not None
        with self._selector as selector:
            for file, handle in ((output, self._print), (report, self._hear)):
                os.set_blocking(file.fileno(), False)
                selector.register(file, selectors.EVENT_READ, handle)
            selector.register(bell.read, selectors.EVENT_READ, self._obey)
            os.set_blocking(stdin.fileno(), False)
            selector.register(stdin, selectors.EVENT_WRITE, self._type)
            while not self._is_over():
                for key, _ready in selector.select(TICK_S):
                    key.data(key.fileobj)
                self._sink.tick()
                self._mind_the_time()

    def finished(self) -> Finished:
        """What became of it."""
        took_s = self._clock.monotonic() - self._began
        why = self._told.get("why")
        if why is not None:
            if CHANGED in why:
                raise Refused("command-changed", path=self._launch.exe.path)
            raise Broken("command-not-started", why=str(why)[:200])
        if not self._told.get("ended"):
            raise Broken("command-lost", program=self._launch.argv[0][:200])
        killed = self._killed or self._told["killed"]
        return Finished(self._told["exit_code"], killed, took_s, int(self._told["left"]))

    # -- what comes in

    def _print(self, output: IO[bytes]) -> None:
        data = _read(output)
        if data == b"":
            self._selector.unregister(output)
            self._is_silent = True
        elif data and not self._sink.feed(data):
            self._end("output")

    def _hear(self, report: IO[bytes]) -> None:
        data = _read(report)
        if data == b"":
            self._selector.unregister(report)
            self._linger_until = self._clock.monotonic() + LINGER_S
        *lines, self._reports = (self._reports + (data or b"")).split(b"\n")
        for line in lines:
            self._told.update(ast.literal_eval(line.decode()))

    def _type(self, stdin: IO[bytes]) -> None:
        """Give the command what it may read, as fast as it reads."""
        try:
            sent = os.write(stdin.fileno(), self._stdin[:CHUNK]) if self._stdin else 0
        except BlockingIOError:
            return
        except BrokenPipeError:  # it does not want to read: its own affair
            sent = len(self._stdin)
        self._stdin = self._stdin[sent:]
        if not self._stdin:
            self._selector.unregister(stdin)
            stdin.close()

    def _obey(self, bell: int) -> None:
        os.read(bell, 64)
        self._end("stop")

    # -- ending

    def _mind_the_time(self) -> None:
        now = self._clock.monotonic()
        if self._killed is None and now >= self._began + self._launch.limits.time_s:
            self._killed = "time"
            self._kill_at = now + self._launch.limits.grace_s
            self._order(b"term\n")
        elif self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            self._order(b"kill\n")
        if self._give_up_at is not None and now >= self._give_up_at:
            self._give_up_at = None
            self._keeper.kill()

    def _end(self, why: str) -> None:
        """Everything ends at once; the first reason counts, but for the owner's."""
        if self._killed is None or why == "stop":
            self._killed = why
        self._kill_at = None
        self._order(b"kill\n")

    def _order(self, order: bytes) -> None:
        control = self._keeper.stdin
        assert control is not None
        if order == b"kill\n" and self._give_up_at is None:
            self._give_up_at = self._clock.monotonic() + KEEPER_S
        with contextlib.suppress(BrokenPipeError):
            os.write(control.fileno(), order)

    def _is_over(self) -> bool:
        """The keeper has gone, and so has the output; a pipe that somebody else got hold of does
        not hold us up."""
        if self._linger_until is None:
            return False
        is_late = self._clock.monotonic() >= self._linger_until
        if not self._told.get("ended") and not self._told.get("why"):
            end_session(self._told.get("begun"), self._keeper.pid)
        return self._is_silent or is_late


def end_session(*leaders: int | None) -> None:
    """Kill the sessions and groups of a keeper that was killed, and of its command."""
    known = {leader for leader in leaders if leader}
    for leader in known:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
    for name in os.listdir("/proc") if sys.platform == "linux" else ():  # noqa: PTH208 - names
        if name.isdecimal():
            with contextlib.suppress(OSError):
                if os.getsid(int(name)) in known:
                    os.kill(int(name), signal.SIGKILL)


def _pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    read, write = os.pipe()
    reader = stack.enter_context(os.fdopen(read, "rb", buffering=0))
    writer = stack.enter_context(os.fdopen(write, "wb", buffering=0))
    return reader, writer


def _read(file: IO[bytes]) -> bytes | None:
    """What is there; empty at the end, None when there is nothing yet."""
    try:
        return os.read(file.fileno(), CHUNK)
    except BlockingIOError:
        return None
