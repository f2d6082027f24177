"""Keeps a handful of processes running until it is told to stop.

Restarts what ends: at once the first time, then with growing pauses; takes restart requests
(`MASK_HOME/run/restart-<name>`, written by the watchdog); stops the whole tree on SIGINT, SIGTERM
or CTRL_BREAK. On `MASK_HOME/run/repair` (the database is damaged) it stops everything, has it
repaired, and starts everything again. A program that never came up ends everything with exit code
1, so that a wrong setting is seen; one that ran before is tried for ever. Standard library only.
"""

from __future__ import annotations

import queue
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ops.child import Child
from ops.programs import Program
from ops.records import Logs, Roll

#: A life shorter than this many seconds counts towards a crash loop.
SHORT_LIFE_S = 5.0
#: Pauses before a restart: the first, and the longest for one that ends by itself.
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 30.0
#: The longest pause for one that was killed: somebody did that, the program is not at fault.
LONGEST_KILLED_PAUSE_S = 0.4
#: Short lives in a row after which the owner is told, or, if it never ran, everything ends.
CRASH_LOOP = 5
NEVER_CAME_UP = 3
#: Seconds between looks at restart requests and at programs that have recovered.
TICK_S = 0.25
#: Seconds in which a second repair would not help either.
REPAIR_PAUSE_S = 600.0
#: How long a program waits for the ports it needs before it is started anyway.
NEEDS_S = 10.0

Event = tuple[str, "Keeper | None", int]


def pause_before_restart(short_lives: int, *, was_killed: bool) -> float:
    """Seconds to wait before the next start, doubling with each short life in a row."""
    longest = LONGEST_KILLED_PAUSE_S if was_killed else LONGEST_PAUSE_S
    return float(min(longest, FIRST_PAUSE_S * 2 ** min(short_lives, 12)))


@dataclass(eq=False)
class Keeper:
    """One program and its present life."""

    program: Program
    child: Child | None = None
    started_at: float = 0.0
    start_at: float | None = 0.0  # when to start next; None: it runs
    short_lives: int = 0
    has_run: bool = False
    is_looping: bool = False
    kill_at: float | None = None  # it was asked to end for a restart; its patience ends here


class Supervisor:
    """Runs `programs` with their records under `home`, which the caller has claimed
    (`ops.records.claimed`). `say` prints one line for the person."""

    def __init__(
        self,
        programs: Sequence[Program],
        home: Path,
        *,
        say: Callable[[str], None] = print,
        repair: Callable[[], int] | None = None,
    ) -> None:
        """`repair` is called while nothing runs; a code other than 0 ends everything."""
        self._repair = repair
        self._repaired_at: float | None = None
        self.keepers = [Keeper(program) for program in programs]
        self.run_dir = home / "run"
        self.logs = Logs(home / "logs")
        self.roll = Roll(self.run_dir / "processes.json")
        self._say = say
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stops = 0
        self._exit_code = 0

    def stop(self) -> None:
        """Ask `run` to end; safe from any thread and from signal handlers. Twice: at once."""
        self._stops += 1
        self._events.put(("stop", None, 0))

    def run(self, announce: Callable[[], object] = lambda: None) -> int:
        """Start everything, keep it running, stop it when asked; the exit code.

        `announce` tells the person, once a Ctrl-C ends things in order: before, Python raises it
        wherever it happens to be, and in a finaliser it is lost.
        """
        with ExitStack() as stack:
            stack.callback(self.logs.close)
            self._take_signals(stack)
            announce()
            self._forget_requests()
            try:
                self._keep()
            finally:
                self._stop_all()
        return self._exit_code

    def _keep(self) -> None:
        while not self._stops:
            self._start_due()
            try:
                kind, keeper, code = self._events.get(timeout=self._until_next())
            except queue.Empty:
                kind, keeper, code = "tick", None, 0
            if kind == "exit" and keeper is not None:
                self._ended(keeper, code)
            self._look()
            if self._repair is not None:
                self._mend(self._repair)

    def _mend(self, repair: Callable[[], int]) -> None:
        """What is stopped for a repair is started again afterwards, as whatever ends is."""
        request = self.run_dir / "repair"
        if not request.exists():
            return
        now = time.monotonic()
        if self._repaired_at is not None and now - self._repaired_at < REPAIR_PAUSE_S:
            request.unlink(missing_ok=True)
            self._say("The database is said to be damaged again: see ops/runbooks/database.md")
            return
        self._say("The database is damaged: everything is stopped while it is repaired")
        self._stop_all()
        request.unlink(missing_ok=True)
        self._repaired_at = now
        if code := repair():
            self._exit_code = code
            self.stop()

    def _until_next(self) -> float:
        due = [keeper.start_at for keeper in self.keepers if keeper.start_at is not None]
        return max(0.01, min([TICK_S, *(at - time.monotonic() for at in due)]))

    def _start_due(self) -> None:
        now = time.monotonic()
        changed = False
        for keeper in sorted(self.keepers, key=lambda each: each.program.wave):
            if keeper.start_at is None or keeper.start_at > now:
                continue
            if not self._has_needs(keeper, now):
                continue
            changed = self._start(keeper) or changed
        if changed:
            self._write_roll()

    def _has_needs(self, keeper: Keeper, now: float) -> bool:
        assert keeper.start_at is not None
        waited_enough = keeper.start_at > 0 and now - keeper.start_at > NEEDS_S
        if waited_enough or all(accepts(port) for port in keeper.program.needs):
            return True
        if keeper.start_at == 0:
            keeper.start_at = now  # the wait begins
        return False

    def _start(self, keeper: Keeper) -> bool:
        program = keeper.program

        def on_line(line: str, is_stdout: bool) -> None:
            self.logs.write(program.name, line)
            if is_stdout and program.speaks:
                self._say(line)

        try:
            child = Child(program, on_line, lambda code: self._events.put(("exit", keeper, code)))
        except OSError as error:
            self._say(f"{program.name}: cannot be started: {error}")
            self._exit_code = 1
            self.stop()
            return False
        keeper.child, keeper.started_at, keeper.start_at = child, time.monotonic(), None
        self.logs.write(program.name, f"-- started, process {child.pid}")
        return True

    def _ended(self, keeper: Keeper, code: int) -> None:
        name = keeper.program.name
        life = time.monotonic() - keeper.started_at
        if keeper.child is not None:
            keeper.child.kill()  # what it started must not go on without it
        keeper.child = keeper.kill_at = None
        keeper.short_lives = keeper.short_lives + 1 if life < SHORT_LIFE_S else 0
        keeper.has_run = keeper.has_run or life >= SHORT_LIFE_S
        self.logs.write(name, f"-- ended with code {code} after {life:.1f} s")
        was_killed = code < 0
        if not keeper.has_run and not was_killed and keeper.short_lives >= NEVER_CAME_UP:
            self._give_up(keeper, code)
            return
        pause = pause_before_restart(max(0, keeper.short_lives - 1), was_killed=was_killed)
        keeper.start_at = time.monotonic() + pause
        if keeper.short_lives < CRASH_LOOP:
            self._say(f"{name}: ended with code {code}; starting it again")
        elif not keeper.is_looping:
            keeper.is_looping = True
            self._say(
                f"{name}: keeps ending ({keeper.short_lives} times in a row, code {code}); "
                f"tried again every {LONGEST_PAUSE_S:.0f} s. Log: {self.logs.path(name)}"
            )
        self._write_roll()

    def _give_up(self, keeper: Keeper, code: int) -> None:
        name = keeper.program.name
        self._say(f"{name}: cannot be started (code {code} {keeper.short_lives} times). It said:")
        for line in self.logs.tail(name):
            self._say(f"    {line}")
        self._say(f"The whole log: {self.logs.path(name)}")
        self._exit_code = 1
        self.stop()

    def _look(self) -> None:
        """Restart requests, and programs that have recovered."""
        now = time.monotonic()
        for keeper in self.keepers:
            if keeper.child is not None and keeper.kill_at is not None and now > keeper.kill_at:
                keeper.child.kill()  # a deaf process does not hear a polite signal either
            if keeper.child is None or now - keeper.started_at < SHORT_LIFE_S:
                continue
            keeper.has_run, keeper.short_lives = True, 0
            if keeper.is_looping:
                keeper.is_looping = False
                self._say(f"{keeper.program.name}: runs again")
        for keeper in self.keepers:
            request = self.run_dir / f"restart-{keeper.program.name}"
            if request.exists():
                request.unlink()
                self._restart(keeper)

    def _restart(self, keeper: Keeper) -> None:
        self._say(f"{keeper.program.name}: restarting, as asked")
        if keeper.child is None:
            return  # it is being started anyway
        keeper.child.ask_to_stop()
        keeper.kill_at = time.monotonic() + keeper.program.stop_s

    def _stop_all(self) -> None:
        """Ask wave by wave, the last started first; kill what has not ended in time."""
        for wave in sorted({keeper.program.wave for keeper in self.keepers}, reverse=True):
            children = [
                keeper.child
                for keeper in self.keepers
                if keeper.program.wave == wave and keeper.child is not None
            ]
            for child in children:
                child.ask_to_stop()
            for child in children:
                self._await_end(child)
        self.roll.write({})

    def _await_end(self, child: Child) -> None:
        give_up = time.monotonic() + child.program.stop_s
        asked = self._stops
        while time.monotonic() < give_up and self._stops <= max(asked, 1):
            if child.wait(0.05):
                break
        else:
            self._say(f"{child.program.name}: did not stop in time; killed")
        child.kill()  # also whatever it started and left

    def _write_roll(self) -> None:
        self.roll.write(
            {
                keeper.program.name: keeper.child.pid
                for keeper in self.keepers
                if keeper.child is not None
            }
        )

    def _forget_requests(self) -> None:
        for request in self.run_dir.glob("restart-*"):
            request.unlink()

    def _take_signals(self, stack: ExitStack) -> None:
        names = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            before = signal.signal(number, lambda _number, _frame: self.stop())
            stack.callback(signal.signal, number, before)


def accepts(port: int) -> bool:
    """Does something on this machine listen on `port`?"""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def clock_say(line: str) -> None:
    """Print a line with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stdout, flush=True)
