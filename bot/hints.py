"""Hints from the bot to the home worker, after a commit.

One thread publishes; nobody waits for it, and a lost hint costs a second: the sweeper finds the
row. Implements core's `Wake`. Celery is imported by that thread, so that the bot is up before it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from core import broker

if TYPE_CHECKING:
    from celery import Celery

#: Hints that wait while the broker is slow; above that they are dropped.
MOST_WAITING = 1000
#: A publish that finds a connection dead since a restart of Redis tries once more.
TRIES = 2

Hint = tuple[str, tuple[str, ...]]


class Hints:
    """`notices` wakes this process's own mailbox loop (`Deliverer.wake`), without Redis."""

    def __init__(self, redis_url: str, notices: Callable[[], None]) -> None:
        self._redis_url = redis_url
        self._notices = notices
        self._queue: queue.Queue[Hint | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._publish, name="hints", daemon=True)
        self._log = structlog.get_logger()
        self.lost = 0

    def start(self) -> None:
        """Begin publishing; hints given before are kept."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Publish what waits, as far as that goes in `timeout_s`."""
        self._put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def run(self, run_id: str) -> None:
        """Some home worker should advance this run."""
        self._put((broker.ADVANCE, (run_id,)))

    def step(self, run_id: str, position: str) -> None:
        """Some home worker should run this step."""
        self._put((broker.RUN_STEP, (run_id, position)))

    def notices(self) -> None:
        """The mailbox of this process should look."""
        self._notices()

    def outbox(self, place: str) -> None:
        """Nothing to do: the relay runs in the home worker and looks by itself."""

    def _put(self, hint: Hint | None) -> None:
        try:
            self._queue.put_nowait(hint)
        except queue.Full:
            self.lost += 1

    def _publish(self) -> None:
        app = _client(self._redis_url)
        while (hint := self._queue.get()) is not None:
            self._send(app, *hint)
        app.close()

    def _send(self, app: Celery, task: str, args: tuple[str, ...]) -> None:
        import redis
        from kombu.exceptions import KombuError

        for left in reversed(range(TRIES)):
            try:
                app.send_task(task, args=args, queue=broker.HOME_QUEUE, ignore_result=True)
            except (KombuError, redis.RedisError, OSError) as error:
                if left == 0:
                    self.lost += 1
                    self._log.info("hint-lost", error=type(error).__name__, lost=self.lost)
            else:
                return


def _client(redis_url: str) -> Celery:
    """A Celery application that only sends, by name."""
    from celery import Celery

    settings: dict[str, Any] = {
        "broker_url": redis_url,
        "broker_transport_options": broker.TRANSPORT_OPTIONS,
        "broker_connection_timeout": broker.SOCKET_OPTIONS["socket_connect_timeout"],
        "broker_pool_acquire_timeout": 5,  # the default waits for ever
        "result_backend": None,  # outcomes are rows
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_publish_retry": False,  # a lost hint is found by the sweeper
        "task_default_queue": broker.HOME_QUEUE,
    }
    app = Celery("bot", set_as_current=False)
    app.conf.update(settings)
    return app
