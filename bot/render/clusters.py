"""Where a reader sees one sign: grapheme clusters (Unicode Annex 29, with Bengali conjuncts)."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any


@functools.cache
def _cluster() -> Any:
    import regex

    return regex.compile(r"\X")


def clusters(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Each cluster from `start` on, with the index after it."""
    for match in _cluster().finditer(text, pos=start):
        yield match.end(), match[0]


def is_alone(text: str, at: int) -> bool:
    """Whether the character at `at` is a cluster by itself: no mark or joiner hangs on it."""
    return bool(_cluster().match(text, pos=at).end() == at + 1)
