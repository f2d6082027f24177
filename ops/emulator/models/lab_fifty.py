"""Fifty endpoints by seed: eight dialects in the cloud and three machines of the owner's.

A third is healthy, a third stumbles now and then, a third is in trouble much of the time, and two
lose their key or model on the way. Quotas are of the size that free and paid accounts have, prices
are round figures in micro-dollars per million tokens; nothing here is a statement about a provider.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from ops.emulator.models.lab_script import Dialect, Fake, Quota, Spread, Trouble

#: How many of each; fifty in all.
MANY = {
    Dialect.GROQ: 8, Dialect.OPENAI: 6, Dialect.AZURE: 4, Dialect.ANTHROPIC: 4,
    Dialect.OPENROUTER: 7, Dialect.MISTRAL: 5, Dialect.GEMINI: 5, Dialect.PLAIN: 8,
    Dialect.OLLAMA: 3,
}  # fmt: skip
FREE = frozenset(
    {Dialect.GROQ, Dialect.OPENROUTER, Dialect.MISTRAL, Dialect.GEMINI, Dialect.OLLAMA}
)
#: Micro-dollars per million tokens, in and out.
PRICES = {
    Dialect.OPENAI: (400_000, 1_600_000), Dialect.AZURE: (500_000, 2_000_000),
    Dialect.ANTHROPIC: (3_000_000, 15_000_000), Dialect.PLAIN: (100_000, 300_000),
}  # fmt: skip
_PASSING = (
    Trouble.LIMITED, Trouble.LIMITED_SILENTLY, Trouble.CAPACITY, Trouble.BROKEN,
    Trouble.UNAVAILABLE, Trouble.CUT, Trouble.EMPTY, Trouble.SLOW, Trouble.HANG,
    Trouble.WRONG_JSON,
)  # fmt: skip
#: The chance of any trouble, per call: healthy, stumbling, in trouble; and of a machine of ours.
SHARES = (0.0, 0.04, 0.35)
OWN_SHARE = 0.02
_OWN_TROUBLES = (Trouble.UNAVAILABLE, Trouble.CUT, Trouble.EMPTY)
#: From which call on one endpoint has its key revoked, and another its model removed.
REVOKED_AT, REMOVED_AT = 12, 15


def fifty(seed: int) -> tuple[Fake, ...]:
    """The endpoints, in an order that mixes dialects and health."""
    dice = random.Random(f"fifty {seed}")  # noqa: S311 - reproducible, not secret
    made = [*_cloud(dice), *_own(dice)]
    dice.shuffle(made)
    return tuple(made)


def _cloud(dice: random.Random) -> Iterator[Fake]:
    position = 0
    for dialect, many in MANY.items():
        if dialect is Dialect.OLLAMA:
            continue
        for number in range(many):
            yield _one(dialect, number, SHARES[position % len(SHARES)], dice)
            position += 1


def _one(dialect: Dialect, number: int, share: float, dice: random.Random) -> Fake:
    name = f"{dialect}-{number + 1}"
    rpm = dice.choice((60, 120, 240)) if dialect in FREE else dice.choice((300, 600))
    prompt_price, completion_price = PRICES.get(dialect, (0, 0))
    fake = Fake(
        name=name,
        dialect=dialect,
        model=f"lab/{name}",
        keys=(f"lab-key-{name}",),
        organisation=f"org_{dialect}_{number % 2}" if dialect is Dialect.GROQ else f"org_{name}",
        prompt_price=prompt_price,
        completion_price=completion_price,
        quota=Quota(rpm=rpm, rpd=50_000, tpm=rpm * 2000, tpd=None),
        first_token=Spread("skewed", dice.choice((0.005, 0.01, 0.02)), sigma=0.6, most_s=0.2),
        per_piece=Spread("even", 0.001),
        troubles=_troubles(share, dice),
        slow_s=1.0,
        wait_s=dice.choice((3.0, 4.0, 6.0)),
    )
    lasting = {"groq-3": {REVOKED_AT: Trouble.REVOKED}, "plain-3": {REMOVED_AT: Trouble.REMOVED}}
    return replace(fake, at=lasting.get(name, {}))


def _troubles(share: float, dice: random.Random) -> dict[Trouble, float]:
    """The share split over all passing troubles by the dice."""
    if not share:
        return {}
    weights = [dice.uniform(0.2, 1.0) for _ in _PASSING]
    whole = sum(weights)
    return {kind: share * weight / whole for kind, weight in zip(_PASSING, weights, strict=True)}


def _own(dice: random.Random) -> Iterator[Fake]:
    """Machines of the owner's: no quota, no price, now and then a hiccup, short contexts."""
    for number in range(MANY[Dialect.OLLAMA]):
        yield Fake(
            name=f"own-{number + 1}",
            dialect=Dialect.OLLAMA,
            model=f"lab-own:{number + 1}b",
            is_mine=True,
            context=8192,
            cuts_silently=True,
            first_token=Spread("skewed", 0.02, sigma=0.6, most_s=0.2),
            per_piece=Spread("even", 0.001),
            troubles=dict.fromkeys(_OWN_TROUBLES, OWN_SHARE / len(_OWN_TROUBLES)),
            slow_s=dice.choice((0.5, 1.0)),
        )
