"""What the laboratory keeps: every call, what it is billed at, and every byte that was received.

Lives on the server's loop, so needs no lock. Money is kept in millionths of a micro-dollar and
rounded once, in `bill`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class LabCall:
    """One chat that arrived. `ended`: `open`, `done`, `refused`, `broken` (by us in the middle),
    `aborted` (the caller went away). `is_early`: it came in a cool-down that the caller knew of."""

    endpoint: str
    number: int  # at its endpoint, from 1
    key: str
    model: str
    at: float  # unix seconds
    is_stream: bool = True
    has_tools: bool = False
    ended: str = "open"
    status: int = 0
    trouble: str | None = None
    prompt: int = 0  # tokens that are billed
    completion: int = 0
    cost: int = 0  # millionths of a micro-dollar
    pieces: int = 0
    was_cut: bool = False  # the prompt was over the context, and lost its beginning
    is_early: bool = False
    told_s: float | None = None  # the wait that its refusal named
    took_s: float = 0.0


class Books:
    """Calls, bill and bytes of one laboratory."""

    def __init__(self) -> None:
        self.calls: list[LabCall] = []
        self._heard: dict[str, list[bytearray]] = defaultdict(list)

    def ear(self, endpoint: str) -> bytearray:
        """Where one connection's bytes go."""
        found = bytearray()
        self._heard[endpoint].append(found)
        return found

    def heard(self, endpoint: str) -> bytes:
        """Everything that an endpoint received, connection after connection."""
        return b"".join(self._heard.get(endpoint, ()))

    def find(self, pattern: str) -> dict[str, list[str]]:
        """What fits a pattern in the received bytes, by endpoint, each once, sorted."""
        fitting = re.compile(pattern.encode())
        found: dict[str, list[str]] = {}
        for endpoint, ears in self._heard.items():
            hits = {match for ear in ears for match in fitting.findall(bytes(ear))}
            if hits:
                found[endpoint] = sorted(hit.decode("utf-8", "replace") for hit in hits)
        return found

    def bill(self) -> list[dict[str, Any]]:
        """A line per endpoint and key: calls, answers, tokens, whole micro-dollars."""
        lines: dict[tuple[str, str], list[LabCall]] = defaultdict(list)
        for call in self.calls:
            lines[call.endpoint, call.key].append(call)
        return [_line(endpoint, key, calls) for (endpoint, key), calls in sorted(lines.items())]

    def log(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Every call so far, oldest first."""
        return [asdict(call) for call in self.calls if endpoint in {None, call.endpoint}]

    def clear(self) -> None:
        """Forget calls and bytes; connections that are open write on."""
        self.calls.clear()
        for ears in self._heard.values():
            for ear in ears:
                ear.clear()


def _line(endpoint: str, key: str, calls: Iterable[LabCall]) -> dict[str, Any]:
    calls = list(calls)
    return {
        "endpoint": endpoint,
        "key": key,
        "calls": len(calls),
        "answered": sum(call.ended == "done" for call in calls),
        "prompt": sum(call.prompt for call in calls),
        "completion": sum(call.completion for call in calls),
        "micros": -(-sum(call.cost for call in calls) // 1_000_000),
    }
