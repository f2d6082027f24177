"""What a wish about files would do, found out by reading only: a plan, and from it the action.

Decides what exactly would be there afterwards, byte for byte, and what the owner is shown. The
plan is made twice or more (for the card, before the start, at the start) and each time gives the
same action or the files have changed. `perform` then changes exactly that. Refuses what it does
not do: to write through links or into hard-linked or read-only files, to change a root itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Any

from core.errors import Refused
from core.execution import file_text
from core.execution.file_change import (
    NEW_FILE,
    Origin,
    Wanted,
    carry_out,
    file_in_folders,
    file_of,
)
from core.execution.file_errors import border, only_a_file
from core.execution.file_paths import shown
from core.execution.file_ports import Contents, Shape
from core.execution.file_text import Form
from core.execution.file_tree import ABSENT, Check, State, look
from core.execution.files import human, whole_content
from core.execution.model import Effect
from core.execution.roots import Spot
from core.execution.trash import Trash
from core.runs import actions
from core.runs.blobs import MOST_BLOB_BYTES
from core.runs.model import Action

#: Bytes of a text that is edited, appended to or compared.
MOST_TEXT = 20_000_000
WRITABLE = 0o222
#: How a text is written: new or instead of the old one; only new; only instead; at the end.
MODES = ("write", "create", "replace", "append")


@dataclass(frozen=True)
class Plan:
    """One change of files, ready to be shown and carried out. `said` is what the model is told
    afterwards."""

    kind: str
    undo: str
    spot: Spot
    wanted: tuple[Wanted, ...]
    fields: dict[str, Any]
    preview: dict[str, Any]
    said: str
    summary: dict[str, Any] = field(default_factory=dict)
    restores: str | None = None

    @property
    def is_kept(self) -> bool:
        return self.undo != "none"

    def action(self, place: str) -> Action:
        """What the owner is asked about. Refused(`action-too-large`, `action-text`)."""
        known: dict[str, Any] = {"root": self.spot.root.name, "path": self.spot.path}
        known["is_workspace"] = self.spot.is_workspace
        preview = {"path": str(self.spot.system_path), **self.preview}
        return actions.make(
            self.kind, place, undo=self.undo, preview=preview, **(known | self.fields)
        )


class Plans:
    """The writing use cases of one place."""

    def __init__(self, trash: Trash, contents: Contents) -> None:
        self._trash = trash
        self._contents = contents

    def write(self, spot: Spot, text: str, mode: str, check: Check = lambda: None) -> Plan:
        """A text as a file, new, instead of the old one, or behind it. Refused(`file-exists`,
        `file-missing`, `file-binary`, `nothing-changes`, ...)."""
        if mode not in MODES:
            raise Refused("file-mode", mode=mode)
        top, below, before = _ground(spot, check)
        if mode == "create" and before.is_there:
            raise Refused("file-exists", path=spot.shown)
        if mode == "replace" and not before.is_there:
            raise Refused("file-missing", path=spot.shown)
        if not before.is_there:
            return _new(spot, top, below, Form().encode(text), "create")
        old = whole_content(spot, MOST_TEXT, check) if before.size <= MOST_TEXT else None
        known = file_text.decode(old) if old is not None else None
        if known is None:
            if mode == "append":
                raise Refused("file-binary", path=spot.shown)
            return _changed(spot, before, Form().encode(text), "edit", None)
        was, form = known
        new = _behind(was, text) if mode == "append" else text
        return _changed(spot, before, form.encode(new), "edit", file_text.diff(was, new))

    def edit(
        self, spot: Spot, old: str, new: str, *, every: bool = False, check: Check = lambda: None
    ) -> Plan:
        """One passage becomes another; every one where `every`. An empty `old` appends.
        Refused(`edit-not-found`, `edit-ambiguous`, `file-binary`, `nothing-changes`, ...)."""
        if not old:
            return self.write(spot, new, "append", check)
        _, _, before = _ground(spot, check)
        known = file_text.decode(whole_content(spot, MOST_TEXT, check))
        if known is None:
            raise Refused("file-binary", path=spot.shown)
        was, form = known
        passage, instead = old, new
        if form.newline == "\r\n":
            passage, instead = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
        count = was.count(passage)
        if count == 0:
            raise Refused("edit-not-found", path=spot.shown)
        if count > 1 and not every:
            raise Refused("edit-ambiguous", path=spot.shown, count=count)
        now = was.replace(passage, instead)
        return _changed(spot, before, form.encode(now), "edit", file_text.diff(was, now))

    def put(
        self,
        spot: Spot,
        data: str,
        blob: dict[str, Any] | None,
        mode: str,
        check: Check = lambda: None,
    ) -> Plan:
        """Bytes as a file: `data` in base64, or a blob that is here. Refused(`file-data`,
        `file-exists`, `blob-missing`, ...)."""
        if mode not in MODES[:3]:
            raise Refused("file-mode", mode=mode)
        content = self._contents.content(blob) if blob is not None else _decoded(data)
        top, below, before = _ground(spot, check)
        if mode == "create" and before.is_there:
            raise Refused("file-exists", path=spot.shown)
        if mode == "replace" and not before.is_there:
            raise Refused("file-missing", path=spot.shown)
        if not before.is_there:
            return _new(spot, top, below, content, "put_file")
        return _changed(spot, before, content, "put_file", None)

    def delete(self, spot: Spot, check: Check = lambda: None) -> Plan:
        """A file, a link itself, or a folder with everything in it. Refused(`file-missing`,
        `tree-too-large`, `tree-crosses-mount`, `path-protected`, ...)."""
        with border(spot.shown), spot.parent() as folder:
            before = look(folder, spot.name, check=check)
        if before.shape is None:
            raise Refused("file-missing", path=spot.shown)
        is_folder = before.shape is Shape.FOLDER
        fields = {
            "before": None if is_folder else before.digest,
            "after": None,
            "size": before.size,
            "entries": before.entries,
            "tree": before.digest if is_folder else None,
            "type": before.shape.value,
            "exact": before.is_hashed,
        }
        preview = {
            "first_names": [shown(name) for name in before.first],
            "size_bytes": before.size,
            "count": before.entries,
        }
        inside = f" with {before.entries} entries" if is_folder else ""
        return Plan(
            "delete_file",
            _undo("trash", before),
            spot,
            (Wanted(spot, before, None),),
            fields,
            preview,
            f"Deleted {spot.shown}{inside} ({human(before.size)}).",
            {"bytes": before.size, "entries": before.entries},
        )

    def perform(
        self, plan: Plan, run_id: str, position: str, check: Check = lambda: None
    ) -> Effect:
        """Do what was planned, and nothing else. Refused(`file-changed`): then nothing was done."""
        change_id = carry_out(
            self._trash,
            plan.wanted,
            Origin(run_id, position, plan.kind, plan.restores),
            is_kept=plan.is_kept,
            check=check,
        )
        summary = {"path": plan.spot.shown, "undo": plan.undo, **plan.summary}
        return Effect(plan.said, summary, change_id if plan.is_kept else None)


def _ground(spot: Spot, check: Check) -> tuple[Spot, tuple[str, ...], State]:
    """Where a file would be written: the first name that is not there yet, the names below it, and
    the file that is there. Refused unless a regular file may be (over)written there."""
    spot.name  # noqa: B018 - a root cannot be written
    for depth in range(1, len(spot.parts)):
        above = spot.at(spot.parts[:depth])
        facts = above.facts()
        if facts is None:
            return above, spot.parts[depth:], ABSENT
        if facts.shape is not Shape.FOLDER:
            is_link = facts.shape is Shape.LINK
            raise Refused("path-has-link" if is_link else "not-a-folder", path=above.shown)
    with border(spot.shown), spot.parent() as folder:
        facts = folder.facts(spot.name)
        if facts is None:
            return spot, (), ABSENT
        only_a_file(facts, spot.shown)
        if facts.links > 1:
            raise Refused("file-hard-linked", path=spot.shown)
        if not facts.mode & WRITABLE:
            raise Refused("file-no-permission", path=spot.shown)
        return spot, (), look(folder, spot.name, check=check)


def _new(spot: Spot, top: Spot, below: tuple[str, ...], content: bytes, kind: str) -> Plan:
    """A new file, with the folders that it needs."""
    _small_enough(spot, content)
    sha256 = hashlib.sha256(content).hexdigest()
    after, build = file_in_folders(below, content) if below else (sha256, file_of(content))
    folders = ["/".join(spot.parts[:depth]) for depth in range(len(top.parts), len(spot.parts))]
    fields = {"before": None, "after": sha256, "size": len(content), "new_folders": folders}
    known = file_text.decode(content)
    seen = file_text.diff("", known[0]).preview() if known else {"is_binary": True}
    return Plan(
        kind,
        "version",
        spot,
        (Wanted(top, ABSENT, after, build),),
        fields,
        {"size_bytes": len(content), "first_names": folders, **seen},
        f"Created {spot.shown} ({human(len(content))}).",
        {"bytes": len(content)},
    )


def _changed(
    spot: Spot, before: State, content: bytes, kind: str, seen: file_text.Diff | None
) -> Plan:
    """A file that gets another content and keeps its permissions."""
    _small_enough(spot, content)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 == before.digest:
        raise Refused("nothing-changes", path=spot.shown)
    mode = before.facts.mode if before.facts is not None else NEW_FILE
    preview: dict[str, Any] = {"size_bytes": len(content), "size_before": before.size}
    preview |= seen.preview() if seen is not None else {"is_binary": True}
    counts = f", {seen.added} lines added and {seen.removed} removed" if seen is not None else ""
    return Plan(
        kind,
        _undo("version", before),
        spot,
        (Wanted(spot, before, sha256, file_of(content, mode)),),
        {"before": before.digest, "after": sha256, "size": len(content)},
        preview,
        f"Changed {spot.shown}{counts}; it has {human(len(content))} now.",
        {"bytes": len(content)},
    )


def _undo(how: str, before: State) -> str:
    """`how`, unless the former state cannot be kept."""
    return how if before.is_hashed and not before.has_special else "none"


def _behind(was: str, text: str) -> str:
    """A text at the end of another, on lines of its own."""
    return f"{was}{'' if not was or was.endswith(chr(10)) else chr(10)}{text}"


def _small_enough(spot: Spot, content: bytes) -> None:
    if len(content) > MOST_BLOB_BYTES:
        raise Refused("file-too-large", path=spot.shown, most=MOST_BLOB_BYTES)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("file-data") from None
