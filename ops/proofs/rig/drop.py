"""The silent drop between worker and Redis: working again within 20 s, by itself.

Once a second a message is said; the answer's time is the emulator's. Two moments are measured
after the connections have become holes: the longest wait for an answer, and when the way through
Redis works again (our sweeper answers without it meanwhile): the first of `IN_A_ROW` answers that
come faster than a sweep can bring them.
"""

from __future__ import annotations

import itertools
import time
from typing import Self

from ops.programs import Program
from ops.proofs.rig import systems
from ops.proofs.rig.proxy import SilentProxy
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.stand import Site, Stand, System, stand
from ops.proofs.rig.talk import Talk

#: The law's bound, and how long the naive stack is watched.
BOUND_S, WATCH_S, LEAST_WATCH_S = 20.0, 120.0, 30.0
FAST_S, IN_A_ROW = 0.5, 3
PAUSE_S = 0.5
CHATS = 20


def prove(dose: Dose) -> Verdict:
    """Both stacks behind the same kind of proxy."""
    verdict = Verdict("drop")
    watch_s = dose.of(WATCH_S, least=LEAST_WATCH_S)
    answered, said = naive(watch_s)
    verdict.tell(f"naive: {answered} of {said} messages answered in {watch_s:.0f} s after the drop")
    verdict.expect(answered < said / 2, "the naive worker did not hang: the proof proves nothing")
    with Proxied() as through, stand(through.system(ours=True)) as at:
        talk, numbers, begun = during_silence(at, through, watch_s)
        is_settled = talk.settle(quiet_s=60, timeout_s=120, after_s=3)
        tally, waits = talk.tally(), talk.waits_of(numbers)
    worst = max((wait for _, wait in zip(begun, waits, strict=True) if wait is not None), default=0)
    back = back_after(begun, waits)
    verdict.tell(
        f"ours:  {tally}; longest wait {worst:.1f} s; "
        f"through Redis again after {'never' if back is None else f'{back:.1f} s'}"
    )
    verdict.expect(is_settled and tally.is_clean, f"after a silent drop: {tally}")
    verdict.expect(worst <= BOUND_S, f"an answer took {worst:.1f} s, more than {BOUND_S:.0f}")
    verdict.expect(
        back is not None and back <= BOUND_S,
        f"the way through Redis works again after {back} s, not within {BOUND_S:.0f}",
    )
    return verdict


class Proxied:
    """A proxy that is made when the stand knows where its Redis listens."""

    def __init__(self) -> None:
        self.proxy: SilentProxy | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.proxy is not None:
            self.proxy.__exit__(None, None, None)

    def system(self, *, ours: bool) -> System:
        def named(site: Site) -> list[Program]:
            self.proxy = SilentProxy(site.redis.port).__enter__()
            url = f"redis://:{site.redis.password}@127.0.0.1:{self.proxy.port}/0"
            made = systems.mask(worker_redis=url) if ours else systems.naive(redis_url=url)
            return made(site)

        return named

    def swallow(self) -> int:
        assert self.proxy is not None, "the stand has been opened"
        return self.proxy.swallow()


def naive(watch_s: float) -> tuple[int, int]:
    """Answered, and said, of what was said after the drop."""
    with Proxied() as through, stand(through.system(ours=False)) as at:
        talk, numbers, _ = during_silence(at, through, watch_s)
        waits = talk.waits_of(numbers)
    return sum(wait is not None for wait in waits), len(numbers)


def during_silence(
    at: Stand, through: Proxied, watch_s: float
) -> tuple[Talk, list[int], list[float]]:
    """Warm up, swallow, speak for `watch_s`; the messages after that, and when each was said."""
    talk = Talk(at.simulator, CHATS)
    talk.wait([talk.say() for _ in range(3)], 30)
    time.sleep(2.0)  # connections come to rest, as in an idle evening
    assert through.swallow() > 0, "the worker goes through the proxy"
    dropped = time.monotonic()
    numbers: list[int] = []
    begun: list[float] = []
    while (since := time.monotonic() - dropped) < watch_s:
        begun.append(since)
        numbers.append(talk.say())
        talk.look()
        time.sleep(PAUSE_S)
    return talk, numbers, begun


def back_after(begun: list[float], waits: list[float | None]) -> float | None:
    """Seconds after the drop at which the first of several fast answers in a row was asked."""
    fast = [wait is not None and wait < FAST_S for wait in waits]
    for at, (since, run) in enumerate(zip(begun, itertools.count(), strict=False)):
        if run <= len(fast) - IN_A_ROW and all(fast[at : at + IN_A_ROW]):
            return since
    return None
