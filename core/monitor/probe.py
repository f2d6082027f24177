"""How the models are, asked by a home worker: the bot itself never talks to a model.

/status shows at once what was found last, and starts this run; a second later the same card shows
what was found now. Without a worker the card stays as it was, and says that workers are silent.
Costs no tokens: models are listed, none is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.db import Transaction
from core.llm.model import SCRIPTED, Failure, Readiness
from core.llm.probes import EndpointHealth
from core.memory.preferences import Preferences
from core.runs import cards
from core.runs.model import Done, Kind, WorkflowBody, workflow
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: The preference that holds what was found last: {at (ISO), models}.
FOUND = "models-found"
#: The preference that says whether a model on the owner's machines answered then.
MINE = "models-mine"
#: /models: the kind of its card, and what that says of itself.
LIST = "models"
#: Older findings are not shown: they would look like news.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class ModelFact:
    """One model as the probe found it."""

    name: str
    is_up: bool
    detail: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class Look:
    """Probe the models, then show them on the card `key` of this chat; without one note them."""

    chat_id: int = 0
    key: str = ""


@dataclass(frozen=True)
class Seen:
    """What was found, for which card."""

    look: Look
    models: tuple[ModelFact, ...]


@dataclass(frozen=True)
class ProbeRoom:
    """`health` asks every endpoint, two seconds at most (`core.llm.pool.Pool.health`)."""

    preferences: Preferences
    clock: Clock
    health: Callable[[], Sequence[EndpointHealth]]


@step("monitor.probe", kind=Kind.READ, timeout_s=10, retries=0)
def probe(room: ProbeRoom, _ctx: StepContext, look: Look) -> Seen:
    """Ask them all; what the owner never set up is left out, as long as anything else is there."""
    found = room.health()
    meant = [each for each in found if _is_meant(each)] or found
    return Seen(look, tuple(_fact(each) for each in meant))


@step("monitor.show_models", kind=Kind.LOCAL)
def show_models(room: ProbeRoom, ctx: StepContext, seen: Seen) -> None:
    """Keep the findings, and put them on the card as it is now."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    models = [{"name": f.name, "is_up": f.is_up, "detail": f.detail} for f in seen.models]
    room.preferences.set(tx, FOUND, {"at": room.clock.now().isoformat(), "models": models})
    room.preferences.set(tx, MINE, any(f.is_mine and f.is_up for f in seen.models))
    look = seen.look
    shown = cards.newest_params(tx, look.chat_id, look.key)
    if shown is not None and "facts" in shown:
        kind, params = "status", {**shown, "facts": {**shown["facts"], "models": models}}
    elif shown is not None and shown.get("screen") == LIST:
        kind, params = LIST, {**shown, "rows": [_with(row, models) for row in shown["rows"]]}
    else:
        return  # the screen shows something else by now
    ctx.notices.append(Notice(kind, params, chat_id=look.chat_id, key=look.key, silent=True))


@workflow("probe_models", version=1, args=Look)
def probe_models(look: Look) -> WorkflowBody:
    """Ask, then show."""
    seen: Seen = yield probe(look)
    yield show_models(seen)
    return Done()


def _with(row: dict[str, Any], models: list[dict[str, Any]]) -> dict[str, Any]:
    """A line of /models with what was found of it; what is known to be wrong already stays."""
    found = next((each for each in models if each["name"] == row.get("name")), None)
    if found is None or str(found["detail"]).startswith(Failure.NOT_SET_UP):
        return row
    if found["is_up"]:
        return {**row, "state": "ready", "detail": ""} if row["state"] == "unreachable" else row
    is_news = row["state"] in {"ready", "busy"}
    detail = found["detail"] or Failure.UNREACHABLE.value
    return {**row, "state": "unreachable", "detail": detail} if is_news else row


def has_model_of_mine(preferences: Preferences, tx: Transaction) -> bool:
    """Did a model on the owner's machines answer the newest probe? False before the first."""
    return bool(preferences.get(tx, MINE, default=False))


def _fact(each: EndpointHealth) -> ModelFact:
    is_mine = each.is_mine and not each.endpoint.startswith(SCRIPTED)
    return ModelFact(each.endpoint, each.is_up, each.detail, is_mine)


def _is_meant(each: EndpointHealth) -> bool:
    is_assumed = each.standing.readiness is Readiness.ABSENT
    return not is_assumed and not each.detail.startswith(Failure.NOT_SET_UP)


def found_lately(
    preferences: Preferences, tx: Transaction, now: datetime
) -> list[dict[str, Any]] | None:
    """What the last probe found, None when there was none or it is old."""
    found = preferences.get(tx, FOUND)
    if found is None or now - datetime.fromisoformat(found["at"]) > FRESH:
        return None
    return list(found["models"])
