"""The hybrid logical clock of this place: one order for whatever is written here.

A stamp is the wall clock in milliseconds, shifted left by COUNTER_BITS, or one more than the
newest stamp that was given or seen here, whichever is higher. It rises inside one database whatever
the machine's clock does, and puts what was seen of another place before what is written afterwards.
It does not mend clocks of places that wrote while apart. Errors: Refused(`clock-ahead`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa

from core.clock import Clock
from core.db import EPOCH, Transaction, insert_or_ignore
from core.errors import Refused
from core.memory import state_names
from core.memory.record_model import COUNTER_BITS, Stamp
from core.memory.tables import memory_state
from core.prepared import Prepared, value

#: Another place's stamp that is further ahead than this is not taken over: it would drag every
#: later stamp of ours along.
MOST_AHEAD = timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)


class Clocks:
    """The clock of place `node`; its newest value is a row, so that all processes share it."""

    def __init__(self, clock: Clock, node: str) -> None:
        self._clock = clock
        self.node = node

    def tick(self, tx: Transaction) -> Stamp:
        """A stamp above every one that was given or seen here; inside the write transaction."""
        now = self._clock.now()
        given = max(self._newest(tx, now) + 1, value_at(now))
        self._keep(tx, given, now)
        return Stamp(given, self.node)

    def see(self, tx: Transaction, stamp: Stamp) -> None:
        """Another place's stamp; later ones of ours are above it.

        Refused(`clock-ahead`) when it is over five minutes ahead of this machine's clock.
        """
        now = self._clock.now()
        if stamp.value > value_at(now + MOST_AHEAD):
            ahead_s = round((instant_of(stamp.value) - now).total_seconds())
            raise Refused("clock-ahead", node=stamp.node, seconds=ahead_s)
        if stamp.value > self._newest(tx, now):
            self._keep(tx, stamp.value, now)

    def _newest(self, tx: Transaction, now: datetime) -> int:
        """The newest value, its row locked: on PostgreSQL writers are not alone."""
        found = tx.execute(_newest()).scalar_one_or_none()
        if found is None:
            first = {"name": state_names.CLOCK, "value": 0, "changed_at": now}
            insert_or_ignore(tx, memory_state, first)
            found = tx.execute(_newest()).scalar_one()
        return int(found)

    @staticmethod
    def _keep(tx: Transaction, newest: int, now: datetime) -> None:
        tx.execute(_keep(), {"value": newest, "changed_at": now})


def value_at(when: datetime) -> int:
    """The lowest stamp value of a moment's millisecond."""
    return ((when - EPOCH) // MILLISECOND) << COUNTER_BITS


def instant_of(stamp_value: int) -> datetime:
    """The moment that a stamp value was given at, to the millisecond."""
    return EPOCH + (stamp_value >> COUNTER_BITS) * MILLISECOND


def clock_of(stored: int | None, changed_at: datetime) -> int:
    """The clock of a row, or of one that is older than clocks."""
    return value_at(changed_at) if stored is None else stored


@cache
def _newest() -> Prepared:
    mine = memory_state.c.name == state_names.CLOCK
    return Prepared(sa.select(memory_state.c.value).where(mine).with_for_update())


@cache
def _keep() -> Prepared:
    """`value`, `changed_at`"""
    return Prepared(
        sa.update(memory_state)
        .where(memory_state.c.name == state_names.CLOCK)
        .values(
            value=value(memory_state.c.value),
            changed_at=value(memory_state.c.changed_at),
        )
    )
