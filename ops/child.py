"""One start of a program: its process group, its output, its end; on POSIX and on Windows.

Standard library only. Missing guarantee: a process that leaves its group (a daemon) outlives us.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ops.environment import ROOT
from ops.programs import Program

#: Called with a line without its end, and whether it came from stdout.
OnLine = Callable[[str, bool], None]
#: Windows' way to give a child a group of its own, which CTRL_BREAK can reach.
NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Child:
    """A running process. `on_exit` is called once, from another thread, with the exit code."""

    def __init__(self, program: Program, on_line: OnLine, on_exit: Callable[[int], None]) -> None:
        self.program = program
        self._on_line = on_line
        self._on_exit = on_exit
        self.process = subprocess.Popen(
            program.argv,
            cwd=ROOT,
            env=dict(program.env) or None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=sys.platform != "win32",
            creationflags=NEW_GROUP,
        )
        for stream, is_stdout in ((self.process.stdout, True), (self.process.stderr, False)):
            assert stream is not None
            self._thread(self._read, stream, is_stdout)
        self._thread(self._wait)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """SIGTERM to the process, or CTRL_BREAK to its group on Windows."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self.process.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                self.process.terminate()

    def kill(self) -> None:
        """End the whole group at once."""
        kill_tree(self.pid)

    def wait(self, seconds: float) -> bool:
        """True when the process has ended within `seconds`."""
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _thread(self, target: Callable[..., None], *arguments: object) -> None:
        name = f"{self.program.name}-{target.__name__}"
        threading.Thread(target=target, args=arguments, name=name, daemon=True).start()

    def _read(self, stream: IO[str], is_stdout: bool) -> None:
        with stream:
            for line in stream:
                self._on_line(line.rstrip("\r\n"), is_stdout)

    def _wait(self) -> None:
        self._on_exit(self.process.wait())


if sys.platform == "win32":
    #: PROCESS_QUERY_LIMITED_INFORMATION and STILL_ACTIVE of the Windows API.
    QUERY_LIMITED = 0x1000
    STILL_ACTIVE = 259

    def kill_tree(pid: int) -> None:
        """End the process and everything it started."""
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, check=False)

    def birth(pid: int) -> str | None:
        """When the process was created, as Windows counts; None when it does not run."""
        kernel = ctypes.WinDLL("kernel32")
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel.OpenProcess(QUERY_LIMITED, 0, pid))
        if not handle:
            return None
        born, ended, in_kernel, in_user = (ctypes.c_uint64() for _ in range(4))
        code = ctypes.c_uint32()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        times = (ctypes.byref(time) for time in (born, ended, in_kernel, in_user))
        kernel.GetProcessTimes(handle, *times)
        kernel.CloseHandle(handle)
        return str(born.value) if code.value == STILL_ACTIVE else None

else:

    def kill_tree(pid: int) -> None:
        """End the process group that `pid` leads."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)

    def birth(pid: int) -> str | None:
        """A mark that tells this process from a later one with the same id; None when gone."""
        stat = Path(f"/proc/{pid}/stat")
        if Path("/proc/self/stat").exists():
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                return None
            return None if fields[0] == "Z" else fields[19]
        answer = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return answer.stdout.strip() or None
