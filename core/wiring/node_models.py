"""The models of a node: what its own model server has, asked by `llm.generate` and `models.check`.

Imported by workers only. Holds no keys and knows no cloud: home decides who is asked, this place
answers with what is installed here. What was used is counted at home.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.approvals.audit import Audit
from core.llm import steps as llm_steps
from core.llm.books import NoBooks
from core.llm.loop_thread import LoopThread
from core.llm.ollama_chat import OllamaChat
from core.llm.ollama_client import OllamaClients
from core.llm.ollama_smaller import SmallerWhenFull
from core.llm.pool import Pool
from core.llm.standings import Standings
from core.runs.ports import Guard
from core.runs.steps import BoundStep, bind
from core.wiring.local_models import LocalModels, into_audit, open_local_models
from core.wiring.model_runs import node_checks

if TYPE_CHECKING:
    from core.wiring.hands import Place


@dataclass(frozen=True)
class NodeModels:
    """A node's model server and the steps that ask it. `start` and `stop` are called once each."""

    place: Place
    local: LocalModels
    pool: Pool
    on_close: Callable[[], None]

    def bound(self) -> list[BoundStep]:
        """The model server's own steps, an answer by it, and the check of it."""
        place, room = self.place, llm_steps.Room(self.pool)
        name = llm_steps.generate.spec.name
        answer = next(each for each in bind(llm_steps, room) if each.spec.name == name)
        check = node_checks(place.db, place.clock, place.name, self.pool, NoBooks())
        return [*self.local.bound(), answer, check]

    def can(self) -> dict[str, Any]:
        """What each hello tells of it."""
        return self.local.can()

    def start(self, guard: Guard) -> None:
        """Begin to watch; the server is started only as this node's policy admits it."""
        self.local.guarded_by(self.place.db, guard)
        self.local.start()

    def stop(self) -> None:
        """End the watch, the server if it is ours, and every client."""
        self.local.stop()
        self.pool.close()
        self.on_close()


def open_node_models(place: Place, audit: Audit) -> NodeModels | None:
    """None where no real model is ever asked (MASK_SCRIPTED_MODEL)."""
    loop = LoopThread("ollama")
    servers = OllamaClients(loop)
    ollama = SmallerWhenFull(OllamaChat(loop, place.clock), place.clock, servers.installed)
    local = open_local_models(place, smaller=ollama.smaller)
    if local is None:
        return None
    local.told_to(into_audit(place.db, audit))
    pool = Pool(
        local.endpoints,
        {"ollama": ollama},
        place.clock,
        redact=place.redact,
        standings=Standings(place.clock, place.db),
    )

    def close() -> None:
        servers.close()
        loop.close()

    return NodeModels(place, local, pool, close)
