"""What tends memory, as wiring puts it together for home's worker."""

from __future__ import annotations

import pytest

from core import config, seal, wiring
from core.clock import SystemClock
from core.memory.context_model import Budget
from core.memory.forget_registry import FILES
from core.memory.record_model import Actor, Category, NewRecord, Source
from core.runs.blobs import Blobs
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.model import Label
from core.runs.ports import NoWake
from core.wiring.hands import Place, hands
from core.wiring.home_models import open_home_models
from core.wiring.steps import home_registry
from core.wiring.upkeep import AT_NODES, WORKFLOWS, open_upkeep
from workers import timetable

ME = Actor("telegram:1")


@pytest.fixture
def world(sqlite_database, tmp_path, monkeypatch):
    for field in config.Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)
    settings = config.Settings(
        _env_file=None, MASK_HOME=tmp_path, DB_PATH="memory.db", OLLAMA_PORT=9, OWNER_ID=1
    )
    base = wiring.house_over(
        sqlite_database, settings, seal.Master(b"m" * 32), NoWake(), SystemClock()
    )
    place = Place(HOME, settings, tmp_path, base.db, base.clock, base.master, base.redact)
    nodes = Nodes(base.db, base.clock)
    own = hands(place, base.policy, base.rules, Blobs(base.db, base.clock, HOME))
    models = open_home_models(base, nodes, place, redis_url=None)
    upkeep = open_upkeep(base, nodes, own, models)
    yield base, nodes, own, models, upkeep
    upkeep.close()
    models.stop()
    models.close()


def test_every_workflow_of_memory_finds_all_its_steps(world):
    base, nodes, own, models, upkeep = world
    registry = home_registry(base, models, nodes, own, None, upkeep)
    assert all(registry.workflow(each.name) is each for each in WORKFLOWS)
    assert all(registry.spec(spec.name) is spec for spec in AT_NODES)


def test_beat_starts_only_workflows_that_home_knows(world):
    base, nodes, own, models, upkeep = world
    registry = home_registry(base, models, nodes, own, None, upkeep)
    ticked = timetable.intervals(base.settings)
    assert {"extract_facts", "summarise_old", "refresh_mirror", "check_memory"} <= ticked.keys()
    assert all(registry.workflow(name) for name in ticked)


def test_every_kind_of_file_with_words_at_home_has_somebody_who_forgets(world):
    *_, upkeep = world
    keepers = {each.name for each in upkeep._files()}
    wanted = {each.name for each in FILES if "deleted" in each.how or "taken out" in each.how}
    named_otherwise = {"damaged": "damaged-databases"}
    assert {named_otherwise.get(name, name) for name in wanted | {"mirror"}} <= keepers


def test_a_turn_is_told_what_was_remembered(world):
    base, *_, upkeep = world
    new = NewRecord(Category.FACT, "the key is with Rina", label=Label.OPEN, source=Source.OWNER)
    with base.db.write() as tx:
        base.memory.records.remember(tx, new, ME)
        thread = base.threads.current(tx, 1)
    budget = Budget(total=2000, standing=400, summary=400, matters=400, least_talk=400)
    with base.db.read() as tx:
        built = upkeep.contexts().built(tx, thread.id, Label.OPEN, budget, about="where is the key")
    assert any("Rina" in item.text for item in built.items)
