"""The Celery applications: the settings, each with its reason, and home's own app.

Start with `python -m celery -A workers.app worker ...` (the Procfile has the line). The
`app` object opens nothing on import: its settings are read when a worker or beat starts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import Celery
from kombu.entity import Queue

from core import broker, config
from workers import timetable


def celery_settings(settings: config.Settings, queue: str) -> dict[str, Any]:
    """Celery's settings for a worker of one queue."""
    return {
        "broker_url": settings.redis_url.get_secret_value(),
        "broker_connection_retry_on_startup": True,  # Redis may come up after us
        "broker_connection_max_retries": None,  # the default gives up after 46 minutes
        "broker_pool_acquire_timeout": 5,  # the default waits for ever
        "broker_transport_options": {**broker.TRANSPORT_OPTIONS, "client_name": settings.node},
        "worker_consumer": "workers.consumer:Consumer",  # reconnects every second, not 2..30
        "task_ignore_result": True,  # outcomes are in the journal
        "result_backend": None,  # result data has been a way to run code before
        "task_serializer": "json",
        "accept_content": ["json"],  # never pickle
        "task_reject_on_worker_lost": False,  # would loop a task that kills its worker
        "task_retry_on_worker_lost": False,  # the sweeper retries
        # Take every hint at once: held back until a thread is free, they came a second late
        # (the transport only looks again at its next poll: measured).
        "worker_prefetch_multiplier": 0,
        "worker_enable_remote_control": False,  # anyone on Redis could speak to it
        "worker_send_task_events": False,  # nobody listens
        "worker_hijack_root_logger": False,  # our log settings stay
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # leases fence doubles
        "task_create_missing_queues": False,  # a typo must not make a queue nobody reads
        "task_default_queue": queue,
        # No acknowledgements: a message is a hint, and what it hints at is found in the database
        # within a second. They would cost two round trips of Redis per task (a fifth of a busy
        # worker's time: measured) and would run a long task again after the visibility timeout.
        "task_queues": [Queue(queue, no_ack=True)],  # type: ignore[no-untyped-call]  # kombu is untyped
        "task_publish_retry": False,  # hints may be lost; callers must not wait
        "worker_soft_shutdown_timeout": 3,  # what is running gets three seconds
        "worker_enable_soft_shutdown_on_idle": False,  # an idle worker stops at once
        "beat_max_loop_interval": 5,  # beat looks at least this often
        "beat_schedule": {
            name: {
                "task": broker.TICK,
                "schedule": timedelta(seconds=every_s),
                "args": (name,),
                "options": {"queue": broker.HOME_QUEUE, "expires": every_s},
            }
            for name, every_s in timetable.intervals(settings).items()
        },
        "beat_schedule_filename": str(settings.under_home(settings.home / "run" / "beat")),
    }


def make_app(name: str, read: Callable[[], dict[str, Any]]) -> Celery:
    """A Celery application whose settings are read when it starts, without built-in tasks."""
    app = Celery(name, set_as_current=False)
    app.add_defaults(read)
    app.on_after_finalize.connect(_only_our_tasks, weak=False)
    return app


def _only_our_tasks(sender: Celery, **_: object) -> None:
    """Unregister `celery.*`: whoever can write to Redis could otherwise call them."""
    for name in [name for name in sender.tasks if name.startswith("celery.")]:
        sender.tasks.unregister(name)


def _home_settings() -> dict[str, Any]:
    return celery_settings(config.load(), broker.HOME_QUEUE)


app = make_app("mask", _home_settings)

from workers import home  # noqa: E402 - the tasks need the app

home.connect(app)
