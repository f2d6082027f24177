"""A node that comes up with the machine: systemd for a user, Windows' Task Scheduler, launchd.

Decides the file that each system wants and the commands that make it known; never needs rights
beyond the user's own. Only Linux is run in tests (with a fake systemctl); the files of the other
two are checked by reading them. Secrets are in no file: the node reads them where it always does.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from ops.environment import ROOT, python

NAME = "the-mask-node"
LABEL = "org.the-mask.node"
#: Seconds that a command of the system may take.
PATIENCE_S = 30.0
#: Runs a command of the system; its exit code and what it said.
Run = Callable[[Sequence[str]], tuple[int, str]]


class ServiceError(Exception):
    """The system did not take the service; the text names what it said and what to do."""


@dataclass(frozen=True)
class Kind:
    """How one system keeps a program running: the file it wants, and its commands."""

    path: Path
    text: bytes
    install: tuple[tuple[str, ...], ...]
    remove: tuple[tuple[str, ...], ...]
    status: tuple[str, ...]
    hint: str


def kind_here(data: Path, system: str = sys.platform, user_home: Path | None = None) -> Kind:
    """The service of this system for a node whose data is in `data`. ServiceError elsewhere."""
    home = user_home or Path.home()
    if system.startswith("linux"):
        return systemd(data, home)
    if system == "win32":
        return task_scheduler(data)
    if system == "darwin":
        return launchd(data, home)
    raise ServiceError(f"{system} has no service that is known here: see ops/pc/README.md.")


def systemd(data: Path, home: Path) -> Kind:
    """A unit of the user's own systemd."""
    unit = f"""[Unit]
Description=The Mask: a node
After=network-online.target

[Service]
WorkingDirectory={_unit(ROOT)}
ExecStart="{_unit(python())}" -m ops node --home "{_unit(data)}"
Restart=always
RestartSec=5
KillSignal=SIGTERM
TimeoutStopSec=30

[Install]
WantedBy=default.target
"""
    control = ("systemctl", "--user")
    return Kind(
        path=home / ".config" / "systemd" / "user" / f"{NAME}.service",
        text=unit.encode(),
        install=((*control, "daemon-reload"), (*control, "enable", "--now", NAME)),
        remove=((*control, "disable", "--now", NAME), (*control, "daemon-reload")),
        status=(*control, "status", "--no-pager", NAME),
        hint="To let it run without a login, once: loginctl enable-linger",
    )


def task_scheduler(data: Path) -> Kind:
    """A task of Windows that begins when the user logs on and is started again when it ends."""
    words = subprocess.list2cmdline(["-m", "ops", "node", "--home", str(data)])
    task = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>The Mask: a node</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Principals><Principal id="Author">
    <LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>
  </Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author"><Exec>
    <Command>{escape(str(python()))}</Command>
    <Arguments>{escape(words)}</Arguments>
    <WorkingDirectory>{escape(str(ROOT))}</WorkingDirectory>
  </Exec></Actions>
</Task>
"""
    path = data / "node" / f"{NAME}.xml"
    return Kind(
        path=path,
        text=task.encode("utf-16"),
        install=(
            ("schtasks", "/Create", "/TN", NAME, "/XML", str(path), "/F"),
            ("schtasks", "/Run", "/TN", NAME),
        ),
        remove=(("schtasks", "/End", "/TN", NAME), ("schtasks", "/Delete", "/TN", NAME, "/F")),
        status=("schtasks", "/Query", "/TN", NAME, "/V", "/FO", "LIST"),
        hint="It begins at each log on.",
    )


def launchd(data: Path, home: Path) -> Kind:
    """An agent of the user on macOS."""
    log = str(data / "logs" / "launchd.log")
    plist = {
        "Label": LABEL,
        "ProgramArguments": [str(python()), "-m", "ops", "node", "--home", str(data)],
        "WorkingDirectory": str(ROOT),
        "RunAtLoad": True,
        "KeepAlive": True,
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    domain = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"
    return Kind(
        path=path,
        text=plistlib.dumps(plist),
        install=(("launchctl", "bootstrap", domain, str(path)),),
        remove=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
        status=("launchctl", "print", f"{domain}/{LABEL}"),
        hint="It begins at each log in.",
    )


def install(kind: Kind, run: Run) -> str:
    """Write the file and make it known; what to tell. ServiceError: nothing is left behind."""
    kind.path.parent.mkdir(parents=True, exist_ok=True)
    kind.path.write_bytes(kind.text)
    for command in kind.install:
        code, said = run(command)
        if code != 0:
            kind.path.unlink()
            raise ServiceError(f"{' '.join(command)} ended with {code}: {said.strip()}")
    return f"Installed: {kind.path}\n{kind.hint}"


def remove(kind: Kind, run: Run) -> str:
    """Stop it and take the file away; fine when it was not there."""
    for command in kind.remove[:1]:
        run(command)
    kind.path.unlink(missing_ok=True)
    for command in kind.remove[1:]:
        run(command)
    return "Removed."


def status(kind: Kind, run: Run) -> tuple[int, str]:
    """The system's own words about it; exit code 0 when it runs."""
    if not kind.path.exists():
        return 1, "Not installed."
    return run(kind.status)


def run_here(command: Sequence[str]) -> tuple[int, str]:
    """Run a command of the system. ServiceError when there is no such command."""
    try:
        done = subprocess.run(
            list(command), capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise ServiceError(f"{command[0]} cannot be run ({type(error).__name__}).") from None
    return done.returncode, done.stdout + done.stderr


def _unit(path: Path) -> str:
    """A path as systemd reads it: % begins a specifier, a quote or backslash ends a word."""
    return str(path).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
