"""No string is a way out: 600 hostile paths for every operation.

Outside of the root lie canaries, in every folder above it and where the system keeps its keys.
None may be read, none may change, nothing may be made beside them. First the plain way (join and
open) is shown to read them.
"""

from __future__ import annotations

import base64
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.db import open_sqlite
from core.errors import MaskError
from core.execution import file_steps
from core.execution.file_fakes import MemoryContents
from core.execution.file_rooms import file_room
from core.execution.roots import Roots
from core.execution.trash import Trash
from core.runs.cancel import CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from ops import metadata
from ops.proofs.rig.hostile_paths import corpus, plant
from ops.proofs.rig.report import Dose, Verdict

INSIDE, OUTSIDE = b"inside\n", b"CANARY\n"


def prove(dose: Dose) -> Verdict:
    """Every hostile string for every operation. The full dose is every string; a share takes every
    n-th, the same each time."""
    verdict = Verdict("paths")
    with tempfile.TemporaryDirectory(prefix="mask-paths-") as folder:
        place = Path(folder)
        home = place / "1/2/3"  # as on a real machine: the sandbox is in MASK_HOME
        root = home / "root"
        root.mkdir(parents=True)
        plant(root, home / "outside")
        (home / "keys").mkdir()
        (home / "keys/master").write_bytes(OUTSIDE)
        every = corpus(root, home / "outside")
        chosen = every[:: max(round(1 / dose.share), 1)]
        naive = sum(_naive_reads(root / text) for _, text in every)
        verdict.tell(f"naive: {naive} of {len(every)} strings read what is outside")
        verdict.expect(naive > len(every) // 10, "the plain way hardly escapes: nothing is proved")
        before = _picture(place, but=root)
        ends, leaks = _all_operations(place, root, chosen)
        told = ", ".join(f"{count} {code}" for code, count in ends.most_common(6))
        verdict.tell(f"ours:  {len(chosen)} strings x {len(OPERATIONS)} operations: {told}")
        verdict.expect(not leaks, f"read from outside: {leaks[:3]}")
        verdict.expect(_picture(place, but=root) == before, "something outside has changed")
    return verdict


OPERATIONS: dict[str, Callable[[str], tuple[Any, Any]]] = {
    "list": lambda path: (file_steps.list_files, file_steps.ListFiles(path)),
    "read": lambda path: (file_steps.read_file, file_steps.ReadFile(path)),
    "search": lambda path: (file_steps.search_files, file_steps.SearchFiles("CANARY", path)),
    "fetch": lambda path: (file_steps.fetch_file, file_steps.FetchFile(path)),
    "write": lambda path: (file_steps.write_file, file_steps.WriteFile(path, "changed")),
    "append": lambda path: (file_steps.write_file, file_steps.WriteFile(path, "x", "append")),
    "edit": lambda path: (file_steps.edit_file, file_steps.EditFile(path, "C", "changed")),
    "put": lambda path: (
        file_steps.put_file,
        file_steps.PutFile(path, base64.b64encode(b"changed").decode(), mode="write"),
    ),
    "delete": lambda path: (file_steps.delete_file, file_steps.DeleteFile(path)),
    "undo": lambda path: (file_steps.undo_change, file_steps.UndoChange(path)),
}


def _all_operations(
    place: Path, root: Path, chosen: list[tuple[str, str]]
) -> tuple[Counter[str], list[tuple[str, str]]]:
    """How each ended, and what brought a canary back."""
    state = place / "state"
    db = open_sqlite(state / "paths.db", bytes(48))
    metadata.whole().create_all(db.engine)
    roots = Roots({"sandbox": root}, root.parent)
    trash = Trash(state / "trash", bytes(32), db, SystemClock(), roots)
    contents = MemoryContents()
    room = file_room("here", roots, trash, contents, SystemClock(), lambda _root: Label.OPEN)
    ends: Counter[str] = Counter()
    leaks = []
    for _, text in chosen:
        for name, make in OPERATIONS.items():
            try:
                told, change_id = _one(room, contents, *make(text))
            except MaskError as error:
                ends[error.code] += 1
                continue
            ends["done inside"] += 1
            if OUTSIDE.strip() in told:
                leaks.append((name, text))
            if change_id is not None:  # the next string finds the root as this one did
                _one(room, contents, file_steps.undo_change, file_steps.UndoChange(change_id))
    roots.close()
    db.close()
    return ends, leaks


def _one(
    room: file_steps.FileRoom, contents: MemoryContents, declared: Any, asked: Any
) -> tuple[bytes, str | None]:
    """One operation from prepare to end: all that it brought back, and its change."""
    action = declared.preparer(room, _context(), asked)
    found = declared.handler(room, _context(action), asked)
    blob = contents.content(found.blob) if found.blob else b""
    told = f"{found.text}{action.preview}".encode("utf-8", "replace")
    return told + blob, getattr(found, "change_id", None)


def _context(action: Any = None) -> StepContext:
    now = SystemClock().now()
    run = RunRow("run", 0, "proof", 1, None, RunState.RUNNING, Label.OPEN, now, now)
    return StepContext(run, "0", CancelToken(), 1e9, action=action)


def _naive_reads(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(OUTSIDE)) != INSIDE
    except (OSError, ValueError):
        return False


def _picture(place: Path, but: Path) -> dict[str, tuple[int, bytes]]:
    """Every file outside the root and our own state, with its content."""
    skipped = (but, place / "state")
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(place.rglob("*"))
        if path.is_file() and not any(path.is_relative_to(each) for each in skipped)
    }
