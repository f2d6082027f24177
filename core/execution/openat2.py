"""Two system calls that Python does not have: opening beneath a folder, and exchanging names.

`openat2` (Linux 5.6) resolves a whole path in one call and refuses every link on the way, so no
swap between check and use can lead outside. `exchange` and `move` rename without replacing
(Linux 3.15 `renameat2`, macOS 10.12 `renameatx_np`). Where the kernel or a sandbox's filter has
not got them, the answer says so and the caller takes its checked way. Called by `walk` only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import Any

assert sys.platform != "win32", "Windows has handles of its own: file_kernel32"

#: One number on every architecture but Alpha (kernel: scripts/syscall.tbl).
SYS_OPENAT2 = 437
#: linux/openat2.h
NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH = 0x01, 0x02, 0x04, 0x08
#: linux/fs.h and sys/stdio.h: (keep what is there, exchange)
LINUX_FLAGS, DARWIN_FLAGS = (1, 2), (4, 2)
#: The kernel asks to try again when a rename came in between.
TRIES = 128
#: What says "not on this kernel, not on this file system, not in this sandbox".
NOT_HERE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})


class _How(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


def openat2(folder: int, path: str, flags: int, *, same_mount: bool = False) -> int:
    """A descriptor of `path` beneath the open `folder`, or OSError: ELOOP for any link on the way,
    EXDEV for a way out. Only where `is_available`."""
    resolve = BENEATH | NO_SYMLINKS | NO_MAGICLINKS | (NO_XDEV if same_mount else 0)
    how = _How(flags | os.O_CLOEXEC, 0, resolve)
    for _ in range(TRIES):
        found: int = _libc().syscall(
            ctypes.c_long(SYS_OPENAT2),
            ctypes.c_int(folder),
            ctypes.c_char_p(os.fsencode(path)),
            ctypes.byref(how),
            ctypes.c_size_t(ctypes.sizeof(how)),
        )
        if found >= 0:
            return found
        code = ctypes.get_errno()
        if code not in {errno.EAGAIN, errno.EINTR}:
            break
    raise OSError(code, os.strerror(code), path)


@cache
def is_available() -> bool:
    """Has this kernel `openat2`, and may this process call it?"""
    if not sys.platform.startswith("linux"):
        return False
    at = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.close(openat2(at, ".", os.O_RDONLY | os.O_DIRECTORY))
    except OSError as error:
        if error.errno in NOT_HERE:
            return False
        raise
    finally:
        os.close(at)
    return True


def exchange(folder: int, one: str, other: str) -> bool:
    """Swap two names in a folder in one moment; False where the system cannot."""
    return _rename(folder, one, other, 1)


def move(folder: int, old: str, new: str) -> bool:
    """Rename, FileExistsError when `new` is there; False where the system cannot."""
    return _rename(folder, old, new, 0)


def _rename(folder: int, old: str, new: str, wish: int) -> bool:
    call, flags = _renamer()
    if call is None:
        return False
    if call(folder, os.fsencode(old), folder, os.fsencode(new), flags[wish]) == 0:
        return True
    code = ctypes.get_errno()
    if code in NOT_HERE - {errno.EPERM}:
        return False
    raise OSError(code, os.strerror(code), old)


@cache
def _renamer() -> tuple[Any, tuple[int, int]]:
    name = "renameatx_np" if sys.platform == "darwin" else "renameat2"
    call = getattr(_libc(), name, None)
    if call is not None:
        call.argtypes = [
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_uint,
        ]
    return call, DARWIN_FLAGS if sys.platform == "darwin" else LINUX_FLAGS


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)
