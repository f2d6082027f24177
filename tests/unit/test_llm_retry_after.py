"""When a provider says to come back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import retry_after

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("7.66", 7.66),
        ("0", 0),
        ("7.66s", 7.66),
        ("20ms", 0.02),
        ("2m59.56s", 179.56),
        ("6m0s", 360),
        ("1h2m3s", 3723),
        ("1m", 60),
        ("Fri, 20 Nov 2026 12:01:30 GMT", 90),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("9999999", retry_after.LONGEST_S),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("7 apples", None),
    ],
)
def test_every_form_of_a_wait_is_read(value, seconds):
    found = retry_after.parse(value, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds))


@given(st.text())
def test_no_header_can_break_the_parser(value):
    found = retry_after.parse(value, NOW)
    assert found is None or 0 <= found <= retry_after.LONGEST_S


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "300"}, 300),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": "3", "x-ratelimit-reset-tokens": "9s"}, 3),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7.66s"}, 7.66),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "7.66s"}, None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "0"}, None),
        ({}, None),
    ],
)
def test_headers_are_read_in_the_order_of_their_worth(headers, seconds):
    assert retry_after.of_headers(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Limit 8000, Used 7990. Please try again in 7.66s. Need more?", 7.66),
        ("Please try again in 2m59.56s.", 179.56),
        ("please retry after 20 seconds", 20),
        ("you are out of quota", None),
    ],
)
def test_a_sentence_can_name_the_wait(message, seconds):
    found = retry_after.of_sentence(message)
    assert found == (None if seconds is None else pytest.approx(seconds))
