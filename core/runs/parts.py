"""What the engine works with, as one object that wiring makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.clock import Clock
from core.db import Database, Transaction
from core.runs.endings import Endings
from core.runs.model import RunRow, StepRow
from core.runs.ports import GatePolicy, LiveText, Places, Wake
from core.runs.registry import Registry


@dataclass(frozen=True)
class Parts:
    """One per process. `send` puts a step into the outbox of its place."""

    db: Database
    clock: Clock
    registry: Registry
    gate: GatePolicy
    wake: Wake
    live: LiveText
    places: Places
    ends: Endings
    send: Callable[[Transaction, RunRow, StepRow], None]
    home: str = "home"
