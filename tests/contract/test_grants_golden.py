"""What both ends spell and hash alike, for ever: actions, digests, grants, rotations, the audit.

A change here makes machines with different versions refuse each other (OpenClaw #148249): it is a
new version of the format, never a new golden file.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.approvals import grants
from core.approvals.audit_chain import Row, verify
from core.approvals.grants import Standing
from core.approvals.keys import Rotation
from core.approvals.model import Grant
from core.runs import actions
from core.seal import Context, GrantSigner

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "grants.json").read_text(encoding="utf-8")
)
SIGNER = GrantSigner(bytes.fromhex(GOLDEN["seed"]))


@pytest.mark.parametrize("vector", GOLDEN["actions"], ids=lambda vector: vector["digest"][:8])
def test_an_action_is_spelled_and_hashed_as_ever(vector: dict[str, Any]) -> None:
    fields = dict(vector["fields"])
    kind, place, undo = (fields.pop(name) for name in ("kind", "place", "undo"))
    action = actions.make(kind, place, undo=undo, preview={"not": "bound"}, **fields)
    assert action.canonical == vector["canonical"]
    assert action.digest == actions.digest_of(vector["canonical"]) == vector["digest"]
    assert actions.read(vector["canonical"]) == {"v": 1, **vector["fields"]}


def test_the_vectors_hold_what_is_easily_spelled_in_two_ways() -> None:
    whole = "".join(vector["canonical"] for vector in GOLDEN["actions"])
    assert "ক্ষ্ম" in whole
    assert "مشروع" in whole
    assert "C:\\\\Users" in whole
    assert "e\u0301" in whole
    assert "\u202e" in whole


def test_a_grant_is_written_and_accepted_as_ever() -> None:
    body = GOLDEN["grant"]
    grant = Grant(**{name: body[name] for name in body if name != "sig"})
    assert grants.write(grant, SIGNER) == body
    at = Standing("pc", "boot-1", 3, 2, "telegram:42", frozenset({SIGNER.public}))
    now = datetime.fromtimestamp(body["iat"] + 10, UTC)
    digest = GOLDEN["actions"][0]["digest"]
    assert grants.check(body, at, body["approval_id"], digest, now) == grant


def test_a_rotation_is_signed_as_ever() -> None:
    said = GOLDEN["rotation"]
    unsigned = Rotation(**{**said, "sig": ""})
    assert SIGNER.sign(Context.GRANT_KEYS, unsigned.signed).hex() == said["sig"]


def test_the_audit_is_hashed_as_ever() -> None:
    rows = [row(GOLDEN["audit"]["older"]), *map(row, GOLDEN["audit"]["rows"])]
    found = verify(rows)
    assert (found.holds, found.older, found.rows) == (True, 1, 3)
    assert found.head is not None
    assert found.head.hash == GOLDEN["audit"]["rows"][-1]["hash"]


def row(said: dict[str, Any]) -> Row:
    return Row(**{**said, "at": datetime.fromisoformat(said["at"])})
