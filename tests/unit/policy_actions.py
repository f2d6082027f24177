"""Actions as the steps of hands make them, and facts of a place, for tests of the policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.approvals.model import Facts, Rule, Scope
from core.runs.model import Gate

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FACTS = Facts(place="pc", now=NOW, roots=("sandbox", "papers"))
DIGEST = "ab" * 32


def command(*argv: str, **more: object) -> dict[str, object]:
    """A command that is boxed and touches only its scratch."""
    return {
        "v": 1, "kind": "cmd", "place": "pc", "undo": "scratch", "argv": list(argv or ("ls",)),
        "script": None, "cwd": "/srv/box", "env": {}, "stdin": None,
        "exe": {"path": "/usr/bin/ls", "sha256": DIGEST}, "operand": None, "timeout_s": 60,
        "network": False, "sandbox": "bwrap", "secrets_reachable": False, "writes": [],
        "snapshot_bytes": None, "privilege": False, **more,
    }  # fmt: skip


def file(kind: str, path: str = "notes/a.txt", **more: object) -> dict[str, object]:
    return {
        "v": 1, "kind": kind, "place": "pc", "undo": "version", "root": "sandbox", "path": path,
        "before": None, "after": DIGEST, "size": 3, **more,
    }  # fmt: skip


def deletion(**more: object) -> dict[str, object]:
    values = {"undo": "trash", "entries": 3, "tree": DIGEST, "is_workspace": True, **more}
    return file("delete_file", **values)


def rule(kind: str, scope: Scope, **more: object) -> Rule:
    values = {"expires_at": NOW + timedelta(days=7), "place": "pc", **more}
    return Rule(
        id="r1", kind=kind, scope=scope, gate=values.pop("gate", Gate.AUTO),
        created_at=NOW, created_by="telegram:1", **values,
    )  # fmt: skip
