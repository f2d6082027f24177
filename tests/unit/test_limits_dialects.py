"""Rate-limit headers in every dialect become marks; what cannot be meant is not believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm import dialects
from core.llm.marks import Dimension, Mark, reserved_tokens

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOLDEN = json.loads((Path(__file__).parent / "golden" / "limit_dialects.json").read_text("utf-8"))
WAIT = {"rpm": 60, "tpm": 60, "rpd": 3600, "tpd": 3600}


def marks_of(example: dict) -> dict:
    is_refused = example["status"] == 429
    said = {mark.dimension: mark for mark in dialects.read_refusal(example["message"], NOW)}
    if not is_refused:
        said = {}
    for mark in dialects.read(
        example["service"], example["headers"], NOW, refused=is_refused and not said
    ):
        said.setdefault(mark.dimension, mark)
    return {
        mark.dimension.value: [
            mark.most,
            mark.left,
            pytest.approx((mark.reset_at - NOW).total_seconds(), abs=1e-5),
        ]
        for mark in said.values()
    }


def test_there_is_an_example_of_each_dialect_with_its_source() -> None:
    services = {example["service"] for example in GOLDEN}
    assert services >= {
        "groq", "openai", "azure", "anthropic", "gemini", "mistral", "cohere", "openrouter",
        "together", "deepseek", "cerebras", "sambanova",
    }  # fmt: skip
    assert all(len(example["source"]) > 10 for example in GOLDEN)


@pytest.mark.parametrize("example", GOLDEN, ids=[example["name"] for example in GOLDEN])
def test_the_example_is_read_as_its_provider_means_it(example: dict) -> None:
    assert marks_of(example) == example["marks"]


@pytest.mark.parametrize("value", ["-1", "", "null", "n/a", "1e9", "٣", "0x10", "9" * 30, "-0"])
def test_what_is_no_count_says_nothing(value: str) -> None:
    headers = {"x-ratelimit-limit-requests": value, "x-ratelimit-remaining-tokens": value}

    assert dialects.read("openai", headers, NOW) == ()


@pytest.mark.parametrize("reset", ["-1", "soon", "999999", "2030-01-01T00:00:00Z"])
def test_an_odd_reset_leaves_the_figure_for_a_minute(reset: str) -> None:
    headers = {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": reset,
    }

    (mark,) = dialects.read("openai", headers, NOW)

    assert mark == Mark(Dimension.RPM, 10, 5, NOW + timedelta(seconds=60), NOW)


def test_the_scarcer_figure_counts_where_one_dimension_is_said_twice() -> None:
    headers = {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "9",
        "x-ratelimit-limit-requests-minute": "10",
        "x-ratelimit-remaining-requests-minute": "2",
    }

    (mark,) = dialects.read("openai", headers, NOW)

    assert mark.left == 2


NAMES = sorted({name.lower() for example in GOLDEN for name in example["headers"]})
VALUES = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.sampled_from(sorted({v for example in GOLDEN for v in example["headers"].values()})),
)


@given(
    st.sampled_from(["groq", "openai", "together", "x"]),
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    st.booleans(),
)
def test_no_header_can_break_the_reading_or_say_what_is_absurd(service, headers, refused) -> None:
    for mark in dialects.read(service, headers, NOW, refused=refused):
        assert mark.most is None or 0 < mark.most <= dialects.LARGEST
        assert mark.left is None or 0 <= mark.left <= (mark.most or dialects.LARGEST)
        assert timedelta(0) <= mark.reset_at - NOW <= timedelta(seconds=dialects.FARTHEST_S)


@given(st.text())
def test_no_sentence_can_break_the_reading(message: str) -> None:
    for mark in dialects.read_refusal(message, NOW):
        assert mark.left is None or mark.left >= 0


def test_nobody_is_believed_for_longer_than_a_day() -> None:
    (mark,) = dialects.read_refusal("Please try again in 99999999999d.", NOW)

    assert mark.reset_at == NOW + timedelta(days=1)


def test_tokens_are_reserved_as_each_provider_counts_them() -> None:
    assert reserved_tokens("groq", 700, 2048) == 2748  # Groq counts max_tokens
    assert reserved_tokens("openai", 700, 2048) == 2048  # OpenAI the larger one
    assert reserved_tokens("gemini", 700, 2048) == 700  # Gemini limits input
    assert reserved_tokens("anybody", 700, 2048) == 2748
