"""`ops migrate`: the database to this version's tables, then a comparison with the code.

Processes do the same by themselves at start; this is for deployments that want it done before,
and `--new` is for whoever changes a table.
"""

from __future__ import annotations

import argparse
import sys

KEY_MADE = """
The key of your database was made just now. This is its recovery code, shown only this once:

    {code}

Write it down and keep it elsewhere: without it, nobody can read the data on another machine.
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops migrate", description=__doc__)
    parser.add_argument("--new", metavar="TITLE", help="write the migration for changed tables")
    parser.add_argument("--quiet", action="store_true", help="say nothing when all is well")
    options = parser.parse_args(arguments)
    return new(options.new) if options.new else migrate(quiet=options.quiet)


def migrate(*, quiet: bool) -> int:
    """Migrate the database that the settings name; 1 when it differs from the code's tables."""
    from core import config, schema, wiring
    from ops.metadata import differences

    settings = config.load()
    master = wiring.open_master(settings)
    if master.is_new and not settings.practice:
        print(KEY_MADE.format(code=master.recovery_code()), flush=True)
    db = schema.open_database(settings, master)
    try:
        changed = schema.ensure_schema(db)
        if quiet and not changed:
            return 0
        with db.engine.connect() as connection:
            different = differences(connection)
    finally:
        db.close()
    print(f"{'Migrated to' if changed else 'Already at'} revision {schema.head()}.")
    for difference in different:
        print(f"  differs from the code: {difference}", file=sys.stderr)
    return 1 if different else 0


def new(title: str) -> int:
    """Write a migration for the tables in code, against a fresh database at head."""
    import tempfile
    from pathlib import Path

    from core.db import open_sqlite
    from core.schema import ensure_schema, revisions
    from ops.metadata import write_migration

    with tempfile.TemporaryDirectory() as folder:
        db = open_sqlite(Path(folder) / "head.db", bytes(48))
        if revisions():
            ensure_schema(db)
        with db.engine.connect() as connection:
            print(f"Wrote {write_migration(connection, title)}; read it before you commit it.")
        db.close()
    return 0
