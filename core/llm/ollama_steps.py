"""What a place can be asked about its local models, as steps: home and nodes bind the same.

    models.look     what is there                       models.updates  what has a newer version
    models.trial    the trial before a switch           models.serve    have the server run
    models.pull     fetch a model: asked about by size and digest, shown as it comes, stoppable

Running what is here is `local_exec`: by itself, unless the owner's rules say otherwise (M06.13);
fetching is `model_pull` and always asks. A newer version does not take the place of the one that
is here: that one gets a second name first, so that the owner can go back. Never switches a role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.clock import Clock
from core.errors import MaskError, Refused, Unavailable
from core.llm.model import Endpoint, Role
from core.llm.ollama_facts import Installed, ModelName, ServerFacts, ServerState
from core.llm.ollama_offers import PLAIN, name_of
from core.llm.ollama_ports import Catalogue, LocalServer, Manifest, Progress, Supervised
from core.llm.ollama_trial import TrialReport, run_trials, trials_for, try_vectors
from core.llm.ports import ChatModel
from core.runs import actions
from core.runs.model import Action, Kind
from core.runs.ports import StepContext
from core.runs.steps import step

#: Seconds: a pull of a large model over a slow line; a trial with loading; a look; all manifests.
PULL_S, TRY_S, LOOK_S, UPDATES_S = 12 * 3600.0, 1800.0, 30.0, 300.0
#: Seconds between two live lines of a pull.
LIVE_S = 1.0
#: A model needs about this much of its size in memory, with its context.
ROOM = 1.2
BAR = 12


@dataclass(frozen=True)
class LocalRoom:
    """One place's server. `chat` talks with its models (`OllamaChat`); `like` is the catalog's
    entry for a local model; `free_bytes` the room on the disk that models lie on, None when it
    cannot be told."""

    place: str
    clock: Clock
    keeper: Supervised
    server: LocalServer
    catalogue: Catalogue
    chat: ChatModel
    like: Endpoint = PLAIN
    free_bytes: Callable[[], int | None] = lambda: None

    def require(self) -> ServerFacts:
        """The facts of a server that answers now. Unavailable(`local-server-away`)."""
        facts = self.keeper.look()
        if facts.state is not ServerState.RUNNING:
            raise Unavailable("local-server-away", address=facts.address, why=facts.note)
        return facts


@dataclass(frozen=True)
class LookAsked:
    """Nothing to choose."""


@dataclass(frozen=True)
class PullModel:
    """Fetch this model, or its newest version."""

    model: str


@dataclass(frozen=True)
class Pulled:
    """What was fetched. `kept`: the second name of the version that was here before. `summary` is
    for the card."""

    model: str
    digest: str
    size: int
    kept: str | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TryModel:
    """Try this installed model for a role."""

    model: str
    role: Role


@dataclass(frozen=True)
class Update:
    """An installed model beside the registry. `is_new`: there is a newer version, None when that
    cannot be told (`why`). `size` is what a pull would fetch at most."""

    model: str
    is_new: bool | None
    size: int = 0
    why: str = ""


@step("models.look", kind=Kind.READ, timeout_s=LOOK_S)
def look(room: LocalRoom, _ctx: StepContext, _asked: LookAsked) -> ServerFacts:
    """What is there now; a server that is away is a state and no error."""
    return room.keeper.look()


@step("models.updates", kind=Kind.READ, timeout_s=UPDATES_S)
def updates(room: LocalRoom, ctx: StepContext, _asked: LookAsked) -> tuple[Update, ...]:
    """Every installed model compared with the registry, by digest."""
    found = []
    for model in room.require().models:
        ctx.cancel.check()
        found.append(_compared(room, model))
    return tuple(found)


@step("models.serve", kind=Kind.IDEMPOTENT, timeout_s=90, gated=True)
def serve(room: LocalRoom, _ctx: StepContext, _asked: LookAsked) -> ServerFacts:
    """Have the server run."""
    return room.keeper.start()


@serve.prepare
def about_to_serve(room: LocalRoom, _ctx: StepContext, _asked: LookAsked) -> Action:
    return serving(room.place, room.server.address)


def serving(place: str, address: str) -> Action:
    """The action of starting the server, for `models.serve` and for the watch."""
    return actions.make(
        "local_exec", place, undo="nothing-changes", preview={},
        program="ollama", words=["serve"], address=address,
    )  # fmt: skip


@step("models.trial", kind=Kind.READ, timeout_s=TRY_S, retries=0, gated=True)
def try_model(room: LocalRoom, ctx: StepContext, asked: TryModel) -> TrialReport:
    """Put the trial's prompts to it. Refused(`local-model-missing`, `model-unfit`)."""
    model = _installed(room, asked)
    if asked.role is Role.EMBED:
        return try_vectors(room.server, model.name, room.clock)
    endpoint = replace(
        room.like,
        name=name_of(model.name, room.place),
        model=model.name,
        place=room.place,
        base_url=room.server.address,
        context=min(room.like.context, model.context or room.like.context),
    )
    return run_trials(
        room.chat,
        endpoint,
        asked.role,
        trials_for(asked.role),
        room.clock,
        cancel=ctx.cancel,
        told=ctx.show,
    )


@try_model.prepare
def about_to_try(room: LocalRoom, _ctx: StepContext, asked: TryModel) -> Action:
    model = _installed(room, asked)
    return actions.make(
        "local_exec", room.place, undo="nothing-changes", preview={"size_bytes": model.size},
        program="ollama", words=["run", model.name], address=room.server.address,
    )  # fmt: skip


@step("models.pull", kind=Kind.IDEMPOTENT, timeout_s=PULL_S, retries=0, gated=True)
def pull(room: LocalRoom, ctx: StepContext, asked: PullModel) -> Pulled:
    """Fetch what was agreed on; what has arrived stays when it is stopped, for the next try.
    Unavailable(`local-server-away`, `local-server-failed`), Refused(`model-changed`)."""
    name, manifest, here = _wanted(room, asked)
    kept = _keep(room, here, manifest)
    shown = Shown(ctx.show, room.clock, name.short, manifest.size)
    began_s = room.clock.monotonic()
    room.server.pull(name.short, shown.told, ctx.cancel)
    after = room.keeper.look().find(name.short)
    if after is None or after.digest != manifest.digest:
        raise Refused("model-changed", model=name.short)
    took_s = round(room.clock.monotonic() - began_s, 1)
    summary = {"took_s": took_s, "bytes": manifest.size}
    return Pulled(name.short, manifest.digest, manifest.size, kept, summary)


@pull.prepare
def about_to_pull(room: LocalRoom, _ctx: StepContext, asked: PullModel) -> Action:
    """Which bytes, how many, and whether there is room for them."""
    name, manifest, here = _wanted(room, asked)
    memory = room.keeper.facts().memory.total
    preview = {
        "size_bytes": manifest.size,
        "free_bytes": room.free_bytes(),
        "memory_bytes": memory,
        "fits": None if memory is None else manifest.size * ROOM <= memory,
    }
    return actions.make(
        "model_pull",
        room.place,
        undo="version" if here is not None else "none",
        preview=preview,
        model=name.short,
        source=f"{name.host}/{name.namespace}",
        digest=manifest.digest,
        size=manifest.size,
        replaces=here.digest if here is not None else None,
    )


class Shown:
    """A pull as live text without words, so that it reads the same in every language."""

    def __init__(self, show: Callable[[str], None], clock: Clock, model: str, total: int) -> None:
        self._show = show
        self._clock = clock
        self._model = model
        self._total = total
        self._began: tuple[float, int] | None = None
        self._next_s = 0.0

    def told(self, progress: Progress) -> None:
        """One line of the server; shown once a second at most."""
        now_s = self._clock.monotonic()
        if self._began is None and progress.total:
            self._began = (now_s, progress.completed)
        if now_s < self._next_s:
            return
        self._next_s = now_s + LIVE_S
        self._show(self._line(progress, now_s))

    def _line(self, progress: Progress, now_s: float) -> str:
        total = max(self._total, progress.total, 1)
        done = min(progress.completed, total)
        filled = BAR * done // total
        bar = "▰" * filled + "▱" * (BAR - filled)
        line = f"{self._model}\n{bar} {100 * done // total} %\n{_gb(done)} / {_gb(total)}"
        if self._began is None or now_s - self._began[0] < LIVE_S:
            return line
        speed = (progress.completed - self._began[1]) / (now_s - self._began[0])
        if speed <= 0:
            return line
        left_s = round((total - done) / speed)
        minutes, seconds = divmod(left_s, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{line} · {speed / 1e6:.1f} MB/s · {hours}:{minutes:02}:{seconds:02}"


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 10**9 else f"{size / 1e6:.0f} MB"


def _installed(room: LocalRoom, asked: TryModel) -> Installed:
    """Refused(`local-model-missing`, `model-unfit`)."""
    model = room.require().find(asked.model)
    if model is None:
        raise Refused("local-model-missing", model=asked.model[:120])
    if not model.can(asked.role):
        raise Refused("model-unfit", model=model.name, role=asked.role.value)
    return model


def _wanted(room: LocalRoom, asked: PullModel) -> tuple[ModelName, Manifest, Installed | None]:
    """What the registry has, and what of that name is here. Refused(`model-is-here`)."""
    name = ModelName.read(asked.model)
    here = room.require().find(name.short)
    manifest = room.catalogue.manifest(name)
    if here is not None and here.digest == manifest.digest:
        raise Refused("model-is-here", model=name.short)
    return name, manifest, here


def _keep(room: LocalRoom, here: Installed | None, manifest: Manifest) -> str | None:
    """Give what a newer version replaces a second name; it takes no room."""
    if here is None or here.digest == manifest.digest or not here.digest:
        return None
    kept = f"{here.name}-{here.digest[:8]}"
    room.server.copy(here.name, kept)
    return kept


def _compared(room: LocalRoom, model: Installed) -> Update:
    try:
        name = ModelName.read(model.name)
        manifest = room.catalogue.manifest(name)
    except MaskError as error:
        return Update(model.name, None, why=error.code)
    is_new = model.digest != manifest.digest
    return Update(model.name, is_new, manifest.size if is_new else model.size)
