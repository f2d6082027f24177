"""The calls of Windows behind `run_windows.Kernel`, and files that nobody can exchange; ctypes.

Numbers: winnt.h, jobapi2.h, fileapi.h. Decides nothing.
"""

from __future__ import annotations

import ctypes
import msvcrt
import os
import sys
from ctypes import wintypes

assert sys.platform == "win32", "other systems have calls of their own"

EXTENDED_LIMITS, BASIC_ACCOUNTING = 9, 1
LIMIT_ACTIVE_PROCESS, LIMIT_JOB_MEMORY = 0x8, 0x200
LIMIT_DIE_ON_UNHANDLED_EXCEPTION, LIMIT_KILL_ON_JOB_CLOSE = 0x400, 0x2000
GENERIC_READ, SHARE_READ, OPEN_EXISTING = 0x80000000, 0x1, 3
ATTRIBUTE_NORMAL = 0x80
INVALID_HANDLE = ctypes.c_void_p(-1).value


class _Counters(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in ("r", "w", "o", "rb", "wb", "ob")]


class _BasicLimits(ctypes.Structure):
    _fields_ = [
        ("process_time", ctypes.c_longlong),
        ("job_time", ctypes.c_longlong),
        ("flags", wintypes.DWORD),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority", wintypes.DWORD),
        ("scheduling", wintypes.DWORD),
    ]


class _ExtendedLimits(ctypes.Structure):
    _fields_ = [
        ("basic", _BasicLimits),
        ("io", _Counters),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    ]


class _Accounting(ctypes.Structure):
    _fields_ = [
        ("user_time", ctypes.c_longlong),
        ("kernel_time", ctypes.c_longlong),
        ("period_user_time", ctypes.c_longlong),
        ("period_kernel_time", ctypes.c_longlong),
        ("page_faults", wintypes.DWORD),
        ("total", wintypes.DWORD),
        ("active", wintypes.DWORD),
        ("terminated", wintypes.DWORD),
    ]


class WindowsKernel:
    """`run_windows.Kernel` on the real kernel32."""

    def __init__(self) -> None:
        self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        self._kernel.CreateJobObjectW.restype = wintypes.HANDLE
        self._nt = ctypes.WinDLL("ntdll")

    def create_job(self, *, processes: int, memory: int) -> int:
        job = self._kernel.CreateJobObjectW(None, None)
        if not job:
            raise ctypes.WinError(ctypes.get_last_error())
        limits = _ExtendedLimits()
        limits.basic.flags = (
            LIMIT_ACTIVE_PROCESS
            | LIMIT_JOB_MEMORY
            | LIMIT_DIE_ON_UNHANDLED_EXCEPTION
            | LIMIT_KILL_ON_JOB_CLOSE
        )
        limits.basic.active_processes = processes
        limits.job_memory = memory
        done = self._kernel.SetInformationJobObject(
            wintypes.HANDLE(job), EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        )
        if not done:
            error = ctypes.WinError(ctypes.get_last_error())
            self.close(job)
            raise error
        return int(job)

    def assign(self, job: int, process: int) -> None:
        self._check(
            self._kernel.AssignProcessToJobObject(wintypes.HANDLE(job), wintypes.HANDLE(process))
        )

    def resume(self, process: int) -> None:
        status = self._nt.NtResumeProcess(wintypes.HANDLE(process))
        if status < 0:
            raise OSError(status, "NtResumeProcess")

    def terminate(self, job: int, code: int) -> None:
        self._check(self._kernel.TerminateJobObject(wintypes.HANDLE(job), code))

    def active(self, job: int) -> int:
        found = _Accounting()
        self._check(
            self._kernel.QueryInformationJobObject(
                wintypes.HANDLE(job),
                BASIC_ACCOUNTING,
                ctypes.byref(found),
                ctypes.sizeof(found),
                None,
            )
        )
        return int(found.active)

    def close(self, handle: int) -> None:
        self._check(self._kernel.CloseHandle(wintypes.HANDLE(handle)))

    def _check(self, done: int) -> None:
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())


def open_held(path: str) -> int:
    """A descriptor to read `path`, which nobody can write to, rename or delete while it is open."""
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = wintypes.HANDLE
    handle = kernel.CreateFileW(
        wintypes.LPCWSTR(path),
        GENERIC_READ,
        SHARE_READ,
        None,
        OPEN_EXISTING,
        ATTRIBUTE_NORMAL,
        None,
    )
    if handle is None or handle == INVALID_HANDLE:
        raise ctypes.WinError(ctypes.get_last_error())
    return msvcrt.open_osfhandle(int(handle), os.O_RDONLY | os.O_BINARY)
