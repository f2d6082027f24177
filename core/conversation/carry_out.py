"""One step that the owner asked for by hand, as a run: `carry_out`.

    /files, /run, /undo, /rules  ->  start(house, tx, Wish(...))  ->  gate  ->  step  ->  tell

Decides which steps may be asked for this way, and what the owner is told when one has ended: a
listing, a file, hits, or an effect that needed no yes. Of a step that was asked about nothing is
said twice: its approval card tells the outcome. Never decides whether a step may run; that is the
engine's gate. Errors are told as they are, by code; words are the renderers'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from core.conversation import hands
from core.conversation.ports import StartsRuns
from core.db import Database, Transaction
from core.errors import MaskError, Unavailable
from core.runs import journal
from core.runs.blobs import BlobRef
from core.runs.exchange_nodes import HOME
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
#: What brings a whole file, and may have to wait for it.
FETCH = "files.fetch"
#: The one step of the run that does something, and the one that waits for its content.
POSITION, BRING = "0", "1"
#: Tries to have a file here, and seconds between them: ten minutes for 50 MB.
MOST_TRIES, WAIT_S = 600, 1.0


@dataclass(frozen=True)
class Wish:
    """Do `step` once at `place`. `inputs` are its arguments as JSON data; `title` is how /jobs
    names it. `show` is the screen that takes what it brings; empty is a new message. `view` is what
    that screen needs besides (which part of a page)."""

    step: str
    inputs: dict[str, Any]
    place: str
    title: str
    language: str
    chat_id: int | None = None
    reply_to: int | None = None
    show: str = ""
    view: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Brought:
    """Content that must be here before it can be shown: a reference as `BlobRef.to_json` has it."""

    blob: dict[str, Any]


class Brings(Protocol):
    """Fetches content from where it arose; `core.runs.exchange_blobs.BlobCarrier` is one."""

    def want(self, tx: Transaction, ref: BlobRef, place: str) -> bool: ...


@dataclass(frozen=True)
class HandsRoom:
    """First argument of this room's steps. Where nothing can be fetched, `carrier` is None."""

    db: Database
    carrier: Brings | None = None
    here: str = HOME


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
        value = yield hands.call(wish.step, wish.inputs, wish.place)
        if wish.step == FETCH and value.blob is not None:
            yield bring(Brought(value.blob))
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


@step("hands.bring", kind=Kind.READ, retries=MOST_TRIES)
def bring(room: HandsRoom, _ctx: StepContext, brought: Brought) -> None:
    """Wait until the content is at home. Unavailable(`blob-on-its-way`) until then; what its
    machine may not give away never comes."""
    ref = BlobRef.from_json(brought.blob)
    if ref.place == room.here or room.carrier is None:
        return
    with room.db.write() as tx:
        is_here = room.carrier.want(tx, ref, ref.place)
    if not is_here:
        raise Unavailable("blob-on-its-way", retry_after=WAIT_S, place=ref.place)


@step("hands.tell", kind=Kind.LOCAL)
def tell(_room: object, ctx: StepContext, wish: Wish) -> None:
    """What the owner hears at the end, from the journal of this run."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    steps = journal.load_steps(ctx.transaction, ctx.run.id)
    done = steps[POSITION]
    late = steps.get(BRING)
    if late is not None and late.name == bring.spec.name and late.error is not None:
        done = replace(done, state=late.state, error=late.error, gate=None)
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
    if wish.show and wish.step in hands.READS:
        return _card(wish, CARDS[wish.step], error=error)
    if done.state is StepState.FAILED:
        return _failed(wish, done.run_id, error)
    values = dict(error.get("params") or {})
    return Notice("text", {"key": f"err-{error['code']}", "values": values}, reply_to=wish.reply_to)


def _brought(wish: Wish, done: StepRow) -> Notice | None:
    """What a step that is done has to show."""
    card = CARDS[wish.step]
    if not card or (wish.step not in hands.READS and _was_asked(done)):
        return None
    return _card(wish, card, value=done.outcome)


def _card(wish: Wish, kind: str, **more: Any) -> Notice:
    """The screen or message that shows what a step brought, or why it brought nothing."""
    params = {
        "step": wish.step,
        "place": wish.place,
        "inputs": wish.inputs,
        "title": wish.title,
        "view": wish.view,
        **more,
    }
    return Notice(kind, params, key=wish.show or None, reply_to=wish.reply_to)


def _failed(wish: Wish, run_id: str, error: dict[str, Any]) -> Notice:
    return Notice("failed", {"error": error, "run_id": run_id}, reply_to=wish.reply_to)


def _was_asked(done: StepRow) -> bool:
    return done.gate is Gate.ASK
