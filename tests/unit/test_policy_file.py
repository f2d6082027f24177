"""A policy file with any mistake in it closes everything, and says where the mistake is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.approvals.floor import Floor
from core.approvals.model import Scope
from core.approvals.policy import Policy, judge
from core.approvals.policy_file import SHIPPED, WHYS
from core.runs.model import Gate, Label
from tests.unit.policy_actions import FACTS, command, deletion, file, rule


def text_with(old: str, new: str) -> str:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text, "the shipped file no longer has this line"
    return text.replace(old, new, 1)


BROKEN = {
    "unknown key": (("gate: auto, risk: low, can_rule", "gate: auto, risk: low, can_rul"), "key"),
    "unknown section": (("labels:", "lables:"), "key"),
    "wrong type": (("can_rule: true", "can_rule: 1"), "type"),
    "yaml's other yes": (("can_rule: true", "can_rule: yes"), "value"),
    "unknown gate": (("gate: auto", "gate: sometimes"), "value"),
    "unknown risk": (("risk: low", "risk: none"), "value"),
    "number as text": (("validity_s: 300", 'validity_s: "300"'), "type"),
    "endless validity": (("validity_s: 300", "validity_s: 301"), "value"),
    "negative validity": (("validity_s: 300", "validity_s: -1"), "value"),
    "duplicate key": (("  cmd: {gate: ask", "  edit: {gate: auto"), "twice"),
    "broken yaml": (("version: 2", "version: [1"), "yaml"),
    "missing gate": (("cmd: {gate: ask, ", "cmd: {"), "absent"),
    "missing version": (("version: 2\n", "\n"), "absent"),
    "version zero": (("version: 2\n", "version: 0\n"), "value"),
    "auto for the highest": (("upgrade_code: {gate: ask", "upgrade_code: {gate: auto"), "class"),
    "no second factor": (("second_factor: true}", "second_factor: false}"), "class"),
    "a rule for deletes": (("requires_backup: true}", "can_rule: true}"), "class"),
    "unknown label": (("sandbox: open", "sandbox: public"), "value"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_closes_everything_and_says_where(tmp_path: Path, name: str) -> None:
    (old, new), why = BROKEN[name]
    path = tmp_path / "policy.yaml"
    path.write_text(text_with(old, new), encoding="utf-8")

    broken = Policy.load(path, Floor(place="pc"))

    assert broken.error is not None, name
    assert broken.error.code == "policy-broken"
    assert broken.error.params["why"] == why
    assert why in WHYS
    assert broken.error.params["file"] == "policy.yaml"
    assert broken.error.params["line"] >= 1
    assert_closed(broken)


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe", b"- a\n- b\n", b"x" * 70_000, b"[" * 5000]
)
def test_a_file_that_is_missing_empty_or_no_yaml_closes_everything(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "policy.yaml"
    if content is not None:
        path.write_bytes(content)

    broken = Policy.load(path, Floor(place="pc"))

    assert broken.error is not None
    assert_closed(broken)


def test_the_line_of_a_mistake_is_the_line_of_the_mistake(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    lines = ["version: 1", "actions:", "  read_file: {gate: auto, risk: low}", "  edit:"]
    lines += ["    gate: ask", "    risk: medium", "    gate: auto"]
    path.write_text("\n".join(lines), encoding="utf-8")

    error = Policy.load(path).error

    assert error is not None
    assert (error.params["line"], error.params["name"]) == (7, "actions.edit.gate")


def assert_closed(broken: Policy) -> None:
    """Nothing runs by itself, the highest class not at all, and no rule helps."""
    opens = rule("read_file", Scope(root="sandbox"))
    facts = replace(FACTS, rules=(opens,))
    for fields in (
        file("read_file", undo="nothing-changes"),
        file("undo", conflict=False),
        command(),
    ):
        judgement = judge(broken, fields, facts)
        assert (judgement.gate, judgement.rule) == (Gate.ASK, "policy:broken")
    for fields in (
        {"v": 1, "kind": "rule", "place": "pc", "undo": "none"},
        {"v": 1, "kind": "upgrade_code", "place": "pc", "undo": "none"},
        deletion(is_workspace=False),
        deletion(undo="none"),
        command(privilege=True),
    ):
        assert judge(broken, fields, facts).gate is Gate.DENY
    assert broken.label_of("sandbox") is Label.PRIVATE
    assert broken.why_no_rule(command()) == "rules-why-broken"


def test_a_newer_file_shows_its_number(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text_with("version: 2", "version: 12"), encoding="utf-8")

    assert Policy.load(path).version == 12


def test_a_flag_in_the_file_decides(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    changed = text_with("  backup: {gate: ask", "  backup: {gate: auto")
    changed = changed.replace("status_access: {gate: auto", "status_access: {gate: deny")
    path.write_text(changed, encoding="utf-8")
    edited = Policy.load(path)

    assert judge(edited, {"kind": "backup", "undo": "nothing-changes"}, FACTS).gate is Gate.AUTO
    denied = judge(edited, {"kind": "status_access", "undo": "nothing-changes"}, FACTS)
    assert denied.gate is Gate.DENY
    assert denied.error is not None
    assert denied.error["code"] == "policy-denies"
