"""Plain files as forgetting knows them: whole files that go, and logs that lose lines.

Decides nothing about what is in a folder but whether it holds the words. Files that are encrypted
or sealed have keepers of their own (`TrashWords`, `MirrorWords`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from core.memory.forget_words import Words
from core.memory.rest_ports import files_under


class FolderWords:
    """`FileWords` over the files of a pattern below `home`: what holds the words is deleted.

    With `as_lines` a file stays, and the lines go that hold them; a file that is being written to
    keeps its name and place, so that its writer goes on. `but` leaves files out.
    """

    def __init__(
        self,
        name: str,
        home: Path,
        pattern: str,
        *,
        as_lines: bool = False,
        but: Callable[[Path], bool] = lambda _path: False,
    ) -> None:
        self.name = name
        self._home = home
        self._pattern = pattern
        self._as_lines = as_lines
        self._but = but

    def forget(self, needles: tuple[str, ...]) -> int:
        """How many files went or lost lines."""
        words, many = Words(needles), 0
        for path in self._holding(words):
            many += 1
            if self._as_lines:
                _without_lines(path, words)
            else:
                path.unlink()
        return many

    def holds(self, needles: tuple[str, ...]) -> int:
        return len(list(self._holding(Words(needles))))

    def _holding(self, words: Words) -> Iterator[Path]:
        """Never through a link: what it points to is not ours. A name counts like content."""
        for path in files_under(self._home, self._pattern) if words else ():
            if path.is_symlink() or self._but(path):
                continue
            named = not self._as_lines and words.are_in(path.name)
            if named or words.are_in_bytes(path.read_bytes()):
                yield path


def _without_lines(path: Path, words: Words) -> None:
    """Written over in place: the former content does not stay on the disk beside it."""
    kept = [line for line in path.read_bytes().splitlines(True) if not words.are_in_bytes(line)]
    with path.open("r+b") as file:
        file.write(b"".join(kept))
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
