"""A new database file out of a wreck and the mirror; nothing is moved here.

Decides which row counts: of a table that could be read whole, the wreck's rows alone; of one with
gaps, the wreck's and the mirror's, the newer of two that are the same. With `is_mirror_alone`
memory is the mirror's. Runs whose journal has gaps do not go on: a step that is missing could run
twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from core import schema
from core.db import Database, Transaction, open_sqlite
from core.errors import Broken, Refused
from core.memory import content_rows
from core.memory.mirror import Mirror
from core.memory.rest_model import MIRRORED
from core.memory.restore import keep_state, refill
from core.memory.search_tables import embeddings, is_index_table, search_items
from core.memory.tables import messages, preferences, threads
from core.runs.model import FINAL_RUN, Label, RunState
from core.runs.tables import runs
from core.sqlite_file import connect_sqlite
from core.upkeep.salvage import Wreck, quoted

log = structlog.get_logger(__name__)

#: Tables that say what has run already: with gaps in one of them no run goes on.
JOURNAL = frozenset({"runs", "steps", "approvals"})
#: What is derived, or the migrations' own.
LEFT_OUT = frozenset({search_items.name, embeddings.name, "alembic_version"})
PORTION = 500


@dataclass
class Rebuilt:
    """What came from where, by table, and which tables have gaps that nothing filled."""

    saved: dict[str, int] = field(default_factory=dict)
    from_mirror: dict[str, int] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    orphans: int = 0  # rows whose parent is lost; they went
    stopped: int = 0  # runs that do not go on


def rebuild(
    path: Path,
    key: bytes,
    wreck: Wreck | None,
    mirror: Mirror | None,
    now: datetime,
    *,
    is_mirror_alone: bool = False,
) -> Rebuilt:
    """Write a whole database to `path`, which must not exist. Refused(`repair-nothing`) when
    neither gives anything, and what the mirror refuses when memory is to be its alone."""
    known = frozenset(wreck.tables()) if wreck else frozenset()
    if not known and mirror is None:
        raise Refused("repair-nothing")
    done = Rebuilt()
    db = open_sqlite(path, key)
    try:
        _make_tables(db, wreck)
        if wreck is not None:
            left = frozenset(MIRRORED) if is_mirror_alone else frozenset[str]()
            _copy(path, key, wreck, known - left, done)
        schema.ensure_schema(db)
        with db.write() as tx:
            tx.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            _fill(tx, known, mirror, now, done, is_mirror_alone=is_mirror_alone)
            _settle(tx, now, done)
        _check(db)
        if not db.empty_wal(10):
            raise Broken("repair-failed", why="wal")
    finally:
        db.close()
    return done


def _make_tables(db: Database, wreck: Wreck | None) -> None:
    """Those of the wreck's revision, so that its rows fit; they are migrated afterwards."""
    revision = wreck.revision() if wreck else None
    if revision not in schema.revisions()[:-1]:
        schema.ensure_schema(db)
        return
    with db.write() as tx:
        schema.migrate(tx.connection, str(revision))


def _copy(path: Path, key: bytes, wreck: Wreck, known: frozenset[str], done: Rebuilt) -> None:
    """All tables of the wreck, as their stored values; parents and children in any order."""
    into = connect_sqlite(path, key)
    try:
        into.execute("PRAGMA foreign_keys = OFF")
        into.execute("BEGIN IMMEDIATE")
        names = into.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in names:
            if is_index_table(name) or name in LEFT_OUT or name.startswith("sqlite_"):
                continue
            if name not in known:
                if name not in MIRRORED:
                    done.gaps.add(name)
                continue
            found = {row[1] for row in into.execute(f"PRAGMA table_info({quoted(name)})")}
            columns = [column for column in wreck.columns(name) if column in found]
            done.saved[name] = _copy_rows(into, name, columns, wreck.rows(name, columns))
        into.execute("COMMIT")
    finally:
        into.close()
    done.gaps |= wreck.gaps


def _copy_rows(into: Any, name: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> int:
    if not columns:
        return 0
    places = ", ".join("?" * len(columns))
    insert = (
        f"INSERT OR IGNORE INTO {quoted(name)} "  # noqa: S608 - names of the schema
        f"({', '.join(map(quoted, columns))}) VALUES ({places})"
    )
    many = 0
    while portion := list(islice(rows, PORTION)):
        many += into.executemany(insert, portion).rowcount
    return many


def _fill(
    tx: Transaction,
    known: frozenset[str],
    mirror: Mirror | None,
    now: datetime,
    done: Rebuilt,
    *,
    is_mirror_alone: bool,
) -> None:
    """The mirror's rows: all of them, or where the wreck has gaps."""
    missing = {name for name in MIRRORED if name not in known or name in done.gaps}
    if is_mirror_alone and mirror is not None:
        done.from_mirror |= refill(tx, mirror.read(), mirror.carried(), now)
        done.gaps -= set(MIRRORED)
    elif missing and mirror is not None:
        for name, found in groupby(_readable(mirror), key=itemgetter(0)):
            if name in missing:
                done.from_mirror[name] = merge(tx, name, (row for _, row in found))
    if not is_mirror_alone:
        done.gaps |= missing
        keep_state(tx, {}, now)


def _readable(mirror: Mirror) -> Iterator[tuple[str, dict[str, Any]]]:
    """Its rows up to where it is damaged: that memory has gaps is told in any case."""
    try:
        yield from mirror.read()
    except Refused as error:
        log.warning("mirror-damaged", code=error.code)


def merge(tx: Transaction, name: str, rows: Iterable[dict[str, Any]]) -> int:
    """Put rows in that are not there, and newer ones in place of older; how many."""
    table = content_rows.table_of(name)
    keys = [column.name for column in table.primary_key.columns]
    clock = next((column for column in ("clock", "changed_at") if column in table.c), None)
    many, source = 0, iter(rows)
    while portion := list(islice(source, PORTION)):
        there = _there(tx, table, keys, clock, portion)
        absent, newer = [], []
        for row in portion:
            key = tuple(row.get(each) for each in keys)
            if key not in there:
                absent.append(row)
            elif clock and (row.get(clock) or 0) > there[key]:
                newer.append(row)
        for row in newer:
            content_rows.replace_row(tx, name, row)
        many += content_rows.put_rows(tx, name, absent) + len(newer)
    return many


def _there(
    tx: Transaction, table: sa.Table, keys: list[str], clock: str | None, rows: list[dict[str, Any]]
) -> dict[tuple[Any, ...], int]:
    """Which of these rows are there, with their stamps."""
    stamp = sa.type_coerce(table.c[clock], sa.BigInteger) if clock else sa.literal(0)
    query = sa.select(*(table.c[each] for each in keys), sa.func.coalesce(stamp, 0))
    query = query.where(table.c[keys[-1]].in_([row.get(keys[-1]) for row in rows]))
    return {tuple(row[:-1]): int(row[-1]) for row in tx.execute(query)}


def _settle(tx: Transaction, now: datetime, done: Rebuilt) -> None:
    """No row without its parent; no run with half a journal."""
    _give_parents(tx, now)
    while orphans := tx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        for table, rowid, *_ in orphans:
            tx.connection.exec_driver_sql(
                f"DELETE FROM {quoted(table)} WHERE rowid = ?",  # noqa: S608 - names of the schema
                (rowid,),
            )
        done.orphans += len(orphans)
    if done.gaps & JOURNAL:
        error = Broken("journal-damaged").to_json()
        stop = sa.update(runs).where(runs.c.state.not_in(list(FINAL_RUN)))
        values = {"state": RunState.STALE, "error": error, "updated_at": now}
        done.stopped = tx.execute(stop.values(**values)).rowcount


def _give_parents(tx: Transaction, now: datetime) -> None:
    """Messages whose thread is lost get one back: without a name, in the owner's chat, private."""
    lost = sa.select(messages.c.thread_id, sa.func.min(messages.c.origin).label("origin"))
    lost = lost.where(messages.c.thread_id.not_in(sa.select(threads.c.id)))
    owner = sa.select(preferences.c.value).where(preferences.c.name == "owner")
    chat = tx.execute(sa.select(threads.c.chat_id).limit(1)).scalar() or tx.execute(owner).scalar()
    for row in tx.execute(lost.group_by(messages.c.thread_id)).all():
        values = {
            "id": row.thread_id,
            "chat_id": int(chat or 0),
            "label": Label.PRIVATE,
            "origin": row.origin,
            "created_at": now,
            "changed_at": now,
        }
        tx.execute(sa.insert(threads).values(**values))


def _check(db: Database) -> None:
    with db.read() as tx:
        said = [str(row[0]) for row in tx.execute(sa.text("PRAGMA integrity_check(3)"))]
    if said != ["ok"]:
        raise Broken("repair-failed", why=said[0])
