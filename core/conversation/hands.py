"""The steps that reach files, commands and rules at a place, by name.

The one table of what a person or a model may ask for. Decides nothing about permission: every one
of these steps is gated by the engine. Arguments are read by each step's own dataclass.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from core.errors import Broken
from core.runs.codec import decode
from core.runs.model import StepCall
from core.runs.steps import Step

#: What only reads; these bring a Seen, the others an Effect (a rule that is stored, itself).
READS = frozenset({"files.list", "files.read", "files.search", "files.fetch"})
EFFECTS = frozenset(
    {
        "files.write",
        "files.edit",
        "files.delete",
        "files.put",
        "files.undo",
        "command.run",
        "rules.store",
    }
)


def call(name: str, inputs: dict[str, Any], place: str, key: str | None = None) -> StepCall:
    """The step `name` with its arguments. Broken(`wish-not-allowed`, `value-not-readable`)."""
    return StepCall(name, decode(declared(name).spec.args, inputs), key=key, place=place)


def declared(name: str) -> Step:
    """The step by its name. Broken(`wish-not-allowed`) for one that nobody may ask for."""
    found = steps().get(name)
    if found is None:
        raise Broken("wish-not-allowed", step=name)
    return found


@cache
def steps() -> dict[str, Step]:
    """Every step that may be asked for. Imported at first use: the bot starts without them."""
    from core.approvals import rule_steps
    from core.execution import command_steps, file_steps

    known = {
        item.spec.name: item
        for module in (file_steps, command_steps, rule_steps)
        for item in vars(module).values()
        if isinstance(item, Step)
    }
    return {name: known[name] for name in sorted(READS | EFFECTS)}
