"""The trash as forgetting knows it: an archive that holds the words goes, with its change's undo.

Decides only whether an archive holds them; an archive that cannot be read is held to. What the
change left in the owner's own folders is the owner's file, and not looked at.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from core.errors import Broken
from core.execution import changes, file_archive
from core.execution.trash import Trash
from core.memory.forget_words import Words


class TrashWords:
    """`core.memory.rest_ports.FileWords` over the trash of one place; `key` is the trash's."""

    name = "trash"

    def __init__(self, trash: Trash, key: bytes) -> None:
        self._trash = trash
        self._key = key

    def forget(self, needles: tuple[str, ...]) -> int:
        """Drop the changes whose archives hold the words; how many archives that were."""
        holding = list(self._holding(Words(needles)))
        for change_id in dict.fromkeys(path.parent.name for path in holding):
            self._discard(change_id)
        return len(holding)

    def holds(self, needles: tuple[str, ...]) -> int:
        return len(list(self._holding(Words(needles))))

    def _holding(self, words: Words) -> Iterator[Path]:
        if words and self._trash.folder.exists():
            for path in sorted(self._trash.folder.glob("*/*")):
                if path.is_file() and self._is_in(path, words):
                    yield path

    def _is_in(self, path: Path, words: Words) -> bool:
        """In a name or in the content of what is archived. One file's content is read whole."""
        content: list[bytes] = []
        try:
            bound = f"{path.parent.name}/{path.name}"
            for kind, payload in file_archive.records(path, self._key, bound):
                if kind == file_archive.DATA:
                    content.append(payload)
                    continue
                if words.are_in_bytes(b"".join(content)) or words.are_in_bytes(payload):
                    return True
                content = []
        except Broken:
            return True
        return words.are_in_bytes(b"".join(content))

    def _discard(self, change_id: str) -> None:
        """What was kept of a change goes, whether it has a row or not."""
        with self._trash.db.write() as tx:
            changes.give_up(tx, change_id)
        shutil.rmtree(self._trash.folder / change_id)
