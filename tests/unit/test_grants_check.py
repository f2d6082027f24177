"""A grant is checked in one order, and each reason to refuse it has a name of its own."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.approvals import grants
from core.approvals.grants import Standing
from core.approvals.model import Grant
from core.db import canonical
from core.errors import Refused
from core.seal import Context, GrantSigner

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
IAT = int(NOW.timestamp())
SIGNER, OTHER, THIEF = (GrantSigner(seed * 32) for seed in (b"g", b"o", b"t"))
DIGEST, APPROVAL = "d" * 64, "a" * 32
GRANT = Grant(
    1, "1" * 32, APPROVAL, "pc", "boot1", 3, 2, DIGEST, "telegram:42", IAT, IAT + 300,
    "policy:cmd", SIGNER.public,
)  # fmt: skip
HERE = Standing("pc", "boot1", 3, 2, "telegram:42", frozenset({SIGNER.public}))


def body(signer: GrantSigner = SIGNER, **values: Any) -> dict[str, Any]:
    return grants.write(replace(GRANT, **values), signer)


def why(
    found: Any,
    at: Standing = HERE,
    now: datetime = NOW,
    approval: str = APPROVAL,
    digest: str = DIGEST,
) -> str:
    try:
        grants.check(found, at, approval, digest, now)
    except Refused as refused:
        return refused.code
    return "accepted"


def test_an_honest_grant_is_accepted() -> None:
    assert grants.check(body(), HERE, APPROVAL, DIGEST, NOW) == GRANT


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"v": 1.0},
        {"grant_id": "1" * 31},
        {"grant_id": "A" * 32},
        {"approval_id": "a" * 33},
        {"node": "PC"},
        {"node": "pc\n"},
        {"boot": ""},
        {"boot": "boot 1"},
        {"incarnation": "3"},
        {"incarnation": -1},
        {"epoch": None},
        {"epoch": 2**53},
        {"action": "D" * 64},
        {"action": "d" * 63},
        {"approver": "telegram:042"},
        {"approver": "owner"},
        {"approver": "telegram:42\u200b"},
        {"iat": float(IAT)},
        {"exp": str(IAT)},
        {"policy": "model says so"},
        {"key": SIGNER.public.upper()},
        {"more": 1},
    ],
)
def test_the_shape_is_exact_even_when_the_signature_is_right(change: dict[str, Any]) -> None:
    fields = {**asdict(GRANT), **change}
    signature = SIGNER.sign(Context.GRANT, canonical(fields).encode()).hex()
    assert why({**fields, "sig": signature}) == "grant-shape"


@pytest.mark.parametrize("missing", [*sorted(asdict(GRANT)), "sig"])
def test_every_field_must_be_there(missing: str) -> None:
    found = body()
    del found[missing]
    assert why(found) == "grant-shape"


@pytest.mark.parametrize("nonsense", [None, [], "x", 7, {}, b"x"])
def test_nonsense_is_refused_and_no_stack_trace(nonsense: Any) -> None:
    assert why(nonsense) == "grant-shape"


def test_the_same_signature_in_capitals_is_another_grant() -> None:
    found = body()
    assert why({**found, "sig": found["sig"].upper()}) == "grant-shape"


def test_a_right_signature_by_a_stranger_is_refused() -> None:
    assert why(body(THIEF, key=THIEF.public)) == "grant-key"
    assert why(body(THIEF)) == "grant-signature"


def test_both_keys_of_a_rotation_count_and_a_former_one_does_not() -> None:
    both = replace(HERE, keys=frozenset({SIGNER.public, OTHER.public}))
    assert why(body(OTHER, key=OTHER.public), both) == "accepted"
    assert why(body(), both) == "accepted"
    assert why(body(), replace(HERE, keys=frozenset({OTHER.public}))) == "grant-key"


@pytest.mark.parametrize("context", [c for c in Context if c is not Context.GRANT])
def test_our_signature_for_another_purpose_is_no_grant(context: Context) -> None:
    fields = asdict(GRANT)
    signature = SIGNER.sign(context, canonical(fields).encode()).hex()
    assert why({**fields, "sig": signature}) == "grant-signature"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ({"place": "laptop"}, "grant-node"),
        ({"boot": "boot2"}, "grant-boot"),
        ({"incarnation": 4}, "grant-incarnation"),
        ({"epoch": 3}, "grant-epoch"),
        ({"owner": "telegram:43"}, "grant-owner"),
        ({"owner": "telegram:0"}, "grant-owner"),
        ({"keys": frozenset()}, "grant-key"),
        ({"incarnation": 2}, "accepted"),
        ({"epoch": 1}, "accepted"),
    ],
)
def test_a_grant_counts_only_where_it_was_made_for(at: dict[str, Any], code: str) -> None:
    assert why(body(), replace(HERE, **at)) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-121, "grant-early"),
        (-120, "accepted"),
        (0, "accepted"),
        (300, "accepted"),
        (300.5, "grant-expired"),
        (301, "grant-expired"),
        (-300, "grant-early"),  # the place's clock is five minutes off
        (86_400, "grant-expired"),
    ],
)
def test_time_and_the_skew_of_clocks(seconds: float, code: str) -> None:
    assert why(body(), now=NOW + timedelta(seconds=seconds)) == code


@pytest.mark.parametrize("lasts", [0, -1, 301, 10**6])
def test_no_grant_lasts_longer_than_300_seconds_whoever_signed_it(lasts: int) -> None:
    assert why(body(exp=IAT + lasts)) == "grant-too-long"


def test_a_grant_for_another_action_or_question_is_refused() -> None:
    assert why(body(), digest="e" * 64) == "grant-digest"
    assert why(body(), approval="b" * 32) == "grant-approval"


def test_the_order_of_the_checks_is_the_one_that_is_written_down() -> None:
    """Each repair uncovers the next reason."""
    at = Standing("laptop", "boot2", 4, 3, "telegram:43", frozenset({OTHER.public}))
    found: dict[str, Any] = {**body(exp=IAT + 301), "v": "1"}
    late = NOW + timedelta(days=1)
    reasons = [why(found, at, late, "b" * 32, "e" * 64)]
    found = body(THIEF, exp=IAT + 301)
    reasons.append(why(found, at, late, "b" * 32, "e" * 64))
    at = replace(at, keys=frozenset({SIGNER.public}))
    reasons.append(why(found, at, late, "b" * 32, "e" * 64))
    found = body(exp=IAT + 301)
    repairs: list[dict[str, Any]] = [
        {},
        {"place": "pc"},
        {"boot": "boot1"},
        {"incarnation": 3},
        {"epoch": 2},
        {"owner": "telegram:42"},
    ]
    for repair in repairs:
        at = replace(at, **repair)
        reasons.append(why(found, at, late, "b" * 32, "e" * 64))
    reasons.append(why(body(), at, late, "b" * 32, "e" * 64))
    reasons.append(why(body(), at, NOW, "b" * 32, "e" * 64))
    reasons.append(why(body(), at, NOW, "b" * 32))
    assert reasons == [
        "grant-shape",
        "grant-key",
        "grant-signature",
        "grant-node",
        "grant-boot",
        "grant-incarnation",
        "grant-epoch",
        "grant-owner",
        "grant-too-long",
        "grant-expired",
        "grant-digest",
        "grant-approval",
    ]
