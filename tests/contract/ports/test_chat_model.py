"""One contract, four adapters: whatever serves a model behaves the same at the port.

The scripted model needs no server; the others run on their vendors' real libraries against the
fake servers of `ops.emulator.models` on loopback.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import pytest

from core.llm.model import Failure, Finish, Message, Tool, ToolCall
from core.runs.cancel import CancelToken
from tests.contract.ports.chat_stage import HELLO, Stage

pytestmark = pytest.mark.loopback

WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {}})
#: Seconds within which a cancel must have acted.
AT_ONCE_S = 0.5
#: Decided before an adapter is called; none of them can tell it.
BEFORE_A_CALL = {Failure.NOT_SET_UP, Failure.BUDGET}


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

    @pytest.mark.parametrize("failure", [each for each in Failure if each not in BEFORE_A_CALL])
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


class TestScripted(ChatModelContract):
    @pytest.fixture
    def stage(self, scripted_stage: Stage) -> Stage:
        return scripted_stage


class TestGroq(ChatModelContract):
    @pytest.fixture
    def stage(self, groq_stage: Stage) -> Stage:
        return groq_stage


class TestOpenAI(ChatModelContract):
    @pytest.fixture
    def stage(self, openai_stage: Stage) -> Stage:
        return openai_stage


class TestOllama(ChatModelContract):
    hides_waits = True  # the library keeps status and text of an error, no headers

    @pytest.fixture
    def stage(self, ollama_stage: Stage) -> Stage:
        return ollama_stage
