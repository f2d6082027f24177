"""One contract for a model server: in memory, and the real library against the fake server."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest

from core.errors import Refused, Unavailable
from core.llm.loop_thread import LoopThread
from core.llm.ollama_client import OllamaClient
from core.llm.ollama_facts import Installed, ModelName
from core.llm.ollama_fakes import FakeRegistry, FakeServer
from core.llm.ollama_ports import Catalogue, LocalServer
from core.llm.ollama_registry import OllamaRegistry
from core.runs.cancel import Cancelled, CancelToken

pytestmark = pytest.mark.loopback

HAVE = "qwen3:14b"
GET = "llama3.1:8b"
SIZE = 4_920_753_328


@dataclass
class Shop:
    """A server that has `HAVE`, a registry that has `GET`, and a way to slow a pull down."""

    server: LocalServer
    registry: Catalogue
    slow: Any
    away: LocalServer
    publish: Any


@pytest.fixture
def in_memory():
    registry = FakeRegistry()
    registry.publish(GET, SIZE)
    able = ("completion", "tools")
    models = {
        HAVE: Installed(HAVE, 9 * 10**9, "a" * 64, "14.8B", "Q4_K_M", 40960, able),
        "nomic-embed-text:latest": Installed(
            "nomic-embed-text:latest", 10**8, "b" * 64, abilities=("embedding",), context=2048
        ),
    }
    server = FakeServer(registry, models=models)

    def slow():
        server.during = lambda: time.sleep(0.05)

    return Shop(server, registry, slow, FakeServer(is_up=False), registry.publish)


@pytest.fixture
def real(server):
    server.reset()
    server.models(ollama=[HAVE, "nomic-embed-text:latest"])
    server.publish(GET, size=SIZE, revision=1)
    loop = LoopThread()
    client, gone = OllamaClient(loop, server.url), OllamaClient(loop, "http://127.0.0.1:1")

    def publish(name, size, revision):
        server.publish(name, size=size, revision=revision)

    def slow():
        server.pace(per_token_s=0.05)

    yield Shop(client, OllamaRegistry(server.url), slow, gone, publish)
    client.close()
    gone.close()
    loop.close()


@pytest.fixture(params=["in_memory", "real"])
def shop(request):
    return request.getfixturevalue(request.param)


def pull(shop, model=GET, cancel=None):
    told = []
    shop.server.pull(model, told.append, cancel or CancelToken())
    return told


def test_it_tells_its_version_and_what_it_has(shop):
    assert shop.server.version() == "0.13.5"
    found = {each.name: each for each in shop.server.installed()}
    assert set(found) == {HAVE, "nomic-embed-text:latest"}
    assert found[HAVE].size > 9 * 10**9 - 1
    assert len(found[HAVE].digest) == 64
    assert found[HAVE].abilities == ()


def test_a_model_is_described_by_context_and_abilities(shop):
    model = next(each for each in shop.server.installed() if each.name == HAVE)
    described = shop.server.described(model)
    assert described.context == 40960
    assert {"completion", "tools"} <= set(described.abilities)
    with pytest.raises(Refused, match="local-model-missing"):
        shop.server.described(Installed("gone:1b", 1))


def test_a_pull_tells_its_progress_and_brings_what_the_registry_said(shop):
    told = pull(shop)
    manifest = shop.registry.manifest(ModelName.read(GET))
    done = [each.completed for each in told]
    assert done == sorted(done)
    assert told[-1].completed == told[-1].total == manifest.size == SIZE
    new = next(each for each in shop.server.installed() if each.name == GET)
    assert (new.digest, new.size) == (manifest.digest, SIZE)


def test_a_newer_revision_has_another_digest(shop):
    first = shop.registry.manifest(ModelName.read(GET))
    shop.publish(GET, SIZE, 2)
    assert shop.registry.manifest(ModelName.read(GET)).digest != first.digest


def test_what_the_registry_does_not_have_is_refused(shop):
    with pytest.raises(Refused, match="model-unknown"):
        shop.registry.manifest(ModelName.read("nobody:1b"))
    with pytest.raises(Unavailable, match="local-server-failed"):
        pull(shop, "nobody:1b")
    assert len(shop.server.installed()) == 2


def test_a_stop_ends_a_pull_at_once_and_leaves_no_model(shop):
    shop.slow()
    cancel, began = CancelToken(), threading.Event()
    ended: list[float] = []

    def work():
        with pytest.raises(Cancelled):
            shop.server.pull(GET, lambda _progress: began.set(), cancel)
        ended.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(5)
    stopped = time.monotonic()
    cancel.set()
    thread.join(5)
    assert ended[0] - stopped < 0.5
    assert GET not in {each.name for each in shop.server.installed()}


def test_a_second_name_is_the_same_model(shop):
    shop.server.copy(HAVE, f"{HAVE}-before")
    found = {each.name: each.digest for each in shop.server.installed()}
    assert found[f"{HAVE}-before"] == found[HAVE]
    with pytest.raises(Refused, match="local-model-missing"):
        shop.server.copy("gone:1b", "other:1b")


def test_a_model_that_makes_vectors_makes_one(shop):
    assert shop.server.embed("nomic-embed-text:latest", "hello") == 8
    with pytest.raises(Unavailable, match="local-server-failed"):
        shop.server.embed(HAVE, "hello")


def test_who_is_not_there_is_away(shop):
    for question in (shop.away.version, shop.away.installed, shop.away.loaded):
        with pytest.raises(Unavailable, match="local-server-away"):
            question()


# -- the real library, in trouble


def test_a_pull_that_breaks_off_is_an_error_and_not_a_success(real, server):
    server.fault("half_stream", api="ollama", model=GET)
    with pytest.raises(Unavailable, match="without its end"):
        pull(real)
    server.fault("stream_error", api="ollama", model=GET)
    with pytest.raises(Unavailable, match="unexpected EOF"):
        pull(real)
    server.fault("cut", api="ollama", model=GET)
    with pytest.raises(Unavailable, match="local-server"):
        pull(real)
    assert GET not in {each.name for each in real.server.installed()}
    assert pull(real)[-1].completed == SIZE


def test_a_stopped_pull_hangs_up_on_the_server(real, server):
    server.pace(per_token_s=0.2)
    cancel, began = CancelToken(), threading.Event()

    def work():
        with pytest.raises(Cancelled):
            real.server.pull(GET, lambda _progress: began.set(), cancel)

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(5)
    cancel.set()
    thread.join(5)

    def aborted(calls):
        return any(call["path"] == "/api/pull" and call["ended"] == "aborted" for call in calls)

    server.wait_calls(aborted)


def test_a_registry_that_answers_nonsense_is_away(server):
    with pytest.raises(Unavailable, match="model-registry-away"):
        OllamaRegistry("http://127.0.0.1:1").manifest(ModelName.read(GET))
    with pytest.raises(Refused, match="model-unknown"):
        OllamaRegistry(f"{server.url}/nowhere").manifest(ModelName.read(GET))


def test_a_model_in_memory_is_told(real, server):
    from core.clock import SystemClock
    from core.llm.model import Endpoint, Message, Request
    from core.llm.ollama_chat import OllamaChat

    loop = LoopThread()
    chat = OllamaChat(loop, SystemClock())
    endpoint = Endpoint("ollama/x", "ollama", HAVE, base_url=server.url)
    request = Request((Message("user", "hello"),))
    assert real.server.loaded() == ()
    chat.chat(endpoint, request, on_text=lambda _text: None, cancel=CancelToken())
    assert [each.name for each in real.server.loaded()] == [HAVE]
    chat.close()
    loop.close()
