"""Pieces become a reply."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.llm.completions import piece_of
from core.llm.model import Endpoint, Failure, Finish, Message, Request
from core.llm.ollama_chat import messages_of
from core.llm.ports import ModelFailed
from core.llm.streaming import CallDelta, Collector, Piece, whole
from core.llm.tokens import estimate

ENDPOINT = Endpoint("groq/a", "groq", "a")
REQUEST = Request(messages=(Message("user", "hello"),))


def collected(*pieces):
    collector = Collector()
    for piece in pieces:
        collector.take(piece)
    return collector


def test_a_character_in_two_halves_is_put_together():
    assert collected(Piece("a\ud83d"), Piece("\ude00b")).text == "a😀b"


def test_what_no_database_keeps_is_replaced_or_left_out():
    assert whole("a\x00b\ud83d") == "ab\ufffd"


def test_a_reply_without_its_end_mark_is_broken():
    with pytest.raises(ModelFailed) as caught:
        collected(Piece("half")).reply(ENDPOINT, REQUEST)
    assert caught.value.failure is Failure.BROKEN_STREAM


def test_what_a_content_filter_cuts_is_for_somebody_else_to_answer():
    with pytest.raises(ModelFailed) as caught:
        collected(Piece("I"), Piece(finish="content_filter")).reply(ENDPOINT, REQUEST)
    assert caught.value.failure is Failure.BAD_REQUEST


@pytest.mark.parametrize(
    "deltas",
    [
        [(0, "1", "a", ""), (0, None, None, '{"x":'), (0, None, None, "1}"), (1, "2", "b", "{}")],
        [(0, "1", "a", '{"x":1}'), (0, "2", "b", "{}")],
        [(None, None, "a", '{"x":1}'), (None, None, "b", "{}")],
        [(None, "1", "a", '{"x":'), (None, None, None, "1}"), (None, "2", "b", "")],
    ],
    ids=["as documented", "always index 0", "no index, whole", "no index, in parts"],
)
def test_tool_calls_are_assembled_however_a_server_numbers_them(deltas):
    pieces = [Piece(calls=(CallDelta(*delta),)) for delta in deltas]
    reply = collected(*pieces, Piece(finish="stop")).reply(ENDPOINT, REQUEST)
    assert reply.finish is Finish.TOOLS
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [
        ("a", '{"x":1}'),
        ("b", "{}"),
    ]
    assert all(call.id for call in reply.tool_calls)


def test_a_stream_that_groq_stopped_early_is_a_failure():
    chunk = SimpleNamespace(x_groq=SimpleNamespace(error="over capacity"), usage=None, choices=[])
    with pytest.raises(ModelFailed) as caught:
        piece_of(chunk)
    assert caught.value.detail == "over capacity"


def test_ollama_gets_arguments_as_objects_and_results_by_tool_name():
    from core.llm.model import ToolCall

    calls = (ToolCall("c1", "weather", '{"city": "Dhaka"}'), ToolCall("c2", "odd", "not json"))
    messages = (Message("assistant", "", calls), Message("tool", "sunny", tool_call_id="c1"))
    asked, result = messages_of(messages)
    assert [call["function"]["arguments"] for call in asked["tool_calls"]] == [
        {"city": "Dhaka"},
        {"value": "not json"},
    ]
    assert result["tool_name"] == "weather"


def test_tokens_are_never_estimated_below_a_letter_of_bengali():
    assert estimate("আকাশ") == 4
    assert estimate("") == 0
