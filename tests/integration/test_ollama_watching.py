"""What the owner hears of model servers at home and at nodes, and what is remembered."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.approvals.audit import Audit
from core.clock import ManualClock
from core.db import metadata, open_sqlite
from core.llm.model import Role
from core.llm.ollama_facts import Installed, ServerFacts, ServerState
from core.llm.ollama_offers import announce
from core.llm.ollama_versions import Versions
from core.memory.preferences import Preferences
from core.monitor.local_models import LocalModelsWatch, elsewhere, known
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.notices import Level
from core.seal import Identity
from workers.presence import Presence

BIG = Installed("qwen3:14b", 9 * 10**9, "a" * 64, "14.8B", abilities=("completion", "tools"))
RUNNING = ServerFacts(HOME, ServerState.RUNNING, "0.13.5", models=(BIG,))
DOWN = ServerFacts(HOME, ServerState.DOWN, downs=1, note="refused")
KEY = bytes(range(48))


class Home:
    """A watch over home's own facts and the hellos of `pc`."""

    def __init__(self, folder) -> None:
        self.db, self.clock = open_sqlite(folder / "home.db", KEY), ManualClock()
        metadata.create_all(self.db.engine)
        self.values, self.audit = Preferences(self.db, self.clock), Audit(self.clock)
        self.nodes, self.versions = Nodes(self.db, self.clock), Versions(self.clock)
        self.own, self.told = ServerFacts(HOME, ServerState.ABSENT), []
        keys = Identity(b"n" * 32, b"N" * 32).public
        with self.db.write() as tx:
            self.nodes.register(tx, "pc", keys.sign, keys.seal, is_mine=True)
        self.restart()

    def restart(self) -> None:
        self.watch = LocalModelsWatch(
            self.db,
            self.clock,
            self.values,
            self.nodes,
            lambda _tx, notice: self.told.append(notice),
            self.audit,
            lambda: self.own,
        )

    def sees(self, own=None, pc=None, boot="boot1") -> None:
        self.own = own or self.own
        if pc is not None:
            self.hello({"models": announce(pc)}, boot)
        self.watch.look()
        self.clock.advance(5)

    def hello(self, can, boot="boot1") -> None:
        with self.db.write() as tx:
            peer = self.nodes.peer(tx, "pc")
            self.nodes.heard(tx, peer, boot, int(self.clock.now().timestamp()), {"can": can})

    def alerts(self) -> list[tuple[str, str, str]]:
        return [(n.params["component"], n.params["code"], n.params["level"]) for n in self.told]

    def rows(self) -> list[tuple[str, str]]:
        with self.db.read() as tx:
            return [(row.kind, row.actor) for row in self.audit.rows(tx)]


@pytest.fixture
def home(tmp_path):
    found = Home(tmp_path)
    yield found
    found.db.close()


def test_running_down_running_leaves_two_rows_and_one_alert_with_its_end(home: Home) -> None:
    for own in (RUNNING, RUNNING, DOWN, DOWN, DOWN, replace(RUNNING, downs=1)):
        home.sees(own)
    assert home.rows() == [("local-models-down", HOME), ("local-models-running", HOME)]
    assert home.alerts() == [
        ("local-models", "local-models-down", Level.PROBLEM),
        ("local-models", "local-models-down", Level.RESOLVED),
    ]
    assert home.told[0].params["values"] == {"place": HOME, "why": "refused"}


def test_a_stop_between_two_looks_is_told_with_its_end(home: Home) -> None:
    home.sees(RUNNING)
    home.sees(replace(RUNNING, downs=1))
    assert [level for *_, level in home.alerts()] == [Level.PROBLEM, Level.RESOLVED]


def test_a_machine_without_a_server_is_worth_no_word(home: Home) -> None:
    home.sees(ServerFacts(HOME, ServerState.ABSENT), ServerFacts("pc", ServerState.STARTING))
    home.sees()
    assert (home.told, home.rows()) == ([], [])


def test_a_nodes_server_is_told_by_the_nodes_name(home: Home) -> None:
    there = replace(RUNNING, place="pc")
    home.sees(pc=there)
    home.sees(pc=replace(DOWN, place="pc"))
    home.sees(pc=replace(there, downs=1))
    assert home.alerts() == [
        ("node-pc", "local-models-down", Level.PROBLEM),
        ("node-pc", "local-models-down", Level.RESOLVED),
    ]


def test_a_node_that_was_restarted_counts_anew(home: Home) -> None:
    there = replace(RUNNING, place="pc")
    home.sees(pc=there)
    home.sees(pc=replace(there, downs=3))
    home.clock.advance(1)
    home.sees(pc=there, boot="boot2")
    home.clock.advance(1)
    home.sees(pc=replace(there, downs=1), boot="boot2")
    assert [level for *_, level in home.alerts()] == [Level.PROBLEM, Level.RESOLVED] * 2


def test_a_restart_of_home_tells_nothing_twice(home: Home) -> None:
    home.sees(RUNNING)
    home.sees(DOWN)
    home.restart()
    home.sees(DOWN)
    home.sees(replace(RUNNING, downs=0))
    assert [level for *_, level in home.alerts()] == [Level.PROBLEM, Level.RESOLVED]


def test_a_smaller_model_is_told_once_and_its_end_too(home: Home) -> None:
    tight = replace(RUNNING, smaller={"qwen3:14b": "llama3.2:latest"})
    for own in (RUNNING, tight, tight, RUNNING):
        home.sees(own)
    assert home.alerts() == [
        ("local-models", "local-model-smaller", Level.NOTICE),
        ("local-models", "local-model-smaller", Level.RESOLVED),
    ]
    assert home.rows() == [("local-model-smaller", HOME)]


def test_the_bot_reads_home_and_present_nodes(home: Home) -> None:
    there = replace(RUNNING, place="pc")
    home.sees(RUNNING, there)
    with home.db.read() as tx:
        found = known(tx, home.values, home.nodes, home.clock)
    assert [(each.place, each.state) for each in found] == [
        (HOME, ServerState.RUNNING),
        ("pc", ServerState.RUNNING),
    ]
    home.clock.advance(600)
    with home.db.read() as tx:
        assert [each.place for each in known(tx, home.values, home.nodes, home.clock)] == [HOME]
        assert elsewhere(tx, home.nodes, home.clock, home.versions) == ()


def test_the_router_is_offered_what_present_nodes_have(home: Home) -> None:
    home.sees(pc=replace(RUNNING, place="pc"))
    with home.db.read() as tx:
        (found,) = elsewhere(tx, home.nodes, home.clock, home.versions)
    assert (found.name, found.place, found.is_mine) == ("ollama/qwen3:14b@pc", "pc", True)
    assert Role.CHAT in found.roles


def test_each_hello_carries_what_is_there_at_that_moment(home: Home) -> None:
    said, now = [], SimpleNamespace(facts=DOWN)
    post = SimpleNamespace(say_hello=lambda can, _load: said.append(can))
    presence = Presence(
        post, ["models.look"], lambda: 0, now=lambda: {"models": announce(now.facts)}
    )
    presence.say()
    now.facts = RUNNING
    presence.say()
    assert [each["models"]["state"] for each in said] == ["down", "running"]
    assert said[1]["models"]["has"][0]["n"] == BIG.name
