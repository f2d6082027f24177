"""The watcher: what the limits look like, once a minute, and what of it the owner is told.

Every look logs the endpoints that are short of room. The owner hears of a day's limit when it comes
near and when there is room again; limits per minute come and go by themselves and are logged only.
A look is one question to the counters: nothing runs between looks, and no model is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog

from core.db import Database, Transaction
from core.llm.gauges import Gauge, Level, Room
from core.runs import notices
from core.runs.notices import Notice

#: Seconds between two looks (seed M03.8).
EVERY_S = 60.0

_log = structlog.get_logger(__name__)


class LimitWatch:
    """Compares each look with the one before; one per home worker."""

    def __init__(
        self,
        db: Database,
        rooms: Callable[[], Mapping[str, Room]],
        put: Callable[[Transaction, Notice], object],
    ) -> None:
        """`rooms`: every endpoint that is set up, by name; `put`: into the mailbox."""
        self._db = db
        self._rooms = rooms
        self._put = put
        self._near: dict[str, Gauge] = {}

    def look(self) -> dict[str, Gauge]:
        """One look; the scarce daily limits by endpoint."""
        rooms = self._rooms()
        short = {name: room for name, room in rooms.items() if room.level is not Level.ROOMY}
        for name, room in short.items():
            left = {gauge.dimension.value: gauge.left for gauge in room.gauges}
            _log.info("limit-near", endpoint=name, level=room.level.value, left=left)
        near = {name: gauge for name, room in short.items() if (gauge := _daily(room))}
        come = {name: gauge for name, gauge in near.items() if name not in self._near}
        gone = {name: gauge for name, gauge in self._near.items() if name not in near}
        if come or gone:
            with self._db.write() as tx:
                for name, gauge in come.items():
                    self._put(tx, _notice(notices.Level.NOTICE, name, gauge))
                for name, gauge in gone.items():
                    self._put(tx, _notice(notices.Level.RESOLVED, name, gauge))
        self._near = near
        return near


def _daily(room: Room) -> Gauge | None:
    near = (gauge for gauge in room.gauges if gauge.dimension.is_daily and gauge.is_near)
    return next(near, None)


def _notice(level: notices.Level, endpoint: str, gauge: Gauge) -> Notice:
    return notices.alert(
        level,
        f"model-{endpoint}",
        "limit-near",
        endpoint=endpoint,
        dimension=gauge.dimension.value,
        left=gauge.left,
        most=gauge.most,
    )
