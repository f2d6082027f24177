"""Approved commands on a plain Celery worker that is killed: lines that are missing, unsaid."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from celery import Celery

from ops import programs
from ops.programs import Program
from ops.proofs.rig.stand import LOOK_S, UP_S, Site, Stand, StandBroken, stand

#: Kills until it has lost something by more than luck.
LEAST = 12
#: Commands around one kill, and seconds in which it comes.
BURST, MOMENT_S = 6, 0.3
#: Seconds that a restarted worker gets for what is left.
REST_S = 6.0
APPEND = '#!/bin/sh\nsleep 0.05\necho "$1" >> lines.txt\n'


@dataclass(frozen=True)
class Lost:
    """What the file lacks, and what it has twice; nobody was told of either."""

    asked: int
    twice: int
    missing: int


def system(site: Site, processes: int = 2) -> list[Program]:
    """One prefork worker with Celery's own settings."""
    env = programs.settings({"NAIVE_REDIS": site.redis.url})
    del env["REMAP_SIGTERM"]
    command = ("-m", "celery", "-A", "ops.proofs.naive.hands_tasks", "worker")
    argv = (sys.executable, *command, "-c", str(processes))
    return [Program("worker", argv, env, needs=(site.redis.port,))]


def runs_beside_a_long_job(within_s: float) -> bool:
    """Whether a worker with one process runs a command while another one lasts."""
    with stand(partial(system, processes=1), is_started=False) as at:
        at.start()
        log = at.site.home / "lines.txt"
        (at.site.home / "append.sh").write_text(APPEND, encoding="utf-8")
        with Celery("naive-hands", broker=at.site.redis.url) as app:
            _send(app, at, "ready")
            _wait_written(log, "ready")
            lasting = ["/bin/sleep", "30"]
            app.send_task("run", args=[lasting, str(at.site.home)], ignore_result=True)
            _send(app, at, "beside")
            time.sleep(within_s)
        return "beside" in log.read_text(encoding="utf-8")


def campaign(kills: int, seed: int) -> Lost:
    """Bursts of commands, a kill in each."""
    dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
    with stand(system, is_started=False) as at:
        at.start()
        (at.site.home / "append.sh").write_text(APPEND, encoding="utf-8")
        tokens = _killed(at, dice, kills)
        time.sleep(REST_S)
        return _counted(at.site.home / "lines.txt", tokens)


def _killed(at: Stand, dice: random.Random, kills: int) -> list[str]:
    app = Celery("naive-hands", broker=at.site.redis.url)
    tokens: list[str] = []
    for number in range(kills):
        _send(app, at, f"ready{number:04}")
        _wait_written(at.site.home / "lines.txt", f"ready{number:04}")
        for part in range(BURST):
            tokens.append(f"n{number:04}-{part}")
            _send(app, at, tokens[-1])
        time.sleep(dice.uniform(0, MOMENT_S))
        killed = at.kill("worker")
        at.wait_process("worker", other_than=killed)
    app.close()
    return tokens


def _send(app: Celery, at: Stand, token: str) -> None:
    argv = ["/bin/sh", "append.sh", token]
    app.send_task("run", args=[argv, str(at.site.home)], ignore_result=True)


def _wait_written(log: Path, token: str) -> None:
    """The worker has come up again and works."""
    give_up = time.monotonic() + UP_S
    while not log.exists() or token not in log.read_text(encoding="utf-8"):
        if time.monotonic() > give_up:
            raise StandBroken(f"the naive worker did not write {token}")
        time.sleep(LOOK_S)


def _counted(log: Path, tokens: list[str]) -> Lost:
    lines = Counter(log.read_text(encoding="utf-8").split() if log.exists() else [])
    twice = sum(lines[token] - 1 for token in tokens if token in lines)
    return Lost(len(tokens), twice, sum(token not in lines for token in tokens))
