"""A former state as one sealed file: what the trash is made of.

Decides the bytes of the trash. A stream of records (a JSON header for each entry, its content in
pieces) is cut into frames of FRAME bytes, each sealed (AES-256-GCM) under a key of its own change
and bound to its number and to whether it is the last: nothing can be read, swapped, left out or
cut off without being noticed. Written and read in one pass, a megabyte at a time.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from core.errors import Broken, Refused
from core.execution.file_ports import Facts, Folder, Shape
from core.execution.file_tree import Check, Entry
from core.seal import Context, open_frame, seal_frame

FRAME = 1024 * 1024
MAGIC = b"the-mask/trash/v1\n"
#: Kinds of record: the header of an entry, a piece of its content, the end.
HEADER, DATA, END = b"H", b"D", b"E"
LENGTH = struct.Struct(">cI")
SIZE = struct.Struct(">I")


class Writer:
    """A `Taker` that writes what it is given; `close` before the file counts."""

    def __init__(self, file: BinaryIO, key: bytes, bound: str) -> None:
        self._file = file
        self._key = key
        self._bound = bound
        self._plain = bytearray()
        self._number = 0
        file.write(MAGIC)

    def entry(self, entry: Entry) -> None:
        facts = entry.facts
        header = {
            "path": list(entry.path),
            "shape": facts.shape.value,
            "mode": facts.mode,
            "mtime_ns": facts.mtime_ns,
            "target": entry.target,
        }
        self._record(HEADER, json.dumps(header).encode())

    def data(self, chunk: bytes) -> None:
        self._record(DATA, chunk)

    def close(self) -> None:
        self._record(END, b"")
        while len(self._plain) > FRAME:
            self._frame(is_last=False)
        self._frame(is_last=True)

    def _record(self, kind: bytes, payload: bytes) -> None:
        self._plain += LENGTH.pack(kind, len(payload)) + payload
        while len(self._plain) > FRAME:
            self._frame(is_last=False)

    def _frame(self, *, is_last: bool) -> None:
        plain = bytes(self._plain[:FRAME])
        del self._plain[:FRAME]
        bound = _bound(self._bound, self._number, is_last=is_last)
        sealed = seal_frame(self._key, Context.TRASH, plain, bound)
        self._file.write(SIZE.pack(len(sealed)) + sealed)
        self._number += 1


def records(path: Path, key: bytes, bound: str) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload of each record, checked. Broken(`trash-damaged`)."""
    plain = bytearray()
    for frame in _frames(path, key, bound):
        plain += frame
        at = 0
        while len(plain) - at >= LENGTH.size:
            kind, length = LENGTH.unpack_from(plain, at)
            if len(plain) - at - LENGTH.size < length:
                break
            at += LENGTH.size
            yield kind, bytes(plain[at : at + length])
            at += length
        del plain[:at]


def _frames(path: Path, key: bytes, bound: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise Broken("trash-damaged")
        number, head = 0, file.read(SIZE.size)
        while head:
            if len(head) < SIZE.size:
                raise Broken("trash-damaged")
            (length,) = SIZE.unpack(head)
            sealed = file.read(min(length, 2 * FRAME))
            head = file.read(SIZE.size)
            try:
                yield open_frame(
                    key, Context.TRASH, sealed, _bound(bound, number, is_last=not head)
                )
            except Refused:
                raise Broken("trash-damaged") from None
            number += 1
        if number == 0:
            raise Broken("trash-damaged")


def _bound(of: str, number: int, *, is_last: bool) -> bytes:
    return f"{of}:{number}:{'last' if is_last else 'more'}".encode()


def build(
    path: Path, key: bytes, bound: str, folder: Folder, name: str, check: Check = lambda: None
) -> None:
    """Make what the archive holds, as `name` in an open folder. Broken(`trash-damaged`)."""
    builder = _Builder(folder, name)
    try:
        for kind, payload in records(path, key, bound):
            check()
            if kind == HEADER:
                builder.begin(json.loads(payload))
            elif kind == DATA:
                builder.write(payload)
    finally:
        builder.end()


class _Builder:
    """Folders are open while what is in them is made; each gets its time when it is left."""

    def __init__(self, top: Folder, name: str) -> None:
        self._top = top
        self._name = name
        self._open: list[tuple[tuple[str, ...], Folder, Facts]] = []
        self._file: tuple[int, BinaryIO, Folder, Facts] | None = None

    def begin(self, header: dict[str, object]) -> None:
        self._finish_file()
        path = tuple(str(name) for name in _list(header["path"]))
        while self._open and self._open[-1][0] != path[:-1]:
            self._leave()
        parent = self._open[-1][1] if path else self._top
        name = path[-1] if path else self._name
        facts = _facts(header)
        if facts.shape is Shape.FOLDER:
            parent.make_folder(name)
            self._open.append((path, parent.folder(name), facts))
        elif facts.shape is Shape.LINK:
            parent.make_link(name, str(header["target"]))
        elif facts.shape is Shape.FILE:
            self._start_file(parent, name, facts)
        else:
            raise Broken("trash-damaged")

    def write(self, chunk: bytes) -> None:
        if self._file is None:
            raise Broken("trash-damaged")
        self._file[1].write(chunk)

    def end(self) -> None:
        self._finish_file()
        while self._open:
            self._leave()

    def _start_file(self, parent: Folder, name: str, facts: Facts) -> None:
        fd = parent.create(name)
        self._file = (fd, open(fd, "wb", closefd=False), parent, facts)  # noqa: SIM115

    def _finish_file(self) -> None:
        if self._file is not None:
            fd, stream, parent, facts = self._file
            self._file = None
            stream.close()
            parent.finish(fd, facts.mode, facts.mtime_ns)

    def _leave(self) -> None:
        _, folder, facts = self._open.pop()
        try:
            folder.settle(facts.mode, facts.mtime_ns)
        finally:
            folder.close()


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Broken("trash-damaged")
    return value


def _facts(header: dict[str, object]) -> Facts:
    mode, mtime_ns = header["mode"], header["mtime_ns"]
    if not isinstance(mode, int) or not isinstance(mtime_ns, int):
        raise Broken("trash-damaged")
    return Facts(Shape(str(header["shape"])), 0, mode, mtime_ns, 0, 0, 1)
