"""Keys of services: sealed at rest, taken in turn, dead once they are refused.

A key comes in as text once (`add`), is sealed under this place's master key, and from then on is
known by its id and its last letters. The environment's keys are used like the others. Decides
which key is next; never whether an endpoint may be asked, and never where a key may go
(`catalog.may_have_key`). Every method works inside the caller's transaction, but `key_of`, which
an adapter calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction, insert_or_ignore
from core.errors import Refused
from core.ids import new_id
from core.llm.credential_rows import (
    DEAD,
    HINT,
    READY,
    REMOVED,
    TRIAL,
    UNREADABLE,
    Credential,
    KeyBox,
    KeyInfo,
    checked,
    info_of,
    is_default,
    same,
)
from core.llm.model import Endpoint
from core.llm.rotation import KeyUse, Strategy, in_order
from core.llm.tables import credentials
from core.prepared import Prepared, value

#: Keys of one service; more are no rotation any more.
MOST_KEYS = 50
MOST_WHY = 300

_COLUMNS = credentials.c
_OF_SERVICE = Prepared(
    sa.select(credentials)
    .where(_COLUMNS.provider == value(_COLUMNS.provider))
    .order_by(_COLUMNS.created_at, _COLUMNS.id)
)
_USED = Prepared(
    sa.update(credentials)
    .where(_COLUMNS.id == value(_COLUMNS.id, "key_id"))
    .values(uses=_COLUMNS.uses + 1, used_at=value(_COLUMNS.used_at))
)
_STATES = Prepared(
    sa.select(_COLUMNS.id, _COLUMNS.provider, _COLUMNS.state).where(
        _COLUMNS.state.in_([sa.literal_column(f"'{READY}'"), sa.literal_column(f"'{DEAD}'")])
    )
)


class Credentials:
    """The keys of this place. `subkey`: 32 bytes, `Master.subkey("credentials")`. `defaults`: the
    environment's keys by service. `learn` is told each key as it is opened, so that this process
    can keep it out of what it writes."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        subkey: bytes,
        strategy: Strategy = Strategy.FILL_FIRST,
        *,
        defaults: Mapping[str, str] | None = None,
        learn: Callable[[str], None] = lambda _key: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._strategy = strategy
        self._box = KeyBox(subkey, learn)
        self._defaults = {
            service: Credential(self._box.default_id(service, key), service, key)
            for service, key in (defaults or {}).items()
        }

    # -- what the owner does -------------------------------------------------------------------

    def add(
        self,
        tx: Transaction,
        service: str,
        key: str,
        organisation: str | None = None,
        *,
        on_trial: bool = False,
    ) -> str:
        """Seal a key; its id. On trial it is used by nobody but the test call, until `accept`.
        Refused(`key-shape`, `key-known`, `key-too-many`); the text itself is in no error."""
        key = checked(key)
        kept = [row for row in self._rows(tx, service) if row.state != REMOVED]
        known = [self._box.opened(row) for row in kept]
        known += [each.key for each in self._defaults.values() if each.service == service]
        if any(each is not None and same(each, key) for each in known):
            raise Refused("key-known", hint=key[-HINT:])
        if len(kept) >= MOST_KEYS:
            raise Refused("key-too-many", most=MOST_KEYS)
        key_id = new_id()
        tx.execute(
            sa.insert(credentials).values(
                id=key_id,
                provider=service,
                organisation=organisation,
                sealed=self._box.sealed(key_id, service, key),
                hint=key[-HINT:],
                state=TRIAL if on_trial else READY,
                uses=min((row.uses for row in kept), default=0),  # a new one has not been idle
                created_at=self._clock.now(),
            )
        )
        return key_id

    def accept(self, tx: Transaction, key_id: str) -> None:
        """It was answered: the key counts, whatever was held against it. Refused(`key-missing`)."""
        self._change(tx, key_id, state=READY, why=None)

    def remove(self, tx: Transaction, key_id: str) -> None:
        """Forget the key for ever; its row stays as history, without it. One of the environment's
        is Refused(`key-environment`): it would be back at the next start."""
        if is_default(key_id):
            raise Refused("key-environment")
        self._change(tx, key_id, state=REMOVED, why=None, sealed=b"")
        self._box.forget(key_id)

    def of(self, tx: Transaction, service: str | None = None) -> list[KeyInfo]:
        """Every key that was ever given, the environment's first, then by age."""
        query = sa.select(credentials).order_by(_COLUMNS.created_at, _COLUMNS.id)
        rows = {row.id: row for row in tx.execute(query)}
        own = [self._default_info(each, rows.get(each.id)) for each in self._defaults.values()]
        given = [self._seen(row) for row in rows.values() if not is_default(row.id)]
        return [each for each in (*own, *given) if service in {None, each.service}]

    # -- what a call does ----------------------------------------------------------------------

    def services(self, tx: Transaction) -> frozenset[str]:
        """Services with a key that may be used now."""
        rows = tx.execute(_STATES).all()
        dead = {row.id for row in rows if row.state == DEAD}
        given = {row.provider for row in rows if row.state == READY and not is_default(row.id)}
        own = {each.service for each in self._defaults.values() if each.id not in dead}
        return frozenset(given | own)

    def candidates(self, tx: Transaction, service: str) -> tuple[Credential, ...]:
        """The service's keys that may be used, the next one first. Empty: none is there, or none is
        needed (`Endpoint.missing` tells which)."""
        rows = {row.id: row for row in self._rows(tx, service)}
        infos = [info_of(row) for row in rows.values() if not is_default(row.id)]
        default = self._defaults.get(service)
        if default is not None:
            infos.append(self._default_info(default, rows.get(default.id)))
        ready = {each.id: each for each in infos if each.state == READY}
        uses = [KeyUse(i, each.uses, each.used_at, each.created_at) for i, each in ready.items()]
        found = []
        for key_id in in_order(self._strategy, uses):
            is_own = default is not None and key_id == default.id
            key = default.key if default and is_own else self._box.opened(rows[key_id])
            if key is not None:
                found.append(Credential(key_id, service, key, ready[key_id].organisation))
        return tuple(found)

    def pick(
        self, tx: Transaction, service: str, without: Collection[str] = ()
    ) -> Credential | None:
        """The next key, counted as used; those named in `without`, by id or by organisation, are
        passed over. None as in `candidates`."""
        for each in self.candidates(tx, service):
            if each.id not in without and each.organisation not in without:
                self.used(tx, each)
                return each
        return None

    def used(self, tx: Transaction, credential: Credential) -> None:
        """One more call goes out with it."""
        self._ensure_row(tx, credential.id)
        tx.execute(_USED, {"key_id": credential.id, "used_at": self._clock.now()})

    def dead(self, tx: Transaction, key_id: str, why: str) -> KeyInfo | None:
        """The service refused it: nobody uses it before `accept`. What it was, the first time, so
        that the owner is told once; None afterwards, for an unknown id, and for one on trial: that
        it was refused is what the trial tells, and then it is wiped."""
        self._ensure_row(tx, key_id)
        changed = tx.execute(
            sa.update(credentials)
            .where(_COLUMNS.id == key_id, _COLUMNS.state == READY)
            .values(state=DEAD, why=why[:MOST_WHY])
        )
        if changed.rowcount == 0:
            return None
        return info_of(tx.execute(sa.select(credentials).where(_COLUMNS.id == key_id)).one())

    def grouped(self, tx: Transaction, key_id: str, organisation: str) -> None:
        """An answer has said whose limits this key shares. Refused(`key-missing`)."""
        self._ensure_row(tx, key_id)
        self._change(tx, key_id, organisation=organisation[:128])

    def key_of(self, endpoint: Endpoint) -> str | None:
        """The key that `endpoint.credential` names, else the service's next, not counted. None when
        there is none. Opens a transaction only for what this process has not opened yet."""
        service = endpoint.service or endpoint.provider
        wanted = endpoint.credential
        if not wanted:
            with self._db.read() as tx:
                found = self.candidates(tx, service)
            return found[0].key if found else None
        default = self._defaults.get(service)
        if default is not None and default.id == wanted:
            return default.key
        known = self._box.known(wanted)
        if known is not None:
            return known
        with self._db.read() as tx:
            rows = [row for row in self._rows(tx, service) if row.id == wanted]
        return self._box.opened(rows[0]) if rows and rows[0].state in {READY, TRIAL} else None

    # -- rows ----------------------------------------------------------------------------------

    def _rows(self, tx: Transaction, service: str) -> list[Any]:
        return tx.execute(_OF_SERVICE, {"provider": service}).all()

    def _seen(self, row: Any) -> KeyInfo:
        info = info_of(row)
        if row.state in {READY, TRIAL} and self._box.opened(row) is None:
            return replace(info, state=DEAD, why=UNREADABLE)
        return info

    @staticmethod
    def _default_info(default: Credential, row: Any) -> KeyInfo:
        if row is not None:
            return info_of(row)
        return KeyInfo(default.id, default.service, default.key[-HINT:], READY)

    def _ensure_row(self, tx: Transaction, key_id: str) -> None:
        """A row for a key of the environment, where its use and its end are kept."""
        if not is_default(key_id):
            return
        for each in self._defaults.values():
            if each.id == key_id:
                row = {
                    "id": key_id,
                    "provider": each.service,
                    "sealed": b"",
                    "hint": each.key[-HINT:],
                    "state": READY,
                    "uses": 0,
                    "created_at": self._clock.now(),
                }
                insert_or_ignore(tx, credentials, row)

    @staticmethod
    def _change(tx: Transaction, key_id: str, **values: Any) -> None:
        changed = tx.execute(
            sa.update(credentials)
            .where(_COLUMNS.id == key_id, _COLUMNS.state != REMOVED)
            .values(**values)
        )
        if changed.rowcount == 0:
            raise Refused("key-missing")
