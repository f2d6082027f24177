"""Permissions used where, when or for what they were not made; each named after what it repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.approvals import grants
from core.approvals.grants import Standing
from core.approvals.model import Grant
from core.errors import Refused
from core.runs import actions
from core.seal import GrantSigner

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
IAT = int(NOW.timestamp())
HOME, THIEF = GrantSigner(b"h" * 32), GrantSigner(b"t" * 32)
ACTION = actions.make("cmd", "pc", undo="none", preview={}, argv=["echo", "hello"])
GRANT = Grant(
    1, "1" * 32, "a" * 32, "pc", "boot1", 3, 2, ACTION.digest, "telegram:42", IAT, IAT + 300,
    "policy:cmd", HOME.public,
)  # fmt: skip
PC = Standing("pc", "boot1", 3, 2, "telegram:42", frozenset({HOME.public}))


def tried(
    at: Standing = PC,
    now: datetime = NOW,
    digest: str = ACTION.digest,
    signer: GrantSigner = HOME,
    **changed: Any,
) -> str:
    """The code it is refused with; empty when it counts."""
    try:
        grants.check(grants.write(replace(GRANT, **changed), signer), at, "a" * 32, digest, now)
    except Refused as refused:
        return refused.code
    return ""


def test_the_honest_one_counts() -> None:
    assert tried() == ""


def test_a_grant_for_another_node_does_not_count() -> None:
    assert tried(replace(PC, place="laptop")) == "grant-node"


@pytest.mark.parametrize("minutes", [-5, 6])
def test_a_clock_five_minutes_off_lets_nothing_through(minutes: int) -> None:
    assert tried(now=NOW + timedelta(minutes=minutes)) in {"grant-early", "grant-expired"}


def test_a_grant_from_before_a_halt_does_not_count() -> None:
    assert tried(replace(PC, epoch=3)) == "grant-epoch"


def test_a_grant_of_a_restored_old_database_does_not_count() -> None:
    assert tried(replace(PC, incarnation=4)) == "grant-incarnation"


def test_a_grant_from_before_a_reboot_does_not_count() -> None:
    assert tried(replace(PC, boot="boot2")) == "grant-boot"


def test_cve_2026_28473_a_side_door_that_names_another_approver_does_not_count() -> None:
    assert tried(approver="telegram:43") == "grant-owner"


def test_openclaw_8682_whoever_signs_approved_true_himself_is_nobody() -> None:
    assert tried(signer=THIEF, key=THIEF.public) == "grant-key"


@pytest.mark.parametrize(
    "argv",
    [
        ["echo", "hello "],  # CVE-2026-32065
        ["echo hello"],  # CVE-2026-26325: what is shown joined, what runs apart
        ["echo", "\u001b[2Khello"],  # GHSA-4hmj-39m8-jwc7
        ["env", "echo", "hello"],  # goclaw 1200
        ["Echo", "hello"],
    ],
)
def test_shown_is_run_other_bytes_are_another_action(argv: list[str]) -> None:
    other = actions.make("cmd", "pc", undo="none", preview={}, argv=argv)
    assert tried(digest=other.digest) == "grant-digest"


def test_words_beside_the_action_change_nothing_that_is_signed() -> None:
    told = actions.make("cmd", "pc", undo="none", preview={"note": "safe"}, argv=["echo", "hello"])
    assert told.digest == ACTION.digest
    assert "safe" not in told.canonical
