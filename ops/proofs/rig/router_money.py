"""Money has a ceiling: ten calls at once near the end of the budget, a day without a question, and
workers that are killed while they stream.

The bill is the laboratory's; the ledger is ours. A provider bills what it has sent, also to callers
that have died.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.clock import ManualClock
from core.errors import MaskError
from core.llm.model import Message, Request
from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_script import Dialect, Fake, Spread
from ops.environment import ROOT, variables
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_speed import healthy
from ops.proofs.rig.router_system import Given, Money, System, system
from ops.proofs.rig.stand import StandBroken

#: Calls at once, of which so many fit into what is left; the rest of the budget is spent.
AT_ONCE, FITTING = 10, 3
SPENT_SHARE = 0.99
IDLE_HOURS = 24
#: Streaming calls of the kills at the full dose, each worker's threads, and seconds to a kill.
STREAMED, THREADS, MOMENT_S = 500, 8, (0.2, 1.0)
#: Of the bill.
CLOSE = 0.05
PATIENCE_S = 120.0
ASK = Request(messages=(Message("user", "what does this cost"),), max_output=64)


def ceiling(_dose: Dose) -> Verdict:
    """Ten at once at 99 % of the budget: those that fit are made, no other, and all end."""
    verdict = Verdict("ceiling")
    fake = _paid(Fake("paid", Dialect.OPENAI, "lab/paid", first_token=Spread(median_s=0.3)))
    with tempfile.TemporaryDirectory(prefix="mask-ledger-") as folder, lab_process([fake]) as lab:
        with system(lab, Given(home=Path(folder) / "look")) as looking:
            reserve = looking.reserve_of(ASK, fake.name)
        left = int((FITTING + 0.5) * reserve)
        budget = round(left / (1 - SPENT_SHARE))
        given = Given(home=Path(folder) / "home", budget_micros=budget)
        with system(lab, given) as ours:
            ours.spend(budget - left)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                ends = list(pool.map(lambda _number: _end(ours), range(AT_ONCE)))
            made = len(lab.calls())
    refused = sorted({end for end in ends if end})
    verdict.tell(f"ten at once, {FITTING} fit: {made} made, {ends.count('')} answered, {refused}")
    verdict.expect(made == FITTING, f"{made} calls were made where {FITTING} fit")
    verdict.expect(ends.count("") == FITTING, f"{ends.count('')} were answered")
    return verdict


def idle(_dose: Dose) -> Verdict:
    """A day in which nobody asks: no chat, no token. One question first, so that all is open."""
    verdict = Verdict("idle")
    clock = ManualClock()
    fakes = [_paid(fake) for fake in healthy(4)]
    with lab_process(fakes) as lab, system(lab, Given(clock=clock)) as ours:
        ours.ask(ASK)
        before, owed = len(lab.calls()), lab.owed()
        verdict.expect(owed, "the one question cost nothing: the harness proves nothing")
        for _minute in range(IDLE_HOURS * 60):
            clock.advance(60.0)
            ours.tick()
        calls, spent = len(lab.calls()) - before, lab.owed() - owed
    verdict.tell(f"{IDLE_HOURS} idle hours: {calls} chats, {spent} micros")
    verdict.expect(not calls, f"{calls} chats in idle hours")
    verdict.expect(not spent, f"{spent} micros in idle hours")
    return verdict


def _paid(fake: Fake) -> Fake:
    return replace(fake, prompt_price=2_000_000, completion_price=8_000_000)


def _end(ours: System) -> str:
    """The error's code; empty when it was answered."""
    try:
        ours.ask(ASK)
    except MaskError as error:
        return error.code
    return ""


@dataclass(frozen=True)
class Plan:
    """What a worker is told: where the laboratory and its home are, and which calls are its."""

    lab: str
    home: str
    first: int
    last: int
    threads: int = THREADS


def kills(dose: Dose, *, seed: int = 1) -> Verdict:
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
