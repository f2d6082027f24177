"""The catalog as the owner has it."""

from __future__ import annotations

import pytest

from core.config import Settings
from core.errors import Refused
from core.llm.catalog import catalog
from core.llm.completion_bodies import body_of
from core.llm.endpoint_store import EndpointRow, EndpointStore
from core.llm.model import Message, Price, Request, Role
from tests.integration.catalog_world import GROQ, CatalogWorld

OWN = {"model": "llama-70b", "base_url": "https://gpu.example/v1/", "context": 32_000}
NAME = "mine/llama"


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for setting in Settings.model_fields.values():
        monkeypatch.delenv(setting.validation_alias.choices[0], raising=False)


@pytest.fixture
def world(database):
    return CatalogWorld(database, GROQ_API_KEY=GROQ)


def test_without_rows_there_is_what_ships(world):
    assert world.rows.current() == catalog(world.settings)


def test_a_key_brings_its_services_models(world):
    assert not any(name.startswith("mistral/") for name in world.names())
    assert world.offered()["mistral/mistral-large"].missing == "MISTRAL_API_KEY"
    world.do(world.keys.add, "mistral", "mistralcanarykeyone")
    assert "mistral/mistral-large" in world.names()
    assert world.offered()["mistral/mistral-large"].missing == ""


def test_an_own_endpoint_has_its_address_for_a_service_and_an_unknown_price(world):
    endpoint = world.do(world.rows.add, NAME, OWN)
    assert endpoint.base_url == "https://gpu.example/v1"
    assert endpoint.service == "gpu.example:443"
    assert endpoint.provider == "openai"
    assert endpoint.price == Price(30_000_000, 60_000_000)
    assert not endpoint.is_mine
    assert not endpoint.missing
    assert world.names()[-2:] == [NAME, "scripted"]


def test_an_address_nearby_sends_no_bill_and_is_still_not_the_owners(world):
    fields = {"model": "qwen", "base_url": "http://127.0.0.1:8080/v1"}
    endpoint = world.do(world.rows.add, NAME, fields)
    assert not endpoint.price.is_paid
    assert not endpoint.is_mine


def test_another_model_of_a_shipped_service_goes_to_that_services_address(world):
    fields = {"service": "groq", "model": "qwen/qwen3.8-27b", "roles": ["code"]}
    endpoint = world.do(world.rows.add, "groq/qwen", fields)
    assert endpoint.base_url == "https://api.groq.com"
    assert endpoint.provider == "groq"
    assert endpoint.roles == (Role.CODE,)
    assert endpoint.missing == ""


def test_another_model_of_the_own_ollama_is_the_owners(world):
    fields = {"service": "ollama", "model": "llama3.2"}
    assert world.do(world.rows.add, "ollama/llama3.2", fields).is_mine
    cloud = {"service": "ollama", "model": "gpt-oss:120b-cloud"}
    assert not world.do(world.rows.add, "ollama/cloud", cloud).is_mine
    world.do(world.rows.change, "ollama/qwen3:14b", {"model": "kimi-k2:cloud"})
    assert not world.offered()["ollama/qwen3:14b"].is_mine


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "a", "base_url": "http://gpu.example/v1"}, "endpoint-url-plain"),
        ({"model": "a", "base_url": "https://key@gpu.example/v1"}, "endpoint-url"),
        ({"model": "a", "base_url": "https://gpu.example/v1?key=1"}, "endpoint-url"),
        ({"model": "a", "base_url": "ftp://gpu.example"}, "endpoint-url"),
        ({"model": "a", "base_url": "https://gpu.example:0/v1"}, "endpoint-url"),
        ({"model": "a", "service": "groq", "base_url": "https://b.example"}, "endpoint-fields"),
        ({"model": "a", "service": "a.x:443", "base_url": "https://b.example"}, "endpoint-fields"),
        ({"model": "a"}, "endpoint-fields"),
        ({"service": "groq"}, "endpoint-fields"),
        ({**OWN, "is_mine": True}, "endpoint-fields"),
        ({**OWN, "place": "pc"}, "endpoint-fields"),
        ({**OWN, "credential": "x"}, "endpoint-fields"),
        ({**OWN, "context": 0}, "endpoint-fields"),
        ({**OWN, "max_output": 64_000}, "endpoint-fields"),
        ({**OWN, "context": "much"}, "endpoint-fields"),
        ({**OWN, "strength": 101}, "endpoint-fields"),
        ({**OWN, "price": {"prompt": -1}}, "endpoint-fields"),
        ({**OWN, "limits": {"rpm": 0}}, "endpoint-fields"),
        ({**OWN, "deadlines": {"total_s": float("inf")}}, "endpoint-fields"),
        ({**OWN, "languages": ["<b>"]}, "endpoint-fields"),
        ({**OWN, "options": {"a": {"b": None}}}, "endpoint-fields"),
    ],
)  # fmt: skip
def test_what_no_row_may_say_is_refused(world, fields, code):
    with pytest.raises(Refused) as refused:
        world.do(world.rows.add, NAME, fields)
    assert refused.value.code == code
    assert NAME not in world.names()


def test_a_mistake_names_its_field(world):
    with pytest.raises(Refused) as refused:
        world.do(world.rows.add, NAME, {**OWN, "limits": {"rpm": "many"}})
    assert refused.value.params == {"field": "limits"}


@pytest.mark.parametrize("name", ["", "two words", "a" * 129, "<b>", "groq/gpt-oss-120b"])
def test_a_name_is_short_plain_and_new(world, name):
    with pytest.raises(Refused):
        world.do(world.rows.add, name, OWN)


def test_changed_figures_win_and_can_be_taken_back(world):
    name = "groq/gpt-oss-20b"
    world.do(world.rows.change, name, {"context": 9000, "strength": 60})
    assert (world.offered()[name].context, world.offered()[name].strength) == (9000, 60)
    world.do(world.rows.change, name, {"context": None})
    assert (world.offered()[name].context, world.offered()[name].strength) == (131_072, 60)
    world.do(world.rows.restore, name)
    assert world.offered()[name].strength == 55


def test_a_row_never_moves_a_shipped_services_key_elsewhere(world):
    with pytest.raises(Refused, match="endpoint-fields"):
        world.do(world.rows.change, "groq/gpt-oss-20b", {"base_url": "https://evil.example/v1"})
    row = EndpointRow("groq/gpt-oss-20b", {"base_url": "https://evil.example/v1"})
    with pytest.raises(Refused, match="endpoint-fields"):
        world.do(world.rows.take, row)


def test_an_own_endpoint_whose_name_comes_to_be_shipped_goes_where_that_goes(world):
    name = "groq/gpt-oss-20b"
    fields = {**OWN, "service": "gpu.example:443", "context": 9000}
    world.do(EndpointStore(world.clock).put, EndpointRow(name, fields))
    (endpoint,) = (each for each in world.rows.current() if each.name == name)
    assert (endpoint.base_url, endpoint.service) == ("https://api.groq.com", "groq")
    assert endpoint.context == 9000


def test_a_service_keeps_what_it_refuses_when_options_are_changed(world):
    endpoint = world.do(world.rows.change, "anthropic/claude-haiku", {"options": {"top_k": 5}})
    body = body_of(endpoint, Request((Message("user", "hello"),)))
    assert body["top_k"] == 5
    assert "temperature" not in body


def test_paused_removed_restored(world):
    name = "groq/gpt-oss-20b"
    world.do(world.rows.pause, name)
    assert world.offered()[name].is_paused
    world.do(world.rows.resume, name)
    assert not world.offered()[name].is_paused
    world.do(world.rows.remove, name)
    assert name not in world.names()
    assert world.do(world.rows.removed) == (name,)
    with pytest.raises(Refused, match="endpoint-unknown"):
        world.do(world.rows.pause, name)
    world.do(world.rows.restore, name)
    assert world.rows.current() == catalog(world.settings)


def test_an_own_endpoint_can_be_removed_and_comes_back_as_it_was(world):
    before = world.do(world.rows.add, NAME, OWN)
    world.do(world.rows.remove, NAME)
    assert NAME not in world.names()
    world.do(world.rows.restore, NAME)
    assert world.do(world.rows.get, NAME) == before
    world.do(world.rows.remove, NAME)
    assert world.do(world.rows.add, NAME, {**OWN, "model": "other"}).model == "other"


def test_what_is_preferred_last_is_asked_first(world):
    world.do(world.rows.prefer, "ollama/qwen3:14b")
    world.do(world.rows.prefer, "groq/gpt-oss-20b")
    assert world.names()[:3] == ["groq/gpt-oss-20b", "ollama/qwen3:14b", "groq/gpt-oss-120b"]
    assert world.do(world.rows.preference) == ("groq/gpt-oss-20b", "ollama/qwen3:14b")
    world.do(world.rows.unprefer, "groq/gpt-oss-20b")
    assert world.do(world.rows.preference) == ("ollama/qwen3:14b",)


def test_a_pin_holds_for_its_thread_and_ends_with_its_endpoint(world):
    name = "groq/gpt-oss-20b"
    world.do(world.rows.pin, "t1", name)
    assert world.do(world.rows.pinned, "t1") == name
    assert world.do(world.rows.pinned, "t2") == ""
    world.do(world.rows.remove, name)
    assert world.do(world.rows.pinned, "t1") == ""
    world.do(world.rows.restore, name)
    world.do(world.rows.pin, "t1", None)
    assert world.do(world.rows.pinned, "t1") == ""


def test_a_paid_plan_costs_what_the_list_says(world):
    name = "groq/gpt-oss-120b"
    assert not world.offered()[name].price.is_paid
    assert name in world.do(world.rows.plan, "groq", is_paid=True)
    assert world.offered()[name].price == Price(150_000, 600_000)
    assert world.offered()[name].limits.rpm is None
    world.do(world.rows.plan, "groq", is_paid=False)
    assert world.rows.current() == catalog(world.settings)


def test_people_name_models_as_they_like(world):
    def find(typed):
        return world.do(world.rows.find, typed).name

    assert find("groq_70b") == "groq/gpt-oss-120b"
    assert find(" LOCAL_14b ") == "ollama/qwen3:14b"
    assert find("opus") == "anthropic/claude-opus"
    with pytest.raises(Refused, match="endpoint-which"):
        find("gpt-oss")
    with pytest.raises(Refused, match="endpoint-unknown"):
        find("")


def test_the_scripted_model_is_no_model_to_be_changed(world):
    for act in (world.rows.remove, world.rows.pause, world.rows.prefer):
        with pytest.raises(Refused, match="endpoint-practice"):
            world.do(act, "scripted")


def test_a_change_in_one_process_is_seen_by_another(world):
    other = CatalogWorld(world.db, GROQ_API_KEY=GROQ)
    assert NAME not in other.names()
    world.do(world.rows.add, NAME, OWN)
    assert NAME in other.names()
    other.do(other.rows.pause, NAME)
    assert world.offered()[NAME].is_paused


def test_what_was_rolled_back_is_not_remembered(world):
    def fail(tx):
        world.rows.add(tx, NAME, OWN)
        assert any(each.name == NAME for each in world.rows.all(tx))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.do(fail)
    world.do(world.rows.add, "mine/other", OWN)
    assert NAME not in world.names()


def test_a_script_by_setting_leaves_rows_aside(database, tmp_path):
    CatalogWorld(database).do(CatalogWorld(database).rows.add, NAME, OWN)
    world = CatalogWorld(database, MASK_SCRIPTED_MODEL=tmp_path / "script.json")
    assert world.names() == ["scripted"]


def test_fifty_endpoints_can_be_added(world):
    for number in range(50):
        world.do(world.rows.add, f"mine/{number}", OWN)
    assert sum(name.startswith("mine/") for name in world.names()) == 50
