"""The scripted model: data in, replies out."""

from __future__ import annotations

import json

import pytest

from core.errors import Broken
from core.llm.model import Endpoint, Failure, Message, Request
from core.llm.ports import ModelFailed
from core.llm.scripted_chat import Failing, Rule, Script, ScriptedChat, language_of, read_script
from core.runs.cancel import CancelToken

ENDPOINT = Endpoint("scripted", "scripted", "practice")


def say(model, text, system="", role="user"):
    messages = (Message("system", system), Message(role, text))
    shown = []
    reply = model.chat(
        ENDPOINT, Request(messages=messages), on_text=shown.append, cancel=CancelToken()
    )
    assert shown[-1:] in ([], [reply.text])
    return reply.text


@pytest.mark.parametrize(
    ("text", "system", "language"),
    [
        ("hello", "", "en"),
        ("হ্যালো world", "", "bn"),
        ("مرحبا", "", "ar"),
        ("42", "", "bn"),
        ("hello", "Answer in Bengali (বাংলা), whatever", "bn"),
        ("হ্যালো", "Answer in Arabic (العربية).", "ar"),
        ("مرحبا", "Answer in English, please.", "en"),
    ],
)
def test_the_language_is_the_prompts_then_the_scripts(text, system, language):
    messages = (Message("system", system), Message("user", text))
    assert language_of(Request(messages=messages)) == language


@pytest.mark.parametrize(
    ("language", "is_practice"),
    [("Bengali", "অনুশীলনের মডেল"), ("English", "practice model"), ("Arabic", "نموذج التدريب")],
)
def test_the_shipped_script_says_what_it_is_and_how_to_get_a_real_model(language, is_practice):
    told = say(ScriptedChat(), "how are you?\nwell?", f"Answer in {language}.")
    assert is_practice in told
    assert "GROQ_API_KEY" in told
    assert "ollama pull" in told
    assert "> how are you?\n> well?" in told


@pytest.mark.parametrize("word", ["demo", "Demo!", "নমুনা", "عرض"])
def test_the_shipped_script_shows_formatting_on_demand(word):
    told = say(ScriptedChat(), word)
    assert "```python" in told
    assert "|---|" in told
    assert "\n  - " in told


def test_rules_are_tried_in_order_and_used_as_often_as_they_say():
    rules = (Rule(when="hi", reply="first", times=1), Rule(when="hi", reply="later {line}"))
    model = ScriptedChat(Script(rules))
    assert say(model, "hi") == "first"
    assert say(model, "hi  there") == "later hi there"
    assert say(model, "else") == "> else"


def test_what_the_owner_writes_is_not_read_as_a_placeholder():
    model = ScriptedChat(Script((Rule(when="", reply="{said} {n}"),)))
    assert say(model, "{line} {n} {said}") == "> {line} {n} {said} 1"


def test_a_tools_result_is_answered_by_rules_for_tools():
    rules = (Rule(when="", reply="owner"), Rule(when_tool="sun", reply="It shines."))
    model = ScriptedChat(Script(rules))
    assert say(model, "sunny", role="tool") == "It shines."
    assert say(model, "rain", role="tool") == "> rain"


def test_the_system_prompt_can_choose_the_rule():
    rules = (Rule(when_system="summary", reply="in short"), Rule(when="", reply="at length"))
    model = ScriptedChat(Script(rules))
    assert say(model, "x", "write a summary") == "in short"
    assert say(model, "x", "be kind") == "at length"


def test_it_fails_on_demand_and_then_works():
    failing = Failing(Failure.LIMITED, retry_after=3, detail="come back", after_chars=4)
    rules = (Rule(when="", reply="half done", fail=failing, times=1), Rule(when="", reply="done"))
    model = ScriptedChat(Script(rules))
    with pytest.raises(ModelFailed) as caught:
        say(model, "x")
    failed = caught.value
    assert (failed.failure, failed.retry_after, failed.partial) == (Failure.LIMITED, 3, "half")
    assert say(model, "x") == "done"


def test_a_script_file_holds_what_the_objects_hold(tmp_path):
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"rules": [{"when": "", "reply": {"en": "Yes."}, "repeat": 2}]}))
    assert say(ScriptedChat(read_script(path)), "hi") == "Yes.Yes."


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"rules": [{"wen": "typo"}]}', '{"rules": [{"fail": {}}]}']
)
def test_a_wrong_script_is_refused_with_the_place_of_the_mistake(tmp_path, text):
    path = tmp_path / "script.json"
    path.write_text(text)
    with pytest.raises(Broken) as caught:
        read_script(path)
    assert caught.value.code == "script-not-readable"
    assert caught.value.params["why"]
