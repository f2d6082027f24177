"""Redis stopped for a minute: nothing lost, fast again within 5 s of its return.

The sweeper needs no Redis, so turns go on meanwhile, a second slower; how slow is reported. The
owner may be told of the outage only if a turn had to wait longer than ten seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from ops.proofs.rig import systems
from ops.proofs.rig.drop import FAST_S, IN_A_ROW, back_after
from ops.proofs.rig.redis_hand import RedisHand, with_redis
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.stand import OWNER, Stand
from ops.proofs.rig.talk import Talk

OUTAGE_S, LEAST_OUTAGE_S = 60.0, 8.0
BOUND_S, TELL_AFTER_S = 5.0, 10.0
PAUSE_S = 0.4
CHATS = 20
#: After the return: long enough to see that it is fast again.
AFTER_S = 12.0


def prove(dose: Dose) -> Verdict:
    """Both stacks, the same outage."""
    verdict = Verdict("outage")
    outage_s = dose.of(OUTAGE_S, least=LEAST_OUTAGE_S)
    with with_redis(systems.naive()) as (at, hand):
        talk, _, _, _ = through_outage(at, hand, outage_s)
        talk.settle(quiet_s=6, timeout_s=30)
        plain = talk.tally()
    verdict.tell(f"naive: {plain}")
    verdict.expect(plain.lost or plain.twice, "the naive stack lost nothing: nothing is proved")
    with with_redis(systems.mask()) as (at, hand):
        talk, during, after, begun = through_outage(at, hand, outage_s)
        is_settled = talk.settle(quiet_s=60, timeout_s=120, after_s=3)
        tally = talk.tally()
        told = alerts(at)
        waits, back = talk.waits_of(during), back_after(begun, talk.waits_of(after))
    judge(verdict, [w for w in waits if w is not None], back, told=told)
    verdict.tell(f"ours:  {tally}")
    verdict.expect(is_settled and tally.is_clean, f"over an outage of {outage_s} s: {tally}")
    return verdict


def judge(verdict: Verdict, waits: list[float], back: float | None, *, told: list[str]) -> None:
    """What the outage did to those who wrote during it, and after it."""
    worst = max(waits, default=0.0)
    middle = sorted(waits)[len(waits) // 2] if waits else 0.0
    again = "never" if back is None else f"{back:.1f} s after its return"
    verdict.tell(
        f"ours:  without Redis half the turns took {middle:.2f} s, the slowest {worst:.1f}"
    )
    verdict.tell(
        f"ours:  fast again (under {FAST_S} s, {IN_A_ROW} in a row) {again}; alerts {told}"
    )
    verdict.expect(back is not None and back <= BOUND_S, f"fast again: {again}")
    is_due = worst > TELL_AFTER_S
    verdict.expect(
        len(told) <= 1 and (is_due or not told),
        f"{len(told)} alerts though the slowest turn waited {worst:.1f} s: {told}",
    )


def through_outage(
    at: Stand, hand: RedisHand, outage_s: float
) -> tuple[Talk, list[int], list[int], list[float]]:
    """Speak before, during and after; the messages of during and after, and when those after
    were said (seconds since the return)."""
    talk = Talk(at.simulator, CHATS)
    talk.wait([talk.say() for _ in range(3)], 30)
    hand.stop()
    during = [number for number, _ in speak(talk, outage_s)]
    hand.start()
    after = list(speak(talk, AFTER_S))
    return talk, during, [number for number, _ in after], [since for _, since in after]


def speak(talk: Talk, seconds: float) -> Iterator[tuple[int, float]]:
    """Messages at an easy pace, each with the seconds since the first."""
    begun = time.monotonic()
    while (since := time.monotonic() - begun) < seconds:
        yield talk.say(), since
        talk.look()
        time.sleep(PAUSE_S)


def alerts(at: Stand) -> list[str]:
    """What the owner was told in their own chat, where nobody had asked anything."""
    return [message["text"] for message in at.simulator.messages(OWNER) if message["from"] == "bot"]
