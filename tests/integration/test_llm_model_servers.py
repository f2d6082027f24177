"""The model servers as their own process, and the whole room against them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.clock import ManualClock, SystemClock
from core.config import Settings
from core.llm import steps
from core.llm.model import Failure, Generate, Message, Request
from core.llm.ports import ModelFailed
from core.llm.router import facts_of, route
from core.llm.service import open_pool
from core.llm.steps import Room
from core.runs.cancel import CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from core.runs.steps import bind
from ops.emulator.models.client import ModelServer
from tests.integration.model_servers import model_server

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HELLO = Request(messages=(Message("user", "hello"),))


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture
def settings(server, monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)
    server.reset()
    return Settings(
        _env_file=None,
        GROQ_API_KEY="gsk_groqcanary",
        GROQ_BASE_URL=f"{server.url}/openai/v1",
        OLLAMA_HOST=server.url,
        RENDER_URL=server.url,
        OPENAI_API_KEY="sk-openaicanary",
        OPENAI_BASE_URL=server.openai_url,
    )


def test_every_shipped_endpoint_answers_by_its_settings(server, settings):
    pool = open_pool(settings, SystemClock())
    answered = {}
    for endpoint in pool.endpoints():
        if endpoint.provider != "scripted":
            reply = pool.chat(endpoint, HELLO, on_text=lambda _text: None, cancel=CancelToken())
            answered[endpoint.name] = reply.text
    assert set(answered.values()) == {"You said: hello"}
    assert len(answered) == 5
    assert all(line.is_up for line in pool.health())
    order = route(facts_of(HELLO), pool.endpoints(), pool.standings())
    assert order.candidates[0].endpoint == "groq/gpt-oss-120b"
    pool.close()


def test_what_a_provider_takes_in_one_request_is_learned_from_its_answer(server, settings):
    pool = open_pool(settings, SystemClock())
    name = "groq/gpt-oss-120b"
    assert pool.get(name).context == 131_072
    pool.chat(pool.get(name), HELLO, on_text=lambda _text: None, cancel=CancelToken())
    assert pool.get(name).context == 18_000
    server.fault("rate_limit")
    with pytest.raises(ModelFailed):
        pool.chat(pool.get(name), HELLO, on_text=lambda _text: None, cancel=CancelToken())
    assert pool.get(name).context == 8_000
    pool.close()


def test_a_key_goes_to_its_own_address_only(server, settings):
    elsewhere = settings.model_copy(update={"render_url": f"{server.url}/openai/v1"})
    pool = open_pool(elsewhere, SystemClock())
    render = pool.get("render/cloud_7b")
    server.keys("none")
    reply = pool.chat(render, HELLO, on_text=lambda _text: None, cancel=CancelToken())
    assert reply.text
    pool.close()


def test_an_unknown_fault_is_refused_by_name(server):
    with pytest.raises(ValueError, match="no such fault: earthquake"):
        server.fault("earthquake")


STORM = (
    ("rate_limit", {"every": 3}),
    ("rate_limit", {"every": 7, "retry_after": "300"}),
    ("capacity", {"every": 11}),
    ("status", {"every": 5, "status": 503}),
    ("half_stream", {"every": 4}),
    ("stream_error", {"every": 6}),
    ("bad_json", {"every": 9}),
    ("disconnect", {"every": 8}),
)


def test_a_storm_of_faults_leaves_no_call_unanswered(server, settings):
    """Everything goes wrong in the cloud; one model on the owner's machine has headroom."""
    for kind, more in STORM:
        for api in ("groq", "openai"):
            server.fault(kind, api=api, times=0, **more)
    clock = ManualClock()
    pool = open_pool(settings, clock)
    calls = 200
    for _ in range(calls):
        found = run("llm.route", pool, facts_of(HELLO))
        names = tuple(each.endpoint for each in found.candidates)
        reply = run("llm.generate", pool, Generate(HELLO, names))
        assert reply.text == "You said: hello"
        assert {each.failure for each in reply.tried} <= set(Failure)
        clock.advance(2.5)
    asked = len([call for call in server.calls() if call["path"].endswith(("completions", "chat"))])
    assert calls < asked < 2.5 * calls
    pool.close()


def run(name, pool, args):
    (bound,) = (each for each in bind(steps, Room(pool)) if each.spec.name == name)
    row = RunRow("r", 1, "w", 1, None, RunState.RUNNING, Label.OPEN, NOW, NOW)
    return bound.run(StepContext(row, "1", CancelToken(), 60.0), args)
