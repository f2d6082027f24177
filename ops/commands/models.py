"""`ops models export [FILE]` and `ops models import FILE`: the owner's models as TOML.

Export writes what the chat or an import has changed and added; with `--all` everything, what ships
included, as a file to edit. Import takes such a file back, wholly or not at all; endpoints that the
file does not name stay as they are. Running processes see the change at once. Keys are in neither.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.approvals.audit import Audit
    from core.config import Settings
    from core.db import Database, Transaction
    from core.llm.changes import Records
    from core.llm.endpoint_rows import EndpointRows
    from core.llm.endpoint_store import EndpointRow

#: What a refusal means, on the console.
MEANINGS = {
    "models-file": "this file cannot be read as models",
    "endpoint-fields": "this cannot be taken",
    "endpoint-name": "a name is short and has no blanks",
    "endpoint-url": "this is no address of a service",
    "endpoint-url-plain": "an address outside the house begins with https",
    "endpoint-too-many": "these are too many",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops models", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    out = what.add_parser("export", help="write the models to FILE, or to the screen")
    out.add_argument("file", nargs="?", type=Path, metavar="FILE")
    out.add_argument("--all", action="store_true", help="also what ships unchanged")
    back = what.add_parser("import", help="take the models of FILE")
    back.add_argument("file", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    from core import config, schema, wiring

    settings = config.load()
    db = schema.open_database(settings, wiring.open_master(settings))
    try:
        schema.ensure_schema(db)
        rows = rows_of(settings, db)
        if options.what == "import":
            return take(db, rows, options.file, audit_of(settings).record)
        return give(db, rows, options.file, whole=options.all)
    finally:
        db.close()


def rows_of(settings: Settings, db: Database) -> EndpointRows:
    """The endpoints of this place."""
    from core import wiring
    from core.clock import SystemClock
    from core.llm.endpoint_rows import EndpointRows
    from core.llm.keyring import open_credentials
    from core.memory.preferences import Preferences

    clock = SystemClock()
    credentials = open_credentials(settings, db, clock, wiring.open_master(settings))
    return EndpointRows(db, clock, settings, credentials, Preferences(db, clock))


def audit_of(settings: Settings) -> Audit:
    """The chain of this place."""
    from core.approvals.audit import Audit
    from core.approvals.incarnation import Record
    from core.clock import SystemClock

    return Audit(SystemClock(), Record(settings.home).seen)


def give(db: Database, rows: EndpointRows, file: Path | None, *, whole: bool) -> int:
    """Write the file; an existing one is replaced."""
    from core.llm.catalog_toml import write

    with db.read() as tx:
        said = everything(rows, tx) if whole else rows.rows(tx)
    text = write(said)
    if file is None:
        print(text, end="")
        return 0
    file.write_text(text, encoding="utf-8")
    print(f"Wrote {len(said)} models to {file}.")
    return 0


def everything(rows: EndpointRows, tx: Transaction) -> list[EndpointRow]:
    """Every endpoint with all that can be said of it, and what was removed."""
    from core.llm.catalog_toml import whole_row
    from core.llm.endpoint_store import REMOVED
    from core.llm.model import SCRIPTED

    known = {row.name: row for row in rows.rows(tx)}
    said = [
        whole_row(each, known.get(each.name))
        for each in rows.offered(tx)
        if each.provider != SCRIPTED
    ]
    return [*said, *(row for row in known.values() if row.state == REMOVED)]


def take(db: Database, rows: EndpointRows, file: Path, record: Records) -> int:
    """All of the file or nothing of it; 1 when something in it cannot be taken. `record` puts down
    that it was."""
    from core.errors import Refused
    from core.llm.catalog_toml import read

    name = ""
    try:
        given = read(file.read_text(encoding="utf-8"))
        with db.write() as tx:
            for row in given:
                name = row.name
                rows.take(tx, row)
            record(tx, "models-imported", "home", count=len(given))
    except (OSError, UnicodeDecodeError) as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    except Refused as refused:
        said = MEANINGS.get(refused.code, refused.code)
        where = ", ".join(str(value) for value in (name, *refused.params.values()) if value)
        print(f"{file}: {said}: {where}. Nothing was changed.", file=sys.stderr)
        return 1
    print(f"Took {len(given)} models from {file}.")
    return 0
