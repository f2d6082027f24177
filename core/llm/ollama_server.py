"""`ollama serve` as our own child: where the program is, how it is started here, how it ends.

Decides nothing about when: the keeper does. The child gets the address it shall listen at, the
settings that begin with OLLAMA_, and what a program needs to live; none of our keys (law 8). It
may not pass anything on to Ollama's cloud: OLLAMA_NO_CLOUD is set. It ends with us where we are
told to stop. Missing guarantee: when our process is killed it stays, and is found again by its
address; from then on it is not ours to end.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import Broken
from core.llm.addresses import is_loopback
from core.llm.ollama_facts import Memory

#: Seconds between asking the server to end and ending it.
GRACE_S = 5.0
#: Bytes of the log's end that are read for its last line.
TAIL_BYTES = 4096
#: What the child keeps of our environment, beside OLLAMA_*: how it finds files and graphics cards.
KEPT = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR"}
    | {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    | {"SYSTEMROOT", "WINDIR", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA", "APPDATA"}
    | {"PROGRAMFILES", "PROGRAMDATA", "COMSPEC", "PATHEXT", "SYSTEMDRIVE"}
)
KEPT_BEGINNINGS = ("OLLAMA_", "CUDA_", "NVIDIA_", "ROCR_", "HIP_", "HSA_", "GPU_", "GGML_")
#: Windows: a group of its own, and no window.
WINDOWS_FLAGS = 0x00000200 | 0x08000000


@dataclass(frozen=True)
class StartCommand:
    """How the server is started on this system."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    new_session: bool = False  # POSIX: signals reach the whole tree
    flags: int = 0  # Windows


def usual_places(system: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where the installers of Ollama put the program, if PATH does not tell."""
    if system == "win32":
        local = environ.get("LOCALAPPDATA", "")
        return (f"{local}\\Programs\\Ollama\\ollama.exe",) if local else ()
    if system == "darwin":
        inside = "/Applications/Ollama.app/Contents/Resources/ollama"
        return ("/usr/local/bin/ollama", "/opt/homebrew/bin/ollama", inside)
    return ("/usr/local/bin/ollama", "/usr/bin/ollama", "/opt/ollama/bin/ollama")


def find_program(
    system: str,
    environ: Mapping[str, str],
    which: Callable[[str], str | None] = shutil.which,
    is_file: Callable[[str], bool] = os.path.isfile,
) -> str | None:
    """The program on PATH, else where it is usually installed, else None."""
    name = "ollama.exe" if system == "win32" else "ollama"
    return which(name) or next(filter(is_file, usual_places(system, environ)), None)


def start_command(
    system: str, program: str, address: str, environ: Mapping[str, str]
) -> StartCommand:
    """What starts the server at `address` on `system` (`sys.platform`'s word)."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.upper() in KEPT or name.upper().startswith(KEPT_BEGINNINGS)
    }
    env = {**kept, "OLLAMA_HOST": urlsplit(address).netloc, "OLLAMA_NO_CLOUD": "1"}
    is_windows = system == "win32"
    return StartCommand((program, "serve"), env, not is_windows, WINDOWS_FLAGS if is_windows else 0)


def may_start_at(address: str) -> bool:
    """Only a server on this machine, spoken to without a proxy in between, is ours to start."""
    split = urlsplit(address)
    return split.scheme == "http" and split.path in {"", "/"} and is_loopback(split.hostname or "")


@dataclass
class OllamaProcess:
    """`Process`. `log` takes what the server writes, from the last start only; the one before is
    kept beside it. `environ` is our own environment."""

    address: str
    log: Path
    environ: Mapping[str, str]
    system: str = sys.platform
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def program(self) -> str | None:
        if not may_start_at(self.address):
            return None
        return find_program(self.system, self.environ, self._which)

    @property
    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def has_died(self) -> bool:
        return self._child is not None and self._child.poll() is not None

    def start(self) -> None:
        self.stop()
        program = self.program
        if program is None:
            raise Broken("local-server-not-started", why="the program is not on this machine")
        command = start_command(self.system, program, self.address, self.environ)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".before"))
        try:
            with self.log.open("wb") as log:
                self._child = subprocess.Popen(  # noqa: S603 - a fixed program and word
                    command.argv,
                    env=dict(command.env),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=command.new_session,
                    creationflags=command.flags,
                )
        except OSError as error:
            raise Broken("local-server-not-started", why=type(error).__name__) from error

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.poll() is None:
            _end(child, kindly=True)
            try:
                child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                _end(child, kindly=False)
        child.wait()

    def last_words(self) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
            lines = log.read().decode(errors="replace").split("\n")
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")

    def _which(self, name: str) -> str | None:
        return shutil.which(name, path=self.environ.get("PATH"))


def _end(child: subprocess.Popen[bytes], *, kindly: bool) -> None:
    """The server and the runners it has started."""
    if sys.platform == "win32":
        taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
        argv = [str(taskkill), "/PID", str(child.pid), "/T", "/F"]
        subprocess.run(argv, check=False, capture_output=True, timeout=GRACE_S)  # noqa: S603
        return
    try:
        os.killpg(child.pid, signal.SIGTERM if kindly else signal.SIGKILL)
    except ProcessLookupError:
        return


def free_bytes(environ: Mapping[str, str]) -> int | None:
    """Room on the disk that models are kept on; None where no such folder is to be found. A server
    that runs as a service may keep them elsewhere: it helps to read, and decides nothing."""
    home = environ.get("USERPROFILE") or environ.get("HOME") or ""
    named = environ.get("OLLAMA_MODELS") or (str(Path(home, ".ollama")) if home else "")
    if not named:
        return None
    folder = Path(named)
    there = next((each for each in (folder, *folder.parents) if each.exists()), None)
    return shutil.disk_usage(there).free if there else None


def memory_here() -> Memory:
    """This machine's memory, in bytes."""
    if sys.platform == "win32":
        return _windows_memory()
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if sys.platform != "linux":
        return Memory(total)
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return Memory(total, int(line.split()[1]) * 1024)
    return Memory(total)


def _windows_memory() -> Memory:
    if sys.platform != "win32":
        return Memory()
    import ctypes

    class Status(ctypes.Structure):
        """MEMORYSTATUSEX."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available", "a", "b", "c", "d")),
            ("extended", ctypes.c_ulonglong),
        )

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return Memory()
    return Memory(int(status.total), int(status.available))
