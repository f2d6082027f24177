"""What ships: the seed documents' models, prices and names, and eleven services."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from core.config import Settings
from core.llm.catalog import (
    address_of,
    catalog,
    environment_keys,
    may_have_key,
    named,
)
from core.llm.model import Endpoint, Price, Role, Usage
from core.llm.shipped import document, entries, price_from, price_of, services

KEYS = {
    each.setting: f"canary-key-of-{each.name}"
    for each in services().values()
    if not each.is_keyless
}
#: The seed's names, and what stands for each today (S-1.5, S-1.6).
FREE = {
    "Groq Llama 3.3 70B": "groq/gpt-oss-120b",
    "Gemini Flash": "gemini/gemini-2.5-flash",
    "Mistral Large": "mistral/mistral-large",
    "Cohere Command-R": "cohere/command-r",
}
PAID = {
    "GPT-4 Turbo": "openai/gpt-4.1",
    "Claude 3 Opus": "anthropic/claude-opus",
    "Command R+": "cohere/command-r-plus",
    "Gemini Pro": "gemini/gemini-2.5-pro",
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)


def settings(**given):
    return Settings(_env_file=None, **given)


def whole(**given):
    return {each.name: each for each in catalog(settings(**given), whole=True)}


def test_the_seeds_three_models_have_their_names_and_no_others():
    assert named(settings()) == {
        "groq_70b": "groq/gpt-oss-120b",
        "cloud_7b": "render/cloud_7b",
        "local_14b": "ollama/qwen3:14b",
    }
    assert named(settings(OLLAMA_MODEL="llama-14b"))["local_14b"] == "ollama/llama-14b"


def test_ten_models_or_more_ship():
    assert len(whole()) > 10


@pytest.mark.parametrize("seed", FREE)
def test_the_seeds_free_models_are_there_and_free(seed):
    endpoint = whole()[FREE[seed]]
    assert not endpoint.price.is_paid
    assert endpoint.limits.rpm


@pytest.mark.parametrize("seed", PAID)
def test_the_seeds_paid_models_are_there_and_paid(seed):
    assert whole()[PAID[seed]].price.is_paid


@pytest.mark.parametrize("setting", KEYS)
def test_a_key_in_the_environment_enables_its_service_and_only_that(setting):
    (service,) = (each.name for each in services().values() if each.setting == setting)
    without = {each.name for each in catalog(settings())}
    found = catalog(settings(**{setting: KEYS[setting]}))
    new = [each for each in found if each.service == service]
    assert new
    assert not any(each.missing for each in new)
    others = {each.name for each in found if each.service != service}
    assert others <= without
    for each in whole().values():
        if each.service == service:
            assert each.missing == setting


@pytest.mark.parametrize(
    ("model", "prompt", "completion", "micros"),
    [
        ("gpt-4", 1000, 1000, 90_000),
        ("gpt-4-turbo", 1000, 1000, 40_000),
        ("gpt-3.5-turbo", 1000, 1000, 2_000),
        ("nobody-knows-it", 1000, 1000, 90_000),
        ("gpt-4", 750, 250, 37_500),
        ("gpt-4.1-mini", 1_000_000, 1_000_000, 2_000_000),
        ("gpt-3.5-turbo", 1, 0, 1),
    ],
)
def test_known_tokens_cost_what_the_seed_says(model, prompt, completion, micros):
    assert price_of("openai", model).of(Usage(prompt, completion)) == micros


@pytest.mark.parametrize(
    ("service", "model", "url"),
    [
        ("ollama", "anything", "http://127.0.0.1:11434"),
        ("render", "anything", "https://seven.example/v1"),
        ("127.0.0.1:8080", "anything", "http://127.0.0.1:8080/v1"),
        ("10.0.0.7:80", "anything", "http://10.0.0.7/v1"),
        ("openrouter", "some/model:free", "https://openrouter.ai/api/v1"),
    ],
)
def test_where_no_bill_can_come_from_nothing_is_counted(service, model, url):
    assert price_of(service, model, url) == Price()


def test_a_price_is_never_counted_too_low():
    assert price_from({"prompt": 0.15, "completion": Decimal("0.0000001")}) == Price(150_000, 1)


def test_what_is_on_a_free_plan_has_a_list_price_for_the_paid_one():
    for entry in entries():
        assert ("price" in entry) + ("list_price" in entry) <= 1
    assert price_of("groq", "openai/gpt-oss-120b") == Price(150_000, 600_000)
    assert not whole()["groq/gpt-oss-120b"].price.is_paid


def test_every_service_names_its_source_and_reaches_it_safely():
    for service in services().values():
        assert service.source
        if service.url:
            assert service.url.startswith("https://")
            assert not service.url.endswith("/")
    assert re.search(r"Read on \d{4}-\d\d-\d\d", open_text())


def open_text():
    from importlib import resources

    return resources.files("core.llm").joinpath("catalog.toml").read_text("utf-8")


def test_every_shipped_endpoint_is_sound():
    for endpoint in whole(RENDER_URL="https://seven.example").values():
        assert endpoint.max_output <= endpoint.context
        assert endpoint.roles
        assert 0 <= endpoint.strength <= 100
        assert set(endpoint.languages) <= {"bn", "ar", "en"}
        assert endpoint.provider == "scripted" or endpoint.base_url
    names = [entry.get("name") for entry in entries()]
    assert len(names) == len(set(names))
    assert any(Role.CODE in each.roles for each in whole().values())
    assert any(each.vision for each in whole().values())
    assert document()["unknown"]["price_of"] == "openai/gpt-4"


def test_no_price_or_limit_is_in_code():
    from pathlib import Path

    names = {entry["model"] for entry in entries() if "model" in entry}
    folder = Path(__file__).resolve().parents[2] / "core" / "llm"
    for file in folder.glob("*.py"):
        text = file.read_text("utf-8")
        assert not [name for name in names if f'"{name}"' in text], file.name


def test_the_key_of_a_compatible_service_belongs_to_its_address():
    here = settings(OPENAI_API_KEY="canary-key", OPENAI_BASE_URL="http://gpu.example:8000/v1")
    assert environment_keys(here) == {"gpu.example:8000": "canary-key"}
    (endpoint,) = (each for each in catalog(here) if each.service == "gpu.example:8000")
    assert may_have_key(endpoint, here)
    assert not [each for each in catalog(here, whole=True) if each.service == "openai"]
    both = catalog(here, {"gpu.example:8000", "openai"})
    assert {each.base_url for each in both if each.service == "openai"} == {
        "https://api.openai.com/v1"
    }
    assert "openai/gpu.example" in {each.name for each in both}


def test_openais_own_address_may_be_written_out():
    here = settings(OPENAI_API_KEY="canary-key", OPENAI_BASE_URL="https://api.openai.com/v1")
    assert environment_keys(here) == {"openai": "canary-key"}
    assert "openai/gpt-4.1" in {each.name for each in catalog(here)}


@pytest.mark.parametrize(
    ("service", "url", "may"),
    [
        ("groq", "https://api.groq.com", True),
        ("groq", "https://evil.example", False),
        ("groq", "https://api.groq.com.evil.example", False),
        ("mistral", "https://api.mistral.ai/v1", True),
        ("mistral", "http://api.mistral.ai/v1", False),
        ("mistral", None, False),
        ("render", "https://seven.example/v1", False),
        ("gpu.example:443", "https://gpu.example/v1", True),
        ("gpu.example:443", "https://gpu.example:444/v1", False),
        ("gpu.example:443", "https://other.example/v1", False),
    ],
)
def test_a_key_may_go_to_its_own_services_address_only(service, url, may):
    endpoint = Endpoint("a", "openai", "a", base_url=url, service=service)
    assert may_have_key(endpoint, settings(RENDER_URL="https://seven.example")) is may


def test_groqs_key_follows_groqs_address():
    here = settings(GROQ_BASE_URL="http://127.0.0.1:9/openai/v1")
    assert address_of("groq", here) == "http://127.0.0.1:9"
