"""Content in memory, for tests and practice; passes the same port tests as the real store."""

from __future__ import annotations

import hashlib
from typing import Any

from core.errors import Refused
from core.runs.blobs import MOST_BLOB_BYTES, BlobRef
from core.runs.model import Label


class MemoryContents:
    """`core.execution.file_ports.Contents` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def keep(self, content: bytes, label: Label, media: str) -> dict[str, Any]:
        if len(content) > MOST_BLOB_BYTES:
            raise Refused("blob-too-large", size=len(content), most=MOST_BLOB_BYTES)
        sha256 = hashlib.sha256(content).hexdigest()
        self._kept[sha256] = content
        return BlobRef(sha256, len(content), label, media, "memory").to_json()

    def content(self, reference: dict[str, Any]) -> bytes:
        sha256 = BlobRef.from_json(reference).sha256
        if sha256 not in self._kept:
            raise Refused("blob-missing", sha256=sha256)
        return self._kept[sha256]
