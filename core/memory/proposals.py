"""Facts and contradictions that wait for the owner.

Decides what a proposed fact becomes: a record at once (the owner's own words, sure, new), a
question (doubtful, somebody else's words, against what is remembered), or nothing (known, refused
before, quoting nothing). Nothing is overwritten without a tap, and then the record's history keeps
what was there. Asks no model. Errors: Refused(`proposal-missing`, `proposal-closed`,
`proposal-verb`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.memory import contradictions, fact_rules
from core.memory.fact_model import (
    Contradiction,
    Fact,
    Proposal,
    ProposalKind,
    ProposalState,
    Said,
)
from core.memory.fact_rules import Judged
from core.memory.normalise import normal
from core.memory.ports import Records, Search
from core.memory.proposal_rows import proposal_of, record_of, row_of
from core.memory.question_words import question_words
from core.memory.record_model import Actor, Category, ChangeKind, NewRecord, Record, Source, Stored
from core.memory.search_model import ItemKind, Query
from core.memory.tables import proposals
from core.runs.model import Label

#: How long a question stays open.
OPEN_FOR = timedelta(days=30)
#: Records looked at besides the standing ones, for what a fact may contradict.
MOST_NEAR = 10
#: The newest proposals that a new one is compared with.
MOST_COMPARED = 2000
#: What the owner can say to which kind of question, and what the question becomes.
VERBS = {
    ProposalKind.FACT: {"keep": ProposalState.ACCEPTED, "drop": ProposalState.REFUSED},
    ProposalKind.CONTRADICTION: {
        "replace": ProposalState.ACCEPTED,
        "both": ProposalState.BOTH,
        "drop": ProposalState.REFUSED,
    },
}


class Proposals:
    """Proposals of this place. `origin` is its name; `search` finds more to contradict than the
    standing facts."""

    def __init__(
        self, records: Records, clock: Clock, origin: str, search: Search | None = None
    ) -> None:
        self._records = records
        self._clock = clock
        self._origin = origin
        self._search = search

    # -- taking facts ----------------------------------------------------------------------------

    def take(
        self, tx: Transaction, facts: Sequence[Fact], among: Sequence[Said], actor: Actor
    ) -> tuple[tuple[Stored, ...], tuple[Proposal, ...]]:
        """Store what is sure and the owner's own; keep the rest, and contradictions, as
        proposals. What quotes no message, repeats a record or a proposal, is dropped."""
        said = {each.message_id: each for each in among}
        stored: list[Stored] = []
        asked: list[Proposal] = []
        for fact in facts:
            source = said.get(fact.message_id)
            if source is None or self._is_known(tx, fact):
                continue
            verdict = fact_rules.judged(fact, source)
            if verdict is Judged.DROP:
                continue
            found = self.against(tx, fact, source.label)
            if found is None and verdict is Judged.STORE:
                stored.append(self._store(tx, fact, source, actor))
            else:
                asked.append(self._propose(tx, fact, source, found, actor))
        return tuple(each for each in stored if each.is_new), tuple(asked)

    def against(self, tx: Transaction, fact: Fact, reader: Label) -> Contradiction | None:
        """The fact against what is remembered, as far as `reader` may know it."""
        known = {each.id: each for each in self._records.standing(tx, reader)}
        if fact.contradicts is not None and fact.contradicts not in known:
            known |= self._alive(tx, [fact.contradicts], reader)
        known |= self._near(tx, fact, reader)
        return contradictions.against(fact, known.values())

    # -- asking the owner ------------------------------------------------------------------------

    def get(self, tx: Transaction, proposal_id: str) -> Proposal:
        row = tx.execute(sa.select(proposals).where(proposals.c.id == proposal_id)).one_or_none()
        if row is None:
            raise Refused("proposal-missing")
        return self._read(tx, [row])[0]

    def open(self, tx: Transaction, kind: ProposalKind | None = None) -> tuple[Proposal, ...]:
        """Oldest first."""
        query = sa.select(proposals).where(proposals.c.state == ProposalState.OPEN)
        if kind is not None:
            query = query.where(proposals.c.kind == kind)
        query = query.order_by(proposals.c.created_at, proposals.c.id)
        return tuple(self._read(tx, tx.execute(query).all()))

    def decide(self, tx: Transaction, proposal_id: str, verb: str, actor: Actor) -> Stored | None:
        """`keep`, `replace` (contradictions), `both`, `drop`; what was stored, None for `drop`.
        A replaced record that is gone meanwhile is remembered anew."""
        proposal = self.get(tx, proposal_id)
        state = VERBS[proposal.kind].get(verb)
        if state is None:
            raise Refused("proposal-verb", verb=verb)
        moved = tx.execute(
            sa.update(proposals)
            .where(proposals.c.id == proposal_id, proposals.c.state == ProposalState.OPEN)
            .values(state=state, decided_at=self._clock.now())
        )
        if moved.rowcount != 1:
            raise Refused("proposal-closed")
        if state is ProposalState.REFUSED:
            return None
        done = self._replace(tx, proposal, actor) if verb == "replace" else None
        done = done or self._accept(tx, proposal, actor)
        tx.execute(
            sa.update(proposals)
            .where(proposals.c.id == proposal_id)
            .values(record_id=done.record.id)
        )
        return done

    def expire(self, tx: Transaction, now: datetime) -> int:
        """Questions that nobody answered in OPEN_FOR are closed; how many."""
        closed = tx.execute(
            sa.update(proposals)
            .where(proposals.c.state == ProposalState.OPEN, proposals.c.created_at < now - OPEN_FOR)
            .values(state=ProposalState.EXPIRED, decided_at=now)
        )
        return int(closed.rowcount)

    # -- inside ----------------------------------------------------------------------------------

    def _is_known(self, tx: Transaction, fact: Fact) -> bool:
        """Were these words proposed before, and did they not just expire?"""
        query = (
            sa.select(proposals.c.text)
            .where(proposals.c.state != ProposalState.EXPIRED)
            .order_by(proposals.c.created_at.desc())
            .limit(MOST_COMPARED)
        )
        wanted = normal(fact.text)
        if any(normal(row.text) == wanted for row in tx.execute(query)):
            return True
        standing = self._records.standing(tx, Label.PRIVATE)
        return any(normal(each.text) == wanted for each in standing)

    def _near(self, tx: Transaction, fact: Fact, reader: Label) -> dict[str, Record]:
        """Records that share words with a fact, found by search."""
        words = " ".join(question_words(fact.text))
        if self._search is None or not words:
            return {}
        query = Query(words=words, reader=reader, kinds=(ItemKind.RECORD,), limit=MOST_NEAR)
        return self._alive(tx, [hit.id for hit in self._search.find(tx, query).hits], reader)

    def _alive(self, tx: Transaction, ids: Iterable[str], reader: Label) -> dict[str, Record]:
        """Statements about the owner and notes among `ids`, still alive."""
        found = {}
        for record_id in ids:
            try:
                record = self._records.get(tx, record_id, reader)
            except Refused:
                continue
            if record.deleted_at is None and record.category in {Category.FACT, Category.NOTE}:
                found[record.id] = record
        return found

    def _store(self, tx: Transaction, fact: Fact, said: Said, actor: Actor) -> Stored:
        """A fact in the owner's own words, with the row that keeps it from being stored again
        after the owner has taken it back."""
        stored = self._records.remember(tx, record_of(fact, said), actor)
        row = row_of(fact, said, self._clock.now(), self._origin, actor)
        row |= {"state": ProposalState.STORED, "record_id": stored.record.id}
        tx.execute(sa.insert(proposals).values(**row, decided_at=row["created_at"]))
        return stored

    def _propose(
        self, tx: Transaction, fact: Fact, said: Said, found: Contradiction | None, actor: Actor
    ) -> Proposal:
        row = row_of(fact, said, self._clock.now(), self._origin, actor)
        if found is not None:
            row |= {"kind": ProposalKind.CONTRADICTION, "record_id": found.record_id}
        tx.execute(sa.insert(proposals).values(**row))
        return self.get(tx, row["id"])

    def _accept(self, tx: Transaction, proposal: Proposal, actor: Actor) -> Stored:
        """By the owner's tap it is a fact, whoever said it first."""
        new = NewRecord(
            category=Category.FACT,
            text=proposal.text,
            label=proposal.label,
            source=Source.TAPPED,
            thread_id=proposal.thread_id,
            message_id=proposal.message_id,
            run_id=proposal.run_id,
            happened_at=proposal.happened_at,
        )
        return self._records.remember(tx, new, actor)

    def _replace(self, tx: Transaction, proposal: Proposal, actor: Actor) -> Stored | None:
        """The record says the new thing from now on, its history the old one; None when it is
        gone."""
        known = self._alive(tx, [proposal.record_id or ""], Label.PRIVATE)
        if not known:
            return None
        (record,) = known.values()
        return self._records.edit(
            tx,
            record.id,
            actor,
            kind=ChangeKind.CORRECTED,
            text=proposal.text,
            label=Label.highest(record.label, proposal.label),
            happened_at=proposal.happened_at,
        )

    def _read(self, tx: Transaction, rows: Sequence[Any]) -> list[Proposal]:
        """Rows as facts; of contradictions with what the record says now."""
        against = [row.record_id for row in rows if row.kind == ProposalKind.CONTRADICTION]
        known = self._alive(tx, filter(None, against), Label.PRIVATE)
        return [proposal_of(row, known.get(row.record_id)) for row in rows]
