"""How a step at a node ends: the inbox row is done and the answer is in the outbox, together.

Decides what of an end may travel: what is private does not go to a rented home (law 5); there the
value stays here as a blob, and home gets its digest. Of what was prepared the action travels, since
the owner must see it, and of its preview only facts. Also says when a halted run is quiet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.db import Transaction, canonical
from core.errors import Broken, MaskError
from core.runs import exchange_bodies as bodies
from core.runs import exchange_store
from core.runs.codec import encode
from core.runs.exchange import Exchange
from core.runs.exchange_bodies import StepOrder
from core.runs.exchange_nodes import HOME
from core.runs.exchange_store import InState, OutState, message_id
from core.runs.model import BLOB_BYTES, Label, StepState
from core.runs.notices import Notice


@dataclass(frozen=True)
class End:
    """How a step ended; `pending`: `value` is what it would do (`exchange_bodies.Prepared`)."""

    state: StepState
    value: Any = None
    error: MaskError | None = None
    label: Label = Label.OPEN
    notices: tuple[Notice, ...] = ()


#: Keys of a preview whose words are facts and no content: names and paths.
NAMES = frozenset(
    {"path", "paths", "resolved", "first_names", "program", "operand", "writes", "changed_at"}
)
#: The key of a preview that names what was left at the node.
LEFT = "left_at_node"


def facts_only(preview: dict[str, Any]) -> dict[str, Any]:
    """A preview without what may be content: numbers, answers and names stay. `left_at_node` names
    what does not."""
    kept = {name: value for name, value in preview.items() if name in NAMES or _is_plain(value)}
    left = sorted(preview.keys() - kept.keys())
    return {**kept, LEFT: left} if left else kept


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int)


class Answers:
    """What a node tells home about the steps it was given."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def finish(
        self,
        tx: Transaction,
        message: str,
        order: StepOrder,
        end: End,
        state: InState = InState.RUNNING,
    ) -> None:
        """Close the inbox row `message` and put the result, in the transaction of the effect."""
        now = self._exchange.clock.now()
        if not exchange_store.move(tx, message, state, InState.DONE, now):
            raise Broken("step-not-held", step=order.name)
        is_prepared = end.state is StepState.PENDING
        body: dict[str, Any] = {
            "run_id": order.run_id,
            "position": order.position,
            "attempt": order.attempt,
            "state": "prepared" if is_prepared else end.state.value,
            "value": end.value,
            "error": end.error.to_json() if end.error else None,
            "label": end.label.value,
            "notices": encode(list[Notice], list(end.notices)),
        }
        if self.stays_here(tx, end.label):
            body |= self._left_here(tx, end) if is_prepared else self._kept(tx, end)
        self._exchange.put(tx, HOME, bodies.RESULT, body)
        if self.is_halted(tx, order.run_id):
            self._say_halted(tx, order.run_id)

    def repeat(self, tx: Transaction, order: StepOrder) -> None:
        """Home asks again for a finished step: its answer may have been lost there (a restored
        database), so it is sent once more."""
        here = self._exchange.here.place
        answer = bodies.result_id(here, order.run_id, order.position, order.attempt)
        exchange_store.reopen(tx, answer, self._exchange.clock.now(), OutState.ACCEPTED)

    def halt(self, tx: Transaction, run_id: str) -> None:
        """Mark a run as halted; home hears of it when no step of it is running any more."""
        name = message_id("halted-run", run_id)
        exchange_store.mark(tx, name, {"run_id": run_id}, self._exchange.clock.now())
        self._say_halted(tx, run_id)

    def is_halted(self, tx: Transaction, run_id: str) -> bool:
        return exchange_store.find_in(tx, message_id("halted-run", run_id)) is not None

    def stays_here(self, tx: Transaction, label: Label) -> bool:
        return label is Label.PRIVATE and not self._exchange.nodes.peer(tx, HOME).is_mine

    def _say_halted(self, tx: Transaction, run_id: str) -> None:
        busy = exchange_store.waiting(tx, bodies.STEP, InState.RUNNING)
        if not any(row.body["run_id"] == run_id for row in busy):
            self._exchange.put(tx, HOME, bodies.HALTED, {"run_id": run_id})

    def _left_here(self, tx: Transaction, end: End) -> dict[str, Any]:
        """What was prepared, without the content in its preview. A long one travels as a blob that
        is open, because nothing private is left in it."""
        value = {**end.value, "preview": facts_only(end.value["preview"])}
        content = canonical(value).encode()
        if len(content) <= BLOB_BYTES:
            return {"value": value, "kept": True}
        ref = self._exchange.blobs.keep(tx, content, Label.OPEN, "application/json")
        return {"value": None, "value_blob": ref.to_json(), "kept": True}

    def _kept(self, tx: Transaction, end: End) -> dict[str, Any]:
        """A private end without its content: the value as a reference, the error as a code."""
        reference = None
        if end.value is not None:
            content = canonical(end.value).encode()
            ref = self._exchange.blobs.keep(tx, content, Label.PRIVATE, "application/json")
            reference = ref.to_json()
        return {
            "value": None,
            "value_blob": reference,
            "error": {**end.error.to_json(), "params": {}} if end.error else None,
            "notices": [],
            "kept": True,
        }
