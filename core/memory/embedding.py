"""Nearness in meaning: vectors of texts by a local model; off unless MASK_EMBED_MODEL is set.

Decides which texts may be embedded (private ones by a model on the owner's machine only) and which
rows are near a vector. Vectors are unit length, float16, in `embeddings`. Comparing goes in two
steps: signs of all vectors in memory (an eighth of a byte per number), then the true vectors of the
nearest few. The signs are read once and kept for RELOAD_S; rows that are gone since are not found,
because the true vectors are read with their items.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.errors import Broken, Unavailable
from core.memory import search_filters
from core.memory.ports import Embedder
from core.memory.search_model import Query, Vectors
from core.memory.search_tables import embeddings, search_items
from core.runs.model import Label

#: Seconds after which all signs are read anew; newer vectors are added at each use.
RELOAD_S = 600
#: Vectors that are compared truly.
COMPARED = 400
#: Below that cosine two texts have nothing to do with each other.
LEAST_ALIKE = 0.35
PORTION = 500


@dataclass
class _Signs:
    """Rows of the index with the signs of their vectors, as bits."""

    seqs: Any
    bits: Any
    read_at: datetime

    @property
    def upto(self) -> int:
        return int(self.seqs[-1]) if len(self.seqs) else 0


class Meaning:
    """Vectors of texts and what is near them. Safe to share between threads."""

    def __init__(self, embedder: Embedder, clock: Clock) -> None:
        self._embedder = embedder
        self._clock = clock
        self._lock = threading.Lock()
        self._signs: _Signs | None = None

    @property
    def model(self) -> str:
        return self._embedder.model

    def may_read(self, label: Label) -> bool:
        """May texts of this label be given to the model?"""
        return self._embedder.is_mine or label is Label.OPEN

    def vectors(self, texts: Sequence[str], label: Label = Label.PRIVATE) -> Vectors:
        """Unit vectors. Unavailable(`no-embedder`) when the model is away, or may not read them."""
        if not self.may_read(label):
            raise Unavailable("no-embedder", model=self.model, why="private")
        rows = self._embedder.embed(texts)
        if len(rows) != len(texts):
            raise Broken("embedder-count", given=len(texts), got=len(rows))
        return Vectors(self._embedder.model, rows)

    def keep(self, tx: Transaction, seqs: Sequence[int], vectors: Vectors) -> int:
        """Store them; rows that have gone meanwhile, or have a vector, are left out. How many."""
        alive = set(tx.execute(_present(seqs)).scalars())
        kept = 0
        for seq, row in zip(seqs, vectors.rows, strict=True):
            if seq in alive:
                values = {"seq": seq, "model": vectors.model, "vector": packed(row)}
                kept += insert_or_ignore(tx, embeddings, values)
        return kept

    def lacking(self, tx: Transaction, after: int, most: int) -> list[tuple[int, int, int, bool]]:
        """Items without a vector that the model may read: (seq, kind, source, is_private)."""
        joined = sa.outerjoin(search_items, embeddings, embeddings.c.seq == search_items.c.seq)
        items = search_items.c
        query = (
            sa.select(items.seq, items.kind, items.source, items.is_private)
            .select_from(joined)
            .where(embeddings.c.seq.is_(None), items.seq > after)
            .order_by(items.seq)
            .limit(most)
        )
        if not self.may_read(Label.PRIVATE):
            query = query.where(items.is_private.is_(False))
        return [(row.seq, row.kind, row.source, row.is_private) for row in tx.execute(query)]

    def forget_others(self, tx: Transaction) -> int:
        """Vectors of another model do not compare with this one's."""
        gone = tx.execute(sa.delete(embeddings).where(embeddings.c.model != self.model))
        with self._lock:
            self._signs = None if gone.rowcount else self._signs
        return gone.rowcount

    def near_item(self, tx: Transaction, seq: int, query: Query, most: int) -> list[int]:
        """Rows near another row's vector, itself left out; none while it has no vector."""
        found = tx.execute(
            sa.select(embeddings.c.vector).where(
                embeddings.c.seq == seq, embeddings.c.model == self.model
            )
        ).scalar_one_or_none()
        if found is None:
            return []
        vector = [float(number) for number in _unpacked(found)]
        near = self.nearest(tx, Vectors(self.model, [vector]), query, most + 1)
        return [each for each in near if each != seq][:most]

    def nearest(self, tx: Transaction, meant: Vectors, query: Query, most: int) -> list[int]:
        """Rows that the query's other fields choose, the nearest first."""
        import numpy as np

        if meant.model != self.model:
            return []
        signs = self._current(tx)
        wanted = np.asarray(meant.rows[0], dtype=np.float32)
        if not len(signs.seqs) or signs.bits.shape[1] != len(_bits(wanted)):
            return []
        chosen = search_filters.chosen(tx, query)
        seqs, bits = signs.seqs, signs.bits
        if chosen.among is not None:
            kept = np.isin(seqs, np.fromiter(chosen.among, dtype=np.int64))
            seqs, bits = seqs[kept], bits[kept]
        apart = np.bitwise_count(bits ^ _bits(wanted)).sum(axis=1, dtype=np.int32)
        few = seqs[np.argsort(apart, kind="stable")[:COMPARED]]
        alike = [
            (float(_unpacked(row.vector).astype(np.float32) @ wanted), row.seq)
            for row in _true(tx, [int(seq) for seq in few], self.model, query)
        ]
        near = sorted((each for each in alike if each[0] >= LEAST_ALIKE), reverse=True)
        return [seq for _, seq in near[:most]]

    def _current(self, tx: Transaction) -> _Signs:
        import numpy as np

        now = self._clock.now()
        with self._lock:
            known = self._signs
            if known is None or now - known.read_at > timedelta(seconds=RELOAD_S):
                known = _Signs(np.zeros(0, np.int64), np.zeros((0, 0), np.uint8), now)
            self._signs = known = _extended(tx, known, self.model)
            return known


def packed(vector: Sequence[float]) -> bytes:
    """A vector as it is stored."""
    import numpy as np

    return bytes(np.asarray(vector, dtype="<f2").tobytes())


def _unpacked(stored: bytes) -> Any:
    import numpy as np

    return np.frombuffer(stored, dtype="<f2")


def _bits(vector: Any) -> Any:
    import numpy as np

    return np.packbits(vector > 0)


def _extended(tx: Transaction, known: _Signs, model: str) -> _Signs:
    """With the rows that came since."""
    import numpy as np

    query = (
        sa.select(embeddings.c.seq, embeddings.c.vector)
        .where(embeddings.c.seq > known.upto, embeddings.c.model == model)
        .order_by(embeddings.c.seq)
    )
    rows = [(row.seq, _bits(_unpacked(row.vector))) for row in tx.execute(query)]
    if not rows:
        return known
    seqs = np.concatenate([known.seqs, np.asarray([seq for seq, _ in rows], dtype=np.int64)])
    bits = np.stack([each for _, each in rows])
    if len(known.seqs):
        bits = np.concatenate([known.bits, bits])
    return _Signs(seqs, bits, known.read_at)


def _true(tx: Transaction, seqs: Sequence[int], model: str, query: Query) -> list[Any]:
    """The stored vectors of those that the reader may find."""
    condition, values = search_filters.where(query)
    found = []
    for at in range(0, len(seqs), PORTION):
        few = tuple(seqs[at : at + PORTION])
        sql = (
            "SELECT e.seq, e.vector FROM embeddings AS e JOIN search_items USING (seq) "  # noqa: S608
            f"WHERE e.model = ? AND {condition} AND e.seq IN ({', '.join('?' * len(few))})"
        )
        found += [_Row(*row) for row in search_filters.run(tx, sql, (model, *values, *few))]
    return found


@dataclass(frozen=True)
class _Row:
    seq: int
    vector: bytes


def _present(seqs: Sequence[int]) -> sa.Select[Any]:
    return sa.select(search_items.c.seq).where(search_items.c.seq.in_(seqs))
