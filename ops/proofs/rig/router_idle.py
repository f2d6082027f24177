"""A day in which nobody asks costs nothing: no chat, no token.

One question first, so that all is open: it is the control, since it must cost.
"""

from __future__ import annotations

from core.clock import ManualClock
from ops.emulator.models.lab_client import lab_process
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_ceiling import ASK, paid
from ops.proofs.rig.router_speed import healthy
from ops.proofs.rig.router_system import Given, system

IDLE_HOURS = 24


def prove(_dose: Dose) -> Verdict:
    """Every minute of the day, on a clock of its own."""
    verdict = Verdict("idle")
    clock = ManualClock()
    fakes = [paid(fake) for fake in healthy(4)]
    with lab_process(fakes) as lab, system(lab, Given(clock=clock)) as ours:
        ours.ask(ASK)
        before, owed = len(lab.calls()), lab.owed()
        verdict.tell(f"control: one question, {before} chats, {owed} micros")
        verdict.expect(owed, "the one question cost nothing: the harness proves nothing")
        for _minute in range(IDLE_HOURS * 60):
            clock.advance(60.0)
            ours.tick()
        calls, spent = len(lab.calls()) - before, lab.owed() - owed
    verdict.tell(f"{IDLE_HOURS} idle hours: {calls} chats, {spent} micros")
    verdict.expect(not calls, f"{calls} chats in idle hours")
    verdict.expect(not spent, f"{spent} micros in idle hours")
    return verdict
