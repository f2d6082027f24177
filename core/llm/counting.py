"""How each provider counts tokens, beside our own upper estimates: learned from whole answers.

A call that was cut off was billed, and nobody says how much: what was heard of it is estimated, and
the estimate corrected by what this endpoint has counted of calls that it answered. In this
process's memory; an endpoint that has counted nothing yet is believed to count as we do.
Reservations keep the upper estimate.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from core.llm.model import Usage

#: What is left of older calls' weight at each new one: some fifty of them speak.
KEPT = 0.98


@dataclass(frozen=True)
class _Sums:
    """Tokens, ours and theirs, of the last calls."""

    our_prompt: float = 0.0
    their_prompt: float = 0.0
    our_completion: float = 0.0
    their_completion: float = 0.0


class Counting:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[str, _Sums] = {}

    def learn(self, name: str, ours: Usage, theirs: Usage) -> None:
        """A whole answer of this endpoint: our estimate, and the provider's own count."""
        with self._lock:
            before = self._sums.get(name, _Sums())
            self._sums[name] = _Sums(
                KEPT * before.our_prompt + ours.prompt,
                KEPT * before.their_prompt + theirs.prompt,
                KEPT * before.our_completion + ours.completion,
                KEPT * before.their_completion + theirs.completion,
            )

    def likely(self, name: str, ours: Usage) -> Usage:
        """What this endpoint would count for such an estimate."""
        sums = self._sums.get(name)
        if sums is None or ours.is_exact:
            return ours
        return Usage(
            _scaled(ours.prompt, sums.our_prompt, sums.their_prompt),
            _scaled(ours.completion, sums.our_completion, sums.their_completion),
            is_exact=False,
        )


def _scaled(tokens: int, ours: float, theirs: float) -> int:
    return round(tokens * theirs / ours) if ours and theirs else tokens
