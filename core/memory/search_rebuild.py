"""The index as upkeep knows it: is it whole, what is wrong with it, build it anew in portions.

All of it is derived, so a rebuild begins by taking everything out. While it runs, search finds what
is in already, and what is written meanwhile goes in as always: an item that is there is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.memory import normalise, state_names
from core.memory.loading import cursor_of
from core.memory.ports import Loads
from core.memory.search_index import Index, digest, state_of, words_in, words_of
from core.memory.search_model import ItemKind
from core.memory.search_tables import embeddings, search_items
from core.memory.tables import memory_state

#: Items whose words are compared with their texts by `check`.
SAMPLES = 200


class Rebuild:
    """`Rebuilds` over an index. Inside the caller's write transaction."""

    def __init__(self, clock: Clock, loads: Loads, index: Index) -> None:
        self._clock = clock
        self._loads = loads
        self._index = index

    def is_current(self, tx: Transaction) -> bool:
        """Was it built, to its end, with this normaliser and these Unicode tables?"""
        state = state_of(tx) or {}
        return state.get("fingerprint") == normalise.fingerprint() and bool(state.get("is_whole"))

    def check(self, tx: Transaction) -> tuple[str, ...]:
        """The structure of the index, its rows, and samples of items against their texts."""
        wrong = list(words_in(tx).check(tx))
        if not wrong:
            wrong += self._strange(tx, _samples(tx))
        return tuple(wrong)

    def rebuild(self, tx: Transaction, after: int, most: int) -> int | None:
        """Index the next `most` items after the cursor; where to go on, None at the end. From 0
        it begins anew; a cursor of an index that was begun otherwise begins anew, too."""
        begun = state_of(tx) or {}
        if after == 0 or begun.get("fingerprint") != normalise.fingerprint():
            self._clear(tx)
            after = 0
        last, count = after, 0
        for item in self._loads.all_items(tx, after, most):
            if not _is_in(tx, item.kind, item.source):
                self._index.put(tx, item)
            last, count = cursor_of(item), count + 1
        is_whole = count < most
        self._note(tx, is_whole=is_whole)
        return None if is_whole else last

    def _clear(self, tx: Transaction) -> None:
        words_in(tx).clear(tx)
        tx.execute(sa.delete(embeddings))
        tx.execute(sa.delete(search_items))
        self._note(tx, is_whole=False)

    def _note(self, tx: Transaction, *, is_whole: bool) -> None:
        value = {"fingerprint": normalise.fingerprint(), "is_whole": is_whole}
        values = {"value": value, "changed_at": self._clock.now()}
        named = memory_state.c.name == state_names.INDEX
        if not tx.execute(sa.update(memory_state).where(named).values(**values)).rowcount:
            tx.execute(sa.insert(memory_state).values(name=state_names.INDEX, **values))

    def _strange(self, tx: Transaction, rows: Sequence[Any]) -> list[str]:
        items = {(ItemKind(row.kind), row.source): row for row in rows}
        texts = self._loads.texts(tx, list(items))
        lost = [item for item in items if item not in texts]
        other = []
        for item, text in texts.items():
            words = words_of(text)
            row = items[item]
            if row.digest != digest(words) or not words_in(tx).rows_of(tx, row.seq, words):
                other.append(item)
        found = []
        if lost:
            found.append(f"{len(lost)} of {len(rows)} sampled items have no text")
        if other:
            found.append(f"{len(other)} of {len(rows)} sampled items have other words")
        return found


def _is_in(tx: Transaction, kind: ItemKind, source: int) -> bool:
    query = sa.select(search_items.c.seq).where(
        search_items.c.kind == int(kind), search_items.c.source == source
    )
    return tx.execute(query).one_or_none() is not None


def _samples(tx: Transaction) -> Sequence[Any]:
    """Spread over all rows by their numbers, the newest among them."""
    newest = tx.execute(sa.select(sa.func.max(search_items.c.seq))).scalar_one() or 0
    wanted = {max(1, round(newest * number / SAMPLES)) for number in range(1, SAMPLES + 1)}
    return tx.execute(sa.select(search_items).where(search_items.c.seq.in_(sorted(wanted)))).all()
