"""A node's end of the gate: preparing what home asks about, and the one way into a gated handler.

Decides nothing by itself: the node's own guard judges what was prepared, whatever home thinks of
it, and admits what is to be performed. Admission is committed before the handler starts, of a ONCE
step together with a mark that is never removed; so one that is found running without its mark may
be taken again, and one with it is unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.db import Transaction
from core.errors import Broken, MaskError, Refused, from_json
from core.runs import exchange_store, executor
from core.runs.cancel import Cancelled
from core.runs.codec import encode
from core.runs.exchange import Exchange
from core.runs.exchange_answers import Answers, End
from core.runs.exchange_bodies import StepOrder
from core.runs.exchange_store import message_id
from core.runs.model import Action, Gate, Kind, Label, StepSpec, StepState
from core.runs.ports import Guard, Judgement, StepContext
from core.runs.steps import BoundStep


class NodeGate:
    """Without a guard no gated step is even prepared."""

    def __init__(self, exchange: Exchange, answers: Answers, guard: Guard | None) -> None:
        self._exchange = exchange
        self._answers = answers
        self._guard = guard

    def check(self, spec: StepSpec, order: StepOrder) -> None:
        """Is this an order that the gate could let through? Refused(`step-needs-grant`,
        `step-version`: home does not know that this step has a gate, or knows one that is gone)."""
        if not spec.gated and order.phase == "prepare":
            raise Refused("step-version", step=spec.name, here=spec.version)
        if spec.gated and (self._guard is None or (order.phase == "perform" and not order.action)):
            raise Refused("step-needs-grant", step=spec.name)

    def prepared(self, bound: BoundStep, context: StepContext, inputs: Any) -> End:
        """The reading half: what the step would do, and this place's judgement of it."""
        reading = replace(context, notices=[])
        try:
            action = self._prepare(bound, reading, inputs)
            judgement = executor.judged(bound.spec, self._by(bound), action, reading.label)
        finally:
            context.label = Label.highest(context.label, reading.label)
        if judgement.gate is Gate.DENY:
            error = from_json(judgement.error or {})
            return End(StepState.REFUSED, error=error, label=reading.label)
        value = {
            "canonical": action.canonical,
            "digest": action.digest,
            "preview": action.preview,
            "judgement": encode(Judgement, judgement),
        }
        return End(StepState.PENDING, value, label=reading.label)

    def admitted(
        self, order: StepOrder, bound: BoundStep, inputs: Any, context: StepContext
    ) -> StepContext:
        """The context to perform with. Raises `MaskError` when it is not to be performed: what the
        guard has counted by then (a wrong code) stays counted."""
        reading = replace(context, notices=[])
        try:
            action = self._prepare(bound, reading, inputs)
        finally:
            context.label = Label.highest(context.label, reading.label)
        if action.digest != order.action:
            was, is_now = str(order.action), action.digest
            raise Refused("action-changed", was=was[:8], now=is_now[:8])
        with self._exchange.db.write() as tx:
            refused = self._admit(tx, order, bound, action, reading.label)
        if refused is not None:
            raise refused
        label = Label(order.label)
        return replace(context, notices=[], permit=order.permit, action=action, label=label)

    def left(self, tx: Transaction, order: StepOrder, spec: StepSpec) -> End | None:
        """What to answer for a step that a former process left running; None: take it again."""
        if order.phase == "prepare" or spec.kind is not Kind.ONCE:
            return None  # of what was asked about the guard knows that its yes is used up
        if spec.gated and exchange_store.find_in(tx, used_mark(order)) is None:
            return None
        error = Refused("step-cut-off", step=order.name)
        return End(StepState.UNKNOWN, error=error, label=Label(order.label))

    # -- inside

    def _prepare(self, bound: BoundStep, reading: StepContext, inputs: Any) -> Action:
        return executor.prepare(bound, reading, inputs, self._exchange.here.place)

    def _by(self, bound: BoundStep) -> Guard:
        if self._guard is None:
            raise Broken("step-needs-grant", step=bound.spec.name)
        return self._guard

    def _admit(
        self, tx: Transaction, order: StepOrder, bound: BoundStep, action: Action, label: Label
    ) -> MaskError | None:
        """Why not, else the permit is used up and a ONCE step is marked as begun."""
        spec = bound.spec
        if self._answers.is_halted(tx, order.run_id):
            return Cancelled()
        if spec.kind is Kind.ONCE and exchange_store.find_in(tx, used_mark(order)) is not None:
            return Refused("step-used-up", step=order.name)
        try:
            self._by(bound).admit(tx, spec, action, label, order.permit)
        except MaskError as error:
            return error
        if spec.kind is Kind.ONCE:
            now = self._exchange.clock.now()
            exchange_store.mark(tx, used_mark(order), {"run_id": order.run_id}, now)
        return None


def used_mark(order: StepOrder) -> str:
    """The name of the mark that a step has begun which must not begin again."""
    return message_id("once", order.run_id, order.position)
