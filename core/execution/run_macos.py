"""Commands on macOS: `sandbox-exec` with a profile, else nothing but limits.

Decides the profile's text and turns a `Launch` into the keeper's plan. macOS has no namespaces and
nobody adopts orphans there: the keeper remembers every process of the tree that it has seen.

Missing guarantees: programs are started by their path, looked at an instant before (the system
starts none from a descriptor); a child that leaves its parent within a tenth of a second is not
seen and outlives it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable

from core.clock import Clock
from core.execution.run_port import Finished, Launch, Layer, Sandbox, Sink, View
from core.runs.cancel import CancelToken

PROGRAM = "/usr/bin/sandbox-exec"
PROBE_S = 10
#: The system's own limit of processes is per user, and a session has hundreds.
PROCESSES, WATCHED = 2000, 400
#: Where keys, cookies, messages and other programs' sockets lie, below every home.
KEYS_IN_HOME = (
    "Library/Keychains", "Library/Cookies", "Library/Application Support", "Library/Mail",
    "Library/Messages", "Library/Safari", "Library/Containers", "Library/Group Containers",
    "Library/Accounts", "Library/Preferences", "Library/Caches",
)  # fmt: skip
KEYS = (
    "/Library/Keychains", "/private/var/db", "/private/var/root", "/private/etc/master.passwd",
    "/private/etc/sudoers", "/private/etc/sudoers.d", "/private/etc/ssh", "/private/var/run",
    "/private/tmp", "/private/var/folders", "/private/var/backups",
)  # fmt: skip
#: What of a home's hidden entries programs live in.
TOOLS = (
    ".pyenv", ".nvm", ".rustup", ".cargo/bin", ".local/bin", ".local/lib", ".rbenv", ".asdf",
    ".volta", ".deno/bin", ".bun/bin", ".sdkman",
)  # fmt: skip


def profile(view: View, home: str) -> str:
    """The rules of sandbox-exec for a view; of two that fit the later one holds."""
    lines = ["(version 1)", "(deny default)"]
    lines += ["(allow process-exec process-fork process-info* sysctl-read file-ioctl)"]
    lines += ["(allow signal (target same-sandbox))", "(allow ipc-posix-shm ipc-posix-sem)"]
    lines += ['(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo")']
    lines += ['  (global-name "com.apple.system.notification_center"))']
    lines += ["(allow file-read*)"]
    lines += [f"(deny file-read* (regex {_text('^' + _escaped(home) + '/[.]')}))"]
    lines += [_rule("allow file-read*", f"{home}/{tool}") for tool in TOOLS]
    for path, layer in view.layers((*KEYS, *(f"{home}/{name}" for name in KEYS_IN_HOME))):
        lines.append(_layer_rule(path, layer))
    for device in ("null", "zero", "random", "urandom", "tty"):
        lines.append(f"(allow file-read* file-write* (literal {_text('/dev/' + device)}))")
    if view.network:
        lines += ["(allow network-outbound (remote ip))", "(allow network-inbound (local ip))"]
        lines += ["(allow system-socket)"]
        lines += ['(allow mach-lookup (global-name "com.apple.dnssd.service"))']
        lines += [f"(allow network-outbound (literal {_text('/private/var/run/mDNSResponder')}))"]
    return "\n".join(lines) + "\n"


def _layer_rule(path: str, layer: Layer) -> str:
    match layer:
        case Layer.HIDE:
            return _rule("deny file-read* file-write*", path)
        case Layer.SHOW:
            return _rule("allow file-read*", path)
        case Layer.WRITE:
            return _rule("allow file-read* file-write*", path)


def _rule(what: str, path: str) -> str:
    return f"({what} (subpath {_text(path)}))"


def _text(text: str) -> str:
    """A string of the profile's language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _escaped(text: str) -> str:
    """`text` inside a regular expression of the profile's language."""
    return "".join(f"[{letter}]" if letter in ".+*?()[]{}|$^" else letter for letter in text)


def works(program: str = PROGRAM) -> bool:
    """Is there a sandbox? Tried by running something in it."""
    trial = [program, "-p", "(version 1)(allow default)", "/usr/bin/true"]
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program
            trial, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def wrapped(launch: Launch, home: str) -> list[str]:
    """The arguments that start a launch in its sandbox."""
    return [PROGRAM, "-p", profile(launch.view, home), launch.exe.path, *launch.argv[1:]]


if sys.platform != "win32":
    from core.execution import run_posix
    from core.execution.run_plan import Plan

    class MacRunner:
        """`run_port.Runner`. `has_sandbox` fixes what is used (tests); None finds out."""

        def __init__(
            self, clock: Clock, has_sandbox: bool | None = None, try_it: Callable[[], bool] = works
        ) -> None:
            self._clock = clock
            self._has_sandbox = has_sandbox
            self._try_it = try_it
            self._lock = threading.Lock()

        def sandbox(self, *, privilege: bool = False) -> Sandbox:
            with self._lock:
                if self._has_sandbox is None:
                    self._has_sandbox = self._try_it()
            return Sandbox.SEATBELT if self._has_sandbox and not privilege else Sandbox.NONE

        def get_ready(self) -> None:
            run_posix.SPARES.get_ready()

        def run(self, launch: Launch, sink: Sink, cancel: CancelToken) -> Finished:
            argv: Iterable[str] = launch.argv
            is_held = launch.sandbox is Sandbox.SEATBELT
            if is_held:
                argv = wrapped(launch, os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111
            pinned = [one for one in (launch.exe, launch.operand) if one is not None]
            plan = Plan(
                argv=list(argv),
                exe=PROGRAM if is_held else launch.exe.path,
                exe_fd=None,
                cwd=launch.cwd,
                env=dict(launch.env),
                limits=launch.limits,
                unchanged=[
                    *((one.path, list(one.mark)) for one in pinned),
                    *((path, [device, inode]) for path, device, inode in launch.folders),
                ],
                processes=PROCESSES,
                watched=WATCHED,
            )
            return run_posix.run(plan, launch, sink, cancel, self._clock)
