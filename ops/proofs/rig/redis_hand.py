"""Redis in the proof's own hand instead of the supervisor's, to be stopped and started."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ops import supervisor
from ops.environment import ROOT
from ops.programs import Program
from ops.proofs.rig.stand import LOOK_S, Stand, System, stand


class RedisHand:
    """One server; it persists nothing, so a stop also wipes it."""

    def __init__(self, program: Program, port: int) -> None:
        self._program = program
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._program.argv, cwd=ROOT, env=dict(self._program.env), stdout=subprocess.DEVNULL
        )
        while not supervisor.accepts(self._port):
            assert self._process.poll() is None, "Redis ended at once"
            time.sleep(LOOK_S)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def with_redis(system: System, *, without: Sequence[str] = ()) -> Iterator[tuple[Stand, RedisHand]]:
    """A stand whose Redis is in the proof's hand."""
    with stand(system, keeps_redis=False, without=without, is_started=False) as at:
        hand = RedisHand(at.site.redis.program, at.site.redis.port)
        hand.start()
        try:
            at.start()
            at.wait_polling()
            yield at, hand
        finally:
            hand.stop()
