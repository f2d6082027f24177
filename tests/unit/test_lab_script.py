"""The laboratory's dice, windows and dialects."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from ops.emulator.models.lab_dialects import duration, limit_headers, limited
from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_quota import Gauge, Meter, Shortage
from ops.emulator.models.lab_script import (
    Dialect,
    Fake,
    Quota,
    Spread,
    Trouble,
    draw,
    from_json,
    to_json,
)

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
GAUGES = {
    "rpm": Gauge(60, 59, 1.0),
    "rpd": Gauge(1000, 999, 179.56),
    "tpm": Gauge(8000, 7990, 7.66),
}
SHORT = Shortage("rpm", 60, 60, 1, 7.66)


def test_the_same_seed_draws_the_same_fate_whatever_happens_elsewhere():
    fake = fifty(4)[0]
    fates = [draw(fake, 4, number) for number in range(1, 200)]
    assert fates == [draw(fake, 4, number) for number in range(1, 200)]
    assert fates != [draw(fake, 5, number) for number in range(1, 200)]


def test_fifty_endpoints_have_every_dialect_and_every_trouble():
    fakes = fifty(4)
    assert len({fake.name for fake in fakes}) == 50
    assert {fake.dialect for fake in fakes} == {*Dialect}
    drawn = {draw(fake, 4, number).trouble for fake in fakes for number in range(1, 300)}
    assert drawn == {None, *Trouble}
    assert fakes == fifty(4)
    assert fakes != fifty(5)


def test_troubles_come_as_often_as_their_chances_say():
    fake = Fake("a", Dialect.PLAIN, "m", troubles={Trouble.CUT: 0.1, Trouble.HANG: 0.3})
    got = Counter(draw(fake, 1, number).trouble for number in range(4000))
    assert 0.07 < got[Trouble.CUT] / 4000 < 0.13
    assert 0.26 < got[Trouble.HANG] / 4000 < 0.34


def test_a_fake_survives_its_journey_as_json():
    for fake in fifty(4):
        assert from_json(json.loads(json.dumps(to_json(fake)))) == fake


@pytest.mark.parametrize("kind", ["fixed", "even", "skewed"])
def test_no_wait_is_longer_than_its_most(kind):
    dice = random.Random(1)
    waits = [Spread(kind, 0.2, most_s=0.3).draw(dice) for _ in range(500)]
    assert min(waits) >= 0
    assert max(waits) <= 0.3


def test_a_window_slides_and_says_when_there_is_room_again():
    meter = Meter(Quota(rpm=2))
    assert meter.take(0.0, 10) is None
    assert meter.take(10.0, 10) is None
    short = meter.take(20.0, 10)
    assert (short.dimension, short.used) == ("rpm", 2)
    assert short.wait_s == pytest.approx(40.0)
    assert meter.take(60.1, 10) is None


def test_a_refused_request_uses_nothing_up():
    meter = Meter(Quota(rpm=10, tpm=100))
    assert meter.take(0.0, 90) is None
    assert meter.take(1.0, 20).dimension == "tpm"
    assert meter.gauges(1.0)["rpm"].left == 9


def test_an_exhausted_endpoint_grants_nothing_until_its_time():
    meter = Meter(Quota(rpm=5))
    meter.exhaust(30.0)
    assert meter.take(29.9, 1) is not None
    assert meter.gauges(29.9)["rpm"].left == 0
    assert meter.take(30.0, 1) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.02, "20ms"), (7.66, "7.66s"), (60, "1m0s"), (179.56, "2m59.56s"), (3720, "1h2m0s")],
)
def test_durations_are_written_as_groq_and_openai_write_them(seconds, text):
    assert duration(seconds) == text


GOLDEN_HEADERS = {
    Dialect.GROQ: {
        "x-ratelimit-limit-requests": "1000",
        "x-ratelimit-remaining-requests": "999",
        "x-ratelimit-reset-requests": "2m59.56s",
        "x-ratelimit-limit-tokens": "8000",
        "x-ratelimit-remaining-tokens": "7990",
        "x-ratelimit-reset-tokens": "7.66s",
    },
    Dialect.OPENAI: {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "8000",
        "x-ratelimit-remaining-tokens": "7990",
        "x-ratelimit-reset-tokens": "7.66s",
    },
    Dialect.AZURE: {
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-remaining-tokens": "7990",
    },
    Dialect.MISTRAL: {
        "x-ratelimit-limit-req-minute": "60",
        "x-ratelimit-remaining-req-minute": "59",
        "x-ratelimit-limit-tokens-minute": "8000",
        "x-ratelimit-remaining-tokens-minute": "7990",
    },
    Dialect.OPENROUTER: {},
    Dialect.GEMINI: {},
    Dialect.PLAIN: {},
}


@pytest.mark.parametrize("dialect", GOLDEN_HEADERS)
def test_each_dialect_tells_its_limits_in_its_own_words(dialect):
    assert limit_headers(dialect, GAUGES, number=1, now=NOW) == GOLDEN_HEADERS[dialect]


def test_anthropic_tells_resets_as_moments():
    told = limit_headers(Dialect.ANTHROPIC, GAUGES, number=1, now=NOW)
    assert told["anthropic-ratelimit-requests-reset"] == "2026-01-01T12:00:01Z"
    assert told["anthropic-ratelimit-tokens-remaining"] == "7990"


def test_azure_now_and_then_says_that_it_does_not_know():
    told = limit_headers(Dialect.AZURE, GAUGES, number=5, now=NOW)
    assert told["x-ratelimit-limit-tokens"] == "-1"
    assert told["x-ratelimit-reset-tokens"] == "0"


@pytest.mark.parametrize(
    ("dialect", "told_s"),
    [
        (Dialect.GROQ, 8.0),
        (Dialect.OPENAI, 7.66),
        (Dialect.AZURE, 8.0),
        (Dialect.ANTHROPIC, 8.0),
        (Dialect.OPENROUTER, 7.66),
        (Dialect.GEMINI, 8.0),
        (Dialect.MISTRAL, None),
        (Dialect.PLAIN, None),
        (Dialect.OLLAMA, None),
    ],
)
def test_a_caller_is_only_held_to_a_wait_that_it_was_told(dialect, told_s):
    refused = limited(dialect, SHORT, model="m", organisation="org", now=NOW)
    assert refused.status == 429
    assert refused.told_s == told_s
    told = json.dumps([refused.body, refused.headers])
    says_a_wait = any(word in told for word in ("7.66s", '"8"', "8s", "1767268807660"))
    assert says_a_wait == (told_s is not None)
