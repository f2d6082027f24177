"""The model server of one place, home or node, with its watch and its steps, wired alike.

Imported by workers only: the bot never starts a program. Opens nothing before `start`. At home the
watch over all places is added by `watch_of`; a node announces `can` in each hello.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.config import Settings
from core.errors import Refused
from core.llm import ollama_steps, ollama_work
from core.llm.catalog import catalog
from core.llm.changes import Records, nobody
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint
from core.llm.ollama_chat import OllamaChat
from core.llm.ollama_client import OllamaClient
from core.llm.ollama_facts import ServerState
from core.llm.ollama_keeper import Keeper
from core.llm.ollama_offers import FIELD, PLAIN, Choice, announce, offers
from core.llm.ollama_ports import Change
from core.llm.ollama_registry import OllamaRegistry
from core.llm.ollama_server import OllamaProcess, free_bytes, memory_here
from core.llm.ollama_versions import Versions, shipped_roles
from core.runs.exchange_relay import Ticker
from core.runs.model import Label
from core.runs.steps import BoundStep, bind

if TYPE_CHECKING:
    from core.approvals.audit import Audit
    from core.db import Database
    from core.monitor.local_models import LocalModelsWatch
    from core.runs.exchange_nodes import Nodes
    from core.runs.ports import Guard
    from core.wiring.hands import Place
    from core.wiring.house import House

#: Seconds between two ticks of the watch, and between home's looks at all places.
TICK_S, LOOK_S = 1.0, 5.0
NAMES = frozenset({"ollama_model", "ollama_host", "ollama_port"})


@dataclass
class LocalModels:
    """One place's model server. Until `guarded_by` it is never started by itself."""

    settings: Settings
    room: ollama_steps.LocalRoom
    keeper: Keeper
    process: OllamaProcess
    close: Callable[[], None]
    _ticker: Ticker = field(init=False)

    def __post_init__(self) -> None:
        self._ticker = Ticker("local-models", TICK_S, self.keeper.tick)

    def bound(self) -> list[BoundStep]:
        """The steps `models.*` of this place."""
        return list(bind(ollama_steps, self.room))

    def can(self) -> dict[str, Any]:
        """What a hello tells: read anew for each."""
        return {FIELD: announce(self.keeper.facts())}

    def endpoints(self, choice: Choice | None = None) -> tuple[Endpoint, ...]:
        """What this place's pool can reach now. At a node the default `choice` is enough: home
        decides about roles, the names are the same."""
        choice = choice or Choice(usual=shipped_roles())
        is_mine = self.settings.place == "mine"
        return offers(self.keeper.facts(), choice, is_mine=is_mine, like=self.room.like)

    def guarded_by(self, db: Database, guard: Guard) -> None:
        """The watch starts the server only as this place's guard admits `models.serve`."""
        self.keeper.may_start = lambda: _admitted(db, guard, self.room)

    def told_to(self, told: Callable[[Change], None]) -> None:
        """Who hears that the server has stopped, or is back."""
        self.keeper.told = told

    def start(self) -> None:
        self._ticker.start()
        self._ticker.nudge()

    def stop(self) -> None:
        """End the watch, and the server if it is ours."""
        self._ticker.stop()
        self.keeper.stop()
        self.close()


def open_local_models(
    place: Place, smaller: Callable[[], dict[str, str]] = dict
) -> LocalModels | None:
    """The server of `place`; None where another model is never asked (MASK_SCRIPTED_MODEL).
    `smaller` is the pool's adapter's (`SmallerWhenFull.smaller`)."""
    settings = place.settings
    like = next((each for each in catalog(settings) if each.provider == "ollama"), None)
    if like is None:
        return None
    loop = LoopThread("local-models")
    client = OllamaClient(loop, like.base_url or "")
    chat = OllamaChat(loop, place.clock)
    environ = dict(os.environ)
    log = place.folder / "logs" / "ollama.log"
    process = OllamaProcess(client.address, log, environ)
    keeper = Keeper(
        place.name,
        place.clock,
        client,
        process,
        is_wanted=bool(NAMES & settings.model_fields_set),
        may_start=lambda: False,
        told=lambda _change: None,
        memory=memory_here,
        smaller=smaller,
    )
    room = ollama_steps.LocalRoom(
        place.name,
        place.clock,
        keeper,
        client,
        OllamaRegistry(settings.ollama_registry),
        chat,
        like,
        lambda: free_bytes(environ) if keeper.facts().is_here else None,
    )

    def close() -> None:
        chat.close()
        client.close()
        loop.close()

    return LocalModels(settings, room, keeper, process, close)


def home_steps(versions: Versions, record: Records = nobody) -> list[BoundStep]:
    """The steps about rows, bound at home only; the workflows are `ollama_work.WORKFLOWS`.
    `record` puts a switch into the audit."""
    return list(bind(ollama_work, ollama_work.VersionsRoom(versions, record)))


def watch_of(base: House, nodes: Nodes, own: LocalModels) -> tuple[LocalModelsWatch, Ticker]:
    """Home's look at every place, and its ticker. A change of home's own server is told at once."""
    from core.monitor.local_models import LocalModelsWatch

    watch = LocalModelsWatch(
        base.db,
        base.clock,
        base.preferences,
        nodes,
        base.mailbox.put,
        base.audit,
        own.keeper.facts,
    )
    own.told_to(lambda _change: watch.look())
    return watch, Ticker("local-models-watch", LOOK_S, watch.look)


def into_audit(db: Database, audit: Audit) -> Callable[[Change], None]:
    """At a node: changes of its server are rows of its own audit."""

    def told(change: Change) -> None:
        is_down = change.state is ServerState.DOWN
        kind = "local-models-down" if is_down else "local-models-running"
        with db.write() as tx:
            audit.record(tx, kind, change.place, state=change.state.value)

    return told


def _admitted(db: Database, guard: Guard, room: ollama_steps.LocalRoom) -> bool:
    """Does policy let the watch start the server by itself?"""
    action = ollama_steps.serving(room.place, room.server.address)
    try:
        with db.write() as tx:
            guard.admit(tx, ollama_steps.serve.spec, action, Label.OPEN, None)
    except Refused:
        return False
    return True


def like_of(settings: Settings) -> Endpoint:
    """The catalog's entry for a local model."""
    found = (each for each in catalog(settings) if each.provider == "ollama")
    return next(found, PLAIN)
