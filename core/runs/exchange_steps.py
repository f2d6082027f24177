"""A node's end of work: steps from the inbox, run by the rules of their kind.

Decides whether a received step runs, and how often. READ and IDEMPOTENT steps are run again after
a crash; a LOCAL step's effect and its done-mark are one transaction; a ONCE step is marked before
it starts and, found running after a crash, ends `unknown` and is never run again by itself. A gated
step is prepared when home asks for that, and performed only through `exchange_gate`. A step of a
halted run, of another version, or with other inputs than were signed for does not run at all.
Every end is a `result` message in the same transaction.

One process per node database; `recover` takes for dead whatever this object does not hold.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from core.db import Transaction
from core.errors import Broken, MaskError, Refused
from core.runs import exchange_bodies as bodies
from core.runs import exchange_store, executor
from core.runs.blobs import BlobRef
from core.runs.cancel import Cancelled, CancelToken
from core.runs.codec import digest
from core.runs.exchange import Exchange, Incoming
from core.runs.exchange_answers import Answers, End
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_bodies import StepOrder
from core.runs.exchange_gate import NodeGate, used_mark
from core.runs.exchange_nodes import HOME
from core.runs.exchange_store import InRow, InState
from core.runs.model import Kind, Label, RunRow, RunState, StepState
from core.runs.ports import Guard, LiveText, NoLiveText, StepContext
from core.runs.registry import Registry
from core.runs.steps import BoundStep

log = structlog.get_logger(__name__)


@dataclass
class Work:
    """A step that this process is running."""

    row: InRow
    order: StepOrder
    cancel: CancelToken = field(default_factory=CancelToken)
    deadline: float | None = None  # monotonic
    timed_out: bool = False


class NodeSteps:
    """Threads call `work_one`; a clock thread calls `look`. `nudge` says that there is work;
    without a `guard` no gated step runs here."""

    def __init__(
        self,
        exchange: Exchange,
        carrier: BlobCarrier,
        registry: Registry,
        live: LiveText | None = None,
        nudge: Callable[[], None] = lambda: None,
        guard: Guard | None = None,
    ) -> None:
        self._exchange = exchange
        self._db = exchange.db
        self._clock = exchange.clock
        self._answers = Answers(exchange)
        self._gate = NodeGate(exchange, self._answers, guard)
        self._carrier = carrier
        self._registry = registry
        self._live = live or NoLiveText()
        self._nudge = nudge
        self._lock = threading.Lock()
        self._running: dict[str, Work] = {}
        self._frame = int(self._clock.now().timestamp() * 1000)
        exchange.on(bodies.STEP, self._take, self._take_again)
        exchange.on(bodies.HALT, self._take_halt)
        exchange.on(bodies.CANCEL, self._take_halt)
        carrier.listen(self._on_blob)

    # -- the inbox -------------------------------------------------------------------------------

    def _take(self, tx: Transaction, message: Incoming) -> bool:
        order = bodies.read(StepOrder, message.body)
        for ref in blobs_of(order):
            self._carrier.want(tx, ref, HOME)
        tx.after_commit(self._nudge)
        return False

    def _take_again(self, tx: Transaction, message: Incoming) -> None:
        self._answers.repeat(tx, bodies.read(StepOrder, message.body))

    def _take_halt(self, tx: Transaction, message: Incoming) -> bool:
        self.halt(tx, bodies.read(bodies.Halt, message.body).run_id)
        return True

    def _on_blob(self, tx: Transaction, sha256: str, why: MaskError | None) -> None:
        """Inputs have come, or never will."""
        tx.after_commit(self._nudge)
        for row in exchange_store.waiting(tx, bodies.STEP, InState.NEW) if why else ():
            order = bodies.read(StepOrder, row.body)
            if any(ref.sha256 == sha256 for ref in blobs_of(order)):
                end = End(StepState.FAILED, error=why)
                self._answers.finish(tx, row.id, order, end, InState.NEW)

    def halt(self, tx: Transaction, run_id: str) -> None:
        """Stop this run's steps, also those that arrive later; answered when none is running."""
        self._answers.halt(tx, run_id)
        tx.after_commit(lambda: self._set_cancel(run_id))

    def _set_cancel(self, run_id: str) -> None:
        with self._lock:
            stopped = [work for work in self._running.values() if work.order.run_id == run_id]
        for work in stopped:
            work.cancel.set()

    def busy(self) -> int:
        """How many steps are running."""
        with self._lock:
            return len(self._running)

    # -- working ---------------------------------------------------------------------------------

    def work_one(self) -> bool:
        """Take one waiting step and run it to its end; False when none is waiting."""
        with self._db.read() as tx:
            rows = exchange_store.waiting(tx, bodies.STEP, InState.NEW)
        for row in rows:
            work = Work(row, bodies.read(StepOrder, row.body))
            with self._lock:
                if row.id in self._running:
                    continue
                self._running[row.id] = work
            try:
                if self._run(work):
                    return True
            finally:
                with self._lock:
                    del self._running[row.id]
        return False

    def recover(self) -> int:
        """Give back or close what is marked as running and is not; how many rows."""
        now, count = self._clock.now(), 0
        with self._db.write() as tx:
            for row in exchange_store.waiting(tx, bodies.STEP, InState.RUNNING):
                with self._lock:
                    if row.id in self._running:
                        continue
                count += 1
                order = bodies.read(StepOrder, row.body)
                spec = self._registry.spec(order.name)
                end = self._gate.left(tx, order, spec) if spec is not None else None
                if end is not None:
                    self._answers.finish(tx, row.id, order, end)
                else:
                    exchange_store.move(tx, row.id, InState.RUNNING, InState.NEW, now)
        return count

    def look(self) -> None:
        """Stop steps whose time is over."""
        now = self._clock.monotonic()
        with self._lock:
            late = [
                work
                for work in self._running.values()
                if work.deadline is not None and work.deadline <= now
            ]
        for work in late:
            work.timed_out = True
            work.cancel.set()

    def _run(self, work: Work) -> bool:
        """One step from claim to result; False when it cannot be taken now."""
        with self._db.write() as tx:
            if not self._is_complete(tx, work.order) or not self._claim(tx, work.row):
                return False
            try:
                bound, inputs = self._checked(tx, work.order)
            except MaskError as error:
                end = self._failure(work, error, Label(work.order.label))
                self._answers.finish(tx, work.row.id, work.order, end)
                return True
        work.deadline = self._clock.monotonic() + bound.spec.timeout_s
        context = self._context(work)
        try:
            self._run_checked(work, bound, inputs, context)
        except MaskError as error:
            with self._db.write() as tx:
                end = self._failure(work, error, context.label)
                self._answers.finish(tx, work.row.id, work.order, end)
        return True

    def _run_checked(self, work: Work, bound: BoundStep, inputs: Any, context: StepContext) -> None:
        """Prepare, or perform: no transaction is open while a handler waits for the world."""
        if work.order.phase == "prepare":
            self._finish(work, self._gate.prepared(bound, context, inputs))
            return
        inside = context
        if bound.spec.gated:
            inside = self._gate.admitted(work.order, bound, inputs, context)
        try:
            if bound.spec.kind is Kind.LOCAL:
                self._run_local(work, bound, inputs, inside)
            else:
                value = executor.attempt(bound, inside, inputs)
                self._finish(work, self._success(inside, value))
        finally:
            context.label = Label.highest(context.label, inside.label)

    def _run_local(self, work: Work, bound: BoundStep, inputs: Any, context: StepContext) -> None:
        """Effect and result in one transaction; a failure undoes the effect."""
        with self._db.write() as tx:
            context.transaction = tx
            value = executor.attempt(bound, context, inputs)
            self._answers.finish(tx, work.row.id, work.order, self._success(context, value))

    def _finish(self, work: Work, end: End) -> None:
        with self._db.write() as tx:
            self._answers.finish(tx, work.row.id, work.order, end)

    # -- inside ----------------------------------------------------------------------------------

    def _is_complete(self, tx: Transaction, order: StepOrder) -> bool:
        return all(self._exchange.blobs.is_whole(tx, ref.sha256) for ref in blobs_of(order))

    def _claim(self, tx: Transaction, row: InRow) -> bool:
        now = self._clock.now()
        return exchange_store.move(tx, row.id, InState.NEW, InState.RUNNING, now)

    def _checked(self, tx: Transaction, order: StepOrder) -> tuple[BoundStep, Any]:
        """The handler and the inputs, or why it does not run. A ONCE step is used up by this."""
        if self._answers.is_halted(tx, order.run_id):
            raise Cancelled
        bound = self._registry.step(order.name)
        if bound.spec.version != order.version:
            raise Refused("step-version", step=order.name, here=bound.spec.version)
        self._gate.check(bound.spec, order)
        inputs = order.inputs
        if order.inputs_blob is not None:
            inputs = json.loads(self._exchange.blobs.read(tx, str(order.inputs_blob["sha256"])))
        if digest(inputs) != order.digest:
            raise Broken("step-inputs-differ", step=order.name)
        once = bound.spec.kind is Kind.ONCE and not bound.spec.gated
        if once and not exchange_store.mark(
            tx, used_mark(order), {"run_id": order.run_id}, self._clock.now()
        ):
            raise Refused("step-used-up", step=order.name)
        return bound, inputs

    def _context(self, work: Work) -> StepContext:
        now, order = self._clock.now(), work.order
        label = Label(order.label)
        run = RunRow(order.run_id, 0, "", 0, None, RunState.RUNNING, label, now, now)
        return StepContext(
            run=run,
            position=order.position,
            cancel=work.cancel,
            deadline=work.deadline or 0.0,
            show=lambda text: self._show(order.run_id, label, text),
            label=label,
        )

    def _show(self, run_id: str, label: Label, text: str) -> None:
        with self._lock:
            self._frame += 1
            sequence = self._frame
        with self._db.read() as tx:
            stays = self._answers.stays_here(tx, label)
        if not stays:
            self._live.publish(run_id, sequence, text)

    def _success(self, context: StepContext, value: Any) -> End:
        notices = tuple(context.notices)
        return End(StepState.DONE, value, label=context.label, notices=notices)

    def _failure(self, work: Work, error: MaskError, label: Label) -> End:
        label = Label.highest(Label(work.order.label), label)
        if work.timed_out:
            error = Broken("step-timed-out", step=work.order.name)
        if error.code == "step-used-up":
            return End(StepState.UNKNOWN, error=error, label=label)
        state = StepState.REFUSED if isinstance(error, Refused) else StepState.FAILED
        return End(state, error=error, label=label)


def blobs_of(order: StepOrder) -> list[BlobRef]:
    """What must be here before the step can begin: inputs too large for the message, and content of
    home's that the inputs name as `blob`. Refused(`blob-reference`)."""
    named = order.inputs.get("blob") if isinstance(order.inputs, dict) else None
    named = named if isinstance(named, dict) else None
    found = [BlobRef.from_json(each) for each in (order.inputs_blob, named) if each]
    return [ref for ref in found if ref.place == HOME]
