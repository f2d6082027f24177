"""/models test: one short call to every model that may be asked, and a picture of how it went.

    models.to_check -> models.check, once per place -> models.draw -> the notice with the picture

Costs what one greeting costs, within budget and limits like any call. A model's words are not kept;
what is kept is how long it took, or why it did not answer. A place that cannot be asked counts as
unreachable for each of its models. Decides nothing: standings learn by themselves, through `chat`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock
from core.db import Database
from core.errors import MaskError
from core.llm.adding import HELLO
from core.llm.model import Deadlines, Endpoint, Failure, Reply, Request, Role
from core.llm.ports import ModelFailed
from core.monitor import pictures
from core.runs.blobs import Blobs
from core.runs.cancel import CancelToken
from core.runs.model import Done, Kind, Label, Outcome, WorkflowBody, workflow
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: Calls at once: enough for fifty models in a minute, few enough for a small machine.
AT_ONCE = 8
#: Seconds: a check is no answer somebody waits for, but its run must end.
QUICK = Deadlines(connect_s=5, first_token_s=25, stall_s=10, total_s=40)
CHECK_S, DRAW_S = 300.0, 60.0
MEDIA = "image/png"
KIND = "models-tested"


@dataclass(frozen=True)
class CheckAsked:
    """Check all, and tell this chat."""

    chat_id: int | None = None
    reply_to: int | None = None


@dataclass(frozen=True)
class Target:
    """Someone to check."""

    name: str
    place: str


@dataclass(frozen=True)
class CheckThese:
    """The endpoints of one place, by name."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """How one did. `failure` is empty when it answered."""

    name: str
    took_ms: int = 0
    failure: str = ""


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn."""

    found: tuple[Checked, ...]


@dataclass(frozen=True)
class Picture:
    """A picture that is stored at home."""

    blob: str
    size: int


@dataclass(frozen=True)
class CheckRoom:
    """One place's models. `endpoints`: all that might be asked, at home also those of nodes;
    `chat` makes one call within budget and limits, as `adding.AddingRoom`'s does."""

    db: Database
    clock: Clock
    blobs: Blobs
    endpoints: Callable[[], Sequence[Endpoint]]
    chat: Callable[[Endpoint, Request, CancelToken], Reply]


@step("models.to_check", kind=Kind.READ, timeout_s=30)
def to_check(room: CheckRoom, _ctx: StepContext, _asked: CheckAsked) -> tuple[Target, ...]:
    """Everybody who is set up, not paused, and talks."""
    return tuple(Target(each.name, each.place) for each in room.endpoints() if _may_be_asked(each))


@step("models.check", kind=Kind.READ, timeout_s=CHECK_S, retries=0)
def check(room: CheckRoom, ctx: StepContext, these: CheckThese) -> tuple[Checked, ...]:
    """One greeting each, several at a time."""
    known = {each.name: each for each in room.endpoints()}

    def ask(name: str) -> Checked:
        return _ask(room, ctx, name, known.get(name))

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="check") as threads:
        return tuple(threads.map(ask, these.names))


@step("models.draw", kind=Kind.READ, timeout_s=DRAW_S, retries=1)
def draw(room: CheckRoom, _ctx: StepContext, drawing: Drawing) -> Picture:
    """The picture, kept by its content: drawn twice it is kept once."""
    bars = [pictures.Bar(each.name, each.took_ms, each.failure) for each in drawing.found]
    content = pictures.checks(bars)
    with room.db.write() as tx:
        ref = room.blobs.keep(tx, content, Label.OPEN, MEDIA)
    return Picture(ref.sha256, ref.size)


@workflow("check_all_models", version=1, args=CheckAsked)
def check_all_models(asked: CheckAsked) -> WorkflowBody:
    """All places at once; the report is the run's result and comes with the picture."""
    targets: tuple[Target, ...] = yield to_check(asked)
    by_place: dict[str, list[str]] = {}
    for each in targets:
        by_place.setdefault(each.place, []).append(each.name)
    found: list[Checked] = []
    if by_place:
        outcomes: list[Outcome] = yield [
            check(CheckThese(tuple(names)), key=place, place=place)
            for place, names in by_place.items()
        ]
        for names, outcome in zip(by_place.values(), outcomes, strict=True):
            found += outcome.value if outcome.ok else map(_away, names)
    told = report(found)
    if not found:
        return Done(told, [_notice(asked, told, None)])
    picture: Picture = yield draw(Drawing(tuple(found)))
    return Done(told, [_notice(asked, told, picture.blob)])


def report(found: Sequence[Checked]) -> dict[str, Any]:
    """What the owner can keep: `success_rate` in per cent; per test `type`, `success`,
    `time_taken` in seconds and `error_type`."""
    well = sum(not each.failure for each in found)
    return {
        "success_rate": round(100 * well / len(found), 1) if found else 0.0,
        "tests": [
            {
                "type": each.name,
                "success": not each.failure,
                "time_taken": round(each.took_ms / 1000, 3),
                "error_type": each.failure or None,
            }
            for each in found
        ],
    }


def _ask(room: CheckRoom, ctx: StepContext, name: str, endpoint: Endpoint | None) -> Checked:
    ctx.cancel.check()
    if endpoint is None:
        return _away(name)
    began_s = room.clock.monotonic()
    failure = ""
    try:
        room.chat(replace(endpoint, deadlines=QUICK), HELLO, ctx.cancel)
    except ModelFailed as failed:
        failure = failed.failure.value
    except MaskError as error:
        ctx.cancel.check()  # stopped by the owner: that is no result
        failure = error.code
    return Checked(name, round(1000 * (room.clock.monotonic() - began_s)), failure)


def _away(name: str) -> Checked:
    return Checked(name, failure=Failure.UNREACHABLE.value)


def _may_be_asked(endpoint: Endpoint) -> bool:
    is_set_up = not endpoint.missing and not endpoint.is_paused
    return is_set_up and endpoint.roles != (Role.EMBED,)


def _notice(asked: CheckAsked, told: dict[str, Any], blob: str | None) -> Notice:
    params = {"report": told, "blob": blob}
    return Notice(KIND, params, chat_id=asked.chat_id, reply_to=asked.reply_to)
