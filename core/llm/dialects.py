"""Rate-limit headers and refusals in every form that providers send, as marks; pure.

Sources, with a golden example of each in `tests/unit/golden/limit_dialects.json`: Groq
(console.groq.com/docs/rate-limits: requests are per day, tokens per minute), OpenAI and Azure
(platform.openai.com/docs/guides/rate-limits), Anthropic (docs.anthropic.com/en/api/rate-limits),
Mistral, Cohere, OpenRouter, Together, Cerebras, SambaNova, Gemini, and the draft standard
`RateLimit`. What cannot be a figure (`-1`, words, more left than the limit, a limit of 0, a reset
further off than a day) counts as not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.llm import retry_after
from core.llm.marks import Dimension, Mark, next_midnight

#: No provider grants more of anything; a larger figure is a mistake.
LARGEST = 10**12
#: A reset further off than this is a mistake.
FARTHEST_S = 25 * 3600.0
#: A plain dimension whose reset is further off than a minute is a daily one.
MINUTE_S = 60.0
#: How long a figure holds where no reset is named.
UNNAMED_S = {Dimension.RPM: 60, Dimension.TPM: 60, Dimension.RPD: 3600, Dimension.TPD: 3600}

_EPOCH_MS, _EPOCH_S = 10**12, 10**9
_REQUESTED = re.compile(
    r"\((?P<name>RPM|RPD|TPM|TPD)\): Limit (?P<most>\d+), Used (?P<used>\d+)", re.IGNORECASE
)
_GEMINI = re.compile(r"PerDay[\s\S]*?(?:limit: |quotaValue\W+)(?P<most>\d+)|PerDay", re.IGNORECASE)
#: Gemini's day begins at midnight in California; in summer this is an hour late.
_PACIFIC_HOURS = -8
_ITEM = re.compile(r";\s*(?P<key>[rtqw])=(?P<value>\d+)")


@dataclass(frozen=True)
class _Said:
    """One dimension as the headers have it, unread. `plain`: the window is told by the reset."""

    dimension: Dimension
    most: str = ""
    left: str = ""
    reset: str = ""
    plain: bool = False
    default_s: float | None = None


def read(
    service: str, headers: Mapping[str, str], now: datetime, *, refused: bool = False
) -> tuple[Mark, ...]:
    """What an answer's headers say; of a dimension that is said twice, the scarcer figure.
    `refused`: the answer was 429, so that a wait alone is a mark, too."""
    lower = {name.lower(): str(value) for name, value in headers.items()}
    found: dict[Dimension, Mark] = {}
    for said in _all(service, lower):
        mark = _mark(said, now, refused=refused)
        if mark is not None and _is_scarcer(mark, found.get(mark.dimension)):
            found[mark.dimension] = mark
    if refused and all(mark.left != 0 for mark in found.values()):
        found.update(_waiting(lower, now))
    return tuple(found.values())


def read_refusal(message: str, now: datetime) -> tuple[Mark, ...]:
    """What the sentence of a 429 says: Groq and OpenAI name dimension, limit and use in it, also
    those that no header has (Groq's RPM and TPD); Gemini its quota's name."""
    wait_s = retry_after.of_sentence(message)
    if wait_s is not None:
        wait_s = min(wait_s, retry_after.LONGEST_S)
    named = _REQUESTED.search(message)
    if named:
        dimension = Dimension(named["name"].lower())
        most, used = int(named["most"]), int(named["used"])
        reset = now + timedelta(seconds=UNNAMED_S[dimension] if wait_s is None else wait_s)
        is_odd = not 0 < most <= LARGEST
        return () if is_odd else (Mark(dimension, most, max(0, most - used), reset, now),)
    daily = _GEMINI.search(message)
    if daily:
        most_said = int(daily["most"]) if daily["most"] else 0
        reset = next_midnight(now, _PACIFIC_HOURS)
        return (Mark(Dimension.RPD, most_said or None, 0, reset, now),)
    if wait_s is None:
        return ()
    return (Mark(Dimension.RPM, None, 0, now + timedelta(seconds=wait_s), now),)


def _all(service: str, headers: Mapping[str, str]) -> Iterator[_Said]:
    """Every dimension that any dialect names."""
    yield from _anthropic(headers)
    yield from _six(service, headers)
    yield from _windowed(headers)
    yield from _by_size(headers)
    yield from _bare(service, headers)
    yield from _standard(headers)


def _anthropic(headers: Mapping[str, str]) -> Iterator[_Said]:
    words = {"requests": Dimension.RPM, "tokens": Dimension.TPM}
    if "anthropic-ratelimit-tokens-remaining" not in headers:
        words |= {"input-tokens": Dimension.TPM, "output-tokens": Dimension.TPM}
    for word, dimension in words.items():
        stem = f"anthropic-ratelimit-{word}-"
        yield _said(headers, dimension, f"{stem}limit", f"{stem}remaining", f"{stem}reset")


def _six(service: str, headers: Mapping[str, str]) -> Iterator[_Said]:
    """`x-ratelimit-limit-requests` and its five sisters; Azure adds two for refusals."""
    requests = Dimension.RPD if service == "groq" else Dimension.RPM
    for word, dimension in (("requests", requests), ("tokens", Dimension.TPM)):
        yield _said(
            headers,
            dimension,
            f"x-ratelimit-limit-{word}",
            f"x-ratelimit-remaining-{word}",
            f"x-ratelimit-reset-{word}",
            plain=dimension is Dimension.RPM,
        )


def _windowed(headers: Mapping[str, str]) -> Iterator[_Said]:
    """Cerebras, Mistral, SambaNova: the window stands in the name."""
    for word in ("requests", "req", "tokens"):
        for span in ("minute", "day"):
            dimension = Dimension(f"{word[0]}p{span[0]}")
            yield _said(
                headers,
                dimension,
                f"x-ratelimit-limit-{word}-{span}",
                f"x-ratelimit-remaining-{word}-{span}",
                f"x-ratelimit-reset-{word}-{span}",
            )


def _by_size(headers: Mapping[str, str]) -> Iterator[_Said]:
    """Mistral's older names, and Cohere's for trial keys (calls per minute, no reset)."""
    most = "x-ratelimitbysize-limit-minute"
    if most not in headers:
        most = "ratelimitbysize-limit"
    left = "x-ratelimitbysize-remaining-minute"
    if left not in headers:
        left = "ratelimitbysize-remaining"
    yield _said(headers, Dimension.TPM, most, left, "ratelimitbysize-reset")
    trial = "x-trial-endpoint-call-"
    yield _said(headers, Dimension.RPM, f"{trial}limit", f"{trial}remaining", "")


def _bare(service: str, headers: Mapping[str, str]) -> Iterator[_Said]:
    """`x-ratelimit-limit` alone: OpenRouter's reset is in epoch milliseconds; Together's figures
    are per second, so its limit says nothing about a minute."""
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    if service != "together":
        yield _said(headers, Dimension.RPM, *names, plain=True)
        return
    tokens = ("", "x-tokenlimit-remaining", "x-tokenlimit-reset")
    for dimension, three in ((Dimension.RPM, ("", *names[1:])), (Dimension.TPM, tokens)):
        yield _said(headers, dimension, *three, default_s=1.0)


def _standard(headers: Mapping[str, str]) -> Iterator[_Said]:
    """draft-ietf-httpapi-ratelimit-headers, both of its forms."""
    names = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
    yield _said(headers, Dimension.RPM, *names, plain=True)
    now = dict(_ITEM.findall(headers.get("ratelimit", "")))
    most = dict(_ITEM.findall(headers.get("ratelimit-policy", "")))
    if "r" in now:
        yield _Said(Dimension.RPM, most.get("q", ""), now["r"], now.get("t", ""), plain=True)


def _said(
    headers: Mapping[str, str],
    dimension: Dimension,
    most: str,
    left: str,
    reset: str,
    *,
    plain: bool = False,
    default_s: float | None = None,
) -> _Said:
    values = [headers.get(name, "") for name in (most, left, reset)]
    return _Said(dimension, values[0], values[1], values[2], plain, default_s)


def _mark(said: _Said, now: datetime, *, refused: bool) -> Mark | None:
    """A mark, or None when nothing that can be believed was said."""
    most, left = _figure(said.most) or None, _figure(said.left)
    reset_s = _seconds(said.reset, now)
    if most is not None and left is not None and left > most:
        return None
    if left == 0 and most is None and not reset_s and not refused:
        left = None  # Azure's way of saying that it does not know
    if most is None and left is None:
        return None
    dimension = said.dimension
    if said.plain and reset_s is not None and reset_s > MINUTE_S:
        dimension = Dimension.RPD
    if reset_s is None:
        reset_s = said.default_s or UNNAMED_S[dimension]
    return Mark(dimension, most, left, now + timedelta(seconds=reset_s), now)


def _is_scarcer(mark: Mark, than: Mark | None) -> bool:
    if than is None or than.left is None:
        return True
    return mark.left is not None and mark.left < than.left


def _waiting(headers: Mapping[str, str], now: datetime) -> dict[Dimension, Mark]:
    """A 429 that says how long, not of what: nothing is left until then."""
    wait_s = retry_after.of_headers(headers, now)
    if wait_s is None:
        azure = (f"x-rate-limit-reset-{word}" for word in ("tokens", "requests"))
        waits = [_seconds(headers.get(name, ""), now) for name in azure]
        wait_s = max((each for each in waits if each), default=None)
    if not wait_s:
        return {}
    mark = Mark(Dimension.RPM, None, 0, now + timedelta(seconds=wait_s), now)
    return {Dimension.RPM: mark}


def _figure(text: str) -> int | None:
    """A count that can be meant; None for anything else."""
    whole = re.split("[,;]", text, maxsplit=1)[0].strip().removesuffix(".0")
    if not whole.isascii() or not whole.isdigit() or len(whole) > len(str(LARGEST)):
        return None
    return int(whole) if int(whole) <= LARGEST else None


def _seconds(text: str, now: datetime) -> float | None:
    """Seconds until a reset, whether it is a duration, a date, or an epoch; None: not said."""
    text = text.strip()
    if not text:
        return None
    moment = _moment(text)
    seconds = retry_after.parse(text, now) if moment is None else (moment - now).total_seconds()
    is_odd = moment is None and text.isdecimal() and float(text) > FARTHEST_S
    if seconds is None or seconds > FARTHEST_S or is_odd:
        return None
    return max(seconds, 0.0)


def _moment(text: str) -> datetime | None:
    """An RFC 3339 time or an epoch in seconds or milliseconds, or None."""
    digits = text.removesuffix(".0")
    if digits.isascii() and digits.isdigit():
        number = int(digits)
        if number < _EPOCH_S or number > _EPOCH_MS * 10:
            return None
        return datetime.fromtimestamp(number / 1000 if number >= _EPOCH_MS else number, tz=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
