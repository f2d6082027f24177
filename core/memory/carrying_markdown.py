"""Memory to be read: one Markdown document, nothing of which can be imported again.

Records by category, the pinned first; summaries with their points; threads with their messages in
order. What was deleted is not in it. Headings are in English: it is a file, not a chat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from core.memory.carrying_choice import Choice
from core.memory.carrying_rows import Reader
from core.memory.summary_model import SummaryState

DAY = len("2026-01-31")
MINUTE = len("2026-01-31T12:00")


def written(reader: Reader, choice: Choice, made_at: datetime) -> Iterator[bytes]:
    """The document in pieces, UTF-8."""
    for piece in _pieces(reader, choice, made_at):
        yield piece.encode()


def _pieces(reader: Reader, choice: Choice, made_at: datetime) -> Iterator[str]:
    yield f"# Memory, {made_at:%Y-%m-%d %H:%M} UTC\n"
    threads = {row["id"]: row for row in choice.rows(reader, "threads") if _is_there(row)}
    talk: dict[str, list[str]] = {}
    for row in choice.rows(reader, "messages"):
        if _is_there(row):
            talk.setdefault(row["thread_id"], []).append(_message(row))
    yield from _records(reader, choice)
    yield from _summaries(reader, choice)
    for thread_id, lines in talk.items():
        name = (threads.get(thread_id) or {}).get("name") or "Thread without a name"
        yield f"\n## {_inline(name)}\n\n"
        yield from lines


def _records(reader: Reader, choice: Choice) -> Iterator[str]:
    sections: dict[str, list[tuple[bool, str]]] = {}
    for row in choice.rows(reader, "records"):
        if _is_there(row):
            sections.setdefault(row["category"], []).append((not row["is_pinned"], _record(row)))
    for category in sorted(sections):
        yield f"\n## {category.capitalize()}\n\n"
        yield from (line for _, line in sorted(sections[category]))


def _summaries(reader: Reader, choice: Choice) -> Iterator[str]:
    rows = [row for row in choice.rows(reader, "summaries") if _is_there(row)]
    kept = [row for row in rows if SummaryState(row["state"]).has_taken_over]
    if kept:
        yield "\n## Summaries\n"
    for row in kept:
        span = f"{row['since'][:DAY]} to {row['until'][:DAY]}"
        yield f"\n### {row['category'].capitalize()}, {span}, {row['original_count']} items\n\n"
        yield f"{row['text'].strip()}\n"
        yield from (f"- {_indented(point['text'])}\n" for point in row["points"])


def _record(row: Mapping[str, Any]) -> str:
    marks = [
        each for each, is_so in (("pinned", row["is_pinned"]), ("private", _private(row))) if is_so
    ]
    more = f" ({', '.join(marks)})" if marks else ""
    return f"- {row['happened_at'][:DAY]}{more}: {_indented(row['text'])}\n"


def _message(row: Mapping[str, Any]) -> str:
    when = row["created_at"][:MINUTE].replace("T", " ")
    more = " (private)" if _private(row) else ""
    return f"**{row['role'].capitalize()}**, {when}{more}\n\n> {_indented(row['text'], '> ')}\n\n"


def _indented(text: str, prefix: str = "  ") -> str:
    """A text of several lines inside a list or a quote."""
    return text.strip().replace("\n", f"\n{prefix}")


def _inline(text: str) -> str:
    return " ".join(text.split())


def _is_there(row: Mapping[str, Any]) -> bool:
    return row["deleted_at"] is None


def _private(row: Mapping[str, Any]) -> bool:
    return bool(row["label"] != "open")
