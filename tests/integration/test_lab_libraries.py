"""Real libraries of three providers against the laboratory: streams, tools, errors, bytes, bill."""

from __future__ import annotations

import time
from collections.abc import Iterator

import groq
import ollama
import openai
import pytest

from ops.emulator.models.lab_client import Lab, ThreadedLab
from ops.emulator.models.lab_script import Dialect, Fake, Quota, Trouble

HELLO = [{"role": "user", "content": "hello canary-0123456789ab"}]
TOOLS = [
    {
        "type": "function",
        "function": {"name": "look_up", "description": "", "parameters": {"type": "object"}},
    }
]
CALL = ({"name": "look_up", "arguments": {"word": "kopf"}},)
CLOUD = [Fake(f"{dialect}", dialect, f"lab/{dialect}", keys=("key",), prompt_price=1_000_000)
         for dialect in Dialect if dialect is not Dialect.OLLAMA]  # fmt: skip
OWN = Fake("own", Dialect.OLLAMA, "own:1b", is_mine=True)
OPENAI_SPEAKING = [fake for fake in CLOUD if fake.dialect is not Dialect.GROQ]


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    lab = ThreadedLab([*CLOUD, OWN])
    yield lab
    lab.stop()


@pytest.fixture
def lab(running):
    running.reset()
    return running


def completions(lab, name, key="key"):
    """The library's client and its module, for an endpoint."""
    if name == "groq":
        return groq, groq.Groq(api_key=key, base_url=lab.urls[name], max_retries=0, timeout=2)
    url = f"{lab.urls[name]}/v1"
    return openai, openai.OpenAI(api_key=key, base_url=url, max_retries=0, timeout=2)


@pytest.fixture(params=[fake.name for fake in CLOUD])
def cloud(request, lab):
    api, client = completions(lab, request.param)
    with client:
        yield request.param, api, client


def test_a_stream_arrives_in_pieces_with_its_usage(lab, cloud):
    name, _api, client = cloud
    more = {"stream_options": {"include_usage": True}}
    with client.chat.completions.create(
        model=f"lab/{name}", messages=HELLO, stream=True, extra_body=more
    ) as stream:
        chunks = list(stream)
    pieces = [each.choices[0].delta.content for each in chunks if each.choices]
    assert "hello" in "".join(piece or "" for piece in pieces)
    assert len(list(filter(None, pieces))) > 1
    (call,) = lab.calls(name)
    assert call["ended"] == "done"
    usage = next(each.usage for each in chunks if each.usage)
    assert (usage.prompt_tokens, usage.completion_tokens) == (call["prompt"], call["completion"])


def test_tools_are_called_in_streams_and_in_whole_answers(lab, cloud):
    name, _api, client = cloud
    lab.reply(tool_calls=CALL, endpoint=name, times=2)
    whole = client.chat.completions.create(model=f"lab/{name}", messages=HELLO, tools=TOOLS)
    assert whole.choices[0].message.tool_calls[0].function.arguments == '{"word": "kopf"}'
    with client.chat.completions.create(
        model=f"lab/{name}", messages=HELLO, tools=TOOLS, stream=True
    ) as stream:
        deltas = [each.choices[0].delta for each in stream if each.choices]
    parts = [call.function for delta in deltas for call in delta.tool_calls or ()]
    assert parts[0].name == "look_up"
    assert "".join(part.arguments for part in parts) == '{"word": "kopf"}'


STATUSES = {
    Trouble.LIMITED: 429,
    Trouble.LIMITED_SILENTLY: 429,
    Trouble.CAPACITY: 498,
    Trouble.BROKEN: 500,
    Trouble.UNAVAILABLE: 503,
    Trouble.REVOKED: 401,
    Trouble.REMOVED: 404,
}


@pytest.mark.parametrize("trouble", STATUSES)
def test_each_refusal_reaches_the_library_as_its_status(lab, cloud, trouble):
    name, api, client = cloud
    lab.fault(trouble, name)
    with pytest.raises(api.APIStatusError) as caught:
        client.chat.completions.create(model=f"lab/{name}", messages=HELLO)
    overloaded = trouble is Trouble.CAPACITY and name == "anthropic"
    assert caught.value.status_code == (529 if overloaded else STATUSES[trouble])
    assert lab.owed() == 0


@pytest.mark.parametrize("trouble", [Trouble.REVOKED, Trouble.REMOVED])
def test_what_was_taken_away_stays_away_until_it_is_restored(lab, trouble):
    api, client = completions(lab, "groq")
    lab.fault(trouble, "groq")
    for _ in range(2):
        with pytest.raises(api.APIStatusError):
            client.chat.completions.create(model="lab/groq", messages=HELLO)
    lab.restore("groq")
    assert client.chat.completions.create(model="lab/groq", messages=HELLO).choices
    client.close()


def test_a_silent_limit_has_no_header_and_a_told_one_has(lab):
    headers = {}
    for trouble in (Trouble.LIMITED, Trouble.LIMITED_SILENTLY):
        api, client = completions(lab, "groq")
        lab.fault(trouble, "groq")
        with pytest.raises(api.RateLimitError) as caught:
            client.chat.completions.create(model="lab/groq", messages=HELLO)
        headers[trouble] = caught.value.response.headers
        client.close()
    assert headers[Trouble.LIMITED]["retry-after"] == "3"
    assert "retry-after" not in headers[Trouble.LIMITED_SILENTLY]


def test_a_broken_stream_costs_what_had_been_said(lab):
    for trouble in (Trouble.CUT, Trouble.WRONG_JSON):
        api, client = completions(lab, "openai")
        lab.fault(trouble, "openai")
        with (
            pytest.raises((api.APIError, ValueError, Exception)),
            client.chat.completions.create(
                model="lab/openai", messages=HELLO, stream=True
            ) as stream,
        ):
            list(stream)
        client.close()
    calls = lab.calls("openai")
    assert [call["ended"] for call in calls] == ["broken", "broken"]
    assert all(call["prompt"] for call in calls)
    assert lab.owed() == sum(call["cost"] for call in calls) // 1_000_000 > 0


def test_an_empty_answer_is_whole_and_says_nothing(lab):
    _api, client = completions(lab, "openai")
    lab.fault(Trouble.EMPTY, "openai")
    answer = client.chat.completions.create(model="lab/openai", messages=HELLO)
    assert not answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    client.close()


def test_a_hanging_call_is_noticed_as_left_when_its_caller_goes(lab):
    api, client = completions(lab, "openai")
    lab.fault(Trouble.HANG, "openai")
    with pytest.raises(api.APITimeoutError):
        client.with_options(timeout=0.2).chat.completions.create(model="lab/openai", messages=HELLO)
    client.close()


def test_a_key_that_is_not_known_is_refused(lab):
    api, client = completions(lab, "openai", key="stolen")
    with pytest.raises(api.AuthenticationError):
        client.chat.completions.create(model="lab/openai", messages=HELLO)
    client.close()
    assert [line["key"] for line in lab.bill()] == ["stolen"]


def test_ollamas_library_streams_calls_tools_and_meets_errors(lab):
    client = ollama.Client(host=lab.urls["own"])
    pieces = [part.message.content for part in client.chat(OWN.model, HELLO, stream=True)]
    assert "hello" in "".join(pieces)
    assert len(pieces) > 2
    lab.reply(tool_calls=CALL)
    called = client.chat(OWN.model, HELLO, tools=TOOLS).message.tool_calls
    assert called[0].function.arguments == {"word": "kopf"}
    lab.fault(Trouble.UNAVAILABLE, "own")
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(OWN.model, HELLO)
    assert caught.value.status_code == 503
    assert [model.model for model in client.list().models] == [OWN.model]
    client._client.close()


def test_a_closed_port_refuses_and_takes_calls_again(lab):
    client = ollama.Client(host=lab.urls["own"])
    assert client.chat(OWN.model, HELLO).message.content
    lab.offline("own")
    with pytest.raises(ConnectionError):
        client.chat(OWN.model, HELLO)
    lab.offline("own", is_offline=False)
    assert client.chat(OWN.model, HELLO).message.content
    client._client.close()


def test_every_received_byte_can_be_searched(lab):
    _api, client = completions(lab, "mistral")
    client.chat.completions.create(model="lab/mistral", messages=HELLO)
    client.close()
    assert lab.find("canary-[0-9a-f]{12}") == {"mistral": ["canary-0123456789ab"]}
    heard = lab.heard("mistral")
    assert heard.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert b"Bearer key" in heard


def test_coming_back_before_the_told_wait_is_noted(lab):
    _api, client = completions(lab, "openai")
    lab.change("openai", wait_s=30.0)
    lab.fault(Trouble.LIMITED, "openai")
    for _ in range(2):
        try:
            client.chat.completions.create(model="lab/openai", messages=HELLO)
        except openai.RateLimitError:
            wait_past_grace(lab)
    client.close()
    assert [call["is_early"] for call in lab.calls("openai")] == [False, True]


def wait_past_grace(lab):
    """Until a call could not have been under way when the refusal came."""
    from ops.emulator.models.lab_desk import GRACE_S

    begun = lab.calls("openai")[0]["at"]
    while time.time() < begun + GRACE_S + 0.1:
        lab.calls("openai")


def test_a_quota_is_kept_and_tells_when_there_is_room(lab):
    lab.change("groq", quota={"rpm": 2, "rpd": None, "tpm": None, "tpd": None})
    api, client = completions(lab, "groq")
    for _ in range(2):
        client.chat.completions.create(model="lab/groq", messages=HELLO)
    with pytest.raises(api.RateLimitError, match=r"requests per minute \(RPM\): Limit 2, Used 2"):
        client.chat.completions.create(model="lab/groq", messages=HELLO)
    client.close()
    lab.change("groq", quota={})


def test_a_prompt_over_the_context_is_cut_silently_or_refused(lab):
    long = [{"role": "user", "content": "word " * 400}]
    lab.change("own", context=100, cuts_silently=True)
    client = ollama.Client(host=lab.urls["own"])
    assert client.chat(OWN.model, long).prompt_eval_count == 100
    assert lab.calls("own")[0]["was_cut"]
    lab.change("own", context=131_072, cuts_silently=False)
    client._client.close()
    lab.change("openai", context=100)
    api, cloud = completions(lab, "openai")
    with pytest.raises(api.BadRequestError, match="maximum context length"):
        cloud.chat.completions.create(model="lab/openai", messages=long)
    cloud.close()
    lab.change("openai", context=131_072)


def test_the_same_seed_replays_the_same_calls():
    troubled = Fake("t", Dialect.OPENAI, "m", troubles=dict.fromkeys(QUICK, 0.1), quota=Quota())
    logs = []
    for _ in range(2):
        lab = ThreadedLab([troubled], seed=9)
        _api, client = completions(lab, "t")
        for _number in range(30):
            try:
                client.chat.completions.create(model="m", messages=HELLO)
            except openai.APIError:
                continue
        client.close()
        logs.append([(call["trouble"], call["status"], call["ended"]) for call in lab.calls()])
        lab.stop()
    assert logs[0] == logs[1]
    assert len({trouble for trouble, _status, _ended in logs[0]}) > 3


QUICK = (Trouble.LIMITED, Trouble.BROKEN, Trouble.UNAVAILABLE, Trouble.EMPTY, Trouble.CAPACITY)


def test_what_is_not_there_is_refused_by_name(lab):
    with pytest.raises(ValueError, match="no such endpoint: nobody"):
        lab.fault(Trouble.HANG, "nobody")
    with pytest.raises(ValueError, match="earthquake"):
        lab._post("fault", {"trouble": "earthquake"})
