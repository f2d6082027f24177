"""What an answer's head says reaches the books of its call, through the vendors' real libraries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.clock import SystemClock
from core.errors import Unavailable
from core.llm import steps
from core.llm.fakes import FakeBooks
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint, Generate, Message, Request
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Pool
from core.llm.steps import Room
from core.runs.cancel import CancelToken
from core.runs.model import Label, RunRow, RunState
from core.runs.ports import StepContext
from core.runs.steps import bind
from ops.emulator.models.client import ModelServer
from tests.integration.model_servers import model_server

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = Request((Message("user", "hello"),))


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


@pytest.fixture
def room(server):
    server.reset()
    clock, loop = SystemClock(), LoopThread()
    groq = Endpoint("groq/m", "groq", "openai/gpt-oss-120b", base_url=server.url)
    openai = replace(groq, name="openai/m", provider="openai", base_url=server.openai_url)
    adapters = {
        "groq": GroqChat(loop, clock, lambda _endpoint: "gsk_canary"),
        "openai": OpenAIChat(loop, clock, lambda _endpoint: "sk-canary"),
    }
    pool = Pool([groq, openai], adapters, clock, on_close=loop.close)
    yield Room(pool, books=FakeBooks(clock))
    pool.close()


def generate(room, name):
    (bound,) = (each for each in bind(steps, room) if each.spec.name == "llm.generate")
    run = RunRow("r", 1, "w", 1, None, RunState.RUNNING, Label.OPEN, NOW, NOW)
    ctx = StepContext(run, "1", CancelToken(), 60.0)
    return bound.run(ctx, Generate(REQUEST, (name,), is_last=False))


@pytest.mark.parametrize("name", ["groq/m", "openai/m"])
def test_the_headers_of_an_answer_are_heard_by_its_own_call(room, name):
    generate(room, name)
    (call,) = room.books.calls
    (heard,) = call.heard
    assert heard.headers["x-ratelimit-limit-tokens"]
    assert not heard.is_refused


@pytest.mark.parametrize("name", ["groq/m", "openai/m"])
def test_a_refusals_headers_and_sentence_are_heard_too(server, room, name):
    server.fault("rate_limit", api=name.partition("/")[0], retry_after="7")
    with pytest.raises(Unavailable):
        generate(room, name)
    (call,) = room.books.calls
    (heard,) = call.heard
    assert heard.is_refused
    assert heard.headers["retry-after"] == "7"
    assert heard.message
