"""Harmless steps: the facts of a machine, and the pulse of the echo.

They read and change nothing, so they prove the path to a place and back.
"""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock
from core.runs.model import Kind
from core.runs.ports import StepContext
from core.runs.steps import step


@dataclass(frozen=True)
class Room:
    """`home` is a folder on the disk whose free space counts: MASK_HOME."""

    clock: Clock
    home: Path


@dataclass(frozen=True)
class FactsWanted:
    """Ask a place for its facts; there is nothing to choose."""


@dataclass(frozen=True)
class Facts:
    """What a place says of itself. `at` is its clock, ISO 8601 in UTC."""

    system: str
    release: str
    machine: str
    python: str
    cpus: int
    free_disk_bytes: int
    at: str


@dataclass(frozen=True)
class PulseWanted:
    """The slot that beat's tick fell into; only the journal reads it."""

    slot: str = ""


@dataclass(frozen=True)
class Pulse:
    """When a worker had the echo in its hands, ISO 8601 in UTC."""

    at: str


@step("node.facts", kind=Kind.READ, timeout_s=10)
def node_facts(room: Room, _ctx: StepContext, _wanted: FactsWanted) -> Facts:
    """System, Python, processors, free disk and time of the place where it runs."""
    free = shutil.disk_usage(_existing(room.home)).free
    return Facts(
        system=platform.system(),
        release=platform.release(),
        machine=platform.machine(),
        python=platform.python_version(),
        cpus=os.cpu_count() or 1,
        free_disk_bytes=free,
        at=room.clock.now().isoformat(),
    )


@step("monitor.pulse", kind=Kind.READ, timeout_s=10)
def pulse(room: Room, _ctx: StepContext, _wanted: PulseWanted) -> Pulse:
    """The time; that it is told at all is the point."""
    return Pulse(room.clock.now().isoformat())


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
