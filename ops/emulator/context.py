"""What every method may use, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from ops.emulator.clock import SimClock
from ops.emulator.faults import Faults
from ops.emulator.files import Files
from ops.emulator.limits import Limiter
from ops.emulator.store import Store
from ops.emulator.updates import Updates
from ops.emulator.wire import Call, Json
from ops.emulator.world import World


@dataclass
class Context:
    """The emulator's parts. Methods change the world only through them."""

    store: Store
    clock: SimClock
    world: World
    updates: Updates
    files: Files
    faults: Faults
    limiter: Limiter | None

    def chat_id(self, call: Call, *, write: bool = True) -> int:
        return self.world.reachable(call.text("chat_id"), write=write)

    def sent(self, row: Json) -> Json:
        """A message as a method returns it."""
        return self.world.full(row)
