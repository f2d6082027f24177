"""`ollama serve` as a real child: a program of that name that is the fake server."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import Unavailable
from core.llm.loop_thread import LoopThread
from core.llm.ollama_client import OllamaClient
from core.llm.ollama_facts import ServerState
from core.llm.ollama_keeper import Keeper
from core.llm.ollama_server import OllamaProcess, free_bytes, memory_here

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
ROOT = Path(__file__).resolve().parents[2]
#: Listens where it is told to, says what it was given, and is the fake server from then on.
STAND_IN = """#!/bin/sh
env > "{seen}"
echo "asked to $1 at $OLLAMA_HOST" >&2
{more}
cd "{root}" && exec "{python}" -m ops.emulator.models --port "${{OLLAMA_HOST##*:}}"
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Place:
    """A machine on which `ollama` is installed."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.seen = folder / "seen"
        program = folder / "ollama"
        fields = {"seen": self.seen, "root": ROOT, "python": sys.executable, "more": more}
        program.write_text(STAND_IN.format(**fields), encoding="utf-8")
        program.chmod(0o755)
        self.loop = LoopThread()
        self.client = OllamaClient(self.loop, f"http://127.0.0.1:{free_port()}")
        self.environ = {"PATH": f"{folder}:/usr/bin:/bin", "GROQ_API_KEY": "gsk_canary"}
        self.told = []
        log = folder / "logs" / "ollama.log"
        self.process = OllamaProcess(self.client.address, log, self.environ)
        self.keeper = Keeper(
            "pc",
            SystemClock(),
            self.client,
            self.process,
            is_wanted=True,
            may_start=lambda: True,
            told=self.told.append,
        )

    def wait_for(self, state: ServerState) -> None:
        for _ in range(400):
            if self.keeper.look().state is state:
                return
            threading.Event().wait(0.05)
        raise AssertionError(f"never {state}: {self.keeper.facts()}")

    def end(self) -> None:
        self.keeper.stop()
        self.client.close()
        self.loop.close()


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path)
    yield found
    found.end()


def test_a_server_that_is_away_is_started_asked_and_ended(place: Place) -> None:
    place.wait_for(ServerState.RUNNING)
    facts = place.keeper.facts()
    assert facts.version == "0.13.5"
    assert facts.find("qwen3:14b").abilities
    place.keeper.stop()
    with pytest.raises(Unavailable, match="local-server-away"):
        place.client.version()


def test_the_child_gets_its_address_and_none_of_our_keys(place: Place) -> None:
    place.wait_for(ServerState.RUNNING)
    env = dict(
        line.partition("=")[::2] for line in place.seen.read_text("utf-8").splitlines() if line
    )
    assert env["OLLAMA_HOST"] == place.client.address.removeprefix("http://")
    assert env["OLLAMA_NO_CLOUD"] == "1"
    assert "canary" not in place.seen.read_text("utf-8")


def test_a_server_that_is_killed_is_started_again_and_told_twice(place: Place) -> None:
    place.wait_for(ServerState.RUNNING)
    child = place.process._child
    os.killpg(child.pid, signal.SIGKILL)
    child.wait(5)
    place.wait_for(ServerState.DOWN)
    place.wait_for(ServerState.RUNNING)
    assert [change.state for change in place.told] == [ServerState.DOWN, ServerState.RUNNING]
    assert place.process._child.pid != child.pid


def test_starting_by_hand_waits_until_it_answers(place: Place) -> None:
    assert place.keeper.start().state is ServerState.RUNNING
    pid = place.process._child.pid
    assert place.keeper.start().state is ServerState.RUNNING
    assert place.process._child.pid == pid


def test_a_server_that_dies_at_once_says_its_last_words(tmp_path) -> None:
    place = Place(tmp_path, more='echo "listen tcp: address already in use" >&2; exit 1')
    with pytest.raises(Unavailable, match="address already in use"):
        place.keeper.start()
    place.end()


def test_a_server_that_will_not_end_is_ended(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("core.llm.ollama_server.GRACE_S", 0.2)
    place = Place(tmp_path, more='trap "" TERM')
    place.process.start()
    child = place.process._child
    for _ in range(200):
        if place.seen.exists():
            break
        threading.Event().wait(0.02)
    place.process.stop()
    assert child.returncode is not None
    place.end()


def test_the_log_of_the_start_before_is_kept(place: Place) -> None:
    place.keeper.start()
    place.process.start()
    place.process.stop()
    assert "asked to serve" in place.process.log.with_suffix(".before").read_text("utf-8")


def test_a_machine_tells_its_memory_and_its_disk(tmp_path) -> None:
    memory = memory_here()
    assert memory.total > 10**8
    assert memory.available is None or 0 < memory.available <= memory.total
    assert free_bytes({"HOME": str(tmp_path)}) > 0
    assert free_bytes({"OLLAMA_MODELS": str(tmp_path / "not" / "there")}) > 0
    assert free_bytes({}) is None
