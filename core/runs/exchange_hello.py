"""What nodes and home tell each other beside work: joining, hellos' chain heads, new grant keys.

A `join` comes from a machine that is not known yet; a hello may carry the head of its sender's
audit chain and what it has noted of home's; `heads` answers it with home's; `grant-keys` brings
the public keys that permissions may be signed with from now on. Shapes only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import ConfigDict, Field

from core.db import Transaction
from core.runs.exchange_bodies import STRICT, Digest

JOIN = "join"
HEADS = "heads"
GRANT_KEYS = "grant-keys"
#: Home's word to a machine that asked to join and may not.
JOIN_REFUSED = "join-refused"

Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
#: A word about a machine that is shown on a card.
Fact = Annotated[str, Field(max_length=64)]


@dataclass(frozen=True)
class Join:
    """A machine wants to be the node of an invitation. `mac` is over everything else here and
    both sides' keys, under the invitation's secret."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    invitation: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    sign: Key
    seal: Key
    boot: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
    place: Literal["mine", "rented"]
    system: Fact
    machine: Fact
    mac: Digest


@dataclass(frozen=True)
class ChainHead:
    """The newest row of an audit chain."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    seq: Annotated[int, Field(ge=0, lt=2**53)]
    hash: Digest


@dataclass(frozen=True)
class HelloHeads:
    """The part of a hello that is about chains, the sender's own and what it has of home's, and
    the newest key that it takes grants from."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    audit: ChainHead | None = None
    noted: ChainHead | None = None
    key: Key | None = None


@dataclass(frozen=True)
class GrantKeyNews:
    """Every change of the grant key that home knows, oldest first, each signed by the key before
    it: a node follows those that it has not followed yet."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rotations: Annotated[list[dict[str, Any]], Field(max_length=100)]


class Chains(Protocol):
    """The audit chain of this place, and what it knows of others'; wired from `core.approvals`."""

    def head(self, tx: Transaction) -> ChainHead | None: ...

    def noted(self, tx: Transaction, place: str) -> ChainHead | None:
        """The newest head of that place that was noted here."""

    def note(self, tx: Transaction, place: str, head: ChainHead) -> None: ...

    def reported(self, tx: Transaction, place: str, head: ChainHead) -> None:
        """At home: `place` has noted `head` of home's own chain."""


class KeyNews(Protocol):
    """The grant keys of this place; wired from `core.approvals`."""

    def current(self, tx: Transaction) -> str | None:
        """The newest key that counts here."""

    def rotations(self, tx: Transaction) -> list[dict[str, Any]]:
        """At home: every change, oldest first."""

    def take(self, tx: Transaction, rotation: dict[str, Any]) -> bool:
        """At a node: follow one; False when it was followed before. Refused."""


def standing(
    tx: Transaction, chains: Chains | None, keys: KeyNews | None, other: str
) -> dict[str, Any]:
    """What a hello to `other` carries beside presence."""
    found: dict[str, Any] = {}
    if chains is not None:
        heads = {"audit": chains.head(tx), "noted": chains.noted(tx, other)}
        found |= {name: dict(vars(head)) for name, head in heads.items() if head is not None}
    key = keys.current(tx) if keys is not None else None
    return found if key is None else {**found, "key": key}
