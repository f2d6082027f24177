"""What it takes to run a command, alike on every system; no I/O.

    Launch -> Runner.run -> Finished

`run_linux`, `run_macos` and `run_windows` are the runners. A runner starts one program from a list
of arguments in a session of its own, gives it bytes or nothing to read, and returns when the whole
tree is dead: at its own end, at the time limit, when the owner stops it, or when it floods.

Sources of the limits: `reliability.md` 4.4.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.execution.pinning import Pinned
from core.runs.cancel import CancelToken

MIB = 1024 * 1024
#: Seconds a command may take, unless it asks for more, and at most.
TIMEOUT_S, MOST_TIMEOUT_S = 60, 1800
#: Seconds between asking a tree to end and ending it.
GRACE_S = 5.0
#: Bytes a command may print.
MOST_OUTPUT = 50 * MIB


class Sandbox(enum.StrEnum):
    """What holds a command in. Only `none` and `job` leave the owner's secrets within reach."""

    BWRAP = "bwrap"  # own namespaces by bubblewrap: files, processes, network
    LANDLOCK = "landlock"  # file rules of the kernel, and a filter of system calls
    SEATBELT = "sandbox-exec"  # macOS
    JOB = "job"  # Windows: the tree dies together, nothing else is held
    NONE = "none"

    @property
    def holds_files(self) -> bool:
        """Is everything read-only but what is named, and are keys out of reach?"""
        return self in {Sandbox.BWRAP, Sandbox.LANDLOCK, Sandbox.SEATBELT}


@dataclass(frozen=True)
class Limits:
    """Bounds of one command: seconds, bytes, counts."""

    time_s: float = TIMEOUT_S
    grace_s: float = GRACE_S
    output_bytes: int = MOST_OUTPUT
    file_bytes: int = 2 * 1024 * MIB
    open_files: int = 1024
    processes: int = 256


class Layer(enum.Enum):
    """What a folder is to a command."""

    HIDE = "hide"
    SHOW = "show"
    WRITE = "write"


@dataclass(frozen=True)
class View:
    """Which files a command sees, as absolute paths. Everything is read-only but `scratch` and
    `writes`; `hidden` is out of reach, save for the folders in `shown` and `writes` inside it.
    `is_alone`: it sees the system's programs and its scratch, nothing of the owner's."""

    scratch: str
    writes: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    network: bool = False
    is_alone: bool = False

    def layers(self, more_hidden: Iterable[str] = ()) -> list[tuple[str, Layer]]:
        """What lies over what: the deeper folder is the upper layer, so that the owner's sandbox
        is seen inside hidden MASK_HOME, and MASK_HOME is not seen inside a shown home folder."""
        layers = dict.fromkeys((*more_hidden, *self.hidden), Layer.HIDE)
        layers |= dict.fromkeys(() if self.is_alone else self.shown, Layer.SHOW)
        layers |= dict.fromkeys((*self.writes, self.scratch), Layer.WRITE)
        return sorted(layers.items(), key=lambda one: (one[0].count("/"), one[0]))


@dataclass(frozen=True)
class Launch:
    """One command, ready to start. `operand` is the script file that `argv` hands to `exe`;
    `folders` are those it stands in and writes to, with device and inode, as they were judged;
    with `privilege` it may gain other rights, and nothing holds it."""

    argv: tuple[str, ...]
    exe: Pinned
    cwd: str
    env: Mapping[str, str]
    view: View
    sandbox: Sandbox
    operand: Pinned | None = None
    folders: tuple[tuple[str, int, int], ...] = ()
    privilege: bool = False
    stdin: bytes = b""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Finished:
    """How a command ended. `exit_code` is negative for a signal, None when there is none to tell.
    `killed`: `time`, `stop`, `output`, `processes`. `left`: processes of its tree that could not
    be ended (none, but for those that hang inside the kernel)."""

    exit_code: int | None
    killed: str | None
    took_s: float
    left: int = 0


class Sink(Protocol):
    """Where a command's output goes."""

    def feed(self, data: bytes) -> bool:
        """Take `data`; False when that is more than may be printed."""

    def tick(self) -> None:
        """Called a few times a second, to show what there is."""


class Runner(Protocol):
    """Runs commands on this system."""

    def sandbox(self, *, privilege: bool = False) -> Sandbox:
        """What will hold a command here; found out once by really trying it. A command that asks
        for `privilege` cannot be held."""

    def get_ready(self) -> None:
        """A command was prepared and may run soon: do ahead what takes time, and forget it when
        none comes. Never fails."""

    def run(self, launch: Launch, sink: Sink, cancel: CancelToken) -> Finished:
        """Run it to its end. Refused(`command-changed`) when what was pinned is not what is there,
        Broken(`command-not-started`, `sandbox-failed`) when it could not begin."""
