"""What a keeper is told: one command as plain data. Pure; `run_child` becomes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.execution.run_port import Limits


@dataclass
class Plan:
    """`exe` is started, from `exe_fd` where there is one. `unchanged`: paths with the marks they
    must have at the last moment. `handed_on`: descriptors that the command's wrapper needs.
    `processes` bounds the user's processes, `watched` those of the tree."""

    argv: Sequence[str]
    exe: str
    exe_fd: int | None
    cwd: str
    env: dict[str, str]
    limits: Limits
    unchanged: list[tuple[str, list[int]]]
    handed_on: list[int] = field(default_factory=list)
    wrapped: bool = False
    namespaces: bool = False
    no_new_privs: bool = True
    landlock: dict[str, Any] | None = None
    processes: int = 256
    watched: int = 512

    def descriptors(self, stdin: int, stdout: int) -> list[int]:
        """What travels with it, in this order."""
        return [stdin, stdout, *([] if self.exe_fd is None else [self.exe_fd]), *self.handed_on]

    def told(self) -> dict[str, Any]:
        return {
            "argv": list(self.argv),
            "exe": self.exe,
            "has_exe_fd": self.exe_fd is not None,
            "cwd": self.cwd,
            "env": self.env,
            "handed_on": self.handed_on,
            "wrapped": self.wrapped or self.namespaces,
            "namespaces": self.namespaces,
            "no_new_privs": self.no_new_privs,
            "landlock": self.landlock,
            "unchanged": self.unchanged,
            "limits": {
                "file_bytes": self.limits.file_bytes,
                "open_files": self.limits.open_files,
                "processes": self.processes,
                "tree": self.limits.processes,
                "watched": self.watched,
            },
        }
