"""Mutated permissions and envelopes: none accepted; honest ones in every script: none refused.

Three plain functions with a dose: `mutated` (100,000 at the full dose), `honest` (10,000), and
`naive`, which shows that a check of the signature alone lets the same mutations through. No
process, no network; only `replayed` opens a database. `prove` runs all four.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.approvals import grants
from core.approvals.grants import Standing
from core.approvals.model import Grant
from core.approvals.tables import grant_uses
from core.db import canonical, open_sqlite
from core.errors import Refused
from core.runs import actions, envelopes
from core.runs.envelopes import Content, Head
from core.runs.model import Action
from core.seal import Context, Identity, verify
from ops.proofs.rig import forging
from ops.proofs.rig.forging import SIGNER
from ops.proofs.rig.report import Dose, Verdict

MUTATIONS, LEAST_MUTATIONS = 100_000, 2_000
HONEST, LEAST_HONEST = 10_000, 500
REPLAYS, LEAST_REPLAYS = 1_000, 50
#: Honest permissions that the mutations start from.
POOL = 200
#: Shares of what the mutations are made from.
OF_ENVELOPES = 0.3
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOME = Identity(b"h" * 32, b"H" * 32)
NODE = Identity(b"n" * 32, b"N" * 32)
OWNER = "telegram:42"
BOOT = "boot-7"
STANDING = Standing("pc", BOOT, 3, 2, OWNER, frozenset({SIGNER.public}))


@dataclass(frozen=True)
class Sent:
    """One honest permission on its way: the action, the signed grant, and its envelope."""

    action: Action
    grant: dict[str, Any]
    envelope: str


@dataclass
class Count:
    """How a dose went; `accepted` or `refused` say by what."""

    tried: int
    passed: Counter[str]
    seconds: float

    @property
    def total(self) -> int:
        return self.passed.total()


def prove(dose: Dose) -> Verdict:
    """The naive check first; then ours, which must refuse everything but the honest."""
    verdict = Verdict("grants")
    plain = naive(dose)
    verdict.tell(f"naive: {plain.total} of {plain.tried} accepted: {dict(plain.passed)}")
    verdict.expect(plain.total, "the naive check let nothing through: nothing is proved")
    ours = mutated(dose)
    verdict.tell(f"ours:  {ours.total} of {ours.tried} accepted ({ours.seconds:.0f} s)")
    verdict.expect(not ours.total, f"accepted: {dict(ours.passed)}")
    good = honest(dose)
    each_ms = 1000 * good.seconds / good.tried
    verdict.tell(f"ours:  {good.total} of {good.tried} honest ones refused ({each_ms:.2f} ms each)")
    verdict.expect(not good.total, f"refused: {dict(good.passed)}")
    again = replayed(dose)
    verdict.tell(f"ours:  {again.total} of {again.tried} replays accepted")
    verdict.expect(not again.total, "a grant counted twice")
    return verdict


def mutated(dose: Dose, *, seed: int = 1) -> Count:
    """Mutations against the real checks; `passed` counts by kind what was accepted."""
    return _attack(dose.of(MUTATIONS, least=LEAST_MUTATIONS), seed, ours)


def naive(dose: Dose, *, seed: int = 1) -> Count:
    """The same mutations against a check that looks at the signature only."""
    return _attack(dose.of(MUTATIONS / 20, least=LEAST_MUTATIONS), seed, signature_only)


def honest(dose: Dose, *, seed: int = 2) -> Count:
    """Spaces, Bengali, Arabic, Windows paths, through the envelope; `passed`: refused, by code."""
    dice, many = forging.dice(seed), dose.of(HONEST, least=LEAST_HONEST)
    refused: Counter[str] = Counter()
    begun = time.monotonic()
    for number in range(many):
        made = sent(dice, number)
        try:
            arrived(made.envelope, again(made.action))
        except Refused as error:
            refused[error.code] += 1
    return Count(many, refused, time.monotonic() - begun)


def replayed(dose: Dose, *, seed: int = 3) -> Count:
    """Each honest grant used twice, in a database; `passed` counts second uses."""
    dice, many = forging.dice(seed), dose.of(REPLAYS, least=LEAST_REPLAYS)
    twice: Counter[str] = Counter()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        db = open_sqlite(Path(folder) / "uses.db", bytes(48))
        try:
            grant_uses.create(db.engine)
            for number in range(many):
                made = sent(dice, number)
                grant = ours(made.grant, made.action, STANDING, NOW)
                with db.write() as tx:
                    grants.use_up(tx, grant, NOW)
                fresh = replace(grant, grant_id=f"{number:032x}")  # a later one, same approval
                try:
                    with db.write() as tx:
                        grants.use_up(tx, fresh, NOW)
                    twice["replay"] += 1
                except Refused:
                    continue
        finally:
            db.close()
    return Count(many, twice, time.monotonic() - begun)


# -- the checks


def ours(body: Any, action: Action, at: Standing, now: datetime) -> Grant:
    """As the guard of a place does: the digest of what is about to run, computed there."""
    approval_id = body.get("approval_id") if type(body) is dict else ""
    digest = actions.digest_of(action.canonical)
    return grants.check(body, at, str(approval_id), digest, now)


def signature_only(body: Any, _action: Action, _at: Standing, _now: datetime) -> Grant:
    """What goes wrong elsewhere: a right signature is taken for a right permission."""
    if type(body) is not dict or type(body.get("sig")) is not str:
        raise Refused("grant-shape")
    rest = {name: value for name, value in body.items() if name != "sig"}
    try:
        signature = bytes.fromhex(body["sig"])
    except ValueError:
        raise Refused("grant-shape") from None
    verify(SIGNER.public, Context.GRANT, canonical(rest).encode(), signature)
    return Grant(**rest)


def arrived(envelope: str | bytes, action: Action, now: datetime = NOW) -> Grant:
    """A node receives an envelope and checks the permission in it."""
    found = envelopes.parse(envelope)
    envelopes.check_signature(found, HOME.public.sign)
    envelopes.check_receiver(found.head, "pc")
    if found.head.boot != BOOT or found.head.incarnation < STANDING.incarnation:
        raise Refused("envelope-boot")
    envelopes.check_time(found.head, now)
    body = envelopes.open_body(found, NODE).body
    return ours(body.get("grant"), action, STANDING, now)


# -- how they are made, and broken


def sent(dice: random.Random, number: int) -> Sent:
    """An honest permission, and the envelope that brings it."""
    fields = forging.command(dice)
    action = actions.make("cmd", "pc", undo="none", preview={}, **fields)
    grant = Grant(
        v=1,
        grant_id=f"{dice.getrandbits(128):032x}",
        approval_id=f"{dice.getrandbits(128):032x}",
        node="pc",
        boot=BOOT,
        incarnation=3,
        epoch=2,
        action=action.digest,
        approver=OWNER,
        iat=int(NOW.timestamp()) - dice.randrange(0, 200),
        exp=int(NOW.timestamp()) + dice.randrange(1, 100),
        policy="policy:cmd",
        key=SIGNER.public,
    )
    signed = grants.write(grant, SIGNER)
    head = Head(f"{number:032x}", "home", "pc", "step", BOOT, 3, 0, 0)
    content = Content({"name": "command.run", "grant": json.loads(canonical(signed))})
    text = envelopes.write(envelopes.issued(head, NOW), content, HOME, NODE.public.seal)
    return Sent(action, signed, text)


def again(action: Action) -> Action:
    """The action as the place prepares it a second time, from its fields."""
    fields = actions.read(action.canonical)
    rest = {name: fields[name] for name in fields if name not in {"v", "kind", "place", "undo"}}
    return actions.make(fields["kind"], fields["place"], undo=fields["undo"], preview={}, **rest)


def _attack(many: int, seed: int, check: Any) -> Count:
    """Mutations in equal shares; what the honest pool itself passes is checked first."""
    dice = forging.dice(seed)
    pool = [sent(dice, number) for number in range(POOL)]
    for made in pool:
        check(made.grant, made.action, STANDING, NOW)
    passed: Counter[str] = Counter()
    begun = time.monotonic()
    for _ in range(many):
        first, second = dice.sample(pool, 2)
        if dice.random() < OF_ENVELOPES:
            kind, is_accepted = _envelope_attack(dice, first, second)
        else:
            kind, is_accepted = _grant_attack(dice, first, second, check)
        passed[kind] += is_accepted
    return Count(many, +passed, time.monotonic() - begun)


def _grant_attack(dice: random.Random, first: Sent, second: Sent, check: Any) -> tuple[str, bool]:
    """One forged permission, or an honest one in the wrong place."""
    forged = forging.forge(dice, first.grant, second.grant)
    action, at, now = first.action, STANDING, NOW
    if forged.kind == "other-action":
        text = forging.other_text(dice, first.action.canonical)
        action = Action(text, actions.digest_of(text))
    elif forged.kind == "other-place":
        at = dice.choice(
            (
                replace(at, place="laptop"),
                replace(at, boot="boot-8"),
                replace(at, incarnation=4),
                replace(at, epoch=3),
                replace(at, owner="telegram:43"),
                replace(at, keys=frozenset({forging.THIEF.public})),
            )
        )
    elif forged.kind == "other-time":
        now = NOW + timedelta(seconds=dice.choice((-5000, -321, 101, 301, 86_400)))
    try:
        check(forged.body, action, at, now)
    except Refused:
        return forged.kind, False
    return forged.kind, True


def _envelope_attack(dice: random.Random, first: Sent, second: Sent) -> tuple[str, bool]:
    """Changed bytes of an envelope, parts of two put together, one at the wrong time."""
    kind, raw = forging.forge_envelope(dice, first.envelope, second.envelope)
    try:
        arrived(raw, first.action)
    except Refused:
        return kind, False
    return kind, True
