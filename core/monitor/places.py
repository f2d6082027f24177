"""Runs that wait for a machine that is away: a card says so, until it is back or the owner decides.

Decides when such a card appears (after a moment: a machine that blinks is no news) and when it
ends. Never decides what happens to the run: it goes on by itself when its place is back, and the
card's buttons cancel it or ask for the same step elsewhere. A ticker calls `look`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.runs import cards
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.model import FINAL_STEP, Label, RunState, Waiting
from core.runs.notices import Notice
from core.runs.tables import notices, runs, steps

KIND = "waiting"
#: How long a run waits before anything is said.
PATIENCE = timedelta(seconds=5)
#: Cards that are open at the same time; what waits beyond is in /jobs.
MOST_CARDS = 5
#: How long after its start this still closes cards of former times.
MEMORY = timedelta(days=7)


class WaitingPlaces:
    """`put` keeps a notice; `can_do` names steps that home can do as well."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        nodes: Nodes,
        put: Callable[[Transaction, Notice], Any],
        can_do: Callable[[str], bool] = lambda _step: False,
    ) -> None:
        self._db = db
        self._clock = clock
        self._nodes = nodes
        self._put = put
        self._can_do = can_do
        self._open: set[str] | None = None

    def look(self) -> None:
        """Show cards for what waits, and end those whose wait is over."""
        with self._db.read() as tx:
            waiting = self._waiting(tx)
            if self._open is None:
                self._open = self._shown(tx)
        new, over = waiting.keys() - self._open, self._open - waiting.keys()
        new = set(sorted(new)[: max(0, MOST_CARDS - len(self._open - over))])
        if not new and not over:
            return
        with self._db.write() as tx:
            for run_id in sorted(new):
                self._put(tx, self._card(tx, waiting[run_id]))
            for run_id in sorted(over):
                self._end(tx, run_id)
        self._open = (self._open - over) | new

    # -- inside ----------------------------------------------------------------------------------

    def _waiting(self, tx: Transaction) -> dict[str, sa.RowMapping]:
        query = sa.select(
            runs.c.id, runs.c.waiting_for, runs.c.title, runs.c.label, runs.c.chat_id
        ).where(
            runs.c.state == RunState.WAITING,
            runs.c.waiting == Waiting.PLACE,
            runs.c.updated_at <= self._clock.now() - PATIENCE,
        )
        return {row["id"]: row for row in tx.execute(query).mappings()}

    def _card(self, tx: Transaction, row: sa.RowMapping) -> Notice:
        place = str(row["waiting_for"])
        peer, step = self._nodes.find(tx, place), waited_step(tx, row["id"])
        last = peer.last_hello_at if peer is not None else None
        is_open = row["label"] == Label.OPEN
        params = {
            "run_id": row["id"],
            "title": row["title"],
            "place": place,
            "place_title": (peer.title if peer is not None else None) or place,
            "last_seen": last.isoformat() if last is not None else None,
            "at": self._clock.now().isoformat(),
            "can_home": is_open and step is not None and self._can_do(step["name"]),
            "state": "waits",
        }
        return Notice(
            KIND,
            params,
            chat_id=row["chat_id"],
            key=f"{KIND}:{row['id']}",
            label=Label(row["label"]),
            silent=True,
            run_id=row["id"],
        )

    def _end(self, tx: Transaction, run_id: str) -> None:
        key = f"{KIND}:{run_id}"
        row = tx.execute(sa.select(runs).where(runs.c.id == run_id)).mappings().one_or_none()
        chat_id = row["chat_id"] if row is not None else None
        params = next(iter(reversed(cards.params_of(tx, key))), None)
        if params is None or params["state"] != "waits":
            return
        ended = "cancelled" if row is not None and row["cancel"] else "over"
        new = {**params, "state": ended}
        self._put(tx, Notice(KIND, new, chat_id=chat_id, key=key, silent=True, run_id=run_id))

    def _shown(self, tx: Transaction) -> set[str]:
        """Runs whose card a former process left open."""
        query = (
            sa.select(notices.c.key, notices.c.params)
            .where(notices.c.kind == KIND, notices.c.created_at > self._clock.now() - MEMORY)
            .order_by(notices.c.id)
        )
        newest = {row.key: row.params["state"] for row in tx.execute(query)}
        return {key.partition(":")[2] for key, state in newest.items() if state == "waits"}


def waited_step(tx: Transaction, run_id: str) -> sa.RowMapping | None:
    """The one step that keeps the run waiting for another place; None when there are several."""
    query = sa.select(steps).where(
        steps.c.run_id == run_id,
        steps.c.state.not_in(list(FINAL_STEP)),
        steps.c.place != HOME,
    )
    found = tx.execute(query).mappings().all()
    return found[0] if len(found) == 1 else None
