"""`ops memory export FILE` and `ops memory import FILE`: memory as a file of this machine.

The file is readable: it is for the owner's eyes, made with the rights of the owner alone, and never
written over another. Both work beside running processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.db import Database
    from core.memory.carrying import Carries
    from core.memory.rest_ports import Form

#: An import is read whole.
MOST_BYTES = 2_000_000_000


def export(path: Path, *, markdown: bool) -> int:
    """Write everything into a new file; the exit code."""
    with _open() as opened:
        if opened is None:
            return 1
        db, carries = opened
        counts: dict[str, int] = {}
        draft = path.with_name(f".{path.name}.part")
        try:
            if path.exists():
                print(f"{path} is there already: choose another name.", file=sys.stderr)
                return 1
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(draft, flags, 0o600), "wb") as file, db.read() as tx:
                form: Form = "markdown" if markdown else "json"
                for piece in carries.export(tx, form, counts=counts):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except OSError as error:
            print(f"Cannot write {path}: {error.strerror}.", file=sys.stderr)
            return 1
        finally:
            draft.unlink(missing_ok=True)
    print(f"{path}: {_told(counts)}. Anybody who has this file can read it.")
    return 0


def take(path: Path) -> int:
    """Take an export, or an old memory.json, wholly or not at all; the exit code."""
    from core.errors import MaskError
    from ops.commands.restore import sentence

    try:
        if path.stat().st_size > MOST_BYTES:
            print(f"{path} is larger than {MOST_BYTES // 1_000_000} MB.", file=sys.stderr)
            return 1
        content = path.read_bytes()
    except OSError as error:
        print(f"Cannot read {path}: {error.strerror}.", file=sys.stderr)
        return 1
    with _open() as opened:
        if opened is None:
            return 1
        db, carries = opened
        try:
            with db.write() as tx:
                written = carries.take(tx, content)
        except MaskError as error:
            print(f"Refused: {sentence(error.code, error.params)}", file=sys.stderr)
            return 1
    print(f"Taken: {_told(dict(written.rows))}. Known already: {written.skipped}.")
    if written.unreadable:
        print(f"Made no sense, and was left out: {written.unreadable}.")
    print(f"Content hash: {written.content_hash}")
    return 0


@contextmanager
def _open() -> Iterator[tuple[Database, Carries] | None]:
    """The database of this home and what carries its memory; None when there is none, told."""
    from core import config, schema, wiring
    from core.clock import SystemClock
    from core.memory.archives import Archives
    from core.memory.carrying import Carries
    from core.memory.clocks import Clocks
    from core.memory.links import Links
    from core.memory.loading import Loads
    from core.memory.records import Records
    from core.memory.search import Search
    from core.memory.search_index import Index

    settings = config.load()
    path = None if settings.database_url else settings.under_home(settings.db_path)
    if path is not None and not path.exists():
        print(f"There is no database at {path}.", file=sys.stderr)
        yield None
        return
    clock, place, index = SystemClock(), settings.node, Index()
    clocks = Clocks(clock, place)
    archives = Archives(clock, clocks, index, place)
    loads = Loads(archives)
    redact = wiring.redaction_of(settings)
    records = Records(clocks, index, loads, clock, place, redact)
    search = Search(clock, loads, Links())
    db = schema.open_database(settings, wiring.open_master(settings))
    try:
        schema.ensure_schema(db)
        yield db, Carries(clock, clocks, index, archives, records, search, place)
    finally:
        db.close()


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{many} {name}" for name, many in counts.items() if many) or "nothing"
