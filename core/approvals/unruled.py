"""What a rule of the owner never opens, and why: the words for the card's missing button.

Decides whether an action may be covered by a rule, from its kind and its effect. A rule is for what
is small, contained and can be taken back; the rest is asked every time. Never decides the gate.
`why_not` gives a Fluent key. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.approvals.argv import RAISERS, is_runner
from core.runs.ports import Risk

#: Kinds that are asked each time, whatever a policy file says.
NEVER: Mapping[str, str] = MappingProxyType(
    {
        "delete": "rules-why-delete",
        "delete_file": "rules-why-delete",
        "payment": "rules-why-money",
        "message": "rules-why-message",
        "sensitive": "rules-why-private",
        "learn": "rules-why-self",
        "proposal": "rules-why-self",
        "flow": "rules-why-self",
        "upgrade": "rules-why-self",
        "upgrade_code": "rules-why-self",
        "rule": "rules-why-policy",
    }
)
#: Changes of files that a rule may cover, and looks at them.
WRITES = frozenset({"create", "edit", "put_file"})
READS = frozenset({"list_files", "read_file", "search_files"})
COMMANDS = frozenset({"cmd", "test_run"})
#: Sandboxes that hold files in; `job` (Windows) only holds processes, and what is unknown nothing.
BOXES = frozenset({"bwrap", "landlock", "sandbox-exec"})
#: A command's changes vanish with its scratch, or there are none.
CONTAINED = frozenset({"scratch", "nothing-changes"})


def why_not(fields: Mapping[str, Any], risk: Risk, *, can_rule: bool) -> str | None:
    """The Fluent key that says why no rule covers this; None when one may. `can_rule` is the
    policy's word about the kind."""
    kind = str(fields.get("kind"))
    if kind in NEVER:
        return NEVER[kind]
    if risk is Risk.HIGHEST:
        return "rules-why-highest"
    if not can_rule:
        return "rules-why-kind"
    if kind in COMMANDS or "argv" in fields:
        return _why_no_command(fields)
    if kind in WRITES and fields.get("undo", "none") == "none":
        return "rules-why-undo"
    return None


def is_runner_rule(argv: tuple[str, ...]) -> bool:
    """Would a rule for this list be one for whatever a shell or interpreter is told next?"""
    return not argv or is_runner(argv[0])


def _why_no_command(fields: Mapping[str, Any]) -> str | None:
    """Only a plain program, boxed, with nothing that another time could differ unseen."""
    argv = fields.get("argv")
    if fields.get("script") is not None or not isinstance(argv, list) or not argv:
        return "rules-why-shell"
    if is_runner(str(argv[0])) or fields.get("operand") is not None:
        return "rules-why-shell"
    if any(str(word) in RAISERS for word in argv):
        return "rules-why-shell"
    if fields.get("stdin") is not None or fields.get("env"):
        return "rules-why-input"
    contained = (
        fields.get("sandbox") in BOXES
        and fields.get("secrets_reachable") is False
        and fields.get("network") is False
        and fields.get("privilege") is False
        and fields.get("undo") in CONTAINED
        and not fields.get("writes")
    )
    return None if contained else "rules-why-reach"
