"""What the operating system says about files, as errors of ours. Called at the room's borders."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import Broken, MaskError, Refused, Unavailable
from core.execution.file_ports import Facts, Shape

CODES = {
    errno.ENOENT: "file-missing",
    errno.EEXIST: "file-exists",
    errno.ENOTEMPTY: "file-exists",
    errno.ELOOP: "path-has-link",
    errno.EXDEV: "path-has-link",
    errno.ENOTDIR: "not-a-folder",
    errno.EISDIR: "file-is-folder",
    errno.EACCES: "file-no-permission",
    errno.EPERM: "file-no-permission",
    errno.EROFS: "file-no-permission",
    errno.ENAMETOOLONG: "path-refused",
}
FULL = frozenset({errno.ENOSPC, errno.EDQUOT}) if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


@contextmanager
def border(path: str) -> Iterator[None]:
    """OSErrors inside leave as Refused with a code, Unavailable(`disk-full`, `file-busy`), or
    Broken(`file-system-error`). `path` is what was asked for."""
    try:
        yield
    except OSError as error:
        raise translated(error, path) from error


def translated(error: OSError, path: str) -> MaskError:
    code = CODES.get(error.errno or 0)
    if code == "path-refused":
        return Refused(code, why="long")
    if code is not None:
        return Refused(code, path=path)
    if error.errno in FULL:
        return Unavailable("disk-full")
    if error.errno in {errno.EBUSY, errno.ETXTBSY, errno.EMFILE, errno.ENFILE}:
        return Unavailable("file-busy", path=path)
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return Broken("file-system-error", path=path, why=name)


def only_a_file(seen: Facts, name: str) -> None:
    """Refused unless it is a regular file."""
    if seen.shape is Shape.LINK:
        raise Refused("path-has-link", path=name)
    if seen.shape is Shape.FOLDER:
        raise Refused("file-is-folder", path=name)
    if seen.shape is not Shape.FILE:
        raise Refused("file-special", path=name)
