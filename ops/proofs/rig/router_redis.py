"""A Redis of the proof's own, for the counters that processes share; as the worker has one."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from ops.private_redis import find_server, free_port
from ops.proofs.rig.stand import StandBroken

READY_S = 20.0


@contextmanager
def counters() -> Iterator[str | None]:
    """Its address; None where no server can be had: then the record counts alone."""
    server = find_server()
    if server is None:
        yield None
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="mask-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        command = [str(server), *options, "--logfile", str(Path(folder) / "log")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(port)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                process.terminate()


def _wait(port: int) -> None:
    give_up = time.monotonic() + READY_S
    with redis.Redis(port=port) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > give_up:
                    raise StandBroken("the private Redis does not answer") from None
                time.sleep(0.02)
            else:
                return
