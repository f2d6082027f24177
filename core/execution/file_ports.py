"""What the file room needs from outside: a folder held open, and a store for large content."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from core.runs.model import Label


class Shape(enum.StrEnum):
    """What a name in a folder is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"  # of any kind; shown, never followed
    SPECIAL = "special"  # devices, sockets, pipes: never opened


@dataclass(frozen=True)
class Facts:
    """What a folder says of a name in it, the link itself where it is one."""

    shape: Shape
    size: int
    mode: int  # permission bits
    mtime_ns: int
    device: int
    inode: int
    links: int


class Folder(Protocol):
    """A folder held open. Every name given to it is one name, and nothing follows a link.

    Methods raise OSError as the system says it, Refused where a rule of ours says no. Descriptors
    that are handed out belong to the caller.
    """

    def beneath(self, parts: Sequence[str]) -> Folder:
        """The folder at the end of these names. Refused(`path-has-link`, `not-a-folder`,
        `path-protected`)."""

    def folder(self, name: str, *, same_mount: bool = False) -> Folder:
        """A folder in this one. Refused as `beneath`; `same_mount`: Refused(`tree-crosses-mount`)
        where another file system begins."""

    def names(self, most: int) -> list[str]:
        """The names in it, sorted. Refused(`tree-too-large`) when there are more than `most`."""

    def facts(self, name: str) -> Facts | None:
        """What a name is; None when it is not there."""

    def itself(self) -> Facts: ...

    def read(self, name: str) -> int:
        """A descriptor to read a regular file. Refused(`path-has-link`, `file-is-folder`,
        `file-special`)."""

    def create(self, name: str) -> int:
        """A descriptor to write a new file that only this user may read; FileExistsError."""

    def finish(self, file: int, mode: int, mtime_ns: int | None) -> None:
        """Bring what was written to the disk, with its permissions and time, and close it."""

    def make_folder(self, name: str) -> None: ...

    def settle(self, mode: int, mtime_ns: int | None) -> None:
        """Give this folder its permissions and time, and bring its names to the disk."""

    def link_target(self, name: str) -> str: ...

    def make_link(self, name: str, target: str) -> None: ...

    def move(self, old: str, new: str) -> None:
        """Rename in this folder; FileExistsError when `new` is there."""

    def swap(self, one: str, other: str) -> bool:
        """Exchange two names in one moment; False where the system cannot."""

    def remove(self, name: str) -> None: ...

    def remove_folder(self, name: str) -> None: ...

    def sync(self) -> None:
        """Bring its names to the disk."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Contents(Protocol):
    """Where content too large for a message is kept at this place; `core.runs.blobs` is one."""

    def keep(self, content: bytes, label: Label, media: str) -> dict[str, Any]:
        """Store it; the reference as JSON. Refused(`blob-too-large`)."""

    def content(self, reference: dict[str, Any]) -> bytes:
        """What a reference stands for. Refused(`blob-reference`, `blob-missing`)."""
