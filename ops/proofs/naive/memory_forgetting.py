"""The usual way to forget: delete the row and write the copy anew, on a database as it comes.

Pages are not overwritten, the index is contentless and not told, and nobody looks into the journal.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import Database
from core.memory.tables import records


def forget(db: Database, record_id: str) -> None:
    """Delete it, and empty the WAL."""
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(sa.delete(records).where(records.c.id == record_id))
        connection.commit()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
