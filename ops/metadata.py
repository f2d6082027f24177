"""The tables of all rooms together, for comparing with what migrations make."""

from __future__ import annotations

import importlib
import re
from typing import Any

import sqlalchemy as sa

from ops.environment import ROOT


def whole() -> sa.MetaData:
    """core.db's metadata after every `core/*/tables.py` has been imported."""
    from core.db import metadata

    for path in sorted((ROOT / "core").glob("*/tables.py")):
        importlib.import_module(f"core.{path.parent.name}.tables")
    return metadata


def differences(connection: sa.Connection) -> list[Any]:
    """What would have to change in the database to be like the tables in code; [] when nothing.

    Server defaults are not compared: the tables use none.
    """
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_name": is_compared}
    )
    return list(compare_metadata(context, whole()))


def is_compared(name: str | None, kind: str, _parents: Any) -> bool:
    """Not the search index: each dialect has its own, and it is no table of the metadata."""
    from core.memory.search_tables import is_index_table

    return kind != "table" or not is_index_table(name)


def write_migration(connection: sa.Connection, title: str) -> str:
    """Write `migrations/versions/<next>_<title>.py` for what differs; returns the file's path."""
    from alembic import command
    from alembic.config import Config

    from core.schema import MIGRATIONS, revisions

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(connection=connection, metadata=whole(), include_name=is_compared)
    number = f"{len(revisions()) + 1:04d}"
    script = command.revision(config, message=title, autogenerate=True, rev_id=number)
    assert script is not None
    assert not isinstance(script, list)
    return re.sub(r"^.*?migrations", "migrations", str(script.path))
