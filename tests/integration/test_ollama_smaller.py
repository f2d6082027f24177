"""A model that does not fit into memory: the next smaller one answers, on the real library."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.clock import ManualClock
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint, Failure, Message, Request, Tool
from core.llm.ollama_chat import OllamaChat
from core.llm.ollama_client import OllamaClients
from core.llm.ollama_facts import Installed
from core.llm.ollama_smaller import REMEMBERED_S, SmallerWhenFull, is_out_of_memory, next_smaller
from core.llm.ports import ModelFailed
from core.runs.cancel import CancelToken
from ops.emulator.models.server import ThreadedModelServer

BIG, MIDDLE, SMALL = "qwen3:14b", "middle:7b", "llama3.2:latest"
HELLO = Request((Message("user", "hello"),))


@pytest.fixture(scope="module")
def server():
    server = ThreadedModelServer()
    yield server
    server.stop()


@pytest.fixture
def stand(server):
    server.reset()
    server.publish(MIDDLE, size=5 * 10**9)
    server.models(ollama=[BIG, MIDDLE, SMALL, "tiny-embed:latest"])
    loop, clock = LoopThread(), ManualClock()
    clients = OllamaClients(loop)
    adapter = SmallerWhenFull(OllamaChat(loop, clock), clock, clients.installed)
    endpoint = Endpoint(
        f"ollama/{BIG}@pc", "ollama", BIG, "pc", base_url=server.url, is_mine=True, context=8192
    )

    def chat(request=HELLO):
        return adapter.chat(endpoint, request, on_text=lambda _text: None, cancel=CancelToken())

    yield SimpleNamespace(adapter=adapter, chat=chat, clock=clock, endpoint=endpoint)
    adapter.close()
    clients.close()
    loop.close()


def asked(server):
    return [call["model"] for call in server.calls("ollama") if call["path"] == "/api/chat"]


def test_the_next_smaller_model_answers_under_its_own_name(server, stand):
    server.memory(6 * 10**9)
    reply = stand.chat()
    assert reply.text == "You said: hello"
    assert (reply.endpoint, reply.place) == (f"ollama/{MIDDLE}@pc", "pc")
    assert asked(server) == [BIG, MIDDLE]
    assert stand.adapter.smaller() == {BIG: MIDDLE}


def test_where_that_does_not_fit_either_the_one_after_it_does(server, stand):
    server.memory(3 * 10**9)
    assert stand.chat().endpoint == f"ollama/{SMALL}@pc"
    assert asked(server) == [BIG, MIDDLE, SMALL]


def test_a_model_that_did_not_fit_is_left_alone_for_ten_minutes_then_tried_again(server, stand):
    server.memory(6 * 10**9)
    stand.chat()
    stand.chat()
    assert asked(server) == [BIG, MIDDLE, MIDDLE]
    server.memory(None)
    stand.clock.advance(REMEMBERED_S + 1)
    assert stand.chat().endpoint == f"ollama/{BIG}@pc"
    assert stand.adapter.smaller() == {}


def test_where_nothing_fits_the_servers_own_words_are_the_error(server, stand):
    server.memory(10**6)
    with pytest.raises(ModelFailed, match="requires more system memory") as failed:
        stand.chat()
    assert failed.value.failure is Failure.SERVER
    assert asked(server) == [BIG, MIDDLE, SMALL]


def test_another_error_of_the_server_is_not_about_memory(server, stand):
    server.fault("status", status=500, message="as simulated", api="ollama")
    with pytest.raises(ModelFailed, match="as simulated"):
        stand.chat()
    assert asked(server) == [BIG]


def test_tools_are_given_only_to_a_model_that_can(server, stand):
    server.publish(MIDDLE, abilities=["completion"])
    server.models(ollama=[BIG, MIDDLE, SMALL])
    server.memory(6 * 10**9)
    tool = Tool("weather", "The weather", {"type": "object", "properties": {}})
    assert stand.chat(Request(HELLO.messages, (tool,))).endpoint == f"ollama/{SMALL}@pc"


def test_a_stop_is_not_taken_for_a_lack_of_memory(server, stand):
    server.memory(6 * 10**9)
    cancel = CancelToken()
    cancel.set()
    reply = stand.adapter.chat(stand.endpoint, HELLO, on_text=lambda _t: None, cancel=cancel)
    assert reply.finish == "stopped"
    assert MIDDLE not in asked(server)


@pytest.mark.parametrize(
    "said",
    [
        "500: model requires more system memory (9.3 GiB) than is available (4.0 GiB)",
        "llama runner process has terminated: cudaMalloc failed: out of memory",
        "500: ggml_vulkan: Device memory allocation of size 4 failed: ErrorOutOfDeviceMemory",
        "500: insufficient memory - required allocations: ...",
    ],
)
def test_every_way_of_saying_it_is_known(said):
    assert is_out_of_memory(ModelFailed(Failure.SERVER, detail=said))


def test_a_refused_key_that_talks_of_memory_is_a_refused_key():
    assert not is_out_of_memory(ModelFailed(Failure.UNAUTHORISED, detail="out of memory"))


def test_a_model_that_leaves_the_machine_never_takes_its_place():
    big = Installed("a:14b", 9 * 10**9)
    cloud = (Installed("b:cloud", 5 * 10**9), Installed("renamed:7b", 340))
    assert next_smaller((big, *cloud), "a:14b", needs_tools=False) is None


def test_text_that_was_shown_is_never_begun_anew_by_another(server, stand):
    server.reply("one two three four five six seven eight nine ten")
    server.fault("stream_error", message="CUDA error: out of memory", after=2, api="ollama")
    with pytest.raises(ModelFailed, match="out of memory") as failed:
        stand.chat()
    assert failed.value.partial
    assert asked(server) == [BIG]
