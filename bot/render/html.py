"""Small builders for our own HTML templates. Every value goes through `esc`.

Only templates written here use HTML; model text enters them escaped and quoted, never as markup.
"""

from __future__ import annotations

import html
import re
from datetime import datetime

from bot.render.clusters import clusters

#: Keep a left-to-right name (path, id, command) from turning the words around it.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"

_TAG = re.compile(r"<[^<>]*>")
_BARS = ("▓", "░")


def esc(value: object) -> str:
    """Safe inside a template and inside a double-quoted attribute."""
    return html.escape(str(value), quote=True)


def clip(text: str, most: int) -> str:
    """At most `most` characters on one line, cut between grapheme clusters, with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    kept = ""
    for _, cluster in clusters(line[: most * 4]):
        if len(kept) + len(cluster) >= most:
            break
        kept += cluster
    return kept.rstrip() + "…"


def b(value: object) -> str:
    return f"<b>{esc(value)}</b>"


def i(value: object) -> str:
    return f"<i>{esc(value)}</i>"


def code(value: object) -> str:
    """A name or id, in monospace, with a direction of its own."""
    return f"{FIRST_STRONG_ISOLATE}<code>{esc(value)}</code>{POP_ISOLATE}"


def quote(value: object, *, expandable: bool = False) -> str:
    """Words that are not ours: of a model, a tool, or the owner."""
    return f"<blockquote{' expandable' if expandable else ''}>{esc(value)}</blockquote>"


def moment(when: datetime, shown: str, style: str = "r") -> str:
    """A time that the phone writes itself (`r`: "5 minutes ago"); `shown` where it cannot."""
    return f'<tg-time unix="{int(when.timestamp())}" format="{esc(style)}">{esc(shown)}</tg-time>'


def bar(done: float, width: int = 8) -> str:
    """A share between 0 and 1 as a bar."""
    full = round(min(max(done, 0.0), 1.0) * width)
    return _BARS[0] * full + _BARS[1] * (width - full)


def strip(template: str) -> str:
    """The words of one of our templates, without its tags."""
    return html.unescape(_TAG.sub("", template))
