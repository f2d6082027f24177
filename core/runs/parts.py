"""What the engine works with, as one object that wiring makes."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Clock
from core.db import Database
from core.runs.endings import Endings
from core.runs.ports import Asking, Guard, LiveText, Places, Send, Wake
from core.runs.registry import Registry


@dataclass(frozen=True)
class Parts:
    """One per process. `send` puts a step into the outbox of its place; `guard` is home's own."""

    db: Database
    clock: Clock
    registry: Registry
    guard: Guard
    asking: Asking
    wake: Wake
    live: LiveText
    places: Places
    ends: Endings
    send: Send
    home: str = "home"
