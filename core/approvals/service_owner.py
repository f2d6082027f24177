"""The owner's side: taps, codes, reasons, and what silence means.

Decides whether a tap still counts, and moves the question by it in one atomic update. The highest
class takes two taps at least TWO_TAPS_S apart, at a node also a code that the node alone can check.
A yes holds for the judgement's validity; the permission itself is made by the mint. Every decision
is recorded with who made it; a late, double or foreign tap changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.approvals import cards, store
from core.approvals.model import TWO_TAPS_S, Approval, State
from core.approvals.service_board import NOBODY, Board
from core.approvals.tables import approvals
from core.db import Transaction
from core.errors import Refused
from core.runs.model import Gate, RunState, StepState
from core.runs.tables import runs, steps

#: Answers of the owner to "did it happen?".
HAPPENED = {True: State.DONE, False: State.FAILED}
#: Ends of a question after which its run must be told, in case it was not.
DECIDED = (State.DENIED, State.EXPIRED, State.LAPSED, State.WITHDRAWN)


class Decisions(Board):
    """Called by the bot inside the transaction that judged the tap; `by` is `telegram:<id>`."""

    def approve(self, tx: Transaction, approval_id: str, by: str) -> Approval:
        """The first tap: a yes, or of the highest class the first half of one.
        Refused(`approval-closed`, `not-owner`)."""
        self._must_be_owner(tx, by)
        approval, now = self._tapped(tx, approval_id, State.OPEN), self._clock.now()
        if not cards.needs_two_taps(approval):
            return self._decide(tx, approval, by)
        once = store.move(tx, approval, State.CONFIRM, before=now, first_tap_at=now)
        self._show(tx, once)
        return once

    def confirm(self, tx: Transaction, approval_id: str, by: str) -> Approval:
        """The second tap. Refused(`too-fast`) leaves everything as it is."""
        self._must_be_owner(tx, by)
        approval, now = self._tapped(tx, approval_id, State.CONFIRM), self._clock.now()
        first = approval.first_tap_at
        if first is None or now - first < timedelta(seconds=TWO_TAPS_S):
            raise Refused("too-fast", seconds=TWO_TAPS_S)
        if not cards.needs_code(approval):
            return self._decide(tx, approval, by)
        waits = store.move(tx, approval, State.CODE, before=now, decided_by=by)
        self._show(tx, waits)
        return waits

    def back(self, tx: Transaction, approval_id: str, by: str) -> Approval:
        """Not sure after all: the card as it was before the first tap."""
        self._must_be_owner(tx, by)
        approval = self._tapped(tx, approval_id, State.CONFIRM, State.CODE)
        values: dict[str, Any] = {"first_tap_at": None, "decided_by": None}
        opened = store.move(tx, approval, State.OPEN, before=self._clock.now(), **values)
        self._show(tx, opened)
        return opened

    def code(self, tx: Transaction, approval_id: str, by: str, sealed: str) -> Approval:
        """The code of the node's screen, sealed for the node (base64). Only there it is checked."""
        self._must_be_owner(tx, by)
        approval = self._tapped(tx, approval_id, State.CODE)
        return self._decide(tx, approval, by, code=sealed)

    def deny(
        self, tx: Transaction, approval_id: str, by: str, reason: str | None = None
    ) -> Approval:
        """No, perhaps with a reason for the model."""
        self._must_be_owner(tx, by)
        approval = self._tapped(tx, approval_id, *store.SHOWN)
        now = self._clock.now()
        values: dict[str, Any] = {"decided_at": now, "decided_by": by, "reason": reason}
        members = store.merged_into(tx, approval.id)
        denied = store.move(tx, approval, State.DENIED, before=now, ended_at=now, **values)
        for each in members:
            store.move(tx, each, State.DENIED, ended_at=now, **values)
        self._show(tx, denied)
        for each in (denied, *members):
            self._let_go_on(tx, each.run_id)
        self._fill(tx)
        for each in (denied, *members):
            self._record(tx, "denied", by, each, has_reason=bool(reason))
        return denied

    def withdraw_one(self, tx: Transaction, approval_id: str, why: str) -> None:
        """It is dead: an edit took its place. What has begun is not stopped by this."""
        approval = self.get(tx, approval_id)
        if not (approval.state.is_open or approval.state is State.APPROVED):
            raise Refused("approval-closed")
        self._pass_on(tx, approval)
        self._close(tx, approval, State.WITHDRAWN, reason=why)
        self._fill(tx)
        self._record(tx, "withdrawn", NOBODY, approval)

    def answer_unknown(
        self,
        tx: Transaction,
        approval_id: str,
        happened: bool,
        by: str,
    ) -> Approval:
        """What only the owner can say about a step that was cut off in the middle."""
        self._must_be_owner(tx, by)
        approval, state = self._tapped(tx, approval_id, State.UNKNOWN), HAPPENED[happened]
        outcome = {**(approval.outcome or {}), "state": state.value, "answered_by": by}
        told = store.move(tx, approval, state, outcome=outcome)
        self._show(tx, told)
        self._record(tx, "unknown-answered", by, told, happened=happened)
        return told

    # -- time

    def expire(self, tx: Transaction, now: datetime) -> int:
        """What time does by itself; how much of it. A ticker of the home worker calls it."""
        late = [each for each in store.in_states(tx, store.SHOWN) if _is_past(each.expires_at, now)]
        old = [
            each
            for each in store.in_states(tx, {State.APPROVED})
            if _is_past(each.valid_until, now)
        ]
        for approval in late:
            self._expire_one(tx, approval)
        for approval in old:
            self._close(tx, approval, State.LAPSED, grant_body=None, code=None)
        self._fill(tx)
        reminded = self._remind(tx, now)
        for approval in (*late, *old):
            kind = "expired" if approval.state is not State.APPROVED else "lapsed"
            self._record(tx, kind, NOBODY, approval)
        return len(late) + len(old) + reminded + self._tell_runs(tx)

    def _expire_one(self, tx: Transaction, approval: Approval) -> None:
        for each in (approval, *store.merged_into(tx, approval.id)):
            self._close(tx, each, State.EXPIRED)

    def _remind(self, tx: Transaction, now: datetime) -> int:
        """Once, at half time, without a sound."""
        count = 0
        for each in store.in_states(tx, {State.OPEN}):
            opened, expires = each.opened_at, each.expires_at
            if cards.is_reminded(each) or opened is None or expires is None:
                continue
            if now >= opened + (expires - opened) / 2:
                outcome = {**(each.outcome or {}), "reminded": True}
                self._show(tx, store.note(tx, each, outcome=outcome), silent=True)
                count += 1
        return count

    def _tell_runs(self, tx: Transaction) -> int:
        """Runs that still wait although their question is decided: a hint came too early, or a
        process died between two of them."""
        newest = approvals.alias()
        is_newest = (
            sa.select(sa.func.max(newest.c.seq))
            .where(newest.c.run_id == approvals.c.run_id, newest.c.position == approvals.c.position)
            .scalar_subquery()
        )
        has_grant = sa.and_(
            approvals.c.state == State.APPROVED.value, approvals.c.grant_body.is_not(None)
        )
        query = (
            sa.select(approvals.c.run_id)
            .distinct()
            .join(runs, runs.c.id == approvals.c.run_id)
            .join(
                steps,
                (steps.c.run_id == approvals.c.run_id) & (steps.c.position == approvals.c.position),
            )
            .where(
                runs.c.state == RunState.WAITING.value,
                steps.c.state == StepState.PENDING.value,
                steps.c.gate == Gate.ASK.value,
                approvals.c.seq == is_newest,
                sa.or_(approvals.c.state.in_([state.value for state in DECIDED]), has_grant),
            )
        )
        found = list(tx.execute(query).scalars())
        for run_id in found:
            self._let_go_on(tx, run_id)
        return len(found)

    # -- inside

    def _tapped(self, tx: Transaction, approval_id: str, *states: State) -> Approval:
        """The question, when a tap on its card can still mean something; whether it is too late is
        decided in the update itself."""
        approval = self.get(tx, approval_id)
        if approval.state not in states:
            raise Refused("approval-closed")
        return approval

    def _decide(
        self, tx: Transaction, approval: Approval, by: str, code: str | None = None
    ) -> Approval:
        """Yes, for this and for the equal requests on the same card; each has its own grant."""
        now = self._clock.now()
        values: dict[str, Any] = {
            "decided_at": now,
            "decided_by": by,
            "valid_until": now + self._validity(approval),
            "code": code,
        }
        members = store.merged_into(tx, approval.id)
        decided = store.move(tx, approval, State.APPROVED, before=now, **values)
        for each in members:
            store.move(tx, each, State.APPROVED, opened_at=approval.opened_at, **values)
        self._show(tx, decided)
        self._fill(tx)
        for each in (decided, *members):
            self._record(tx, "approved", by, each)
        return decided


def _is_past(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now
