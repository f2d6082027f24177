"""Bells and the page's event stream: whoever waits for something to change hears of it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ops.emulator.wire import Json

T = TypeVar("T")
LISTENER_QUEUE = 2000  # a page that falls further behind reloads everything


class Bells:
    """One bell per topic; waiting is woken by ringing, never by the clock alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}

    def ring(self, topic: str) -> None:
        for waiter in self._waiting.pop(topic, ()):
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, topic: str, look: Callable[[], T | None], timeout_s: float) -> T | None:
        """What `look` finds, as soon as it finds something; None when the time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            found = look()
            if found is not None:
                return found
            remaining = deadline - loop.time()
            if remaining <= 0:
                return None
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiting.setdefault(topic, set()).add(waiter)
            try:
                await asyncio.wait_for(waiter, remaining)
            except TimeoutError:
                return look()
            finally:
                self._waiting.get(topic, set()).discard(waiter)


class Stream:
    """Events for open pages. With no page open publishing costs nothing."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json | None]] = set()

    @property
    def is_watched(self) -> bool:
        return bool(self._listeners)

    def listen(self) -> asyncio.Queue[Json | None]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue(LISTENER_QUEUE)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.discard(queue)

    def publish(self, kind: str, chat_id: int | None, body: Json) -> None:
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait({"kind": kind, "chat": chat_id, "body": body})

    def close(self) -> None:
        """Ends every open stream, so that the server can stop at once."""
        for queue in list(self._listeners):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
        self._listeners.clear()
