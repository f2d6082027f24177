"""Summaries of what is old: what is due, what a summary was made of, and the owner's word on it.

An original is in one summary at most: the key of `summary_sources` keeps it so, whoever writes at
the same time. A discarded or refused summary sets its originals free after an interval. Summaries,
pinned records and facts about the owner are never summarised. Asks no model: `core.upkeep` does.

Errors: Refused(`summary-missing`, `summary-twice`, `summary-decided`, `summary-empty`,
`summary-too-long`). Every method works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.errors import Refused
from core.ids import new_id
from core.memory import loading, points, state_names, summary_store
from core.memory.message_store import restamped
from core.memory.ports import Clocks, Indexes
from core.memory.record_model import MOST_TEXT, Actor
from core.memory.summary_model import (
    MOST_IN_BATCH,
    Batch,
    Draft,
    LastRun,
    Original,
    Summary,
    SummaryState,
)
from core.memory.summary_store import SETS_FREE, Due, Source
from core.memory.tables import memory_state, summaries, summary_sources
from core.redaction import Redaction
from core.runs.model import Label

#: After so long the originals of a discarded or refused summary may be summarised again.
INTERVAL = timedelta(days=30)
#: The owner may decide about these.
WAITS = (SummaryState.REVIEW, SummaryState.REFUSED)
#: Originals of each table that are looked at for one choice.
MOST_LOOKED_AT = 5000
#: Summaries on one page of a phone screen.
PAGE_ROWS = 6


class OldSummaries:
    """Summaries of this place. `origin` is its name; `interval`: SUMMARY_INTERVAL_DAYS."""

    def __init__(
        self,
        clock: Clock,
        clocks: Clocks,
        index: Indexes,
        origin: str,
        redact: Redaction | None = None,
        interval: timedelta = INTERVAL,
    ) -> None:
        self._clock = clock
        self._clocks = clocks
        self._index = index
        self._origin = origin
        self._redact = redact or Redaction()
        self._interval = interval

    # -- what is due

    def due(
        self, tx: Transaction, before: datetime, most: int, label: Label | None = None
    ) -> tuple[Batch, ...]:
        """At most `most` batches of originals older than `before`, the oldest first; of `label`
        only, where one is given."""
        found = summary_store.due(tx, before, self._freed(), label, MOST_LOOKED_AT)
        found.sort(key=lambda each: each.group)  # stable: the oldest of a group stays first
        groups = [list(group) for _, group in groupby(found, key=lambda each: each.group)]
        chosen = [
            group[at : at + MOST_IN_BATCH]
            for group in groups
            for at in range(0, len(group), MOST_IN_BATCH)
        ]
        chosen.sort(key=lambda batch: batch[0].at)
        return tuple(self._batch(tx, batch) for batch in chosen[:most])

    def count_due(self, tx: Transaction, before: datetime) -> int:
        """How many originals are due in all."""
        return summary_store.count_due(tx, before, self._freed())

    def originals(self, tx: Transaction, wanted: Sequence[Source]) -> tuple[Original, ...]:
        """Those of `wanted` that may still be summarised, with their words, in that order."""
        return tuple(summary_store.originals(tx, wanted))

    # -- keeping

    def keep(self, tx: Transaction, draft: Draft) -> Summary:
        """Store it with its sources. Refused(`summary-twice`) when one of them has another."""
        summary_id, batch = new_id(), draft.batch
        stamp, now = self._clocks.tick(tx), self._clock.now()
        sources = [(each.kind, each.id) for each in batch.originals]
        self._free(tx, sources)
        text = self._redact(draft.text)
        values: dict[str, Any] = {
            "id": summary_id,
            "state": draft.state,
            "category": batch.category,
            "thread_id": batch.thread_id,
            "text": text,
            "points": self._redact.through(summary_store.points_json(draft.points)),
            "missing": summary_store.facts_json(draft.checked.missing),
            "original_count": len(batch.originals),
            "since": min(each.at for each in batch.originals),
            "until": max(each.at for each in batch.originals),
            "label": Label.highest(draft.label, batch.label),
            "language": draft.language,
            "endpoint": draft.endpoint,
            "run_id": draft.run_id,
            "origin": self._origin,
            "clock": stamp.value,
            "clock_node": stamp.node,
            "created_at": now,
            "changed_at": now,
            "decided_at": now if draft.state.has_taken_over else None,
        }
        tx.execute(sa.insert(summaries).values(**values))
        for kind, source_id in sources:
            row = {"kind": kind, "source_id": source_id, "summary_id": summary_id}
            if not insert_or_ignore(tx, summary_sources, row):
                raise Refused("summary-twice")
        return self._indexed(tx, summary_id)

    def decide(
        self,
        tx: Transaction,
        summary_id: str,
        state: SummaryState,
        actor: Actor,  # noqa: ARG002 - the port's; a summary has no history, its originals do
        text: str | None = None,
    ) -> Summary:
        """KEPT, CORRECTED (with `text`) or DISCARDED, of one that waits for it or was refused."""
        row = self._row(tx, summary_id)
        stamp, now = self._clocks.tick(tx), self._clock.now()
        values: dict[str, Any] = {"state": state}
        if state is SummaryState.CORRECTED:
            values |= self._corrected(tx, summary_id, text or "")
        decided = tx.execute(
            sa.update(summaries)
            .where(summaries.c.id == summary_id, summaries.c.state.in_(WAITS))
            .values(
                **values,
                decided_at=now,
                changed_at=now,
                clock=stamp.value,
                clock_node=stamp.node,
                versions=restamped(row.versions, stamp, *values),
            )
        )
        if decided.rowcount != 1:
            raise Refused("summary-decided")
        return self._indexed(tx, summary_id)

    # -- looking

    def get(self, tx: Transaction, summary_id: str, reader: Label) -> Summary:
        """One summary. Refused(`summary-missing`), also where `reader` may not read it."""
        summary = summary_store.summary_of(self._row(tx, summary_id))
        if summary.label is Label.PRIVATE and reader is Label.OPEN:
            raise Refused("summary-missing")
        return summary

    def page(self, tx: Transaction, reader: Label, page: int = 0) -> tuple[Summary, ...]:
        """What waits for the owner first, then the newest; pages count from 0."""
        waits = sa.case((summaries.c.state == SummaryState.REVIEW, 0), else_=1)
        query = (
            sa.select(summaries)
            .where(*_readable(reader))
            .order_by(waits, summaries.c.seq.desc())
            .limit(PAGE_ROWS)
            .offset(max(page, 0) * PAGE_ROWS)
        )
        return tuple(summary_store.summary_of(row) for row in tx.execute(query))

    def counts(self, tx: Transaction, reader: Label) -> dict[SummaryState, int]:
        """How many of each state."""
        query = (
            sa.select(summaries.c.state, sa.func.count().label("many"))
            .where(*_readable(reader))
            .group_by(summaries.c.state)
        )
        return {SummaryState(row.state): row.many for row in tx.execute(query)}

    # -- the last run

    def last(self, tx: Transaction) -> LastRun | None:
        """When old memories were last summarised, and what came of it."""
        query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.SUMMARISED)
        value = tx.execute(query).scalar_one_or_none()
        if value is None:
            return None
        return LastRun(**{**value, "at": datetime.fromisoformat(value["at"])})

    def note(self, tx: Transaction, run: LastRun) -> None:
        """Keep what came of a run."""
        value = {**vars(run), "at": run.at.isoformat()}
        row = {"name": state_names.SUMMARISED, "value": value, "changed_at": self._clock.now()}
        if not insert_or_ignore(tx, memory_state, row):
            tx.execute(
                sa.update(memory_state)
                .where(memory_state.c.name == state_names.SUMMARISED)
                .values(value=value, changed_at=row["changed_at"])
            )

    # -- inside

    def _batch(self, tx: Transaction, chosen: Sequence[Due]) -> Batch:
        first = chosen[0]
        found = self.originals(tx, [(each.kind, each.id) for each in chosen])
        return Batch(first.category, first.thread_id, found, first.label)

    def _freed(self) -> datetime:
        return self._clock.now() - self._interval

    def _free(self, tx: Transaction, sources: Sequence[Source]) -> None:
        """A summary that was discarded or refused long ago gives these originals up."""
        for row in summary_store.holders_of(tx, sources):
            state = SummaryState(row.state)
            if state not in SETS_FREE or (row.decided_at or row.created_at) >= self._freed():
                raise Refused("summary-twice")
            if state is SummaryState.REFUSED:  # nobody decided: another one takes its place
                now, stamp = self._clock.now(), self._clocks.tick(tx)
                tx.execute(
                    sa.update(summaries)
                    .where(summaries.c.id == row.id)
                    .values(
                        state=SummaryState.DISCARDED,
                        decided_at=now,
                        changed_at=now,
                        clock=stamp.value,
                        clock_node=stamp.node,
                        versions=restamped(row.versions, stamp, "state"),
                    )
                )
            summary_store.let_go(tx, row.id, sources)

    def _corrected(self, tx: Transaction, summary_id: str, text: str) -> dict[str, Any]:
        """The owner's own words, our own secrets taken out; points as near as can be told."""
        tidy = self._redact.own(text).strip()
        if not tidy:
            raise Refused("summary-empty")
        if len(tidy) > MOST_TEXT:
            raise Refused("summary-too-long", most=MOST_TEXT)
        sources = summary_store.sources_of(tx, summary_id)
        found = points.attributed(tidy, self.originals(tx, sources))
        return {"text": tidy, "points": summary_store.points_json(found)}

    def _indexed(self, tx: Transaction, summary_id: str) -> Summary:
        """The summary as it is now; one that has taken over can be found."""
        row = self._row(tx, summary_id)
        if SummaryState(row.state).has_taken_over:
            self._index.put(tx, loading.item_of_row(summaries, row, row.text))
        return summary_store.summary_of(row)

    @staticmethod
    def _row(tx: Transaction, summary_id: str) -> Any:
        query = sa.select(summaries).where(
            summaries.c.id == summary_id, summaries.c.deleted_at.is_(None)
        )
        row = tx.execute(query).one_or_none()
        if row is None:
            raise Refused("summary-missing")
        return row


def _readable(reader: Label) -> list[sa.ColumnElement[bool]]:
    alive: list[sa.ColumnElement[bool]] = [summaries.c.deleted_at.is_(None)]
    return alive if reader is Label.PRIVATE else [*alive, summaries.c.label == Label.OPEN]
