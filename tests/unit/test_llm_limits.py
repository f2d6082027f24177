"""How large one request may be."""

from __future__ import annotations

import pytest

from core.llm.limits import TokenLimits
from core.llm.model import Endpoint

ENDPOINT = Endpoint("groq/a", "groq", "a")
SENTENCE = "Request too large on tokens per minute (TPM): Limit 8000, Requested 9512."


@pytest.mark.parametrize(
    ("headers", "message", "limit"),
    [
        ({"x-ratelimit-limit-tokens": "18000"}, "", 18_000),
        ({}, SENTENCE, 8_000),
        ({"x-ratelimit-limit-tokens": "18000"}, SENTENCE, 8_000),
        ({}, "on requests per day (RPD): Limit 1000, Used 1000", None),
        ({"x-ratelimit-limit-tokens": "-1"}, "", None),
        ({"x-ratelimit-limit-tokens": "0"}, "", None),
        ({}, "", None),
    ],
)
def test_a_limit_of_tokens_per_minute_is_learned_from_answers_and_refusals(headers, message, limit):
    limits = TokenLimits()
    limits.learn(ENDPOINT, headers, message)
    assert limits.of(ENDPOINT) == limit
