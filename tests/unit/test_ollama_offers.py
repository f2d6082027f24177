"""What servers announce, and which endpoints come of it; names, versions, start commands."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.llm.model import Role
from core.llm.ollama_facts import (
    Installed,
    Loaded,
    Memory,
    ModelName,
    ServerFacts,
    ServerState,
    is_same,
    version_of,
)
from core.llm.ollama_offers import Choice, announce, announced, offers
from core.llm.ollama_server import find_program, may_start_at, start_command

CHAT = ("completion", "tools")
BIG = Installed("qwen3:14b", 9 * 10**9, "a" * 64, "14.8B", "Q4_K_M", 40960, CHAT)
SMALL = Installed("llama3.2:latest", 2 * 10**9, "b" * 64, "3.2B", "Q4_K_M", 4096, CHAT)
CODER = Installed("qwen2.5-coder:7b-instruct", 5 * 10**9, "c" * 64, "7.6B", "", 32768, CHAT)
VECTORS = Installed(
    "nomic-embed-text:latest", 3 * 10**8, "d" * 64, "137M", "", 2048, ("embedding",)
)
SEES = Installed("llava:7b", 4 * 10**9, "e" * 64, "7B", "", 4096, ("completion", "vision"))


def facts(*models, place="pc", state=ServerState.RUNNING, **more):
    return ServerFacts(place, state, "0.13.5", models=models, **more)


UNCHOSEN = Choice()


def by_role(*models, choice=UNCHOSEN):
    found = offers(facts(*models), choice, is_mine=True)
    return {role: each.model for each in found for role in each.roles}


# -- names


def test_a_version_is_what_stands_after_the_colon_otherwise_latest():
    assert version_of("llama3.1:8b") == ("llama3.1", "8b")
    assert version_of("llama3.1") == ("llama3.1", "latest")
    assert version_of("host:5000/a/b") == ("host:5000/a/b", "latest")
    assert is_same("llama3.2", "llama3.2:latest")
    assert not is_same("llama3.2:1b", "llama3.2")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("qwen3:14b", "qwen3:14b"),
        ("qwen3", "qwen3:latest"),
        ("library/qwen3", "qwen3:latest"),
        ("someone/thing:q4", "someone/thing:q4"),
        ("hf.co/unsloth/Qwen3-GGUF:Q4_K_M", "hf.co/unsloth/Qwen3-GGUF:Q4_K_M"),
        ("registry.ollama.ai/library/qwen3:4b", "qwen3:4b"),
    ],
)
def test_a_name_is_read_as_ollama_reads_it(text, short):
    assert ModelName.read(text).short == short


# -- roles


def test_each_chat_model_is_an_endpoint_of_its_place_by_name():
    found = offers(facts(BIG, SMALL, VECTORS), Choice(), is_mine=True)
    assert [each.name for each in found] == [
        "ollama/qwen3:14b@pc",
        "ollama/nomic-embed-text:latest@pc",
        "ollama/llama3.2:latest@pc",
    ]
    assert all(each.place == "pc" and each.is_mine for each in found)
    at_home = offers(facts(BIG, place="home"), Choice(), is_mine=True)
    assert [each.name for each in at_home] == ["ollama/qwen3:14b"]


def test_what_the_owner_switched_serves_then_the_setting_then_what_ships():
    models = (BIG, SMALL, CODER)
    usual = {Role.CHAT: "qwen2.5-coder:7b-instruct"}
    assert by_role(*models)[Role.CHAT] == BIG.name
    assert by_role(*models, choice=Choice(usual=usual))[Role.CHAT] == CODER.name
    named = Choice(named="qwen3:14b", usual=usual)
    assert by_role(*models, choice=named)[Role.CHAT] == BIG.name
    switched = Choice({Role.CHAT: "llama3.2"}, "qwen3:14b", usual)
    assert by_role(*models, choice=switched)[Role.CHAT] == SMALL.name
    assert by_role(*models, choice=switched)[Role.SUMMARISE] == BIG.name


def test_code_goes_to_a_model_made_for_it_and_vectors_to_one_that_makes_them():
    roles = by_role(BIG, CODER, VECTORS)
    assert roles[Role.CODE] == CODER.name
    assert roles[Role.EMBED] == VECTORS.name
    assert Role.EMBED not in by_role(BIG)


def test_a_switched_model_that_is_gone_leaves_the_role_to_what_is_here():
    assert by_role(SMALL, choice=Choice({Role.CHAT: "gone:8b"}))[Role.CHAT] == SMALL.name


def test_an_idle_model_has_no_role_and_counts_as_weak():
    found = {each.model: each for each in offers(facts(BIG, SMALL), Choice(), is_mine=True)}
    assert found[SMALL.name].roles == ()
    assert found[SMALL.name].strength == 0 < found[BIG.name].strength


def test_what_a_model_can_is_told_to_the_router():
    found = {each.model: each for each in offers(facts(SEES, SMALL), Choice(), is_mine=True)}
    assert found[SEES.name].vision
    assert not found[SEES.name].tools
    assert found[SMALL.name].tools
    assert found[SMALL.name].context == 4096


@pytest.mark.parametrize("state", [ServerState.DOWN, ServerState.STARTING, ServerState.ABSENT])
def test_a_server_that_does_not_run_offers_nothing(state):
    assert offers(facts(BIG, state=state), Choice(), is_mine=True) == ()


# -- hellos


def test_a_hello_brings_home_what_the_router_needs():
    said = facts(
        BIG,
        VECTORS,
        loaded=(Loaded(BIG.name, 1),),
        smaller={"a": "b"},
        downs=2,
        memory=Memory(7, 3),
    )
    heard = announced({"models": announce(said)}, "pc")
    assert heard.models == said.models
    assert (heard.smaller, heard.downs, heard.memory) == ({"a": "b"}, 2, Memory(7))
    assert heard.find(BIG.name) in set(heard.models)
    assert [each.name for each in heard.loaded] == [BIG.name]
    both = [offers(each, Choice(), is_mine=True) for each in (said, heard)]
    assert [each.name for each in both[0]] == [each.name for each in both[1]]


def test_a_full_shelf_keeps_the_hello_small():
    many = tuple(Installed(f"m{i}:latest", 10**9, "a" * 64, abilities=CHAT) for i in range(200))
    heard = announced({"models": announce(facts(*many))}, "pc")
    assert len(heard.models) == 40


# -- starting


def test_the_start_command_differs_by_system():
    secret = {"PATH": "/bin", "GROQ_API_KEY": "gsk", "MASK_KEY": "k", "OLLAMA_MODELS": "/m"}
    linux = start_command("linux", "/usr/bin/ollama", "http://127.0.0.1:9999", secret)
    windows = start_command("win32", r"C:\o\ollama.exe", "http://127.0.0.1:9999", secret)
    assert linux.argv == ("/usr/bin/ollama", "serve")
    assert linux.new_session
    assert not linux.flags
    assert windows.flags
    assert not windows.new_session
    assert linux.env == windows.env
    assert linux.env == {
        "PATH": "/bin",
        "OLLAMA_MODELS": "/m",
        "OLLAMA_HOST": "127.0.0.1:9999",
        "OLLAMA_NO_CLOUD": "1",
    }


@pytest.mark.parametrize(
    ("system", "there"),
    [
        ("linux", "/usr/local/bin/ollama"),
        ("darwin", "/Applications/Ollama.app/Contents/Resources/ollama"),
        ("win32", r"C:\L\Programs\Ollama\ollama.exe"),
    ],
)
def test_the_program_is_found_where_the_installer_puts_it(system, there):
    environ = {"LOCALAPPDATA": r"C:\L"}
    assert find_program(system, environ, lambda _name: None, there.__eq__) == there
    assert find_program(system, environ, lambda name: f"/path/{name}", there.__eq__).startswith(
        "/p"
    )
    assert find_program(system, environ, lambda _name: None, lambda _path: False) is None


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://192.168.1.9:11434", False),
        ("https://127.0.0.1:443", False),
        ("http://127.0.0.1:80/behind/proxy", False),
    ],
)
def test_only_a_server_on_this_machine_is_started(address, ours):
    assert may_start_at(address) is ours


def test_a_name_that_is_none_is_refused():
    with pytest.raises(Refused, match="model-name"):
        ModelName.read("")
