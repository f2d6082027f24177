"""What a provider's refusal means, and its words made safe to keep."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.llm.failures import QUOTA_WAIT_S, body_refusal, failed, kind_of, safe
from core.llm.model import Endpoint, Failure

NOW = datetime(2026, 11, 20, tzinfo=UTC)
GROQ = Endpoint("groq/x", "groq", "x")


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("rate_limit_exceeded", Failure.LIMITED),
        ("insufficient_quota", Failure.LIMITED),
        ("invalid_api_key", Failure.UNAUTHORISED),
        ("internal_error", Failure.SERVER),
        (None, Failure.SERVER),
    ],
)
def test_an_error_inside_a_stream_is_told_by_its_code(code, failure):
    body = {"message": "no", "type": "some_error", "code": code}
    assert kind_of(body_refusal(0, body, "", {})) is failure


def test_a_used_up_quota_is_not_asked_again_soon():
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    refusal = body_refusal(429, body, "", {"retry-after": "1"})
    assert failed(refusal, GROQ, NOW).retry_after == QUOTA_WAIT_S


@pytest.mark.parametrize(
    "body", [None, "", "plain text", [], {"error": "text"}, {"error": None}, 5]
)
def test_any_body_of_an_error_can_be_read(body):
    found = failed(body_refusal(500, body, "Error code: 500", {}), GROQ, NOW)
    assert found.failure is Failure.SERVER
    assert found.detail.startswith("500: ")


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-********wxyz.",
        "Authorization: Bearer verysecret",
        "gsk_verysecret is not valid",
        "could not reach http://me:verysecret@example.org/v1",
        "the key verysecret is wrong",
    ],
)
def test_keys_are_blotted_out(text):
    told = safe(text, "verysecret")
    assert "verysecret" not in told
    assert "wxyz" not in told
    assert "***" in told


def test_a_detail_is_one_short_line():
    assert safe("a\n  b\t" + "c" * 1000) == "a b " + "c" * 296
