"""Live text while a model writes: one plain frame, at most one message long.

A frame never needs entities, so a half-written `**` breaks nothing. As the text grows each frame
begins with the one before it, until it outgrows a message; from then on the tail is shown, and its
start moves only every thousand units, so that the words do not jump about.
"""

from __future__ import annotations

import re

from bot.render.split import MESSAGE_UNITS, split
from bot.render.writer import units, whole

#: The start of a long frame moves in strides of this many UTF-16 units.
STRIDE = 1000
CUT = "…\n"

_HEADING = re.compile(r"#{1,6} +")
_UNFINISHED_HEADING = re.compile(r"#{1,6} *$")
_TRAILING_STARS = re.compile(r"\*+$")


def frame(text: str, limit: int = MESSAGE_UNITS) -> str:
    """What the draft shows for the text so far; may be empty."""
    shown = _lightened(whole(text)).strip()
    if units(shown) <= limit:
        return shown
    return _tail(shown, limit)


def _tail(shown: str, limit: int) -> str:
    room = limit - units(CUT)
    skipped = units(shown) - room
    skipped += -skipped % STRIDE
    head = 0
    for part in split(shown, limit=STRIDE, most_entities=0):
        if skipped <= 0:
            break
        head += len(part.text)
        skipped -= units(part.text)
    return CUT + shown[head:].lstrip()


def _lightened(text: str) -> str:
    """Without heading marks and `**`, outside code; an unfinished mark at the end waits."""
    lines, in_fence = [], False
    for line in text.split("\n"):
        is_fence = line.lstrip().startswith("```")
        lines.append(line if in_fence or is_fence else _light_line(line))
        in_fence ^= is_fence
    if not in_fence and not is_fence:
        lines[-1] = _without_unfinished(line)
    return "\n".join(lines)


def _light_line(line: str) -> str:
    heading = _HEADING.match(line)
    spans = line[heading.end() if heading else 0 :].split("`")
    spans[::2] = [span.replace("**", "") for span in spans[::2]]
    return "`".join(spans)


def _without_unfinished(line: str) -> str:
    if _UNFINISHED_HEADING.match(line):
        return ""
    if line.count("`") % 2 == 0:
        line = _TRAILING_STARS.sub("", line)
    return _light_line(line)
