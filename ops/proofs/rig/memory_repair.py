"""Damaged pages, again and again: moved aside, rebuilt, the owner told; and memory from its mirror.

Each time a few pages of a copy are overwritten, sometimes the first, sometimes a block of zeros,
sometimes the end is cut off. What the mirror had must be there afterwards to the last field, and
what came after it as far as its pages were whole. The control opens the damaged file as it is.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.approvals.incarnation import Record
from core.database_keys import PAGE_BYTES
from core.db import Database
from core.memory import content_rows
from core.memory.rest_model import MIRRORED, Damage
from core.memory.tables import messages
from core.runs.tables import notices
from ops.commands import restore
from ops.proofs.rig.memory_rest_home import home
from ops.proofs.rig.report import Dose, Verdict

#: Turns before and after the mirror, and damages at the full dose.
BEFORE, AFTER, DAMAGES = 400, 40, 40
Rows = dict[str, dict[tuple[object, ...], dict[str, object]]]


@dataclass(frozen=True)
class Original:
    """The home before any damage: what the mirror has, and what there was at the end."""

    folder: Path
    mirrored: Rows
    whole: Rows
    hash: str


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """Damages, then a new machine."""
    verdict = Verdict("repair")
    dice = random.Random(f"repair {seed}")  # noqa: S311 - reproducible, not secret
    with tempfile.TemporaryDirectory(prefix="mask-repair-") as name, _surroundings_kept():
        original = _made(Path(name) / "home")
        many, blind, saved_after = dose.of(DAMAGES, least=6), 0, 0
        for number in range(many):
            folder = Path(name) / f"damage-{number}"
            shutil.copytree(original.folder, folder)
            what = _damage(folder / "memory.db", number, dice)
            blind += _is_unreadable(folder)
            saved_after += _repaired(verdict, folder, original, f"{number} ({what})")
            shutil.rmtree(folder)
        verdict.tell(
            f"{many} damages: control, opened as it is, {blind} cannot be read; rebuilt, all of "
            f"the mirror is there, and of the {AFTER} turns after it {saved_after / many:.1f}"
        )
        verdict.expect(blind > many // 2, "hardly any damage was noticed: nothing is proved")
        _new_machine(verdict, Path(name), original)
    return verdict


def _made(folder: Path) -> Original:
    with home(folder) as ours:
        for number in range(BEFORE):
            ours.remember(f"গাড়ির বীমা number {number}, تأمين")
        ours.memory.mirror.write()
        ours.db.empty_wal()
        ours.memory.mirror.write()  # with the first page as it lies on the disk now
        mirrored, hashed = _rows(ours.db), ours.content_hash()
        for number in range(AFTER):
            ours.remember(f"after the mirror, number {number}")
        return Original(folder, mirrored, _rows(ours.db), hashed)


def _rows(db: Database) -> Rows:
    """All of memory, by table and primary key."""
    with db.read() as tx:
        return {
            name: {
                tuple(row[key.name] for key in content_rows.table_of(name).primary_key): row
                for row in content_rows.rows(tx, name)
            }
            for name in MIRRORED
        }


def _damage(path: Path, number: int, dice: random.Random) -> str:
    """One of four kinds."""
    many = path.stat().st_size // PAGE_BYTES
    with path.open("r+b") as file:
        if number % 4 == 3:
            file.truncate((many - dice.randint(1, many // 4)) * PAGE_BYTES)
            return "cut off"
        if number % 4 == 2:
            begin = dice.randrange(many - 8)
            file.seek(begin * PAGE_BYTES)
            file.write(bytes(8 * PAGE_BYTES))
            return f"zeros from page {begin + 1}"
        pages = dice.sample(range(many), dice.randint(1, 8))
        if number % 4 == 1:
            pages.append(0)
        for page in pages:
            file.seek(page * PAGE_BYTES + dice.randrange(PAGE_BYTES - 16))
            file.write(os.urandom(16))
        return f"{len(pages)} pages{', the first too' if 0 in pages else ''}"


def _is_unreadable(folder: Path) -> bool:
    """The control: can everything be read of the file as it is?"""
    copy = folder / "as-it-is"
    copy.mkdir()
    shutil.copy(folder / "memory.db", copy)
    shutil.copytree(folder / "keys", copy / "keys")
    try:
        with home(copy) as naive, naive.db.read() as tx:
            tx.execute(sa.select(messages)).all()
            for name in MIRRORED:
                list(content_rows.rows(tx, name))
    except (Exception, SystemExit):  # noqa: BLE001 - whatever it is, it cannot be read
        return True
    finally:
        shutil.rmtree(copy)
    return False


def _repaired(verdict: Verdict, folder: Path, original: Original, what: str) -> int:
    """Have it repaired as the supervisor does; how many turns after the mirror were saved."""
    before = Record(folder).read()
    damaged = (folder / "memory.db").read_bytes()
    os.environ["MASK_HOME"] = str(folder)
    with redirect_stdout(io.StringIO()) as said:
        code = restore.run(folder, from_mirror=False)
    verdict.expect(
        code == 0, f"damage {what}: the repair ended with {code}: {said.getvalue()[-300:]}"
    )
    asides = [path for path in folder.glob("memory.db.damaged-*") if path.suffix[1:2] == "d"]
    with home(folder) as ours:
        if not asides:  # no page that anything uses was hit
            return AFTER
        found = ours.integrity.check()
        verdict.expect(found.damage is Damage.NONE, f"damage {what}: {found.findings[:2]}")
        rows = _rows(ours.db)
        for name, wanted in original.mirrored.items():
            last = original.whole[name]
            bad = [
                key
                for key, row in wanted.items()
                if rows[name].get(key) not in (row, last.get(key))
            ]
            verdict.expect(not bad, f"damage {what}: {len(bad)} of {name} are not as they were")
            invented = [key for key in rows[name] if key not in last]
            if name != "preferences":
                verdict.expect(not invented, f"damage {what}: {len(invented)} strange {name}")
        with ours.db.read() as tx:
            told = tx.execute(sa.select(notices.c.params).where(notices.c.kind == "alert")).all()
        codes = [row.params["code"] for row in told]
        after = len(rows["messages"]) - len(original.mirrored["messages"])
    verdict.expect("memory-repaired" in codes, f"damage {what}: the owner was not told")
    verdict.expect(asides[0].read_bytes() == damaged, f"damage {what}: the old file has changed")
    now = Record(folder).read()
    rose = now is not None and now.incarnation > (before.incarnation if before else 1)
    verdict.expect(rose, f"damage {what}: the incarnation did not rise")
    return after // 2


def _new_machine(verdict: Verdict, folder: Path, original: Original) -> None:
    """The mirror and the recovery code, in an empty place."""
    fresh = folder / "new machine"
    (fresh / "keys").mkdir(parents=True)
    shutil.copy(original.folder / "memory_backup.json", fresh)
    shutil.copy(original.folder / "keys" / "master", fresh / "keys")
    os.environ["MASK_HOME"] = str(fresh)
    with redirect_stdout(io.StringIO()):
        code = restore.run(fresh, from_mirror=True)
    verdict.expect(code == 0, f"restore --from-mirror ended with {code}")
    with home(fresh) as ours:
        same = ours.content_hash() == original.hash
    verdict.tell(f"restore --from-mirror in an empty place: {len(original.mirrored)} tables")
    verdict.expect(same, "memory from the mirror has another content hash")


@contextmanager
def _surroundings_kept() -> Iterator[None]:
    """The command reads its home from the environment; afterwards that is as it was."""
    before = os.environ.get("MASK_HOME")
    try:
        yield
    finally:
        os.environ.pop("MASK_HOME", None)
        if before is not None:
            os.environ["MASK_HOME"] = before
