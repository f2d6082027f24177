"""What could go into a turn's prompt, gathered from everything that is remembered.

Standing facts, the thread's summary and its newest messages, and what the question calls up from
anywhere. `context_builder` decides what of it goes in. Reads only, inside the caller's transaction,
with the reader's label at every door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from core.db import Transaction
from core.memory import context
from core.memory.context_builder import build
from core.memory.context_model import Budget, Built, Candidate, Place
from core.memory.ports import Loads, Records
from core.memory.question_words import question_words
from core.memory.record_model import MOST_IMPORTANCE, Record
from core.memory.search_model import Found, Hit, Query, Vectors
from core.runs.model import Label

#: Hits looked at for one question, page by page.
MOST_FOUND = 24
#: Pages of hits that are looked at while nearly all of them only asked the same before.
MOST_PAGES, LEAST_TELLING = 4, 6
#: Tokens of a usual message: so many messages are read as would fit if all were shorter.
USUAL_TOKENS = 30
#: Of a question with fewer words than this, the one before is looked up, too.
FEW_WORDS = 2
#: A question that was asked before tells less than what answered it.
QUESTION_WEIGHT = 0.5
QUESTION_MARKS = ("?", "\u061f")
#: Reasons of `/why`.
PINNED, FACT, FOUND = "why-memory-pinned", "why-memory-fact", "why-memory-found"


class FindsMeaning(Protocol):
    """Finding by words, and near in meaning where that is on: `core.memory.search`."""

    def meant(self, words: str) -> Vectors | None: ...

    def find(self, tx: Transaction, query: Query, meant: Vectors | None = None) -> Found: ...


class Contexts:
    """Prompts' material. Without `records` or `search` only the thread itself is known."""

    def __init__(
        self,
        search: FindsMeaning | None = None,
        records: Records | None = None,
        loads: Loads | None = None,
    ) -> None:
        self._search = search
        self._records = records
        self.loads = loads

    def meant(self, text: str) -> Vectors | None:
        """The vector of a question; None while embeddings are off. May ask a model of the owner's:
        never inside a transaction."""
        words = question_words(text)
        return self._search.meant(" ".join(words)) if self._search is not None and words else None

    def built(
        self,
        tx: Transaction,
        thread_id: str,
        reader: Label,
        budget: Budget,
        *,
        upto: str | None = None,
        about: str = "",
        meant: Vectors | None = None,
    ) -> Built:
        """What a run of label `reader` is told of the thread up to message `upto`, and of what is
        remembered besides. `about`: what the question is about, besides its own words; `meant`:
        its vector."""
        talk = context.talk(tx, thread_id, upto, self.loads, budget.total // USUAL_TOKENS)
        found = [*talk, *self._standing(tx, reader)]
        found += self._matters(tx, reader, words_of(talk, about, reader), meant)
        return build(budget, found, reader)

    def _standing(self, tx: Transaction, reader: Label) -> Iterator[Candidate]:
        if self._records is None:
            return
        for record in self._records.standing(tx, reader):
            yield _standing(record)

    def _matters(
        self, tx: Transaction, reader: Label, words: tuple[str, ...], meant: Vectors | None
    ) -> Iterator[Candidate]:
        if self._search is None or not words:
            return
        query = Query(words=" ".join(words), reader=reader, limit=MOST_FOUND)
        telling = 0
        for page in range(MOST_PAGES):
            at = page * MOST_FOUND
            hits = self._search.find(tx, replace(query, offset=at), meant).hits
            yield from map(_found, hits)
            telling += sum(not _is_question(hit.text) for hit in hits)
            if len(hits) < MOST_FOUND or telling >= LEAST_TELLING:
                return


def words_of(talk: Sequence[Candidate], about: str, reader: Label) -> tuple[str, ...]:
    """The words to look up: the newest message's; of a short follow-up also those of the message
    before it. An open run looks up no word of a private message."""
    said = [
        each.text
        for each in talk
        if each.kind == "message" and (each.label is Label.OPEN or reader is Label.PRIVATE)
    ]
    newest = said[-1] if said else ""
    words = question_words(f"{newest} {about}")
    if words and len(words) < FEW_WORDS and len(said) > 1:
        words = tuple(dict.fromkeys((*words, *question_words(said[-2]))))
    return words


def _standing(record: Record) -> Candidate:
    return Candidate(
        id=record.id,
        kind="record",
        place=Place.STANDING,
        text=record.text,
        label=record.label,
        reason=PINNED if record.is_pinned else FACT,
        score=record.importance + (MOST_IMPORTANCE + 1 if record.is_pinned else 0),
        at=record.happened_at,
    )


def _found(hit: Hit) -> Candidate:
    return Candidate(
        id=hit.id,
        kind=hit.kind.name.lower(),
        place=Place.MATTERS,
        text=hit.text,
        label=hit.label,
        reason=FOUND,
        score=hit.score * (QUESTION_WEIGHT if _is_question(hit.text) else 1.0),
        at=hit.at,
    )


def _is_question(text: str) -> bool:
    return text.rstrip().endswith(QUESTION_MARKS)
