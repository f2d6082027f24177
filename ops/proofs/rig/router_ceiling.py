"""Money has a ceiling: ten calls at once near the end of the budget; those that fit are made.

The naive way makes the same calls first: it knows no budget, so it makes all of them.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from core.errors import MaskError
from core.llm.model import Message, Request
from ops.emulator.models.lab_client import lab_process
from ops.emulator.models.lab_script import Dialect, Fake, Spread
from ops.proofs.naive.router import FixedList
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_system import Given, System, system

#: Calls at once, of which so many fit into what is left; the rest of the budget is spent.
AT_ONCE, FITTING = 10, 3
SPENT_SHARE = 0.99
ASK = Request(messages=(Message("user", "what does this cost"),), max_output=64)


def prove(_dose: Dose) -> Verdict:
    """Ten at once at 99 % of the budget: those that fit are made, no other, and all end."""
    verdict = Verdict("ceiling")
    fake = paid(Fake("paid", Dialect.OPENAI, "lab/paid", first_token=Spread(median_s=0.3)))
    _naive(verdict, fake)
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


def _end(ours: System) -> str:
    """The error's code; empty when it was answered."""
    try:
        ours.ask(ASK)
    except MaskError as error:
        return error.code
    return ""
