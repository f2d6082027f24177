"""A call that was cut off is settled at what its provider bills, through the real libraries."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace

import pytest

from core.clock import SystemClock
from core.llm.calling import Caller
from core.llm.fakes import FakeBooks
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Deadlines, Endpoint, Message, Request
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.runs.cancel import CancelToken
from ops.emulator.models.lab_client import ThreadedLab
from ops.emulator.models.lab_script import Dialect, Fake, Spread, Trouble

LONG = Request((Message("user", "a word and another one, " * 40),), max_output=256)
DEADLINES = Deadlines(connect_s=5, first_token_s=1.0, stall_s=5, total_s=20)
DEADLINE_S = 10.0


@pytest.fixture(params=[Dialect.GROQ, Dialect.PLAIN])
def world(request):
    fake = Fake(
        "paid", request.param, "m", keys=("key",), prompt_price=1_000_000,
        completion_price=1_000_000, per_piece=Spread("fixed", 0.02), answer_chars=800,
    )  # fmt: skip
    lab, clock, loop = ThreadedLab([fake]), SystemClock(), LoopThread()
    is_groq = request.param is Dialect.GROQ
    url = lab.urls["paid"] if is_groq else f"{lab.urls['paid']}/v1"
    provider = "groq" if is_groq else "openai"
    endpoint = Endpoint(
        "paid", provider, "m", base_url=url, max_output=256, deadlines=DEADLINES, service="lab"
    )
    adapters = {
        "groq": GroqChat(loop, clock, lambda _endpoint: "key"),
        "openai": OpenAIChat(loop, clock, lambda _endpoint: "key"),
    }
    pool = Pool([endpoint], adapters, clock, on_close=loop.close)
    books = FakeBooks(clock)
    yield lab, endpoint, Caller(pool, books), books
    pool.close()
    lab.stop()


def ask(world, *, on_text=lambda _text: None, cancel=None):
    _, endpoint, caller, books = world
    with contextlib.suppress(ModelFailed):
        caller.ask(endpoint, LONG, on_text, cancel or CancelToken())
    return books.calls[-1].ended.usage


def billed(lab):
    """The newest call, once the laboratory has noticed its end."""
    give_up, pause = time.monotonic() + DEADLINE_S, threading.Event()
    while lab.calls()[-1]["ended"] == "open":
        assert time.monotonic() < give_up
        pause.wait(0.01)
    return lab.calls()[-1]


def test_what_never_went_out_is_billed_by_nobody(world):
    lab, cancel = world[0], CancelToken()
    cancel.set()
    usage = ask(world, cancel=cancel)
    assert (usage.prompt, usage.completion) == (0, 0)
    assert lab.calls() == []


def test_a_stream_cut_off_is_settled_within_five_per_cent_of_its_bill(world):
    lab = world[0]
    exact = ask(world)
    assert exact.is_exact
    cancel = CancelToken()

    def stop_at(text):
        if len(text) >= 400:
            cancel.set()

    usage = ask(world, on_text=stop_at, cancel=cancel)
    call = billed(lab)
    assert call["ended"] == "aborted"
    assert not usage.is_exact
    theirs = call["prompt"] + call["completion"]
    assert usage.prompt + usage.completion == pytest.approx(theirs, rel=0.05)


def test_who_says_nothing_in_time_bills_the_prompt(world):
    lab = world[0]
    ask(world)
    lab.fault(Trouble.HANG, "paid")
    usage = ask(world)
    call = billed(lab)
    assert (usage.completion, call["completion"]) == (0, 0)
    assert usage.prompt == pytest.approx(call["prompt"], rel=0.05)


def test_an_empty_answer_is_settled_at_its_own_count(world):
    lab = world[0]
    lab.fault(Trouble.EMPTY, "paid")
    usage = ask(world)
    assert usage.is_exact
    assert (usage.prompt, usage.completion) == (billed(lab)["prompt"], 0)


def test_a_refusal_is_billed_by_nobody(world):
    lab = world[0]
    lab.fault(Trouble.UNAVAILABLE, "paid")
    assert ask(world) is None
    assert billed(lab)["cost"] == 0


def test_clients_share_their_connections_and_are_opened_anew_after_a_close(world):
    lab, endpoint, caller, _ = world
    adapter = caller.pool._adapters[endpoint.provider]
    other = replace(endpoint, name="other", base_url=f"{endpoint.base_url}/other")
    ask(world)
    first, second = (adapter._client(each) for each in (endpoint, other))
    assert first is not second
    assert first._client is second._client
    adapter.close()
    ask(world)
    assert adapter._client(endpoint) is not first
    assert [call["ended"] for call in lab.calls()] == ["done", "done"]


def test_a_warm_pool_has_loaded_what_a_first_answer_would_wait_for(world):
    _, endpoint, caller, _ = world
    caller.pool.warm().join(DEADLINE_S)
    adapter = caller.pool._adapters[endpoint.provider]
    opened = adapter._connections
    assert opened is not None
    ask(world)
    assert adapter._connections is opened
