"""Workers that are killed while they stream: what they owe is in the ledger, or marked in it.

The bill is the laboratory's; the ledger is ours. A provider bills what it has sent, also to callers
that have died. Its prices are whole micro-dollars a token, so that sums are equal to the last one,
within the marked reserves. The control is a book that is written after each call: it must lack
those.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_script import Fake, Spread
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_accounts import Money
from ops.proofs.rig.router_crew import Plan, begin, start, wait_ready
from ops.proofs.rig.router_findings import unreserved
from ops.proofs.rig.router_redis import counters
from ops.proofs.rig.router_system import Given, system
from ops.proofs.rig.stand import StandBroken

#: Streaming calls at the full dose, each worker's threads, and seconds to a kill.
STREAMED, THREADS, MOMENT_S = 500, 8, (0.2, 1.0)
#: Of what could only be estimated: a call that was given up by the worker itself.
CLOSE = 0.05
#: Micro-dollars per million tokens, in and out.
PROMPT_PRICE, COMPLETION_PRICE = 1_000_000, 4_000_000
PATIENCE_S = 120.0


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """kill -9 of the worker again and again while it streams; then the sums."""
    verdict = Verdict("kills")
    many = dose.of(STREAMED, least=40)
    dice = random.Random(f"kills {seed}")  # noqa: S311 - reproducible, not secret
    with (
        tempfile.TemporaryDirectory(prefix="mask-ledger-") as folder,
        counters() as redis_url,
        lab_process(_streaming(), seed) as lab,
    ):
        given = Given(home=Path(folder), redis_url=redis_url)
        killed = _killed(lab, given, many, dice)
        _wait_quiet(lab)
        with system(lab, given) as ours:
            ours.recover()
            money, reserved = ours.money(), ours.reservations()
        calls, owed = lab.calls(), lab.owed()
    cut = sum(call["ended"] == "aborted" for call in calls)
    verdict.tell(f"{killed} kills, {len(calls)} streams, {cut} cut off; bill {owed} micros")
    verdict.expect(cut, "no stream was cut off: the harness proves nothing")
    late = unreserved(calls, reserved)
    verdict.expect(not late, f"{late} calls were made before they were reserved")
    _judge(verdict, money, owed, cut)
    return verdict


def _judge(verdict: Verdict, money: Money, owed: int, cut: int) -> None:
    verdict.tell(
        f"ledger: {money.exact} counted by providers, {money.estimated} estimated, "
        f"{money.marked} marked by {money.marked_calls} calls"
    )
    verdict.tell(f"control: a book written after each call has {money.settled} of {owed} micros")
    verdict.expect(money.settled < owed, "nothing was owed for what was cut: no proof")
    verdict.expect(not money.reserved, f"{money.reserved} micros are still reserved")
    verdict.expect(money.marked_calls >= cut, f"{cut} were cut, {money.marked_calls} marked")
    verdict.expect(
        money.is_within_marks(owed, CLOSE),
        f"the ledger is not within its marked reserves of the bill of {owed}",
    )


def _streaming() -> list[Fake]:
    """Paid endpoints whose answers take their time; no trouble but the kills."""
    slow = Spread("even", 0.02, most_s=0.05)
    cloud = [fake for fake in fifty(1) if fake.completion_price][:6]
    return [
        replace(
            fake, troubles={}, at={}, first_token=slow, per_piece=slow, answer_chars=400,
            prompt_price=PROMPT_PRICE, completion_price=COMPLETION_PRICE,
        )
        for fake in cloud
    ]  # fmt: skip


def _killed(lab: Lab, given: Given, many: int, dice: random.Random) -> int:
    """Workers, one after another, until all calls have been made; the number of kills."""
    kills_done = 0
    give_up = time.monotonic() + PATIENCE_S + many
    while (begun := len(lab.calls())) < many:
        worker = start(Plan(lab.url, str(given.home), begun, many, THREADS, given.redis_url))
        wait_ready(worker)
        begin(worker)
        _wait_calls(lab, begun + THREADS, worker)
        time.sleep(dice.uniform(*MOMENT_S))
        if worker.poll() is None:
            worker.kill()
            kills_done += 1
        elif worker.returncode:
            raise StandBroken("the worker ended by itself; see above")
        worker.communicate(timeout=10)
        if time.monotonic() > give_up:
            raise TimeoutError(f"only {len(lab.calls())} of {many} calls were made")
    return kills_done


def _wait_calls(lab: Lab, many: int, worker: subprocess.Popen[str]) -> None:
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
