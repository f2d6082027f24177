"""Which keys a call may go out with, as `till` reads them: a look that is kept for a second.

Decides nothing: the credentials give the order, the till takes the first that has room. A service
whose keys are all dead is told from one that needs none, so that no call goes out bare in its
place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core.clock import Clock
from core.db import Database, Transaction
from core.llm.credential_rows import DEAD, READY, Credential, KeyInfo
from core.llm.credentials import Credentials
from core.llm.marks import service_of
from core.llm.model import Endpoint

#: Seconds for which what was read is believed.
FRESH_S = 1.0


def with_key(endpoint: Endpoint, key: Credential) -> Endpoint:
    """The endpoint as it is asked with this key, and whose limits count then."""
    organisation = key.organisation or endpoint.organisation
    return replace(endpoint, credential=key.id, organisation=organisation)


@dataclass(frozen=True)
class Keyring:
    """Services' keys that may be used, the next one first; and services whose keys are all dead."""

    keys: Mapping[str, tuple[Credential, ...]] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()

    def of(self, endpoint: Endpoint) -> tuple[Credential, ...]:
        return self.keys.get(service_of(endpoint), ())

    def has_key(self, endpoint: Endpoint) -> bool | None:
        """False: all are dead. None: none was ever given, or none is needed."""
        if self.of(endpoint):
            return True
        return False if service_of(endpoint) in self.dead else None

    def versions(self, endpoint: Endpoint) -> list[Endpoint]:
        """The endpoint once with each of its service's keys; as it is where none is there, or where
        its entry names one. Empty: the keys are dead."""
        if endpoint.credential:
            return [endpoint]
        given = self.of(endpoint)
        if not given:
            return [] if service_of(endpoint) in self.dead else [endpoint]
        return [with_key(endpoint, each) for each in given]


class Keyrings:
    """Reads the credentials, at most once a second unless something has changed here."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        credentials: Credentials | None,
        may_have_key: Callable[[Endpoint], bool],
    ) -> None:
        """`may_have_key`: whether a service's key may go to the endpoint's address at all."""
        self._db = db
        self._clock = clock
        self._credentials = credentials
        self._may_have_key = may_have_key
        self._seen: tuple[float, Keyring] | None = None

    def now(self) -> Keyring:
        """All keys."""
        if self._credentials is None:
            return Keyring()
        now, seen = self._clock.monotonic(), self._seen
        if seen is None or now - seen[0] >= FRESH_S:
            with self._db.read() as tx:
                seen = now, _read(tx, self._credentials)
            self._seen = seen
        return seen[1]

    def versions(self, endpoint: Endpoint) -> list[Endpoint]:
        """`Keyring.versions`, without a key where none may go."""
        return self.now().versions(endpoint) if self._may_have_key(endpoint) else [endpoint]

    def has_key(self, endpoint: Endpoint) -> bool | None:
        return self.now().has_key(endpoint) if self._may_have_key(endpoint) else None

    def used(self, endpoint: Endpoint) -> None:
        """A call goes out. Which of several keys was used decides which is next; of a single one
        nobody asks, so nothing is written."""
        given = self.now().of(endpoint)
        used = next((each for each in given if each.id == endpoint.credential), None)
        if self._credentials is None or used is None or len(given) == 1:
            return
        with self._db.write() as tx:
            self._credentials.used(tx, used)
        self._seen = None

    def dead(
        self, endpoint: Endpoint, why: str, tell: Callable[[Transaction, KeyInfo], None]
    ) -> None:
        """Its key was refused; `tell` is called in the transaction, the first time."""
        if self._credentials is None:
            return
        with self._db.write() as tx:
            info = self._credentials.dead(tx, endpoint.credential, why)
            if info is not None:
                tell(tx, info)
        self._seen = None

    def grouped(self, endpoint: Endpoint, organisation: str) -> None:
        """An answer has said whose limits the key shares."""
        if self._credentials is None or organisation == endpoint.organisation:
            return
        with self._db.write() as tx:
            self._credentials.grouped(tx, endpoint.credential, organisation)
        self._seen = None


def _read(tx: Transaction, credentials: Credentials) -> Keyring:
    infos = credentials.of(tx)
    ready = {each.service for each in infos if each.state == READY}
    keys = {service: credentials.candidates(tx, service) for service in ready}
    dead = {each.service for each in infos if each.state == DEAD}
    usable = {service: given for service, given in keys.items() if given}
    return Keyring(usable, frozenset(dead - usable.keys()))
