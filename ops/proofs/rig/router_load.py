"""Thousands of calls at fifty endpoints in trouble: answered, private at home, within the budget.

The same requests go through the naive way first: one OpenAI client per endpoint of a fixed list
with the library's own retries. The laboratory judges both by what it received.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import MaskError
from core.llm.model import Message, Request, Tool, Wish
from core.runs.model import Label
from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_script import Fake, Quota
from ops.proofs.naive.router import FixedList
from ops.proofs.rig import router_findings as findings
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_accounts import Money, is_close
from ops.proofs.rig.router_redis import counters
from ops.proofs.rig.router_system import Given, service_of, system

#: Calls at the full dose, and of the naive way at most.
CALLS, NAIVE_CALLS = 10_000, 300
AT_ONCE = 24
#: Of hundred calls so many are private, so many bring a tool, so many are urgent.
PRIVATE_PERCENT, TOOLS_PERCENT, URGENT_PERCENT = 12, 20, 10
ANSWERED_SHARE = 0.995
#: An answer after so many seconds is none.
LATE_S = 30.0
#: Of what providers have counted.
CLOSE = 0.05
#: Micro-dollars of the day per call: less than the paid endpoints would take.
BUDGET_PER_CALL = 2
#: No quota of requests per minute is made smaller than this.
LEAST_RPM = 4
SEED = 4
_TOOL = Tool("look_up", "Looks a word up.", {"type": "object", "properties": {}})


@dataclass(frozen=True)
class Ended:
    """One call: its wait, how many failed before, and the error when nobody answered."""

    took_s: float
    tried: int
    is_private: bool
    error: str | None = None


def prove(dose: Dose, *, seed: int = SEED) -> Verdict:
    """Naive, then ours, each in a laboratory of the same seed."""
    verdict = Verdict("load")
    many = dose.of(CALLS, least=200)
    requests = list(asked(many, seed))
    _naive(verdict, requests[: min(many, NAIVE_CALLS)], seed)
    _ours(verdict, requests, scarce(seed, dose), seed)
    return verdict


def scarce(seed: int, dose: Dose) -> list[Fake]:
    """The fifty with quotas of the dose's size: the free ones never suffice."""
    made = []
    for fake in fifty(seed):
        rpm = fake.quota.rpm
        quota = fake.quota if rpm is None else Quota(rpm=max(LEAST_RPM, round(rpm * dose.share)))
        made.append(replace(fake, quota=quota))
    return made


def asked(many: int, seed: int) -> Iterator[Request]:
    """The requests of a seed; each private one carries its own canary."""
    dice = random.Random(f"asked {seed}")  # noqa: S311 - reproducible, not secret
    for number in range(many):
        is_private = dice.randrange(100) < PRIVATE_PERCENT
        word = f"canary-{dice.getrandbits(48):012x}" if is_private else f"beacon-{number}"
        text = f"question {number}, {word}, " + "word " * dice.choice((2, 20, 100, 250))
        yield Request(
            messages=(Message("system", "Answer shortly."), Message("user", text)),
            tools=(_TOOL,) if dice.randrange(100) < TOOLS_PERCENT else (),
            label=Label.PRIVATE if is_private else Label.OPEN,
            max_output=128,
            wish=Wish(urgency="high" if dice.randrange(100) < URGENT_PERCENT else "normal"),
        )


def _naive(verdict: Verdict, requests: Sequence[Request], seed: int) -> None:
    """Among those in trouble, and without quotas: waits of a minute would show nothing new."""
    fakes = [replace(fake, quota=Quota()) for fake in fifty(seed) if fake.troubles]
    with lab_process(fakes, seed) as lab:
        plain = FixedList(lab)

        def ask(request: Request) -> int:
            plain.ask(request)
            return 0

        ends = at_once(requests, ask)
        plain.close()
        found = findings.look(lab.calls(), lab.find(findings.CANARY), lab.fakes())
        owed, budget = lab.owed(), BUDGET_PER_CALL * len(requests)
        _tell(verdict, "naive", ends, found, owed)
    verdict.expect(found.leaked, "the naive way kept private text: the harness proves nothing")
    verdict.expect(owed > budget, "the naive way kept the budget: the harness proves nothing")
    verdict.expect(found.early, "the naive way kept cool-downs: the harness proves nothing")


def _ours(verdict: Verdict, requests: Sequence[Request], fakes: Sequence[Fake], seed: int) -> None:
    budget = BUDGET_PER_CALL * len(requests)
    with (
        tempfile.TemporaryDirectory(prefix="mask-ledger-") as folder,
        counters() as redis_url,
        lab_process(fakes, seed) as lab,
        system(lab, Given(Path(folder), budget, redis_url)) as ours,
    ):
        ends = at_once(requests, lambda request: len(ours.ask(request).tried))
        calls = lab.calls()
        found = findings.look(calls, lab.find(findings.CANARY), lab.fakes())
        _tell(verdict, "ours", ends, found, lab.owed())
        dearest = max(
            ours.reserve_of(request, name)
            for name, fake in lab.fakes().items()
            if fake.completion_price
            for request in requests[:50]
        )
        _judge(verdict, ends, found)
        money, owed = ours.money(), lab.owed()
        over, near = owed - budget, money.booked + dearest
        verdict.expect(near >= budget, "the budget was never near: the harness proves nothing")
        verdict.expect(
            over <= dearest,
            f"the bill is {over} micros over the budget of {budget}: {dearest} may be",
        )
        late = findings.unreserved(calls, ours.reservations())
        verdict.expect(not late, f"{late} calls were made before they were reserved")
        _judge_ledger(verdict, money, _owed_by_service(lab))


def _judge(verdict: Verdict, ends: Sequence[Ended], found: findings.Findings) -> None:
    answered = sum(end.error is None and end.took_s <= LATE_S for end in ends) / len(ends)
    verdict.expect(answered >= ANSWERED_SHARE, f"only {answered:.2%} were answered in time")
    verdict.expect(not found.leaked, f"private prompts in the cloud: {found.leaked[:3]} ...")
    verdict.expect(found.kept, "no private prompt reached a machine of the owner's")
    verdict.expect(not found.early, f"{found.early} calls in a cool-down that was told")
    verdict.expect(not found.hurried, f"{found.hurried} calls right after a failure")
    verdict.expect(not found.after_refusal, f"{found.after_refusal} calls with a refused key")
    verdict.expect(not found.starved, f"starved though healthy: {', '.join(found.starved)}")


def _judge_ledger(verdict: Verdict, money: Money, owed: Mapping[str, int]) -> None:
    """Settled after, within so much of each provider's own figures."""
    bill = sum(owed.values())
    off = abs(money.booked - bill) / max(1, bill)
    verdict.tell(
        f"bill {bill} micros; ledger {money.booked}, {off:.2%} off: {money.exact} counted by "
        f"providers, {money.estimated} estimated, {money.marked} marked"
    )
    verdict.expect(is_close(money.booked, bill, CLOSE), f"the ledger is {off:.1%} off the bill")
    for service, micros in sorted(owed.items()):
        booked = money.by_service.get(service, 0)
        verdict.expect(
            is_close(booked, micros, CLOSE), f"{service} bills {micros}, the ledger has {booked}"
        )
    verdict.expect(not money.reserved, f"{money.reserved} micros are still reserved")


def _owed_by_service(lab: Lab) -> dict[str, int]:
    fakes, owed = lab.fakes(), Counter[str]()
    for line in lab.bill():
        owed[service_of(fakes[line["endpoint"]])] += int(line["micros"])
    return {service: micros for service, micros in owed.items() if micros}


def at_once(requests: Sequence[Request], ask: Callable[[Request], int]) -> list[Ended]:
    """Every request, `AT_ONCE` at a time, in order of starting."""

    def one(request: Request) -> Ended:
        begun = time.monotonic()
        is_private = request.label is Label.PRIVATE
        try:
            tried = ask(request)
        except MaskError as error:
            return Ended(time.monotonic() - begun, 0, is_private, error.code)
        return Ended(time.monotonic() - begun, tried, is_private)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="caller") as pool:
        return list(pool.map(one, requests))


def _tell(
    verdict: Verdict,
    who: str,
    ends: Sequence[Ended],
    found: findings.Findings,
    owed: int,
) -> None:
    waits = sorted(end.took_s for end in ends)
    errors = Counter(end.error for end in ends if end.error)
    answered = len(ends) - errors.total()
    verdict.tell(
        f"{who}: {answered} of {len(ends)} answered, p50 {statistics.median(waits) * 1000:.0f} ms, "
        f"p99 {waits[int(0.99 * (len(waits) - 1))] * 1000:.0f} ms; "
        f"{found.calls / max(1, answered):.2f} calls per answer; bill {owed} micros"
    )
    verdict.tell(
        f"{who}: leaked {len(found.leaked)}, kept at home {found.kept}, early {found.early}, "
        f"hurried {found.hurried}, with refused keys {found.after_refusal}, "
        f"starved {len(found.starved)}, endpoints asked {len(found.tried)}; errors {dict(errors)}"
    )
