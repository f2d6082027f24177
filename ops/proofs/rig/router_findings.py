"""What a laboratory's calls tell about whoever made them. Pure: calls in, breaches out."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.emulator.models.lab_script import Fake

#: Private prompts carry one each; only machines of the owner's may ever receive it.
CANARY = "canary-[0-9a-f]{12}"
#: Nobody comes back sooner than this after a failure that named no wait, seconds.
LEAST_PAUSE_S = 2.0
#: Calls that were under way when the failure became known, seconds.
GRACE_S = 1.2
#: A healthy endpoint gets at least this part of what its equals get, by the size of its quota.
FAIR_SHARE = 0.25
#: Where equals got fewer than this each on average, nothing is said about shares.
LEAST_CALLS = 4
_FAILING = frozenset({429, 498, 500, 503, 529})
_KEY_REFUSED = 401

Call = Mapping[str, Any]


@dataclass(frozen=True)
class Findings:
    """Breaches, each with the endpoint or the canary that shows it."""

    calls: int
    leaked: tuple[str, ...]  # canaries at endpoints that are not the owner's
    kept: int  # canaries at the owner's endpoints: the look itself works
    early: int  # calls in a cool-down that the provider had named
    hurried: int  # calls right after a failure that named no wait
    after_refusal: int  # calls with a key that had been refused
    starved: tuple[str, ...]  # healthy endpoints that got far less than their equals
    tried: Counter[str] = field(default_factory=Counter)


def look(
    calls: Sequence[Call], heard: Mapping[str, Sequence[str]], fakes: Mapping[str, Fake]
) -> Findings:
    """Judge what the laboratory kept; `heard` is `Lab.find(CANARY)`."""
    leaked = {
        canary for name, found in heard.items() if not fakes[name].is_mine for canary in found
    }
    kept = {canary for name, found in heard.items() if fakes[name].is_mine for canary in found}
    return Findings(
        calls=len(calls),
        leaked=tuple(sorted(leaked)),
        kept=len(kept),
        early=sum(bool(call["is_early"]) for call in calls),
        hurried=sum(map(_hurried, _by_endpoint(calls, fakes).values())),
        after_refusal=sum(map(_after_refusal, _by_endpoint(calls, fakes).values())),
        starved=tuple(_starved(calls, fakes)),
        tried=Counter(call["endpoint"] for call in calls),
    )


def unreserved(calls: Sequence[Call], reserved: Mapping[str, Sequence[float]]) -> int:
    """Calls that arrived before as many had been reserved at their endpoint."""
    seen: Counter[str] = Counter()
    many = 0
    for call in sorted(calls, key=lambda each: each["at"]):
        name = call["endpoint"]
        seen[name] += 1
        many += bisect_right(reserved.get(name, ()), call["at"]) < seen[name]
    return many


def _by_endpoint(calls: Iterable[Call], fakes: Mapping[str, Fake]) -> dict[str, list[Call]]:
    """Of endpoints that are not the owner's: those are asked again at once."""
    found: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if not fakes[call["endpoint"]].is_mine:
            found[call["endpoint"]].append(call)
    return found


def _hurried(calls: Sequence[Call]) -> int:
    many, failed_at = 0, -LEAST_PAUSE_S
    for call in calls:
        since_s = call["at"] - failed_at
        many += GRACE_S < since_s < LEAST_PAUSE_S
        is_silent = call["status"] in _FAILING and call["told_s"] is None
        if is_silent and since_s >= LEAST_PAUSE_S:
            failed_at = call["at"]
    return many


def _after_refusal(calls: Sequence[Call]) -> int:
    refused = [call["at"] for call in calls if call["status"] == _KEY_REFUSED]
    if not refused:
        return 0
    return sum(call["at"] > min(refused) + GRACE_S for call in calls)


def _starved(calls: Iterable[Call], fakes: Mapping[str, Fake]) -> Iterable[str]:
    """Equals are healthy and cost the same; a larger quota is expected to get more."""
    got = Counter(call["endpoint"] for call in calls)
    classes: dict[tuple[int, int], list[Fake]] = defaultdict(list)
    for fake in fakes.values():
        if not fake.troubles and not fake.at and not fake.is_mine:
            classes[fake.prompt_price, fake.completion_price].append(fake)
    for equals in classes.values():
        whole = sum(_size(fake) for fake in equals)
        mean = sum(got[fake.name] for fake in equals)
        if mean < LEAST_CALLS * len(equals):
            continue
        for fake in equals:
            if got[fake.name] < FAIR_SHARE * mean * _size(fake) / whole:
                yield fake.name


def _size(fake: Fake) -> int:
    return fake.quota.rpm or 1000
