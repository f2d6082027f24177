"""A place's model server as wiring makes it: settings, steps, hellos, and policy before a start."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import config
from core.approvals.audit import Audit
from core.clock import SystemClock
from core.db import metadata, open_sqlite
from core.errors import Refused
from core.llm.catalog import catalog
from core.llm.model import Role
from core.llm.ollama_facts import ServerState
from core.llm.ollama_offers import announced, offers
from core.llm.ollama_ports import Change
from core.llm.ollama_versions import Versions, versions_of
from core.redaction import Redaction
from core.seal import Master
from core.wiring.hands import Place
from core.wiring.local_models import home_steps, into_audit, open_local_models
from ops.emulator.models.server import ThreadedModelServer

KEY = bytes(range(48))


@pytest.fixture(scope="module")
def server():
    server = ThreadedModelServer()
    yield server
    server.stop()


@pytest.fixture
def make(tmp_path, monkeypatch):
    for field in config.Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)
    db = open_sqlite(tmp_path / "x.db", KEY)
    metadata.create_all(db.engine)
    made = []

    def open_it(name="pc", **settings):
        values = config.Settings(_env_file=None, MASK_HOME=tmp_path, **settings)
        place = Place(name, values, tmp_path, db, SystemClock(), Master(b"m" * 32), Redaction())
        made.append(open_local_models(place))
        return made[-1]

    open_it.db = db
    yield open_it
    for each in made:
        if each is not None:
            each.stop()
    db.close()


def test_the_settings_say_where_and_which(server, make) -> None:
    local = make(OLLAMA_HOST=server.url, OLLAMA_MODEL="llama3.2", MASK_NODE="pc")
    local.keeper.look()
    versions = versions_of(local.settings, SystemClock())
    with make.db.read() as tx:
        choice = versions.choice(tx, "pc")
    chat = next(each for each in local.endpoints(choice) if Role.CHAT in each.roles)
    assert (chat.name, chat.base_url) == ("ollama/llama3.2:latest@pc", server.url)
    assert chat.is_mine
    assert chat.deadlines.first_token_s == catalog(local.settings)[-2].deadlines.first_token_s


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://127.0.0.1:11434"),
        ({"OLLAMA_PORT": 9999}, "http://127.0.0.1:9999"),
        ({"OLLAMA_HOST": "0.0.0.0"}, "http://127.0.0.1:11434"),
        ({"OLLAMA_HOST": "pc.local:8080"}, "http://pc.local:8080"),
    ],
)
def test_host_and_port_are_respected(make, settings, address) -> None:
    local = make(**settings)
    assert local.room.server.address == address
    assert local.keeper.is_wanted is bool(settings)
    assert local.keeper.facts().is_here is ("127.0.0.1" in address)


def test_with_a_script_for_a_model_no_server_is_watched(make, tmp_path) -> None:
    assert make(MASK_SCRIPTED_MODEL=Path("script.json")) is None


def test_home_makes_the_same_endpoints_from_the_hello(server, make) -> None:
    local = make(OLLAMA_HOST=server.url, MASK_NODE="pc")
    local.keeper.look()
    heard = announced(local.can(), "pc")
    with make.db.read() as tx:
        choice = Versions(SystemClock()).choice(tx, "pc")
    at_home = offers(heard, choice, is_mine=True)
    assert {each.name for each in at_home} == {each.name for each in local.endpoints()}
    assert all(each.is_mine for each in at_home)


def test_each_place_has_the_steps_and_home_the_rows(make) -> None:
    local = make()
    names = {each.spec.name: each for each in local.bound()}
    assert set(names) == {
        "models.look", "models.updates", "models.trial", "models.serve", "models.pull",
    }  # fmt: skip
    gated = {name for name, each in names.items() if each.spec.gated}
    assert gated == {"models.trial", "models.serve", "models.pull"}
    at_home = {each.spec.name for each in home_steps(Versions(SystemClock()))}
    assert at_home == {"models.switch", "models.version", "models.note"}


class Guard:
    """Says yes or no, and what it was asked."""

    def __init__(self, *, yes: bool) -> None:
        self.yes, self.asked = yes, []

    def judge(self, spec, action, label):
        raise AssertionError("the watch asks to be admitted")

    def admit(self, _tx, spec, action, _label, permit) -> None:
        self.asked.append((spec.name, action.canonical, permit))
        if not self.yes:
            raise Refused("grant-missing")


def test_the_watch_is_admitted_like_a_step_or_does_not_start(make) -> None:
    local = make()
    assert not local.keeper.may_start()
    for yes in (True, False):
        guard = Guard(yes=yes)
        local.guarded_by(make.db, guard)
        assert local.keeper.may_start() is yes
        ((name, canonical, permit),) = guard.asked
        assert (name, permit) == ("models.serve", None)
        assert '"kind":"local_exec"' in canonical


def test_a_node_remembers_changes_in_its_own_audit(make) -> None:
    audit = Audit(SystemClock())
    told = into_audit(make.db, audit)
    for state in (ServerState.DOWN, ServerState.RUNNING):
        told(Change("pc", state))
    with make.db.read() as tx:
        kinds = [row.kind for row in audit.rows(tx)]
    assert kinds == ["local-models-down", "local-models-running"]
