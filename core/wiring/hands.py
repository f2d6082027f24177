"""Files, commands and rules of one place, home or node: the rooms of their steps, wired alike.

Imported by workers only: the bot never touches a file or starts a command.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.approvals import rule_steps
from core.approvals.floor import Floor
from core.approvals.policy import Policy
from core.approvals.rules import Rules
from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.execution import command_steps, file_pruning, file_steps, run_here
from core.execution.file_contents import BlobContents
from core.execution.file_rooms import file_room
from core.execution.roots import Roots
from core.execution.trash import Trash
from core.redaction import Redaction
from core.runs.blobs import Blobs
from core.runs.exchange_nodes import HOME
from core.runs.steps import BoundStep, bind
from core.seal import Master

if TYPE_CHECKING:
    from core.execution.run_port import Runner

#: Below the place's own folder: what commands get as scratch, and what changes keep.
SCRATCH, TRASH = "scratch", "trash"
#: Our own code, and the `.env` beside it.
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """What the rooms stand on. `folder` holds this place's own data (MASK_HOME, at a node its
    `node` folder); a node beside a home on one machine shares nothing with it."""

    name: str
    settings: Settings
    folder: Path
    db: Database
    clock: Clock
    master: Master
    redact: Redaction

    @property
    def roots(self) -> Roots:
        """The folders that files and commands may reach."""
        return Roots(self.settings.roots(), self.settings.home, (CHECKOUT,))


@dataclass(frozen=True)
class Hands:
    """The rooms of one place."""

    files: file_steps.FileRoom
    commands: command_steps.Commands
    rules: rule_steps.RuleRoom
    trash: Trash
    runner: Runner

    def bound(self) -> list[BoundStep]:
        """Every step of these rooms."""
        return [
            *bind(file_steps, self.files),
            *bind(command_steps, self.commands),
            *bind(rule_steps, self.rules),
            *bind(file_pruning, file_pruning.TrashRoom(self.trash)),
        ]

    def can(self) -> dict[str, Any]:
        """What a node tells of itself in its hellos."""
        return {
            "roots": list(self.files.roots.names),
            "sandbox": self.runner.sandbox().value,
        }

    def tidy(self) -> None:
        """At a start: what crashes left behind."""
        self.trash.recover()
        self.commands.tidy()


def policy_of(settings: Settings, folder: Path, place: str = HOME) -> Policy:
    """The shipped policy over this place's floor."""
    return Policy.load(floor=Floor.of(settings, place=place, free=(str(folder / SCRATCH),)))


def hands(place: Place, policy: Policy, rules: Rules, blobs: Blobs) -> Hands:
    """The rooms over a place's database, with its own trash and scratch folders."""
    roots = place.roots
    contents = BlobContents(blobs, place.db)
    key = place.master.subkey("trash")
    trash = Trash(place.folder / TRASH, key, place.db, place.clock, roots)
    runner = run_here.runner(place.clock)
    return Hands(
        files=file_room(place.name, roots, trash, contents, place.clock, policy.label_of),
        commands=command_steps.Commands(
            place.name,
            place.clock,
            runner=runner,
            roots=roots,
            trash=trash,
            contents=contents,
            redact=place.redact,
            scratches=place.folder / SCRATCH,
            hidden=hidden(place.settings),
        ),
        rules=rule_steps.RuleRoom(place.db, place.clock, place.name, rules, policy),
        trash=trash,
        runner=runner,
    )


def hidden(settings: Settings) -> tuple[Path, ...]:
    """What no command may see: our data, the settings' file, and what is backed up."""
    return (settings.home, CHECKOUT / ".env", settings.under_home(settings.backup_dir))
