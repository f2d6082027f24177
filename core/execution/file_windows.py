"""Folders held open on Windows: every folder of the way by a handle, and no reparse point followed.

Decides how a name beneath an open folder is reached. Each folder is opened with
FILE_FLAG_OPEN_REPARSE_POINT and without delete sharing, so that neither it nor what is above it
can be renamed, removed or exchanged while it is held; by its handle it must be no reparse point
(symbolic link, junction, mount) and its final path must be the one asked for, which also catches
short names (PROGRA~1). Only then a name in it is used. What is opened is judged again by handle.
The system calls are behind `Kernel`; `file_kernel32` has the real ones.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from core.errors import Refused
from core.execution import file_paths
from core.execution.file_errors import only_a_file
from core.execution.file_ports import Facts, Shape

#: winnt.h
READONLY, DIRECTORY, DEVICE, REPARSE = 0x1, 0x10, 0x40, 0x400
EXTENDED = "\\\\?\\"


class Kernel(Protocol):
    """The system calls, by handle. Paths given to it are absolute. OSError as Windows says it."""

    def open(self, path: str, *, is_folder: bool) -> int:
        """A handle for reading that follows no reparse point; a folder's shares no deletion."""

    def facts(self, handle: int) -> tuple[int, Facts]:
        """File attributes and facts, by handle."""

    def final_path(self, handle: int) -> str:
        """GetFinalPathNameByHandleW."""

    def descriptor(self, handle: int) -> int:
        """A file descriptor that owns the handle."""

    def create(self, path: str) -> int:
        """A descriptor of a new file; FileExistsError."""

    def move(self, old: str, new: str) -> None:
        """Rename without replacing; FileExistsError."""

    def close(self, handle: int) -> None: ...


class WindowsFolder:
    """`core.execution.file_ports.Folder` over a chain of handles, which it owns."""

    def __init__(
        self,
        kernel: Kernel,
        handles: Sequence[int],
        path: str,
        protected: frozenset[tuple[int, int]],
    ) -> None:
        self._kernel = kernel
        self._handles = list(handles)
        self._path = path  # final, of the last handle
        self._protected = protected

    @staticmethod
    def open(path: Path, protected: frozenset[tuple[int, int]], kernel: Kernel) -> WindowsFolder:
        """The folder at a path of the settings; links on the way to it are the owner's own."""
        handle = kernel.open(str(path), is_folder=True)
        return WindowsFolder(kernel, [handle], kernel.final_path(handle), protected)

    def beneath(self, parts: Sequence[str]) -> WindowsFolder:
        return self._down(parts)

    def folder(self, name: str, *, same_mount: bool = False) -> WindowsFolder:
        del same_mount  # another volume in a folder is a reparse point, and refused as one
        return self._down([name])

    def names(self, most: int) -> list[str]:
        with os.scandir(self._path) as entries:
            found = [entry.name for entry in itertools.islice(entries, most + 1)]
        if len(found) > most:
            raise Refused("tree-too-large", most=most)
        return sorted(found)

    def facts(self, name: str) -> Facts | None:
        try:
            handle = self._kernel.open(self._at(name), is_folder=False)
        except FileNotFoundError:
            return None
        try:
            return judged(*self._kernel.facts(handle))
        finally:
            self._kernel.close(handle)

    def itself(self) -> Facts:
        return judged(*self._kernel.facts(self._handles[-1]))

    def read(self, name: str) -> int:
        handle = self._kernel.open(self._at(name), is_folder=False)
        try:
            only_a_file(judged(*self._kernel.facts(handle)), name)
            self._check_final(handle, self._at(name))
        except BaseException:
            self._kernel.close(handle)
            raise
        return self._kernel.descriptor(handle)

    def create(self, name: str) -> int:
        return self._kernel.create(self._at(name))

    def finish(self, file: int, mode: int, mtime_ns: int | None) -> None:
        """Permissions and times are the system's here: a file inherits them from its folder."""
        del mode, mtime_ns
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def make_folder(self, name: str) -> None:
        Path(self._at(name)).mkdir()

    def settle(self, mode: int, mtime_ns: int | None) -> None:
        """As `finish`: nothing to do."""

    def link_target(self, name: str) -> str:
        return str(Path(self._at(name)).readlink())

    def make_link(self, name: str, target: str) -> None:
        Path(self._at(name)).symlink_to(target)

    def move(self, old: str, new: str) -> None:
        self._kernel.move(self._at(old), self._at(new))

    def swap(self, one: str, other: str) -> bool:
        """Windows exchanges nothing in one moment."""
        del one, other
        return False

    def remove(self, name: str) -> None:
        Path(self._at(name)).unlink()

    def remove_folder(self, name: str) -> None:
        Path(self._at(name)).rmdir()

    def sync(self) -> None:
        """NTFS journals its names by itself."""

    def close(self) -> None:
        for handle in reversed(self._handles):
            self._kernel.close(handle)
        self._handles.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- inside ----------------------------------------------------------------------------------

    def _down(self, names: Sequence[str]) -> WindowsFolder:
        """The folder at the end of the names; holds every folder of the way."""
        found = WindowsFolder(self._kernel, [], self._path, self._protected)
        try:
            if not names:
                found._hold(self._path)
            for name in names:
                found._hold(found._at(name))
        except BaseException:
            found.close()
            raise
        return found

    def _hold(self, path: str) -> None:
        handle = self._kernel.open(path, is_folder=True)
        self._handles.append(handle)
        seen = judged(*self._kernel.facts(handle))
        if seen.shape is Shape.LINK:
            raise Refused("path-has-link", path=path)
        if seen.shape is not Shape.FOLDER:
            raise Refused("not-a-folder", path=path)
        if (seen.device, seen.inode) in self._protected:
            raise Refused("path-protected")
        self._check_final(handle, path)
        self._path = path

    def _check_final(self, handle: int, wanted: str) -> None:
        """By handle it lies where it was looked for; letters' case is Windows' own matter."""
        final = self._kernel.final_path(handle)
        if final.casefold() != wanted.casefold():
            raise Refused("path-has-link", path=wanted)

    def _at(self, name: str) -> str:
        file_paths.check_name(name, windows=True)
        return f"{self._path}\\{name}"


def judged(attributes: int, facts: Facts) -> Facts:
    """Facts with the shape that the attributes say: a reparse point of any kind is a link."""
    if attributes & REPARSE:
        shape = Shape.LINK
    elif attributes & DIRECTORY:
        shape = Shape.FOLDER
    else:
        shape = Shape.SPECIAL if attributes & DEVICE else Shape.FILE
    mode = stat.S_IREAD | (0 if attributes & READONLY else stat.S_IWRITE)
    return Facts(shape, facts.size, mode, facts.mtime_ns, facts.device, facts.inode, facts.links)
