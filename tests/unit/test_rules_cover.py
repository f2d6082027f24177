"""What a rule of the owner spares a question for, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.approvals.floor import Floor
from core.approvals.model import Facts, Rule, Scope
from core.approvals.policy import Policy, judge
from core.approvals.unruled import NEVER
from core.runs.model import Gate, Label
from tests.unit.policy_actions import FACTS, NOW, deletion, file, rule


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load(None, Floor(place="pc"))


def with_rules(*rules: Rule) -> Facts:
    return replace(FACTS, rules=rules)


def test_a_rule_for_a_folder_spares_the_question_there_and_nowhere_else(policy: Policy) -> None:
    facts = with_rules(rule("edit", Scope(root="sandbox", folder="notes")))

    opened = judge(policy, file("edit", "notes/deep/a.txt"), facts)

    assert (opened.gate, opened.rule) == (Gate.AUTO, "owner:r1")
    for other in (
        file("edit", "other/a.txt"),
        file("edit", "notes2/a.txt"),
        file("edit", "Notes/a.txt"),
        file("edit", "notes/../other/a.txt"),
        file("edit", "notes/a.txt", root="papers"),
        file("edit", "notes/a.txt", place="laptop"),
        file("create", "notes/a.txt"),
        file("edit", "notes/a.txt", undo="none"),
    ):
        assert judge(policy, other, facts).gate is not Gate.AUTO, other


def test_a_rule_that_ended_or_was_revoked_opens_nothing(policy: Policy) -> None:
    scope = Scope(root="sandbox", folder="notes")
    for dead in (
        rule("edit", scope, expires_at=NOW),
        rule("edit", scope, revoked_at=NOW - timedelta(days=1)),
    ):
        assert judge(policy, file("edit"), with_rules(dead)).gate is Gate.ASK


def test_a_rule_for_open_runs_says_nothing_about_private_ones(policy: Policy) -> None:
    facts = with_rules(rule("edit", Scope(root="sandbox", folder="notes", label="open")))

    assert judge(policy, file("edit"), facts).gate is Gate.AUTO
    assert judge(policy, file("edit"), replace(facts, label=Label.PRIVATE)).gate is Gate.ASK


def test_a_stricter_rule_counts_for_every_kind(policy: Policy) -> None:
    never = rule("read_file", Scope(root="sandbox", folder="diary"), gate=Gate.DENY)
    ask = rule("read_file", Scope(root="sandbox"), gate=Gate.ASK)
    reading = file("read_file", "diary/x.txt", undo="nothing-changes")

    assert judge(policy, reading, with_rules(never)).gate is Gate.DENY
    assert judge(policy, reading, with_rules(ask)).gate is Gate.ASK


@pytest.mark.parametrize("kind", sorted(NEVER))
def test_some_kinds_are_asked_whatever_rules_there_are(policy: Policy, kind: str) -> None:
    fields = {**deletion(), "kind": kind}
    facts = with_rules(rule(kind, Scope(root="sandbox")), rule(kind, Scope()))

    assert judge(policy, fields, facts).gate is Gate.ASK
    assert policy.why_no_rule(fields) == NEVER[kind]
