"""What the router sees when it decides: facts about endpoints at one moment; pure.

Gathered by `lookout`, judged by `choice`. Shares go from 0 to 1, money is micro-dollars, times are
seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.llm.model import Endpoint, Standing


@dataclass(frozen=True)
class Left:
    """What is left of the limits that an endpoint counts against, and whether it has a key."""

    share: float = 1.0  # of the scarcest limit; 1 where there is none
    is_near: bool = False  # so little, or so soon nothing, that others are asked first
    is_full: bool = False  # such a request does not fit now
    wait_s: float | None = 0.0  # until it fits; None: it never does
    runs_out_s: float | None = None  # forecast: until nothing is left
    has_key: bool | None = None  # None: not known, or none is needed


@dataclass(frozen=True)
class Pace:
    """How an endpoint has fared in this process."""

    first_token_s: float | None = None  # the median of late; None: not measured yet
    busy: int = 0  # calls under way
    turn: int = 0  # number of the decision that chose it last; 0: never


@dataclass(frozen=True)
class Sight:
    """One endpoint at this moment."""

    standing: Standing = field(default_factory=Standing)
    left: Left = field(default_factory=Left)
    pace: Pace = field(default_factory=Pace)
    is_away: bool = False  # its place does not answer


UNSEEN = Sight()


@dataclass(frozen=True)
class Field:
    """All that a decision looks at. `money`: what may still be spent, None without a ceiling;
    `turns`: how many decisions there were; `pinned`: the owner's choice for this thread."""

    endpoints: tuple[Endpoint, ...]
    sights: Mapping[str, Sight] = field(default_factory=dict)
    preference: Sequence[str] = ()
    money: int | None = None
    turns: int = 0
    pinned: str = ""

    def sight(self, name: str) -> Sight:
        return self.sights.get(name, UNSEEN)
