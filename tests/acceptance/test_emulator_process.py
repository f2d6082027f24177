"""The practice Telegram as its own program: start, speed, kill, start again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from ops.emulator.client import CHAT, Simulator

ROOT = Path(__file__).parents[2]
TOKEN = "123456:TEST"
COMMAND = [sys.executable, "-m", "ops.emulator", "--port", "0", "--token"]


class Program:
    """One emulator program with its state directory."""

    def __init__(self, state: Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, TOKEN, "--state", str(state)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.sim = Simulator(json.loads(self.process.stdout.readline())["url"])

    def end(self, number: int = signal.SIGTERM) -> int:
        os.kill(self.process.pid, number)
        code = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    started = Program(tmp_path)
    yield started
    if started.process.poll() is None:
        started.end()


def test_a_thousand_messages_in_fifty_chats_take_under_a_millisecond_each(program: Program) -> None:
    sim = program.sim

    async def talk(session: aiohttp.ClientSession, chat: int) -> None:
        for number in range(20):
            body = {"chat_id": chat, "text": f"{number}"}
            async with session.post(f"{sim.url}/bot{TOKEN}/sendMessage", json=body) as answer:
                assert answer.status == 200

    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(talk(session, chat) for chat in range(2000, 2050)))

    for chat in range(2000, 2050):
        sim.set_chat(chat)
    asyncio.run(run())
    calls = sim.calls("sendMessage")
    assert len(calls) == 1000
    assert sorted(one["ms"] for one in calls)[500] < 1.0
    assert all(len(sim.messages(chat)) == 20 for chat in range(2000, 2050))


def test_a_killed_program_finds_everything_again(program: Program, tmp_path: Path) -> None:
    said = program.sim.say("before the kill")
    waiting = program.sim.pending_updates()
    assert program.end(signal.SIGKILL) == -signal.SIGKILL
    again = Program(tmp_path)
    try:
        assert [one["message_id"] for one in again.sim.messages()] == [said]
        assert again.sim.pending_updates() == waiting
        assert again.sim.say("after the kill", chat=CHAT) > said
    finally:
        assert again.end() == 0


def test_a_token_that_looks_real_is_not_taken() -> None:
    real = "7123456789:" + "A" * 35
    refused = subprocess.run(
        [*COMMAND, real], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )
    assert refused.returncode == 2
    assert "looks like a real" in refused.stderr
    assert real not in refused.stderr
