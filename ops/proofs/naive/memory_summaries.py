"""The usual way to summarise old memories: all of them at once, every step committed for itself.

As the recipes have it: read what is older, ask once, store what came, then copy each original to
the archive and delete it. What the model wrote is not looked at; a run that was cut off begins
anew.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from core.db import Database, open_sqlite

KEY = bytes(range(48))
TABLES = sa.MetaData()
LIVE = sa.Table(
    "naive_live",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text),
)
ARCHIVED = sa.Table(
    "naive_archived",
    TABLES,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("id", sa.Integer),
    sa.Column("text", sa.Text),
)
SUMMARIES = sa.Table(
    "naive_summaries",
    TABLES,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text),
    sa.Column("many", sa.Integer),
)


def opened(folder: Path) -> Database:
    return open_sqlite(folder / "naive.db", KEY)


def fill(folder: Path, texts: list[str]) -> None:
    """The old memories."""
    db = opened(folder)
    TABLES.create_all(db.engine)
    with db.write() as tx:
        for number, text in enumerate(texts):
            tx.execute(sa.insert(LIVE).values(id=number, text=text))
    db.close()


def work(folder: Path) -> None:
    """Summarise what is there, until nothing is."""
    db = opened(folder)
    with db.read() as tx:
        rows = tx.execute(sa.select(LIVE).order_by(LIVE.c.id)).all()
    if rows:
        with db.write() as tx:
            text = f"{len(rows)} memories: {rows[0].text[:60]} ..."
            tx.execute(sa.insert(SUMMARIES).values(text=text, many=len(rows)))
    for row in rows:
        with db.write() as tx:
            tx.execute(sa.insert(ARCHIVED).values(id=row.id, text=row.text))
        with db.write() as tx:
            tx.execute(sa.delete(LIVE).where(LIVE.c.id == row.id))
    db.close()


def is_done(folder: Path) -> bool:
    db = opened(folder)
    with db.read() as tx:
        left = tx.execute(sa.select(sa.func.count()).select_from(LIVE)).scalar_one()
    db.close()
    return not left


def damage(folder: Path, many: int) -> tuple[int, int]:
    """Originals that are there twice, and how many more are summarised than there are."""
    db = opened(folder)
    with db.read() as tx:
        archived = tx.execute(sa.select(sa.func.count()).select_from(ARCHIVED)).scalar_one()
        summed = tx.execute(sa.select(sa.func.sum(SUMMARIES.c.many))).scalar_one() or 0
    db.close()
    return archived - many, summed - many
