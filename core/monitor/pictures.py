"""Plots as PNG: what was spent, and how every model did in a check.

Labels are numbers, names and units only, in ASCII: words in the owner's language stand in the
caption. matplotlib is imported when something is drawn, so only the worker that draws pays for it;
nothing here touches its global state, so threads may draw at once.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Inches and dots per inch: 1280 pixels wide, as Telegram shows pictures best.
WIDTH, DPI = 8.0, 160
#: Inches of one bar's row, and of what stands around the rows.
ROW, AROUND = 0.34, 1.5
#: Bars in one picture; the rest is in the text.
MOST_BARS = 50
MOST_NAME = 34
GOOD, BAD, BLUE, GREY = "#2e9e5b", "#d64545", "#3b78c2", "#8a8f98"
USD = 1_000_000


@dataclass(frozen=True)
class Bar:
    """One model in a check: how long it took, and in a word what went wrong, if anything did."""

    name: str
    took_ms: int = 0
    failure: str = ""


def costs(
    days: Sequence[tuple[date, int]],
    models: Sequence[tuple[str, int]],
    limit_micros: int | None = None,
) -> bytes:
    """Micro-dollars by day, with the day's budget as a line, and by model."""
    shown = [each for each in models if each[1] > 0][:MOST_BARS] or list(models)[:1]
    figure = _figure(3.4 + AROUND + ROW * max(1, len(shown)))
    rows = figure.subplots(2, 1, height_ratios=[3.4, 0.6 + ROW * max(1, len(shown))])
    by_day, by_model = rows
    by_day.bar(range(len(days)), [micros / USD for _, micros in days], color=BLUE)
    step = max(1, len(days) // 8)
    by_day.set_xticks(
        range(0, len(days), step), [f"{when:%d.%m}" for when, _ in days[::step]], fontsize=8
    )
    if limit_micros:
        by_day.axhline(limit_micros / USD, color=BAD, linewidth=1, linestyle="--")
    by_day.set_ylabel("USD / day")
    _plain(by_day)
    names = [_name(name) for name, _ in shown]
    amounts = [micros / USD for _, micros in shown]
    bars = by_model.barh(range(len(names)), amounts, color=BLUE)
    by_model.bar_label(bars, [f"{amount:.4f}" for amount in amounts], padding=3, fontsize=8)
    by_model.set_yticks(range(len(names)), names, fontsize=8)
    by_model.invert_yaxis()
    by_model.set_xlabel("USD")
    by_model.margins(x=0.18)
    _plain(by_model)
    return _png(figure)


def checks(bars: Sequence[Bar]) -> bytes:
    """Seconds by model, the fastest first; what failed has no bar but its reason."""
    ordered = sorted(bars, key=lambda each: (bool(each.failure), each.took_ms, each.name))
    shown = ordered[:MOST_BARS]
    figure = _figure(AROUND + ROW * max(1, len(shown)))
    axes = figure.subplots()
    seconds = [0.0 if each.failure else each.took_ms / 1000 for each in shown]
    drawn = axes.barh(
        range(len(shown)), seconds, color=[BAD if each.failure else GOOD for each in shown]
    )
    words = [
        f"x {_name(each.failure)}" if each.failure else f"{took:.2f} s"
        for each, took in zip(shown, seconds, strict=True)
    ]
    for text, each in zip(axes.bar_label(drawn, words, padding=3, fontsize=8), shown, strict=True):
        text.set_color(BAD if each.failure else GREY)
    axes.set_yticks(range(len(shown)), [_name(each.name) for each in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, max(1.0, *seconds) * 1.25 if seconds else 1.0)
    axes.set_xlabel("s")
    well = sum(not each.failure for each in bars)
    axes.set_title(f"{well}/{len(bars)}", fontsize=11)
    _plain(axes)
    return _png(figure)


def _figure(height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _name(text: str) -> str:
    """ASCII, short, and no sign that starts a formula: other scripts are not shaped here."""
    safe = text.encode("ascii", "replace").decode().replace("$", "?")
    return safe if len(safe) <= MOST_NAME else f"{safe[: MOST_NAME - 1]}~"


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
