"""One contract, four adapters: whatever serves a model behaves the same at the port.

The scripted model needs no server; the others run on their vendors' real libraries against the
fake servers of `ops.emulator.models` on loopback.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from core.clock import SystemClock
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import (
    Deadlines,
    Endpoint,
    Failure,
    Finish,
    Message,
    Reply,
    Request,
    Tool,
    ToolCall,
)
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Adapter
from core.llm.ports import ModelFailed
from core.llm.scripted_chat import Failing, Pace, Rule, Script, ScriptedCall, ScriptedChat
from core.runs.cancel import CancelToken
from ops.emulator.models.server import ThreadedModelServer

pytestmark = pytest.mark.loopback

KEY = "gsk_canary1234567890abcdef"
HELLO = Request(messages=(Message("system", "Be kind."), Message("user", "hello")))
WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {}})
#: Seconds within which a cancel must have acted.
AT_ONCE_S = 0.5


@dataclass
class Stage:
    """One adapter with its endpoint, and how to make it behave."""

    model: Adapter
    endpoint: Endpoint
    server: ThreadedModelServer | None = None
    rule: Rule = field(default_factory=Rule)

    def answers(self, text: str = "", *, calls: dict[str, dict[str, object]] | None = None) -> None:
        calls = calls or {}
        if self.server:
            plan = [{"name": name, "arguments": given} for name, given in calls.items()]
            self.server.reply(text, tool_calls=plan)
        else:
            made = tuple(ScriptedCall(name, given) for name, given in calls.items())
            self._rules(replace(self.rule, when="", reply=text, tool_calls=made))

    def is_slow(self, *, first_token_s: float = 0.0, per_token_s: float = 0.0) -> None:
        if self.server:
            self.server.pace(first_token_s=first_token_s, per_token_s=per_token_s, piece_chars=4)
        else:
            self.rule = Rule(pace=Pace(first_token_s, per_token_s, piece_chars=4))

    def fails(self, failure: Failure, *, after_chars: int = 0) -> None:
        """Make the next call fail in a way that must be told as `failure`."""
        if self.server is None:
            failing = Failing(failure, retry_after=7, after_chars=after_chars)
            self._rules(Rule(when="", reply="half an answer", fail=failing))
        elif failure is Failure.UNREACHABLE:
            with socket.socket() as closed:
                closed.bind(("127.0.0.1", 0))
                self._move_to(closed.getsockname()[1])
        elif failure is Failure.MISSING_MODEL:
            self.endpoint = replace(self.endpoint, model="no-such-model")
        elif failure is Failure.TIMEOUT:
            self.server.fault("status", status=408)
        else:
            kind, more = FAULTS[failure]
            self.server.fault(kind, **more)

    def never_connects(self, port: int) -> None:
        if self.server:
            self._move_to(port)
        else:
            self.is_slow(first_token_s=30)
            self.answers("too late")

    def within(self, **deadlines: float) -> None:
        self.endpoint = replace(self.endpoint, deadlines=Deadlines(**deadlines))

    def chat(self, request: Request = HELLO, cancel: CancelToken | None = None) -> Reply:
        self.shown: list[str] = []
        return self.model.chat(
            self.endpoint, request, on_text=self.shown.append, cancel=cancel or CancelToken()
        )

    def failure(self, request: Request = HELLO) -> ModelFailed:
        with pytest.raises(ModelFailed) as caught:
            self.chat(request)
        return caught.value

    def _rules(self, *rules: Rule) -> None:
        self.model = ScriptedChat(Script(rules))

    def _move_to(self, port: int) -> None:
        path = "/v1" if self.endpoint.provider == "openai" else ""
        self.endpoint = replace(self.endpoint, base_url=f"http://127.0.0.1:{port}{path}")


FAULTS: dict[Failure, tuple[str, dict[str, object]]] = {
    Failure.LIMITED: ("rate_limit", {"retry_after": "7"}),
    Failure.SERVER: ("status", {"status": 502}),
    Failure.BROKEN_STREAM: ("half_stream", {"after": 1}),
    Failure.UNAUTHORISED: ("status", {"status": 401}),
    Failure.BAD_REQUEST: ("status", {"status": 422}),
}


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedModelServer]:
    server = ThreadedModelServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
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


class ChatModelContract:
    """What the port promises, for every adapter."""

    def test_a_reply_has_text_usage_and_its_endpoint(self, stage: Stage) -> None:
        stage.answers("The sky is blue, আকাশ নীল।")
        reply = stage.chat()
        assert reply.text == "The sky is blue, আকাশ নীল।"
        assert (reply.endpoint, reply.place) == (stage.endpoint.name, stage.endpoint.place)
        assert reply.finish is Finish.STOP
        assert reply.usage.prompt > 0
        assert reply.usage.completion > 0

    def test_text_is_shown_as_it_grows_and_never_shrinks(self, stage: Stage) -> None:
        stage.is_slow(per_token_s=0.01)
        stage.answers("one two three four five six")
        reply = stage.chat()
        assert stage.shown[-1] == reply.text
        assert len(stage.shown) > 2
        assert all(
            later.startswith(sooner)
            for sooner, later in zip(stage.shown, stage.shown[1:], strict=False)
        )

    def test_several_tool_calls_come_whole_and_apart(self, stage: Stage) -> None:
        stage.answers(calls={"weather": {"city": "ঢাকা"}, "clock": {"zone": "Asia/Dhaka"}})
        reply = stage.chat(replace(HELLO, tools=(WEATHER,)))
        assert reply.finish is Finish.TOOLS
        assert [(call.name, json.loads(call.arguments)) for call in reply.tool_calls] == [
            ("weather", {"city": "ঢাকা"}),
            ("clock", {"zone": "Asia/Dhaka"}),
        ]
        assert len({call.id for call in reply.tool_calls}) == 2

    def test_a_tool_result_can_be_sent_back(self, stage: Stage) -> None:
        call = ToolCall("call_1", "weather", '{"city": "Dhaka"}')
        asked = Message("assistant", "", tool_calls=(call,))
        result = Message("tool", "sunny", tool_call_id="call_1")
        stage.answers("It is sunny.")
        reply = stage.chat(replace(HELLO, messages=(*HELLO.messages, asked, result)))
        assert reply.text

    @pytest.mark.parametrize(
        "failure", [each for each in Failure if each is not Failure.NOT_SET_UP]
    )
    def test_each_kind_of_failure_is_told_apart(self, stage: Stage, failure: Failure) -> None:
        stage.fails(failure)
        assert stage.failure().failure is failure

    def test_a_limit_says_when_to_come_back(self, stage: Stage) -> None:
        stage.fails(Failure.LIMITED)
        assert stage.failure().retry_after in {7.0, None if self.hides_waits else 7.0}

    #: The library of this adapter keeps headers to itself.
    hides_waits = False

    def test_a_stream_that_breaks_leaves_what_had_arrived(self, stage: Stage) -> None:
        stage.is_slow()
        stage.answers("half an answer")
        stage.fails(Failure.BROKEN_STREAM, after_chars=4)
        failure = stage.failure()
        assert failure.partial == "half"
        assert stage.shown[-1] == "half"

    def test_no_first_token_in_time_is_a_timeout(self, stage: Stage) -> None:
        stage.within(first_token_s=0.1)
        stage.is_slow(first_token_s=5)
        stage.answers("late")
        began = time.monotonic()
        assert stage.failure().failure is Failure.TIMEOUT
        assert time.monotonic() - began < 1

    def test_silence_between_tokens_is_a_timeout(self, stage: Stage) -> None:
        stage.within(stall_s=0.1)
        stage.is_slow(per_token_s=5)
        stage.answers("one two three")
        failure = stage.failure()
        assert failure.failure is Failure.TIMEOUT
        assert failure.partial == "one "

    def test_an_answer_that_takes_too_long_in_all_is_a_timeout(self, stage: Stage) -> None:
        stage.within(total_s=0.3)
        stage.is_slow(per_token_s=0.05)
        stage.answers("many words, one after the other, and on and on and on")
        began = time.monotonic()
        assert stage.failure().failure is Failure.TIMEOUT
        assert 0.2 < time.monotonic() - began < 1

    @pytest.mark.parametrize("phase", ["connecting", "before the first token", "in the middle"])
    def test_a_cancel_acts_at_once(self, stage: Stage, phase: str, deaf_port: int) -> None:
        if phase == "connecting":
            stage.never_connects(deaf_port)
        elif phase == "before the first token":
            stage.is_slow(first_token_s=20)
            stage.answers("never said")
        else:
            stage.is_slow(per_token_s=20)
            stage.answers("some words that never all come")
        cancel, cancelled_at = CancelToken(), []

        def stop() -> None:
            cancelled_at.append(time.monotonic())
            cancel.set()

        timer = threading.Timer(0.2, stop)
        timer.start()
        reply = stage.chat(cancel=cancel)
        acted_after_s = time.monotonic() - cancelled_at[0]
        timer.join()
        assert reply.finish is Finish.STOPPED
        assert reply.text == ("some" if phase == "in the middle" else "")
        assert acted_after_s < AT_ONCE_S
        if stage.server and phase != "connecting":
            stage.server.wait_calls(lambda calls: calls[-1]["ended"] == "aborted", 2)

    def test_a_call_that_is_cancelled_before_it_begins_says_nothing(self, stage: Stage) -> None:
        stage.answers("never said")
        cancel = CancelToken()
        cancel.set()
        assert stage.chat(cancel=cancel).finish is Finish.STOPPED
        assert stage.shown == []

    def test_a_failing_watcher_ends_the_call_and_is_heard(self, stage: Stage) -> None:
        stage.answers("words")

        def watcher(_text: str) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            stage.model.chat(stage.endpoint, HELLO, on_text=watcher, cancel=CancelToken())

    def test_a_probe_finds_it(self, stage: Stage) -> None:
        health = stage.model.probe(stage.endpoint)
        assert health.is_up, health
        assert stage.endpoint.model in health.models


class NetworkContract(ChatModelContract):
    """What goes wrong on the way, for adapters that have a way."""

    @pytest.mark.parametrize(
        ("kind", "failure"),
        [
            ("cut", Failure.BROKEN_STREAM),
            ("bad_json", Failure.BROKEN_STREAM),
            ("stream_error", Failure.SERVER),
        ],
    )
    def test_a_stream_that_goes_wrong_after_200_is_noticed(
        self, stage: Stage, kind: str, failure: Failure
    ) -> None:
        stage.server.fault(kind, after=1)
        stage.server.pace(piece_chars=4)
        stage.answers("some words")
        found = stage.failure()
        assert (found.failure, found.partial) == (failure, "some")

    @pytest.mark.parametrize("kind", ["disconnect", "html"])
    def test_an_answer_that_is_none_is_a_broken_stream(self, stage: Stage, kind: str) -> None:
        stage.server.fault(kind)
        assert stage.failure().failure is Failure.BROKEN_STREAM

    @pytest.mark.parametrize(
        ("status", "failure"),
        [
            (400, Failure.BAD_REQUEST),
            (403, Failure.UNAUTHORISED),
            (413, Failure.BAD_REQUEST),
            (500, Failure.SERVER),
            (501, Failure.SERVER),
            (502, Failure.SERVER),
            (503, Failure.SERVER),
            (504, Failure.SERVER),
        ],
    )
    def test_each_status_has_its_meaning(self, stage: Stage, status: int, failure: Failure) -> None:
        stage.server.fault("status", status=status)
        found = stage.failure()
        assert found.failure is failure
        assert found.detail.startswith(f"{status}: as simulated")

    def test_connecting_takes_no_longer_than_its_deadline(
        self, stage: Stage, deaf_port: int
    ) -> None:
        stage.never_connects(deaf_port)
        stage.within(connect_s=0.2)
        began = time.monotonic()
        failure = stage.failure()
        assert (failure.failure, failure.detail) == (Failure.UNREACHABLE, "connect: over 0.2 s")
        assert time.monotonic() - began < 1

    def test_a_missing_model_is_named_with_its_remedy(self, stage: Stage) -> None:
        stage.fails(Failure.MISSING_MODEL)
        detail = stage.failure().detail
        assert "no-such-model" in detail
        assert detail.startswith(
            "ollama pull no-such-model"
            if stage.endpoint.provider == "ollama"
            else "no-such-model is not served there"
        )

    def test_nothing_is_tried_twice(self, stage: Stage) -> None:
        stage.server.fault("status", status=500)
        stage.failure()
        assert len(stage.server.calls()) == 1

    def test_an_empty_answer_is_a_failure(self, stage: Stage) -> None:
        stage.answers("")
        assert stage.failure().failure is Failure.SERVER

    def test_an_answer_cut_by_its_limit_says_so(self, stage: Stage) -> None:
        stage.server.reply("as far as it goes", finish="length")
        assert stage.chat().finish is Finish.LENGTH

    def test_reasoning_is_not_shown(self, stage: Stage) -> None:
        stage.server.reply("42", reasoning="let me think about it")
        assert stage.chat().text == "42"
        assert stage.shown == ["42"]

    def test_the_connection_is_kept_between_calls(self, stage: Stage) -> None:
        stage.chat()
        began = time.monotonic()
        stage.chat()
        assert time.monotonic() - began < 0.2

    @pytest.mark.parametrize("fault", ["hang", "status"])
    def test_a_probe_never_raises_and_is_bounded(self, stage: Stage, fault: str) -> None:
        stage.server.fault(fault, status=500)
        began = time.monotonic()
        assert not stage.model.probe(stage.endpoint).is_up
        assert time.monotonic() - began < 3

    def test_a_probe_of_nobody_is_down(self, stage: Stage) -> None:
        stage.fails(Failure.UNREACHABLE)
        health = stage.model.probe(stage.endpoint)
        assert not health.is_up
        assert health.detail.startswith("unreachable")


class CompletionsContract(NetworkContract):
    """What Groq and OpenAI share."""

    def test_a_key_never_stands_in_an_error(self, stage: Stage) -> None:
        message = f"Incorrect API key provided: {KEY}; Bearer abc.def; sk-proj-********wxyz."
        stage.server.fault("status", status=401, message=message)
        failure = stage.failure()
        assert failure.failure is Failure.UNAUTHORISED
        for secret in (KEY, "canary", "abc.def", "wxyz"):
            assert secret not in str(failure.to_json())
        assert failure.__cause__ is None

    def test_flex_capacity_is_a_limit(self, stage: Stage) -> None:
        stage.server.fault("capacity")
        assert stage.failure().failure is Failure.LIMITED

    def test_a_limit_without_headers_is_read_from_its_sentence(self, stage: Stage) -> None:
        message = "Rate limit reached. Please try again in 2m59.56s. Need more tokens?"
        stage.server.fault("rate_limit", message=message)
        assert stage.failure().retry_after == pytest.approx(179.56)

    def test_a_long_wait_is_told_as_it_is(self, stage: Stage) -> None:
        stage.server.fault("rate_limit", retry_after="300")
        assert stage.failure().retry_after == 300

    def test_usage_is_the_providers_own(self, stage: Stage) -> None:
        assert stage.chat().usage.is_exact

    def test_the_body_says_what_was_asked(self, stage: Stage) -> None:
        stage.endpoint = replace(stage.endpoint, options={"seed": 7, "temperature": None})
        stage.chat(replace(HELLO, tools=(WEATHER,), max_output=99_999))
        body = stage.server.calls()[-1]["body"]
        limit = "max_completion_tokens" if stage.endpoint.provider == "groq" else "max_tokens"
        assert body[limit] == stage.endpoint.max_output
        assert body["seed"] == 7
        assert "temperature" not in body
        assert body["stream_options"] == {"include_usage": True}
        assert body["tools"][0]["function"]["name"] == "weather"


class TestScripted(ChatModelContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return Stage(ScriptedChat(), Endpoint("scripted", "scripted", "practice", is_mine=True))


class TestGroq(CompletionsContract):
    @pytest.fixture
    def stage(self, server: ThreadedModelServer, adapters: dict[str, Adapter]) -> Stage:
        server.reset()
        endpoint = Endpoint("groq/gpt-oss-20b", "groq", "openai/gpt-oss-20b", base_url=server.url)
        return Stage(adapters["groq"], endpoint, server)

    def test_a_wrong_key_is_refused(self, stage: Stage) -> None:
        stage.server.keys("another-key")
        assert stage.failure().failure is Failure.UNAUTHORISED

    def test_without_a_key_it_is_not_set_up(self, stage: Stage) -> None:
        bare = GroqChat(LoopThread(), SystemClock(), lambda _endpoint: None)
        with pytest.raises(ModelFailed) as caught:
            bare.chat(stage.endpoint, HELLO, on_text=print, cancel=CancelToken())
        assert caught.value.failure is Failure.NOT_SET_UP
        assert not bare.probe(stage.endpoint).is_up


class TestOpenAI(CompletionsContract):
    @pytest.fixture
    def stage(self, server: ThreadedModelServer, adapters: dict[str, Adapter]) -> Stage:
        server.reset()
        endpoint = Endpoint("openai/mini", "openai", "gpt-4.1-mini", base_url=server.openai_url)
        return Stage(adapters["openai"], endpoint, server)


class TestOllama(NetworkContract):
    hides_waits = True  # the library keeps status and text of an error, no headers

    @pytest.fixture
    def stage(self, server: ThreadedModelServer, adapters: dict[str, Adapter]) -> Stage:
        server.reset()
        endpoint = Endpoint("ollama/qwen3:14b", "ollama", "qwen3:14b", base_url=server.url)
        return Stage(adapters["ollama"], replace(endpoint, is_mine=True, context=4096), server)

    def test_the_context_is_always_sent_and_thinking_is_off(self, stage: Stage) -> None:
        stage.endpoint = replace(stage.endpoint, options={"keep_alive": "30m"})
        stage.chat(replace(HELLO, max_output=77))
        body = stage.server.calls()[-1]["body"]
        assert body["options"]["num_ctx"] == 4096
        assert body["options"]["num_predict"] == 77
        assert body["think"] is False
        assert body["keep_alive"] == "30m"

    def test_a_probe_names_the_remedy_for_a_missing_model(self, stage: Stage) -> None:
        stage.server.models(ollama=["llama3.2:latest"])
        health = stage.model.probe(stage.endpoint)
        assert not health.is_up
        assert health.detail == "missing-model: ollama pull qwen3:14b"
        assert health.models == ("llama3.2:latest",)

    def test_a_busy_server_is_a_server_failure(self, stage: Stage) -> None:
        stage.server.fault("capacity")
        failure = stage.failure()
        assert failure.failure is Failure.SERVER
        assert "maximum pending requests exceeded" in failure.detail

    def test_no_key_is_sent_to_the_owners_machine(self, stage: Stage) -> None:
        stage.chat()
        assert not stage.server.calls()[-1]["has_key"]
