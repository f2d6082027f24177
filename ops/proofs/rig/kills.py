"""kill -9 at random moments while messages flow: nothing lost, nothing twice unmarked, in order.

Each kill falls somewhere into a burst of messages; before the next one a message must have been
answered by the restarted system, so that every kill hits a working process. Redis persists
nothing: killing it also wipes it; every third time it is only wiped, with its clients connected.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, replace

import redis

from ops.proofs.rig import systems
from ops.proofs.rig.report import Dose, Verdict, table
from ops.proofs.rig.stand import Stand, stand
from ops.proofs.rig.talk import Talk, Tally

#: Messages around one kill: 60 kills make 900.
BURST = 15
#: The kill comes this many seconds after the burst began, at most; so long the burst takes.
MOMENT_S, BURST_S = 0.3, 0.2
#: Messages that come at the same time, as a phone sends what it kept while it was offline.
CLUMP = 5
CHATS = 30

#: The control must lose something by more than luck: about one message in three kills.
NAIVE_LEAST = 12
NAIVE_TARGETS = ("bot", "worker", "redis")
OUR_TARGETS = ("bot", "worker", "beat", "node", "redis")


@dataclass(frozen=True)
class Patience:
    """Seconds: for a first answer after a kill, for anything new at the end, for late repeats."""

    restart_s: float
    quiet_s: float
    aftermath_s: float


NAIVE = Patience(4.0, 5.0, 1.0)
OURS = Patience(40.0, 90.0, 6.0)


@dataclass(frozen=True)
class Round:
    """What the kills of one process did."""

    target: str
    kills: int
    tally: Tally
    slowest_s: float  # the longest wait for an answer


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """Both stacks, the same kills."""
    verdict = Verdict("kills")
    with stand(systems.naive()) as plain:
        naive = [
            campaign(plain, target, max(dose.kills, NAIVE_LEAST), seed, NAIVE)
            for target in NAIVE_TARGETS
        ]
    with stand(systems.mask_with_node()) as ours:
        targets = [each for each in OUR_TARGETS if each in ours.names]
        mine = [campaign(ours, target, dose.kills, seed, OURS) for target in targets]
    for line in table([HEADING, *rows("naive", naive), *rows("ours", mine)]):
        verdict.tell(line)
    damage = sum(len(each.tally.lost) + each.tally.twice for each in naive)
    verdict.expect(damage, "the naive stack lost and doubled nothing: the harness proves nothing")
    for each in mine:
        # Order is not held while a turn waits for a place: later ones overtake it, as designed.
        lax = replace(each.tally, disordered=0) if each.target == "node" else each.tally
        verdict.expect(lax.is_clean, f"kills of {each.target}: {each.tally}")
    verdict.expect(len(mine) == len(OUR_TARGETS), f"not killed: {set(OUR_TARGETS) - set(targets)}")
    return verdict


HEADING = (
    "stack", "killed", "kills", "messages", "lost", "twice", "marked", "disordered", "slowest",
)  # fmt: skip


def rows(stack: str, rounds: list[Round]) -> list[tuple[object, ...]]:
    return [
        (
            stack, each.target, each.kills, each.tally.said, len(each.tally.lost),
            each.tally.twice, each.tally.marked, each.tally.disordered, f"{each.slowest_s:.1f} s",
        )
        for each in rounds
    ]  # fmt: skip


def campaign(at: Stand, target: str, kills: int, seed: int, patience: Patience) -> Round:
    """`kills` kills of one process, each in the middle of a burst, then the count."""
    dice = random.Random(f"{seed} {target}")  # noqa: S311 - reproducible, not secret
    first = 2001 + 100 * at.names.index(target)
    words = systems.ASK_NODE if target == "node" else "message"
    talk = Talk(at.simulator, CHATS, first=first, told=systems.NODE_TOLD)
    talk.wait([talk.say(words)], patience.restart_s)
    for number in range(kills):
        burst = threading.Thread(target=speak, args=(talk, words, dice.random()))
        burst.start()
        time.sleep(dice.uniform(0, MOMENT_S))
        strike(at, target, only_wipe=target == "redis" and number % 3 == 2)
        burst.join()
        if number < kills - 1:
            talk.wait([talk.say(words)], patience.restart_s)
    talk.settle(
        quiet_s=patience.quiet_s, timeout_s=10 * patience.quiet_s, after_s=patience.aftermath_s
    )
    tally = talk.tally()
    return Round(target, kills, tally, max(tally.waits, default=0.0))


def speak(talk: Talk, words: str, seed: float) -> None:
    """The burst, less the message that opened it."""
    dice = random.Random(seed)  # noqa: S311 - reproducible, not secret
    for number in range(BURST - 1):
        talk.say(words)
        if number % CLUMP == 0:
            time.sleep(dice.uniform(0, 2 * BURST_S * CLUMP / BURST))


def strike(at: Stand, target: str, *, only_wipe: bool) -> None:
    """Kill the process and see it come back; or empty Redis under its clients."""
    if only_wipe:
        with redis.Redis.from_url(at.site.redis.url, socket_timeout=5) as client:
            client.flushall()
        return
    killed = at.kill(target)
    at.wait_process(target, other_than=killed)
