"""Several rankings as one, by reciprocal ranks; pure.

Scores of different sources do not compare; ranks do (Cormack, Clarke, Buettcher 2009, whose 60 is
the constant). Equal sums keep the order of the first ranking that has them.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.memory.search_model import Ranked

#: How little the first places differ from the next.
SMOOTH = 60


def fused(rankings: Sequence[Ranked], most: int) -> tuple[tuple[int, float], ...]:
    """Rows with their fused scores, best first."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, seq in enumerate(ranking.seqs, 1):
            scores[seq] = scores.get(seq, 0.0) + ranking.weight / (SMOOTH + place)
    return tuple(sorted(scores.items(), key=lambda each: -each[1])[:most])
