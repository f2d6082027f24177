"""How each provider tells its limits and its refusals: headers and bodies by dialect.

Sources: Groq https://console.groq.com/docs/rate-limits (requests count per day, tokens per minute;
`retry-after` only with 429) · OpenAI https://platform.openai.com/docs/guides/rate-limits and
https://community.openai.com/t/1268905 · Azure: remaining without limit or reset
(EvolvingPrograms/oaib#11), `-1` and `0` for "not known" (openai/openai-dotnet#838), a wait in
`x-rate-limit-reset-tokens` alone (openai/openai-python#937) · Anthropic
https://docs.anthropic.com/en/api/rate-limits (RFC 3339 resets) · OpenRouter
https://openrouter.ai/docs/api/reference/limits: no `retry-after` for free models, the reset stands
in the body, in epoch milliseconds (Gitlawb/openclaude#936) · Mistral per-minute names without a
reset (mistralai/client-ts#169) · Gemini: no headers; the body is a list with the wait in RetryInfo
(n4ze3m/page-assist#406, https://ai.google.dev/gemini-api/docs/rate-limits).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.emulator.models.lab_quota import Gauge, Shortage
from ops.emulator.models.lab_script import Dialect

Gauges = Mapping[str, Gauge]

#: Each how many-th answer of Azure has `-1` and `0` in place of figures.
AZURE_ODD_EVERY = 5
CAPACITY_STATUS, OVERLOADED_STATUS = 498, 529


@dataclass(frozen=True)
class Refused:
    """An error as it goes out. `told_s`: the wait that a caller can know from it, or None."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    told_s: float | None = None


def duration(seconds: float) -> str:
    """As Groq and OpenAI write it: `20ms`, `7.66s`, `2m59.56s`, `1h2m0s`."""
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))}ms"
    minutes, rest = divmod(round(seconds, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:.2f}".rstrip("0").rstrip(".") + "s"
    text = f"{minutes}m{text}" if minutes or hours else text
    return f"{hours}h{text}" if hours else text


def limit_headers(
    dialect: Dialect, gauges: Gauges, *, number: int, now: datetime
) -> dict[str, str]:
    """What an answer says of limits; `number` is the endpoint's call, for what comes in turns."""
    if dialect is Dialect.AZURE:
        return _azure(gauges, number)
    if dialect is Dialect.ANTHROPIC:
        return _anthropic(gauges, now)
    if dialect is Dialect.MISTRAL:
        return _mistral(gauges)
    if dialect in {Dialect.GROQ, Dialect.OPENAI}:
        requests = "rpd" if dialect is Dialect.GROQ else "rpm"
        return _six(gauges, {"requests": requests, "tokens": "tpm"})
    return {}


def _six(gauges: Gauges, dimensions: Mapping[str, str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for word, name in dimensions.items():
        if name in gauges:
            gauge = gauges[name]
            told[f"x-ratelimit-limit-{word}"] = str(gauge.most)
            told[f"x-ratelimit-remaining-{word}"] = str(gauge.left)
            told[f"x-ratelimit-reset-{word}"] = duration(gauge.reset_s)
    return told


def _azure(gauges: Gauges, number: int) -> dict[str, str]:
    words = {"requests": "rpm", "tokens": "tpm"}
    if number % AZURE_ODD_EVERY == 0:
        odd: dict[str, str] = {}
        for word in words:
            odd |= {f"x-ratelimit-limit-{word}": "-1", f"x-ratelimit-remaining-{word}": "-1"}
            odd[f"x-ratelimit-reset-{word}"] = "0"
        return odd
    return {
        f"x-ratelimit-remaining-{word}": str(gauges[name].left)
        for word, name in words.items()
        if name in gauges
    }


def _anthropic(gauges: Gauges, now: datetime) -> dict[str, str]:
    told: dict[str, str] = {}
    words = {"requests": "rpm", "tokens": "tpm", "input-tokens": "tpm"}
    for word, name in words.items():
        if name in gauges:
            gauge = gauges[name]
            at = (now + timedelta(seconds=math.ceil(gauge.reset_s))).astimezone(UTC)
            told[f"anthropic-ratelimit-{word}-limit"] = str(gauge.most)
            told[f"anthropic-ratelimit-{word}-remaining"] = str(gauge.left)
            told[f"anthropic-ratelimit-{word}-reset"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return told


def _mistral(gauges: Gauges) -> dict[str, str]:
    told: dict[str, str] = {}
    for word, name in (("req", "rpm"), ("tokens", "tpm")):
        if name in gauges:
            told[f"x-ratelimit-limit-{word}-minute"] = str(gauges[name].most)
            told[f"x-ratelimit-remaining-{word}-minute"] = str(gauges[name].left)
    return told


_UNITS = {
    "rpm": "requests per minute (RPM)", "rpd": "requests per day (RPD)",
    "tpm": "tokens per minute (TPM)", "tpd": "tokens per day (TPD)",
}  # fmt: skip


def limited(
    dialect: Dialect, short: Shortage, *, model: str, organisation: str, now: datetime
) -> Refused:
    """429 as the dialect writes it, without the headers of `limit_headers`."""
    made = {
        Dialect.AZURE: _azure_limited, Dialect.ANTHROPIC: _anthropic_limited,
        Dialect.OPENROUTER: _openrouter_limited, Dialect.MISTRAL: _mistral_limited,
        Dialect.GEMINI: _gemini_limited, Dialect.OLLAMA: _bare_limited,
        Dialect.PLAIN: _bare_limited,
    }.get(dialect)  # fmt: skip
    if made is not None:
        return made(short, now)
    wait_s = _shown(short.wait_s)
    message = (
        f"Rate limit reached for model `{model}` in organization `{organisation or 'org_lab'}` on "
        f"{_UNITS[short.dimension]}: Limit {short.most}, Used {short.used}, Requested "
        f"{short.wanted}. Please try again in {duration(wait_s)}."
    )
    kind = "requests" if short.dimension.startswith("r") else "tokens"
    headers = {"retry-after": str(math.ceil(wait_s))}
    if dialect is Dialect.OPENAI:
        headers["retry-after-ms"] = str(math.ceil(wait_s * 1000))
    told_s = wait_s if dialect is Dialect.OPENAI else float(math.ceil(wait_s))
    return Refused(429, _openai_error(message, kind, "rate_limit_exceeded"), headers, told_s)


def _shown(wait_s: float) -> float:
    return max(wait_s, 0.01)


def _openai_error(message: str, kind: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _azure_limited(short: Shortage, _now: datetime) -> Refused:
    seconds = math.ceil(_shown(short.wait_s))
    message = (
        "Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your "
        f"current OpenAI S0 pricing tier. Please retry after {seconds} seconds."
    )
    body = {"error": {"code": "429", "message": message}}
    return Refused(429, body, {"x-rate-limit-reset-tokens": str(seconds)}, float(seconds))


def _anthropic_limited(short: Shortage, _now: datetime) -> Refused:
    seconds = math.ceil(_shown(short.wait_s))
    message = f"This request would exceed your organization's rate limit of {short.most} per minute"
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": message}}
    return Refused(429, body, {"retry-after": str(seconds)}, float(seconds))


def _openrouter_limited(short: Shortage, now: datetime) -> Refused:
    at = now + timedelta(seconds=_shown(short.wait_s))
    headers = {
        "X-RateLimit-Limit": str(short.most),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(math.ceil(at.timestamp() * 1000)),
    }
    span = "min" if short.dimension.endswith("m") else "day"
    error = {
        "message": f"Rate limit exceeded: free-models-per-{span}. ",
        "code": 429,
        "metadata": {"headers": headers, "provider_name": None},
    }
    return Refused(429, {"error": error}, headers, _shown(short.wait_s))


def _mistral_limited(_short: Shortage, _now: datetime) -> Refused:
    body = {
        "object": "error", "message": "Rate limit exceeded", "type": "rate_limited", "param": None,
        "code": "1300",
    }  # fmt: skip
    return Refused(429, body)


def _gemini_limited(short: Shortage, _now: datetime) -> Refused:
    seconds = math.ceil(_shown(short.wait_s))
    error = {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan and billing details. "
        f"Please retry in {_shown(short.wait_s):.6f}s.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}
        ],
    }
    return Refused(429, [{"error": error}], told_s=float(seconds))


def _bare_limited(_short: Shortage, _now: datetime) -> Refused:
    return Refused(429, {"error": "too many requests"})


def failed(dialect: Dialect, status: int, message: str, code: str) -> Refused:
    """Any other refusal in the dialect's words."""
    shapes: dict[Dialect, Any] = {
        Dialect.OLLAMA: {"error": message},
        Dialect.ANTHROPIC: {"type": "error", "error": {"type": code, "message": message}},
        Dialect.GEMINI: [{"error": {"code": status, "message": message, "status": code}}],
        Dialect.MISTRAL: {
            "object": "error", "message": message, "type": code, "param": None, "code": None,
        },
    }  # fmt: skip
    return Refused(status, shapes.get(dialect) or _openai_error(message, code, code))
