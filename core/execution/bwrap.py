"""The sandbox by bubblewrap: what a command sees and may change, as arguments of `bwrap`.

Decides the profile. A command sees the whole system read-only but for its scratch folder and the
folders it may write to; the owner's keys, this system's data and other programs' sockets are not
there; processes, and unless asked the network, are its own. Program and script are laid over their
paths as private copies of the bytes that were hashed. Never decides whether a command is run in it.

Sources: `reliability.md` 4.3; man bwrap. The system's own bwrap is preferred, because Ubuntu's
AppArmor lets only that one make namespaces.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.execution.run_port import Layer, View

PLACES = ("/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap")
#: Seconds for the trial.
PROBE_S = 10
#: The system as a command that is alone sees it; what is not there is passed over.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/nix", "/gnu")
#: Sockets and secrets of other programs, which a whole view would show.
SOCKETS = ("/run", "/tmp", "/var/tmp")  # noqa: S108 - hidden, not used
SYSTEM_KEYS = (
    "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers",
    "/etc/sudoers.d", "/etc/ssl/private", "/etc/ssh", "/etc/NetworkManager", "/etc/wireguard",
    "/etc/openvpn", "/etc/krb5.keytab", "/etc/machine-id", "/var/lib/NetworkManager",
    "/var/lib/bluetooth", "/var/lib/docker", "/var/lib/containerd", "/var/lib/private",
    "/var/backups", "/var/mail", "/var/spool", "/boot", "/lost+found",
)  # fmt: skip
#: What of a home's hidden entries programs live in; every other one may hold keys.
TOOLS = frozenset(
    {
        ".pyenv", ".nvm", ".rustup", ".local/bin", ".local/lib", ".local/share/uv",
        ".local/share/pipx", ".local/share/pnpm", ".asdf", ".volta", ".rbenv", ".sdkman",
        ".deno/bin", ".bun/bin", ".cargo/bin", ".juliaup", ".ghcup/bin", ".goenv", ".nodenv",
        ".jenv", ".npm-global", ".venv", ".virtualenvs", ".conda/envs", ".linuxbrew",
    }
)  # fmt: skip
RESOLVER = ("/etc/resolv.conf", "/etc/hosts")


@dataclass(frozen=True)
class Copy:
    """The bytes of an open descriptor, laid over `path` as a file of its own."""

    path: str
    fd: int
    executable: bool


def find(places: Sequence[str] = PLACES) -> str | None:
    """Where bwrap is, if it works: tried once with everything that the profile needs."""
    for place in places:
        if os.access(place, os.X_OK) and _works(place):
            return place
    return None


def _works(bwrap: str) -> bool:
    view = View(scratch="/tmp")  # noqa: S108 - inside the sandbox it is a fresh one
    trial = [*arguments(bwrap, view, cwd="/", copies=()), "/bin/sh", "-c", "exit 7"]
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program
            trial,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_S,
            check=False,
            env={"PATH": "/usr/bin:/bin"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 7  # noqa: PLR2004 - what the trial says


def arguments(
    bwrap: str,
    view: View,
    *,
    cwd: str,
    copies: Iterable[Copy],
    status_fd: int | None = None,
    filter_fd: int | None = None,
) -> list[str]:
    """`bwrap` with its arguments, up to the command's own. Later mounts lie over earlier ones."""
    found = [bwrap, "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    found += ["--share-net"] if view.network else []
    found += ["--cap-drop", "ALL"]
    found += _alone() if view.is_alone else ["--ro-bind", "/", "/"]
    found += ["--dev", "/dev", "--proc", "/proc"]
    for path in _present((*SOCKETS, *SYSTEM_KEYS)):
        found += _mask(path)
    found += _resolver() if view.network else []
    for path, layer in view.layers(() if view.is_alone else hidden_homes()):
        found += _laid(path, layer)
    for copy in copies:
        mode = "0555" if copy.executable else "0444"
        found += ["--perms", mode, "--ro-bind-data", str(copy.fd), copy.path]
    found += ["--json-status-fd", str(status_fd)] if status_fd is not None else []
    found += ["--seccomp", str(filter_fd)] if filter_fd is not None else []
    return [*found, "--chdir", cwd, "--"]


def homes() -> list[str]:
    """The folders of this machine's users, our own first."""
    own = os.path.realpath(Path.home())
    others = [str(path) for path in _listed("/home")]
    return list(dict.fromkeys([own, *others, "/root"]))


def hidden_homes() -> Iterator[str]:
    """The entries of every home that may hold keys: those with a dot, but for tools."""
    for home in homes():
        for path in _listed(home):
            if path.name.startswith("."):
                yield from _but_tools(path, path.name)


def _but_tools(path: Path, name: str) -> Iterator[str]:
    """`path`, or what of it holds no tools."""
    if name in TOOLS:
        return
    if not any(tool.startswith(f"{name}/") for tool in TOOLS) or path.is_symlink():
        yield str(path)
        return
    for below in _listed(str(path)):
        yield from _but_tools(below, f"{name}/{below.name}")


def _alone() -> list[str]:
    """The system's programs, and nothing of anybody's."""
    found: list[str] = []
    for path in SYSTEM:
        if os.path.islink(path):  # noqa: PTH114
            found += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        elif os.path.isdir(path):  # noqa: PTH112
            found += ["--ro-bind", path, path]
    return [*found, "--dir", "/var", "--dir", "/run", "--dir", "/tmp"]  # noqa: S108


def _mask(path: str) -> list[str]:
    """Nothing at `path`: an empty folder for a folder, an empty file for anything else."""
    if os.path.islink(path):  # noqa: PTH114 - what it leads to is masked where that is
        return []
    if os.path.isdir(path):  # noqa: PTH112
        return ["--perms", "0755", "--tmpfs", path]
    return ["--ro-bind", "/dev/null", path]


def _laid(path: str, layer: Layer) -> list[str]:
    match layer:
        case Layer.HIDE:
            return _mask(path) if os.path.lexists(path) else []
        case Layer.SHOW:
            return ["--ro-bind", path, path]
        case Layer.WRITE:
            return ["--bind", path, path]


def _resolver() -> list[str]:
    """How names are looked up, where that lies among the hidden sockets."""
    found: list[str] = []
    for path in RESOLVER:
        real = os.path.realpath(path)
        if real.startswith("/run/") and os.path.isfile(real):  # noqa: PTH113
            found += ["--ro-bind", real, real]
    return found


def _present(paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if os.path.lexists(path))


def _listed(path: str) -> list[Path]:
    try:
        return sorted(Path(path).iterdir())
    except OSError:
        return []
