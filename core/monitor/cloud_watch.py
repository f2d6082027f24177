"""Whether the cloud answers at all: told when it does not any more, and when it does again.

One endpoint that fails is the router's business and in /models; the owner is told only when all of
the cloud is down, so that answers come from their own machines or not at all. What flickers is not
told: a state must hold for `HOLD_S`. Looks at standings and limits, asks no model.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import Clock
from core.db import Database, Transaction
from core.llm.gauges import Level as Fill
from core.llm.gauges import Room
from core.llm.model import SCRIPTED, Endpoint, Readiness, Role, Standing
from core.llm.ports import NamedValues
from core.runs.notices import Level, Notice, alert

#: Seconds between two looks, and for which a change must hold before it is told.
EVERY_S, HOLD_S = 5.0, 20.0
#: Failures in a row after which an endpoint counts as down until it has answered again.
FAILURES = 2
#: The preference that says what was told last.
TOLD = "cloud-watch"
COMPONENT = "models"


class Sky(enum.StrEnum):
    """How it looks."""

    CLEAR = "clear"  # a model in the cloud may be asked, or none is set up
    LOCAL = "local"  # only the owner's machines answer
    DARK = "dark"  # nobody answers


@dataclass(frozen=True)
class Seen:
    """One endpoint, as far as this matters."""

    name: str
    is_mine: bool
    is_down: bool


@dataclass(frozen=True)
class Outlook:
    """How it looks, and who answers meanwhile."""

    sky: Sky
    helper: str = ""
    down: int = 0


class CloudWatch:
    """`seen` tells how everybody is; `put` stores a notice; `values` keeps what was told."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        values: NamedValues,
        put: Callable[[Transaction, Notice], object],
        seen: Callable[[], Sequence[Seen]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._values = values
        self._put = put
        self._seen = seen
        self._changing: tuple[Sky, float] | None = None

    def look(self) -> Sky:
        """One look; what was told last. A ticker calls it every `EVERY_S`."""
        outlook = outlook_of(self._seen())
        with self._db.read() as tx:
            told = Sky(self._values.get(tx, TOLD, Sky.CLEAR.value))
        if outlook.sky is told:
            self._changing = None
            return told
        now = self._clock.monotonic()
        if self._changing is None or self._changing[0] is not outlook.sky:
            self._changing = (outlook.sky, now)
        if now - self._changing[1] < HOLD_S:
            return told
        with self._db.write() as tx:
            for notice in notices_of(told, outlook):
                self._put(tx, notice)
            self._values.set(tx, TOLD, outlook.sky.value)
        self._changing = None
        return outlook.sky


def seen_of(
    endpoints: Iterable[Endpoint],
    standing: Callable[[Endpoint], Standing],
    rooms: Mapping[str, Room],
) -> list[Seen]:
    """Everybody who is set up, not paused, and talks. `rooms` by name; nobody without one is
    limited."""
    return [
        Seen(each.name, each.is_mine, is_down(standing(each), rooms.get(each.name)))
        for each in endpoints
        if not each.missing
        and not each.is_paused
        and each.provider != SCRIPTED
        and each.roles != (Role.EMBED,)
    ]


def is_down(standing: Standing, room: Room | None = None) -> bool:
    """It cannot be asked now, or it failed so often that its coming back must be seen first."""
    if standing.readiness in {Readiness.DEAD, Readiness.ABSENT, Readiness.COOLING}:
        return True
    return standing.in_a_row >= FAILURES or (room is not None and room.level is Fill.FULL)


def outlook_of(seen: Sequence[Seen]) -> Outlook:
    """Pure."""
    cloud = [each for each in seen if not each.is_mine]
    if not cloud or any(not each.is_down for each in cloud):
        return Outlook(Sky.CLEAR)
    helper = next((each.name for each in seen if each.is_mine and not each.is_down), "")
    return Outlook(Sky.LOCAL if helper else Sky.DARK, helper, len(cloud))


def notices_of(told: Sky, now: Outlook) -> list[Notice]:
    """What the owner hears of a change; pure. Each state is one alert, which its end resolves."""
    found = []
    if told is Sky.LOCAL:
        found.append(alert(Level.RESOLVED, COMPONENT, "cloud-down"))
    if told is Sky.DARK:
        found.append(alert(Level.RESOLVED, COMPONENT, "models-down"))
    values: dict[str, Any] = {"count": now.down}
    if now.sky is Sky.LOCAL:
        found.append(alert(Level.NOTICE, COMPONENT, "cloud-down", helper=now.helper, **values))
    if now.sky is Sky.DARK:
        found.append(alert(Level.PROBLEM, COMPONENT, "models-down", **values))
    return found
