"""Windows' own calls on handles, by ctypes; `core.execution.file_windows` decides what they mean.

CreateFileW with FILE_FLAG_OPEN_REPARSE_POINT opens the link itself, never what it points to
(learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew).
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from ctypes import wintypes
from typing import Any

from core.execution.file_ports import Facts, Shape

assert sys.platform == "win32", "only Windows has kernel32"

import msvcrt  # noqa: E402 - it is there on Windows only

GENERIC_READ, GENERIC_WRITE, READ_ATTRIBUTES, LIST = 0x80000000, 0x40000000, 0x80, 0x1
SHARE_READ, SHARE_WRITE, SHARE_DELETE = 1, 2, 4
CREATE_NEW, OPEN_EXISTING = 1, 3
BACKUP_SEMANTICS, OPEN_REPARSE_POINT = 0x02000000, 0x00200000
INVALID = ctypes.c_void_p(-1).value
#: 100 ns between 1601 and 1970.
FILETIME_EPOCH = 116_444_736_000_000_000
MOVE_WRITE_THROUGH = 8
LONGEST = 32_768


class _Information(ctypes.Structure):
    """BY_HANDLE_FILE_INFORMATION."""

    _fields_ = (
        ("attributes", wintypes.DWORD),
        ("created", wintypes.FILETIME),
        ("accessed", wintypes.FILETIME),
        ("written", wintypes.FILETIME),
        ("volume", wintypes.DWORD),
        ("size_high", wintypes.DWORD),
        ("size_low", wintypes.DWORD),
        ("links", wintypes.DWORD),
        ("index_high", wintypes.DWORD),
        ("index_low", wintypes.DWORD),
    )


class Kernel32:
    """`core.execution.file_windows.Kernel` on the machine itself."""

    def __init__(self) -> None:
        self._dll: Any = ctypes.WinDLL("kernel32", use_last_error=True)
        self._dll.CreateFileW.restype = ctypes.c_void_p
        self._dll.CreateFileW.argtypes = [
            wintypes.LPCWSTR,
            wintypes.DWORD,
            wintypes.DWORD,
            ctypes.c_void_p,
            wintypes.DWORD,
            wintypes.DWORD,
            ctypes.c_void_p,
        ]
        self._dll.CloseHandle.argtypes = [ctypes.c_void_p]
        self._dll.GetFileInformationByHandle.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self._dll.GetFinalPathNameByHandleW.argtypes = [
            ctypes.c_void_p,
            wintypes.LPWSTR,
            wintypes.DWORD,
            wintypes.DWORD,
        ]
        self._dll.MoveFileExW.argtypes = [wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD]

    def open(self, path: str, *, is_folder: bool) -> int:
        access = (LIST | READ_ATTRIBUTES) if is_folder else GENERIC_READ
        # Without delete sharing nobody renames or removes the folder while it is held.
        share = SHARE_READ | SHARE_WRITE | (0 if is_folder else SHARE_DELETE)
        return self._created(path, access, share, OPEN_EXISTING)

    def facts(self, handle: int) -> tuple[int, Facts]:
        found = _Information()
        if not self._dll.GetFileInformationByHandle(handle, ctypes.byref(found)):
            raise self._error("handle")
        written = (found.written.dwHighDateTime << 32) + found.written.dwLowDateTime
        return found.attributes, Facts(
            shape=Shape.FILE,
            size=(found.size_high << 32) + found.size_low,
            mode=0,
            mtime_ns=(written - FILETIME_EPOCH) * 100,
            device=found.volume,
            inode=(found.index_high << 32) + found.index_low,
            links=found.links,
        )

    def final_path(self, handle: int) -> str:
        room = ctypes.create_unicode_buffer(LONGEST)
        length = self._dll.GetFinalPathNameByHandleW(handle, room, LONGEST, 0)
        if not 0 < length < LONGEST:
            raise self._error("handle")
        return room.value

    def descriptor(self, handle: int) -> int:
        return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY)

    def create(self, path: str) -> int:
        handle = self._created(path, GENERIC_WRITE, 0, CREATE_NEW)
        return msvcrt.open_osfhandle(handle, os.O_WRONLY | os.O_BINARY)

    def move(self, old: str, new: str) -> None:
        if not self._dll.MoveFileExW(old, new, MOVE_WRITE_THROUGH):
            raise self._error(old)

    def close(self, handle: int) -> None:
        if not self._dll.CloseHandle(handle):
            raise self._error("handle")

    def _created(self, path: str, access: int, share: int, how: int) -> int:
        flags = BACKUP_SEMANTICS | OPEN_REPARSE_POINT
        handle: int | None = self._dll.CreateFileW(path, access, share, None, how, flags, None)
        if handle is None or handle == INVALID:
            raise self._error(path)
        return handle

    def _error(self, path: str) -> OSError:
        """With Windows' code, from which Python makes the errno and the class."""
        code = ctypes.get_last_error()
        return OSError(errno.EIO, ctypes.FormatError(code), path, code)
