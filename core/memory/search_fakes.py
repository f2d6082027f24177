"""An index, a search and an embedder in memory, for tests and for building against.

They keep the promises of `core.memory.ports` that others lean on: a text enters and leaves in the
normal form, a former text that is not the indexed one is noticed, an open reader finds nothing
private. They rank by how many words match, then by time; figures are the real ones' business.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

from core.db import Transaction
from core.errors import Unavailable
from core.memory.normalise import normal, stem, words_of
from core.memory.search_model import (
    Found,
    Hit,
    Item,
    ItemKind,
    Part,
    Query,
    Snippet,
    Way,
)
from core.memory.search_query import parsed
from core.runs.model import Label

#: Numbers in a vector of the fake embedder.
DIMENSIONS = 256


class FakeIndex:
    """`Indexes` over a dictionary. It knows no rollback: what a failed transaction put stays."""

    def __init__(self) -> None:
        self.items: dict[tuple[ItemKind, int], Item] = {}

    def put(self, tx: Transaction, item: Item, former: str | None = None) -> None:  # noqa: ARG002
        self._leave(item.kind, item.source, former)
        if words_of(normal(item.text)):
            self.items[item.kind, item.source] = item

    def drop(self, tx: Transaction, kind: ItemKind, source: int, former: str) -> None:  # noqa: ARG002
        self._leave(kind, source, former)

    def refile(self, tx: Transaction, item: Item) -> None:  # noqa: ARG002
        was = self.items.get((item.kind, item.source))
        if was is not None:
            self.items[item.kind, item.source] = replace(item, text=was.text)

    def _leave(self, kind: ItemKind, source: int, former: str | None) -> None:
        was = self.items.pop((kind, source), None)
        if was is not None and (former is None or normal(former) != normal(was.text)):
            raise AssertionError(f"the former text of {kind.name} {source} is not what was indexed")


class FakeSearch:
    """`Search` over a `FakeIndex`. A hit's id is its kind and source: `record-7`."""

    def __init__(self, index: FakeIndex) -> None:
        self._index = index

    def find(self, tx: Transaction, query: Query) -> Found:  # noqa: ARG002
        chosen = [item for item in self._index.items.values() if is_chosen(item, query)]
        asked = parsed(query.words)
        wanted = {stem(word) for word in (*asked.terms, *" ".join(asked.phrases).split())}
        scored = [(len(wanted & _stems(item.text)), item) for item in chosen]
        if query.words.strip():
            scored = [each for each in scored if each[0]]
        scored.sort(key=lambda each: (each[0], each[1].at), reverse=True)
        page = scored[query.offset : query.offset + query.limit]
        hits = tuple(self._hit(item, score, len(wanted)) for score, item in page)
        return Found(hits, len(scored))

    def similar(self, tx: Transaction, item: tuple[ItemKind, int], reader: Label) -> Found:
        known = self._index.items.get(item)
        if known is None or (known.label is Label.PRIVATE and reader is Label.OPEN):
            return Found((), 0)
        found = self.find(tx, Query(words=known.text, reader=reader, limit=11))
        others = tuple(h for h in found.hits if h.id != _id(known))
        return Found(others[:10], found.total - 1)

    def sizes(self, tx: Transaction) -> tuple[Part, ...]:  # noqa: ARG002
        return (Part("texts", sum(len(i.text.encode()) for i in self._index.items.values())),)

    def _hit(self, item: Item, score: int, wanted: int) -> Hit:
        way = Way.LISTED if not wanted else Way.ALL if score == wanted else Way.ANY
        return Hit(
            seq=list(self._index.items).index((item.kind, item.source)) + 1,
            kind=item.kind,
            id=_id(item),
            text=item.text,
            snippet=Snippet(item.text),
            score=float(score),
            way=way,
            at=item.at,
            label=item.label,
            category=item.category,
            origin=item.origin,
            importance=item.importance,
            thread_id=item.thread_id,
            is_archived=item.is_archived,
        )


class FakeEmbedder:
    """`Embedder` without a model: a text's vector is the sum of its words' stems. `synonyms` are
    groups of words that mean one thing; `is_away` makes it refuse, `is_mine` says whose it is."""

    model = "fake-embedder"

    def __init__(self, synonyms: Sequence[Sequence[str]] = (), *, is_mine: bool = True) -> None:
        self._same = {
            stem(normal(word)): stem(normal(group[0])) for group in synonyms for word in group
        }
        self.is_mine = is_mine
        self.is_away = False
        self.given: list[str] = []

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        if self.is_away:
            raise Unavailable("no-embedder", model=self.model, why="away")
        self.given += texts
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * DIMENSIONS
        for found in _stems(text):
            digest = hashlib.sha256(self._same.get(found, found).encode()).digest()
            vector[digest[0] % DIMENSIONS] += 1.0 if digest[1] % 2 else -1.0
            vector[digest[2] % DIMENSIONS] += 1.0 if digest[3] % 2 else -1.0
        length = math.sqrt(sum(number * number for number in vector)) or 1.0
        return [number / length for number in vector]


def is_chosen(item: Item, query: Query) -> bool:
    """Do the fields of the query besides its words choose the item?"""
    if query.reader is Label.OPEN and item.label is Label.PRIVATE:
        return False
    return (
        (not query.kinds or item.kind in query.kinds)
        and (not query.categories or item.category in query.categories)
        and (query.since is None or item.at >= query.since)
        and (query.until is None or item.at < query.until)
        and query.thread_id in (None, item.thread_id)
        and query.origin in (None, item.origin)
        and query.label in (None, item.label)
        and query.is_archived in (None, item.is_archived)
    )


def _id(item: Item) -> str:
    return f"{item.kind.name.lower()}-{item.source}"


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words_of(normal(text))}
