"""A model server, its process and its registry in memory; they pass the same port tests as the real
ones. Shipped for tests and for practice; nothing here opens anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.errors import Broken, Refused, Unavailable
from core.llm.ollama_facts import Installed, Loaded, ModelName, is_same
from core.llm.ollama_ports import Manifest, Progress
from core.runs.cancel import CancelToken

#: Pieces that a pull comes in.
PIECES = 4


def digest_of(text: str) -> str:
    """A digest that differs where the text does."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class FakeRegistry:
    """`Catalogue` over a dictionary of short names."""

    models: dict[str, Manifest] = field(default_factory=dict)
    is_away: bool = False

    def publish(self, name: str, size: int, revision: int = 1) -> None:
        self.models[name] = Manifest(digest_of(f"{name}/{revision}"), size)

    def manifest(self, name: ModelName) -> Manifest:
        if self.is_away:
            raise Unavailable("model-registry-away", why="away")
        found = self.models.get(name.short)
        if found is None:
            raise Refused("model-unknown", model=name.short)
        return found


@dataclass
class FakeServer:
    """`LocalServer`. `is_up`: whether it answers; `during` is called at each piece of a pull."""

    registry: FakeRegistry = field(default_factory=FakeRegistry)
    address: str = "http://127.0.0.1:11434"
    models: dict[str, Installed] = field(default_factory=dict)
    is_up: bool = True
    during: Callable[[], None] = lambda: None
    asked: int = 0

    def version(self) -> str:
        self._answer()
        return "0.13.5"

    def installed(self) -> tuple[Installed, ...]:
        self._answer()
        bare = (replace(each, context=0, abilities=()) for each in self.models.values())
        return tuple(bare)

    def loaded(self) -> tuple[Loaded, ...]:
        self._answer()
        return ()

    def described(self, model: Installed) -> Installed:
        self._answer()
        return self._find(model.name)

    def embed(self, model: str, text: str) -> int:
        del text
        self._answer()
        if not self._find(model).embeds:
            raise Unavailable("local-server-failed", why="it makes no vectors")
        return 8

    def pull(self, model: str, told: Callable[[Progress], None], cancel: CancelToken) -> None:
        self._answer()
        found = self.registry.models.get(model)
        if found is None:
            raise Unavailable("local-server-failed", why="file does not exist")
        for piece in range(1, PIECES + 1):
            self.during()
            cancel.check()
            told(Progress(found.size * piece // PIECES, found.size, "pulling"))
        known = self.models.get(model) or Installed(model, found.size)
        self.models[model] = replace(known, size=found.size, digest=found.digest)

    def copy(self, source: str, target: str) -> None:
        self._answer()
        self.models[target] = replace(self._find(source), name=target)

    def _find(self, name: str) -> Installed:
        for each in self.models.values():
            if is_same(each.name, name):
                return each
        raise Refused("local-model-missing", model=name)

    def _answer(self) -> None:
        self.asked += 1
        if not self.is_up:
            raise Unavailable("local-server-away", address=self.address, why="refused")


@dataclass
class FakeProcess:
    """`Process` that brings a `FakeServer` up. `works`: False when it dies at once."""

    server: FakeServer
    program: str | None = "/opt/ollama"
    works: bool = True
    starts: int = 0
    is_alive: bool = False
    has_died: bool = False

    def start(self) -> None:
        if self.program is None:
            raise Broken("local-server-not-started", why="the program is not on this machine")
        self.starts += 1
        self.is_alive, self.has_died = self.works, not self.works
        self.server.is_up = self.works

    def stop(self) -> None:
        if self.is_alive:
            self.server.is_up = False
        self.is_alive = self.has_died = False

    def die(self) -> None:
        """It ends by itself."""
        self.is_alive, self.has_died, self.server.is_up = False, True, False

    def last_words(self) -> str:
        return "bind: address already in use"
