"""The owner's wishes about local models, as runs; and what home remembers of them.

    /models -> pull_model | switch_model | roll_back_model | check_models | serve_models

The steps `models.*` run where the model server is, those declared here at home, where the rows
are. A switch is: is it there, does it pass its trial, then the row, so that a model that is missing
or silent leaves everything as it was. The next answer is given by the new model: the router reads
rows. What came of a wish goes onto the card that it came from (`key`), as a notice `models-local`
with an `event`; without a card nothing is said, and the run's result holds the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import MaskError, Refused
from core.llm.changes import OWNER, Records, nobody
from core.llm.model import Role
from core.llm.ollama_facts import Installed, ServerFacts
from core.llm.ollama_steps import (
    LookAsked,
    Pulled,
    PullModel,
    TryModel,
    Update,
    look,
    pull,
    serve,
    try_model,
    updates,
)
from core.llm.ollama_trial import TrialReport
from core.llm.ollama_versions import Versions
from core.runs.model import (
    Done,
    Farewell,
    Gate,
    Kind,
    RunRow,
    RunState,
    StepRow,
    Workflow,
    WorkflowBody,
    workflow,
)
from core.runs.notices import Notice, Urgency
from core.runs.ports import StepContext
from core.runs.steps import step

#: The notice's kind.
CARD = "models-local"


@dataclass(frozen=True)
class Card:
    """The card that a wish came from; without a key there is none."""

    chat_id: int | None = None
    key: str = ""

    def told(self, event: str, **params: Any) -> list[Notice]:
        """What became of it."""
        if not self.key:
            return []
        said = {"event": event, **params}
        return [Notice(CARD, said, chat_id=self.chat_id, key=self.key, urgency=Urgency.ANSWER)]


@dataclass(frozen=True)
class PullAsked:
    """Fetch `model` at `place`."""

    model: str
    place: str = "home"
    card: Card = Card()


@dataclass(frozen=True)
class SwitchAsked:
    """`model` shall serve `role` at `place`."""

    model: str
    role: Role
    place: str = "home"
    card: Card = Card()


@dataclass(frozen=True)
class BackAsked:
    """The version of this row shall serve again."""

    version_id: str
    card: Card = Card()


@dataclass(frozen=True)
class PlaceAsked:
    """Something about a place's server as a whole."""

    place: str = "home"
    card: Card = Card()


@dataclass(frozen=True)
class VersionsRoom:
    """Home's rows; `record` puts down what serves now."""

    versions: Versions
    record: Records = nobody


@dataclass(frozen=True)
class Switch:
    """A row to be made the active one."""

    place: str
    role: Role
    model: str
    notes: str = ""


@dataclass(frozen=True)
class Switched:
    """What serves now, and what did before."""

    place: str
    role: Role
    model: str
    version_id: str
    before: str = ""


@dataclass(frozen=True)
class Found:
    """What is installed at a place."""

    place: str
    models: tuple[Installed, ...]
    notes: str = ""


@dataclass(frozen=True)
class Known:
    """A row, by what a rollback needs of it."""

    place: str
    role: Role
    model: str


@step("models.switch", kind=Kind.LOCAL)
def switch(room: VersionsRoom, ctx: StepContext, wanted: Switch) -> Switched:
    """One row active, the former kept."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    before = room.versions.serving(tx, wanted.place).get(wanted.role, "")
    row = room.versions.switch(tx, wanted.place, wanted.role, wanted.model, wanted.notes)
    done = Switched(wanted.place, wanted.role, row.name, row.id, before)
    room.record(tx, "model-switched", OWNER, **_said(done))
    return done


@step("models.version", kind=Kind.LOCAL)
def version(room: VersionsRoom, ctx: StepContext, asked: BackAsked) -> Known:
    """Refused(`version-unknown`)."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    row = room.versions.find(tx, asked.version_id)
    return Known(row.place, row.role, row.name)


@step("models.note", kind=Kind.LOCAL)
def note(room: VersionsRoom, ctx: StepContext, found: Found) -> tuple[Installed, ...]:
    """Remember what is there; what was not known before."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    return tuple(room.versions.note(tx, found.place, found.models, found.notes))


@workflow("pull_model", version=1, args=PullAsked)
def pull_model(asked: PullAsked) -> WorkflowBody:
    """The owner's yes, then the bytes; the replaced version is known by its second name."""
    pulled: Pulled = yield pull(PullModel(asked.model), place=asked.place)
    facts: ServerFacts = yield look(LookAsked(), place=asked.place)
    yield note(Found(asked.place, facts.models))
    result = {"model": pulled.model, "place": asked.place, "size": pulled.size}
    result["kept"] = pulled.kept or ""
    return Done(result, asked.card.told("pulled", **result))


@workflow("switch_model", version=1, args=SwitchAsked)
def switch_model(asked: SwitchAsked) -> WorkflowBody:
    """The trial, then the switch. Refused(`local-model-missing`, `model-unfit`,
    `model-failed-trial`) leaves everything as it was."""
    report: TrialReport = yield try_model(TryModel(asked.model, asked.role), place=asked.place)
    if not report.passed:
        raise Refused("model-failed-trial", model=report.model, why=report.why_not)
    wanted = Switch(asked.place, asked.role, report.model, report.notes)
    done: Switched = yield switch(wanted)
    result = {**_said(done), "notes": report.notes}
    return Done(result, asked.card.told("switched", **result))


@workflow("roll_back_model", version=1, args=BackAsked)
def roll_back_model(asked: BackAsked) -> WorkflowBody:
    """Back to a version that is still installed. Refused(`version-unknown`,
    `local-model-missing`)."""
    known: Known = yield version(asked)
    facts: ServerFacts = yield look(LookAsked(), place=known.place)
    if facts.find(known.model) is None:
        raise Refused("local-model-missing", model=known.model)
    done: Switched = yield switch(Switch(known.place, known.role, known.model))
    return Done(_said(done), asked.card.told("rolled-back", **_said(done)))


@workflow("check_models", version=1, args=PlaceAsked)
def check_models(asked: PlaceAsked) -> WorkflowBody:
    """What is new on the server, and what has a newer version in the registry."""
    found: tuple[Update, ...] = yield updates(LookAsked(), place=asked.place)
    facts: ServerFacts = yield look(LookAsked(), place=asked.place)
    new: tuple[Installed, ...] = yield note(Found(asked.place, facts.models))
    result = {
        "place": asked.place,
        "new": [{"model": each.name, "size": each.size} for each in new],
        "updates": [{"model": each.model, "size": each.size} for each in found if each.is_new],
        "unknown": [each.model for each in found if each.is_new is None],
    }
    return Done(result, asked.card.told("checked", **result))


@workflow("serve_models", version=1, args=PlaceAsked)
def serve_models(asked: PlaceAsked) -> WorkflowBody:
    """Have a place's server run."""
    facts: ServerFacts = yield serve(LookAsked(), place=asked.place)
    result = {"place": asked.place, "state": facts.state.value, "version": facts.version}
    return Done(result, asked.card.told("served", **result))


@pull_model.farewell
@switch_model.farewell
@roll_back_model.farewell
@check_models.farewell
@serve_models.farewell
def part(
    run: RunRow, _asked: Any, state: RunState, error: MaskError | None, steps: list[StepRow]
) -> Farewell:
    """What failed is told, unless a card that asked for a yes tells it by itself."""
    was_asked = bool(steps) and steps[-1].gate is Gate.ASK
    if was_asked or state is not RunState.FAILED or error is None:
        return Farewell()
    return Farewell(notices=[Notice("failed", {"error": error.to_json(), "run_id": run.id})])


#: Every workflow of this file, for the registry.
WORKFLOWS: Sequence[Workflow] = (
    pull_model,
    switch_model,
    roll_back_model,
    check_models,
    serve_models,
)


def _said(done: Switched) -> dict[str, Any]:
    return {
        "place": done.place,
        "role": done.role.value,
        "model": done.model,
        "before": done.before,
        "version_id": done.version_id,
    }
