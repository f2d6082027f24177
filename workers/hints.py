"""Hints after a commit: a thread of its own publishes them, and losing one costs a second.

Implements core's `Wake`. `.delay()` blocks while the broker is away, so no caller ever publishes
by itself.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import redis
import structlog
from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import KombuError, OperationalError

from core import broker
from core.errors import Unavailable
from core.runs.exchange_post import Publish

log = structlog.get_logger(__name__)

MOST_WAITING = 10_000

#: What a broker that is away raises, through kombu and through redis-py.
AWAY = (OperationalError, KombuError, redis.RedisError, OSError)


class CeleryWake:
    """Hints through Celery for runs and steps, through a Redis channel for the bot."""

    def __init__(self, app: Celery, redis_url: str, *, relay: Callable[[], None]) -> None:
        self._app = app
        self._redis = redis.Redis.from_url(redis_url, **broker.SOCKET_OPTIONS)
        self._relay = relay
        self._queue: queue.Queue[Callable[[], Any]] = queue.Queue(MOST_WAITING)
        self.lost = 0
        threading.Thread(target=self._publish, name="hints", daemon=True).start()

    def run(self, run_id: str) -> None:
        """Some home worker should advance this run."""
        self._put(lambda: self._send(broker.ADVANCE, run_id))

    def step(self, run_id: str, position: str) -> None:
        """Some home worker should run this step."""
        self._put(lambda: self._send(broker.RUN_STEP, run_id, position))

    def notices(self) -> None:
        """The bot should look into its mailbox."""
        self._put(lambda: self._redis.publish(broker.NOTICES_CHANNEL, "1"))

    def outbox(self, place: str) -> None:  # noqa: ARG002 - the relay looks at all places
        """The relay should look into the outbox."""
        self._put(self._relay)

    def _send(self, task: str, *args: str) -> None:
        self._app.send_task(task, args=args, queue=broker.HOME_QUEUE, ignore_result=True)

    def _put(self, hint: Callable[[], Any]) -> None:
        try:
            self._queue.put_nowait(hint)
        except queue.Full:
            self.lost += 1  # the sweeper finds the row

    def _publish(self) -> None:
        while True:
            hint = self._queue.get()
            try:
                hint()
            except AWAY as error:
                self.lost += 1
                log.info("hint-lost", error=type(error).__name__, lost=self.lost)


def publisher(app: Celery) -> Publish:
    """Puts an envelope into a place's queue; `Unavailable` when the broker is away."""

    def publish(place: str, envelope: str, valid_s: int) -> None:
        queue_name = broker.HOME_QUEUE if place == "home" else broker.node_queue(place)
        try:
            app.send_task(
                broker.RECEIVE,
                args=(envelope,),
                queue=Queue(queue_name),  # type: ignore[no-untyped-call]  # kombu is untyped
                expires=valid_s,
                ignore_result=True,
            )
        except AWAY as error:
            raise Unavailable("broker-away", retry_after=1.0) from error

    return publish
