"""The commands of `python3 -m ops`, one file each.

A command is a module with `main(arguments) -> exit code`. At import it needs the standard library
and `ops` only, so that its help works before anything is installed.
"""

from __future__ import annotations

from dataclasses import dataclass

RUN = ("base",)
DEVELOP = ("base", "postgres", "dev")


@dataclass(frozen=True)
class Command:
    """A name, where it lives, which dependency groups it needs, and what it does."""

    name: str
    module: str
    groups: tuple[str, ...]
    summary: str


COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(
            "try", "ops.commands.practice", RUN, "the whole system with a chat page, no account"
        ),
        Command("up", "ops.commands.up", RUN, "the real thing, with MASK_TELEGRAM_TOKEN"),
        Command("node", "ops.commands.node", RUN, "this machine as a node of a home elsewhere"),
        Command("doctor", "ops.commands.doctor", RUN, "one line per organ, a remedy per failure"),
        Command(
            "setup", "ops.commands.setup", RUN, "fills .venv and stops; others do it by themselves"
        ),
        Command("migrate", "ops.commands.migrate", RUN, "the database to this version's tables"),
        Command("restore", "ops.commands.restore", RUN, "memory from its mirror, or a repair"),
        Command(
            "memory", "ops.commands.memory", RUN, "memory: export, import, sizes, bench, rekey"
        ),
        Command("audit", "ops.commands.audit", RUN, "does the audit hold, row by row? offline"),
        Command("models", "ops.commands.models", RUN, "the models and their figures as a file"),
        Command("test", "ops.commands.test", DEVELOP, "all tests, or the floors named"),
        Command("check", "ops.commands.check", DEVELOP, "format, lint, types, rules, fast tests"),
        Command("fix", "ops.commands.fix", DEVELOP, "format, and correct what can be corrected"),
        Command("prove", "ops.commands.prove", DEVELOP, "a full-dose proof by name"),
        Command("bench", "ops.commands.bench", DEVELOP, "measurements by name, e.g. chat"),
    )
}
