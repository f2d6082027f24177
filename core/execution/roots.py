"""Named roots: the only folders of a machine that files and commands may reach.

Decides what a path as asked for means at this place: a root and the names below it (`Spot`). Never
decides whether something may be done there; that is policy. A root's folder is opened once and
everything goes by that handle, also when its path is exchanged later. MASK_HOME holds keys, trash
and the database: no root reaches into it, except a root that was put there, like the sandbox.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.config import SANDBOX
from core.errors import Refused
from core.execution import file_paths
from core.execution.file_errors import border
from core.execution.file_ports import Facts, Folder

#: Folders of MASK_HOME that are no root, and hold none.
CLOSED = ("keys", "trash", "node")
Opener = Callable[[Path, frozenset[tuple[int, int]]], Folder]

if sys.platform == "win32":
    from core.execution.file_kernel32 import Kernel32
    from core.execution.file_windows import WindowsFolder

    def open_folder(path: Path, protected: frozenset[tuple[int, int]]) -> Folder:
        return WindowsFolder.open(path, protected, Kernel32())

else:
    from core.execution.walk import PosixFolder

    def open_folder(path: Path, protected: frozenset[tuple[int, int]]) -> Folder:
        return PosixFolder.open(path, protected)


class Root:
    """One root. `path` is where the settings say it is, with links resolved."""

    def __init__(self, name: str, path: Path, protected: Sequence[Path], opener: Opener) -> None:
        self.name = name
        self.path = Path(os.path.realpath(path))
        self._protected = [Path(os.path.realpath(other)) for other in protected]
        self._opener = opener
        self._lock = threading.Lock()
        self._folder: Folder | None = None

    def folder(self) -> Folder:
        """Its handle, for as long as the folder exists. Refused(`root-missing`)."""
        with self._lock:
            if self._folder is not None and self._folder.itself().links == 0:
                self._folder.close()  # it was deleted; there may be another one now
                self._folder = None
            if self._folder is None:
                self._folder = self._open()
            return self._folder

    def close(self) -> None:
        with self._lock:
            if self._folder is not None:
                self._folder.close()
                self._folder = None

    def _open(self) -> Folder:
        inside = [other for other in self._protected if other.is_relative_to(self.path)]
        found = [other.stat() for other in inside if other.exists()]
        try:
            return self._opener(self.path, frozenset((one.st_dev, one.st_ino) for one in found))
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR}:
                raise Refused("root-missing", root=self.name) from error
            raise


@dataclass(frozen=True)
class Spot:
    """A place beneath a root; `parts` are its names, () for the root itself. It need not exist."""

    root: Root
    parts: tuple[str, ...]
    is_workspace: bool = False  # strictly inside SANDBOX_DIR

    @property
    def path(self) -> str:
        """Below the root, as actions have it."""
        return "/".join(self.parts)

    @property
    def shown(self) -> str:
        return f"{self.root.name}:/{self.path}"

    @property
    def name(self) -> str:
        """Refused(`path-refused`) for a root itself, which is not ours to change."""
        if not self.parts:
            raise Refused("path-refused", why="root")
        return self.parts[-1]

    @property
    def system_path(self) -> Path:
        """For eyes, and for the argument list of a command; files are never opened by it."""
        return self.root.path.joinpath(*self.parts)

    def parent(self) -> Folder:
        """The folder it is in, opened for the caller. Refused when it is not there."""
        self.name  # noqa: B018 - a root has no parent
        with border(self.shown):
            return self.root.folder().beneath(self.parts[:-1])

    def folder(self) -> Folder:
        """The folder that it is, opened for the caller. Refused when it is none."""
        with border(self.shown):
            return self.root.folder().beneath(self.parts)

    def facts(self) -> Facts | None:
        """What is there now; None when nothing is, or its folder is missing."""
        if not self.parts:
            return self.root.folder().itself()
        try:
            with self.parent() as folder, border(self.shown):
                return folder.facts(self.name)
        except Refused as error:
            if error.code in {"file-missing", "not-a-folder"}:
                return None
            raise

    def upward(self) -> Spot:
        """The spot of the folder it is in."""
        return self.at(self.parts[:-1])

    def at(self, parts: Sequence[str]) -> Spot:
        """Another spot of the same root."""
        return Spot(self.root, tuple(parts), self.is_workspace)


class Roots:
    """The roots of this place. `named` is `Settings.roots()`; the first is the one that a path
    without a name is in. `home` is MASK_HOME; `protected` are further folders of the system."""

    def __init__(
        self,
        named: Mapping[str, Path],
        home: Path,
        protected: Sequence[Path] = (),
        *,
        opener: Opener = open_folder,
    ) -> None:
        self._roots = {
            name: Root(name, path, (home, *protected), opener) for name, path in named.items()
        }
        self._home = Path(os.path.realpath(home))
        self._refuse_closed()
        if SANDBOX in self._roots:
            self._roots[SANDBOX].path.mkdir(parents=True, exist_ok=True)

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the settings."""
        return tuple(self._roots)

    def find(self, text: str) -> Spot:
        """What `name:/below` means here. Refused(`path-refused`, `root-unknown`)."""
        name, parts = file_paths.parse(text)
        return self.spot(name or self.names[0], parts)

    def spot(self, name: str, parts: Sequence[str]) -> Spot:
        """The same from an action's fields."""
        root = self._roots.get(name)
        if root is None:
            raise Refused("root-unknown", root=name, known=", ".join(self.names))
        for part in parts:
            file_paths.check_name(part)
        return Spot(root, tuple(parts), self._is_workspace(root, parts))

    def close(self) -> None:
        for root in self._roots.values():
            root.close()

    def _is_workspace(self, root: Root, parts: Sequence[str]) -> bool:
        sandbox = self._roots.get(SANDBOX)
        if sandbox is None:
            return False
        path = root.path.joinpath(*parts)
        return path != sandbox.path and path.is_relative_to(sandbox.path)

    def _refuse_closed(self) -> None:
        for root in self._roots.values():
            is_closed = root.path == self._home or any(
                root.path.is_relative_to(self._home / name) for name in CLOSED
            )
            if is_closed:
                raise Refused("root-protected", root=root.name)
