"""Grants: their exact bytes, and the checks before one lets anything run; pure but for `use_up`.

A grant is a JSON object with exactly the fields of `model.Grant` and `sig`: Ed25519, domain
separated (`Context.GRANT`), over the canonical JSON of all other fields. The order of the checks
is that of `reliability.md` 3.4: keys and types, signature by a key that counts now, place, boot,
incarnation, halt epoch, owner, time, digest of the action that is about to run, single use. The
single use is a row keyed by approval id, to be committed before anything starts.

Never decides whether a grant should exist: that is the owner's tap and the mint. Times are Unix
seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from core.approvals.model import GRANT_S, GRANT_SKEW_S, Grant
from core.approvals.tables import grant_uses
from core.db import Transaction, canonical, insert_or_ignore
from core.errors import Refused
from core.seal import Context, GrantSigner, verify

VERSION = 1
MOST_INT = 2**53
FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "grant_id": re.compile(r"[0-9a-f]{32}"),
        "approval_id": re.compile(r"[0-9a-f]{32}"),
        "node": re.compile(r"[a-z][a-z0-9-]{0,31}"),
        "boot": re.compile(r"[0-9A-Za-z_-]{1,64}"),
        "action": re.compile(r"[0-9a-f]{64}"),
        "approver": re.compile(r"telegram:[1-9][0-9]{0,19}"),
        "policy": re.compile(r"[a-z]{1,16}:[0-9A-Za-z_.-]{1,64}"),
        "key": re.compile(r"[0-9a-f]{64}"),
        "sig": re.compile(r"[0-9a-f]{128}"),
    }
)
NUMBERS = ("v", "incarnation", "epoch", "iat", "exp")
KEYS = frozenset(FORMS) | frozenset(NUMBERS)


@dataclass(frozen=True)
class Standing:
    """What a place knows when it checks a grant: itself, the owner, and the keys that count now.

    `boot` is the nonce of its process, at home `incarnation-<n>`; `incarnation` and `epoch` are
    the newest it has heard of; `owner` is `telegram:<id>`.
    """

    place: str
    boot: str
    incarnation: int
    epoch: int
    owner: str
    keys: frozenset[str]


def write(grant: Grant, signer: GrantSigner) -> dict[str, Any]:
    """The grant as it travels. Its `key` must be the signer's."""
    body = asdict(grant)
    return {**body, "sig": signer.sign(Context.GRANT, canonical(body).encode()).hex()}


def check(body: Any, at: Standing, approval_id: str, digest: str, now: datetime) -> Grant:
    """The grant, when it lets the action with `digest` run here and now, under this approval, if
    it was never used. Refused with a code of its own for each reason."""
    grant = _read(body)
    _check_signature(body, grant, at)
    _check_place(grant, at)
    if grant.approver != at.owner:
        raise Refused("grant-owner")
    _check_time(grant, now)
    if grant.action != digest:
        raise Refused("grant-digest", was=grant.action[:8], now=digest[:8])
    if grant.approval_id != approval_id:
        raise Refused("grant-approval")
    return grant


def use_up(tx: Transaction, grant: Grant, now: datetime) -> None:
    """Mark the approval as used at this place for ever. Refused(`grant-used`). Commit it before
    the start."""
    row = {
        "approval_id": grant.approval_id,
        "grant_id": grant.grant_id,
        "digest": grant.action,
        "used_at": now,
    }
    if not insert_or_ignore(tx, grant_uses, row):
        raise Refused("grant-used")


def is_used(tx: Transaction, grant: Grant) -> bool:
    """Did anything start here under this approval before?"""
    query = sa.select(grant_uses.c.grant_id).where(grant_uses.c.approval_id == grant.approval_id)
    return tx.execute(query).first() is not None


def is_wellformed(body: Any) -> bool:
    """Exactly the keys, types and forms of a grant."""
    return (
        type(body) is dict
        and body.keys() == KEYS
        and all(type(body[name]) is int and 0 <= body[name] < MOST_INT for name in NUMBERS)
        and all(type(body[name]) is str and FORMS[name].fullmatch(body[name]) for name in FORMS)
        and body["v"] == VERSION
    )


def _read(body: Any) -> Grant:
    if not is_wellformed(body):
        raise Refused("grant-shape")
    return Grant(**{field.name: body[field.name] for field in fields(Grant)})


def _check_signature(body: dict[str, Any], grant: Grant, at: Standing) -> None:
    if grant.key not in at.keys:
        raise Refused("grant-key")
    try:
        signed = canonical(asdict(grant)).encode()
        verify(grant.key, Context.GRANT, signed, bytes.fromhex(body["sig"]))
    except Refused:
        raise Refused("grant-signature") from None


def _check_place(grant: Grant, at: Standing) -> None:
    """A newer incarnation or epoch than this place has heard of is signed by home all the same."""
    if grant.node != at.place:
        raise Refused("grant-node", node=grant.node, here=at.place)
    if grant.boot != at.boot:
        raise Refused("grant-boot")
    if grant.incarnation < at.incarnation:
        raise Refused("grant-incarnation")
    if grant.epoch < at.epoch:
        raise Refused("grant-epoch")


def _check_time(grant: Grant, now: datetime) -> None:
    seconds = now.timestamp()
    if not 0 < grant.exp - grant.iat <= GRANT_S:
        raise Refused("grant-too-long", seconds=grant.exp - grant.iat, most=GRANT_S)
    if seconds < grant.iat - GRANT_SKEW_S:
        raise Refused("grant-early", seconds=int(grant.iat - seconds))
    if seconds > grant.exp:
        raise Refused("grant-expired", seconds=int(seconds - grant.exp))
