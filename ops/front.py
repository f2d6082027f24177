"""Finds the command, prepares its environment, and runs it inside `.venv`.

Standard library only. `--help` never installs anything.
"""

from __future__ import annotations

import importlib
import sys

from ops import environment
from ops.commands import COMMANDS, Command


def main(arguments: list[str]) -> int:
    """The exit code of the command that `arguments` name."""
    speak_utf8()
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(overview())
        return 0
    name, rest = arguments[0], arguments[1:]
    command = COMMANDS.get(name)
    if command is None:
        print(f"There is no command {name!r}.\n\n{overview()}", file=sys.stderr)
        return 2
    if not {"-h", "--help"} & set(rest):
        try:
            environment.ensure(command.groups)
        except environment.SetupError as error:
            print(f"Setting up failed: {error}", file=sys.stderr)
            return 1
        if not environment.is_inside():
            return environment.enter(["-m", "ops", *arguments])
    return run(command, rest)


def run(command: Command, arguments: list[str]) -> int:
    """Call the command's `main` in this process."""
    try:
        return int(importlib.import_module(command.module).main(arguments))
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """One line per command, in the order in which a newcomer meets them."""
    lines = ["python3 -m ops <command> [--help]", ""]
    lines += [f"  {command.name:<8} {command.summary}" for command in COMMANDS.values()]
    return "\n".join(lines)


def speak_utf8() -> None:
    """Bengali and Arabic reach the console of any system; what it cannot show becomes `?`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
