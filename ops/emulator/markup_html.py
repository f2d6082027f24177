"""HTML as the Bot API reads it: a small set of tags, strictly nested; anything else refuses the
message.

Follows `parse_html` of tdlib/td, messages included. Byte offsets in complaints are UTF-8 bytes of
the input.
"""

from __future__ import annotations

import re

from ops.emulator.text import units
from ops.emulator.wire import Json, Refusal, bad

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9A-Fa-f]+)|#(?P<dec>[0-9]+)|(?P<name>[A-Za-z]+));?")
_PLAIN = re.compile(r"[^<&]+")
_NAME_END = re.compile(r"[\s>]")
_ATTRIBUTE_END = re.compile(r"[\s=>/\"']")
_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")

_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
_TAGS = frozenset({*_STYLES, "a", "tg-emoji", "tg-time", "pre", "code", "blockquote"})
_MEANING = {  # (tag, attribute) that carry something
    ("a", "href"), ("code", "class"), ("span", "class"), ("tg-emoji", "emoji-id"),
    ("blockquote", "expandable"), ("tg-time", "unix"), ("tg-time", "format"),
}  # fmt: skip


def parse_error(reason: str) -> Refusal:
    return bad("can't parse entities: " + reason)


class _Open:
    """A tag that waits for its end."""

    def __init__(self, tag: str, values: dict[str, str], offset: int, at: int) -> None:
        self.tag = tag
        self.values = values
        self.offset = offset
        self.at = at  # where its text begins in the output list


class HtmlReader:
    """One text, read once from the left."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.out: list[str] = []
        self.units = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            plain = _PLAIN.match(self.source, self.at)
            if plain:
                self._emit(plain.group())
                self.at = plain.end()
            elif self.source[self.at] == "&":
                self._emit(self._reference())
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise parse_error(
                f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"'
            )
        return "".join(self.out), self.entities

    def _emit(self, text: str) -> None:
        self.out.append(text)
        self.units += units(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def _reference(self) -> str:
        """One character reference, or the ampersand itself where it is none."""
        found = _REFERENCE.match(self.source, self.at)
        decoded = _decode(found) if found else None
        if found is None or decoded is None:
            self.at += 1
            return "&"
        self.at = found.end()
        return decoded

    def _start_tag(self) -> None:
        begin = self.at
        end = _NAME_END.search(self.source, begin + 1)
        if end is None:
            raise parse_error(f"Unclosed start tag at byte offset {self._byte(begin)}")
        tag = self.source[begin + 1 : end.start()].lower()
        if tag not in _TAGS:
            raise parse_error(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        self.at = end.start()
        values: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._char() == ">":
                break
            name, value = self._attribute(tag, begin)
            if (tag, name) in _MEANING:
                values[name] = value
        self.at += 1
        if tag == "span" and values.get("class") != "tg-spoiler":
            raise parse_error(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}'
            )
        self.open.append(_Open(tag, values, self.units, len(self.out)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        end = _ATTRIBUTE_END.search(self.source, self.at)
        stop = end.start() if end else len(self.source)
        name = self.source[self.at : stop]
        if not name:
            where = self._byte(begin)
            raise parse_error(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        self.at = stop
        self._skip_space()
        if self._char() != "=":
            self._need_more(tag, begin)
            return name, "1"
        self.at += 1
        self._skip_space()
        self._need_more(tag, begin)
        value = self._quoted() if self._char() in "\"'" else self._token()
        if self.at >= len(self.source):
            raise parse_error(f"Unclosed start tag at byte offset {self._byte(begin)}")
        return name, value

    def _quoted(self) -> str:
        quote = self._char()
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.source) and self.source[self.at] != quote:
            if self.source[self.at] == "&":
                parts.append(self._reference())
            else:
                parts.append(self.source[self.at])
                self.at += 1
        self.at += 1
        return "".join(parts)

    def _token(self) -> str:
        begin = self.at
        found = _TOKEN.match(self.source, begin)
        assert found is not None
        self.at = found.end()
        if self.at < len(self.source) and not (self._char().isspace() or self._char() == ">"):
            raise parse_error(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return found.group().lower()

    def _end_tag(self) -> None:
        begin = self.at
        where = self._byte(begin)
        if not self.open:
            raise parse_error(f"Unexpected end tag at byte offset {where}")
        end = _NAME_END.search(self.source, begin)
        self.at = end.start() if end else len(self.source)
        name = self.source[begin + 2 : self.at].lower()
        self._skip_space()
        if self._char() != ">":
            raise parse_error(f"Unclosed end tag at byte offset {where}")
        self.at += 1
        top = self.open[-1]
        if name and name != top.tag:
            raise parse_error(
                f"Unmatched end tag at byte offset {where}, "
                f'expected "</{top.tag}>", found "</{name}>"'
            )
        if self.units > top.offset:
            self._close(top)
        self.open.pop()

    def _close(self, top: _Open) -> None:
        entity: Json = {
            "offset": top.offset,
            "length": self.units - top.offset,
            "type": _STYLES.get(top.tag, ""),
        }
        if top.tag in ("pre", "code"):
            self._close_code(top, entity)
            return
        if top.tag == "blockquote":
            entity["type"] = "expandable_blockquote" if "expandable" in top.values else "blockquote"
        elif top.tag == "tg-emoji":
            entity |= _emoji(top.values)
        elif top.tag == "tg-time":
            entity |= _moment(top.values)
        elif top.tag == "a":
            entity |= link(top.values.get("href") or "".join(self.out[top.at :]))
        if entity["type"]:
            self.entities.append(entity)

    def _close_code(self, top: _Open, entity: Json) -> None:
        language = top.values.get("class", "")
        language = language.removeprefix("language-") if language.startswith("language-") else ""
        before = self.entities[-1] if self.entities else {}
        same = before.get("offset") == entity["offset"] and before.get("length") == entity["length"]
        if top.tag == "pre" and same and before.get("type") == "code" and before.get("_language"):
            before["type"] = "pre"
            before["language"] = before.pop("_language")
        elif top.tag == "code" and same and before.get("type") == "pre" and language:
            before["language"] = language
        else:
            entity["type"] = top.tag
            if top.tag == "code" and language:
                entity["_language"] = language
            self.entities.append(entity)

    def _char(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else ""

    def _skip_space(self) -> None:
        while self._char().isspace():
            self.at += 1

    def _need_more(self, tag: str, begin: int) -> None:
        if self.at >= len(self.source):
            raise parse_error(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')


def _decode(found: re.Match[str]) -> str | None:
    if found["name"]:
        return _NAMED.get(found["name"])
    code = int(found["hex"], 16) if found["hex"] else int(found["dec"])
    digits_end = found.end("hex") if found["hex"] else found.end("dec")
    if code == 0 or code >= 0x10FFFF or digits_end - found.start() >= 10:
        return None
    return chr(code)


def link(url: str) -> Json:
    """A link's entity fields, or a mention for tg://user?id=N; an empty type when it is neither."""
    mention = re.fullmatch(r"tg://user/?\?id=(\d+)", url)
    if mention:
        return {
            "type": "text_mention",
            "user": {"id": int(mention[1]), "is_bot": False, "first_name": "User"},
        }
    if re.match(r"(?i)(https?|tg|ton|tonsite)://[^\s]+$", url):
        return {"type": "text_link", "url": url}
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]\S*)?", url):
        return {"type": "text_link", "url": f"http://{url}" if "/" in url else f"http://{url}/"}
    return {"type": ""}


def _emoji(values: dict[str, str]) -> Json:
    number = values.get("emoji-id", "")
    if not number.isdigit() or int(number) == 0:
        raise parse_error("Invalid custom emoji identifier specified")
    return {"type": "custom_emoji", "custom_emoji_id": number}


def _moment(values: dict[str, str]) -> Json:
    """A point in time. A date that is not a positive number leaves plain text, as on the server."""
    shape = values.get("format", "")
    if shape not in ("r", "R") and set(shape) - set("tTdDwW"):
        raise parse_error("Invalid date format used")
    number = values.get("unix", "")
    if not number.isdigit() or int(number) <= 0:
        return {"type": ""}
    moment: Json = {"type": "date_time", "unix_time": int(number)}
    if shape:
        moment["date_time_format"] = shape
    return moment


def parse_html(source: str) -> tuple[str, list[Json]]:
    text, entities = HtmlReader(source).read()
    for entity in entities:
        entity.pop("_language", None)
    return text, entities
