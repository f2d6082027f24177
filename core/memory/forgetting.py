"""Forgetting for good: orders, what they would touch, carrying them out, receipts.

Decides what stands and falls with what is forgotten, and when an order is done. Its words lie in
its own row alone, until this place is done with them; the receipt counts, it names nothing. Files
are forgotten by whoever keeps them (`core.memory.rest_ports.FileWords`), other machines by the same
walk over their own tables. Errors: Refused(`forget-missing`, `forget-nothing`, `forget-closed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.ids import new_id
from core.memory import forget_targets
from core.memory.forget_model import ForgetState, Order, Preview, Receipt, Target
from core.memory.forget_targets import Emptying
from core.memory.forget_walk import Walk, Walked
from core.memory.forget_words import Words
from core.memory.loading import Loads, kind_of
from core.memory.ports import Archives, Clocks, Indexes
from core.memory.record_model import Actor, Stamp
from core.memory.search_model import ItemKind
from core.memory.tables import forgettings
from core.runs.model import FINAL_RUN
from core.runs.tables import runs

#: Ends a run that is going: `core.runs.runs.Runs.cancel`.
EndRun = Callable[[Transaction, str], bool]


@dataclass(frozen=True)
class Carried:
    """What one walk did here: rows by table, and the runs that it ended."""

    counts: Mapping[str, int]
    ended: tuple[str, ...] = ()


class Forgets:
    """Orders to forget, at one place."""

    def __init__(
        self,
        clock: Clock,
        clocks: Clocks,
        index: Indexes,
        archives: Archives,
        loads: Loads,
        end_run: EndRun,
    ) -> None:
        self._clock = clock
        self._clocks = clocks
        self._index = index
        self._archives = archives
        self._loads = loads
        self._end_run = end_run

    def order(self, tx: Transaction, targets: Sequence[Target], named: Sequence[str] = ()) -> Order:
        """The whole order for what the owner chose: what stands or falls with it, and the words
        that must be nowhere. Refused(`forget-nothing`) when that is nothing at all."""
        words_of = self._words_of(tx)
        whole = forget_targets.widened(tx, targets, words_of)
        there = tuple(each for each in whole if forget_targets.row_of(tx, each) is not None)
        words = Words([*named, *forget_targets.needles(tx, there, words_of)])
        if not there and not words:
            raise Refused("forget-nothing")
        return Order(there, words.needles)

    def preview(self, tx: Transaction, order: Order) -> Preview:
        """What an order would touch: rows by table. Nothing is changed."""
        walked = self._walk(tx, Words(order.needles), look=True)
        counts = dict(walked.counts)
        for target in order.targets:
            name = forget_targets.TABLES[target.kind].name
            row = forget_targets.row_of(tx, target)
            if row is not None and not Words(order.needles).are_in(row.text):
                counts[name] = counts.get(name, 0) + 1
        return Preview(counts, len(self._going(tx, walked.runs)))

    def ask(self, tx: Transaction, order: Order, actor: Actor) -> str:
        """Keep the order; its id, all that a run or a card may carry of it."""
        order_id = new_id()
        values = {
            "id": order_id,
            "state": ForgetState.ASKED,
            "needles": list(Words(order.needles).needles),
            "targets": [[target.kind.value, target.id] for target in order.targets],
            "receipt": {"counts": {}, "waiting": [], "left": 0},
            "actor": actor.name,
            "asked_at": self._clock.now(),
        }
        tx.execute(sa.insert(forgettings).values(**values))
        return order_id

    def withdraw(self, tx: Transaction, order_id: str) -> None:
        """The owner thought better of it: the order goes, words and all. Refused
        (`forget-closed`) once it is being carried out."""
        asked = sa.and_(forgettings.c.id == order_id, forgettings.c.state == ForgetState.ASKED)
        if tx.execute(sa.delete(forgettings).where(asked)).rowcount != 1:
            raise Refused("forget-closed")

    def carry_out(self, tx: Transaction, order_id: str) -> dict[str, int]:
        """Walk every table of this place; how many rows of each changed."""
        return dict(self.carried(tx, order_id).counts)

    def carried(self, tx: Transaction, order_id: str) -> Carried:
        """`carry_out`, and which runs were ended because they held the words. Twice is once: what
        an interrupted run wrote meanwhile goes, too."""
        row = self._open(tx, order_id)
        words = Words(row.needles or ())
        emptying = Emptying(
            tx, self._index, self._archives, self._stamp(tx), self._clock.now(), Actor(row.actor)
        )
        for kind, target_id in row.targets:
            emptying.take(Target(ItemKind(kind), target_id))
        emptying.journals()
        walked = self._walk(tx, words)
        going = self._going(tx, walked.runs | emptying.runs)
        for run_id in going:
            self._end_run(tx, run_id)
        tx.execute(_mine(order_id).values(state=ForgetState.RUNNING))
        return Carried(added(emptying.counts, walked.counts), tuple(going))

    def needles(self, tx: Transaction, order_id: str) -> tuple[str, ...]:
        """The words of an order, for files and other machines; none once it is done here."""
        return tuple(self._row(tx, order_id).needles or ())

    def take_out(self, tx: Transaction, needles: Sequence[str]) -> Carried:
        """The walk alone, for a machine that was given words and no order."""
        walked = self._walk(tx, Words(needles))
        going = self._going(tx, walked.runs)
        for run_id in going:
            self._end_run(tx, run_id)
        return Carried(dict(walked.counts), tuple(going))

    def left(self, tx: Transaction, needles: Sequence[str]) -> int:
        """In how many rows the words still are."""
        return sum(self._walk(tx, Words(needles), look=True).counts.values())

    def await_places(self, tx: Transaction, order_id: str, places: Sequence[str]) -> None:
        """Machines that have to be told; the order is not done before each is."""
        row = self._open(tx, order_id)
        tx.execute(_mine(order_id).values(receipt={**row.receipt, "waiting": sorted(places)}))

    def finish(
        self, tx: Transaction, order_id: str, place: str, counts: dict[str, int], left: int = 0
    ) -> None:
        """A place is done: what it counted, and where it found the words again. Once this place is
        done its order's words go; the order is done when no place is waited for."""
        row = self._row(tx, order_id)
        receipt = dict(row.receipt)
        receipt["counts"] = {**receipt["counts"], place: counts}
        receipt["waiting"] = [each for each in receipt["waiting"] if each != place]
        receipt["left"] = receipt["left"] + left
        is_done = not receipt["waiting"]
        state = ForgetState.DONE if is_done else ForgetState.AWAY
        done_at = self._clock.now() if is_done else None
        tx.execute(
            _mine(order_id).values(receipt=receipt, state=state, needles=[], done_at=done_at)
        )

    def receipt(self, tx: Transaction, order_id: str) -> Receipt:
        row = self._row(tx, order_id)
        return Receipt(
            id=row.id,
            state=ForgetState(row.state),
            counts=row.receipt["counts"],
            left=row.receipt["left"],
            asked_at=row.asked_at,
            done_at=row.done_at,
            waiting_for=tuple(row.receipt["waiting"]),
        )

    # -- inside ----------------------------------------------------------------------------------

    def _walk(self, tx: Transaction, words: Words, *, look: bool = False) -> Walked:
        stamp, now = self._stamp(tx), self._clock.now()
        return Walk(tx, words, self._index, self._archives, stamp, now, look=look).everywhere()

    def _stamp(self, tx: Transaction) -> Callable[[], Stamp]:
        return lambda: self._clocks.tick(tx)

    def _words_of(self, tx: Transaction) -> forget_targets.WordsOf:
        def words_of(table: sa.Table, row: Any) -> str:
            kind = kind_of(table, row)
            if kind is ItemKind.SUMMARY or row.archive_id is None:
                return str(row.text)
            return self._loads.original(tx, row.archive_id, kind, row.id).text

        return words_of

    @staticmethod
    def _going(tx: Transaction, run_ids: set[str]) -> list[str]:
        """Those of the runs that have not ended; runs of forgetting hold no words."""
        chosen = sa.and_(runs.c.id.in_(run_ids), runs.c.state.not_in(list(FINAL_RUN)))
        return list(tx.execute(sa.select(runs.c.id).where(chosen).order_by(runs.c.seq)).scalars())

    @staticmethod
    def _row(tx: Transaction, order_id: str) -> Any:
        query = sa.select(forgettings).where(forgettings.c.id == order_id)
        row = tx.execute(query).one_or_none()
        if row is None:
            raise Refused("forget-missing")
        return row

    def _open(self, tx: Transaction, order_id: str) -> Any:
        row = self._row(tx, order_id)
        if row.state not in {ForgetState.ASKED, ForgetState.RUNNING}:
            raise Refused("forget-closed")
        return row


def added(*counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by name, summed."""
    whole: dict[str, int] = {}
    for each in counts:
        for name, many in each.items():
            whole[name] = whole.get(name, 0) + many
    return whole


def _mine(order_id: str) -> sa.Update:
    return sa.update(forgettings).where(forgettings.c.id == order_id)
