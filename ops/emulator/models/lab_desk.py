"""What changes at one fake endpoint while the laboratory runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ops.emulator.models.lab_script import Fake, Trouble

#: Seconds after a refusal in which a call may have been under way already.
GRACE_S = 1.5
#: A caller's clock may be this much ahead of the wait that it was told.
EARLY_S = 0.05


@dataclass(frozen=True)
class Plan:
    """An answer to say: for newest messages that fit `match`."""

    text: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    match: str = ""
    finish: str = "stop"


@dataclass
class Desk:
    """What changes at one endpoint while the laboratory runs."""

    fake: Fake
    calls: int = 0
    lasting: Trouble | None = None
    forced: list[tuple[Trouble, int]] = field(default_factory=list)  # trouble, uses left; 0: always
    plans: list[tuple[Plan, int]] = field(default_factory=list)
    told_since: float = 0.0
    told_until: float = 0.0

    def next_trouble(self) -> Trouble | None:
        """The forced one, used up by one."""
        if not self.forced:
            return None
        trouble, left = self.forced[0]
        if left == 1:
            self.forced.pop(0)
        elif left:
            self.forced[0] = (trouble, left - 1)
        return trouble

    def plan(self, newest: str) -> Plan | None:
        for at, (plan, left) in enumerate(self.plans):
            if re.search(plan.match, newest):
                if left == 1:
                    self.plans.pop(at)
                elif left:
                    self.plans[at] = (plan, left - 1)
                return plan
        return None

    def is_early(self, now: float) -> bool:
        """It was told to wait, has had time to hear it, and comes all the same."""
        return self.told_since + GRACE_S < now < self.told_until - EARLY_S

    def tell(self, now: float, wait_s: float | None) -> None:
        if wait_s is not None:
            if now >= self.told_until:
                self.told_since = now
            self.told_until = max(self.told_until, now + wait_s)
