"""Keepers, started before there is a command for them.

Decides when a keeper waits in reserve: from the moment a command is prepared until one takes it,
at most five minutes. There is one in a process, whatever runs commands in it; who finds none starts
another and hands over the same way. Works in any thread.

A keeper that does not say that it has taken a plan has begun nothing of it: then another gets it.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from core.errors import Broken
from core.execution import run_hand_over

assert sys.platform != "win32", "Windows has run_windows"

log = structlog.get_logger(__name__)

#: Not the file itself: as a module it is compiled once, not at each start.
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from core.execution.run_keeper import main; sys.exit(main())"
)
PROGRAM = (sys.executable, "-I", "-S", "-c", START, str(Path(__file__).resolve().parents[2]))
#: The keeper's own environment: nothing that a command might read from it.
BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
#: Seconds that one waits in reserve.
IDLE_S = 300.0
#: Seconds for a keeper to start and take its plan, on a machine that has much to do.
TAKE_S = 60.0
#: Seconds for a keeper to go by itself.
LEAVE_S = 15.0
#: The one in reserve may have died, or die just then; one started for the command has not.
TRIES = 2


class Keeper:
    """A keeper that has no command yet."""

    def __init__(self) -> None:
        self.door, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as stack:
            stack.callback(self.door.close)
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [*PROGRAM, str(theirs.fileno())],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=BARE,
                cwd="/",
                start_new_session=True,
            )
            stack.pop_all()
        self.door.settimeout(TAKE_S)

    def takes(self, message: bytes, fds: Sequence[int]) -> bool:
        """Hand over; False when it is dead and has begun nothing."""
        with self.door:
            try:
                run_hand_over.hand(self.door, message, fds)
                return self.door.recv(1) == run_hand_over.TAKEN
            except ConnectionError:
                return False
            except TimeoutError:
                self.process.kill()
                self.process.wait()
            try:  # it may have said so at the last moment
                return self.door.recv(1) == run_hand_over.TAKEN
            except ConnectionError:
                return False

    def dismiss(self) -> None:
        """It is not needed."""
        self.door.close()
        leave(self.process)


class Spares:
    """The keeper in reserve. `idle_s`: seconds that it waits."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._spare: Keeper | None = None
        self._timer: threading.Timer | None = None

    def get_ready(self) -> None:
        """A command may come soon: have one in reserve. Where none can be started, the command
        itself will tell."""
        with self._lock:
            dead = self._spare
            if dead is not None and dead.process.poll() is None:
                self._wait_for_use(dead)
                return
            self._spare = None
            try:
                self._spare = Keeper()
            except OSError as error:
                log.warning("no-keeper-in-reserve", why=str(error))
            else:
                self._wait_for_use(self._spare)
        if dead is not None:
            dead.dismiss()

    def hand_over(self, message: bytes, fds: Sequence[int]) -> subprocess.Popen[bytes]:
        """The keeper that has taken a plan. Broken(`command-not-started`)."""
        for _try in range(TRIES):
            keeper = self._taken() or Keeper()
            try:
                if keeper.takes(message, fds):
                    return keeper.process
            except BaseException:
                keeper.dismiss()
                raise
            keeper.dismiss()
        raise Broken("command-not-started", why="its keeper does not start")

    def _taken(self) -> Keeper | None:
        with self._lock:
            spare, self._spare = self._spare, None
            if self._timer is not None:
                self._timer.cancel()
        return spare

    def _wait_for_use(self, spare: Keeper) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_s, self._expire, [spare])
        self._timer.daemon = True
        self._timer.start()

    def _expire(self, spare: Keeper) -> None:
        with self._lock:
            if self._spare is not spare:
                return
            self._spare = None
        spare.dismiss()


def leave(keeper: subprocess.Popen[bytes]) -> None:
    """Close what leads to a keeper: if it is still there, it ends everything and itself."""
    for file in (keeper.stdin, keeper.stdout):
        if file is not None:
            file.close()
    try:
        keeper.wait(LEAVE_S)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
