"""The processes of each place, as data: what the supervisor is given.

The command lines of home stand in the Procfile, so that any other runner starts the same. Each
program starts as `python -m ...` from the checkout: console scripts would import the wrong `core`
when a dependency ships one.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.environment import ROOT, variables

#: Programs of the Procfile that run once and are not supervised.
ONCE = frozenset({"release"})
#: A node's worker; the pairing under MASK_HOME says which node it is.
NODE_COMMAND = "python -m workers.node"


@dataclass(frozen=True)
class Program:
    """One process to keep running.

    `wave` orders starts (small first) and stops (small last). `needs` are loopback ports that must
    accept a connection before the start. `speaks`: what it writes to stdout is for the person at
    the console; stderr goes to the log only. `stop_s` is the time it gets between being asked and
    being killed.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    wave: int = 1
    needs: tuple[int, ...] = ()
    speaks: bool = False
    stop_s: float = 8.0


def procfile() -> dict[str, tuple[str, ...]]:
    """The Procfile's lines: name to argument list, with this interpreter for `python`."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))
    return {name.strip(): argv(command) for name, command in pairs}


def argv(command: str) -> tuple[str, ...]:
    """A command line of ours as a list; the first word `python` becomes this interpreter."""
    words = shlex.split(command)
    return (sys.executable, *words[1:]) if words[0] == "python" else tuple(words)


def home(env: Mapping[str, str], *, needs: tuple[int, ...] = ()) -> list[Program]:
    """Bot, worker and beat, as the Procfile names them."""
    return [
        Program(name, command, settings(env), needs=needs, speaks=name == "bot")
        for name, command in procfile().items()
        if name not in ONCE
    ]


def node(name: str, env: Mapping[str, str]) -> list[Program]:
    """The one worker of a node."""
    return [Program(name, argv(NODE_COMMAND), settings(env), speaks=True)]


def settings(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program: this process's, ours, then `env`.

    Celery takes SIGTERM as a warm shutdown without a limit; remapped, it is the soft one.
    """
    return {
        **variables(),
        "PYTHONUNBUFFERED": "1",
        "REMAP_SIGTERM": "SIGQUIT",
        **env,
    }


def relative(path: Path) -> str:
    """`path` as a person in the checkout would write it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
