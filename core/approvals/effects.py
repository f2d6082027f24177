"""What an action would do, whatever it is called: the reasons to raise its risk, or to ask.

Reads canonical fields only. A field that is missing or of another type counts as the worst case,
so an action that a newer or older build made is asked and not waved through. Never lowers. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.approvals.argv import RAISERS, commands, name_of
from core.approvals.unruled import BOXES, COMMANDS
from core.runs.ports import Risk

ORDER = (Risk.LOW, Risk.MEDIUM, Risk.HIGH, Risk.HIGHEST)
DELETES = frozenset({"delete", "delete_file"})
#: Of the highest class, also where the policy file forgot them.
HIGHEST = frozenset({"rule", "upgrade_code"})
#: Looks at things; there is nothing to undo.
LOOKS = frozenset(
    {"list_files", "read_file", "search_files", "machine_facts", "status_access", "local_exec"}
)


@dataclass(frozen=True)
class Effect:
    """One reason: its name, the least risk it means, and whether it must be asked."""

    name: str
    risk: Risk
    asks: bool = True


def highest(*risks: Risk) -> Risk:
    """The highest of these."""
    return max(risks, key=ORDER.index)


def effects(fields: Mapping[str, Any]) -> Iterator[Effect]:
    """Every reason that is found in the fields."""
    kind = str(fields.get("kind"))
    if kind in HIGHEST:
        yield Effect("highest-kind", Risk.HIGHEST)
    if kind in COMMANDS or "argv" in fields:
        yield from _of_command(fields)
    if kind in DELETES:
        yield Effect("deletes", Risk.HIGH)
        if fields.get("is_workspace") is not True:
            yield Effect("deletes-outside-workspace", Risk.HIGHEST)
    if kind == "undo" and fields.get("conflict") is not False:
        yield Effect("undo-overwrites", Risk.MEDIUM)
    if kind == "sensitive":
        yield Effect("private-leaves", Risk.HIGH)
    if fields.get("overwrite", False) is not False:
        yield Effect("overwrites", Risk.HIGH)
    if kind not in LOOKS and fields.get("undo", "none") == "none":
        # Upkeep that nobody looks at (sync, learn) may be auto; a change of files never is then.
        is_change = "argv" in fields or "path" in fields
        yield Effect("no-undo", Risk.HIGH if is_change else Risk.MEDIUM, asks=is_change)


def _of_command(fields: Mapping[str, Any]) -> Iterator[Effect]:
    if fields.get("sandbox") not in BOXES:
        yield Effect("not-boxed", Risk.HIGH)
    if fields.get("secrets_reachable") is not False:
        yield Effect("secrets-reachable", Risk.HIGH)
    if fields.get("network") is not False:
        yield Effect("network", Risk.HIGH)
    if fields.get("script") is not None:
        yield Effect("script", Risk.HIGH)
    if fields.get("writes"):
        yield Effect("writes-outside-scratch", Risk.HIGH)
    if fields.get("privilege") is not False or _raises(fields):
        yield Effect("privilege", Risk.HIGHEST)


def _raises(fields: Mapping[str, Any]) -> bool:
    """Is there a program in it that hands out more rights?"""
    argv = [str(word) for word in fields.get("argv") or ()]
    script = fields.get("script")
    found = commands(argv, script if isinstance(script, str) else None)
    return any(name_of(command[0]) in RAISERS for command in found)
