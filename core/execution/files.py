"""Looking at files: list a folder, read a text in portions, fetch a file whole.

Decides what is shown of a folder and a file, and how much at once: what fits in a small model's
window, with a pointer to the rest. Changes nothing. Links are shown as links and never followed.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.errors import Refused
from core.execution import file_text
from core.execution.file_errors import border
from core.execution.file_paths import shown
from core.execution.file_portions import TextFile
from core.execution.file_ports import Contents, Facts, Shape
from core.execution.file_tree import MOST_ENTRIES, Check, chunks
from core.execution.model import Seen
from core.execution.roots import Roots, Spot
from core.runs.blobs import MEDIA, MOST_BLOB_BYTES
from core.runs.model import Label

#: Names on one page.
PAGE = 40
THOUSAND = 1000
UNITS = ("bytes", "KB", "MB", "GB", "TB")
BYTES = "application/octet-stream"
MARKS = {Shape.FOLDER: "/", Shape.LINK: " (link, not followed)", Shape.SPECIAL: " (not a file)"}


class Files:
    """The reading use cases of one place."""

    def __init__(self, roots: Roots, contents: Contents) -> None:
        self._roots = roots
        self._contents = contents

    def list_folder(self, spot: Spot, page: int = 1, check: Check = lambda: None) -> Seen:
        """One page of a folder: folders first, then by name. Refused(`not-a-folder`, ...)."""
        found = []
        with border(spot.shown), spot.folder() as folder:
            for name in folder.names(MOST_ENTRIES):
                check()
                if (seen := folder.facts(name)) is not None:
                    found.append((name, seen))
        found.sort(key=lambda each: (each[1].shape is not Shape.FOLDER, each[0]))
        pages = max(-(-len(found) // PAGE), 1)
        page = min(max(page, 1), pages)
        entries = [_entry(name, seen) for name, seen in found[(page - 1) * PAGE : page * PAGE]]
        facts = {
            "path": spot.shown,
            "page": page,
            "pages": pages,
            "total": len(found),
            "entries": entries,
            "roots": list(self._roots.names),
        }
        more = f"page {page} of {pages}; go on with page={page + 1}" if page < pages else ""
        return Seen("\n".join(map(_line, entries)) or "(empty)", facts, more)

    def read_text(
        self, spot: Spot, line: int = 1, letter: int = 0, check: Check = lambda: None
    ) -> Seen:
        """Lines from number `line` on (1 is the first, -1 the last), as many as fit; `letter`
        skips letters of that line. A binary file is only described. Refused(`file-missing`,
        `file-is-folder`, `path-has-link`, `file-ends-before`, ...)."""
        with border(spot.shown), spot.parent() as folder:
            file = folder.read(spot.name)
            try:
                return _read(spot, file, line, letter, check)
            finally:
                os.close(file)

    def fetch(self, spot: Spot, label: Label, check: Check = lambda: None) -> Seen:
        """The whole file, as a blob. Refused(`file-too-large`, ...)."""
        content = whole_content(spot, MOST_BLOB_BYTES, check)
        facts = {
            "path": spot.shown,
            "name": spot.name,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "media": _media(spot.name),
        }
        blob = self._contents.keep(content, label, _media(spot.name))
        return Seen(f"{spot.shown}, {human(len(content))}", facts, blob=blob)


def whole_content(spot: Spot, most: int, check: Check = lambda: None) -> bytes:
    """What is in a file. Refused(`file-too-large`, `file-missing`, ...)."""
    kept = bytearray()
    with border(spot.shown), spot.parent() as folder:
        for chunk in chunks(folder.read(spot.name), check):
            kept += chunk
            if len(kept) > most:
                raise Refused("file-too-large", path=spot.shown, most=most)
    return bytes(kept)


def human(size: int) -> str:
    """A size as people read it."""
    value, unit = float(size), 0
    while value >= THOUSAND and unit < len(UNITS) - 1:
        value, unit = value / THOUSAND, unit + 1
    return f"{size} bytes" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def _read(spot: Spot, file: int, line: int, letter: int, check: Check) -> Seen:
    size = os.fstat(file).st_size
    head = os.read(file, file_text.SNIFFED)
    form = file_text.sniff(head, is_whole=len(head) >= size)
    facts: dict[str, Any] = {"path": spot.shown, "size": size}
    if form is None:
        facts |= {"is_binary": True, "media": _media(spot.name)}
        return Seen(f"A binary file ({_media(spot.name)}, {human(size)}), not a text.", facts)
    text = TextFile(file, size, form, check)
    lines = text.lines()
    if line < 1:
        line = max((lines or 0) + 1 + line, 1)
    if lines is not None and line > max(lines, 1):
        raise Refused("file-ends-before", lines=lines)
    found = text.portion(line, max(letter, 0))
    facts |= {"encoding": form.name, "first_line": found.first, "last_line": found.last}
    if lines is not None:
        facts |= {"lines": lines}
    if found.next_line is None:
        return Seen(found.text, facts)
    facts |= {"next_line": found.next_line, "next_letter": found.next_letter}
    skip = f" and letter={found.next_letter}" if found.next_letter else ""
    more = f"the file goes on; read on with line={found.next_line}{skip}"
    return replace(Seen(found.text, facts), more=more)


def _entry(name: str, seen: Facts) -> dict[str, Any]:
    at = datetime.fromtimestamp(seen.mtime_ns // 10**9, UTC)
    return {
        "name": shown(name),
        "type": seen.shape.value,
        "size": seen.size if seen.shape is Shape.FILE else 0,
        "at": at.isoformat(),
    }


def _line(entry: dict[str, Any]) -> str:
    shape = Shape(entry["type"])
    if shape is not Shape.FILE:
        return f"{entry['name']}{MARKS[shape]}"
    return f"{entry['name']}  {human(entry['size'])}  {entry['at'][:16].replace('T', ' ')}"


def _media(name: str) -> str:
    guessed = mimetypes.guess_type(name)[0] or BYTES
    return guessed if MEDIA.fullmatch(guessed) else BYTES
