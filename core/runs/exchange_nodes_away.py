"""Work that was given to a machine which then went away, or came back: what its run waits for.

What a run waits for is decided when it is put down. A machine that dies after that would leave it
waiting for a step, holding its chat's lane, and nobody would be told; and one that is back would
still be waited for. A ticker calls `look`. It finds the runs and never touches their steps: the
order stays in the outbox, is sent when the machine says hello, and whatever it answers counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import sqlalchemy as sa

from core.db import Database, Transaction
from core.runs.model import RunState, StepState, Waiting
from core.runs.ports import Places
from core.runs.tables import runs, steps

#: Runs settled in one look.
MOST = 200


class AwayWork:
    """`places` tells who is there; `settle` is the engine's: it says anew what a run waits for."""

    def __init__(
        self, db: Database, places: Places, settle: Callable[[Transaction, str], None]
    ) -> None:
        self._db = db
        self._places = places
        self._settle = settle

    def look(self) -> int:
        """Settle the runs whose machines went away or came back; how many were looked at."""
        with self._db.read() as tx:
            found = self._changed(tx)[:MOST]
        if not found:
            return 0
        with self._db.write() as tx:
            for run_id in found:
                self._settle(tx, run_id)
        return len(found)

    def _changed(self, tx: Transaction) -> list[str]:
        """Runs that wait for a step though all machines that have one are away, and runs that wait
        for a machine though one is there. Oldest first."""
        given = (
            sa.select(runs.c.id, runs.c.waiting, steps.c.place)
            .join(steps, runs.c.id == steps.c.run_id)
            .where(
                steps.c.state == StepState.SENT,
                runs.c.state == RunState.WAITING,
                runs.c.waiting.in_([Waiting.STEP, Waiting.PLACE]),
            )
            .order_by(runs.c.seq)
        )
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in tx.execute(given):
            found[row.id, row.waiting].add(row.place)
        places = set().union(*found.values())
        there = {place for place in places if self._places.is_present(place)}
        return [
            run_id
            for (run_id, waiting), has in found.items()
            if (waiting == Waiting.PLACE) is bool(has & there)
        ]
