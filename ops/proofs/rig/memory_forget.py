"""What is forgotten is nowhere: not in a row, a page, the WAL, the mirror, an archive, the trash.

Strings are planted in every column and every kind of file that can hold words (the registry says
which, and a column it does not know is noticed), among other memories. Each is forgotten by its
record. Before, the search must find it in every place that it looks at, else it does not look;
after, nowhere. The usual way, deleting the row, is searched with the same eyes.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from core.execution import file_archive
from core.ids import random_token
from core.memory import forget_registry
from core.memory.record_model import Category, NewRecord
from core.memory.search_model import Query
from core.memory.tables import archives, records
from core.runs.model import Label
from ops import metadata
from ops.proofs.naive import memory_forgetting as naive
from ops.proofs.rig import memory_pages
from ops.proofs.rig.memory_forget_home import Bench, bench, plant
from ops.proofs.rig.memory_rest_home import OWNER, Home, home
from ops.proofs.rig.report import Dose, Verdict, table

STRINGS, OTHERS = 20, 3000
#: Letters of a string that no other text has: the index keeps words in their normal form, and of a
#: word perhaps only its end.
TAIL = 9


def prove(dose: Dose) -> Verdict:
    """The registry, the usual way, ours."""
    verdict = Verdict("forget")
    registry(verdict)
    many = dose.of(OTHERS, least=150)
    with tempfile.TemporaryDirectory(prefix="mask-forget-") as name:
        with home(Path(name) / "naive") as usual:
            _naive(verdict, usual, many)
        with home(Path(name) / "ours") as own, bench(own) as at:
            ours(verdict, at, dose.of(STRINGS, least=3), many, Path(name))
    return verdict


def registry(verdict: Verdict) -> None:
    """Everything is named, and what is new is noticed."""
    whole = metadata.whole()
    named = forget_registry.HOLDERS
    verdict.tell(f"registry: {len(named)} columns, {len(forget_registry.FILES)} kinds of file")
    unnamed = forget_registry.unnamed(whole)
    verdict.expect(not unnamed, f"columns that nobody named: {unnamed}")
    copy = sa.MetaData()
    for each in whole.sorted_tables:
        each.to_metadata(copy)
    copy.tables["messages"].append_column(sa.Column("translation", sa.Text))
    noticed = forget_registry.unnamed(copy)
    verdict.tell(f"with a new column: {noticed}")
    verdict.expect(noticed == ["messages.translation"], "a new column is not noticed")


def _naive(verdict: Verdict, usual: Home, many: int) -> None:
    string = _string()
    _others(usual, many)
    with usual.db.write() as tx:
        note = NewRecord(Category.NOTE, string)
        record_id = usual.memory.records.remember(tx, note, OWNER).record.id
    _others(usual, many // 10)
    naive.forget(usual.db, record_id)
    left = _in(memory_pages.pages(usual.path, usual.keys.current()), string)
    verdict.tell(f"naive (the row deleted): its pages still say it: {bool(left)}")
    verdict.expect(left, "deleting the row was enough: the search does not look")


def ours(verdict: Verdict, at: Bench, many: int, others: int, scratch: Path) -> None:
    """Plant, look, forget, look again."""
    strings = [_string() for _ in range(many)]
    _others(at.home, others)
    ids = [plant(at, string) for string in strings]
    at.home.memory.mirror.write()
    unnamed = forget_registry.unnamed_files(at.home.settings.home)
    verdict.expect(not unnamed, f"files of no known kind: {unnamed[:5]}")
    before = _seen(at, strings, scratch)
    gone, took, left = Counter[str](), [], 0
    for record_id, string in zip(ids, strings, strict=True):
        begun = time.monotonic()
        receipt = at.forget(record_id, string)
        took.append(time.monotonic() - begun)
        gone.update(receipt.counts["home"])
        left += receipt.left
    after = _seen(at, strings, scratch)
    rows = [("searched", "strings before", "after")]
    rows += [(name, str(before[name]), str(after[name])) for name in before]
    for line in table(rows):
        verdict.tell(line)
    verdict.tell(f"{sum(gone.values())} rows and files of {len(gone)} holders gave words up")
    verdict.tell(f"one forgetting takes {sum(took) / many:.2f} s among {others} memories")
    for name in before:
        if name != "WAL":  # empty whenever it was just written back
            verdict.expect(before[name] == many, f"{name}: the search found only {before[name]}")
        verdict.expect(not after[name], f"{name}: {after[name]} strings are still there")
    verdict.expect(not left, f"the receipts themselves count {left} as left")
    _rest(verdict, at.home, others)


def _seen(at: Bench, strings: list[str], scratch: Path) -> dict[str, int]:
    """In each place, how many of the strings are there."""
    key = at.home.keys.current()
    content = {
        "pages": memory_pages.pages(at.home.path, key) + memory_pages.wal(at.home.path, key),
        "WAL": memory_pages.wal(at.home.path, key),
        "rows (decrypted copy)": memory_pages.rows(at.home.db, scratch),
        "archives": b"\n".join(_archived(at.home)),
        "mirror": "\n".join(
            json.dumps(row, ensure_ascii=False) for _, row in at.home.memory.mirror.read()
        ).encode(),
        "trash": b"\n".join(_trash(at)),
        "scratch": b"\n".join(_files(at.home, "scratch/**/*")),
        "logs": b"\n".join(_files(at.home, "logs/*")),
    }
    seen = {name: sum(_in(found, each) for each in strings) for name, found in content.items()}
    return {**seen, "search": sum(_found(at.home, each) for each in strings)}


def _in(content: bytes, string: str) -> bool:
    """As it was said, in JSON's escapes, and as the index spells its rarest word."""
    escaped = json.dumps(string)[1:-1].encode()
    word = string.rsplit(maxsplit=1)[-1]
    spelled = (string.encode(), escaped, word.encode(), word.encode()[-TAIL:])
    return any(each in content for each in spelled)


def _found(where: Home, string: str) -> bool:
    with where.db.read() as tx:
        query = Query(string.rsplit(maxsplit=1)[-1], Label.PRIVATE, limit=20)
        return any(string in hit.text for hit in where.memory.search.find(tx, query).hits)


def _archived(where: Home) -> Iterator[bytes]:
    with where.db.read() as tx:
        for archive_id in tx.execute(sa.select(archives.c.id)).scalars().all():
            for entry in where.memory.archives.read(tx, archive_id):
                yield f"{entry.text} {json.dumps(entry.content, ensure_ascii=False)}".encode()


def _trash(at: Bench) -> Iterator[bytes]:
    key = at.home.master.subkey("trash")
    for path in sorted(at.trash.folder.glob("*/*")):
        bound = f"{path.parent.name}/{path.name}"
        yield from (payload for _, payload in file_archive.records(path, key, bound))


def _files(where: Home, pattern: str) -> Iterator[bytes]:
    for path in where.settings.home.glob(pattern):
        if path.is_file():
            yield path.read_bytes()


def _others(where: Home, many: int) -> None:
    """Memories that nobody forgets."""
    for begin in range(0, many, 500):
        with where.db.write() as tx:
            for number in range(begin, min(begin + 500, many)):
                text = f"অন্য কথা {number}: apples for {number * 13} taka at the market"
                where.memory.records.remember(tx, NewRecord(Category.NOTE, text), OWNER)


def _rest(verdict: Verdict, where: Home, others: int) -> None:
    """Nothing else is gone."""
    with where.db.read() as tx:
        kept = sa.select(sa.func.count()).select_from(records).where(records.c.text.like("অন্য %"))
        left = tx.execute(kept).scalar_one()
        query = Query("market apples", Label.PRIVATE)
        total = where.memory.search.find(tx, query).total
        damage = [row[0] for row in tx.connection.exec_driver_sql("PRAGMA integrity_check")]
    verdict.tell(f"other memories: {left} of {others}; found by their words: {total}")
    verdict.expect(left == others, f"{others - left} other memories are gone, too")
    verdict.expect(total == min(others, 2000), "other memories are not found any more")
    verdict.expect(damage == ["ok"], f"the database is damaged: {damage[:3]}")


def _string() -> str:
    """Words of two scripts, and one that nothing else has."""
    token = "".join(letter for letter in random_token().lower() if letter.isalnum())[:16]
    return f"গোপন বীমার নম্বর কাগজে লেখা zq{token}"
