"""What /rules and the choice of a rule are given to show, at their worst."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.approvals.policy import Policy

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
EVIL = "<b>x</b>\u202e/../\u200b"
RULE = {
    "id": "r1", "kind": "edit", "place": "pc", "root": "sandbox", "folder": f"notes/{EVIL}",
    "argv": [], "expires_at": NOW.isoformat(), "uses": 3,
}  # fmt: skip
COMMAND = {**RULE, "kind": "cmd", "argv": ["ls", EVIL, "a " * 300], "folder": "/srv/x"}
FACTS = {**RULE, "kind": "machine_facts", "root": "", "folder": "", "uses": 0}
CLASSES = {
    "auto": list(Policy.load().entries), "ask": ["edit"], "twice": ["rule"], "deny": ["new_kind"]
}  # fmt: skip
SCREEN: dict[str, Any] = {
    "version": 3, "error": None, "classes": CLASSES, "rows": [RULE, COMMAND, FACTS] * 2,
    "first": 6, "count": 13, "page": 1, "pages": 3,
}  # fmt: skip
CHOICE: dict[str, Any] = {
    "id": "a1", "kind": "edit", "place": "pc", "why": None, "days": [1, 7, 30], "state": "open",
    "scopes": [{**RULE, "name": "file"}, {**RULE, "name": "folder"}],
}  # fmt: skip
ERROR = {"file": "policy.yaml", "line": 12, "name": "actions.cmd.gate", "why": "value"}
RULES: list[tuple[str, dict[str, Any]]] = [
    ("rules", SCREEN),
    ("rules", {**SCREEN, "error": ERROR, "version": 0, "rows": [], "count": 0}),
    ("rules", {}),
    ("rule-choice", CHOICE),
    ("rule-choice", {**CHOICE, "scopes": [{**COMMAND, "name": "command"}]}),
    ("rule-choice", {**CHOICE, "why": "rules-why-shell", "scopes": []}),
    ("rule-choice", {**CHOICE, "state": "asked"}),
]
