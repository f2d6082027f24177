"""Which models there are, and whose machines they run on."""

from __future__ import annotations

import pytest

from core.config import Settings, SettingsError
from core.llm.addresses import ollama_url, with_version, without_suffix
from core.llm.catalog import catalog
from core.llm.failover import PATIENCE_S
from core.llm.steps import GENERATE_TIMEOUT_S


def settings(**given):
    return Settings(_env_file=None, **given)


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)


def by_name(**given):
    return {endpoint.name: endpoint for endpoint in catalog(settings(**given))}


def test_the_shipped_order_is_groq_openai_render_ollama_scripted():
    assert list(by_name()) == [
        "groq/gpt-oss-120b",
        "groq/gpt-oss-20b",
        "openai/gpt-4.1-mini",
        "render/cloud_7b",
        "ollama/qwen3:14b",
        "scripted",
    ]


def test_what_lacks_its_setting_is_there_and_says_which():
    missing = {name: endpoint.missing for name, endpoint in by_name().items()}
    assert missing["groq/gpt-oss-120b"] == "GROQ_API_KEY"
    assert missing["openai/gpt-4.1-mini"] == "OPENAI_API_KEY"
    assert missing["render/cloud_7b"] == "RENDER_URL"
    assert missing["ollama/qwen3:14b"] == ""


def test_a_script_by_setting_is_the_only_model(tmp_path):
    assert list(by_name(MASK_SCRIPTED_MODEL=tmp_path / "script.json", GROQ_API_KEY="k")) == [
        "scripted"
    ]


def test_a_compatible_service_is_named_by_its_host_and_lists_its_own_models():
    endpoint = by_name(OPENAI_BASE_URL="http://gpu.example:8000/v1")["openai/gpu.example"]
    assert endpoint.missing == ""
    assert endpoint.guesses_model
    assert not endpoint.is_mine


def test_the_default_ollama_is_assumed_until_somebody_names_it():
    assert by_name()["ollama/qwen3:14b"].is_assumed
    named = by_name(OLLAMA_MODEL="llama3.2")["ollama/llama3.2"]
    assert not named.is_assumed
    assert not named.guesses_model


@pytest.mark.parametrize(
    ("given", "is_mine"),
    [
        ({}, True),
        ({"OLLAMA_HOST": "localhost"}, True),
        ({"OLLAMA_HOST": "0.0.0.0"}, True),
        ({"OLLAMA_HOST": "::1"}, True),
        ({"OLLAMA_HOST": "192.168.1.7"}, False),
        ({"OLLAMA_HOST": "gpu.example.org"}, False),
        ({"MASK_PLACE": "rented"}, False),
        ({"OLLAMA_MODEL": "gpt-oss:120b-cloud"}, False),
        ({"OLLAMA_MODEL": "kimi-k2:cloud"}, False),
    ],
)
def test_only_an_ollama_on_the_owners_own_machine_is_the_owners(given, is_mine):
    (endpoint,) = (each for each in catalog(settings(**given)) if each.provider == "ollama")
    assert endpoint.is_mine is is_mine


def test_nothing_in_a_cloud_is_the_owners():
    clouds = [e for e in catalog(settings(GROQ_API_KEY="k")) if e.provider in {"groq", "openai"}]
    assert clouds
    assert not any(endpoint.is_mine for endpoint in clouds)


def test_a_nodes_endpoints_carry_its_name():
    names = list(by_name(MASK_NODE="pc"))
    assert "ollama/qwen3:14b@pc" in names
    assert all(endpoint.place == "pc" for endpoint in catalog(settings(MASK_NODE="pc")))


def test_the_step_outlasts_all_candidates_together():
    total_s = sum(endpoint.deadlines.total_s for endpoint in catalog(settings()))
    assert 2 * total_s + PATIENCE_S < GENERATE_TIMEOUT_S


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (":5000", "http://127.0.0.1:5000"),
        ("box:5000", "http://box:5000"),
        ("http://box", "http://box:11434"),
        ("http://box:5000/", "http://box:5000"),
        ("https://box", "https://box:443"),
        ("::1", "http://[::1]:11434"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("box/ollama/", "http://box:11434/ollama"),
    ],
)
def test_every_form_of_ollama_host_becomes_an_address(host, url):
    assert ollama_url(host, 11434) == url


def test_a_wrong_ollama_host_stops_the_start_with_its_name():
    with pytest.raises(SettingsError, match="OLLAMA_HOST"):
        catalog(settings(OLLAMA_HOST="box:many"))


def test_base_urls_are_made_whole():
    assert without_suffix("https://api.groq.com/openai/v1/") == "https://api.groq.com"
    assert with_version("https://mask-7b.onrender.com/") == "https://mask-7b.onrender.com/v1"
    assert (
        with_version("https://mask-7b.onrender.com/api/v1") == "https://mask-7b.onrender.com/api/v1"
    )
