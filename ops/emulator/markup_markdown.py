"""MarkdownV2 (and the old Markdown) as the Bot API reads them.

Follows `parse_markdown_v2` of tdlib/td, messages included: every reserved character that stands for
itself must be escaped. Byte offsets in complaints are UTF-8 bytes of the input.
"""

from __future__ import annotations

import re

from ops.emulator.markup_html import link, parse_error
from ops.emulator.text import units
from ops.emulator.wire import Json

_RESERVED = "_*[]()~`>#+-=|{}.!\n"
_NAMES = {
    "bold": "Bold", "italic": "Italic", "underline": "Underline", "strikethrough": "Strikethrough",
    "spoiler": "Spoiler", "code": "Code", "pre": "Pre", "pre_language": "PreCode",
    "text_link": "TextUrl", "custom_emoji": "CustomEmoji", "blockquote": "BlockQuote",
}  # fmt: skip
_MARKS = {
    "bold": "*", "italic": "_", "underline": "__", "strikethrough": "~", "spoiler": "||",
    "code": "`", "pre": "```", "pre_language": "```", "text_link": "]", "custom_emoji": "]",
}  # fmt: skip


class _Open:
    def __init__(self, kind: str, offset: int, at: int, begin: int, language: str = "") -> None:
        self.kind = kind
        self.offset = offset
        self.at = at
        self.begin = begin
        self.language = language


class MarkdownReader:
    """One text, read once from the left."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []
        self.in_quote = False
        self.line_start = True

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            self._step()
        self._finish()
        return "".join(self.out), self.entities

    def _step(self) -> None:
        char = self.source[self.at]
        if char == "\\" and self._is_escape(self.at):
            self.at += 1
            self._emit(self.source[self.at])
        elif char not in self._reserved():
            self._emit(char)
        elif self._ends_here(char):
            self._end(char)
        else:
            self._begin(char)

    def _is_escape(self, at: int) -> bool:
        return at + 1 < len(self.source) and 1 <= ord(self.source[at + 1]) <= 126

    def _reserved(self) -> str:
        return (
            "`"
            if self.open and self.open[-1].kind in ("code", "pre", "pre_language")
            else _RESERVED
        )

    def _emit(self, char: str) -> None:
        self.out.append(char)
        self.units += units(char)
        self.at += 1
        if char != "\r":
            self.line_start = char == "\n"

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _ends_here(self, char: str) -> bool:
        if not self.open:
            return False
        if self.in_quote and char == "\n" and self.source[self.at + 1 : self.at + 2] != ">":
            return True
        mark = _MARKS.get(self.open[-1].kind)
        if mark is None or not self.source.startswith(mark, self.at):
            return False
        return not (mark == "_" and self.source.startswith("__", self.at))

    def _begin(self, char: str) -> None:
        begin = self.at
        if char == "\n":
            self._emit(char)
            return
        if char == ">" and self.line_start:
            self.at += 1
            if not self.in_quote:
                self.in_quote = True
                self._push("blockquote", begin)
            return
        kinds = {"__": "underline", "||": "spoiler", "![": "custom_emoji"}
        pair = self.source[self.at : self.at + 2]
        single = {"_": "italic", "*": "bold", "~": "strikethrough", "[": "text_link"}
        if self.source.startswith("```", self.at):
            self._begin_pre()
        elif char == "`":
            self.at += 1
            self._push("code", begin)
        elif pair in kinds:
            self.at += 2
            self._push(kinds[pair], begin)
        elif char in single:
            self.at += 1
            self._push(single[char], begin)
        else:
            raise parse_error(
                f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
            )

    def _push(self, kind: str, begin: int, language: str = "") -> None:
        self.open.append(_Open(kind, self.units, len(self.out), begin, language))

    def _begin_pre(self) -> None:
        begin = self.at
        self.at += 3
        found = re.match(r"[^\s`]+(?=[^`])", self.source[self.at :])
        language = found.group() if found else ""
        self.at += len(language)
        newline = re.match(r"\r\n|\n\r|\r|\n", self.source[self.at :])
        self.at += len(newline.group()) if newline else 0
        self._push("pre_language" if language else "pre", begin, language)

    def _end(self, char: str) -> None:
        top = self.open[-1]
        kind = top.kind
        if char == "\n" and kind != "blockquote":
            kind = self._quote_mark_before_newline(top)
            top = self.open[-1]
        entity: Json = {"offset": top.offset, "length": self.units - top.offset}
        if kind in ("blockquote", "expandable_blockquote"):
            self.in_quote = False
            self._emit(char)
            self.entities.append({**entity, "length": self.units - top.offset, "type": kind})
        elif kind in ("text_link", "custom_emoji"):
            self._end_link(top, entity)
        else:
            self.at += len(_MARKS[kind])
            if entity["length"]:
                self.entities.append({**entity, **_simple(kind, top.language)})
        self.open.pop()

    def _quote_mark_before_newline(self, top: _Open) -> str:
        """`||` right before the end of a quote makes it expandable; anything else is left open."""
        is_mark = top.kind == "spoiler" and top.begin == self.at - 2
        if is_mark:
            self.open.pop()
        if not is_mark or self.open[-1].kind != "blockquote":
            raise self._unfinished()
        return "expandable_blockquote"

    def _end_link(self, top: _Open, entity: Json) -> None:
        follows = self.source.startswith("](", self.at)
        if top.kind == "custom_emoji" and not follows:
            raise parse_error("The entity must contain a tg://emoji or tg://time URL")
        url = self._url() if follows else "".join(self.out[top.at :])
        self.at += 0 if follows else 1
        fields = _special(url) if top.kind == "custom_emoji" else link(url)
        if fields["type"] and entity["length"]:
            self.entities.append({**entity, **fields})

    def _url(self) -> str:
        self.at += 2
        begin = self.at
        parts: list[str] = []
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.source[self.at] == "\\" and self._is_escape(self.at):
                self.at += 1
            parts.append(self.source[self.at])
            self.at += 1
        if self.at >= len(self.source):
            raise parse_error(f"Can't find end of a URL at byte offset {self._byte(begin)}")
        self.at += 1
        return "".join(parts)

    def _finish(self) -> None:
        if self.in_quote:
            kind = "blockquote"
            if self.open[-1].kind == "spoiler" and self.open[-1].begin == len(self.source) - 2:
                self.open.pop()
                kind = "expandable_blockquote"
            if self.open[-1].kind == "blockquote":
                top = self.open.pop()
                entity: Json = {
                    "offset": top.offset,
                    "length": self.units - top.offset,
                    "type": kind,
                }
                self.entities.append(entity)
        if self.open:
            raise self._unfinished()

    def _unfinished(self) -> Exception:
        top = self.open[-1]
        return parse_error(
            f"Can't find end of {_NAMES[top.kind]} entity at byte offset {self._byte(top.begin)}"
        )


def _simple(kind: str, language: str) -> Json:
    if kind == "pre_language":
        return {"type": "pre", "language": language}
    return {"type": kind}


def _special(url: str) -> Json:
    emoji = re.fullmatch(r"tg://emoji/?\?id=(\d+)", url)
    if emoji:
        return {"type": "custom_emoji", "custom_emoji_id": emoji[1]}
    moment = re.fullmatch(r"tg://time/?\?unix=(\d+)(?:&format=(\w*))?", url)
    if moment:
        shape: Json = {"date_time_format": moment[2]} if moment[2] else {}
        return {"type": "date_time", "unix_time": int(moment[1]), **shape}
    raise parse_error("Invalid tg://emoji or tg://time URL specified")


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    return MarkdownReader(source).read()


_OLD = re.compile(
    r"\\(?P<escaped>[_*`\[])|```(?:(?P<language>[\w+-]+)\n)?\n?(?P<pre>.*?)```|`(?P<code>[^`]*)`"
    r"|\*(?P<bold>[^*]*)\*|_(?P<italic>[^_]*)_|\[(?P<label>[^\]]*)\]\((?P<url>[^)]*)\)|(?P<open>[_*`\[])",
    re.DOTALL,
)


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """The old Markdown: four marks, no nesting."""
    out: list[str] = []
    entities: list[Json] = []
    done = 0
    for match in _OLD.finditer(source):
        out.append(source[done : match.start()])
        done = match.end()
        kind = str(match.lastgroup)
        if kind == "open" and match.group() != "[":
            at = len(source[: match.start()].encode("utf-8", "surrogatepass"))
            raise parse_error(f"Can't find end of the entity starting at byte offset {at}")
        body = match["label"] if kind == "url" else match.group(kind)
        offset = units("".join(out))
        out.append(body)
        if kind in ("escaped", "open") or not body:
            continue
        entity: Json = {"offset": offset, "length": units(body), "type": kind}
        if kind == "url":
            entity |= link(match["url"])
        if kind == "pre" and match["language"]:
            entity["language"] = match["language"]
        if entity["type"]:
            entities.append(entity)
    out.append(source[done:])
    return "".join(out), entities
