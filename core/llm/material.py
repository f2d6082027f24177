"""What of memory is in a prompt, for /why: ids and reasons, never words; and the marks around the
words themselves. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.runs.model import Label


@dataclass(frozen=True)
class Material:
    """One thing remembered that a prompt holds. `kind` and `reason` are those of
    `core.memory.context_model.ContextItem`; `at` is ISO 8601."""

    kind: str
    id: str
    reason: str
    at: str | None = None
    label: Label = Label.OPEN


#: What a prompt holds of memory stands between these, and cannot close them itself.
OPEN, CLOSE = "<memory>", "</memory>"
_MARKS = re.compile(r"<(?=\s*/?\s*memory)", re.IGNORECASE)
_BLOCK = re.compile(rf"\A{OPEN}\n(.*?)\n{CLOSE}\n*", re.DOTALL)


def framed(lines: str) -> str:
    """Lines of memory between the marks; what looks like one in them loses its bracket."""
    return f"{OPEN}\n{_MARKS.sub('(', lines)}\n{CLOSE}\n\n"


def unframed(content: str) -> tuple[str, str]:
    """The lines of memory that a message begins with, and the message itself."""
    block = _BLOCK.match(content)
    return (block[1], content[block.end() :]) if block else ("", content)
