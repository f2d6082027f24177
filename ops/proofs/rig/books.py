"""Reading a stand's own database, for what the chats cannot show: how updates ended.

Opened with the stand's key, read only; closed before the stand ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from core import config, schema, wiring
from core.db import Database
from core.runs.tables import intake, notices
from ops.proofs.rig.stand import Site
from ops.proofs.rig.systems import ECHO, mask_settings


@contextmanager
def books(site: Site) -> Iterator[Database]:
    """The database of the stand at `site`."""
    settings = config.load(**mask_settings(site, ECHO))
    db = schema.open_database(settings, wiring.open_master(settings))
    try:
        yield db
    finally:
        db.close()


def ends_of_updates(db: Database) -> dict[str, int]:
    """How many updates are in each state."""
    query = sa.select(intake.c.state, sa.func.count().label("many")).group_by(intake.c.state)
    with db.read() as tx:
        return {row.state: row.many for row in tx.execute(query)}


def alert_keys(db: Database) -> dict[str, int]:
    """Every alert's key, and how many revisions its card had."""
    query = (
        sa.select(notices.c.key, sa.func.count().label("many"))
        .where(notices.c.kind == "alert")
        .group_by(notices.c.key)
    )
    with db.read() as tx:
        return {row.key: row.many for row in tx.execute(query)}
