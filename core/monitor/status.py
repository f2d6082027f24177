"""The facts of /status, gathered at the moment of asking, as plain JSON.

Ages are whole seconds, sizes bytes; what cannot be known now is None, never an error: a status
screen that fails because something is down would be of no use. Shape:

    bot       {mode, up_s, polled_s}           mode: polling or webhook
    workers   {echo_s, going, waiting, failed, stale}   failed and stale: the last 24 hours
    queue     {length}                         None: Redis does not answer
    models    [{name, is_up, detail}]          None: not known yet; `probe.py` fills it in
    nodes     [{name, hello_s}]
    database  {bytes, schema, checked_s, is_sound}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.memory.preferences import Preferences
from core.monitor.probe import found_lately
from core.runs.model import RunState
from core.runs.tables import nodes, runs

#: The workflow whose last success tells that workers are alive.
ECHO = "echo"
#: The preference that holds the last integrity check: {at (ISO), ok}.
INTEGRITY = "integrity"
RECENT = timedelta(hours=24)
GOING = (RunState.READY, RunState.RUNNING)


@dataclass(frozen=True)
class BotPulse:
    """What the bot knows of itself: how it gets updates, since when it runs, seconds since Telegram
    answered a poll (None for a webhook)."""

    mode: str
    started_at: datetime
    polled_s: float | None = None


class Status:
    """Gathers the facts. `queue_length` asks the outside, a second at most, and never raises."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        preferences: Preferences,
        queue_length: Callable[[], int | None],
    ) -> None:
        self._db = db
        self._clock = clock
        self._preferences = preferences
        self._queue_length = queue_length

    def facts(self, pulse: BotPulse) -> dict[str, Any]:
        """Everything the screen shows."""
        length = self._queue_length()
        with self._db.read() as tx:
            return {
                "bot": {
                    "mode": pulse.mode,
                    "up_s": self._age(pulse.started_at),
                    "polled_s": None if pulse.polled_s is None else int(pulse.polled_s),
                },
                "workers": self._workers(tx),
                "nodes": self._nodes(tx),
                "database": self._database(tx),
                "queue": {"length": length},
                "models": found_lately(self._preferences, tx, self._clock.now()),
            }

    def check_integrity(self) -> bool:
        """Read the whole database once (SQLite: quick_check); keep the verdict and its time."""
        with self._db.read() as tx:
            is_sound = True
            if tx.connection.dialect.name == "sqlite":
                is_sound = tx.execute(sa.text("PRAGMA quick_check")).scalar_one() == "ok"
        with self._db.write() as tx:
            now = self._clock.now().isoformat()
            self._preferences.set(tx, INTEGRITY, {"at": now, "ok": is_sound})
        return is_sound

    def _workers(self, tx: Transaction) -> dict[str, Any]:
        not_echo = runs.c.workflow != ECHO
        since = self._clock.now() - RECENT
        open_states = [*GOING, RunState.WAITING]
        closed = [RunState.FAILED, RunState.STALE]
        count = sa.select(runs.c.state, sa.func.count().label("total"))
        count = count.where(not_echo).group_by(runs.c.state)
        counts: dict[str, int] = {}
        for query in (
            count.where(runs.c.state.in_(open_states)),
            count.where(runs.c.state.in_(closed), runs.c.updated_at > since),
        ):
            counts |= {row.state: row.total for row in tx.execute(query)}
        echo = sa.select(sa.func.max(runs.c.updated_at)).where(
            runs.c.workflow == ECHO, runs.c.state == RunState.DONE
        )
        return {
            "echo_s": self._age(tx.execute(echo).scalar_one()),
            "going": sum(counts.get(state, 0) for state in GOING),
            "waiting": counts.get(RunState.WAITING, 0),
            "failed": counts.get(RunState.FAILED, 0),
            "stale": counts.get(RunState.STALE, 0),
        }

    def _nodes(self, tx: Transaction) -> list[dict[str, Any]]:
        query = sa.select(nodes.c.name, nodes.c.last_hello_at).where(nodes.c.revoked.is_(False))
        return [
            {"name": row.name, "hello_s": self._age(row.last_hello_at)} for row in tx.execute(query)
        ]

    def _database(self, tx: Transaction) -> dict[str, Any]:
        checked = self._preferences.get(tx, INTEGRITY) or {}
        at = datetime.fromisoformat(checked["at"]) if checked else None
        return {
            "bytes": _size(tx),
            "schema": _schema(tx),
            "checked_s": self._age(at),
            "is_sound": checked.get("ok"),
        }

    def _age(self, at: datetime | None) -> int | None:
        return None if at is None else max(0, int((self._clock.now() - at).total_seconds()))


def _size(tx: Transaction) -> int:
    if tx.connection.dialect.name == "postgresql":
        query = sa.text("SELECT pg_database_size(current_database())")
        return int(tx.execute(query).scalar_one())
    pages = int(tx.execute(sa.text("PRAGMA page_count")).scalar_one())
    return pages * int(tx.execute(sa.text("PRAGMA page_size")).scalar_one())


def _schema(tx: Transaction) -> str | None:
    if not sa.inspect(tx.connection).has_table("alembic_version"):
        return None
    found = tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)
