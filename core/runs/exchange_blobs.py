"""Moving blobs between places: asked for in windows of parts, each part a kept message.

Decides what is fetched next and what may be given away: private content only to the owner's
machines. The state is in the database (which parts are here, which messages are open), so a crash
of either side costs nothing but time. The sha256 is checked when the last part is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from core.db import Transaction
from core.errors import Broken, MaskError, Refused
from core.runs import exchange_bodies as bodies
from core.runs.blobs import BlobRef
from core.runs.exchange import Exchange, Incoming
from core.runs.model import Label

log = structlog.get_logger(__name__)

#: Parts asked for at once: about 0.75 MB under way.
WINDOW = 16

#: Told inside the transaction that a blob is whole (None) or cannot be had (why).
OnBlob = Callable[[Transaction, str, MaskError | None], None]


class BlobCarrier:
    """Fetches what is wanted here and serves what others ask for."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._blobs = exchange.blobs
        self._listeners: list[OnBlob] = []
        exchange.on(bodies.BLOB_REQUEST, self._serve)
        exchange.on(bodies.BLOB_CHUNK, self._take_part)
        exchange.on(bodies.BLOB_MISSING, self._take_no)
        exchange.post.attach(bodies.BLOB_CHUNK, self._part)

    def listen(self, listener: OnBlob) -> None:
        """Be told when a wanted blob is whole or cannot be had."""
        self._listeners.append(listener)

    def want(self, tx: Transaction, ref: BlobRef, place: str) -> bool:
        """Fetch `ref` from `place` unless it is here or on its way; True when it is whole here."""
        if ref.place != place:
            raise Refused("blob-reference")
        if self._blobs.is_whole(tx, ref.sha256):
            return True
        if self._blobs.expect(tx, ref):
            if ref.size == 0:
                return True
            self._ask(tx, ref.sha256, place)
        return False

    def _ask(self, tx: Transaction, sha256: str, place: str) -> None:
        offsets = self._blobs.missing(tx, sha256)[:WINDOW]
        body = bodies.plain(bodies.BlobRequest(sha256, offsets))
        self._exchange.put(tx, place, bodies.BLOB_REQUEST, body)

    # -- the giving side -------------------------------------------------------------------------

    def _serve(self, tx: Transaction, message: Incoming) -> bool:
        request = bodies.read(bodies.BlobRequest, message.body)
        place = message.sender.name
        try:
            ref = self._servable(tx, request.sha256, message)
            for offset in sorted(set(request.offsets))[:WINDOW]:
                ref.part_size(offset)
                chunk = bodies.plain(bodies.BlobChunk(request.sha256, offset))
                self._exchange.put(tx, place, bodies.BLOB_CHUNK, chunk)
        except Refused as refused:
            answer = bodies.plain(bodies.BlobMissing(request.sha256, refused.code))
            self._exchange.put(tx, place, bodies.BLOB_MISSING, answer)
        return True

    def _servable(self, tx: Transaction, sha256: str, message: Incoming) -> BlobRef:
        """Law 5: private content leaves only for the owner's machines."""
        ref = self._blobs.find(tx, sha256)
        if ref is None or not self._blobs.is_whole(tx, sha256):
            raise Refused("blob-missing", sha256=sha256)
        if ref.label is Label.PRIVATE and not message.sender.is_mine:
            raise Refused("blob-private", sha256=sha256)
        return ref

    def _part(self, tx: Transaction, body: dict[str, Any]) -> bytes:
        return self._blobs.part(tx, body["sha256"], body["offset"])

    # -- the taking side -------------------------------------------------------------------------

    def _take_part(self, tx: Transaction, message: Incoming) -> bool:
        chunk = bodies.read(bodies.BlobChunk, message.body)
        ref = self._blobs.find(tx, chunk.sha256)
        if ref is None or ref.place != message.sender.name:
            log.warning("blob-part-unasked", node=message.sender.name)
            return True
        try:
            was_new = self._blobs.add_part(tx, chunk.sha256, chunk.offset, message.attachment)
        except Refused:
            self._lose(tx, chunk.sha256, Broken("blob-damaged", sha256=chunk.sha256))
            return True
        if was_new:
            self._go_on(tx, ref)
        return True

    def _go_on(self, tx: Transaction, ref: BlobRef) -> None:
        """After each new part: done, the next window, or wait. Every window is asked for when as
        many parts are here as were ever asked for, so the count passes each multiple once."""
        missing = len(self._blobs.missing(tx, ref.sha256))
        if not missing:
            self._finish(tx, ref.sha256)
        elif (len(ref.offsets()) - missing) % WINDOW == 0:
            self._ask(tx, ref.sha256, ref.place)

    def _take_no(self, tx: Transaction, message: Incoming) -> bool:
        answer = bodies.read(bodies.BlobMissing, message.body)
        ref = self._blobs.find(tx, answer.sha256)
        if ref is None or ref.place != message.sender.name:
            return True
        if not self._blobs.is_whole(tx, answer.sha256):
            self._lose(tx, answer.sha256, Broken("blob-missing", sha256=answer.sha256))
        return True

    def _finish(self, tx: Transaction, sha256: str) -> None:
        try:
            self._blobs.read(tx, sha256)
        except Broken as broken:
            self._lose(tx, sha256, broken)
        else:
            self._tell(tx, sha256, None)

    def _lose(self, tx: Transaction, sha256: str, why: Broken) -> None:
        self._blobs.drop(tx, sha256)
        self._tell(tx, sha256, why)

    def _tell(self, tx: Transaction, sha256: str, why: MaskError | None) -> None:
        for listener in self._listeners:
            listener(tx, sha256, why)
