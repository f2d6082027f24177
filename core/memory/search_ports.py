"""What searching needs of a dialect: words into its index and out of it, and texts by words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.db import Transaction


@dataclass(frozen=True)
class Match:
    """Texts with a word of every group, and with every phrase. All in the normal form."""

    groups: tuple[tuple[str, ...], ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """Which rows of the index may be found besides their words. `among`: the rows themselves,
    where they are few; otherwise `condition`, of columns of `search_items` with a `?` for each of
    `values`, is asked of each match. `is_open`: all that is not private. Empty: all."""

    condition: str = ""
    values: tuple[object, ...] = ()
    among: frozenset[int] | None = None
    is_open: bool = False


class Words(Protocol):
    """The words of texts in one dialect's index. `words` are a text's, in their order."""

    def add(self, tx: Transaction, seq: int, words: Sequence[str]) -> None: ...

    def remove(self, tx: Transaction, seq: int, words: Sequence[str]) -> None:
        """`words` are exactly those that were added: SQLite cannot find them otherwise."""

    def clear(self, tx: Transaction) -> None:
        """Everything out, in one go."""

    def matching(self, tx: Transaction, match: Match, chosen: Chosen, most: int) -> list[int]:
        """The newest rows that match, newest first."""

    def of_stems(
        self, tx: Transaction, stems: Collection[str], most: int
    ) -> Mapping[str, tuple[str, ...]]:
        """Known words by their stem, the shortest first; stems without any are missing."""

    def beginning(self, tx: Transaction, start: str, most: int) -> list[str]:
        """Known words that begin so, the shortest first."""

    def sharing(self, tx: Transaction, word: str, least: int, most: int) -> list[str]:
        """Known words with at least `least` of the trigrams of `word`, those with the greatest
        share first."""

    def check(self, tx: Transaction) -> tuple[str, ...]:
        """What is wrong with the index in itself."""

    def rows_of(self, tx: Transaction, seq: int, words: Sequence[str]) -> bool:
        """Is every one of these words indexed for that row?"""

    def sizes(self, tx: Transaction) -> dict[str, int]:
        """Bytes of each of its parts."""


#: The words of the dialect of a transaction.
WordsOf = Callable[[Transaction], Words]


def trigrams(word: str) -> tuple[str, ...]:
    """Those of a word with its borders: ` in`, `ins`, ..., `ce `; each once."""
    padded = f" {word} "
    return tuple(dict.fromkeys(padded[at : at + 3] for at in range(len(padded) - 2)))
