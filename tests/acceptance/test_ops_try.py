"""`ops try` and `ops up` as a person meets them: an answer, the same chat next time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.child import birth
from ops.emulator.client import Simulator
from ops.environment import ROOT
from ops.records import Roll

PATIENCE_S = 60.0


class Practice:
    """A running `ops try` and what it has printed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lines: list[str] = []
        self._ready = threading.Event()
        command = [sys.executable, "-m", "ops", "try", "--no-browser", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--home", str(home)],
            cwd=ROOT,
            env=quiet_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line)
                if "Stop" in line:
                    self._ready.set()
        self._ready.set()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def page(self) -> Simulator:
        """The chat, once it is announced."""
        assert self._ready.wait(PATIENCE_S), self.said
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said)
        assert found, self.said
        return Simulator(found[0])

    def end(self) -> int:
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code


def quiet_environment() -> dict[str, str]:
    """No key and no Ollama: the scripted model answers."""
    dropped = ("MASK_", "GROQ_", "OPENAI_", "OLLAMA_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "OLLAMA_PORT": "1", "GROQ_API_KEY": "", "OPENAI_API_KEY": ""}


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Callable[[], Practice]]:
    started: list[Practice] = []

    def start() -> Practice:
        started.append(Practice(tmp_path / "try"))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.end()


def test_a_person_is_answered_and_finds_the_conversation_again(
    practice: Callable[[], Practice],
) -> None:
    first = practice()
    page = first.page()
    asked = page.say("Hello, who are you?", language_code="en")
    answer = page.wait_message(1001, after=asked, timeout=PATIENCE_S)

    assert "practice" in answer["text"].lower(), answer
    assert "scripted model" in first.said
    assert first.end() == 0

    second = practice()
    page = second.page()
    texts = [message.get("text") for message in page.messages(1001)]

    assert "Hello, who are you?" in texts
    assert answer["text"] in texts
    again = page.say("And again?", language_code="en")
    assert page.wait_message(1001, after=again, timeout=PATIENCE_S)["text"]
    assert second.end() == 0


def test_a_second_start_on_the_same_data_is_refused_and_harms_nothing(
    practice: Callable[[], Practice],
) -> None:
    first = practice()
    page = first.page()
    before = (first.home / "run" / "redis.conf").read_bytes()

    second = practice()

    assert second.process.wait(PATIENCE_S) == 1
    assert "already running" in second.said
    assert (first.home / "run" / "redis.conf").read_bytes() == before
    asked = page.say("Still there?", language_code="en")
    assert page.wait_message(1001, after=asked, timeout=PATIENCE_S)["text"]


def test_nothing_is_left_when_it_is_stopped(practice: Callable[[], Practice]) -> None:
    running = practice()
    running.page()
    pids = Roll(running.home / "run" / "processes.json").read()
    assert {"bot", "worker", "beat", "redis", "emulator"} <= set(pids)

    assert running.end() == 0

    assert [name for name, pid in pids.items() if birth(pid) is not None] == []


def test_a_killed_start_leaves_nothing_for_the_next_to_stumble_over(
    practice: Callable[[], Practice],
) -> None:
    first = practice()
    first.page()
    old = Roll(first.home / "run" / "processes.json").read()
    first.process.kill()
    first.process.wait()

    second = practice()
    page = second.page()
    asked = page.say("Still there?", language_code="en")

    assert page.wait_message(1001, after=asked, timeout=PATIENCE_S)["text"]
    assert [name for name, pid in old.items() if birth(pid) is not None] == []


def test_up_without_a_token_names_it_and_the_remedy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "up"],
        cwd=ROOT,
        env={**quiet_environment(), "MASK_HOME": str(tmp_path), "MASK_TELEGRAM_TOKEN": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert done.returncode == 1
    assert "MASK_TELEGRAM_TOKEN" in done.stderr
    assert "BotFather" in done.stderr


@pytest.fixture
def telegram() -> Iterator[str]:
    """The address of a practice Telegram."""
    emulator = subprocess.Popen(
        [sys.executable, "-m", "ops.emulator", "--port", "0", "--token", "123456:TEST"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert emulator.stdout is not None
    with emulator.stdout:
        yield json.loads(emulator.stdout.readline())["url"]
        emulator.terminate()
        emulator.wait(PATIENCE_S)


def test_up_shows_the_recovery_code_once_and_pairs_whoever_opens_the_link_first(
    telegram: str, tmp_path: Path
) -> None:
    env = {
        **quiet_environment(),
        "MASK_HOME": str(tmp_path / "home"),
        "MASK_TELEGRAM_TOKEN": "123456:TEST",
        "MASK_TELEGRAM_API": telegram,
    }

    said = run_until(env, r"or send the bot: (/start \S+)", Simulator(telegram))
    again = run_until(env, "Starting", None)

    assert re.search(r"([A-Z2-7]{4}-){13}[A-Z2-7]{4}", said)
    assert not re.search(r"([A-Z2-7]{4}-){13}", again)


def run_until(env: dict[str, str], pattern: str, page: Simulator | None) -> str:
    """What `ops up` says until `pattern`; its group is then sent to the bot and answered."""
    up = subprocess.Popen(
        [sys.executable, "-m", "ops", "up"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    assert up.stdout is not None
    watchdog = threading.Timer(PATIENCE_S, up.kill)
    watchdog.start()
    with up.stdout:
        for line in up.stdout:
            said += line
            if found := re.search(pattern, line):
                if page is not None:
                    asked = page.say(found[1], language_code="en")
                    page.wait_message(1001, after=asked, timeout=PATIENCE_S)
                up.send_signal(signal.SIGINT)
    code = up.wait(PATIENCE_S)
    watchdog.cancel()
    assert code == 0, said
    return said
