"""A model's prose, written in Markdown, as text with Telegram entities.

Never goes through Telegram's parse modes, so no character can break the message, and no visible
character of the prose is lost. Marks that Markdown consumes (`**`, `#`, bullets, fences, the
delimiter row of a table) are not text; a numbered list keeps its numbers or counts on.
Offsets are UTF-16 units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.render import tables
from bot.render.model import Entity
from bot.render.parser import parser
from bot.render.writer import Writer, whole

if TYPE_CHECKING:
    from markdown_it.token import Token

RULE = "———"
BULLETS = ("•", "◦", "▪")
INDENT = "   "
INNER_QUOTE = "› "
PICTURE = "🖼 "

_TASK = re.compile(r"\[([ xX])\](?=\s|$)")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,32}$")
_LINK = re.compile(r"(?:https?|tg)://\S+$", re.IGNORECASE)
_STYLES = {"strong_open": "bold", "em_open": "italic", "s_open": "strikethrough"}


@dataclass(frozen=True)
class Prose:
    """Text of any length with its entities."""

    text: str
    entities: tuple[Entity, ...] = ()


def to_prose(markdown: str) -> Prose:
    """What the phone shows for `markdown`."""
    source = whole(markdown)
    page = _Page(source.split("\n"))
    page.blocks(parser().parse(source))
    return Prose(*page.out.finish())


@dataclass
class _List:
    is_numbered: bool
    shown: int = 0

    def marker(self, token: Token, depth: int) -> str:
        if not self.is_numbered:
            return BULLETS[min(depth, len(BULLETS)) - 1]
        typed = int(token.info or 0)
        self.shown = typed if typed > self.shown or not self.shown else self.shown + 1
        return f"{self.shown}{token.markup}"


@dataclass
class _Page:
    """Walks the parser's tokens once, writing as it goes."""

    lines: list[str]
    out: Writer = field(default_factory=Writer)
    indent: str = ""
    is_fresh: bool = True  # the next block continues the line (page start, after a bullet)
    lists: list[_List] = field(default_factory=list)
    indents: list[str] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)
    task_marks: int = 0
    links: list[tuple[str, str, int, bool]] = field(default_factory=list)

    def blocks(self, tokens: list[Token]) -> None:
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "table_open":
                end = next(
                    i for i in range(position, len(tokens)) if tokens[i].type == "table_close"
                )
                self.begin(token)
                tables.write(tables.read(tokens[position:end]), self.out, self.inline, self.indent)
                position = end
            elif token.type == "list_item_open":
                self._item(token, tokens[position + 1 : position + 3])
            else:
                self._block(token)
            position += 1

    def _block(self, token: Token) -> None:
        """Closings have no content of their own; a block nobody knows shows itself."""
        write = _BLOCKS.get(token.type)
        if write:
            write(self, token)
        else:
            self.out.write(token.content)

    def open_heading(self, token: Token) -> None:
        self.begin(token)
        self.out.open("bold")

    def close_heading(self, _token: Token) -> None:
        self.out.close()

    def open_list(self, token: Token) -> None:
        self.lists.append(_List(token.type == "ordered_list_open"))

    def close_list(self, _token: Token) -> None:
        self.lists.pop()

    def close_item(self, _token: Token) -> None:
        self.indent, self.is_fresh = self.indents.pop(), False

    def rule(self, token: Token) -> None:
        self.begin(token)
        self.out.write(RULE)

    def begin(self, token: Token) -> None:
        """Start a block on a line of its own, after a blank one where the source has one."""
        if self.is_fresh:
            self.is_fresh = False
            return
        first = token.map[0] if token.map else 0
        above = self.lines[first - 1] if first else ""
        is_apart = token.type == "heading_open" or not above.strip(" \t>")
        self.out.write(("\n\n" if is_apart else "\n") + self.indent)

    def _item(self, token: Token, following: list[Token]) -> None:
        self.begin(token)
        marker = self.lists[-1].marker(token, len(self.lists))
        has_text = [other.type for other in following] == ["paragraph_open", "inline"]
        task = _TASK.match(following[1].content) if has_text else None
        if task:
            marker = "☐" if task[1] == " " else "☑"
            self.task_marks = task.end()
        self.out.write(marker + " ")
        self.indents.append(self.indent)
        self.indent += INDENT
        self.is_fresh = True

    def open_quote(self, token: Token) -> None:
        self.begin(token)
        self.quotes.append(self.out.units)
        self.indents.append(self.indent)
        if len(self.quotes) > 1:
            self.out.write(INNER_QUOTE)
            self.indent += INNER_QUOTE
        self.is_fresh = True

    def close_quote(self, _token: Token) -> None:
        self.indent, self.is_fresh = self.indents.pop(), False
        start = self.quotes.pop()
        if not self.quotes:
            self.out.quote(start)

    def code(self, token: Token) -> None:
        self.begin(token)
        info = token.info.strip()
        word, _, more = info.partition(" ")
        content = token.content.rstrip("\n")
        is_language = bool(_LANGUAGE.match(word)) and bool(content.strip())
        caption = (more if is_language else info).strip()
        if caption:
            self.out.write(caption + ("\n" if content else ""))
        if content:
            self.out.solid("pre", content, language=word if is_language else None)

    def inline(self, token: Token) -> None:
        for child in token.children or []:
            match child.type:
                case "text":
                    self._words(child.content)
                case "softbreak" | "hardbreak":
                    self.out.write("\n" + self.indent)
                case "strong_open" | "em_open" | "s_open":
                    self.out.open(_STYLES[child.type])
                case "strong_close" | "em_close" | "s_close":
                    self.out.close()
                case "code_inline":
                    self.out.solid("code", child.content)
                case "link_open":
                    self._open_link(child)
                case "link_close":
                    self._close_link()
                case "image":
                    self._image(child)
                case _:
                    self.out.write(child.content)

    def _words(self, text: str) -> None:
        if self.task_marks:
            text, self.task_marks = text[self.task_marks :].lstrip(), 0
        self.out.write(text)

    def _open_link(self, token: Token) -> None:
        url = str(token.attrs.get("href", ""))
        is_linked = bool(_LINK.match(url)) and not self.links
        self.links.append((url, str(token.attrs.get("title", "")), self.out.units, is_linked))
        if is_linked:
            self.out.open("text_link", url)

    def _close_link(self) -> None:
        """A web link hides its address under its words; any other address is shown in brackets."""
        url, title, start, is_linked = self.links.pop()
        has_words = self.out.units > start
        if is_linked:
            if not has_words:
                self.out.write(url)
            self.out.close()
        elif url:
            self.out.write(f" ({url})" if has_words else url)
        if title:
            self.out.write(f" ({title})")

    def _image(self, token: Token) -> None:
        token.attrs["href"] = str(token.attrs.get("src", ""))
        self.out.write(PICTURE)
        self._open_link(token)
        self.out.write(token.content)
        self._close_link()


_BLOCKS: dict[str, Callable[[_Page, Token], None]] = {
    "inline": _Page.inline,
    "paragraph_open": _Page.begin,
    "heading_open": _Page.open_heading,
    "heading_close": _Page.close_heading,
    "bullet_list_open": _Page.open_list,
    "bullet_list_close": _Page.close_list,
    "ordered_list_open": _Page.open_list,
    "ordered_list_close": _Page.close_list,
    "list_item_close": _Page.close_item,
    "blockquote_open": _Page.open_quote,
    "blockquote_close": _Page.close_quote,
    "fence": _Page.code,
    "code_block": _Page.code,
    "hr": _Page.rule,
}
