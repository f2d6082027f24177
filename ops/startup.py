"""What `try` and `up` share: settings as children see them, the database, the run itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ops import lock, private_redis, programs
from ops.environment import ROOT
from ops.records import claimed
from ops.supervisor import Supervisor, clock_say


def surroundings() -> dict[str, str]:
    """The environment, with `.env` of the checkout below it, as the settings read them."""
    from dotenv import dotenv_values

    filed = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value}
    return {**filed, **os.environ}


def alone(data: Path, run: Callable[[], int]) -> int:
    """Call `run` as the only start with this data, after ending what a killed one left behind."""
    try:
        with claimed(data, clock_say):
            return run()
    except lock.AlreadyHeld:
        print(f"It is already running with {programs.relative(data)}.", file=sys.stderr)
    except private_redis.NoServer as error:
        print(error, file=sys.stderr)
    return 1


def home_of(env: dict[str, str]) -> Path:
    """The data directory under these settings."""
    return Path(env.get("MASK_HOME") or "data").absolute()


def migrate(home: Path, env: dict[str, str]) -> int:
    """The database to this code's tables, in a process of its own: Alembic stays out of the bot.

    A mark under MASK_HOME spares later starts the half second. Processes check for themselves
    too, so a wrong mark does no harm.
    """
    request = home / "run" / "repair"
    if request.exists() and (code := repair({**env, "MASK_HOME": str(home)})):
        return code
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    mark = home / "run" / "schema"
    wanted = f"{names[-1]} {env.get('MASK_DATABASE_URL', '')[:12]} {env.get('DB_PATH', '')}"
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted and any(home.glob("*.db")):
        return 0
    command = [sys.executable, "-m", "ops", "migrate", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=programs.settings(env), check=False)
    if request.exists():  # it has found the database damaged
        if code := repair({**env, "MASK_HOME": str(home)}):
            return code
        done = subprocess.run(command, cwd=ROOT, env=programs.settings(env), check=False)
    if done.returncode == 0:
        lock.write_private(mark, wanted)
    return done.returncode


def repair(env: Mapping[str, str]) -> int:
    """Have a damaged database rebuilt, in a process of its own; nothing else may run."""
    command = [sys.executable, "-m", "ops", "restore", "--repair", "--held"]
    return subprocess.run(command, cwd=ROOT, env=programs.settings(env), check=False).returncode


def supervise(
    every: Sequence[programs.Program], home: Path, env: Mapping[str, str] | None = None
) -> Supervisor:
    """A supervisor that speaks to the console; with `env` it has the database repaired, too."""
    mend = None if env is None else lambda: repair({**env, "MASK_HOME": str(home)})
    return Supervisor(every, home, say=clock_say, repair=mend)
