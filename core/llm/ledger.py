"""The ledger: every call of a model is reserved before it is made and settled afterwards.

Decides whether a call may be made now: its buckets' windows must have room (`LimitReached`: ask
another) and, where it costs something, every budget must have room for its reserve
(`BudgetUsedUp`: free and local models go on). Never decides whom to ask, never sees text. Amounts
are tokens and whole micro-dollars; a price is the endpoint's own.

A call whose process died stays reserved until `recover` marks it: it counts its reserve for good,
because nobody knows what the provider has billed. A late settling corrects a marked call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.ids import new_id
from core.llm import dialects
from core.llm.budget import Budgets, Standing
from core.llm.gauges import SPARE_PERCENT, Room
from core.llm.ledger_calls import CUT_OFF, RESERVE, SETTLE, Call, Held, Settlement, row_of
from core.llm.ledger_counts import LedgerCounts, remember
from core.llm.marks import Bucket, buckets_of, reserved_tokens, service_of
from core.llm.model import Endpoint, Usage
from core.llm.tables import calls, spending
from core.llm.windows import LimitReached, Windows

#: Longer than any call's total deadline: what is still reserved then was cut off.
RECOVERED_AFTER_S = 900.0


class Ledger:
    """Reserves and settles. Thread-safe; one per process, over what all processes share."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        windows: Windows,
        budgets: Budgets,
        *,
        api_limit: int,
        is_api_limit_set: bool = False,
    ) -> None:
        self._db = db
        self._clock = clock
        self._windows = windows
        self._budgets = budgets
        self._api_limit = api_limit
        self._is_api_limit_set = is_api_limit_set

    def buckets(self, endpoint: Endpoint) -> tuple[Bucket, ...]:
        """Where a call to `endpoint` counts."""
        return buckets_of(endpoint, self._api_limit, is_api_limit_set=self._is_api_limit_set)

    def rooms(
        self, endpoints: Sequence[Endpoint], prompt_tokens: int = 0, max_output: int = 0
    ) -> dict[str, Room]:
        """What each endpoint by name has left, for a request of that size."""
        tokens = {
            each.name: reserved_tokens(
                service_of(each), prompt_tokens, min(max_output, each.max_output)
            )
            for each in endpoints
        }
        return self._windows.rooms({each.name: self.buckets(each) for each in endpoints}, tokens)

    def budget_left(self, run_id: str | None = None) -> Standing | None:
        """The budget that leaves least to a paid call now; None where nothing is limited."""
        with self._db.read() as tx:
            return self._budgets.left(tx, self._clock.now(), run_id)

    def reserve(self, call: Call, *, spare: bool = False) -> Held:
        """Take room and money for one call. Raises `LimitReached` or `BudgetUsedUp`; then nothing
        was taken. `spare`: leave the last tenth of every limit to others."""
        tokens = reserved_tokens(service_of(call.endpoint), call.most.prompt, call.most.completion)
        now = self._clock.now()
        micros = call.endpoint.price.of(call.most)
        held = Held(new_id(), call, self.buckets(call.endpoint), tokens, micros, now)
        is_counted = self._windows.take(held.buckets, tokens, spare=spare)
        try:
            self._write(held, is_counted=is_counted, spare=spare)
        except BaseException:
            if is_counted:
                self._windows.give(held.buckets, -1, -tokens, now)
            raise
        return held

    def _write(self, held: Held, *, is_counted: bool, spare: bool) -> None:
        """The row, with the money, and with the room where Redis has not taken it."""
        refusal: Exception | None = None
        with self._db.write() as tx:
            if not is_counted:
                percent = SPARE_PERCENT if spare else 0
                short = LedgerCounts.shortage(tx, held.buckets, held.tokens, held.began_at, percent)
                refusal = LimitReached(short) if short else None
            if refusal is None and held.call.endpoint.price.is_paid:
                run_id = held.call.run_id
                refusal = self._budgets.take(tx, run_id, held.micros, held.began_at)
            if refusal is None:
                tx.execute(RESERVE, row_of(held))
        if refusal is not None:
            raise refusal

    def learn(
        self,
        held: Held,
        headers: Mapping[str, str],
        *,
        is_refused: bool = False,
        message: str = "",
        of: Endpoint | None = None,
    ) -> None:
        """Take what an answer's headers (and a 429's sentence) say; it beats our own count until
        its reset. To be called when the headers are there, before the text is. `of`: whom it was
        said of, where that is another organisation than was thought when the call was reserved."""
        now = self._clock.now()
        service = service_of(held.call.endpoint)
        found = {mark.dimension: mark for mark in dialects.read_refusal(message, now)}
        for mark in dialects.read(service, headers, now, refused=is_refused and not found):
            found.setdefault(mark.dimension, mark)
        told = [each for each in self.buckets(of or held.call.endpoint) if not each.service]
        for bucket in told:
            held.marks.setdefault(bucket.name, {}).update(found)
        self._windows.learn(told, tuple(found.values()))

    def settle(self, held: Held, settlement: Settlement) -> None:
        """Put down what a call really was; a second settling changes nothing."""
        billed = settlement.billed
        micros = held.micros if billed is None else held.call.endpoint.price.billed(billed)
        row = {
            "id": held.id,
            "state": "marked" if billed is None else "settled",
            "prompt_tokens": billed.prompt if billed else None,
            "completion_tokens": billed.completion if billed else None,
            "micros": micros,
            "is_exact": bool(billed and billed.is_exact),
            "outcome": str(settlement.outcome),
            "first_token_ms": settlement.first_token_ms,
            "took_ms": settlement.took_ms,
            "ended_at": self._clock.now(),
        }
        with self._db.write() as tx:
            before = self._settle(tx, held, row)
            for bucket, marks in held.marks.items():
                remember(tx, bucket, tuple(marks.values()))
        if before is not None and billed is not None:
            tokens = billed.prompt + billed.completion - held.tokens
            self._windows.give(held.buckets, 0, tokens, held.began_at)

    def _settle(self, tx: Transaction, held: Held, row: dict[str, Any]) -> str | None:
        """The state it was in before: reserved, or marked by `recover`; None: settled already."""
        for before in ("reserved", "marked"):
            if tx.execute(SETTLE, {**row, "before": before}).rowcount:
                if held.call.endpoint.price.is_paid:
                    was_open = before == "reserved"
                    self._budgets.settle(
                        tx,
                        held.call.run_id,
                        held.began_at,
                        open_by=-held.micros if was_open else 0,
                        settled_by=row["micros"] - (0 if was_open else held.micros),
                    )
                return before
        return None

    def put_down(self, call: Call, settlement: Settlement, *, is_cached: bool = False) -> None:
        """`note`, in a transaction of its own."""
        with self._db.write() as tx:
            self.note(tx, call, settlement, is_cached=is_cached)

    def note(
        self, tx: Transaction, call: Call, settlement: Settlement, *, is_cached: bool = False
    ) -> None:
        """A call that was made elsewhere, or answered from the cache: it is in the sums, and took
        no room here."""
        now = self._clock.now()
        usage = settlement.usage or Usage(0, 0, is_exact=False)
        micros = 0 if is_cached else call.endpoint.price.billed(usage)
        held = Held(new_id(), call, (), 0, 0, now)
        values = {
            "state": "cached" if is_cached else "settled",
            "is_paid": bool(micros),
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "micros": micros,
            "is_exact": usage.is_exact,
            "outcome": str(settlement.outcome),
            "first_token_ms": settlement.first_token_ms,
            "took_ms": settlement.took_ms,
            "ended_at": now,
        }
        tx.execute(sa.insert(calls).values({**row_of(held), **values}))
        if micros:
            self._budgets.settle(tx, call.run_id, now, open_by=0, settled_by=micros)

    def recover(self, older_than_s: float = RECOVERED_AFTER_S) -> int:
        """Mark calls that were never settled at their reserve; how many there were."""
        before = self._clock.now() - timedelta(seconds=older_than_s)
        with self._db.read() as tx:
            found = tx.execute(
                sa.select(calls).where(calls.c.state == "reserved", calls.c.began_at < before)
            ).all()
        return sum(self._mark(row) for row in found)  # one transaction each: no lock order to keep

    def _mark(self, row: Any) -> int:
        values = {
            "id": row.id,
            "before": "reserved",
            "state": "marked",
            "micros": row.reserved_micros,
            "outcome": CUT_OFF,
            "ended_at": self._clock.now(),
            "is_exact": False,
        }
        unknown = ("prompt_tokens", "completion_tokens", "first_token_ms", "took_ms")
        with self._db.write() as tx:
            marked = tx.execute(SETTLE, {**values, **dict.fromkeys(unknown)}).rowcount
            if marked and row.is_paid:
                sums = {"open_by": -row.reserved_micros, "settled_by": row.reserved_micros}
                self._budgets.settle(tx, row.run_id, row.began_at, **sums)
        return marked

    def prune(self, tx: Transaction, before: datetime) -> int:
        """Forget calls, and sums of runs, from before that moment; sums of days and months stay."""
        born = f"run:{int(before.timestamp() * 1000):012x}"  # run ids begin with their birth
        tx.execute(sa.delete(spending).where(spending.c.period >= "run:", spending.c.period < born))
        return tx.execute(sa.delete(calls).where(calls.c.began_at < before)).rowcount
