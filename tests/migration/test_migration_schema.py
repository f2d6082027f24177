"""Migrations make the tables of the code, once, whoever starts first."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import schema
from core.config import SettingsError
from core.db import Database, open_sqlite, open_url
from core.memory import search_tables
from ops import metadata

KEY = bytes(range(48))


def test_from_empty_to_head_equals_the_tables_in_code(empty_database: Database) -> None:
    assert schema.ensure_schema(empty_database)

    with empty_database.engine.connect() as connection:
        made = set(sa.inspect(connection).get_table_names())
        assert metadata.differences(connection) == []
    ours = {name for name in made if not search_tables.is_index_table(name)}
    assert ours == {*metadata.whole().tables, "alembic_version"}


def test_the_search_index_of_a_migrated_database_is_that_of_the_code(
    empty_database: Database, request: pytest.FixtureRequest
) -> None:
    dialect = {"postgresql": "postgres"}.get(empty_database.engine.dialect.name, "sqlite")
    schema.ensure_schema(empty_database)

    migrated = index_of(empty_database)

    assert migrated == index_of(request.getfixturevalue(f"{dialect}_database"))
    assert len(migrated) >= 3


def index_of(db: Database) -> set[str]:
    """What the dialect's own index is made of."""
    query = "SELECT sql FROM sqlite_master WHERE name LIKE '%search_%' AND name NOT LIKE '%items%'"
    if db.engine.dialect.name == "postgresql":
        query = (
            "SELECT indexdef FROM pg_indexes "
            "WHERE tablename IN ('search_texts', 'search_vocabulary')"
        )
    with db.engine.connect() as connection:
        return {row[0] for row in connection.exec_driver_sql(query) if row[0]}


def test_a_changed_table_would_be_noticed(empty_database: Database) -> None:
    schema.ensure_schema(empty_database)

    with empty_database.write() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE runs ADD COLUMN forgotten INTEGER")

    with empty_database.engine.connect() as connection:
        assert [change[0] for change in metadata.differences(connection)] == ["remove_column"]


def test_a_database_at_head_is_left_alone(empty_database: Database) -> None:
    schema.ensure_schema(empty_database)

    assert not schema.ensure_schema(empty_database)
    assert schema.current_revision(empty_database) == schema.head()


def test_foreign_keys_hold_again_after_a_migration(empty_database: Database) -> None:
    schema.ensure_schema(empty_database)

    orphan = "INSERT INTO blob_parts (sha256, \"offset\", data) VALUES ('none', 0, '')"
    with pytest.raises(sa.exc.IntegrityError), empty_database.write() as tx:
        tx.connection.exec_driver_sql(orphan)


def test_a_newer_database_is_refused_with_its_revision(empty_database: Database) -> None:
    schema.ensure_schema(empty_database)
    with empty_database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SettingsError, match=r"9999.*newer version"):
        schema.ensure_schema(empty_database)


def test_a_wrong_key_is_told_as_such(tmp_path: Path) -> None:
    right = open_sqlite(tmp_path / "memory.db", KEY)
    schema.ensure_schema(right)
    right.close()
    wrong = open_sqlite(tmp_path / "memory.db", bytes(48))

    with pytest.raises(SettingsError, match="MASK_KEY"):
        schema.ensure_schema(wrong)
    wrong.close()


def test_downgrade_leaves_nothing_behind(empty_database: Database) -> None:
    schema.ensure_schema(empty_database)

    with empty_database.write() as tx:
        schema.migrate(tx.connection, "base")

    with empty_database.engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]


def ensure(where: str) -> bool:
    """Runs in another process."""
    db = open_sqlite(Path(where), KEY) if "://" not in where else open_url(where)
    try:
        return schema.ensure_schema(db)
    finally:
        db.close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_processes_that_start_together_migrate_once(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    where = str(tmp_path / "shared.db")
    if dialect == "postgres":
        where = request.getfixturevalue("postgres").fresh()

    with multiprocessing.get_context("spawn").Pool(4) as pool:
        did = pool.map(ensure, [where] * 4, chunksize=1)

    assert sorted(did) == [False, False, False, True]


def test_a_start_at_head_does_not_load_alembic(tmp_path: Path) -> None:
    import subprocess

    ensure(str(tmp_path / "memory.db"))
    code = (
        "import sys; from pathlib import Path; from core import schema, db; "
        f"found = db.open_sqlite(Path({str(tmp_path / 'memory.db')!r}), bytes(range(48))); "
        "print(schema.ensure_schema(found), 'alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.split() == ["False", "False", "True"]
