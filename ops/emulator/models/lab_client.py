"""The laboratory from a test or a harness: its control client, and ways to start it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ops.emulator.models.control_client import Control
from ops.emulator.models.lab_script import Fake, Trouble, from_json, to_json
from ops.emulator.models.lab_server import serve
from ops.environment import ROOT, variables


class Lab(Control):
    """A running laboratory; every method is one call of the control API."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        found: dict[str, Any] = self._get("endpoints")
        self.urls: dict[str, str] = {name: each["url"] for name, each in found.items()}

    def fakes(self) -> dict[str, Fake]:
        """Every endpoint's script, by name, in the order in which they were given."""
        return {name: from_json(each["fake"]) for name, each in self._get("endpoints").items()}

    def fault(self, trouble: Trouble, endpoint: str | None = None, *, times: int = 1) -> None:
        """The next calls go wrong; `times` 0: until cleared."""
        self._post("fault", {"trouble": trouble, "times": times, "endpoint": endpoint})

    def clear_faults(self, endpoint: str | None = None) -> None:
        self._post("clear-faults", {"endpoint": endpoint})

    def restore(self, endpoint: str | None = None) -> None:
        """Revoked keys and removed models are good again."""
        self._post("restore", {"endpoint": endpoint})

    def exhaust(self, seconds: float, endpoint: str | None = None) -> None:
        """Nothing is granted for so long."""
        self._post("exhaust", {"seconds": seconds, "endpoint": endpoint})

    def reply(
        self, text: str = "", *, endpoint: str | None = None, times: int = 1, **plan: Any
    ) -> None:
        """The next answer: `tool_calls`, `match`, `finish`."""
        self._post("reply", {"text": text, "endpoint": endpoint, "times": times, **plan})

    def offline(self, endpoint: str, *, is_offline: bool = True) -> None:
        """Its port refuses connections, or takes them again."""
        self._post("offline", {"endpoint": endpoint, "is_offline": is_offline})

    def change(self, endpoint: str, **fields: Any) -> None:
        """Other quota, troubles, spreads ..., as JSON values."""
        self._post("change", {"endpoint": endpoint, "fields": fields})

    def calls(self, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Every chat that arrived, oldest first; fields of `LabCall`."""
        found: list[dict[str, Any]] = self._get(
            f"calls?endpoint={endpoint}" if endpoint else "calls"
        )
        return found

    def bill(self) -> list[dict[str, Any]]:
        """A line per endpoint and key."""
        found: list[dict[str, Any]] = self._get("bill")
        return found

    def owed(self) -> int:
        """The whole bill in micro-dollars."""
        return sum(int(line["micros"]) for line in self.bill())

    def heard(self, endpoint: str) -> bytes:
        """Every byte that an endpoint received."""
        status, found = self._raw("GET", f"heard?endpoint={endpoint}")
        if status != HTTPStatus.OK:
            raise ValueError(f"/sim/heard: {status}")
        return found

    def find(self, pattern: str) -> dict[str, list[str]]:
        """What fits a pattern in the received bytes, by endpoint."""
        found: dict[str, list[str]] = self._post("find", {"pattern": pattern})
        return found

    def reset(self) -> None:
        """Calls, bytes, faults and quotas as at the start; the dice start anew."""
        self._post("reset", {})


class ThreadedLab(Lab):
    """The laboratory on a thread of this process, for tests; `stop` ends it."""

    def __init__(self, fakes: Iterable[Fake], seed: int = 1) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(serve(fakes, seed), self._loop)
        self._runner, url = starting.result(10)
        super().__init__(url)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@contextmanager
def lab_process(fakes: Iterable[Fake], seed: int = 1) -> Iterator[Lab]:
    """The laboratory in a process of its own, so that it shares no interpreter with what it
    measures."""
    with tempfile.TemporaryDirectory(prefix="mask-lab-") as folder:
        script = Path(folder) / "fakes.json"
        script.write_text(json.dumps([to_json(fake) for fake in fakes]), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "ops.emulator.models.lab",
            str(script),
            "--seed",
            str(seed),
        ]
        with subprocess.Popen(
            command, cwd=ROOT, env=variables(), stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("the laboratory did not start")
                yield Lab(json.loads(line)["url"])
            finally:
                process.terminate()
