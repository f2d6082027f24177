"""What goes wrong on the way, and what each vendor's protocol asks for."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from core.clock import SystemClock
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Failure, Finish, Tool
from core.llm.ports import ModelFailed
from core.runs.cancel import CancelToken
from tests.contract.ports.chat_stage import HELLO, KEY, Stage

pytestmark = pytest.mark.loopback

WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {}})


class NetworkContract:
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


class TestGroqNetwork(CompletionsContract):
    @pytest.fixture
    def stage(self, groq_stage: Stage) -> Stage:
        return groq_stage

    def test_a_wrong_key_is_refused(self, stage: Stage) -> None:
        stage.server.keys("another-key")
        assert stage.failure().failure is Failure.UNAUTHORISED

    def test_without_a_key_it_is_not_set_up(self, stage: Stage) -> None:
        bare = GroqChat(LoopThread(), SystemClock(), lambda _endpoint: None)
        with pytest.raises(ModelFailed) as caught:
            bare.chat(stage.endpoint, HELLO, on_text=print, cancel=CancelToken())
        assert caught.value.failure is Failure.NOT_SET_UP
        assert not bare.probe(stage.endpoint).is_up


class TestOpenAINetwork(CompletionsContract):
    @pytest.fixture
    def stage(self, openai_stage: Stage) -> Stage:
        return openai_stage


class TestOllamaNetwork(NetworkContract):
    @pytest.fixture
    def stage(self, ollama_stage: Stage) -> Stage:
        return ollama_stage

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
