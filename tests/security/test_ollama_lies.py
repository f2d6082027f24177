"""A model server, a registry's name or a node's hello that lies gains nothing (laws 5, 6, 8)."""

from __future__ import annotations

import json

import pytest

from core.errors import Refused
from core.llm.model import Role
from core.llm.ollama_facts import Installed, ModelName, ServerFacts, ServerState
from core.llm.ollama_offers import Choice, announce, announced, offers
from core.llm.ollama_steps import serving
from core.runs import actions

CHAT = ("completion",)
REAL = Installed("qwen3:14b", 9 * 10**9, "a" * 64, "14.8B", abilities=CHAT)
STUB = Installed("innocent:14b", 384, "b" * 64, "14.8B", abilities=CHAT)


def facts(*models, **more):
    return ServerFacts("pc", ServerState.RUNNING, models=models, **more)


@pytest.mark.parametrize(
    "model",
    [
        STUB,
        Installed("gpt-oss:120b-cloud", 65 * 10**9, abilities=CHAT),
        Installed("kimi:cloud", 65 * 10**9, abilities=CHAT),
    ],
)
def test_a_model_that_its_server_passes_on_is_never_the_owners(model) -> None:
    (found,) = offers(facts(model), Choice({Role.CHAT: model.name}), is_mine=True)
    assert not found.is_mine


def test_a_server_that_listens_elsewhere_is_never_the_owners() -> None:
    (found,) = offers(facts(REAL, is_here=False), Choice(), is_mine=True)
    assert not found.is_mine
    heard = announced({"models": announce(facts(REAL, is_here=False))}, "pc")
    assert not offers(heard, Choice(), is_mine=True)[0].is_mine


def test_a_node_that_says_nothing_about_where_its_server_listens_is_not_believed() -> None:
    said = announce(facts(REAL))
    del said["here"]
    assert not offers(announced({"models": said}, "pc"), Choice(), is_mine=True)[0].is_mine


def test_a_rented_node_cannot_make_its_models_the_owners() -> None:
    heard = announced({"models": announce(facts(REAL))}, "pc")
    assert not offers(heard, Choice(), is_mine=False)[0].is_mine


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        "running",
        {"state": "splendid"},
        {"state": "running", "has": [{"n": "x" * 500, "s": 1}]},
        {"state": "running", "has": [{"n": "x", "s": -1}]},
        {"state": "running", "has": [{"n": "x", "s": 2**60}]},
        {"state": "running", "has": [{"n": "x", "s": 1}] * 500},
        {"state": "running", "has": "many"},
        {"state": "running", "smaller": {"x": ["y"]}},
        {"state": "running", "note": "n" * 10_000},
    ],
)
def test_a_hello_that_is_no_announcement_counts_as_silence(said) -> None:
    assert announced({"models": said}, "pc") is None


def test_a_hello_names_no_other_place_and_brings_no_address() -> None:
    said = {**announce(facts(REAL)), "place": "home", "address": "http://evil.example"}
    heard = announced({"models": said}, "pc")
    assert (heard.place, heard.address) == ("pc", "")
    assert offers(heard, Choice(), is_mine=True)[0].base_url is None


@pytest.mark.parametrize(
    "name",
    [
        "http://10.0.0.1/library/x",
        "localhost/library/x:1",
        "169.254.169.254/latest/meta-data",
        "127.0.0.1:8080/a/b",
        "evil.example/library/qwen3:14b",
        "../../v2/_catalog",
        "qwen3:14b/../../x",
        "qwen3:14b?x=y",
        "qwen3 :14b",
        "qwen3:14b\n",
        "-rf",
        "a/b/c/d",
        "x" * 300,
        "qwen3:",
        ":14b",
    ],
)
def test_a_name_leads_into_nobodys_network(name) -> None:
    with pytest.raises(Refused, match="model-name"):
        ModelName.read(name)


@pytest.mark.parametrize("name", ["x:cloud", "x:120b-cloud", "a/b:cloud"])
def test_a_model_in_somebodys_cloud_is_not_fetched_as_a_local_one(name) -> None:
    with pytest.raises(Refused, match="model-in-cloud"):
        ModelName.read(name)


def test_what_starts_is_one_program_with_one_word() -> None:
    action = actions.read(serving("pc", "http://127.0.0.1:11434").canonical)
    assert (action["kind"], action["program"], action["words"]) == (
        "local_exec",
        "ollama",
        ["serve"],
    )
    assert "argv" not in action
    assert json.dumps(action)
