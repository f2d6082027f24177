"""A tenth of the dose of `ops prove hands`: forged permissions and envelopes, and honest ones."""

from __future__ import annotations

import pytest

from ops.proofs.rig import grants
from ops.proofs.rig.forging import TRICKS
from ops.proofs.rig.report import Dose

TENTH = Dose(0.1)


def test_a_check_of_the_signature_alone_lets_forgeries_through() -> None:
    """Else the harness would prove nothing."""
    found = grants.naive(TENTH)
    assert {"other-action", "other-place", "other-time"} <= set(found.passed)


def test_ten_thousand_forged_permissions_and_envelopes_and_none_is_accepted() -> None:
    found = grants.mutated(TENTH)
    assert found.tried == 10_000
    assert found.passed == {}


def test_a_thousand_honest_ones_in_every_script_and_none_is_refused() -> None:
    found = grants.honest(TENTH)
    assert found.tried == 1_000
    assert found.passed == {}


def test_a_hundred_grants_used_twice_and_none_counts_twice() -> None:
    assert grants.replayed(TENTH).passed == {}


@pytest.mark.parametrize(
    ("check", "trick"),
    [
        ("_check_signature", "signer"),
        ("_check_signature", "domain"),
        ("_check_place", "other-place"),
        ("_check_time", "other-time"),
    ],
)
def test_with_a_check_taken_out_its_forgeries_pass(
    monkeypatch: pytest.MonkeyPatch, check: str, trick: str
) -> None:
    """None is refused by luck."""
    monkeypatch.setattr(grants.grants, check, lambda *_given: None)
    assert trick in grants.mutated(Dose(0.02)).passed


def test_every_trick_is_played() -> None:
    assert len(TRICKS) >= 12
