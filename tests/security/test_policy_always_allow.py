"""Advisories of reliability.md 3.1 and peers.md 2.2 about trust that was too wide: always allow,
changed arguments. Each test is named after what it repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.approvals.model import Facts, Scope
from core.approvals.policy import judge
from core.approvals.rule_scopes import check, choices, covers
from core.errors import Refused
from core.runs.model import Gate
from tests.security.policy_asked import CWD, POLICY, always, gate
from tests.unit.policy_actions import DIGEST, NOW, command


def is_refused_as_a_rule(scope: Scope, kind: str = "cmd") -> bool:
    entry = POLICY.entry(kind)
    try:
        check(kind, scope, NOW + timedelta(days=1), NOW, can_rule=entry.can_rule)
    except Refused:
        return True
    return False


# -- always allow ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shell",
    [
        "/bin/zsh",
        "bash",
        "sh",
        "C:\\Windows\\System32\\cmd.exe",
        "pwsh",
        "PowerShell.EXE",
        "busybox",
    ],
)
def test_openclaw_23276_always_allowing_a_command_never_stores_its_shell(shell: str) -> None:
    wrapped = command(shell, "-lc", "whoami", script="whoami")

    assert is_refused_as_a_rule(Scope(argv=(shell, "-lc", "whoami"), folder=CWD, exe=DIGEST))
    assert gate(wrapped, always(shell, "-lc", "whoami"), always(shell)) is Gate.ASK
    assert POLICY.why_no_rule(wrapped) == "rules-why-shell"


def test_goclaw_1204_1212_trusting_sh_once_is_not_trusting_what_it_is_told_next() -> None:
    trusted = always("sh", "-lc", "ls")

    assert gate(command("sh", "-lc", "ls", script="ls"), trusted) is Gate.ASK
    assert gate(command("sh", "-lc", "rm x", script="rm x"), trusted) is Gate.ASK


@pytest.mark.parametrize(
    "runner",
    ["python3", "python3.11", "node", "perl", "/usr/bin/ruby", "make", "npm", "awk", "env"],
)
def test_claude_code_11007_an_interpreter_is_never_allowed_for_always(runner: str) -> None:
    assert is_refused_as_a_rule(Scope(argv=(runner, "x"), folder=CWD, exe=DIGEST))
    assert gate(command(runner, "x"), always(runner, "x")) is Gate.ASK
    assert POLICY.why_no_rule(command(runner, "x")) == "rules-why-shell"
    facts = Facts(place="pc", now=NOW)
    assert not covers(always(runner, "x"), command(runner, "x"), facts)


def test_cve_2025_54136_trust_is_in_the_bytes_of_the_program_not_in_its_name() -> None:
    swapped = command("tool", exe={"path": "/usr/bin/tool", "sha256": "cd" * 32})

    assert gate(command("tool"), always("tool")) is Gate.AUTO
    assert gate(swapped, always("tool")) is Gate.ASK


def test_hermes_pattern_keys_a_rule_is_an_argument_list_and_no_pattern() -> None:
    """Hermes stored `rm` and `systemctl` as keys that were allowed for ever."""
    for pattern in ("ls", "ls *", "ls .*", "*"):
        assert gate(command("ls", "-l"), always(pattern), always("ls", "*")) is Gate.ASK


def test_openclaw_61233_always_is_always_for_the_same_and_says_why_where_it_is_not() -> None:
    offered = choices(command("ls", "-l"))
    rule = always()
    for _ in range(3):
        again = judge(
            POLICY, command("ls", "-l"),
            Facts(place="pc", now=NOW, rules=(replace(rule, scope=offered["command"]),)),
        )  # fmt: skip
        assert again.gate is Gate.AUTO
    for fields in (
        command("bash", "x.sh", operand={"path": "x.sh", "sha256": DIGEST}),
        command("ls", network=True),
        command("ls", sandbox="none"),
        command("ls", env={"A": "1"}),
    ):
        why = POLICY.why_no_rule(fields)
        assert why is not None
        assert why.startswith("rules-why-")


def test_openclaw_78225_revoked_trust_does_not_return() -> None:
    revoked = replace(always("ls"), revoked_at=NOW - timedelta(days=3))

    assert gate(command("ls"), revoked) is Gate.ASK
    assert gate(command("ls"), revoked, replace(revoked, uses=9)) is Gate.ASK


# -- changed after it was approved -----------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        ("git", "push", "origin", "tmp "),
        ("git", "push", "origin", " tmp"),
        ("git ", "push", "origin", "tmp"),
        ("git", "push", "origin", "tmp", ""),
        ("git", "push", "origin tmp"),
        ("git", "push", "origin", "TMP"),
        ("git", "push", "origin", "tmp\u200b"),
        ("git", "push", "origin", "\u0442mp"),
        ("git", "push", "--force", "origin", "tmp"),
        ("git", "push", "origin"),
    ],
)
def test_cve_2026_32065_a_rule_knows_a_trailing_space_from_none(argv: tuple[str, ...]) -> None:
    assert gate(
        command("git", "push", "origin", "tmp"), always("git", "push", "origin", "tmp")
    ) is (Gate.AUTO)
    assert gate(command(*argv), always("git", "push", "origin", "tmp")) is Gate.ASK


def test_ghsa_2j8v_hwgc_x698_a_changed_argument_is_another_action() -> None:
    assert gate(command("ls", "b"), always("ls", "a")) is Gate.ASK
    assert gate(command("ls", "a", cwd="/srv/other"), always("ls", "a")) is Gate.ASK
    assert gate(command("ls", "a", place="laptop"), always("ls", "a")) is not Gate.AUTO


@pytest.mark.parametrize(
    "change",
    [
        {"env": {"GIT_DIR": "/x"}},
        {"env": {"PATH": "/tmp"}},
        {"stdin": DIGEST},
        {"operand": {"path": "x", "sha256": DIGEST}},
    ],
)
def test_ghsa_hjvp_qhm6_wrh2_environment_and_input_are_bound(change: dict[str, Any]) -> None:
    assert gate(command("ls", **change), always("ls")) is Gate.ASK


@pytest.mark.parametrize("name", ["LD_PRELOAD", "BASH_ENV", "PYTHONSTARTUP", "Node_Options"])
def test_cve_2026_22708_a_poisoned_environment_is_refused_even_with_a_yes(name: str) -> None:
    assert gate(command("ls", env={name: "x"})) is Gate.DENY
