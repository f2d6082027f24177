"""Large content of this place, as the file room sees it: over `core.runs.blobs`."""

from __future__ import annotations

from typing import Any

from core.db import Database
from core.runs.blobs import BlobRef, Blobs
from core.runs.model import Label


class BlobContents:
    """`core.execution.file_ports.Contents` over this place's blobs."""

    def __init__(self, blobs: Blobs, db: Database) -> None:
        self._blobs = blobs
        self._db = db

    def keep(self, content: bytes, label: Label, media: str) -> dict[str, Any]:
        with self._db.write() as tx:
            return self._blobs.keep(tx, content, label, media).to_json()

    def content(self, reference: dict[str, Any]) -> bytes:
        return self._blobs.content(BlobRef.from_json(reference).sha256)
