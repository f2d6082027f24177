"""Forty-five hours of talk, far beyond any window: is what was said once still known when asked?

A thousand turns in three languages. Fifty of them state a thing once, early or late; others speak
of the same things without saying the value; the rest is about something else. Then each is asked
for, in its thread and in a new one: the value has to stand in the prompt. A memory that keeps the
last messages (the same thread, window and budget, but nothing else) stands beside it.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence

from core.memory.context_gathering import Contexts
from core.memory.measure import tokens_of
from core.memory.model import Role
from ops.proofs.rig.memory_long_texts import Told, fifty
from ops.proofs.rig.memory_talk import WINDOW, Talk, talk
from ops.proofs.rig.memory_texts import Maker
from ops.proofs.rig.report import Dose, Verdict

TURNS, HOURS = 1000, 45
#: How often a thing is spoken of without its value.
AROUND = 3
#: Sentences of a turn about something else.
LINES = 4
#: A bounded memory that knows this share or more proves nothing.
BASELINE_BELOW = 0.5
SEED = 45


def prove(dose: Dose) -> Verdict:
    verdict = Verdict("long")
    turns, dice = dose.of(TURNS, least=300), random.Random(SEED)  # noqa: S311 - invented talk
    with talk() as ours:
        told = fifty(dice)
        begun = time.monotonic()
        size = _speak(ours, told, turns, dice)
        hours = HOURS * turns / TURNS
        verdict.tell(
            f"{turns} turns in {hours:.1f} h, {size} tokens, {size / WINDOW:.0f} windows of"
            f" {WINDOW}; written in {time.monotonic() - begun:.0f} s"
        )
        bounded = Contexts()
        known = [_is_known(ours, each, bounded)[0] for each in told]
        verdict.tell(f"naive (last messages alone): {sum(known)} of {len(told)} known")
        verdict.expect(
            sum(known) < BASELINE_BELOW * len(told), "the baseline knows them: nothing is proven"
        )
        for where in ("in its thread", "in a new thread"):
            found = [_is_known(ours, each, ours.contexts) for each in told]
            lost = [
                each.said for each, (is_known, _) in zip(told, found, strict=True) if not is_known
            ]
            times = sorted(took for _, took in found)
            verdict.tell(
                f"ours, asked {where}: {len(told) - len(lost)} of {len(told)}; a prompt takes"
                f" {statistics.median(times):.1f} ms, {times[int(len(times) * 0.95)]:.1f} at p95"
            )
            verdict.expect(not lost, f"asked {where}, forgotten: {lost}")
            ours.anew()
    return verdict


def _speak(ours: Talk, told: Sequence[Told], turns: int, dice: random.Random) -> int:
    """All turns; how many tokens that is. What matters is spread over them evenly."""
    lines: list[str] = [each.said for each in told]
    lines += [dice.choice(each.around) for each in told for _ in range(AROUND)]
    maker = Maker(SEED)
    for _ in range(turns - len(lines)):
        lines.append(". ".join(each.text for each in maker.items(LINES)))
    dice.shuffle(lines)
    size = 0
    for line in lines:
        answer = f"I see. {line[: dice.randrange(20)]} ... noted, and I am glad to hear it."
        if any(each.value in line for each in told):
            answer = "I see."  # the value is said once, by the owner
        ours.say(line)
        ours.say(answer, Role.ASSISTANT)
        ours.memory.clock.advance(HOURS * 3600 / TURNS)
        size += tokens_of(line) + tokens_of(answer)
    return size


def _is_known(ours: Talk, each: Told, contexts: Contexts) -> tuple[bool, float]:
    """Does the prompt of the question hold the value? And how long it took, in milliseconds."""
    said = ours.say(each.asked)
    begun = time.perf_counter()
    request = ours.asked(said, contexts)
    took = (time.perf_counter() - begun) * 1000
    return any(each.value in message.content for message in request.messages), took
