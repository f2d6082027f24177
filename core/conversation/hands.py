"""The steps that reach files, commands and rules at a place, by name.

The one table of what a person or a model may ask for. Decides nothing about permission: every one
of these steps is gated by the engine. Arguments are read by each step's own dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from core.errors import Broken
from core.runs.codec import decode
from core.runs.model import StepCall
from core.runs.steps import Step

_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "files": "core.execution.file_steps",
        "command": "core.execution.command_steps",
        "rules": "core.approvals.rule_steps",
    }
)
#: What only reads; these bring a Seen, the others an Effect.
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


@cache
def declared(name: str) -> Step:
    """The step by its name. Broken(`wish-not-allowed`) for one that nobody may ask for."""
    if name not in READS | EFFECTS:
        raise Broken("wish-not-allowed", step=name)
    module = import_module(_MODULES[name.partition(".")[0]])
    found = [item for item in vars(module).values() if isinstance(item, Step)]
    return next(item for item in found if item.spec.name == name)
