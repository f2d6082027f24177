"""Tables on a phone: aligned in monospace when narrow and Latin, otherwise groups of bullets.

Bengali and Arabic letters do not align in monospace, and a wide table wraps into noise. Every
cell and every header appears at least once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.render.writer import Writer

if TYPE_CHECKING:
    from markdown_it.token import Token

MOST_COLUMNS = 3
#: Monospace characters that fit on one line of a small phone.
MOST_WIDTH = 36
#: Letters up to here, and a few signs, have one width in the phone's monospace font.
LAST_LATIN = "\u024f"
ALIGNED_SIGNS = frozenset("–—‘’“”•…€")
#: Inline tokens that monospace would have to drop.
_RICH = frozenset({"link_open", "image"})

Write = Callable[["Token"], None]


@dataclass(frozen=True)
class Table:
    """Inline tokens of the header's cells and of each row's."""

    header: list[Token]
    rows: list[list[Token]]


def read(tokens: list[Token]) -> Table:
    """The table between `table_open` and `table_close`."""
    lines: list[list[Token]] = []
    for token in tokens:
        if token.type == "tr_open":
            lines.append([])
        elif token.type == "inline":
            lines[-1].append(token)
    return Table(lines[0], lines[1:])


def plain(cell: Token) -> str:
    """A cell's words, without its formatting."""
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in cell.children or []
    )


def write(table: Table, out: Writer, inline: Write, indent: str) -> None:
    """Write the table; `inline` writes one cell with its formatting."""
    lines = [[plain(cell) for cell in row] for row in [table.header, *table.rows]]
    if _is_narrow(table, lines):
        out.solid("pre", _aligned(lines))
    else:
        _bullets(table, out, inline, indent)


def _is_narrow(table: Table, lines: list[list[str]]) -> bool:
    if any(len(row) > MOST_COLUMNS for row in lines) or len(table.header) == 1:
        return False
    cells = [cell for row in [table.header, *table.rows] for cell in row]
    if any(child.type in _RICH for cell in cells for child in cell.children or []):
        return False
    if not all(_is_aligned(cell) for row in lines for cell in row):
        return False
    return sum(_widths(lines)) + 3 * (len(table.header) - 1) <= MOST_WIDTH


def _is_aligned(text: str) -> bool:
    return all(letter <= LAST_LATIN or letter in ALIGNED_SIGNS for letter in text)


def _widths(lines: list[list[str]]) -> list[int]:
    columns = max(len(row) for row in lines)
    return [max(len(row[i]) for row in lines if i < len(row)) for i in range(columns)]


def _aligned(lines: list[list[str]]) -> str:
    widths = _widths(lines)
    rows = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in lines
    ]
    rows.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(rows)


def _bullets(table: Table, out: Writer, inline: Write, indent: str) -> None:
    """The first header, then per row `• title — key: value`; long rows have a line per key."""
    _heading(table, out, inline)
    is_long = len(table.header) > MOST_COLUMNS - 1
    for number, row in enumerate(table.rows):
        if number or plain(table.header[0]) or not any(plain(cell) for cell in table.header):
            out.write("\n" + indent)
        out.write("• ")
        out.open("bold")
        inline(row[0])
        out.close()
        first = True
        for index, cell in enumerate(row[1:], start=1):
            if _is_empty(cell):
                continue
            out.write(f"\n{indent}   " if is_long else (" — " if first else " · "))
            first = False
            if index < len(table.header) and plain(table.header[index]):
                inline(table.header[index])
                out.write(": ")
            inline(cell)


def _is_empty(cell: Token) -> bool:
    return not plain(cell) and not cell.children


def _heading(table: Table, out: Writer, inline: Write) -> None:
    """The first header, whose name the bullets do not repeat, and those that no row fills."""
    filled = {at for row in table.rows for at, cell in enumerate(row) if not _is_empty(cell)}
    rest = [cell for at, cell in enumerate(table.header) if at and at not in filled]
    shown = [*table.header[:1], *(cell for cell in rest if not _is_empty(cell))]
    out.open("bold")
    for number, cell in enumerate(shown):
        if number:
            out.write(" · ")
        inline(cell)
    out.close()
    if table.rows and plain(table.header[0]):
        out.write(":")
