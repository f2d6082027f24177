"""What crosses the wire: one call of the Bot API, read from a request, and its refusal.

Decides how form, multipart, JSON and query parameters become one `Call`. Never knows what a
method does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

Json = dict[str, Any]

UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024  # Bot API: files up to 50 MB by upload


class Refusal(Exception):
    """An answer with ok=false; the description is the server's exact wording."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> Json:
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad(reason: str) -> Refusal:
    """400; the server lowers the first letter unless the reason is an upper-case code."""
    is_code = len(reason) > 1 and (reason[1] == "_" or reason[1].isupper())
    return Refusal(400, "Bad Request: " + (reason if is_code else reason[:1].lower() + reason[1:]))


def flooded(seconds: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


@dataclass(frozen=True)
class Upload:
    """A file that came with a multipart request."""

    name: str
    mime: str
    data: bytes

    def summary(self) -> Json:
        return {"file": self.name, "bytes": len(self.data)}


@dataclass
class Call:
    """One request: method as written, arguments by name (text, or JSON values from a JSON body)."""

    method: str
    args: Json
    files: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.args.get(name) not in (None, "")

    def text(self, name: str) -> str:
        value = self.args.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        """As the server reads integers: leading digits count, anything else is zero."""
        value = self.args.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, int | float):
            return int(value)
        return leading_integer(str(value))

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def json(self, name: str, complaint: str) -> Any:
        """The parameter as a JSON value; None when absent or empty, `complaint` when unreadable."""
        value = self.args.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(complaint) from None

    def summary(self) -> Json:
        """Arguments for the calls log: nested JSON opened, files by name and size."""
        shown: Json = {name: _opened(value) for name, value in self.args.items()}
        shown.update({name: upload.summary() for name, upload in self.files.items()})
        return shown


def leading_integer(text: str) -> int:
    text = text.strip()
    sign = -1 if text.startswith("-") else 1
    digits = text[1:] if text[:1] in ("-", "+") else text
    end = 0
    while end < len(digits) and digits[end] in "0123456789":
        end += 1
    return sign * int(digits[:end]) if end else 0


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def read_call(request: web.Request, method: str) -> Call:
    """Query string and body in one; the body wins where both name a parameter."""
    args: Json = dict(request.query)
    kind = request.content_type
    if request.method == "GET" or not request.can_read_body:
        return Call(method, args)
    if kind == "application/x-www-form-urlencoded":
        args.update(
            parse_qsl((await request.read()).decode("utf-8", "replace"), keep_blank_values=True)
        )
    elif kind == "application/json":
        args.update(_json_body(await request.read()))
    elif kind == "multipart/form-data":
        files: dict[str, Upload] = {}
        await _read_parts(request, args, files)
        return Call(method, args, files)
    return Call(method, args)


def _json_body(raw: bytes) -> Json:
    try:
        value = json.loads(raw or b"{}")
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad("JSON object expected in the request body")
    return value


async def _read_parts(request: web.Request, args: Json, files: dict[str, Upload]) -> None:
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=False))
        total += len(data)
        if total > UPLOAD_LIMIT_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if part.filename is None:
            args[part.name] = data.decode("utf-8", "replace")
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            files[part.name] = Upload(part.filename, mime, data)
