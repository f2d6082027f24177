"""Folders held open on Linux and macOS: every access goes by a descriptor, never by a path.

Decides how a name beneath an open folder is reached: in one `openat2` where the kernel has it,
else one name at a time with O_NOFOLLOW. No link is followed, at any place of the path, so a swap
between two moments reaches nothing outside. A folder in `protected` (device and inode of the
system's own folders) is not entered, under whatever name.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import Refused
from core.execution import openat2
from core.execution.file_errors import only_a_file
from core.execution.file_ports import Facts, Shape

assert sys.platform != "win32", "Windows has handles of its own: file_windows"

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: Without O_NONBLOCK the opening of a pipe would wait for its other end.
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
Inodes = frozenset[tuple[int, int]]


class PosixFolder:
    """`core.execution.file_ports.Folder` over a descriptor, which it owns."""

    def __init__(self, fd: int, protected: Inodes = frozenset(), *, openat2: bool = True) -> None:
        """`openat2=False` walks name by name, as on a kernel without it."""
        self.fd = fd
        self._protected = protected
        self._has_openat2 = openat2

    @staticmethod
    def open(path: Path, protected: Inodes = frozenset(), *, one_call: bool = True) -> PosixFolder:
        """The folder at a path of the settings; links on the way to it are the owner's own."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return PosixFolder(fd, protected, openat2=one_call and openat2.is_available())

    def beneath(self, parts: Sequence[str]) -> PosixFolder:
        if not parts:
            return self._made(os.dup(self.fd))
        if self._has_openat2 and not self._protected:
            return self._one_call("/".join(parts), same_mount=False)
        with self.beneath(parts[:-1]) as parent:
            return parent.folder(parts[-1])

    def folder(self, name: str, *, same_mount: bool = False) -> PosixFolder:
        if self._has_openat2:
            return self._one_call(name, same_mount=same_mount)
        try:
            found = self._made(os.open(_one(name), FOLDER, dir_fd=self.fd))
        except OSError as error:
            raise self._why_not(error, name) from error
        if same_mount and found.itself().device != self.itself().device:
            found.close()
            raise Refused("tree-crosses-mount", path=name)
        return found

    def names(self, most: int) -> list[str]:
        with os.scandir(self.fd) as entries:
            found = [entry.name for entry in itertools.islice(entries, most + 1)]
        if len(found) > most:
            raise Refused("tree-too-large", most=most)
        return sorted(found)

    def facts(self, name: str) -> Facts | None:
        try:
            return facts_of(os.stat(_one(name), dir_fd=self.fd, follow_symlinks=False))
        except FileNotFoundError:
            return None

    def itself(self) -> Facts:
        return facts_of(os.fstat(self.fd))

    def read(self, name: str) -> int:
        seen = self.facts(name)
        if seen is not None:
            only_a_file(seen, name)
        file = os.open(_one(name), READ, dir_fd=self.fd)
        try:
            only_a_file(facts_of(os.fstat(file)), name)
        except Refused:
            os.close(file)
            raise
        return file

    def create(self, name: str) -> int:
        return os.open(_one(name), CREATE, 0o600, dir_fd=self.fd)

    def finish(self, file: int, mode: int, mtime_ns: int | None) -> None:
        try:
            os.fchmod(file, mode & 0o777)
            if mtime_ns is not None:
                os.utime(file, ns=(mtime_ns, mtime_ns))
            os.fsync(file)
        finally:
            os.close(file)

    def make_folder(self, name: str) -> None:
        os.mkdir(_one(name), 0o700, dir_fd=self.fd)

    def settle(self, mode: int, mtime_ns: int | None) -> None:
        os.fchmod(self.fd, mode & 0o777)
        if mtime_ns is not None:
            os.utime(self.fd, ns=(mtime_ns, mtime_ns))
        self.sync()

    def link_target(self, name: str) -> str:
        return os.readlink(_one(name), dir_fd=self.fd)

    def make_link(self, name: str, target: str) -> None:
        os.symlink(target, _one(name), dir_fd=self.fd)

    def move(self, old: str, new: str) -> None:
        if openat2.move(self.fd, _one(old), _one(new)):
            return
        seen = self.facts(old)
        if seen is not None and seen.shape is Shape.FILE:
            os.link(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)
            os.unlink(old, dir_fd=self.fd)
            return
        # A folder replaces at most an empty folder, which `facts` has just not seen.
        if self.facts(new) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        os.rename(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def swap(self, one: str, other: str) -> bool:
        return openat2.exchange(self.fd, _one(one), _one(other))

    def remove(self, name: str) -> None:
        os.unlink(_one(name), dir_fd=self.fd)

    def remove_folder(self, name: str) -> None:
        os.rmdir(_one(name), dir_fd=self.fd)

    def sync(self) -> None:
        os.fsync(self.fd)

    def close(self) -> None:
        os.close(self.fd)

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

    def _one_call(self, path: str, *, same_mount: bool) -> PosixFolder:
        for name in path.split("/"):
            _one(name)
        try:
            return self._made(openat2.openat2(self.fd, path, FOLDER, same_mount=same_mount))
        except OSError as error:
            if same_mount and error.errno == errno.EXDEV:
                raise Refused("tree-crosses-mount", path=path) from error
            raise self._why_not(error, path) from error

    def _why_not(self, error: OSError, path: str) -> Exception:
        if error.errno in {errno.ELOOP, errno.EXDEV}:
            return Refused("path-has-link", path=path)
        if error.errno != errno.ENOTDIR:
            return error
        seen = self.facts(path) if "/" not in path else None
        is_link = seen is not None and seen.shape is Shape.LINK
        return Refused("path-has-link" if is_link else "not-a-folder", path=path)

    def _made(self, fd: int) -> PosixFolder:
        """A folder of the same rules over a new descriptor, unless it is a protected one."""
        found = PosixFolder(fd, self._protected, openat2=self._has_openat2)
        if self._protected:
            seen = found.itself()
            if (seen.device, seen.inode) in self._protected:
                found.close()
                raise Refused("path-protected")
        return found


def facts_of(found: os.stat_result) -> Facts:
    return Facts(
        shape=shape_of(found.st_mode),
        size=found.st_size,
        mode=stat.S_IMODE(found.st_mode),
        mtime_ns=found.st_mtime_ns,
        device=found.st_dev,
        inode=found.st_ino,
        links=found.st_nlink,
    )


def shape_of(mode: int) -> Shape:
    if stat.S_ISREG(mode):
        return Shape.FILE
    if stat.S_ISDIR(mode):
        return Shape.FOLDER
    return Shape.LINK if stat.S_ISLNK(mode) else Shape.SPECIAL


def _one(name: str) -> str:
    """The last check before the system sees a name: it is one name, and not the way up."""
    if not name or name in {".", ".."} or "/" in name or "\0" in name:
        raise Refused("path-refused", why="up")
    return name
