"""What "always allow" would have stored, and what becomes of an action beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.approvals.floor import Floor
from core.approvals.model import Facts, Rule, Scope
from core.approvals.policy import Policy, judge
from core.runs.model import Gate
from tests.unit.policy_actions import DIGEST, NOW

CWD = "/srv/box"
POLICY = Policy.load(None, Floor(place="pc", roots={"sandbox": "/srv/box"}))


def always(*argv: str, **more: Any) -> Rule:
    """What "always allow" of a command would have stored."""
    scope = Scope(argv=argv, folder=CWD, exe=DIGEST)
    values = {
        "scope": scope,
        "kind": "cmd",
        "place": "pc",
        "expires_at": NOW + timedelta(7),
        **more,
    }
    return Rule("r1", gate=Gate.AUTO, created_at=NOW, created_by="telegram:1", **values)


def gate(fields: dict[str, Any], *rules: Rule) -> Gate:
    return judge(POLICY, fields, Facts(place="pc", now=NOW, rules=rules)).gate
