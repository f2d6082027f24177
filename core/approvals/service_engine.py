"""The engine's side: questions are asked, answered and closed as its steps go on.

Decides what the engine hears about a question; never runs anything. One question per step and
action: asked again with the same action it is the same question, with another it is a new one.
Equal actions at the same place that wait at the same time share one card. After MOST_STARTS starts
that the place did not take, the yes is used up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core.approvals import cards, store, taint
from core.approvals.model import Approval, State
from core.approvals.service_board import NOBODY, Board
from core.db import Transaction
from core.errors import Refused
from core.ids import new_id
from core.runs import actions, journal
from core.runs.model import Kind, Label, RunRow, StepRow, StepState
from core.runs.ports import Judgement, Permit, Verdict

#: A grant that was not taken is made anew this often; then something is wrong for good.
MOST_STARTS = 5
#: After these the owner is asked for another code.
CODE_AGAIN = frozenset({"code-wrong", "code-missing", "code-unreadable"})
#: What a fresh grant heals: it came too late or too early, the place has started anew, or another
#: run was halted there (a decision about a stopped run is withdrawn, so none is made for that).
HEALED = frozenset(
    {"grant-missing", "grant-expired", "grant-early", "grant-boot", "grant-key", "grant-epoch"}
)
ENDS = {
    StepState.DONE: State.DONE,
    StepState.FAILED: State.FAILED,
    StepState.REFUSED: State.FAILED,
    StepState.UNKNOWN: State.UNKNOWN,
}
#: Stands for a reason that was not given.
NO_REASON = "—"
#: What a step leaves that did not run.
NO_OUTCOME: Mapping[str, Any] = MappingProxyType(
    {"state": None, "error": None, "text": None, "summary": {}, "change_id": None, "blob": None}
)
#: Why a question was withdrawn: the owner changed its command, and a new one took its place.
EDITED = "owner-edited"
#: Letters of an outcome that a card keeps; the whole is in the journal.
MOST_TEXT = 6000


class Questions(Board):
    """Implements `core.runs.ports.Asking`, all inside the engine's transaction."""

    def ask(self, tx: Transaction, run: RunRow, step: StepRow, judgement: Judgement) -> None:
        """A card, a place in the queue, or a place on the card of an equal question."""
        old = store.of_step(tx, run.id, step.position)
        action = step.action or {}
        if old is not None and (old.state.is_open or old.state is State.APPROVED):
            if old.digest == action.get("digest"):
                return
            self._withdraw(tx, old)
        approval = self._question(tx, run, step, judgement)
        if error := _mismatch(step):
            denied = _changed(approval, state=State.DENIED, outcome=_refusal(error))
            refused = store.insert(tx, denied)
            self._record(tx, "action-mismatch", NOBODY, refused)
            return
        twin = store.equal_waiting(tx, approval.digest, approval.place)
        if twin is not None and _may_share_card(twin, approval):
            approval = store.insert(tx, _changed(approval, merged_into=twin.id))
            if twin.state is not State.QUEUED:
                self._show(tx, twin)
        else:
            approval = store.insert(tx, approval)
            self._fill(tx)
            if store.get(tx, approval.id).state is State.QUEUED:
                self._refresh(tx)
        self._record(tx, "asked", NOBODY, approval, risk=judgement.risk.value)

    def verdict(self, tx: Transaction, step: StepRow) -> Verdict:
        """Where the question about a step stands now."""
        approval, now = store.of_step(tx, step.run_id, step.position), self._clock.now()
        if approval is None or approval.digest != (step.action or {}).get("digest"):
            return Verdict("lapsed")
        if approval.state.is_open:
            return Verdict("waits")
        if approval.state is State.APPROVED and not _still_holds(approval, now):
            self._close(tx, approval, State.LAPSED, grant_body=None, code=None)
            self._record(tx, "lapsed", NOBODY, approval)
            return Verdict("lapsed")
        if approval.state in {State.APPROVED, State.RUNNING}:
            return _permitted(approval, now)
        is_over = approval.state is not State.LAPSED
        return Verdict("refused", error=_why(approval)) if is_over else Verdict("lapsed")

    def began(self, tx: Transaction, run: RunRow, step: StepRow) -> None:
        """The step was started here, or its order went out."""
        approval = store.of_step(tx, run.id, step.position)
        if approval is None or approval.state is not State.APPROVED:
            return
        running = store.move(tx, approval, State.RUNNING, began_at=self._clock.now())
        self._show(tx, running)
        self._record(tx, "begun", NOBODY, running)

    def retry(self, tx: Transaction, run: RunRow, step: StepRow, error: dict[str, Any]) -> bool:
        """Its place did not take the permit: is there another try?"""
        approval = store.of_step(tx, run.id, step.position)
        if approval is None or approval.state not in {State.APPROVED, State.RUNNING}:
            return False
        code, params = str(error.get("code")), dict(error.get("params") or {})
        if code in CODE_AGAIN:
            return self._ask_code_again(tx, approval, params)
        if code == "grant-used" and step.kind is not Kind.ONCE:
            self._close(tx, approval, State.LAPSED, grant_body=None, code=None)
            return True  # a look that was cut off: its yes is used up, so it is asked anew
        starts = int((approval.outcome or {}).get("starts", 0)) + 1
        if code not in HEALED or starts >= MOST_STARTS:
            return False
        outcome = {**(approval.outcome or {}), "starts": starts}
        values: dict[str, Any] = {"grant_body": None, "began_at": None, "outcome": outcome}
        if approval.state is State.RUNNING:
            approval = store.move(tx, approval, State.APPROVED, **values)
        else:
            approval = store.note(tx, approval, **values)
        self._show(tx, approval)
        self._record(tx, "grant-not-taken", approval.place, approval, error=code)
        return True

    def ended(self, tx: Transaction, run: RunRow, step: StepRow) -> None:
        """The card tells how its step ended."""
        approval = store.of_step(tx, run.id, step.position)
        if approval is None or step.state not in ENDS:
            return
        state = ENDS[step.state]
        if approval.state is State.APPROVED and state is State.DONE:
            approval = store.move(tx, approval, State.RUNNING, began_at=self._clock.now())
        known = {State.APPROVED, State.RUNNING}
        is_late = approval.state is State.UNKNOWN and state in {State.DONE, State.FAILED}
        if approval.state not in known and not is_late:
            return
        label = Label.highest(approval.label, run.label)
        values: dict[str, Any] = {
            "ended_at": self._clock.now(),
            "outcome": _outcome(step),
            "label": label,
        }
        told = store.move(tx, approval, state, code=None, **values)
        self._show(tx, told)
        error = (step.error or {}).get("code")
        self._record(tx, "ended", approval.place, told, outcome=step.state.value, error=error)

    def withdraw(self, tx: Transaction, run_id: str) -> None:
        """The run is over: nothing of it is open any more."""
        live = {State.QUEUED, *store.SHOWN, State.APPROVED, State.RUNNING}
        found = [each for each in store.in_states(tx, live) if each.run_id == run_id]
        for approval in found:
            self._withdraw(tx, approval)
        if found:
            self._fill(tx)

    # -- inside

    def _question(
        self, tx: Transaction, run: RunRow, step: StepRow, judgement: Judgement
    ) -> Approval:
        action = step.action or {}
        canonical = str(action.get("canonical", ""))
        return Approval(
            id=new_id(),
            seq=0,
            run_id=run.id,
            position=step.position,
            step=step.name,
            inputs=step.inputs,
            place=step.place,
            kind=_kind(canonical),
            digest=str(action.get("digest", "")),
            canonical=canonical,
            preview=dict(action.get("preview") or {}),
            judgement=judgement,
            read=taint.read_before(journal.load_steps(tx, run.id).values(), step.position),
            label=run.label,
            state=State.QUEUED,
            asked_at=self._clock.now(),
            chat_id=run.chat_id,
            reply_to=run.reply_to,
        )

    def _withdraw(self, tx: Transaction, approval: Approval) -> None:
        self._pass_on(tx, approval)
        outcome = approval.outcome
        if approval.state is State.RUNNING:
            outcome = {**_refusal(Refused("cancelled").to_json()), "state": "cancelled"}
        now = self._clock.now()
        values: dict[str, Any] = {
            "ended_at": now,
            "grant_body": None,
            "code": None,
            "outcome": outcome,
        }
        gone = store.move(tx, approval, State.WITHDRAWN, **values)
        if approval.state is not State.QUEUED:
            self._show(tx, gone)
        self._record(tx, "withdrawn", NOBODY, gone)

    def _ask_code_again(self, tx: Transaction, approval: Approval, params: dict[str, Any]) -> bool:
        """Back to the question for the code, with as much time as the first had."""
        left = params.get("left")
        values: dict[str, Any] = {
            "code": None,
            "grant_body": None,
            "began_at": None,
            "tries_left": left if type(left) is int else approval.tries_left,
            "expires_at": self._clock.now() + self._validity(approval),
        }
        asked = store.move(tx, approval, State.CODE, **values)
        self._show(tx, asked)
        self._record(tx, "code-wrong", approval.place, asked, left=left)
        return True


def _mismatch(step: StepRow) -> dict[str, Any] | None:
    """What is shown and what was signed must be one thing: text, digest and place."""
    action = step.action or {}
    try:
        fields = actions.read(str(action.get("canonical", "")))
    except Refused as error:
        return error.to_json()
    is_same = actions.digest_of(str(action["canonical"])) == action.get("digest")
    if is_same and fields.get("place") == step.place:
        return None
    return Refused("approval-mismatch").to_json()


def _kind(canonical: str) -> str:
    try:
        return str(actions.read(canonical)["kind"])
    except Refused:
        return "unreadable"


def _permitted(approval: Approval, now: datetime) -> Verdict:
    """Decided: with a grant that has not expired, or waiting for the mint."""
    grant = approval.grant_body
    if grant is None or float(grant["exp"]) <= now.timestamp():
        return Verdict("waits")
    return Verdict("granted", Permit(approval.id, grant, approval.code))


def _still_holds(approval: Approval, now: datetime) -> bool:
    return approval.valid_until is not None and now < approval.valid_until


def _may_share_card(one: Approval, other: Approval) -> bool:
    """One tap must mean the same for both; a code counts once only."""
    judged, same = one.judgement, other.judgement
    is_alike = judged.risk is same.risk and judged.second_factor == same.second_factor
    return is_alike and not cards.needs_code(one)


def _why(approval: Approval) -> dict[str, Any]:
    """The error that a step ends with when it may not run."""
    outcome = approval.outcome or {}
    if approval.state is State.DENIED:
        if outcome.get("error"):
            return dict(outcome["error"])
        return Refused("owner-said-no", reason=approval.reason or NO_REASON).to_json()
    if approval.state is State.EXPIRED:
        return Refused("approval-expired").to_json()
    if approval.state is State.WITHDRAWN and approval.reason == EDITED:
        return Refused("owner-edited").to_json()
    if approval.state is State.WITHDRAWN:
        return Refused("approval-withdrawn").to_json()
    return Refused("approval-closed").to_json()


def _refusal(error: dict[str, Any]) -> dict[str, Any]:
    return {**NO_OUTCOME, "state": StepState.REFUSED.value, "error": error}


def _outcome(step: StepRow) -> dict[str, Any]:
    """What the card tells about an end; values are those of `core.execution.model.Effect`."""
    value = step.outcome if isinstance(step.outcome, dict) else {}
    text = value.get("text")
    return {
        "state": step.state.value,
        "error": step.error,
        "text": text[-MOST_TEXT:] if isinstance(text, str) else None,
        "summary": value.get("summary") or value.get("facts") or {},
        "change_id": value.get("change_id"),
        "blob": value.get("blob"),
    }


def _changed(approval: Approval, **values: Any) -> Approval:
    return Approval(**{**vars(approval), **values})
