"""Finding what was said, learnt or summarised: by words, and near in meaning where that is on.

Decides what answers a query best; `search_gather` says what is compared at all, `search_rank` how.
Never raises for what was typed, and never finds, counts or hints at a private thing for an open
reader. Asks no model: the vector of a query is made before the transaction, by `meant`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Unavailable
from core.memory import search_filters, search_sizes
from core.memory.embedding import Meaning
from core.memory.fusion import fused
from core.memory.normalise import LEAST_ENGLISH
from core.memory.ports import FindsLinks, Loads
from core.memory.search_gather import MOST_READ, Gathered, Gathering
from core.memory.search_index import words_in, words_of
from core.memory.search_model import (
    MOST_RANKED,
    Found,
    Hit,
    ItemKind,
    Parsed,
    Part,
    Query,
    Ranked,
    Vectors,
    Way,
)
from core.memory.search_query import parsed
from core.memory.search_rank import Asked, judged, score
from core.memory.search_tables import search_items
from core.memory.snippets import snippet
from core.memory.tables import messages, records, summaries
from core.runs.model import Label

#: Archived texts that are read to be ranked: each may open an archive.
MOST_OPENED = 24
#: What is kept of the weight of a text that nobody read.
UNREAD = 0.5
#: Hits that are like another item; terms of it that are looked for.
MOST_SIMILAR, MOST_TELLING = 10, 8
#: Rows that are near in meaning, for fusing; what such a ranking counts beside the words'.
MOST_MEANT, MEANING_WEIGHT = 50, 0.7


@dataclass(frozen=True)
class _Placed:
    """A row of the index that answers: how well, and in which way."""

    row: Any
    score: float
    way: Way
    text: str | None = None  # where it was read to be ranked


class Search:
    """`core.memory.ports.Search` over the index of either dialect."""

    def __init__(
        self,
        clock: Clock,
        loads: Loads,
        links: FindsLinks,
        meaning: Meaning | None = None,
        *,
        most_ranked: int = MOST_RANKED,
    ) -> None:
        """Without `meaning` embeddings are off; `most_ranked` is another than usual only where
        its cost is measured."""
        self._most_ranked = most_ranked
        self._clock = clock
        self._loads = loads
        self._links = links
        self._meaning = meaning

    def meant(self, words: str) -> Vectors | None:
        """The vector of a query; None while embeddings are off or their model does not answer:
        words alone find then. Asks a model, so never inside a transaction."""
        if self._meaning is None or not words.strip():
            return None
        try:
            return self._meaning.vectors([words])
        except Unavailable:
            return None

    def find(self, tx: Transaction, query: Query, meant: Vectors | None = None) -> Found:
        """All words first, then some, then parts of words; ranked by relevance, recency and
        importance; fused with what is near in meaning, when `meant` is given."""
        if not query.words.strip():
            return self._listed(tx, query)
        asked = parsed(query.words)
        chosen = search_filters.chosen(tx, query)
        wanted = query.offset + query.limit
        gathered = Gathering(tx, words_in(tx), chosen, self._most_ranked).gather(asked, wanted)
        placed = self._ranked(tx, gathered, wanted)
        if meant is not None and self._meaning is not None:
            nearest = self._meaning.nearest(tx, meant, query, MOST_MEANT)
            placed = _fused(tx, placed, nearest)
        total = max(len(gathered.rows), len(placed))
        return self._found(tx, query, gathered, placed, total)

    def similar(self, tx: Transaction, item: tuple[ItemKind, int], reader: Label) -> Found:
        """What is near an item in meaning; by words where there are no embeddings."""
        query = Query(reader=reader, limit=MOST_SIMILAR)
        kind, source = item
        own = _row(tx, kind, source)
        if own is None or (own.is_private and reader is Label.OPEN):
            return Found((), 0)
        asked = _telling(self._loads.texts(tx, [item])[item])
        chosen = search_filters.chosen(tx, query)
        gathered = Gathering(tx, words_in(tx), chosen, self._most_ranked).gather_some(asked)
        gathered.rows.pop(own.seq, None)
        placed = self._ranked(tx, gathered, MOST_SIMILAR)
        if self._meaning is not None:
            nearest = self._meaning.near_item(tx, own.seq, query, MOST_MEANT)
            placed = _fused(tx, placed, nearest)
        return self._found(tx, query, gathered, placed, max(len(gathered.rows), len(placed)))

    def sizes(self, tx: Transaction) -> tuple[Part, ...]:
        """The parts of the index and the tables of memory, with what they take."""
        return search_sizes.sizes(tx)

    def _ranked(self, tx: Transaction, gathered: Gathered, wanted: int) -> list[_Placed]:
        """The best of what was gathered, read and judged; behind them the others as they came."""
        order = gathered.best_first()
        read = order[: max(MOST_READ, min(wanted, MOST_RANKED))]
        rows = _rows(tx, read)
        texts = self._texts(tx, [rows[seq] for seq in read if seq in rows])
        asked, now = gathered.asked(), self._clock.now()
        placed = []
        for seq in read:
            row = rows.get(seq)
            if row is None:
                continue
            found = self._judged(asked, gathered, row, texts)
            if found is not None:
                relevance, way = found
                value = score(relevance, row.at, row.importance, now)
                placed.append(_Placed(row, value, way, texts.get(_item(row))))
        placed.sort(key=lambda each: (-each.score, -each.row.seq))
        return placed

    def _judged(
        self, asked: Asked, gathered: Gathered, row: Any, texts: dict[Any, str]
    ) -> tuple[float, Way] | None:
        text = texts.get(_item(row))
        if text is None:  # in an archive that was not opened for this
            whole = max(gathered.rows.values())
            return UNREAD * gathered.rows[row.seq] / whole, gathered.usual_way
        found = judged(asked, words_of(text))
        return None if found is None else (found.relevance, found.way)

    def _texts(self, tx: Transaction, rows: Sequence[Any]) -> dict[Any, str]:
        live = [row for row in rows if not row.is_archived]
        archived = [row for row in rows if row.is_archived][:MOST_OPENED]
        return self._loads.texts(tx, [_item(row) for row in (*live, *archived)])

    def _listed(self, tx: Transaction, query: Query) -> Found:
        """Everything the other fields choose, newest first."""
        condition, values = search_filters.where(query)
        counted = (
            f"SELECT count(*) FROM (SELECT 1 FROM search_items WHERE {condition} LIMIT ?) AS few"  # noqa: S608
        )
        total = search_filters.run(tx, counted, (*values, MOST_RANKED + 1))[0][0]
        listed = (
            f"SELECT seq FROM search_items WHERE {condition} "  # noqa: S608
            "ORDER BY at DESC, seq DESC LIMIT ? OFFSET ?"
        )
        found = search_filters.run(tx, listed, (*values, query.limit, query.offset))
        seqs = [row[0] for row in found]
        rows = _rows(tx, seqs)
        placed = [_Placed(rows[seq], 0.0, Way.LISTED) for seq in seqs]
        hits = self._hits(tx, placed, ())
        return Found(hits, min(total, MOST_RANKED), is_cut=total > MOST_RANKED)

    def _found(
        self,
        tx: Transaction,
        query: Query,
        gathered: Gathered,
        placed: Sequence[_Placed],
        total: int,
    ) -> Found:
        page = placed[query.offset : query.offset + query.limit]
        wanted = {word for term in gathered.terms for word in term.forms}
        wanted.update(word for phrase in gathered.phrases for word in phrase.split())
        hits = self._hits(tx, page, tuple(wanted))
        return Found(hits, min(total, MOST_RANKED), is_cut=gathered.is_cut)

    def _hits(
        self, tx: Transaction, placed: Sequence[_Placed], wanted: Sequence[str]
    ) -> tuple[Hit, ...]:
        items = [_item(each.row) for each in placed]
        texts = {_item(each.row): each.text for each in placed if each.text is not None}
        unread = [item for item in items if item not in texts]
        if unread:
            texts.update(self._loads.texts(tx, unread))
        own = _own(tx, items)
        marked = frozenset(wanted)
        hits = tuple(
            _hit(each, texts[item], own[item], marked)
            for each, item in zip(placed, items, strict=True)
            if item in texts and item in own
        )
        return tuple(self._links.links(tx, hits))


def _hit(placed: _Placed, text: str, own: Any, marked: frozenset[str]) -> Hit:
    row = placed.row
    return Hit(
        seq=row.seq,
        kind=ItemKind(row.kind),
        id=own.id,
        text=text,
        snippet=snippet(text, marked),
        score=placed.score,
        way=placed.way,
        at=row.at,
        label=Label.PRIVATE if row.is_private else Label.OPEN,
        category=row.category,
        origin=row.origin,
        importance=row.importance,
        thread_id=row.thread_id,
        is_pinned=bool(getattr(own, "is_pinned", False)),
        is_archived=row.is_archived,
    )


def _rows(tx: Transaction, seqs: Sequence[int]) -> dict[int, Any]:
    """Rows of the index by their numbers; in portions that SQLite takes."""
    found: dict[int, Any] = {}
    for at in range(0, len(seqs), 500):
        query = sa.select(search_items).where(search_items.c.seq.in_(seqs[at : at + 500]))
        found.update((row.seq, row) for row in tx.execute(query))
    return found


def _item(row: Any) -> tuple[ItemKind, int]:
    return ItemKind(row.kind), row.source


def _row(tx: Transaction, kind: ItemKind, source: int) -> Any:
    query = sa.select(search_items).where(
        search_items.c.kind == int(kind), search_items.c.source == source
    )
    return tx.execute(query).one_or_none()


def _own(tx: Transaction, items: Sequence[tuple[ItemKind, int]]) -> dict[Any, Any]:
    """What the rows' own tables say of them."""
    found: dict[Any, Any] = {}
    said = (ItemKind.MESSAGE, ItemKind.ANSWER)
    for table, kinds, more in (
        (records, (ItemKind.RECORD,), [records.c.is_pinned]),
        (messages, said, []),
        (summaries, (ItemKind.SUMMARY,), []),
    ):
        sources = {source: kind for kind, source in items if kind in kinds}
        if sources:
            query = sa.select(table.c.seq, table.c.id, *more).where(table.c.seq.in_(sources))
            found.update(((sources[row.seq], row.seq), row) for row in tx.execute(query))
    return found


def _fused(tx: Transaction, placed: Sequence[_Placed], nearest: Sequence[int]) -> list[_Placed]:
    """By reciprocal ranks; what only meaning has found is said to be so."""
    known = {each.row.seq: each for each in placed}
    rows = _rows(tx, [seq for seq in nearest if seq not in known])
    rankings = (
        Ranked(Way.ALL, tuple(known)),
        Ranked(Way.MEANING, tuple(nearest), MEANING_WEIGHT),
    )
    together = []
    for seq, value in fused(rankings, MOST_RANKED):
        if seq in known:
            together.append(replace(known[seq], score=value))
        elif seq in rows:
            together.append(_Placed(rows[seq], value, Way.MEANING))
    return together


def _telling(text: str) -> Parsed:
    """The longest words of a text: they say most about what it is about."""
    every = parsed(text.replace('"', " "))
    pairs = sorted(
        zip(every.terms, every.stems, strict=True), key=lambda each: len(each[0]), reverse=True
    )
    pairs = [each for each in pairs if len(each[0]) > LEAST_ENGLISH][:MOST_TELLING]
    return Parsed(tuple(term for term, _ in pairs), (), tuple(stems for _, stems in pairs))
