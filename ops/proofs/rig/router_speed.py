"""How much the way to an answer adds: when nearly all are exhausted, refuse, or hang.

The fakes take no time, so what is measured is ours. Times are this machine's, in one process. The
naive way goes on only after its library's own retries at the one that refuses.
"""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass, replace

from core.errors import MaskError
from core.llm.model import Message, Request, Wish
from core.runs.model import Label
from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_fifty import fifty
from ops.emulator.models.lab_script import Dialect, Fake, Quota, Trouble
from ops.proofs.naive.router import FixedList
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_redis import counters
from ops.proofs.rig.router_system import QUICK, Given, System, system

#: Asks at the full dose whose middle is judged.
ASKS = 60
#: Bounds in seconds.
ADDED_S, FAILOVER_S, SLACK_S = 0.02, 0.5, 0.5
#: A part of the dose is asked for beside whatever else a machine does: so many times as long.
BESIDE_OTHERS = 5
EXHAUSTED_S = 3600.0
#: Where only the sum counts, a busy machine may be slow with one part.
PATIENT = replace(QUICK, first_token_s=5.0)
HELLO = Request(messages=(Message("user", "hello"),), max_output=64)
PRIVATE = Request(messages=(Message("user", "hello"),), max_output=64, label=Label.PRIVATE)


class FirstText:
    """Notes when the first text was shown."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self.after_s: float | None = None

    def __call__(self, _text: str) -> None:
        with self._lock:
            if self.after_s is None:
                self.after_s = time.monotonic() - self._begun


@dataclass(frozen=True)
class Asked:
    """One ask: seconds to its first text and to its end, and who answered or why nobody did."""

    first_s: float
    took_s: float
    by: str
    error: str | None = None
    why: str = ""


def prove(dose: Dose) -> Verdict:
    verdict = Verdict("speed")
    many = dose.of(ASKS, least=10)
    added_s = ADDED_S if dose.share >= 1 else ADDED_S * BESIDE_OTHERS
    _used_up(verdict, many, added_s)
    _exhausted(verdict, many, added_s)
    _naive(verdict)
    _refused(verdict, many)
    _hung(verdict)
    return verdict


def healthy(count: int = 50) -> list[Fake]:
    """Endpoints that take no time and never fail, in all dialects but the owner's own."""
    cloud = [fake for fake in fifty(1) if not fake.is_mine]
    made = []
    for number in range(count):
        like = cloud[number % len(cloud)]
        name = f"{like.dialect}-{number:02}"
        made.append(Fake(name, like.dialect, f"lab/{name}", keys=(f"key-{name}",)))
    return made


def own(name: str) -> Fake:
    """A machine of the owner's that takes no time."""
    return Fake(name, Dialect.OLLAMA, f"{name}:1b", is_mine=True)


def asked(ours: System, request: Request = HELLO) -> Asked:
    """Ask once and take the times."""
    begun, first = time.monotonic(), FirstText()
    try:
        reply = ours.ask(request, first)
    except MaskError as error:
        took_s = time.monotonic() - begun
        return Asked(took_s, took_s, "", error.code, str(error.params))
    took_s = time.monotonic() - begun
    return Asked(first.after_s or took_s, took_s, reply.endpoint)


def _used_up(verdict: Verdict, many: int, most_s: float) -> None:
    """Forty-nine of fifty are used up, as our own calls have left them: the very next answer is
    the fiftieth's, against the fiftieth alone."""
    fakes = [replace(fake, quota=Quota(rpm=1)) for fake in healthy()]
    left = fakes[-1] = replace(fakes[-1], quota=Quota())
    with (
        counters() as redis_url,
        lab_process([left]) as one,
        system(one) as alone,
        lab_process(fakes) as lab,
        system(lab, Given(redis_url=redis_url, deadlines=PATIENT)) as ours,
    ):
        for fake in fakes:
            asked(ours, replace(HELLO, wish=Wish(pinned=fake.name)))
        used = {call["endpoint"] for call in lab.calls()}
        asked(alone)
        pairs = [(asked(alone), asked(ours)) for _ in range(many)]
        refused = sum(call["ended"] == "refused" for call in lab.calls())
    verdict.expect(len(used) == len(fakes), f"{len(used)} were used: the harness proves nothing")
    first, last = pairs[0][1], statistics.quantiles([ask.first_s for _, ask in pairs], n=20)[-1]
    direct_s = statistics.median(direct.first_s for direct, _ in pairs)
    added_s = statistics.median(ask.first_s for _, ask in pairs) - direct_s
    verdict.tell(
        f"49 of 50 used up: first text after {direct_s * 1000:.1f} ms + {added_s * 1000:.1f} ms "
        f"(the very first {first.first_s * 1000:.1f} ms, p95 {last * 1000:.1f} ms, of {many}), "
        f"{refused} asked in vain"
    )
    by = {each.by for _, each in pairs}
    verdict.expect(by == {left.name}, f"not the fiftieth answered: {by}")
    verdict.expect(not refused, f"{refused} were asked though used up")
    for what, late_s in (("the middle", added_s), ("the first", first.first_s - direct_s)):
        verdict.expect(late_s <= most_s, f"{what} is {late_s * 1000:.0f} ms later than alone")


def _exhausted(verdict: Verdict, many: int, most_s: float) -> None:
    """Forty-nine of fifty refuse, and nobody has said so before: each costs one short call, once;
    then the fiftieth is asked at once."""
    fakes = healthy()
    left = fakes[-1]
    with (
        lab_process([left]) as one,
        system(one) as alone,
        lab_process(fakes) as lab,
        system(lab) as ours,
    ):
        asked(alone)
        for fake in fakes[:-1]:
            lab.exhaust(EXHAUSTED_S, fake.name)
        finding = asked(ours)
        refused = len(lab.calls()) - 1
        pairs = [(asked(alone), asked(ours)) for _ in range(many)]
        later = sum(call["ended"] == "refused" for call in lab.calls()) - refused
    direct_s = statistics.median(direct.first_s for direct, _ in pairs)
    asks = [ask for _, ask in pairs]
    added_s = statistics.median(each.first_s for each in asks) - direct_s
    each_s = (finding.first_s - direct_s) / max(1, refused)
    by = {each.by for each in (finding, *asks)}
    verdict.tell(
        f"49 of 50 refuse: found out with {refused} refusals in {finding.first_s * 1000:.0f} ms, "
        f"{each_s * 1000:.1f} ms each; then first text after {direct_s * 1000:.1f} ms + "
        f"{added_s * 1000:.1f} ms, of {many}"
    )
    verdict.expect(by == {left.name}, f"not the fiftieth answered: {by}")
    verdict.expect(each_s <= most_s, f"each refusal took {each_s * 1000:.0f} ms")
    verdict.expect(not later, f"{later} were asked again though exhausted")
    verdict.expect(added_s <= most_s, f"the fiftieth is {added_s * 1000:.0f} ms later than alone")


def _naive(verdict: Verdict) -> None:
    """The first of its list refuses connections."""
    with lab_process(healthy(2)) as lab:
        plain = FixedList(lab)
        plain.ask(HELLO)
        lab.offline(lab.calls()[-1]["endpoint"])
        begun = time.monotonic()
        plain.ask(HELLO)
        took_s = time.monotonic() - begun
        plain.close()
    verdict.tell(f"naive: refused connection, the next one's answer after {took_s * 1000:.0f} ms")
    verdict.expect(took_s > FAILOVER_S, "the naive way is as fast: the harness proves nothing")


def _refused(verdict: Verdict, many: int) -> None:
    """The one that is asked first refuses connections; each time in a new system."""
    waits = []
    with lab_process(healthy(2)) as lab:
        for _ in range(max(3, many // 6)):
            with system(lab, Given(deadlines=PATIENT)) as ours:
                first = asked(ours).by
                asked(ours)
                lab.offline(first)
                ask = asked(ours)
                lab.offline(first, is_offline=False)
            verdict.expect(ask.error is None, f"nobody answered: {ask.error} {ask.why}")
            waits.append(ask.first_s)
    verdict.tell(f"refused connection: the next one's first text after {max(waits) * 1000:.0f} ms")
    verdict.expect(max(waits) <= FAILOVER_S, f"failover took {max(waits):.3f} s")


def _hung(verdict: Verdict) -> None:
    """A machine of the owner's hangs: the other one answers, or the owner is asked."""
    bound_s = QUICK.first_token_s + SLACK_S
    for others, what in (([own("own-2")], "fallback"), ([], "question")):
        with lab_process([own("own-1"), *others, *healthy(3)]) as lab, system(lab) as ours:
            lab.fault(Trouble.HANG, "own-1", times=0)
            ask = asked(ours, PRIVATE)
            in_cloud = _in_cloud(lab)
        verdict.tell(f"own server hung, {what} after {ask.took_s:.2f} s: {ask.by or ask.error}")
        verdict.expect(ask.took_s <= bound_s, f"{what} came after {ask.took_s:.2f} s")
        verdict.expect(not in_cloud, f"private text went to {in_cloud}")
        verdict.expect(ask.by == ("own-2" if others else ""), f"{ask.by} answered")


def _in_cloud(lab: Lab) -> list[str]:
    fakes = lab.fakes()
    return [call["endpoint"] for call in lab.calls() if not fakes[call["endpoint"]].is_mine]
