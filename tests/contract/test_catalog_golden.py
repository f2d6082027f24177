"""Golden requests: what goes over the wire to each service, byte for field, with its source.

The vendors' real libraries talk to a listener on loopback that notes the request and answers with
a stream. A file differs after a change of ours, of a library's, or of the catalog: look at the
source it names before you change it. Written anew by `MASK_WRITE_GOLDEN=1`.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.clock import SystemClock
from core.config import Settings
from core.llm.catalog import catalog
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Message, Request, Tool, ToolCall
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.shipped import services
from core.runs.cancel import CancelToken

pytestmark = pytest.mark.loopback

FOLDER = Path(__file__).parent / "golden" / "requests"
KEY = "canary-key-of-nobody"
#: Headers that a service decides by; the rest is the libraries' own (versions, agents).
HEADERS = ("authorization", "content-type")
WEATHER = Tool(
    "weather",
    "The weather in a city",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
ASKED = Request(
    messages=(
        Message("system", "You are The Mask."),
        Message("user", "ঢাকার আবহাওয়া কেমন?"),
        Message("assistant", "", (ToolCall("call_1234567890", "weather", '{"city": "ঢাকা"}'),)),
        Message("tool", "31 °C, রোদ", tool_call_id="call_1234567890"),
    ),
    tools=(WEATHER,),
    max_output=1000,
)
STREAM = (
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "ওখানে "}}]},
    {"choices": [{"index": 0, "delta": {"content": "রোদ।"}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45}},
)
OLLAMA_STREAM = (
    {"message": {"role": "assistant", "content": "ওখানে রোদ।"}, "done": False},
    {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop",
     "prompt_eval_count": 40, "eval_count": 5},
)  # fmt: skip


class Listener(ThreadingHTTPServer):
    """Notes what it is asked, and answers as the service would."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name: self.headers[name] for name in HEADERS if name in self.headers}
        self.server.asked.append({"path": self.path, "headers": headers, "body": body})
        is_ollama = self.path == "/api/chat"
        data = _lines(OLLAMA_STREAM) if is_ollama else _events(STREAM)
        self.send_response(200)
        kind = "application/x-ndjson" if is_ollama else "text/event-stream"
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        """The listener is silent."""


def _events(chunks):
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    lines = [f"data: {json.dumps({**head, **chunk})}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


def _lines(parts):
    head = {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
    return "".join(json.dumps({**head, **part}) + "\n" for part in parts).encode()


@pytest.fixture(scope="module")
def listener():
    server = Listener()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def adapters():
    loop, clock = LoopThread(), SystemClock()
    made = {
        "groq": GroqChat(loop, clock, lambda _endpoint: KEY),
        "openai": OpenAIChat(loop, clock, _key),
        "ollama": OllamaChat(loop, clock),
    }
    yield made
    for adapter in made.values():
        adapter.close()
    loop.close()


def _key(endpoint):
    return None if endpoint.service in {"render", "127.0.0.1:8080"} else KEY


def shipped():
    """One endpoint of each shipped service, and one that only its address is known of."""
    settings = Settings(
        _env_file=None,
        RENDER_URL="https://seven.example",
        OPENAI_API_KEY=KEY,
        OLLAMA_MODEL="qwen3:14b",
    )
    found = {}
    for endpoint in catalog(settings, whole=True):
        if endpoint.provider != "scripted":
            found.setdefault(endpoint.service, endpoint)
    nearby = Settings(_env_file=None, OPENAI_BASE_URL="http://127.0.0.1:8080/v1")
    (found["compatible"],) = (e for e in catalog(nearby) if e.service == "127.0.0.1:8080")
    return found


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)


NAMES = [*services(), "compatible"]


@pytest.mark.parametrize("name", NAMES)
def test_the_request_is_the_golden_one(name, listener, adapters):
    endpoint = shipped()[name]
    split = urlsplit(endpoint.base_url)
    here = replace(endpoint, base_url=listener.url + split.path)
    reply = adapters[endpoint.provider].chat(
        here, ASKED, on_text=lambda _text: None, cancel=CancelToken()
    )
    assert reply.text == "ওখানে রোদ।"
    assert (reply.usage.prompt, reply.usage.completion) == (40, 5)
    asked = listener.asked[-1]
    found = {
        "source": _source(name),
        "url": f"{split.scheme}://{split.netloc}{asked['path']}",
        "headers": asked["headers"],
        "body": asked["body"],
    }
    file = FOLDER / f"{name}.json"
    if os.environ.get("MASK_WRITE_GOLDEN"):
        text = json.dumps(found, ensure_ascii=False, indent=1)
        file.write_text(text + "\n", encoding="utf-8")
    assert found == json.loads(file.read_text(encoding="utf-8"))


def _source(name):
    known = services().get(name)
    if known is None:
        return "https://developers.openai.com/api/docs/api-reference/chat"
    return known.source


def test_there_is_a_golden_request_for_every_service_and_no_other():
    assert {file.stem for file in FOLDER.glob("*.json")} == set(NAMES)


def golden(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["mistral", "cohere"])
def test_what_a_service_refuses_is_not_sent(name):
    assert "stream_options" not in golden(name)["body"]


def test_mistral_gets_no_field_of_openais_and_ids_of_nine_letters():
    body = golden("mistral")["body"]
    assert "max_completion_tokens" not in body
    assert body["max_tokens"] == 1000
    (call,) = body["messages"][2]["tool_calls"]
    assert len(call["id"]) == 9
    assert call["id"].isalnum()
    assert body["messages"][3]["tool_call_id"] == call["id"]


def test_anthropics_newest_models_are_not_told_a_temperature():
    assert "temperature" not in golden("anthropic")["body"]


@pytest.mark.parametrize("name", ["render", "compatible"])
def test_a_service_without_a_key_gets_none(name):
    assert golden(name)["headers"]["authorization"] == "Bearer none"


def test_an_ollama_gets_no_key_at_all():
    assert "authorization" not in golden("ollama")["headers"]
