"""The fake model servers as a process, for tests that use a vendor's library against them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ops.emulator.models.client import ModelServer


@contextmanager
def model_server() -> Iterator[ModelServer]:
    command = [sys.executable, "-m", "ops.emulator.models", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield ModelServer(json.loads(process.stdout.readline())["url"])
        process.terminate()
