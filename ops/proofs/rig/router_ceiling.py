"""Money has a ceiling: ten calls at once near the end of the budget; those that fit are made,
whichever process makes them.

The naive way makes the same calls first: it knows no budget, so it makes all of them.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from core.llm.model import Message, Request
from ops.emulator.models.lab_client import lab_process
from ops.emulator.models.lab_script import Dialect, Fake, Spread
from ops.proofs.naive.router import FixedList
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_crew import Plan, begin, ends, start, wait_ready
from ops.proofs.rig.router_redis import counters
from ops.proofs.rig.router_system import Given, system

#: Calls at once, of which so many fit into what is left; the rest of the budget is spent.
AT_ONCE, FITTING = 10, 3
PROCESSES = 2
EACH = AT_ONCE // PROCESSES
#: Seconds to the first token: no call ends before all have been reserved.
WAIT_S = 1.5
SPENT_SHARE = 0.99
ASK = Request(messages=(Message("user", "what does this cost"),), max_output=64)


def prove(_dose: Dose) -> Verdict:
    """Ten at once at 99 % of the budget, in two processes: those that fit are made, no other, and
    all end."""
    verdict = Verdict("ceiling")
    fake = paid(Fake("paid", Dialect.OPENAI, "lab/paid", first_token=Spread(median_s=WAIT_S)))
    _naive(verdict, fake)
    with (
        tempfile.TemporaryDirectory(prefix="mask-ledger-") as folder,
        counters() as redis_url,
        lab_process([fake]) as lab,
    ):
        plan = Plan(lab.url, f"{folder}/home", 0, 0, EACH, redis_url, max_output=64)
        with system(lab, Given(home=Path(folder) / "look")) as looking:
            reserve = looking.reserve_of(plan.request(0), fake.name)
        left = int((FITTING + 0.5) * reserve)
        budget = round(left / (1 - SPENT_SHARE))
        with system(lab, Given(Path(plan.home), budget)) as ours:
            ours.spend(budget - left)
        ended = _at_once(replace(plan, budget_micros=budget))
        made = len(lab.calls())
    refused = sorted({end for end in ended if end})
    verdict.tell(
        f"{len(ended)} at once in {PROCESSES} processes, {FITTING} fit: {made} made, "
        f"{ended.count('')} answered, {refused}"
    )
    verdict.expect(len(ended) == AT_ONCE, f"{len(ended)} ended")
    verdict.expect(made == FITTING, f"{made} calls were made where {FITTING} fit")
    verdict.expect(ended.count("") == FITTING, f"{ended.count('')} were answered")
    return verdict


def _at_once(plan: Plan) -> list[str]:
    """How the calls ended; all are begun when every process is ready."""
    workers = [
        start(replace(plan, first=number * EACH, last=(number + 1) * EACH))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        wait_ready(worker)
    for worker in workers:
        begin(worker)
    found = [end for worker in workers for end in ends(worker)]
    for worker in workers:
        worker.communicate(timeout=10)
    return found


def paid(fake: Fake) -> Fake:
    """The same for money."""
    return replace(fake, prompt_price=2_000_000, completion_price=8_000_000)


def _naive(verdict: Verdict, fake: Fake) -> None:
    with lab_process([fake]) as lab:
        plain = FixedList(lab)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(plain.ask, [ASK] * AT_ONCE))
        plain.close()
        made = len(lab.calls())
    verdict.tell(f"naive: {made} made where {FITTING} fit")
    verdict.expect(made > FITTING, "the naive way kept the budget: the harness proves nothing")
