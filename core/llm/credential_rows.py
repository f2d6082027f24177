"""How a service's key is kept: its row, its seal, what of it may be seen.

A sealed key opens for its own row and service only, so bytes moved to another row are nothing
there. The environment's keys have rows without a key, under an id that only this place can make
from the key: a new key in the environment is a new row, with nothing held against it.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.errors import Refused
from core.seal import Context, open_frame, seal_frame

READY, TRIAL, DEAD, REMOVED = "ready", "trial", "dead", "removed"
#: Before the id of a key that the environment has; an id has 32 letters at most.
FROM_ENVIRONMENT = "env-"
#: Letters of a key that are shown.
HINT = 4
#: Shortest and longest key, in characters; services give 30 to 200.
KEY_LENGTHS = range(8, 513)
#: The environment's keys stand before all others.
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
#: Why a key is dead that this place's master key does not open.
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Credential:
    """A key to be used now. `key` is never shown, journaled or logged."""

    id: str
    service: str
    key: str = field(repr=False)
    organisation: str | None = None


@dataclass(frozen=True)
class KeyInfo:
    """A key as the owner may see it."""

    id: str
    service: str
    hint: str
    state: str
    why: str | None = None
    organisation: str | None = None
    uses: int = 0
    used_at: datetime | None = None
    created_at: datetime = FIRST

    @property
    def from_environment(self) -> bool:
        return is_default(self.id)


def is_default(key_id: str) -> bool:
    """Whether the environment has this key."""
    return key_id.startswith(FROM_ENVIRONMENT)


def info_of(row: Any) -> KeyInfo:
    """A row without its secret."""
    return KeyInfo(
        id=row.id,
        service=row.provider,
        hint=row.hint,
        state=row.state,
        why=row.why,
        organisation=row.organisation,
        uses=row.uses,
        used_at=row.used_at,
        created_at=FIRST if is_default(row.id) else row.created_at,
    )


def checked(text: str) -> str:
    """A key as it came, without the blanks around it. Refused(`key-shape`): it is not one word of
    plain letters, digits and signs. The text itself is in no error."""
    if not is_like_a_key(text):
        raise Refused("key-shape")
    return text.strip()


def is_like_a_key(text: str) -> bool:
    """Whether a text is one word of plain letters, digits and signs, with blanks around it."""
    key = text.strip()
    return len(key) in KEY_LENGTHS and key.isascii() and key.isprintable() and " " not in key


def same(one: str, other: str) -> bool:
    """Whether two keys are the same, in a time that tells nothing of them."""
    return hmac.compare_digest(one.encode(), other.encode())


class KeyBox:
    """Seals keys and opens them, and remembers those that this process has opened."""

    def __init__(self, subkey: bytes, learn: Callable[[str], None]) -> None:
        self._subkey = subkey
        self._learn = learn
        self._lock = threading.Lock()
        self._open: dict[str, str] = {}

    def default_id(self, service: str, key: str) -> str:
        """The id of a key that the environment has."""
        mark = hmac.new(self._subkey, f"{service}\0{key}".encode(), hashlib.sha256).hexdigest()
        return f"{FROM_ENVIRONMENT}{mark[:28]}"

    def sealed(self, key_id: str, service: str, key: str) -> bytes:
        self._remember(key_id, key)
        return seal_frame(self._subkey, Context.CREDENTIAL, key.encode(), _bound(key_id, service))

    def opened(self, row: Any) -> str | None:
        """The key of a row; None when it holds none, or none that this place can open."""
        known = self.known(row.id)
        if known is not None or not row.sealed:
            return known
        try:
            bound = _bound(row.id, row.provider)
            key = open_frame(self._subkey, Context.CREDENTIAL, row.sealed, bound).decode()
        except Refused:
            return None
        self._remember(row.id, key)
        return key

    def known(self, key_id: str) -> str | None:
        """A key that this process has sealed or opened before."""
        with self._lock:
            return self._open.get(key_id)

    def forget(self, key_id: str) -> None:
        with self._lock:
            self._open.pop(key_id, None)

    def _remember(self, key_id: str, key: str) -> None:
        self._learn(key)
        with self._lock:
            self._open[key_id] = key


def _bound(key_id: str, service: str) -> bytes:
    return f"{key_id}\0{service}".encode()
