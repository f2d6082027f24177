"""Blobs: content over 32 KiB, kept once by its sha256, in parts of 48 KiB.

Decides how large content is stored and when it is whole. It moves nothing between places; that is
`exchange_blobs.py`; what is old goes with `pruning.py`. Content is at most 50 MB. A blob is as
private as the most private thing that refers to it. The parts lie in the encrypted database of this
place.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction, insert_or_ignore
from core.errors import Broken, Refused
from core.runs.model import Label
from core.runs.tables import blob_parts, blobs

#: Bytes of one part: sealed and in base85 it still fits in an envelope.
PART_BYTES = 48 * 1024
#: Bytes of a whole blob.
MOST_BLOB_BYTES = 50_000_000
SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA = re.compile(r"[a-z0-9.+-]{1,31}/[a-z0-9.+-]{1,32}")


@dataclass(frozen=True)
class BlobRef:
    """A reference to content: what travels in its stead. `place` is where it arose."""

    sha256: str
    size: int
    label: Label
    media: str
    place: str

    def to_json(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "size": self.size,
            "label": self.label.value,
            "media": self.media,
            "place": self.place,
        }

    @staticmethod
    def from_json(data: Any) -> BlobRef:
        """Refused(`blob-reference`, `blob-too-large`): a reference is data from elsewhere."""
        try:
            ref = BlobRef(
                data["sha256"], data["size"], Label(data["label"]), data["media"], data["place"]
            )
            fits = (
                type(ref.size) is int
                and ref.size >= 0
                and isinstance(ref.place, str)
                and SHA256.fullmatch(ref.sha256)
                and MEDIA.fullmatch(ref.media)
            )
        except (KeyError, TypeError, ValueError):
            raise Refused("blob-reference") from None
        if not fits:
            raise Refused("blob-reference")
        if ref.size > MOST_BLOB_BYTES:
            raise Refused("blob-too-large", size=ref.size, most=MOST_BLOB_BYTES)
        return ref

    def offsets(self) -> range:
        """Where its parts begin."""
        return range(0, self.size, PART_BYTES)

    def part_size(self, offset: int) -> int:
        """Bytes of the part at `offset`. Refused(`blob-part`) when no part begins there."""
        if offset % PART_BYTES or not 0 <= offset < self.size:
            raise Refused("blob-part", offset=offset)
        return min(PART_BYTES, self.size - offset)


class Blobs:
    """The content kept at one place. `here` is the place's name."""

    def __init__(self, db: Database, clock: Clock, here: str) -> None:
        self._db = db
        self._clock = clock
        self._here = here

    def keep(
        self, tx: Transaction, content: bytes, label: Label, media: str = "application/octet-stream"
    ) -> BlobRef:
        """Store `content` unless it is there; the reference. Refused(`blob-too-large`)."""
        size = len(content)
        if size > MOST_BLOB_BYTES:
            raise Refused("blob-too-large", size=size, most=MOST_BLOB_BYTES)
        sha256 = hashlib.sha256(content).hexdigest()
        ref = BlobRef(sha256, size, label, media, self._here)
        if not self._begin(tx, ref, received=size):
            known = self._known(tx, sha256)
            self._update(tx, sha256, label=Label.highest(known.label, label), received=size)
        for offset in ref.offsets():
            part = content[offset : offset + PART_BYTES]
            insert_or_ignore(tx, blob_parts, {"sha256": sha256, "offset": offset, "data": part})
        return self._known(tx, sha256)

    def read(self, tx: Transaction, sha256: str) -> bytes:
        """The whole content, checked. Refused(`blob-missing`), Broken(`blob-damaged`)."""
        if not self.is_whole(tx, sha256):
            raise Refused("blob-missing", sha256=sha256)
        query = (
            sa.select(blob_parts.c.data)
            .where(blob_parts.c.sha256 == sha256)
            .order_by(blob_parts.c.offset)
        )
        content = b"".join(tx.execute(query).scalars())
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Broken("blob-damaged", sha256=sha256)
        return content

    def content(self, sha256: str) -> bytes:
        """`read` in a transaction of its own."""
        with self._db.read() as tx:
            return self.read(tx, sha256)

    def find(self, tx: Transaction, sha256: str) -> BlobRef | None:
        """What is known of a blob, whole or not."""
        row = tx.execute(sa.select(blobs).where(blobs.c.sha256 == sha256)).mappings().first()
        if row is None:
            return None
        return BlobRef(row["sha256"], row["size"], Label(row["label"]), row["media"], row["place"])

    def is_whole(self, tx: Transaction, sha256: str) -> bool:
        query = sa.select(blobs.c.received == blobs.c.size).where(blobs.c.sha256 == sha256)
        return bool(tx.execute(query).scalar_one_or_none())

    # -- parts, for the exchange -----------------------------------------------------------------

    def expect(self, tx: Transaction, ref: BlobRef) -> bool:
        """Make room for content from elsewhere; False when it is known here already."""
        return self._begin(tx, ref, received=0)

    def add_part(self, tx: Transaction, sha256: str, offset: int, data: bytes) -> bool:
        """Store one received part; True when it was new. Refused(`blob-part`, `blob-missing`)."""
        ref = self._known(tx, sha256)
        if len(data) != ref.part_size(offset):
            raise Refused("blob-part", offset=offset)
        if not insert_or_ignore(tx, blob_parts, {"sha256": sha256, "offset": offset, "data": data}):
            return False
        self._update(tx, sha256, received=blobs.c.received + len(data))
        return True

    def part(self, tx: Transaction, sha256: str, offset: int) -> bytes:
        """One part. Refused(`blob-missing`)."""
        query = sa.select(blob_parts.c.data).where(
            blob_parts.c.sha256 == sha256, blob_parts.c.offset == offset
        )
        data = tx.execute(query).scalar_one_or_none()
        if data is None:
            raise Refused("blob-missing", sha256=sha256)
        return bytes(data)

    def missing(self, tx: Transaction, sha256: str) -> list[int]:
        """Offsets of the parts that are not here."""
        query = sa.select(blob_parts.c.offset).where(blob_parts.c.sha256 == sha256)
        held = set(tx.execute(query).scalars())
        return [offset for offset in self._known(tx, sha256).offsets() if offset not in held]

    @staticmethod
    def drop(tx: Transaction, sha256: str) -> None:
        """Forget a blob and its parts."""
        tx.execute(sa.delete(blob_parts).where(blob_parts.c.sha256 == sha256))
        tx.execute(sa.delete(blobs).where(blobs.c.sha256 == sha256))

    @staticmethod
    def purge(tx: Transaction, before: datetime) -> int:
        """Forget blobs last kept before `before`; the caller knows that nothing refers to them."""
        old = tx.execute(sa.select(blobs.c.sha256).where(blobs.c.created_at < before)).scalars()
        gone = list(old)
        for sha256 in gone:
            Blobs.drop(tx, sha256)
        return len(gone)

    # -- inside ----------------------------------------------------------------------------------

    def _begin(self, tx: Transaction, ref: BlobRef, *, received: int) -> bool:
        now = self._clock.now()
        if insert_or_ignore(tx, blobs, {**ref.to_json(), "received": received, "created_at": now}):
            return True
        self._update(tx, ref.sha256, created_at=now)  # who keeps it now counts on it as of now
        return False

    def _known(self, tx: Transaction, sha256: str) -> BlobRef:
        found = self.find(tx, sha256)
        if found is None:
            raise Refused("blob-missing", sha256=sha256)
        return found

    def _update(self, tx: Transaction, sha256: str, **values: Any) -> None:
        tx.execute(sa.update(blobs).where(blobs.c.sha256 == sha256).values(**values))
