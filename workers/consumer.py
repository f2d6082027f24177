"""Celery's consumer with a fixed reconnect, once a second, for ever, and unmoved by wild bytes.

Celery's own steps are 2, 4, ... 30 seconds; after a Redis restart that made 12 s of silence where
0.5 s is possible (measured). And whoever can write to Redis can end a plain worker with one message
that is no JSON, or a queue that is no list (measured): here that is a lost connection like another.
"""

from __future__ import annotations

import zlib
from typing import Any

import redis
from celery import signals
from celery.exceptions import WorkerShutdown
from celery.utils.log import get_logger
from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu.exceptions import KombuError

log = get_logger(__name__)

RECONNECT_S = 1.0
#: What transport and consumer raise for bytes that no client of ours has written: no JSON, odd
#: types, pickle for a task that is not here, broken compression, a queue that is no list.
WILD: tuple[type[Exception], ...] = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    AssertionError,
    KombuError,
    zlib.error,
    redis.ResponseError,
)


class Consumer(CeleryConsumer):  # type: ignore[misc]  # Celery is untyped
    """Asks again every second until the broker answers or the worker stops. Each wild message is
    told by Celery's signal `task_rejected`, without a message."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known: tuple[type[Exception], ...] = self.conninfo.connection_errors
        self.connection_errors = (*known, *WILD)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Begin anew; the wild message is gone with the connection."""
        if isinstance(exc, WILD):
            signals.task_rejected.send(sender=self, message=None, exc=exc)
        super().on_connection_error_after_connected(exc)

    def ensure_connected(self, conn: Any) -> Any:
        """A live connection; blocks while the broker is away."""
        conn = conn.ensure_connection(
            self._say,
            None,
            interval_start=RECONNECT_S,
            interval_step=0,
            interval_max=RECONNECT_S,
            callback=_stop_if_asked,
        )
        self.first_connection_attempt = False
        self.broker_connection_retry_attempt = 0
        return conn

    def call_soon_ack(self, ack: Any, *_args: Any, **_options: Any) -> Any:
        """Nothing: our queues are `no_ack`, and kombu's Redis transport would still spend a round
        trip on looking for what it never noted down."""
        return ack

    def _say(self, error: Exception, _interval: float) -> None:
        self.broker_connection_retry_attempt += 1
        if self.broker_connection_retry_attempt in {1, 10} or (
            self.broker_connection_retry_attempt % 60 == 0
        ):
            tries = self.broker_connection_retry_attempt
            log.warning("the broker is away (%s), try %s", type(error).__name__, tries)


def _stop_if_asked() -> None:
    """A worker that was told to stop must not wait for a broker."""
    if state.should_stop not in {None, False} or state.should_terminate not in {None, False}:
        raise WorkerShutdown(0)
