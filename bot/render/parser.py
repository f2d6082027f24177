"""The Markdown parser: CommonMark with tables and strikethrough, changed so that nothing is lost.

Differences from the standard, each because a reader would otherwise miss characters:
cells beyond a table's header are kept; containers nested deeper than `DEEPEST` become plain text
(the library drops them); link definitions, `<https://...>`, `&lt;` and HTML tags stay as typed;
mathematics and bare addresses are text in which `_`, `*` and backslashes mean nothing.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

#: Block nesting at which the rest is taken as text; a list counts twice.
DEEPEST = 24
#: What the parser leaves as typed.
AS_TYPED = ("reference", "autolink", "entity", "html_inline", "html_block")

_SCHEME = re.compile(r"https?$", re.IGNORECASE)
_ADDRESS = re.compile(r"://[^\s<>\[\]\\`*|\"']+")
_DOLLARS = re.compile(r"\$\$.+?\$\$|\$(?!\s)[^$\n]*?(?<!\s)\$(?!\d)", re.DOTALL)
_BRACKETS = re.compile(r"\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL)


@functools.cache
def parser() -> MarkdownIt:
    """The one parser of this process; it keeps no state between texts."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("default", {"html": False, "linkify": False, "typographer": False})
    parser.options["maxNesting"] = 3 * DEEPEST
    parser.disable(list(AS_TYPED))
    parser.validateLink = _is_shown_as_link  # type: ignore[method-assign]
    parser.normalizeLink = _as_written  # type: ignore[method-assign]
    parser.block.ruler.before("table", "deepest", _deepest)
    parser.block.ruler.before("table", "display_math", _display_math, {"alt": ["paragraph"]})
    parser.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.before("escape", "math", _math)
    parser.inline.ruler.after("text", "address", _address)
    return parser


def _is_shown_as_link(url: str) -> bool:
    return not re.match(r"\s*(?:javascript|vbscript|file|data):", url, re.IGNORECASE)


def _as_written(url: str) -> str:
    return url.strip().replace(" ", "%20")


def _paragraph(state: StateBlock, first: int, after: int, content: str) -> Token:
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [first, after]
    inline = state.push("inline", "", 0)
    inline.map, inline.content, inline.children = [first, after], content, []
    state.push("paragraph_close", "p", -1)
    state.line = after
    return inline


def _deepest(state: StateBlock, first: int, end: int, _silent: bool) -> bool:
    if state.level < DEEPEST:
        return False
    after = first + 1
    while after < end and (state.isEmpty(after) or state.sCount[after] >= state.blkIndent):
        after += 1
    _paragraph(state, first, after, state.getLines(first, after, state.blkIndent, False).strip())
    return True


def _display_math(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A formula on its own lines, `$$` to `$$` or `\\[` to `\\]`, is a paragraph of plain text."""
    start = state.bMarks[first] + state.tShift[first]
    opening = state.src[start : start + 2]
    closing = {"$$": "$$", "\\[": "\\]"}.get(opening)
    if closing is None or state.is_code_block(first):
        return False
    after, scan = first, start + 2
    while after < end and state.sCount[after] >= state.blkIndent and not state.isEmpty(after):
        begin = max(scan, state.bMarks[after] + state.tShift[after])
        line = state.src[begin : state.eMarks[after]].rstrip()
        after += 1
        if line.endswith(closing):
            if not silent:
                content = state.getLines(first, after, state.blkIndent, False).strip()
                _paragraph(state, first, after, content)
            return True
        if closing in line:
            return False
    return False


def _whole_table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """The library's table rule, plus the cells it drops: those beyond the header's columns."""
    from markdown_it.rules_block.table import getLine, table

    if not _may_be_delimiters(state, first + 1, end):
        return False
    known = len(state.tokens)
    if not table(state, first, end, silent):
        return False
    if silent:
        return True
    rows = state.tokens[known:]
    columns = sum(token.type == "th_open" for token in rows)
    del state.tokens[known:]
    for token in rows:
        if token.type == "tr_open" and token.map:
            line = token.map[0]
        if token.type == "tr_close":
            state.level += 3
            for cell in _cells(getLine(state, line))[columns:]:
                _extra_cell(state, cell, line)
            state.level -= 3
        state.tokens.append(token)
    return True


def _may_be_delimiters(state: StateBlock, line: int, end: int) -> bool:
    """A look at one character, which spares the library's rule most paragraphs."""
    start = state.bMarks[line] + state.tShift[line] if line < end else 0
    return line < end and state.src[start : start + 1] in "|-:"


def _cells(line: str) -> list[str]:
    from markdown_it.rules_block.table import escapedSplit

    cells = escapedSplit(line.strip())
    if cells and cells[0] == "":
        cells.pop(0)
    if cells and cells[-1] == "":
        cells.pop()
    return [cell.strip() for cell in cells]


def _extra_cell(state: StateBlock, content: str, line: int) -> None:
    state.push("td_open", "td", 1)
    inline = state.push("inline", "", 0)
    inline.map, inline.content, inline.children = [line, line + 1], content, []
    state.push("td_close", "td", -1)


def _take(state: StateInline, length: int, silent: bool) -> bool:
    if not silent:
        state.append_pending(state.src[state.pos : state.pos + length])
    state.pos += length
    return True


def _math(state: StateInline, silent: bool) -> bool:
    mark = state.src[state.pos]
    if mark not in "$\\":
        return False
    formula = (_DOLLARS if mark == "$" else _BRACKETS).match(state.src, state.pos, state.posMax)
    return formula is not None and _take(state, formula.end() - state.pos, silent)


def _address(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":" or not _SCHEME.search(state.src[: state.pos][-5:]):
        return False
    address = _ADDRESS.match(state.src, state.pos, state.posMax)
    if address is None:
        return False
    return _take(state, len(address[0].rstrip("_~.,;:!?)")) or 1, silent)
