"""Files with their bytes: kept in the state directory, named by file_id, served under /file/."""

from __future__ import annotations

import mimetypes
import secrets
import struct
from pathlib import Path

from ops.emulator.store import Store
from ops.emulator.wire import Json, Upload, bad

DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024
PHOTO_LIMIT_BYTES = 10 * 1024 * 1024
_FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "audio": "music",
    "video": "videos",
    "video_note": "video_notes",
    "sticker": "stickers",
    "animation": "animations",
    "thumbnail": "thumbnails",
}
_PREFIX = {
    "photo": "AgAC",
    "voice": "AwAC",
    "document": "BQAC",
    "audio": "CQAC",
    "video": "BAAC",
    "sticker": "CAAC",
}


class Files:
    """Bytes by file id. Without a state directory they are kept in memory."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._memory: dict[str, bytes] = {}
        self._folder = store.directory / "files" if store.directory else None

    def keep(self, kind: str, upload: Upload) -> Json:
        """Stores the bytes; gives the fields that every file has in the Bot API."""
        if not upload.data:
            raise bad("file must be non-empty")
        if kind == "photo" and len(upload.data) > PHOTO_LIMIT_BYTES:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        unique = secrets.token_urlsafe(9)
        file_id = f"{_PREFIX.get(kind, 'DQAC')}AgQAAx{secrets.token_urlsafe(24)}"
        number = len(self.store.table("files"))
        suffix = Path(upload.name).suffix or mimetypes.guess_extension(upload.mime) or ".bin"
        row: Json = {
            "file_id": file_id,
            "file_unique_id": f"Ag{unique}",
            "file_size": len(upload.data),
            "name": upload.name,
            "mime": upload.mime,
            "kind": kind,
            "path": f"{_FOLDERS.get(kind, 'documents')}/file_{number}{suffix}",
        }
        if self._folder is None:
            self._memory[row["file_unique_id"]] = upload.data
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / row["file_unique_id"]).write_bytes(upload.data)
        self.store.put("files", file_id, row)
        return row

    def row(self, file_id: str) -> Json:
        row = self.store.get("files", file_id)
        if row is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        return row

    def data(self, row: Json) -> bytes:
        unique = row["file_unique_id"]
        return (
            self._memory[unique] if self._folder is None else (self._folder / unique).read_bytes()
        )

    def by_path(self, path: str) -> Json | None:
        return next(
            (row for row in self.store.table("files").values() if row["path"] == path), None
        )

    def clear(self) -> None:
        self._memory.clear()
        if self._folder is not None and self._folder.exists():
            for path in self._folder.iterdir():
                path.unlink()


def picture_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG, JPEG or GIF; refuses what is none of them."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    if data[:6] in (b"GIF87a", b"GIF89a"):
        width, height = struct.unpack("<HH", data[6:10])
        return int(width), int(height)
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return 512, 512
    raise bad("IMAGE_PROCESS_FAILED")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    raise bad("IMAGE_PROCESS_FAILED")
