"""The fake servers, the adapters on their real libraries, and a stage for each."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.clock import SystemClock
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Adapter
from core.llm.scripted_chat import ScriptedChat
from ops.emulator.models.server import ThreadedModelServer
from tests.contract.ports.chat_stage import KEY, Stage


@pytest.fixture(scope="package")
def server() -> Iterator[ThreadedModelServer]:
    server = ThreadedModelServer()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def adapters() -> Iterator[dict[str, Adapter]]:
    """Opened once: clients are meant to be kept."""
    loop, clock = LoopThread(), SystemClock()
    made: dict[str, Adapter] = {
        "groq": GroqChat(loop, clock, lambda _endpoint: KEY),
        "openai": OpenAIChat(loop, clock, lambda _endpoint: KEY),
        "ollama": OllamaChat(loop, clock),
    }
    yield made
    for adapter in made.values():
        adapter.close()
    loop.close()


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full: connecting hangs."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port = listener.getsockname()[1]
    waiting = []
    for _ in range(8):
        caller = socket.socket()
        caller.setblocking(False)
        caller.connect_ex(("127.0.0.1", port))
        waiting.append(caller)
    yield port
    for each in (*waiting, listener):
        each.close()


@pytest.fixture
def scripted_stage() -> Stage:
    return Stage(ScriptedChat(), Endpoint("scripted", "scripted", "practice", is_mine=True))


@pytest.fixture
def groq_stage(server: ThreadedModelServer, adapters: dict[str, Adapter]) -> Stage:
    server.reset()
    endpoint = Endpoint("groq/gpt-oss-20b", "groq", "openai/gpt-oss-20b", base_url=server.url)
    return Stage(adapters["groq"], endpoint, server)


@pytest.fixture
def openai_stage(server: ThreadedModelServer, adapters: dict[str, Adapter]) -> Stage:
    server.reset()
    endpoint = Endpoint("openai/mini", "openai", "gpt-4.1-mini", base_url=server.openai_url)
    return Stage(adapters["openai"], endpoint, server)


@pytest.fixture
def ollama_stage(server: ThreadedModelServer, adapters: dict[str, Adapter]) -> Stage:
    server.reset()
    endpoint = Endpoint("ollama/qwen3:14b", "ollama", "qwen3:14b", base_url=server.url)
    return Stage(adapters["ollama"], replace(endpoint, is_mine=True, context=4096), server)
