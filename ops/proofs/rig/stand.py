"""A stand: one system in a folder of its own, beside an emulator, kept by the real supervisor.

The emulator stands for Telegram and is never killed. The supervisor's roll says which process is
which. Whoever opens a stand closes it; closing ends every process it started.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ops import private_redis, programs
from ops.child import kill_tree
from ops.emulator.client import Simulator
from ops.environment import ROOT
from ops.private_redis import PrivateRedis
from ops.programs import Program
from ops.proofs.rig import keeper
from ops.records import Roll

TOKEN = "123456:PROOF"  # noqa: S105 - opens nothing but the emulator
OWNER = 1001
#: Seconds for a program to come up, and between two looks at something that cannot ring.
UP_S = 30.0
LOOK_S = 0.02


class StandBroken(Exception):
    """The stand itself does not work; the text says what its programs said."""


@dataclass(frozen=True)
class Site:
    """Where a stand's parts are, for whoever names its programs."""

    home: Path
    telegram: str  # URL of the emulator
    redis: PrivateRedis


#: Names the programs of a system, Redis not among them. May prepare files and the database.
System = Callable[[Site], list[Program]]


class Stand:
    """A running system."""

    def __init__(
        self, site: Site, system: Sequence[Program], emulator: subprocess.Popen[str]
    ) -> None:
        self.site = site
        self.simulator = Simulator(site.telegram)
        self.system = list(system)
        self.roll = Roll(site.home / "run" / "processes.json")
        self._emulator = emulator
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def names(self) -> list[str]:
        return [program.name for program in self.system]

    def start(self) -> None:
        """Start the keeper with the system; returns when every program has a process."""
        plan = self.site.home / "programs.json"
        plan.write_text(keeper.written(self.site.home, self.system), encoding="utf-8")
        said = (self.site.home / "keeper.log").open("ab")
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "ops.proofs.rig.keeper", str(plan)],
            cwd=ROOT,
            env=programs.settings({}),
            stdout=said,
            stderr=said,
            start_new_session=sys.platform != "win32",
        )
        said.close()
        for name in self.names:
            self.wait_process(name)

    def stop(self) -> None:
        """End the system, hurrying the supervisor; the emulator and the data stay."""
        if self._keeper is None:
            return
        give_up = time.monotonic() + UP_S
        while self._keeper.poll() is None:
            self._keeper.terminate()  # the second time means at once
            try:
                self._keeper.wait(0.3)
            except subprocess.TimeoutExpired:
                if time.monotonic() > give_up:
                    self._keeper.kill()
                    self.roll.end_leftovers()
        self._keeper = None

    def close(self) -> None:
        """End everything."""
        self.stop()
        self._emulator.terminate()
        self._emulator.wait(10)

    def pid(self, name: str) -> int | None:
        """The process of that program, None while it is down."""
        return self.roll.read().get(name)

    def wait_process(self, name: str, *, other_than: int | None = None) -> int:
        """The id of the program's process, once it runs (again)."""
        give_up = time.monotonic() + UP_S
        while (pid := self.pid(name)) is None or pid == other_than:
            if time.monotonic() > give_up or (self._keeper and self._keeper.poll() is not None):
                raise StandBroken(f"{name} does not run.\n{self.said()}")
            time.sleep(LOOK_S)
        return pid

    def kill(self, name: str) -> int:
        """kill -9 of the program, as soon as it has a process; its id."""
        pid = self.wait_process(name)
        kill_tree(pid)
        return pid

    def wait_polling(self) -> None:
        """Until the bot asks for updates."""
        give_up = time.monotonic() + UP_S
        while not self.simulator.calls("getUpdates"):
            if time.monotonic() > give_up:
                raise StandBroken(f"the bot does not ask for updates.\n{self.said()}")
            time.sleep(LOOK_S)

    def log(self, name: str) -> str:
        """What the program has written."""
        path = self.site.home / "logs" / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def said(self, lines: int = 15) -> str:
        """The last lines of every log, for a message about what went wrong."""
        paths = [self.site.home / "keeper.log", *sorted((self.site.home / "logs").glob("*.log"))]
        tails = []
        for path in paths:
            if path.exists():
                text = path.read_text(encoding="utf-8", errors="replace").splitlines()
                tails.append("\n".join([f"--- {path.name}", *text[-lines:]]))
        return "\n".join(tails)


@contextmanager
def stand(
    system: System,
    *,
    keeps_redis: bool = True,
    without: Sequence[str] = (),
    is_started: bool = True,
) -> Iterator[Stand]:
    """A stand of `system`, closed at the end; its folder stays when something raised.

    `keeps_redis`: the supervisor keeps Redis too; otherwise the caller runs it. `without` leaves
    programs out. `is_started=False` leaves `start` to the caller.
    """
    home = Path(tempfile.mkdtemp(prefix="mask-proof-"))
    emulator = start_emulator()
    opened: Stand | None = None
    try:
        site = Site(home, address_of(emulator), private_redis.prepare(home))
        named = [each for each in system(site) if each.name not in without]
        kept = [site.redis.program, *named] if keeps_redis else named
        opened = Stand(site, [replace(each, stop_s=3.0) for each in kept], emulator)
        if is_started:
            opened.start()
            opened.wait_polling()
        yield opened
    except BaseException:
        last_words = opened.said() if opened else ""
        print(f"{last_words}\n(what the stand left: {home})", file=sys.stderr)
        raise
    else:
        _end(opened, emulator)
        shutil.rmtree(home, ignore_errors=True)
        opened = None
    finally:
        _end(opened, emulator)


def _end(opened: Stand | None, emulator: subprocess.Popen[str]) -> None:
    if opened is not None:
        opened.stop()
    if emulator.poll() is None:
        emulator.terminate()
        emulator.wait(10)
    if emulator.stdout is not None:
        emulator.stdout.close()


def address_of(emulator: subprocess.Popen[str]) -> str:
    """Where it listens, from its first line."""
    line = emulator.stdout.readline() if emulator.stdout else ""
    if not line:
        raise StandBroken("the emulator does not start")
    return str(json.loads(line)["url"])


def close_when_told() -> None:
    """A proof that is told to end closes its stands first: SIGTERM becomes an exception."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))


def start_emulator() -> subprocess.Popen[str]:
    """A practice Telegram in memory; its first line is its address."""
    return subprocess.Popen(
        [sys.executable, "-m", "ops.emulator", "--port", "0", "--token", TOKEN],
        cwd=ROOT,
        env=programs.settings({}),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=sys.platform != "win32",
    )
