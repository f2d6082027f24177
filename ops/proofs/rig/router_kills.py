"""Workers that are killed while they stream: what they owe is in the ledger, or marked in it.

The bill is the laboratory's; the ledger is ours. A provider bills what it has sent, also to callers
that have died. The control is a book that is written after each call: it must lack those.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_script import Fake, Spread
from ops.environment import ROOT, variables
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_system import Given, Money, system
from ops.proofs.rig.stand import StandBroken

#: Streaming calls at the full dose, each worker's threads, and seconds to a kill.
STREAMED, THREADS, MOMENT_S = 500, 8, (0.2, 1.0)
#: Of the bill.
CLOSE = 0.05
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Plan:
    """What a worker is told: where the laboratory and its home are, and which calls are its."""

    lab: str
    home: str
    first: int
    last: int
    threads: int = THREADS


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """kill -9 of the worker again and again while it streams; then the sums."""
    verdict = Verdict("kills")
    many = dose.of(STREAMED, least=40)
    dice = random.Random(f"kills {seed}")  # noqa: S311 - reproducible, not secret
    with (
        tempfile.TemporaryDirectory(prefix="mask-ledger-") as folder,
        lab_process(_streaming(), seed) as lab,
    ):
        given = Given(home=Path(folder))
        killed = _killed(lab, given, many, dice)
        _wait_quiet(lab)
        with system(lab, given) as ours:
            ours.recover()
            money = ours.money()
        calls, owed = lab.calls(), lab.owed()
    cut = sum(call["ended"] == "aborted" for call in calls)
    verdict.tell(f"{killed} kills, {len(calls)} streams, {cut} cut off; bill {owed} micros")
    verdict.expect(cut, "no stream was cut off: the harness proves nothing")
    _judge(verdict, money, owed, cut)
    return verdict


def _judge(verdict: Verdict, money: Money | None, owed: int, cut: int) -> None:
    verdict.expect(money is not None, "there is no ledger to compare with the bill")
    if money is None:
        return
    verdict.tell(
        f"ledger: {money.exact} counted by providers, {money.estimated} estimated, "
        f"{money.marked} marked by {money.marked_calls} calls"
    )
    late = money.exact + money.estimated
    verdict.tell(f"control: a book written after each call has {late} of {owed} micros")
    verdict.expect(late < owed, "nothing was owed for what was cut: the harness proves nothing")
    verdict.expect(not money.reserved, f"{money.reserved} micros are still reserved")
    verdict.expect(money.marked_calls >= cut, f"{cut} were cut, {money.marked_calls} marked")
    verdict.expect(money.covers(owed, CLOSE), f"the ledger does not cover the bill of {owed}")


def _streaming() -> list[Fake]:
    """Paid endpoints whose answers take their time; no trouble but the kills."""
    slow = Spread("even", 0.02, most_s=0.05)
    cloud = [fake for fake in fifty(1) if fake.completion_price][:6]
    return [
        replace(
            fake, troubles={}, at={}, first_token=slow, per_piece=slow, answer_chars=400,
        )
        for fake in cloud
    ]  # fmt: skip


def _killed(lab: Lab, given: Given, many: int, dice: random.Random) -> int:
    """Workers, one after another, until all calls have been made; the number of kills."""
    kills_done = 0
    give_up = time.monotonic() + PATIENCE_S + many
    while (begun := len(lab.calls())) < many:
        plan = Plan(lab.url, str(given.home), begun, many)
        worker = _start(plan)
        _wait_calls(lab, begun + THREADS, worker)
        time.sleep(dice.uniform(*MOMENT_S))
        if worker.poll() is None:
            worker.kill()
            kills_done += 1
        elif worker.returncode:
            raise StandBroken("the worker ended by itself; see above")
        worker.wait(10)
        if time.monotonic() > give_up:
            raise TimeoutError(f"only {len(lab.calls())} of {many} calls were made")
    return kills_done


def _start(plan: Plan) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ops.proofs.rig.router_worker", json.dumps(asdict(plan))]
    return subprocess.Popen(command, cwd=ROOT, env=variables())


def _wait_calls(lab: Lab, many: int, worker: subprocess.Popen[bytes]) -> None:
    """Until the worker has begun to call; TimeoutError when it never does."""
    give_up = time.monotonic() + PATIENCE_S
    while len(lab.calls()) < many and worker.poll() is None:
        if time.monotonic() > give_up:
            raise TimeoutError("the worker does not call")
        time.sleep(0.05)


def _wait_quiet(lab: Lab) -> None:
    """Until the laboratory has noticed every caller that died."""
    give_up = time.monotonic() + PATIENCE_S
    while any(call["ended"] == "open" for call in lab.calls()):
        if time.monotonic() > give_up:
            raise TimeoutError("calls are still open")
        time.sleep(0.05)
