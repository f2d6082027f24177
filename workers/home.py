"""Home's tasks and the life of its worker process.

Each task calls one use case. The core is built when the worker starts, not on import; the sweeper
and the lease keeper live in the same process.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from celery import Celery
from celery.signals import (
    setup_logging,
    task_rejected,
    task_unknown,
    worker_init,
    worker_shutdown,
)

from core import broker, config
from workers import timetable
from workers.shell import guarded

if TYPE_CHECKING:
    from core.wiring import HomeWorker

log = logging.getLogger(__name__)  # the standard one: beat must stay small


class Home:
    """The one home worker of this process; empty until the worker starts."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._core: HomeWorker | None = None

    @property
    def core(self) -> HomeWorker:
        assert self._core is not None, "the worker has not started"
        return self._core

    def start(self, sender: object = None, **_: object) -> None:
        """Build the core, then let the sweeper find what a former process left.

        Celery logs what a signal's receiver raises and goes on: a worker without a core would take
        hints and drop them, so any failure ends the process here. The signal comes for every app
        of the process: a node takes its Celery settings from `workers.app` and is not home.
        """
        if getattr(sender, "app", None) is not self._app:
            return
        try:
            self._build()
        except Exception as error:
            log.exception("home-worker-not-started")
            raise SystemExit(1) from error

    def _build(self) -> None:
        # Imported here: beat loads this file too, and needs neither database nor engine (22 MB).
        from core import wiring
        from ops.house import check_our_own_house
        from workers.hints import CeleryWake, publisher

        check_our_own_house()
        settings = config.load()
        wiring.set_up_logging(settings)
        wake = CeleryWake(
            self._app,
            settings.redis_url.get_secret_value(),
            relay=self._nudge_relay,
        )
        self._core = wiring.home_worker(settings, wake, publisher(self._app))
        self._core.start()
        log.info("home-worker-ready steps=%s", len(self._core.registry.names))

    def stop(self, **_: object) -> None:
        """Stop the threads and close the database; leases of cut-off work expire."""
        if self._core is not None:
            self._core.stop()

    def _nudge_relay(self) -> None:
        self.core.nudge_relay()

    def advance(self, run_id: str) -> None:
        self.core.engine.advance(run_id)

    def run_step(self, run_id: str, position: str) -> None:
        self.core.parallel.run_step(run_id, position)

    def receive(self, envelope: str) -> None:
        self.core.exchange.receive(envelope)

    def note_strange(self, **_: object) -> None:
        """The broker holds something that none of our clients wrote: counted, and told."""
        if self._core is not None:
            self._core.exchange.tampering.refused("task-strange")

    def tick(self, name: str) -> None:
        """Create the run of a schedule's current slot; a second tick of the slot does nothing."""
        every_s = timetable.intervals(self.core.house.settings).get(name)
        if every_s is None:
            self.note_strange()
            return
        slot = int(datetime.now(UTC).timestamp() // every_s)
        self.core.start_scheduled(name, key=f"{name}:{slot}")


def connect(app: Celery) -> Home:
    """Register home's tasks and signals on `app`."""
    home = Home(app)
    for name, use_case in (
        (broker.ADVANCE, home.advance),
        (broker.RUN_STEP, home.run_step),
        (broker.RECEIVE, home.receive),
        (broker.TICK, home.tick),
    ):
        app.task(guarded(name, use_case), name=name, ignore_result=True, shared=False)
    worker_init.connect(home.start, weak=False)
    worker_shutdown.connect(home.stop, weak=False)
    for signal in (task_unknown, task_rejected):
        signal.connect(home.note_strange, weak=False)
    setup_logging.connect(_keep_our_logging, weak=False)
    return home


def _keep_our_logging(**_: object) -> None:
    """Connected so that Celery leaves logging alone."""
