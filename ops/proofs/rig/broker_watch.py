"""An eavesdropper on the broker: reads every command that passes, keeps what can be used again."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import Any

import redis

from core import broker

NODE = "pc"
QUEUES = {
    "home": f"{broker.KEY_PREFIX}{broker.HOME_QUEUE}",
    NODE: f"{broker.KEY_PREFIX}{broker.node_queue(NODE)}",
}
HALT = f"{broker.KEY_PREFIX}halt:{NODE}"
#: Messages of each side that are kept for later.
MOST_KEPT = 2000
#: Bytes of all that passed that are kept for reading.
MOST_SEEN = 64 * 1024 * 1024


class Watcher:
    """Everything that passes the broker, as an eavesdropper has it."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=5)
        self._stopping = threading.Event()
        self.seen: list[str] = []
        self.bytes = 0
        self.caught: dict[str, list[str]] = {place: [] for place in QUEUES}
        self.halts: list[str] = []
        self.own: set[str] = set()  # ids of messages that the thief made itself
        self._thread = threading.Thread(target=self._watch, name="thief", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._client.close()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            with suppress(redis.RedisError, ValueError, OSError), self._monitor() as monitor:
                while not self._stopping.is_set():
                    self._note(str(monitor.next_command()["command"]))

    def _monitor(self) -> Any:
        return self._client.monitor()  # type: ignore[no-untyped-call]  # redis-py is half typed

    def _note(self, command: str) -> None:
        if self.bytes < MOST_SEEN:
            self.seen.append(command)
            self.bytes += len(command)
        words = command.split(" ", 2)
        if len(words) < 3:
            return
        for place, queue in QUEUES.items():
            if words[0].upper() in {"LPUSH", "RPUSH"} and words[1] == queue:
                self._catch(place, words[2].replace('\\"', '"'))
        if words[0].upper() == "SET" and words[1] == HALT:
            self._keep(self.halts, words[2])

    def _catch(self, place: str, text: str) -> None:
        """Keep an honest message."""
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            if json.loads(text)["headers"]["id"] not in self.own:
                self._keep(self.caught[place], text)

    @staticmethod
    def _keep(kept: list[str], text: str) -> None:
        kept.append(text)
        del kept[:-MOST_KEPT]
