"""A model's tool call becomes a step, or one sentence that says how to do it right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.conversation.tool_calls import MAKERS, MOST_ARGUMENTS, MOST_ARGV
from core.conversation.tool_offers import offers
from core.conversation.tools import Misunderstood, act
from core.execution.command_steps import RunCommand
from core.execution.file_steps import DeleteFile, EditFile, ListFiles, ReadFile, SearchFiles
from core.execution.file_steps import WriteFile as Write
from core.llm.model import ToolCall
from core.llm.tokens import of_tool
from core.runs.model import StepCall


def asked(name: str, **arguments: Any) -> StepCall:
    return act(ToolCall("c1", name, json.dumps(arguments)))


def why(call: StepCall) -> str:
    assert call.name == "conversation.correct", call
    assert isinstance(call.args, Misunderstood)
    return call.args.why


@pytest.mark.parametrize(
    ("name", "arguments", "step", "args"),
    [
        ("list_files", {"path": ""}, "files.list", ListFiles("")),
        ("list_files", {"path": "a", "page": 2}, "files.list", ListFiles("a", 2)),
        ("read_file", {"path": "a/খ.txt"}, "files.read", ReadFile("a/খ.txt")),
        (
            "read_file",
            {"path": "a", "line": 9, "letter": 3},
            "files.read",
            ReadFile("a", 9, 3),
        ),
        ("search_files", {"path": "", "words": "مصر"}, "files.search", SearchFiles("مصر", "")),
        ("write_file", {"path": "a", "text": ""}, "files.write", Write("a", "")),
        (
            "edit_file",
            {"path": "a", "old": "x", "new": ""},
            "files.edit",
            EditFile("a", "x", ""),
        ),
        ("edit_file", {"path": "a", "new": "z"}, "files.edit", EditFile("a", "", "z")),
        ("delete_file", {"path": "logs/old"}, "files.delete", DeleteFile("logs/old")),
        ("run_command", {"argv": ["git", "log"]}, "command.run", RunCommand(["git", "log"])),
        (
            "run_command",
            {"argv": ["make"], "folder": "p", "writes": ["p"], "network": True},
            "command.run",
            RunCommand(["make"], path="p", writes=["p"], network=True),
        ),
    ],
)
def test_a_call_becomes_its_step_at_the_named_place_under_its_own_key(
    name: str, arguments: dict[str, Any], step: str, args: object
) -> None:
    call = asked(name, place="pc", **arguments)
    assert (call.name, call.args, call.place, call.key) == (step, args, "pc", "c1")


def test_machine_facts_needs_nothing_but_a_place() -> None:
    assert asked("machine_facts", place="pc").name == "node.facts"


@pytest.mark.parametrize(
    ("name", "arguments", "part"),
    [
        ("list_files", {"path": ""}, "`place`"),
        ("list_files", {"place": "", "path": ""}, "`place`"),
        ("list_files", {"place": 7, "path": ""}, "`place`"),
        ("list_files", {"place": "x" * 65, "path": ""}, "`place`"),
        ("list_files", {"place": "pc", "path": ["a"]}, "`path`"),
        ("list_files", {"place": "pc", "path": "x" * 1025}, "`path`"),
        ("list_files", {"place": "pc", "path": "", "page": 0}, "`page`"),
        ("read_file", {"place": "pc"}, "`path`"),
        ("read_file", {"place": "pc", "path": "a\0b"}, "no file can hold"),
        ("read_file", {"place": "pc", "path": "a\ud800"}, "no file can hold"),
        ("read_file", {"place": "pc", "path": "a", "line": 0}, "`line`"),
        ("read_file", {"place": "pc", "path": "a", "line": "3"}, "`line`"),
        ("read_file", {"place": "pc", "path": "a", "line": True}, "`line`"),
        ("read_file", {"place": "pc", "path": "a", "letter": -1}, "`letter`"),
        ("search_files", {"place": "pc", "path": "a", "words": ""}, "`words`"),
        ("write_file", {"place": "pc", "path": "a"}, "`text` is missing"),
        ("write_file", {"place": "pc", "path": "a", "text": None}, "`text`"),
        ("edit_file", {"place": "pc", "path": "a", "old": "x"}, "`new` is missing"),
        ("edit_file", {"place": "pc", "path": "a", "old": "x", "new": "x"}, "the same"),
        ("delete_file", {"place": "pc", "path": ""}, "`path`"),
        ("run_command", {"place": "pc"}, "`argv`"),
        ("run_command", {"place": "pc", "argv": "rm -rf /"}, "list of texts"),
        ("run_command", {"place": "pc", "argv": ["a"], "writes": "x"}, "list of texts"),
        ("run_command", {"place": "pc", "argv": ["a"], "network": "yes"}, "true or false"),
        ("run_command", {"place": "pc", "argv": []}, "list of texts"),
        ("run_command", {"place": "pc", "argv": ["", "x"]}, "list of texts"),
        ("run_command", {"place": "pc", "argv": ["echo", 7]}, "list of texts"),
        ("run_command", {"place": "pc", "argv": ["echo", "a\0"]}, "no program can take"),
        ("run_command", {"place": "pc", "argv": ["x"] * (MOST_ARGV + 1)}, "too long"),
    ],
)
def test_bad_input_of_each_kind_is_told_to_the_model_and_becomes_no_step(
    name: str, arguments: dict[str, Any], part: str
) -> None:
    assert part in why(asked(name, **arguments))


@pytest.mark.parametrize(
    "arguments", ["not json", "[1]", '"x"', "7", "null", "{", "[" * 100_000, "x" * 60_001]
)
def test_arguments_that_are_no_json_object_are_told(arguments: str) -> None:
    assert "arguments" in why(act(ToolCall("c1", "list_files", arguments)))


def test_no_call_raises_whatever_is_in_it() -> None:
    hostile = [None, 0, -1, 1.5, True, "", "x" * 99_999, "\0", "\ud800", [], [[]], {}, {"a": []}]
    for name in MAKERS:
        for value in hostile:
            for key in ("place", "path", "text", "old", "new", "argv", "words", "line", "folder"):
                act(ToolCall("c", name, json.dumps({"place": "pc", "path": "a", key: value})))
    assert "there is no such tool" in why(asked("format_disk", place="pc"))
    assert len(why(act(ToolCall("c", "x" * 9_999, "{}")))) < MOST_ARGUMENTS


def test_every_tool_that_is_offered_can_be_called_and_names_only_known_places() -> None:
    tools = offers(("home", "pc"))
    assert {tool.name for tool in tools} == set(MAKERS)
    for tool in tools:
        assert tool.parameters["properties"]["place"]["enum"] == ["home", "pc"]
        assert set(tool.parameters["required"]) <= set(tool.parameters["properties"])


def test_all_descriptions_together_stay_small_for_a_14b_model() -> None:
    assert sum(map(of_tool, offers(("home", "pc")))) < 1_100
