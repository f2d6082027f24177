"""What a command printed, for a card: readable, harmless, and honest about what is left out.

Output is not ours: it enters a card escaped, inside a quote, without the sequences that colour or
move the cursor of a terminal; other control and direction characters are shown by number. The end
of an output says more than its beginning, so that is what a card keeps.
"""

from __future__ import annotations

import re
import unicodedata

from bot.render.cards.approval_spelling import escaped
from bot.render.clusters import clusters
from bot.render.html import esc, i
from bot.render.model import Translator
from bot.render.writer import units, whole

#: UTF-16 units of an output that a card shows; a longer one comes as a file, too.
MOST_SHOWN = 1200
#: Lines of an output that is still growing; a folded quote would hide the newest.
LIVE_LINES = 8

_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n|$)")
#: Joiners are part of Bengali and Arabic words.
_JOINERS = frozenset("\u200c\u200d")


def readable(text: str, *, is_whole: bool = False) -> str:
    """The output as a person reads it; lines stay lines. Of a progress bar its last state, but in
    a whole output every state is a line."""
    plain = _TERMINAL.sub("", text).replace("\r\n", "\n")
    plain = plain.replace("\r", "\n") if is_whole else _OVERWRITTEN.sub("", plain)
    return "".join(letter if _is_harmless(letter) else escaped(letter) for letter in whole(plain))


def _is_harmless(letter: str) -> bool:
    if letter in "\n\t" or letter in _JOINERS:
        return True
    return unicodedata.category(letter) not in {"Cc", "Cf", "Zl", "Zp", "Co", "Cn"}


def quoted(t: Translator, text: str, most: int = MOST_SHOWN) -> list[str]:
    """The end of an output in an expandable quote, under a line that says how much is missing;
    nothing for an output without a visible character."""
    shown = readable(text).strip("\n").rstrip()
    if not shown.strip():
        return []
    kept = tail(shown, most)
    left = len(shown) - len(kept)
    lines = [i(t("approval-output-cut", count=left))] if left else []
    return [*lines, f"<blockquote expandable>{esc(kept)}</blockquote>"]


def newest(t: Translator, text: str, most: int = MOST_SHOWN) -> list[str]:
    """The last lines of what is still being printed, all of them to be seen."""
    kept = tail(readable(text).strip("\n").rstrip(), most)
    if not kept.strip():
        return []
    lines = kept.split("\n")[-LIVE_LINES:]
    return [i(t("approval-live")), f"<blockquote>{esc(chr(10).join(lines))}</blockquote>"]


def tail(text: str, most: int) -> str:
    """The end of `text` in at most `most` UTF-16 units; whole lines if that costs little."""
    if units(text) <= most:
        return text
    rough = text[-most:]
    for end, _ in clusters(rough):
        if units(rough[end:]) <= most:
            rough = rough[end:]
            break
    line = rough.find("\n")
    return rough[line + 1 :] if 0 <= line < len(rough) // 2 else rough


def is_cut(text: str, most: int = MOST_SHOWN) -> bool:
    """Does a card show less than all of it?"""
    return units(readable(text).strip("\n").rstrip()) > most
