"""The database of this place, opened and at the tables of this code.

Decides which database is opened and whether its tables fit; never decides what the tables are
(that is `core/*/tables.py`, and `migrations/` for how they came about). Called at the start of
every process that opens the database; the first one migrates, under the database's own write
lock, so that processes starting together do it once.

Alembic is imported only when the database is behind: it costs 0.2 s and 36 MB. Whether it is
behind is read from the file names in `migrations/versions` (`<revision>_<slug>.py`).
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.config import Settings, SettingsError
from core.connecting import Cause, diagnose
from core.database_keys import KeptKeys, is_written_with
from core.db import Database, open_sqlite, open_url
from core.errors import Unavailable
from core.seal import Master

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
#: PostgreSQL's advisory lock for migrations: any constant; this one spells "mask".
LOCK_ID = 0x6D61736B

RUNBOOK = "ops/runbooks/database.md"
#: Files under MASK_HOME/run, for what cannot be put into the database.
REPAIR, UNREACHED = "repair", "unreachable"
#: What is said when the database does not open, after every try.
UNREACHABLE = {
    Cause.KEY: (
        "its key does not open the database. Put the right key in MASK_KEY (the recovery code "
        "will do), or the right database in DB_PATH."
    ),
    Cause.LOCKED: "another program holds the database (locked).",
    Cause.PORT: "PostgreSQL does not answer at the address in MASK_DATABASE_URL.",
    Cause.REFUSED: (
        "PostgreSQL lets nobody in with the name, password and database of MASK_DATABASE_URL."
    ),
    Cause.FULL: "there is no room on the disk of the database.",
    Cause.DAMAGED: "the database is damaged. Repair it with: python3 -m ops restore --repair",
    Cause.OTHER: "the database cannot be opened.",
}

VERSION_TABLE = sa.table("alembic_version", sa.column("version_num", sa.String))


def open_database(settings: Settings, master: Master) -> Database:
    """The database that `settings` name, not yet checked; the SQLite file is made when absent."""
    if settings.database_url is not None:
        return open_url(settings.database_url.get_secret_value())
    path = settings.under_home(settings.db_path)
    if swap_mark(path).exists():
        request_repair(settings.home / "run")
        raise SettingsError(
            "The Mask does not start: a repair of the database was cut off. Finish it with: "
            "python3 -m ops restore --repair"
        )
    keys, run_dir = KeptKeys(settings.home, master), settings.home / "run"
    db = open_sqlite(path, keys)
    db.patience = replace(
        db.patience,
        told=partial(note_outage, run_dir),
        damaged=partial(request_repair, run_dir),
        is_ours=lambda: any(is_written_with(key, path) for key in keys.candidates()),
    )
    return db


def request_repair(run_dir: Path) -> None:
    """Have the supervisor stop everything, run `ops restore --repair`, and start everything."""
    _leave(run_dir / REPAIR, str(os.getpid()))


def note_outage(run_dir: Path, cause: Cause) -> None:
    """Keep why the database could not be reached, until it can be told (`core.upkeep.outages`)."""
    _leave(run_dir / UNREACHED, cause.value)


def _leave(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def swap_mark(path: Path) -> Path:
    """Is there while a rebuilt file takes the place of the one at `path` (`core.upkeep.repair`)."""
    return path.with_name(f"{path.name}.swap")


def ensure_schema(db: Database) -> bool:
    """Bring the database to this code's tables; True when something was to do.

    `SettingsError` when the database is newer than the code, or the key does not open it.
    """
    if current_revision(db) == head():
        return False
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Rebuilding a table drops the old one; with the rule on, its children would go too.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        try:
            return _upgrade_locked(connection, is_sqlite=is_sqlite)
        finally:
            connection.rollback()
            if is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def revisions() -> list[str]:
    """The revisions of this code, oldest first."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def head() -> str:
    """The newest revision of this code."""
    return revisions()[-1]


def current_revision(db: Database) -> str | None:
    """The revision the database is at; None when it has none. `SettingsError`: see above."""
    try:
        with db.read() as tx:
            return _revision(tx.connection)
    except Unavailable as error:
        why = UNREACHABLE[Cause(error.params["cause"])]
        raise SettingsError(f"The Mask does not start: {why} See {RUNBOOK}.") from error
    except sa.exc.DatabaseError as error:
        cause = diagnose(error)
        if cause is Cause.KEY and db.patience.is_ours():
            db.patience.damaged()
            cause = Cause.DAMAGED
        if cause in UNREACHABLE:
            raise SettingsError(f"The Mask does not start: {UNREACHABLE[cause]}") from None
        raise


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.select(VERSION_TABLE)).scalar()
    if found is not None and found not in revisions():
        raise SettingsError(
            f"The Mask does not start: the database is at revision {found}, this code knows only "
            f"up to {head()}. Run the newer version, or restore the backup made before it."
        )
    return found


def _upgrade_locked(connection: Connection, *, is_sqlite: bool) -> bool:
    """Everything in one transaction that no other process can enter."""
    if is_sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_ID)))
    if _revision(connection) == head():
        return False  # another process has done it meanwhile
    migrate(connection, "head")
    if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise SettingsError(f"The migration would leave rows without their parent: {broken[:5]}")
    connection.commit()
    return True


def migrate(connection: Connection, to: str) -> None:
    """Run migrations up to revision `to`, or down to it, in the connection's open transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    move = command.downgrade if to == "base" else command.upgrade
    move(config, to)
