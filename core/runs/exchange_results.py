"""Home's end of work at nodes: asking for a step, taking its result, stopping it.

Decides when a result is complete: large values are fetched first, so that the engine always gets
the value itself. A result is taken only from the place that was asked, for the attempt it was
asked for. What the engine makes of it is `on_result`'s business; it must not raise for a result
that comes late (cancelled run, step given up).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from core.db import Transaction
from core.errors import MaskError, Refused
from core.runs import exchange_bodies as bodies
from core.runs import exchange_store
from core.runs.blobs import BlobRef
from core.runs.codec import decode
from core.runs.exchange import Exchange, Incoming
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_bodies import Prepared, StepResult
from core.runs.exchange_store import InState
from core.runs.model import Label, StepState
from core.runs.notices import Notice

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NodeResult:
    """How a step at a node ended, or, pending, what it would do (`prepared`). `value` is JSON data;
    of a private value that stays at the node it is `{"blob": <BlobRef>}` and `kept` is set.
    `notices` are committed with it."""

    run_id: str
    position: str
    attempt: int
    place: str
    state: StepState
    value: Any
    error: dict[str, Any] | None
    label: Label
    kept: bool
    notices: list[Notice]
    prepared: Prepared | None = None


OnResult = Callable[[Transaction, NodeResult], None]
#: (transaction, place, run id): the place has no running step of the run any more.
OnHalted = Callable[[Transaction, str, str], None]


class Results:
    """What the engine uses of the exchange."""

    def __init__(
        self,
        exchange: Exchange,
        carrier: BlobCarrier,
        on_result: OnResult,
        on_halted: OnHalted | None = None,
    ) -> None:
        self._exchange = exchange
        self._carrier = carrier
        self._on_result = on_result
        self._on_halted = on_halted
        exchange.on(bodies.RESULT, self._take)
        exchange.on(bodies.HALTED, self._take_halted)
        carrier.listen(self._on_blob)

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, tx: Transaction, place: str, body: dict[str, Any], *, again: bool = False) -> str:
        """Have `place` run a step; see `StepOrder`. The same attempt twice is one message."""
        bodies.read(bodies.StepOrder, body)
        return self._exchange.put(tx, place, bodies.STEP, body, again=again)

    def halt(self, tx: Transaction, place: str, run_id: str) -> None:
        """Stop what `place` does for a run; what was never sent is withdrawn."""
        self._withdraw(tx, place, run_id)
        self._exchange.put(tx, place, bodies.HALT, {"run_id": run_id})

    def cancel(self, tx: Transaction, place: str, run_id: str) -> None:
        """As `halt`, but without the signed record that a node polls: for what may take a while."""
        self._withdraw(tx, place, run_id)
        self._exchange.put(tx, place, bodies.CANCEL, {"run_id": run_id})

    def _withdraw(self, tx: Transaction, place: str, run_id: str) -> None:
        for row in exchange_store.open_of_kind(tx, bodies.STEP):
            if row.place == place and row.attempts == 0 and row.body["run_id"] == run_id:
                exchange_store.kill(tx, row.id)

    # -- taking ----------------------------------------------------------------------------------

    def _take(self, tx: Transaction, message: Incoming) -> bool:
        result = bodies.read(StepResult, message.body)
        place = message.sender.name
        asked_as = bodies.step_id(place, result.run_id, result.position, result.attempt)
        asked = exchange_store.find_out(tx, asked_as)
        if asked is None:
            log.warning("result-unasked", node=place, run=result.run_id, step=result.position)
            return True
        exchange_store.accept(tx, asked.id, place, self._exchange.clock.now())
        stays = result.kept and result.state != "prepared"
        if result.value_blob is None or stays:
            kept = {"blob": result.value_blob} if stays else result.value
            self._deliver(tx, place, result, kept, None)
            return True
        try:
            ref = BlobRef.from_json(result.value_blob)
            if not self._carrier.want(tx, ref, place):
                return False
        except Refused as refused:
            self._deliver(tx, place, result, None, refused)
            return True
        self._deliver(tx, place, result, self._value(tx, ref.sha256), None)
        return True

    def _on_blob(self, tx: Transaction, sha256: str, why: MaskError | None) -> None:
        """A value has come, or never will."""
        now = self._exchange.clock.now()
        for row in exchange_store.waiting(tx, bodies.RESULT, InState.NEW):
            result = bodies.read(StepResult, row.body)
            if result.value_blob is None or result.value_blob["sha256"] != sha256:
                continue
            if exchange_store.move(tx, row.id, InState.NEW, InState.DONE, now):
                value = None if why else self._value(tx, sha256)
                self._deliver(tx, row.place, result, value, why)

    def _value(self, tx: Transaction, sha256: str) -> Any:
        return json.loads(self._exchange.blobs.read(tx, sha256))

    def _deliver(
        self, tx: Transaction, place: str, result: StepResult, value: Any, why: MaskError | None
    ) -> None:
        state, prepared = StepState.FAILED, None
        if why is None and result.state == "prepared":
            try:
                state, prepared, value = StepState.PENDING, bodies.read(Prepared, value), None
            except Refused as refused:
                why, value = refused, None
        elif why is None:
            state = StepState(result.state)
        self._on_result(
            tx,
            NodeResult(
                run_id=result.run_id,
                position=result.position,
                attempt=result.attempt,
                place=place,
                state=state,
                value=value,
                error=why.to_json() if why else result.error,
                label=Label(result.label),
                kept=result.kept,
                notices=decode(list[Notice], result.notices),
                prepared=prepared,
            ),
        )

    def _take_halted(self, tx: Transaction, message: Incoming) -> bool:
        halt = bodies.read(bodies.Halt, message.body)
        if self._on_halted is not None:
            self._on_halted(tx, message.sender.name, halt.run_id)
        return True
