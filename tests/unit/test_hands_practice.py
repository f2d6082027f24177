"""The practice model proposes like a real one, in three languages, on files that `ops try` lays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.conversation import tools
from core.conversation.tool_offers import offers
from core.conversation.tool_results import told
from core.errors import Refused
from core.execution.model import Effect, Seen
from core.llm.model import Endpoint, Message, Reply, Request, ToolCall
from core.llm.scripted_chat import ScriptedChat
from core.runs.cancel import CancelToken
from core.runs.model import Outcome, StepState
from ops.commands.practice import SAMPLES, SANDBOX, lay_out_files, practice_settings

ENDPOINT = Endpoint("scripted", "scripted", "practice")
LANGUAGES = {"bn": "Bengali", "ar": "Arabic", "en": "English"}


def answer(language: str, *messages: Message) -> Reply:
    system = Message("system", f"Answer in {LANGUAGES[language]}.")
    request = Request((system, *messages), offers(("home",)))
    return ScriptedChat().chat(ENDPOINT, request, on_text=lambda _text: None, cancel=CancelToken())


def result(outcome: Outcome) -> Message:
    return Message("tool", told(ToolCall("c", "any", "{}"), outcome), tool_call_id="c")


LISTED = Outcome(StepState.DONE, Seen("2025-01.log", {"path": "sandbox:/logs/old", "total": 6}))


@pytest.mark.parametrize(
    ("language", "text", "step"),
    [
        ("en", "Please delete the old logs on my PC", "files.list"),
        ("bn", "পুরোনো লগগুলো মুছে দাও", "files.list"),
        ("ar", "احذف السجلات القديمة", "files.list"),
        ("en", "write a note", "files.write"),
        ("bn", "একটা নোট লেখো", "files.write"),
        ("ar", "اكتب ملاحظة", "files.write"),
        ("en", "show my files", "files.list"),
        ("bn", "আমার ফাইল দেখাও", "files.list"),
        ("ar", "اعرض ملفاتي", "files.list"),
        ("en", "run whoami", "command.run"),
        ("bn", "একটা কমান্ড চালাও", "command.run"),
        ("ar", "شغّل أمرًا", "command.run"),
    ],
)
def test_words_lead_to_a_tool_call_that_is_understood(language, text, step):
    (call,) = answer(language, Message("user", text)).tool_calls
    wish = tools.act(call)
    assert (wish.name, wish.place) == (step, "home")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_looks_before_it_proposes_to_delete(language):
    (call,) = answer(language, result(LISTED)).tool_calls
    assert tools.act(call).name == "files.delete"
    assert json.loads(call.arguments)["path"] == "logs/old"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_claims_success_only_after_the_result_and_takes_a_no(language):
    done = answer(language, result(Outcome(StepState.DONE, Effect("Deleted."))))
    no = answer(
        language, result(Outcome(StepState.REFUSED, error=Refused("owner-said-no").to_json()))
    )
    failed = answer(language, result(Outcome(StepState.FAILED, error={"code": "disk-full"})))
    assert "/undo" in done.text
    assert len({done.text, no.text, failed.text}) == 3
    assert [each.tool_calls for each in (done, no, failed)] == [(), (), ()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_of_the_practice_model_names_words_that_work(language):
    told_words = answer(language, Message("user", "?")).text.rpartition("\n\n")[2]
    named = told_words.split("**")[1::2]
    assert len(named) == 4
    for words in named:
        assert answer(language, Message("user", words)).tool_calls, words


def test_practice_has_files_to_look_at_and_what_was_deleted_stays_deleted(tmp_path: Path):
    lay_out_files(tmp_path)
    sandbox = tmp_path / SANDBOX
    assert len(list((sandbox / "logs" / "old").iterdir())) == 6
    assert practice_settings(tmp_path, 1, "redis://x")["SANDBOX_DIR"] == SANDBOX
    (sandbox / "readme.txt").unlink()
    lay_out_files(tmp_path)
    assert sum(path.is_file() for path in sandbox.rglob("*")) == len(SAMPLES) - 1
