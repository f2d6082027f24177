"""The plain Celery app that runs what it is sent. Settings: NAIVE_REDIS."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from celery import Celery

app = Celery("naive-hands", broker=os.environ["NAIVE_REDIS"])


def run_command(argv: list[str], cwd: str) -> None:
    """Whatever arrives, runs."""
    subprocess.run(argv, cwd=cwd, check=False, timeout=60)


run: Any = app.task(name="run")(run_command)
