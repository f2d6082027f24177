"""kill -9 while approved commands run: each line is written at most once, none is missing unsaid.

Each command appends one numbered line to a file at the node. Between the tap and its end a process
is killed at a random moment. Afterwards the file is counted: a line twice breaks the law; a missing
line must be a card that asks the owner what became of it.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ops.proofs.naive import hands as naive
from ops.proofs.rig import hand_systems
from ops.proofs.rig.phone import APPROVE, DONE, FINAL, Phone, verdict
from ops.proofs.rig.report import Dose, Verdict, table
from ops.proofs.rig.stand import Stand, StandBroken, stand

TARGETS = ("node", "worker", "bot")
#: The kill comes this many seconds after the tap, at most.
MOMENT_S = 0.6
#: Seconds until a card must tell its end after a kill.
PATIENCE_S = 90.0


@dataclass(frozen=True)
class Count:
    """What is in the file, and what the cards say."""

    asked: int
    twice: int
    missing: int
    unsaid: int  # missing, and its card says that it was done or nothing at all
    slowest_s: float


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """The naive stack first, then ours: the same commands and kills."""
    verdict_ = Verdict("kills")
    lost = naive.campaign(max(dose.kills, naive.LEAST), seed)
    verdict_.tell(f"naive: {lost.asked} asked, {lost.twice} twice, {lost.missing} missing unsaid")
    verdict_.expect(lost.twice + lost.missing, "the naive stack lost nothing: it proves nothing")
    with stand(hand_systems.with_node()) as ours:
        count = campaign(ours, dose.kills, seed)
    heading = ("commands", "twice", "missing", "missing unsaid", "slowest card")
    row = (count.asked, count.twice, count.missing, count.unsaid, f"{count.slowest_s:.1f} s")
    for line in table([heading, row]):
        verdict_.tell(line)
    verdict_.expect(not count.twice, f"{count.twice} lines were written twice")
    verdict_.expect(not count.unsaid, f"{count.unsaid} missing lines were not told")
    return verdict_


def campaign(at: Stand, kills: int, seed: int) -> Count:
    """One command after the other, a kill in each."""
    dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
    phone = Phone(at.simulator)
    log = hand_systems.prepare(at)
    ends: dict[str, str] = {}
    slowest = 0.0
    for number in range(kills):
        token = f"n{number:06}"
        phone.say(hand_systems.append(token))
        card = phone.wait(token, APPROVE, timeout_s=PATIENCE_S)
        begun = time.monotonic()
        killer = threading.Thread(
            target=strike, args=(at, TARGETS[number % len(TARGETS)], dice.uniform(0, MOMENT_S))
        )
        killer.start()
        phone.tap(card, APPROVE)
        killer.join()
        ends[token] = verdict(phone.wait(token, *FINAL, timeout_s=PATIENCE_S))
        slowest = max(slowest, time.monotonic() - begun)
    return counted(log, ends, slowest)


def counted(log: Path, ends: dict[str, str], slowest_s: float) -> Count:
    """The file against the cards."""
    lines = Counter(log.read_text(encoding="utf-8").split())
    missing = [token for token in ends if token not in lines]
    return Count(
        asked=len(ends),
        twice=sum(count - 1 for count in lines.values()),
        missing=len(missing),
        unsaid=sum(ends[token] in {"", DONE} for token in missing),
        slowest_s=slowest_s,
    )


def strike(at: Stand, target: str, after_s: float) -> None:
    """Kill one process, and see it come back."""
    time.sleep(after_s)
    killed = at.kill(target)
    if at.wait_process(target, other_than=killed) == killed:
        raise StandBroken(f"{target} did not die")
