"""Pairing: how home and a node come to know each other's public keys.

Home makes a `Pairing` (its public keys, where Redis is, the node's name) and gives it to the owner
as one string; the node keeps it as a file and answers with its own `Card` (name and public keys),
which home registers. Nothing here is trusted because it arrived: the owner carries both by hand.
Public keys are no secret, the Redis URL with its password is: the file has mode 0600.
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.db import Transaction, canonical
from core.errors import Refused
from core.runs.exchange_nodes import HOME, NAME, Nodes
from core.seal import Identity

T = TypeVar("T")
PREFIX = "mask1-"
PAIRING_FILE = Path("node") / "pairing.json"
CARD_FILE = Path("node") / "card.json"


@dataclass(frozen=True)
class Pairing:
    """What a node must know of home. `place` says whether home is the owner's own machine."""

    name: str
    home_sign: str
    home_seal: str
    redis_url: str
    place: Literal["mine", "rented"]
    incarnation: int = 1

    def to_text(self) -> str:
        """One line to copy to the node."""
        packed = base64.urlsafe_b64encode(canonical(_plain(self)).encode()).decode()
        return PREFIX + packed.rstrip("=")


@dataclass(frozen=True)
class Card:
    """What home must know of a node."""

    name: str
    sign: str
    seal: str


def make_pairing(
    name: str,
    home: Identity,
    redis_url: str,
    *,
    place: Literal["mine", "rented"] = "mine",
    incarnation: int = 1,
) -> Pairing:
    """Home's part, for a node to be called `name`. Refused(`node-name`)."""
    if not NAME.fullmatch(name) or name == HOME:
        raise Refused("node-name", name=name)
    keys = home.public
    return Pairing(name, keys.sign, keys.seal, redis_url, place, incarnation)


def parse_pairing(text: str) -> Pairing:
    """A pairing line. Refused(`pairing-malformed`)."""
    packed = "".join(text.split()).removeprefix(PREFIX)
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        return _read(Pairing, raw)
    except ValueError:
        raise Refused("pairing-malformed") from None


def accept_pairing(home: Path, pairing: Pairing, node: Identity) -> Card:
    """The node's part: keep the pairing under MASK_HOME and write the card for home."""
    keys = node.public
    card = Card(pairing.name, keys.sign, keys.seal)
    _write(home / PAIRING_FILE, _plain(pairing))
    _write(home / CARD_FILE, _plain(card))
    return card


def kept_pairing(home: Path) -> Pairing:
    """The pairing of this node. Refused(`node-not-paired`, `pairing-malformed`)."""
    try:
        return _read(Pairing, (home / PAIRING_FILE).read_bytes())
    except FileNotFoundError:
        raise Refused("node-not-paired") from None


def read_card(path: Path) -> Card:
    """A node's card. Refused(`pairing-malformed`)."""
    return _read(Card, path.read_bytes())


def register_card(tx: Transaction, nodes: Nodes, card: Card, *, is_mine: bool) -> None:
    """Home trusts the node from now on."""
    nodes.register(tx, card.name, card.sign, card.seal, is_mine=is_mine)


def know_home(tx: Transaction, nodes: Nodes, pairing: Pairing) -> None:
    """The node's database learns the pairing; its newest known incarnation never goes down."""
    is_mine = pairing.place == "mine"
    nodes.register(tx, HOME, pairing.home_sign, pairing.home_seal, is_mine=is_mine)
    peer = nodes.peer(tx, HOME)
    if peer.incarnation < pairing.incarnation:
        nodes.note_incarnation(tx, peer, pairing.incarnation)


def _plain(data: Any) -> dict[str, Any]:
    return dict(vars(data))


def _read(kind: type[T], raw: bytes) -> T:
    try:
        return TypeAdapter(kind).validate_json(raw)
    except ValidationError:
        raise Refused("pairing-malformed") from None


def _write(path: Path, fields: dict[str, Any]) -> None:
    """Replace `path` in one move, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(canonical(fields))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
