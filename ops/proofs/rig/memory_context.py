"""A turn's context over a million memories: how long it takes, that it stands still, what it hides.

The memory holds records, a tenth of them private with a canary in them, two hundred standing facts,
and a thread of four hundred messages. Each question is a whole message; its context is built in one
read transaction, the query included. What counts is the time that the processor worked for it, the
shortest of TRIES: what else the machine does is told beside it, as time on the wall.

Beside it stands the way without labels: the same candidates for a reader who may read everything,
which must show canaries, or the harness hides nothing.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence

from core.conversation.steps import shares
from core.memory.context_model import Built, Place
from core.memory.model import Role, StoredMessage
from core.memory.record_model import Category, NewRecord, Source
from core.runs.model import Label
from ops.proofs.rig.memory_room import ACTOR
from ops.proofs.rig.memory_talk import WINDOW, Talk, talk
from ops.proofs.rig.memory_texts import Made, Maker
from ops.proofs.rig.report import Dose, Verdict

FULL = 1_000_000
TRIES = 3
QUESTIONS, STANDING, MESSAGES = 200, 200, 400
PORTION = 1000
#: One memory in so many is private.
PRIVATE = 10
CANARY = "canaryword"
#: What a context may take at the 95th percentile, in milliseconds.
MOST_MS = 30.0
PEOPLE, PLACES, SEED = 3000, 2000, 11
BUDGET = shares(WINDOW - 2048)


def prove(dose: Dose) -> Verdict:
    verdict = Verdict("context")
    count, dice = dose.of(FULL, least=10_000), random.Random(SEED)  # noqa: S311 - invented texts
    maker = Maker(SEED, PEOPLE, PLACES)
    with talk() as ours:
        begun = time.monotonic()
        known = _fill(ours, maker, dice, count)
        _around(ours, maker)
        verdict.tell(f"{count} memories, {time.monotonic() - begun:.0f} s to get there")
        asked = [_ask(ours, dice, known) for _ in range(QUESTIONS)]
        for said in asked[:10]:
            _built(ours, said, Label.OPEN)
        _is_blind(verdict, ours, asked)
        _is_quick(verdict, ours, asked)
        _stands_still(verdict, ours, asked)
    return verdict


def _fill(ours: Talk, maker: Maker, dice: random.Random, count: int) -> list[Made]:
    """Records; those that are asked for."""
    known: list[Made] = []
    for start in range(0, count, PORTION):
        with ours.memory.db.write() as tx:
            for number in range(start, min(start + PORTION, count)):
                made = maker.items(3)[: dice.randrange(1, 4)]
                text = ". ".join(each.text for each in made)
                is_private = number % PRIVATE == 0
                if is_private:
                    text = f"{text} {CANARY}"
                label = Label.PRIVATE if is_private else Label.OPEN
                ours.memory.remember(tx, text, label=label)
                if number % max(count // QUESTIONS, 1) == 0:
                    known.append(made[0])
    return known


def _around(ours: Talk, maker: Maker) -> None:
    """Standing facts, and the thread that is talked in."""
    texts = [each.text for each in maker.items(STANDING + MESSAGES)]
    with ours.memory.db.write() as tx:
        for number, text in enumerate(texts[:STANDING]):
            is_private = number % PRIVATE == 0
            new = NewRecord(
                Category.FACT,
                f"{text} {CANARY}" if is_private else text,
                Label.PRIVATE if is_private else Label.OPEN,
                Source.OWNER,
            )
            ours.memory.records.remember(tx, new, ACTOR)
    for number, text in enumerate(texts[STANDING:]):
        is_private = number % PRIVATE == 0
        ours.say(
            f"{text} {CANARY}" if is_private else text,
            Role.ASSISTANT if number % 2 else Role.OWNER,
            Label.PRIVATE if is_private else Label.OPEN,
        )


def _ask(ours: Talk, dice: random.Random, known: Sequence[Made]) -> StoredMessage:
    """A message that asks for one of the memories, in its words."""
    item = dice.choice(known)
    words = dict.fromkeys(item.lemmas.values())
    return ours.say("What did I say about " + " ".join(words) + "?")


def _built(ours: Talk, said: StoredMessage, reader: Label) -> Built:
    with ours.memory.db.read() as tx:
        return ours.contexts.built(tx, said.thread_id, reader, BUDGET, upto=said.id)


def _is_blind(verdict: Verdict, ours: Talk, asked: Sequence[StoredMessage]) -> None:
    shown, leaked, places = 0, 0, set[Place]()
    for said in asked:
        for item in _built(ours, said, Label.PRIVATE).items:
            if CANARY in item.text:
                shown += 1
                places.add(item.place)
        leaked += sum(CANARY in item.text for item in _built(ours, said, Label.OPEN).items)
    told = ", ".join(sorted(place.name.lower() for place in places))
    verdict.tell(
        f"naive (without labels): {shown} canaries in {len(asked)} prompts ({told}); ours: {leaked}"
    )
    verdict.expect(len(places) >= 3, "the way without labels shows too little: nothing is proven")
    verdict.expect(not leaked, f"{leaked} private texts in open prompts")


def _is_quick(verdict: Verdict, ours: Talk, asked: Sequence[StoredMessage]) -> None:
    times, walls, sizes, called_up = [], [], [], 0
    for said in asked:
        tries = []
        for _ in range(TRIES):
            wall, begun = time.perf_counter(), time.thread_time()
            built = _built(ours, said, Label.OPEN)
            tries.append((time.thread_time() - begun, time.perf_counter() - wall))
        times.append(min(tries)[0] * 1000)
        walls.append(min(took for _, took in tries) * 1000)
        sizes.append(sum(item.tokens for item in built.items))
        called_up += any(item.place is Place.MATTERS for item in built.items)
    p95 = _p95(times)
    verdict.tell(
        f"context p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms; on the wall"
        f" {statistics.median(walls):.1f} and {_p95(walls):.1f}; {max(sizes)} tokens at most of"
        f" {BUDGET.total}; {called_up} of {len(asked)} called something up"
    )
    verdict.expect(p95 < MOST_MS, f"a context takes {p95:.0f} ms")
    verdict.expect(max(sizes) <= BUDGET.total, "a context is larger than its budget")
    verdict.expect(called_up > len(asked) // 2, "too little was called up: the time means nothing")


def _stands_still(verdict: Verdict, ours: Talk, asked: Sequence[StoredMessage]) -> None:
    """Building twice gives the same, and whatever is asked, the prompt begins the same."""
    once = [_built(ours, said, Label.OPEN) for said in asked]
    again = [_built(ours, said, Label.OPEN) for said in asked]
    beginnings = {
        tuple(item.text for item in each.items if item.place is Place.STANDING) for each in once
    }
    verdict.tell(f"{len(asked)} prompts have {len(beginnings)} beginnings")
    verdict.expect(once == again, "the same question had two contexts")
    verdict.expect(len(beginnings) == 1, "what stands first changes with the question")


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
