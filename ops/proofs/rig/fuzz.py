"""Ten thousand mutated updates: no crash, good ones among them answered, poison buried alone.

Law 1: at the end no update is open; each is done, refused, set aside by a rule, or dead, and the
dead ones have told the owner in one card.
"""

from __future__ import annotations

import time

from ops.proofs.rig import books, systems
from ops.proofs.rig.mutations import mutated
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.stand import OWNER, Stand, stand
from ops.proofs.rig.talk import Talk, Tally

UPDATES, LEAST_UPDATES = 10_000, 500
#: One good message among so many bad ones: a batch holds up to a hundred.
GOOD_EVERY = 50
#: Chats in which the bad ones arrive; many, because answers are paced per chat.
CHATS = range(50_001, 50_401)
GOOD_CHATS = 20
#: Nothing new for so long, with messages open: they will not be answered any more.
NAIVE_QUIET_S, OUR_QUIET_S = 5.0, 120.0
DRAIN_S = 300.0


def prove(dose: Dose) -> Verdict:
    """Both stacks, the same updates."""
    verdict = Verdict("fuzz")
    many = dose.of(UPDATES, least=LEAST_UPDATES)
    with stand(systems.naive("echo")) as at:
        plain = pour(at, min(many, LEAST_UPDATES), NAIVE_QUIET_S)
    verdict.tell(f"naive: {plain} (among {min(many, LEAST_UPDATES)} mutated updates)")
    verdict.expect(plain.lost, "the naive bot answered all: nothing is proved")
    with stand(systems.mask()) as at:
        before = {name: at.pid(name) for name in at.names}
        tally = pour(at, many, OUR_QUIET_S)
        ends = drained(at)
        after = {name: at.pid(name) for name in at.names}
        judge_alerts(verdict, at)
        unclean = at.simulator.violations()
    verdict.tell(f"ours:  {tally} (among {many} mutated updates)")
    verdict.tell(f"ours:  ends of updates: {ends}")
    verdict.expect(tally.is_clean, f"good ones among mutated ones: {tally}")
    verdict.expect(before == after, f"a process ended: {before} became {after}")
    verdict.expect(not ends.get("new"), f"{ends.get('new')} updates are still open")
    verdict.expect(ends.get("dead"), "nothing was dead-lettered: the mutations are too tame")
    verdict.expect(not unclean, f"calls that Telegram does not know: {unclean[:3]}")
    return verdict


def pour(at: Stand, many: int, quiet_s: float) -> Tally:
    """Mutated updates with good messages among them; the count of the good ones."""
    for chat in CHATS:
        at.simulator.set_chat(chat)
    talk = Talk(at.simulator, GOOD_CHATS)
    talk.wait([talk.say()], 30)
    for number, update in enumerate(mutated(many, CHATS, OWNER)):
        at.simulator.raw_update(update)
        if number % GOOD_EVERY == GOOD_EVERY // 2:
            talk.say()
    talk.settle(quiet_s=quiet_s, timeout_s=20 * quiet_s, after_s=1.0)
    return talk.tally()


def drained(at: Stand) -> dict[str, int]:
    """How updates ended, once none is open."""
    give_up = time.monotonic() + DRAIN_S
    with books.books(at.site) as db:
        while (ends := books.ends_of_updates(db)).get("new") and time.monotonic() < give_up:
            time.sleep(0.2)
    return ends


def judge_alerts(verdict: Verdict, at: Stand) -> None:
    """The dead are told of in one card, edited as they become more."""
    with books.books(at.site) as db:
        keys = books.alert_keys(db)
    cards = [
        message
        for message in at.simulator.messages(OWNER, deleted=True)
        if message["from"] == "bot"
    ]
    verdict.tell(f"ours:  {len(cards)} messages to the owner; alerts and revisions: {keys}")
    dead = [key for key in keys if "update" in key]
    verdict.expect(len(dead) == 1, f"dead letters told under {dead}, not under one key")
    verdict.expect(len(cards) == len(keys), f"{len(keys)} alerts became {len(cards)} messages")
