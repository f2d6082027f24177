# ruff: noqa: T201 - a bench prints
"""What routing costs: the decision among fifty, and all that a call adds, beside LiteLLM's Router.

`python3 -m ops bench router`. Limits are counted in a Redis and the ledger is an SQLite file, as
the worker has them. Fifty fakes that take no time; both sides stream every answer through
the `openai` library, and what each adds is its median above that library alone, in the same
interpreter. LiteLLM is installed into an environment of its own (`var/bench`), for this bench only.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai

from core.llm.model import Message, Request
from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_script import Dialect, Fake
from ops.environment import ROOT, variables
from ops.proofs.rig.report import table
from ops.proofs.rig.router_redis import counters
from ops.proofs.rig.router_system import Given, system

BASELINE = ROOT / "tests" / "bench" / "baselines" / "litellm_router.py"
HOME = ROOT / "var" / "bench" / "litellm"
VERSION = "1.106.2"
ENDPOINTS = 50
WARM_UP = 200
#: Decisions of a round, and rounds of which the quietest counts: this machine has other work.
DECISIONS, ROUNDS = 2000, 3
INSTALL_S, RUN_S = 900, 600
#: A decision's slowest in hundred (ms); what a call may add, as a share of what LiteLLM's adds.
GOAL_P99_MS, GOAL_RATIO = 2.0, 1.0
#: More than any run of this bench costs.
BUDGET_MICROS = 1_000_000_000
HELLO = Request(messages=(Message("user", "hello"),), max_output=64)


@dataclass(frozen=True)
class Timed:
    """Seconds of each call, by the wall and by the processor (all threads)."""

    wall: Sequence[float]
    cpu: Sequence[float]

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.wall) * 1000

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.wall, n=100)[98] * 1000

    @property
    def cpu_p99_ms(self) -> float:
        return statistics.quantiles(self.cpu, n=100)[98] * 1000

    @property
    def cpu_ms(self) -> float:
        return statistics.fmean(self.cpu) * 1000


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops bench router", description=__doc__)
    parser.add_argument("--calls", type=int, default=400, help="timed calls of each; 400")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    parser.add_argument("--without-litellm", action="store_true", help="ours alone")
    options = parser.parse_args(arguments)
    fakes = [
        Fake(f"fake-{number:02}", Dialect.PLAIN, f"lab-{number:02}", keys=(f"key-{number:02}",),
             prompt_price=1, completion_price=1, answer_chars=40)
        for number in range(ENDPOINTS)
    ]  # fmt: skip
    with lab_process(fakes) as lab:
        decision, ours = measure_ours(lab, options.calls)
        theirs = {} if options.without_litellm else measure_litellm(lab, fakes, options.calls)
    tell(decision, ours, theirs)
    missed = goals(decision, ours, theirs)
    return 1 if missed and options.strict else 0


def timed(call: Callable[[], object], many: int, warm_up: int = WARM_UP) -> Timed:
    for _ in range(warm_up):
        call()
    walls, cpus = [], []
    for _ in range(many):
        begun, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - begun)
        cpus.append(time.process_time() - cpu)
    return Timed(walls, cpus)


def measure_ours(lab: Lab, calls: int) -> tuple[Timed, dict[str, Timed]]:
    """The decision alone, then whole calls beside the bare library."""
    with tempfile.TemporaryDirectory(prefix="mask-bench-") as folder, counters() as redis_url:
        given = Given(Path(folder), BUDGET_MICROS, redis_url)
        with system(lab, given) as ours:
            ours.ask(HELLO)
            rounds = [timed(lambda: ours.decide(HELLO), DECISIONS) for _ in range(ROUNDS)]
            decision = min(rounds, key=lambda each: each.p99_ms)
            whole = timed(lambda: ours.ask(HELLO), calls)
    name, fake = next(iter(lab.fakes().items()))
    with openai.OpenAI(
        api_key=fake.keys[0], base_url=f"{lab.urls[name]}/v1", max_retries=0
    ) as client:

        def bare() -> None:
            with client.chat.completions.create(
                model=fake.model,
                messages=[{"role": "user", "content": "hello"}],
                stream=True,
                max_tokens=64,
            ) as stream:
                parts = [part.choices[0].delta.content or "" for part in stream if part.choices]
            assert any(parts)

        return decision, {"bare": timed(bare, calls), "The Mask": whole}


def measure_litellm(lab: Lab, fakes: Sequence[Fake], calls: int) -> dict[str, Timed]:
    """The same in LiteLLM's own environment."""
    plan = {
        "endpoints": [
            {"url": f"{lab.urls[fake.name]}/v1", "model": fake.model, "key": fake.keys[0]}
            for fake in fakes
        ],
        "calls": calls,
        "warm_up": WARM_UP,
    }
    done = subprocess.run(
        [str(interpreter()), str(BASELINE), json.dumps(plan)],
        env={**variables(), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"LiteLLM's side failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {name: Timed(each["wall"], each["cpu"]) for name, each in found.items()}


def interpreter() -> Path:
    """Python with LiteLLM; made at the first run, which takes a minute."""
    python = HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = HOME / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == VERSION:
        return python
    print(f"installing litellm {VERSION} into {HOME} ...", flush=True)
    venv.create(HOME, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "-q", f"litellm=={VERSION}"]
    done = subprocess.run(command, capture_output=True, timeout=INSTALL_S, check=False)
    if done.returncode:
        raise RuntimeError("litellm cannot be installed; --without-litellm measures ours alone")
    stamp.write_text(VERSION, encoding="utf-8")
    return python


def added(found: dict[str, Timed], name: str) -> float:
    """Milliseconds above the bare library in the same interpreter."""
    return found[name].p50_ms - found["bare"].p50_ms


def tell(decision: Timed, ours: dict[str, Timed], theirs: dict[str, Timed]) -> None:
    print(
        f"\ndecision among {ENDPOINTS}: p50 {decision.p50_ms:.3f} ms, p99 {decision.p99_ms:.3f} ms "
        f"(processor {decision.cpu_p99_ms:.3f} ms)"
    )
    rows: list[tuple[object, ...]] = [("whole call", "p50", "p99", "processor", "added, p50")]
    for side, found in (("ours", ours), ("LiteLLM", theirs)):
        rows += [
            (
                f"{side}: {name}", f"{each.p50_ms:.2f} ms", f"{each.p99_ms:.2f} ms",
                f"{each.cpu_ms:.2f} ms", f"{added(found, name):.2f} ms",
            )
            for name, each in found.items()
        ]  # fmt: skip
    for line in table(rows):
        print(f"  {line}")
    mine = ours["The Mask"]
    for name, other in theirs.items():
        if name != "bare":
            ratio = added(ours, "The Mask") / added(theirs, name)
            whole = mine.p50_ms / other.p50_ms
            work = mine.cpu_ms / other.cpu_ms
            print(
                f"  The Mask : {name} = {ratio:.2f} x added, {whole:.2f} x whole, "
                f"{work:.2f} x processor"
            )


def goals(decision: Timed, ours: dict[str, Timed], theirs: dict[str, Timed]) -> int:
    """Each goal with what was measured; how many were missed."""
    rows = [("decision, p99", decision.p99_ms, GOAL_P99_MS, "ms")]
    strategies = [name for name in theirs if name != "bare"]
    if strategies:
        least = min(added(theirs, name) for name in strategies)
        ratio = added(ours, "The Mask") / least
        rows.append(("added, to LiteLLM's least", ratio, GOAL_RATIO, "x"))
    print()
    for what, value, most, unit in rows:
        verdict = "reached" if value <= most else "MISSED"
        print(f"  goal: {what:<26} {value:8.2f} {unit:<2}  at most {most:g}  {verdict}")
    return sum(value > most for _, value, most, _ in rows)
