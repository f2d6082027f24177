"""The system that the proofs of hands run on: home and one node, and commands that leave traces."""

from __future__ import annotations

import shlex
from pathlib import Path

from ops.proofs.rig import systems
from ops.proofs.rig.stand import Stand, System

NODE = systems.NODE
#: Appends its argument as one line; a shell that is killed in the middle leaves a whole line or
#: none, since so short a write is one system call.
APPEND = '#!/bin/sh\necho "$1" >> lines.txt\n'
#: Writes the time (nanoseconds) at which it runs.
STAMP = '#!/bin/sh\ndate +%s%N >> "$1"\n'


def with_node() -> System:
    """Home and a node that is the owner's."""
    return systems.mask_with_node()


def workspace(at: Stand) -> Path:
    """The node's workspace folder."""
    return at.site.home / NODE / "project_folder"


def prepare(at: Stand) -> Path:
    """Put the scripts where the node finds them; the file they write to."""
    folder = workspace(at)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("append.sh", APPEND), ("stamp.sh", STAMP)):
        (folder / name).write_text(text, encoding="utf-8")
    log = folder / "lines.txt"
    log.touch()
    return log


def append(token: str) -> str:
    """What the owner writes to have `token` appended at the node."""
    return command("append.sh", token)


def command(script: str, *arguments: str) -> str:
    """A script of `prepare` as the owner asks for it: in the workspace, which it may change."""
    words = shlex.join(["/bin/sh", script, *arguments])
    return f"/run {NODE}: --in sandbox: --write sandbox: {words}"
