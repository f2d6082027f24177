"""Doses and verdicts: how much a proof does, and what it found."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: Kills of each process at the full dose.
FULL_KILLS = 60


@dataclass(frozen=True)
class Dose:
    """`share` of the full figures; `kills` of each process."""

    share: float = 1.0
    kills: int = FULL_KILLS

    def of(self, full: float, *, least: float = 1.0) -> int:
        """That part of a full figure."""
        return round(max(least, full * self.share))


def dose(text: str) -> Dose:
    """`0.1` is a tenth of everything; a whole number from 2 on is that many kills of each."""
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("a dose is a share such as 0.1, or a number of kills")
    if number >= 2 and number.is_integer():
        return Dose(1.0, int(number))
    return Dose(min(number, 1.0), max(1, round(FULL_KILLS * number)))


@dataclass
class Verdict:
    """What a proof found. `broken` holds a sentence per breach; empty means that the law held."""

    name: str
    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Print a line of figures now, and keep it."""
        self.lines.append(line)
        print(f"  {line}", flush=True)

    def expect(self, holds: object, sentence: str) -> None:
        """Note a breach unless `holds`."""
        if not holds:
            self.broken.append(sentence)
            print(f"  BROKEN: {sentence}", flush=True)


def table(rows: Sequence[Sequence[object]]) -> Iterable[str]:
    """Rows as aligned lines; the first is the heading."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in texts) for at in range(len(texts[0]))]
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
