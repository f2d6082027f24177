"""A stolen broker is powerless: 10,000 moves of an attacker who may write everything in Redis.

The naive worker (a plain task with JSON arguments) runs the first command that is pushed, and its
content is read in passing. Then home with a node beside it, at work while the attack goes on. It
holds when no command ran, nothing that passed can be read, no run was asked for by anybody but the
owner, the owner was told, and work goes on by itself when the attacker is gone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
import sqlalchemy as sa

from bot.render.translate import LANGUAGES, translator
from core.db import Database
from ops.proofs.naive import hands as naive_hands
from ops.proofs.rig import systems
from ops.proofs.rig.broker_moves import Thief
from ops.proofs.rig.report import Dose, Verdict, table
from ops.proofs.rig.stand import LOOK_S, Stand, StandBroken, stand
from ops.proofs.rig.talk import Talk

#: Moves at the full dose, and between two messages of the owner.
MOVES, BETWEEN = 10_000, 200
#: Seconds between two moves: the system must work in between, or it is only a flood.
PAUSE_S = 0.008
#: Messages of the owner before the attack, and seconds for each answer then.
WARM, WARM_S = 3, 60.0
#: Seconds for what was said during the attack, and for the first answer after it.
AFTER_S = 180.0
#: What the owner says; the canary is in every message and never may be read.
CANARY = "canary-7f3a"
ALERT = "alert:broker:broker-tampered"


@dataclass(frozen=True)
class Books:
    """What the databases say afterwards."""

    steps_at_node: int  # orders in the node's inbox
    foreign_steps: int  # of runs that home never had
    admitted: int  # grants used at the node
    machines: int  # names that home trusts
    told: int  # cards of the alert that came as new messages


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """The naive worker first, then ours."""
    verdict = Verdict("broker")
    naive_falls(verdict)
    moves = dose.of(MOVES, least=200)
    with stand(systems.mask_with_node()) as at:
        attack(at, verdict, moves, seed)
    return verdict


def naive_falls(verdict: Verdict) -> None:
    """One pushed message, and it has run."""
    with stand(naive_hands.system, is_started=False) as at:
        at.start()
        marker = at.site.home / "owned"
        thief = Thief(at.site.redis.url, 1, str(marker))
        client = redis.Redis.from_url(at.site.redis.url)
        argv = ["/bin/sh", "-c", f"echo {CANARY} > {marker}"]
        client.lpush("celery", thief.message("run", [argv, "/"]))
        appeared = _appears(marker)
        read = any("run" in each for each in thief.watcher.seen)
        thief.close()
        client.close()
    verdict.tell(f"naive: a pushed command {'ran' if appeared else 'did not run'}")
    verdict.expect(appeared and read, "the naive worker resisted: the harness proves nothing")


def attack(at: Stand, verdict: Verdict, moves: int, seed: int) -> None:
    """Warm up, attack while the owner goes on speaking, then look at everything."""
    marker = at.site.home / "owned"
    talk = Talk(at.simulator, 5, told=systems.NODE_TOLD)
    words = f"{systems.ASK_NODE} {CANARY}"
    thief = Thief(at.site.redis.url, seed, str(marker))
    for _ in range(WARM):
        if not talk.wait([talk.say(words)], WARM_S):
            raise StandBroken(f"no answer before the attack\n{at.said()}")
    before = {name: at.pid(name) for name in at.names}
    begun = time.monotonic()
    for number in range(moves):
        thief.move()
        time.sleep(PAUSE_S)
        if number % BETWEEN == BETWEEN // 2:
            talk.say(words)
    took = time.monotonic() - begun
    passed = thief.watcher.seen
    thief.close()
    gone = time.monotonic()
    first = talk.wait([talk.say(words)], AFTER_S)
    resumed = time.monotonic() - gone
    talk.settle(quiet_s=AFTER_S, timeout_s=2 * AFTER_S, after_s=2.0)
    restarts = sum(at.pid(name) != pid for name, pid in before.items())
    told = _waits_for_alert(at)
    books = read_books(at)
    tell(verdict, thief, moves, took, resumed, restarts, books, talk)
    judge(verdict, at, marker, passed, books)
    verdict.expect(first, "no answer after the attacker was gone: service did not resume")
    verdict.expect(told, "the owner was not told in the chat")
    verdict.expect(talk.tally().is_clean or not talk.tally().lost, f"messages lost: {talk.tally()}")


def tell(
    verdict: Verdict,
    thief: Thief,
    moves: int,
    took: float,
    resumed: float,
    restarts: int,
    books: Books,
    talk: Talk,
) -> None:
    """The figures."""
    verdict.tell(
        f"{moves} moves in {took:.0f} s; {thief.watcher.bytes // 1024} KiB passed and read"
    )
    for line in table([("move", "times"), *sorted(thief.counts.items())]):
        verdict.tell(line)
    verdict.tell(f"resumed after {resumed:.1f} s; processes restarted: {restarts}")
    verdict.tell(f"{books}; {talk.tally()}")


def judge(verdict: Verdict, at: Stand, marker: Path, passed: list[str], books: Books) -> None:
    """The law, in sentences."""
    verdict.expect(not marker.exists(), "a command of the attacker ran")
    everything = "\n".join(passed)
    secrets = [CANARY, "node.facts", systems.NODE_TOLD, *_secrets_of(at)]
    for secret in secrets:
        verdict.expect(secret not in everything, f"readable on the broker: {secret[:12]}...")
    verdict.expect(len(passed) > 100, "nothing passed: the eavesdropper proves nothing")
    verdict.expect(books.steps_at_node > 0, "no step reached the node: the proof proves nothing")
    verdict.expect(books.foreign_steps == 0, f"{books.foreign_steps} steps nobody asked for")
    verdict.expect(books.admitted == 0, f"{books.admitted} grants used that nobody gave")
    verdict.expect(books.machines == 1, f"{books.machines} machines trusted instead of one")
    verdict.expect(1 <= books.told <= 2, f"{books.told} alerts rang, not one")


def read_books(at: Stand) -> Books:
    """Both databases, as they are after the attack."""
    from core.approvals.tables import grant_uses
    from core.runs.tables import inbox, nodes, notices, runs

    count = sa.func.count()
    with _database(at.site.home, "memory.db") as home, home.read() as tx:
        known = set(tx.execute(sa.select(runs.c.id)).scalars())
        machines = tx.execute(sa.select(count).select_from(nodes)).scalar_one()
        rung = sa.select(notices.c.params).where(notices.c.key == ALERT)
        told = sum(bool(params.get("fresh")) for params in tx.execute(rung).scalars())
    with _database(at.site.home / systems.NODE, "node/node.db") as node, node.read() as tx:
        orders = sa.select(inbox.c.body).where(inbox.c.kind == "step")
        asked = [body["run_id"] for body in tx.execute(orders).scalars()]
        used = tx.execute(sa.select(count).select_from(grant_uses)).scalar_one()
    foreign = sum(run not in known for run in asked)
    return Books(len(asked), foreign, int(used), int(machines), told)


@contextmanager
def _database(home: Path, name: str) -> Iterator[Database]:
    from core import db, seal

    opened = db.open_sqlite(home / name, seal.open_master(home).database_key())
    try:
        yield opened
    finally:
        opened.close()


def _secrets_of(at: Stand) -> list[str]:
    """Words that a reader of the broker would like to have."""
    from core.approvals.tables import second_factor

    pairing = json.loads((at.site.home / systems.NODE / "node" / "pairing.json").read_text())
    with _database(at.site.home / systems.NODE, "node/node.db") as node, node.read() as tx:
        found = list(tx.execute(sa.select(second_factor.c.secret)).scalars())
    return [pairing["home_seal"], *found]


def _waits_for_alert(at: Stand) -> bool:
    """Was the owner told in the chat?"""
    words = [_beginning(language) for language in LANGUAGES]
    give_up = time.monotonic() + AFTER_S
    while time.monotonic() < give_up:
        for chat in at.simulator.chats():
            texts = (each.get("text") or "" for each in at.simulator.messages(int(chat["id"])))
            if any(word in text for text in texts for word in words):
                return True
        time.sleep(LOOK_S * 10)
    return False


def _beginning(language: str) -> str:
    """The alert's words up to its count."""
    return translator(language)("alert-broker-tampered", count=7).partition(":")[0]


def _appears(path: Path, seconds: float = 20.0) -> bool:
    give_up = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > give_up:
            return False
        time.sleep(LOOK_S)
    return True
