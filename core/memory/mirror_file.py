"""The bytes of the mirror: rows of memory as sealed JSON lines.

One pass to write, one to read, a megabyte at a time. Lines are cut into frames, compressed, and
sealed (AES-256-GCM) under the mirror's own key; each frame is bound to its file, its number and to
whether it is the last: nothing can be read, swapped, left out or cut off without being noticed.

Lines: a header (an object), rows ([table, row]), an end (an object with their number and digest).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import Refused
from core.seal import Context, open_frame, seal_frame

MAGIC = b"the-mask/mirror/v1\n"
#: Bytes of lines in one frame, before compression; a longer line has a frame of its own.
FRAME = 1024 * 1024
#: No frame is longer than this: a damaged length must not ask for all memory.
MOST_FRAME = 256 * 1024 * 1024
FILE_ID_BYTES = 16
SIZE = struct.Struct(">I")
#: zlib's fastest; words take a third of their size.
LEVEL = 1
#: How lines are spelled: the shortest JSON, UTF-8.
_SPELLED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Writer:
    """Writes lines into `file`; `close` writes the end, without which nothing counts."""

    def __init__(self, file: BinaryIO, key: bytes, header: dict[str, Any]) -> None:
        self._file = file
        self._key = key
        self._id = secrets.token_bytes(FILE_ID_BYTES)
        self._lines = bytearray()
        self._number = 0
        self._digest = hashlib.sha256()
        self.rows = 0
        file.write(MAGIC + self._id)
        self._line(_SPELLED(header).encode())

    def row(self, table: str, row: dict[str, Any]) -> None:
        """One row of `table`, as `content_rows` spells it."""
        line = _SPELLED([table, row]).encode()
        self._digest.update(line + b"\n")
        self.rows += 1
        self._line(line)

    def close(self) -> str:
        """The end; sha256 over the rows' lines, 64 hex digits."""
        sha256 = self._digest.hexdigest()
        self._line(_SPELLED({"rows": self.rows, "sha256": sha256}).encode())
        self._frame(is_last=True)
        return sha256

    def _line(self, line: bytes) -> None:
        if self._lines and len(self._lines) + len(line) >= FRAME:
            self._frame(is_last=False)
        self._lines += line + b"\n"

    def _frame(self, *, is_last: bool) -> None:
        plain = zlib.compress(bytes(self._lines), LEVEL)
        bound = _bound(self._id, self._number, is_last=is_last)
        sealed = seal_frame(self._key, Context.MIRROR, plain, bound)
        self._file.write(SIZE.pack(len(sealed)) + sealed)
        self._number += 1
        self._lines.clear()


def header(path: Path, key: bytes) -> dict[str, Any]:
    """What stands at the beginning. Refused(`mirror-missing`, `mirror-damaged`)."""
    first = next(_lines(path, key))
    if not isinstance(first, dict):
        raise Refused("mirror-damaged")
    return first


def rows(path: Path, key: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table and row of each line. Refused(`mirror-missing`, `mirror-damaged`); what was readable
    before the damage has been given by then."""
    digest = hashlib.sha256()
    lines = _lines(path, key)
    next(lines)
    for many, line in enumerate(lines):
        if isinstance(line, dict):
            if line != {"rows": many, "sha256": digest.hexdigest()}:
                raise Refused("mirror-damaged")
            return
        table, row = _row(line)
        digest.update(_SPELLED([table, row]).encode() + b"\n")
        yield table, row
    raise Refused("mirror-damaged")


def _row(line: Any) -> tuple[str, dict[str, Any]]:
    match line:
        case [str(table), dict(row)]:
            return table, row
    raise Refused("mirror-damaged")


def _lines(path: Path, key: bytes) -> Iterator[Any]:
    for plain in _frames(path, key):
        for line in plain.split(b"\n")[:-1]:
            try:
                yield json.loads(line)
            except ValueError:
                raise Refused("mirror-damaged") from None


def _frames(path: Path, key: bytes) -> Iterator[bytes]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Refused("mirror-missing") from None
    with file:
        begins = file.read(len(MAGIC) + FILE_ID_BYTES)
        if begins[: len(MAGIC)] != MAGIC or len(begins) < len(MAGIC) + FILE_ID_BYTES:
            raise Refused("mirror-damaged")
        number, head = 0, file.read(SIZE.size)
        while True:
            if len(head) < SIZE.size or (length := SIZE.unpack(head)[0]) > MOST_FRAME:
                raise Refused("mirror-damaged")
            sealed = file.read(length)
            head = file.read(SIZE.size)
            bound = _bound(begins[len(MAGIC) :], number, is_last=not head)
            try:
                yield zlib.decompress(open_frame(key, Context.MIRROR, sealed, bound))
            except (Refused, zlib.error):
                raise Refused("mirror-damaged") from None
            if not head:
                return
            number += 1


def _bound(file_id: bytes, number: int, *, is_last: bool) -> bytes:
    return file_id + f":{number}:{'last' if is_last else 'more'}".encode()
