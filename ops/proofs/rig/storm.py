"""A storm of 429: every third call is refused for 1 to 30 s, and every answer arrives, once."""

from __future__ import annotations

import time

from ops.proofs.rig import systems
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.stand import Stand, stand
from ops.proofs.rig.talk import Talk, Tally

MESSAGES, LEAST_MESSAGES = 150, 30
CHATS = 15
LONGEST_S, LEAST_LONGEST_S = 30, 2
EVERY = 3


def prove(dose: Dose) -> Verdict:
    """Both stacks in the same storm."""
    verdict = Verdict("storm")
    many = dose.of(MESSAGES, least=LEAST_MESSAGES)
    longest_s = dose.of(LONGEST_S, least=LEAST_LONGEST_S)
    with stand(systems.naive("echo")) as at:
        plain, refused = storm(at, many, longest_s, quiet_s=longest_s + 3.0)
    verdict.tell(f"naive: {plain}; {refused} calls refused for 1 to {longest_s} s")
    verdict.expect(plain.lost, "the naive bot lost nothing: nothing is proved")
    with stand(systems.mask()) as at:
        begun = time.monotonic()
        tally, refused = storm(at, many, longest_s, quiet_s=4 * longest_s + 60.0)
        took_s = time.monotonic() - begun
    verdict.tell(f"ours:  {tally}; {refused} calls refused; all over after {took_s:.0f} s")
    verdict.expect(tally.is_clean, f"in a storm of 429: {tally}")
    verdict.expect(not tally.marked, f"{tally.marked} answers marked as repeats without a reason")
    verdict.expect(refused, "no call was refused: there was no storm")
    return verdict


def storm(at: Stand, many: int, longest_s: int, *, quiet_s: float) -> tuple[Tally, int]:
    """Messages while every third call is refused; the count, and how many calls were refused."""
    talk = Talk(at.simulator, CHATS)
    talk.wait([talk.say()], 30)
    at.simulator.fault("retry_after", every=EVERY, min=1, max=longest_s)
    for _ in range(many):
        talk.say()
        time.sleep(0.02)
    talk.settle(quiet_s=quiet_s, timeout_s=30 * quiet_s, after_s=2.0)
    at.simulator.clear_faults()
    refused = sum(call.get("error_code") == 429 for call in at.simulator.calls())
    return talk.tally(), refused
