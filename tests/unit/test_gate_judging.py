"""Two judgements of one action: in everything the stricter one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.runs.codec import decode, encode
from core.runs.exchange_answers import LEFT, facts_only
from core.runs.judging import GATES, RISKS, is_about_permit, strictest
from core.runs.model import Gate
from core.runs.ports import Judgement, Risk

judgements = st.builds(
    Judgement,
    gate=st.sampled_from(Gate),
    rule=st.sampled_from(["floor:disk", "policy:cmd", "owner:1"]),
    risk=st.sampled_from(Risk),
    validity_s=st.integers(1, 86_400),
    second_factor=st.booleans(),
    error=st.none() | st.just(Refused("floor-disk").to_json()),
)


@given(judgements, judgements)
def test_the_merged_judgement_is_as_strict_as_either_in_everything(one, other) -> None:
    both = strictest(one, other)
    for each in (one, other):
        assert GATES.index(both.gate) >= GATES.index(each.gate)
        assert RISKS.index(both.risk) >= RISKS.index(each.risk)
        assert both.validity_s <= each.validity_s
        assert both.second_factor >= each.second_factor
    assert both.gate in {one.gate, other.gate}
    assert (both.rule, both.error) in [(one.rule, one.error), (other.rule, other.error)]


@given(judgements, judgements)
def test_who_judges_first_changes_nothing_but_the_rule_that_is_named(one, other) -> None:
    there, back = strictest(one, other), strictest(other, one)
    assert (there.gate, there.risk, there.validity_s, there.second_factor) == (
        back.gate,
        back.risk,
        back.validity_s,
        back.second_factor,
    )


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(Gate, 2)))
def test_the_stricter_gate_names_the_rule(one, other) -> None:
    both = strictest(Judgement(one, one.value), Judgement(other, other.value))
    assert both.rule == both.gate.value


@given(judgements)
def test_a_judgement_travels_as_json(judgement) -> None:
    assert decode(Judgement, encode(Judgement, judgement)) == judgement


@pytest.mark.parametrize(
    ("code", "expected"),
    [("grant-used", True), ("code-wrong", True), ("action-changed", False), ("", False)],
)
def test_only_what_is_about_the_permit_may_be_tried_with_another(code, expected) -> None:
    assert is_about_permit(Refused(code).to_json()) is expected
    assert not is_about_permit(None)


def test_of_a_preview_that_leaves_its_machine_only_facts_are_left() -> None:
    preview = {
        "diff": "-secret\n+words",
        "excerpt": "Dear diary",
        "output": ["line"],
        "size_bytes": 12,
        "count": 3,
        "is_new": True,
        "first_names": ["a.txt"],
        "resolved": "/srv/a.txt",
    }
    kept = facts_only(preview)
    assert kept.pop(LEFT) == ["diff", "excerpt", "output"]
    assert kept == {
        "size_bytes": 12,
        "count": 3,
        "is_new": True,
        "first_names": ["a.txt"],
        "resolved": "/srv/a.txt",
    }
    assert facts_only({"count": 1}) == {"count": 1}
