"""What the shipped policy says about actions, by kind and by what they would do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.approvals.floor import Floor
from core.approvals.policy import Policy, judge
from core.runs.model import Gate, Label
from core.runs.ports import Risk
from tests.unit.policy_actions import FACTS, command, deletion, file

#: Every name of M04.12, and what this build adds.
NAMES = {
    "read_file", "create", "edit", "delete", "cmd", "local_exec", "test_run", "learn",
    "status_access", "sync", "upgrade", "flow", "backup", "proposal", "sensitive", "delete_file",
    "upgrade_code", "list_files", "search_files", "machine_facts", "undo", "put_file", "rule",
    "model_pull",
}  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load(None, Floor(place="pc"))


# -- the shipped file --------------------------------------------------------------------------


def test_every_name_of_the_requirements_has_an_entry(policy: Policy) -> None:
    assert policy.error is None
    assert policy.version >= 1
    assert set(policy.entries) >= NAMES


def test_reading_a_file_runs_by_itself(policy: Policy) -> None:
    judgement = judge(policy, file("read_file", undo="nothing-changes"), FACTS)

    assert (judgement.gate, judgement.rule) == (Gate.AUTO, "policy:read_file")
    assert judgement.risk is Risk.LOW


@pytest.mark.parametrize("kind", ["create", "edit", "put_file", "learn", "proposal", "backup"])
def test_what_changes_something_asks(policy: Policy, kind: str) -> None:
    assert judge(policy, file(kind), FACTS).gate is Gate.ASK


def test_a_kind_nobody_knows_asks(policy: Policy) -> None:
    fields = {"v": 1, "kind": "teleport", "place": "pc", "undo": "none"}

    judgement = judge(policy, fields, FACTS)

    assert (judgement.gate, judgement.risk) == (Gate.ASK, Risk.HIGH)
    assert policy.why_no_rule(fields) == "rules-why-kind"


@pytest.mark.parametrize("kind", ["rule", "upgrade_code"])
def test_the_highest_class_needs_two_factors_and_is_quick_to_expire(
    policy: Policy, kind: str
) -> None:
    judgement = judge(policy, {"v": 1, "kind": kind, "place": "pc", "undo": "none"}, FACTS)

    assert judgement.gate is Gate.ASK
    assert judgement.risk is Risk.HIGHEST
    assert judgement.second_factor
    assert judgement.validity_s == 300


def test_an_hour_is_the_usual_validity_and_the_setting_beats_all(policy: Policy) -> None:
    edit, rule_ = file("edit"), {"v": 1, "kind": "rule", "place": "pc", "undo": "none"}
    short = replace(FACTS, timeout_s=30)

    assert judge(policy, edit, FACTS).validity_s == 3600
    assert [judge(policy, fields, short).validity_s for fields in (edit, rule_)] == [30, 30]
    assert judge(policy, rule_, replace(FACTS, timeout_s=900)).validity_s == 900


def test_only_open_roots_are_open(policy: Policy) -> None:
    assert policy.label_of("sandbox") is Label.OPEN
    assert policy.label_of("papers") is Label.PRIVATE


# -- by effect -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "risk"),
    [
        ({}, Risk.MEDIUM),
        ({"sandbox": "none"}, Risk.HIGH),
        ({"sandbox": "job"}, Risk.HIGH),
        ({"sandbox": "a new one"}, Risk.HIGH),
        ({"secrets_reachable": True}, Risk.HIGH),
        ({"network": True}, Risk.HIGH),
        ({"script": "ls"}, Risk.HIGH),
        ({"writes": ["/srv/box/out"], "undo": "snapshot"}, Risk.HIGH),
        ({"undo": "none"}, Risk.HIGH),
        ({"privilege": True}, Risk.HIGHEST),
        ({"argv": ["sudo", "ls"]}, Risk.HIGHEST),
        ({"argv": ["env", "A=1", "doas", "ls"]}, Risk.HIGHEST),
        ({"argv": ["bash", "-c", "x"], "script": "true; pkexec ls"}, Risk.HIGHEST),
    ],
)
def test_a_command_is_as_risky_as_what_it_may_do(policy: Policy, change: dict, risk: Risk) -> None:
    judgement = judge(policy, command(**change), FACTS)

    assert (judgement.gate, judgement.risk) == (Gate.ASK, risk)
    assert judgement.second_factor == (risk is Risk.HIGHEST)


@pytest.mark.parametrize("name", ["network", "secrets_reachable", "privilege", "sandbox", "undo"])
def test_a_field_that_is_missing_counts_as_the_worst(policy: Policy, name: str) -> None:
    fields = command()
    del fields[name]

    assert judge(policy, fields, FACTS).risk in {Risk.HIGH, Risk.HIGHEST}


def test_even_a_policy_that_lets_commands_run_asks_about_those_that_reach_out(
    policy: Policy,
) -> None:
    lax = replace(
        policy, entries={**policy.entries, "cmd": replace(policy.entry("cmd"), gate=Gate.AUTO)}
    )

    assert judge(lax, command(), FACTS).gate is Gate.AUTO
    for change in ({"network": True}, {"sandbox": "none"}, {"script": "ls"}, {"undo": "none"}):
        assert judge(lax, command(**change), FACTS).gate is Gate.ASK, change


def test_a_delete_outside_the_workspace_is_of_the_highest_class(policy: Policy) -> None:
    inside, outside = deletion(), deletion(root="papers", is_workspace=False)

    assert judge(policy, inside, FACTS).risk is Risk.HIGH
    assert not judge(policy, inside, FACTS).second_factor
    assert judge(policy, outside, FACTS).risk is Risk.HIGHEST
    assert judge(policy, outside, FACTS).second_factor


def test_a_delete_that_nothing_brings_back_is_refused_without_asking(policy: Policy) -> None:
    judgement = judge(policy, deletion(undo="none"), FACTS)

    assert judgement.gate is Gate.DENY
    assert judgement.error is not None
    assert judgement.error["code"] == "no-backup"
    with_backup = judge(policy, deletion(undo="none"), replace(FACTS, has_backup=True))
    assert with_backup.gate is Gate.ASK


def test_taking_back_exactly_runs_by_itself_and_overwriting_asks(policy: Policy) -> None:
    assert judge(policy, file("undo", conflict=False), FACTS).gate is Gate.AUTO
    assert judge(policy, file("undo", conflict=True), FACTS).gate is Gate.ASK
    assert judge(policy, file("undo"), FACTS).gate is Gate.ASK


def test_private_text_to_a_cloud_model_always_asks(policy: Policy) -> None:
    """Also where the file would let it pass."""
    fields = {"v": 1, "kind": "sensitive", "place": "home", "undo": "none", "endpoints": ["x"]}
    entry = replace(policy.entry("sensitive"), gate=Gate.AUTO)
    lax = replace(policy, entries={**policy.entries, "sensitive": entry})

    assert judge(policy, fields, FACTS).gate is Gate.ASK
    assert judge(lax, fields, FACTS).gate is Gate.ASK
    assert policy.why_no_rule(fields) == "rules-why-private"


def test_a_whole_overwrite_is_asked_also_where_the_kind_runs_by_itself(policy: Policy) -> None:
    fields = {"v": 1, "kind": "sync", "place": "home", "undo": "none"}

    assert judge(policy, fields, FACTS).gate is Gate.AUTO
    assert judge(policy, {**fields, "overwrite": True}, FACTS).gate is Gate.ASK
