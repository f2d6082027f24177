"""One step that the owner asked for by hand, as a run: `carry_out`.

    /files, /run, /undo, /rules  ->  start(house, tx, Wish(...))  ->  gate  ->  step  ->  tell

Decides which steps may be asked for this way, and what the owner is told when one has ended: a
listing, a file, hits, or an effect that needed no yes. Of a step that was asked about nothing is
said twice: its approval card tells the outcome. Never decides whether a step may run; that is the
engine's gate. Errors are told as they are, by code; words are the renderers'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from core.conversation import hands
from core.conversation.ports import StartsRuns
from core.db import Transaction
from core.errors import MaskError
from core.runs import journal
from core.runs.model import (
    Done,
    Farewell,
    Gate,
    Kind,
    Label,
    RunRow,
    RunState,
    StepFailed,
    StepRow,
    StepState,
    WorkflowBody,
    workflow,
)
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: Which card shows what a step brings; rules show themselves.
CARDS: Mapping[str, str] = MappingProxyType(
    {
        "files.list": "files-folder",
        "files.read": "files-file",
        "files.search": "files-found",
        "files.fetch": "files-document",
        "files.write": "files-effect",
        "files.edit": "files-effect",
        "files.delete": "files-effect",
        "files.put": "files-effect",
        "files.undo": "files-effect",
        "command.run": "files-effect",
        "rules.store": "",
    }
)
#: The one step of the run that does something.
POSITION = "0"


@dataclass(frozen=True)
class Wish:
    """Do `step` once at `place`. `inputs` are its arguments as JSON data; `title` is how /jobs
    names it. `show` is the screen that takes what it brings; empty is a new message."""

    step: str
    inputs: dict[str, Any]
    place: str
    title: str
    language: str
    chat_id: int | None = None
    reply_to: int | None = None
    show: str = ""


class HasRuns(Protocol):
    """What `start` needs; `core.wiring.House` is one."""

    @property
    def runs(self) -> StartsRuns: ...


def start(
    house: HasRuns,
    tx: Transaction,
    wish: Wish,
    *,
    key: str | None = None,
    label: Label = Label.OPEN,
) -> str | None:
    """Begin to carry out a wish; the run's id, None when `key` was used before. It holds no lane:
    what waits for a yes or a sleeping place holds nobody up. Broken when the wish makes no sense.
    """
    hands.call(wish.step, wish.inputs, wish.place)
    return house.runs.start(
        tx,
        carry_out,
        wish,
        key=key,
        chat_id=wish.chat_id,
        reply_to=wish.reply_to,
        title=wish.title,
        label=label,
    )


@workflow("carry_out", version=1, args=Wish)
def carry_out(wish: Wish) -> WorkflowBody:
    """Do it, then tell what is not told by its card."""
    try:
        yield hands.call(wish.step, wish.inputs, wish.place)
    except StepFailed as failed:
        yield tell(wish)
        return Done({"state": failed.outcome.state.value})
    yield tell(wish)
    return Done({"state": StepState.DONE.value})


@carry_out.farewell
def leave(
    run: RunRow, wish: Wish, state: RunState, error: MaskError | None, steps: list[StepRow]
) -> Farewell:
    """Stopped, or given up by the engine; a card that waited for a yes tells it by itself."""
    if steps and _was_asked(steps[0]):
        return Farewell()
    if state is RunState.FAILED and error is not None:
        return Farewell(notices=[_failed(wish, run.id, error.to_json())])
    stopped = Notice("text", {"key": "turn-stopped", "values": {}}, silent=True)
    return Farewell(notices=[stopped])


@step("hands.tell", kind=Kind.LOCAL)
def tell(_room: object, ctx: StepContext, wish: Wish) -> None:
    """What the owner hears at the end, from the journal of this run."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    done = journal.load_steps(ctx.transaction, ctx.run.id)[POSITION]
    notice = told(wish, done)
    if notice is not None:
        ctx.notices.append(notice)


def told(wish: Wish, done: StepRow) -> Notice | None:
    """The notice about an ended step; None when its approval card has told it."""
    if done.state is StepState.DONE:
        return _brought(wish, done)
    if _was_asked(done):
        return None
    error = done.error or {"code": "unknown"}
    if done.state is StepState.FAILED:
        return _failed(wish, done.run_id, error)
    values = dict(error.get("params") or {})
    return Notice("text", {"key": f"err-{error['code']}", "values": values}, reply_to=wish.reply_to)


def _brought(wish: Wish, done: StepRow) -> Notice | None:
    """What a step that is done has to show."""
    card = CARDS[wish.step]
    if not card or (wish.step not in hands.READS and _was_asked(done)):
        return None
    params = {
        "step": wish.step,
        "place": wish.place,
        "inputs": wish.inputs,
        "title": wish.title,
        "value": done.outcome,
    }
    return Notice(card, params, key=wish.show or None, reply_to=wish.reply_to)


def _failed(wish: Wish, run_id: str, error: dict[str, Any]) -> Notice:
    return Notice("failed", {"error": error, "run_id": run_id}, reply_to=wish.reply_to)


def _was_asked(done: StepRow) -> bool:
    return done.gate is Gate.ASK
