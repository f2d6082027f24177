"""Home and a node with their engines and approvals, the shipped policy, and model servers in
memory; talking with models is scripted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from core.approvals.guard import Surroundings
from core.approvals.model import Facts
from core.approvals.policy import Policy, judge
from core.db import Database
from core.llm import ollama_steps, ollama_work
from core.llm.model import Failure, Reply
from core.llm.ollama_facts import Installed, Memory, ServerFacts
from core.llm.ollama_fakes import FakeProcess, FakeRegistry, FakeServer
from core.llm.ollama_keeper import Keeper
from core.llm.ollama_steps import LocalRoom
from core.llm.ollama_versions import Versions
from core.llm.ollama_work import VersionsRoom
from core.llm.ports import ModelFailed
from core.runs.registry import Registry
from core.runs.steps import bind
from tests.integration.approvals_gate_world import Guarded, RealWorld
from tests.integration.approvals_world import RuleFake
from tests.integration.gate_world import HOME, NODE

ABLE = ("completion", "tools")
BIG = Installed("qwen3:14b", 9 * 10**9, "a" * 64, "14.8B", "Q4_K_M", 40960, ABLE)
GENERAL = Installed("llama3.1:8b", 5 * 10**9, "b" * 64, "8B", "", 131072, ABLE)
CODER = Installed("qwen2.5-coder:7b-instruct", 4 * 10**9, "c" * 64, "7.6B", "", 32768, ABLE)
VECTORS = Installed("nomic-embed-text:latest", 10**8, "d" * 64, abilities=("embedding",))


class Talk:
    """Models that answer as `says` has it; None: they fail."""

    def __init__(self) -> None:
        self.says: dict[str, str | None] = {}
        self.asked: list[tuple[str, str]] = []

    def chat(self, endpoint: Any, request: Any, **_more: Any) -> Reply:
        self.asked.append((endpoint.model, request.messages[-1].content))
        said = self.says.get(endpoint.model, "Hello, 42, হ্যালো, مرحبا, def add(a, b): ...")
        if said is None:
            raise ModelFailed(Failure.TIMEOUT, detail="first token: over 120 s")
        return Reply(said, endpoint.name, endpoint.place)

    def probe(self, _endpoint: Any) -> Any:
        raise AssertionError("nobody probes")


class OllamaWorld(RealWorld):
    """`servers`, `keepers` and `talk` by place; `policy` may be replaced before a run."""

    def __init__(self, folder: Path) -> None:
        self.store = FakeRegistry()
        self.servers = {place: FakeServer(self.store) for place in (HOME, NODE)}
        for server in self.servers.values():
            server.models = {each.name: each for each in (BIG, GENERAL, CODER, VECTORS)}
        self.talk = Talk()
        self.rooms: dict[str, LocalRoom] = {}
        self.told: list[Any] = []
        self.put_down: list[tuple[str, dict[str, Any]]] = []
        self.policy = Policy.load()
        super().__init__(folder)
        self.versions = Versions(self.clock)
        self.restart_home()

    def registry(self, place: str) -> Registry:
        room = self.rooms.setdefault(place, self._room(place))
        steps = [*bind(ollama_steps, room)]
        if place != HOME:
            return Registry(steps)
        versions = getattr(self, "versions", Versions(self.clock))
        steps += bind(ollama_work, VersionsRoom(versions, self._put_down))
        return Registry(steps, list(ollama_work.WORKFLOWS))

    def _put_down(self, tx: Any, kind: str, actor: str, **detail: Any) -> None:
        self.put_down.append((kind, detail))

    def _room(self, place: str) -> LocalRoom:
        server = self.servers[place]
        keeper = Keeper(
            place,
            self.clock,
            server,
            FakeProcess(server, None),
            is_wanted=True,
            may_start=lambda: True,
            told=self.told.append,
            memory=lambda: Memory(16 * 10**9),
        )
        return LocalRoom(
            place, self.clock, keeper, server, self.store, self.talk, free_bytes=lambda: 10**11
        )

    def _guard(self, place: str, db: Database) -> Guarded:
        def decide(fields: dict[str, Any], facts: Facts) -> Any:
            floor = replace(self.policy.floor, place=place)
            return judge(replace(self.policy, floor=floor), fields, facts)

        keys, audit = self.keys[place], self.audits[place]
        standing = self._standing(place, keys)
        return Guarded(db, self.clock, Surroundings(place), decide, RuleFake(), standing, audit)

    # -- wishes

    def wish(self, workflow: Any, args: Any) -> str:
        with self.home_db.write() as tx:
            return self.runs.start(tx, workflow, args, chat_id=42)

    def granted(self, workflow: Any, args: Any) -> Any:
        """The run after as many yeses as it asks for."""
        run_id = self.wish(workflow, args)
        self.settle()
        while self.waiting():
            self.tap()
            self.settle()
        return self.run(run_id)

    def history(self, *about: Any) -> list[Any]:
        with self.home_db.read() as tx:
            return self.versions.history(tx, *about)

    def serving(self, place: str = HOME) -> dict[Any, str]:
        with self.home_db.read() as tx:
            return self.versions.serving(tx, place)

    def facts(self, place: str = HOME) -> ServerFacts:
        return self.rooms[place].keeper.look()

    def failures(self) -> list[str]:
        return [each.params["error"]["code"] for each in self.notices if each.kind == "failed"]
