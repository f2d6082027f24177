"""Work that was given to a machine which the owner has revoked: it ends, with a clear word.

Decides how each such step ends: what was never sent is refused; what was sent and must not be
repeated is `unknown`, because the machine may have begun. Revoking itself only marks the row, in
the transaction of the tap; a ticker calls `look`, so a crash in between loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Refused
from core.runs import exchange_bodies as bodies
from core.runs import exchange_store, journal
from core.runs.exchange_results import NodeResult
from core.runs.model import FINAL_STEP, Kind, Label, StepRow, StepState
from core.runs.statements import STEP_COLUMNS
from core.runs.tables import nodes, steps

#: Steps ended in one look.
MOST = 100


class RevokedWork:
    """`on_result` is the engine's: how a step at another place ended."""

    def __init__(
        self, db: Database, clock: Clock, on_result: Callable[[Transaction, NodeResult], None]
    ) -> None:
        self._db = db
        self._clock = clock
        self._on_result = on_result

    def look(self) -> int:
        """End what is open at revoked machines; how many steps."""
        with self._db.read() as tx:
            if not tx.execute(self._open().limit(1)).first():
                return 0
        with self._db.write() as tx:
            found = [journal.step_of(row) for row in tx.execute(self._open().limit(MOST)).all()]
            for step in found:
                self._end(tx, step)
        return len(found)

    @staticmethod
    def _open() -> sa.Select[Any]:
        revoked = sa.select(nodes.c.name).where(nodes.c.revoked.is_(True))
        return sa.select(*STEP_COLUMNS).where(
            steps.c.state.not_in(list(FINAL_STEP)), steps.c.place.in_(revoked)
        )

    def _end(self, tx: Transaction, step: StepRow) -> None:
        message = bodies.step_id(step.place, step.run_id, step.position, step.attempts)
        order = exchange_store.find_out(tx, message)
        exchange_store.kill(tx, message)
        if step.state is StepState.PENDING:
            journal.move_step(tx, step, StepState.SENT, self._clock.now())
        has_gone = step.state is not StepState.PENDING and order is not None and order.attempts > 0
        is_unknown = has_gone and step.kind is Kind.ONCE
        self._on_result(
            tx,
            NodeResult(
                run_id=step.run_id,
                position=step.position,
                attempt=step.attempts,
                place=step.place,
                state=StepState.UNKNOWN if is_unknown else StepState.REFUSED,
                value=None,
                error=Refused("node-revoked", node=step.place).to_json(),
                label=Label.OPEN,
                kept=False,
                notices=[],
            ),
        )
