"""The second factor of a node: RFC 6238, each code once, five wrong tries."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import sqlalchemy as sa

from core.approvals.factor import MOST_TRIES, STEP_S, SecondFactor, code_at, counter_at
from core.approvals.tables import second_factor
from core.clock import ManualClock
from core.db import Database
from core.errors import Refused


class Factor:
    """The factor with a short word for each thing that is done to it; every call commits, as the
    engine does it around `admit`."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock = db, clock
        self.factor = SecondFactor(clock)
        with db.write() as tx:
            assert self.factor.ensure(tx)
            self.secret = tx.execute(sa.select(second_factor.c.secret)).scalar_one()

    def code(self, steps: int = 0) -> str:
        return code_at(self.secret, counter_at(self.clock.now()) + steps)

    def wrong(self) -> str:
        near = {self.code(steps) for steps in range(-2, 3)}
        return next(code for code in (f"{n:06}" for n in range(9)) if code not in near)

    def tried(self, code: str) -> Refused | None:
        with self.db.write() as tx:
            try:
                self.factor.check(tx, code)
            except Refused as error:
                return error
        return None


@pytest.fixture
def factor(database: Database, clock: ManualClock) -> Factor:
    return Factor(database, clock)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1, the last six of its eight digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()

    assert code_at(secret, counter_at(datetime.fromtimestamp(seconds, UTC))) == code


def test_a_right_code_counts_once(factor: Factor) -> None:
    code = factor.code()

    assert factor.tried(code) is None
    again = factor.tried(code)
    assert again is not None
    assert again.code == "code-wrong"


def test_an_earlier_code_never_counts_after_a_later_one(factor: Factor) -> None:
    earlier = factor.code(-1)

    assert factor.tried(factor.code()) is None
    assert factor.tried(earlier) is not None
    factor.clock.advance(STEP_S)
    assert factor.tried(factor.code()) is None


@pytest.mark.parametrize(
    ("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_clocks_may_differ_by_one_step(factor: Factor, steps: int, counts: bool) -> None:
    assert (factor.tried(factor.code(steps)) is None) == counts


def test_five_wrong_tries_lock_it_also_for_the_right_code(factor: Factor) -> None:
    left = []
    for _ in range(MOST_TRIES):
        error = factor.tried(factor.wrong())
        assert error is not None
        left.append(error.params.get("left", error.code))

    assert left == [4, 3, 2, 1, "code-locked"]
    assert factor.tried(factor.code()) is not None
    factor.clock.advance(86_400)
    assert factor.tried(factor.code()) is not None


def test_it_is_unlocked_at_the_node_and_what_was_burnt_stays_burnt(factor: Factor) -> None:
    code = factor.code()
    assert factor.tried(code) is None
    for _ in range(MOST_TRIES):
        factor.tried(factor.wrong())

    with factor.db.write() as tx:
        factor.factor.unlock(tx)

    assert factor.tried(code) is not None
    assert factor.tried(factor.code(1)) is None


def test_a_right_code_gives_the_tries_back(factor: Factor) -> None:
    for _ in range(MOST_TRIES - 1):
        factor.tried(factor.wrong())
    assert factor.tried(factor.code()) is None

    error = factor.tried(factor.wrong())

    assert error is not None
    assert error.params == {"left": MOST_TRIES - 1}


@pytest.mark.parametrize("digits", ["০১২৩৪৫৬৭৮৯", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
def test_digits_of_the_owners_own_keyboard_count(factor: Factor, digits: str) -> None:
    code = factor.code()
    typed = f" {code[:3]} {code[3:]}".translate({ord(str(n)): digits[n] for n in range(10)})

    assert factor.tried(typed) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12345x", "½²³456", "-"])
def test_what_is_no_code_is_a_wrong_try(factor: Factor, typed: str) -> None:
    error = factor.tried(typed)

    assert error is not None
    assert error.params == {"left": MOST_TRIES - 1}


def test_the_uri_is_what_an_authenticator_reads(factor: Factor) -> None:
    with factor.db.read() as tx:
        shown = factor.factor.shown(tx, "pc")

    uri = urlsplit(shown.uri)
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", "/The Mask:pc")
    values = {name: value[0] for name, value in parse_qs(uri.query).items()}
    assert values == {
        "secret": factor.secret, "issuer": "The Mask", "algorithm": "SHA1", "digits": "6",
        "period": "30",
    }  # fmt: skip
    assert shown.text.replace(" ", "") == factor.secret
    assert factor.secret not in repr(shown)


def test_a_secret_is_made_once_and_renewed_only_on_purpose(factor: Factor) -> None:
    code = factor.code()
    with factor.db.write() as tx:
        assert not factor.factor.ensure(tx)
        factor.factor.renew(tx)
        state = factor.factor.state(tx)

    assert state is not None
    assert state.tries_left == MOST_TRIES
    assert factor.tried(code) is not None


def test_without_a_secret_no_code_counts(database: Database, clock: ManualClock) -> None:
    with database.write() as tx, pytest.raises(Refused, match="code-not-set-up"):
        SecondFactor(clock).check(tx, "123456")
