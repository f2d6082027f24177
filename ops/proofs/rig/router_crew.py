"""Workers of the proofs that are processes of their own: what they are told, and how they start."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from core.llm.model import Message, Request
from ops.environment import ROOT, variables


@dataclass(frozen=True)
class Plan:
    """What a worker is told: where the laboratory, its home and its Redis are, the budget of its
    day, and which calls are its."""

    lab: str
    home: str
    first: int
    last: int
    threads: int
    redis_url: str | None = None
    budget_micros: int | None = None
    max_output: int = 256

    def request(self, number: int) -> Request:
        """The call of that number."""
        said = (Message("user", f"tell me a long story, number {number:06}"),)
        return Request(messages=said, max_output=self.max_output)


def start(plan: Plan) -> subprocess.Popen[str]:
    """A worker that says a line once it could begin, begins when it is told one, and says how its
    calls ended (a JSON list: the error of each, or nothing)."""
    command = [sys.executable, "-m", "ops.proofs.rig.router_worker", json.dumps(asdict(plan))]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=ROOT, env=variables(), stdin=pipe, stdout=pipe, text=True, bufsize=1
    )


def wait_ready(worker: subprocess.Popen[str]) -> None:
    """Until it has said its line; RuntimeError when it died before."""
    assert worker.stdout is not None
    if not worker.stdout.readline():
        raise RuntimeError("a worker did not start; see above")


def begin(worker: subprocess.Popen[str]) -> None:
    """Let it call."""
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def ends(worker: subprocess.Popen[str]) -> list[str]:
    """How its calls ended: the error's code of each, empty where it was answered."""
    assert worker.stdout is not None
    found: list[str] = json.loads(worker.stdout.readline())
    return found
