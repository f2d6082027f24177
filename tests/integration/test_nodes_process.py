"""`ops node <string>` as the owner meets it: a real process, a real Redis, home's end here."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.approvals.audit import Audit
from core.clock import SystemClock
from core.runs.exchange_joining import JoinBoard, Joining
from core.runs.exchange_joining_invitations import Invitations
from core.runs.exchange_pairing import make_pairing
from tests.integration.test_exchange_node import Home, PrivateRedis, redis_binary, wait_for

ROOT = Path(__file__).parents[2]
KEY = "cd" * 32


class Console:
    """A terminal in which `ops node` runs."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.path = folder / "console.txt"
        env = {**os.environ, "MASK_HOME": str(folder / "data"), "PYTHONPATH": str(ROOT)}
        for name in ("MASK_KEY", "MASK_REDIS_URL", "MASK_TELEGRAM_TOKEN"):
            env.pop(name, None)
        with self.path.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops", "node", *words],
                cwd=ROOT,
                env={**env, "PYTHONUNBUFFERED": "1"},
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.path.read_text(errors="replace")

    def wait(self, pattern: str, seconds: float = 40) -> re.Match[str]:
        return wait_for(lambda: re.search(pattern, self.said()), seconds, pattern)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)


@pytest.fixture
def house(tmp_path):
    if redis_binary() is None:
        pytest.skip("this machine has no Redis server")
    (tmp_path / "home").mkdir()
    (tmp_path / "pc").mkdir()
    server = PrivateRedis(tmp_path)
    home = Home(tmp_path / "home", server.url)
    clock, told = SystemClock(), []
    invitations = Invitations(
        clock, home.nodes, lambda _tx, notice: told.append(notice), Audit(clock)
    )
    board = JoinBoard(server.url)
    Joining(
        home.exchange, board, invitations, lambda _tx, notice: told.append(notice), Audit(clock)
    )
    home.told, home.invitations, home.folder = told, invitations, tmp_path / "pc"
    yield home
    board.close()
    home.close()
    server.kill()


def invite(home, url):
    with home.db.write() as tx:
        made = home.invitations.invite(
            tx,
            "pc",
            lambda secret: make_pairing(
                "pc", home.identity, url, secret=secret, grant_keys=(KEY,), owner="telegram:1"
            ),
            "owner",
        )
    return made.to_text()


def joined(home):
    """The card with the digits, once the machine has asked."""
    found = [notice.params for notice in home.told if notice.params.get("state") == "joined"]
    return found[-1] if found else None


def test_a_machine_asks_shows_the_same_digits_and_goes_on_by_itself_after_the_tap(house):
    line = invite(house, house.url)
    console = Console(house.folder, line)
    try:
        shown = console.wait(r"(\d{4}) (\d{4})")
        card = wait_for(lambda: joined(house), 30, "the card with the digits")
        assert card["digits"] == shown[1] + shown[2]
        assert not house.nodes.is_present("pc")
        with house.db.write() as tx:
            house.invitations.trust(tx, card["id"], "telegram:1")
        console.wait("Let in as pc")
        console.wait(r"otpauth://totp/")
        wait_for(lambda: house.nodes.is_present("pc"), 40, "the first hello")
        house.ask("run1")
        wait_for(lambda: house.results.get("run1"), 30, "the first step")
    finally:
        console.stop()
    kept = (house.folder / "data" / "node" / "pairing.json").read_text()
    assert '"secret":""' in kept
    assert line not in kept


def test_the_secret_of_the_codes_is_on_the_nodes_own_screen_and_nowhere_else(house):
    console = Console(house.folder, invite(house, house.url))
    try:
        card = wait_for(lambda: joined(house), 40, "the card with the digits")
        with house.db.write() as tx:
            house.invitations.trust(tx, card["id"], "telegram:1")
        secret = console.wait(r"secret=([A-Z2-7]{16,})")[1]
        wait_for(lambda: house.nodes.is_present("pc"), 40, "the first hello")
        again = Console(house.folder, "--code")
        assert again.process.wait(30) == 0
        assert console.said().count(secret) >= 2
        unlocked = Console(house.folder, "--unlock")
        assert unlocked.process.wait(30) == 0
        console.wait("let in again")
    finally:
        console.stop()
    logs = house.folder / "data" / "logs"
    assert not any(secret in log.read_text(errors="replace") for log in logs.glob("*.log"))
    with house.db.read() as tx:
        assert secret not in str([peer.can for peer in house.nodes.all(tx)])
    assert secret not in str([notice.params for notice in house.told])


def test_a_machine_that_the_owner_turns_away_is_told_so_and_ends(house):
    console = Console(house.folder, invite(house, house.url))
    try:
        card = wait_for(lambda: joined(house), 40, "the card with the digits")
        with house.db.write() as tx:
            house.invitations.distrust(tx, card["id"], "telegram:1")
        assert console.process.wait(30) == 1
        assert "did not let this machine in" in console.said()
    finally:
        console.stop()
    assert not (house.folder / "data" / "node" / "pairing.json").exists()


def test_a_string_that_was_cut_off_or_a_missing_pairing_is_said_in_words(house):
    line = invite(house, house.url)
    for words, said in (((line[:-9],), "pairing"), ((), "paired")):
        console = Console(house.folder, *words)
        try:
            assert console.process.wait(30) == 1
            assert said in console.said().lower()
            assert "Traceback" not in console.said()
        finally:
            console.stop()


def test_the_folder_of_home_is_not_made_a_node_as_well(house):
    (house.folder / "data").mkdir()
    (house.folder / "data" / "memory.db").touch()
    console = Console(house.folder, invite(house, house.url))
    try:
        assert console.process.wait(30) == 1
        assert "MASK_HOME" in console.said()
    finally:
        console.stop()
