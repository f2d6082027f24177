"""The catalog as the owner has it: what ships, changed by rows, and the owner's own endpoints.

Decides what there is and in which order it was put; never whether it may be asked now. A row says
only what differs, so that a new version's figures arrive where the owner changed nothing; what was
removed can be restored. A model that a watched server tells of may be paused, preferred, pinned and
removed like any other (`endpoint_store.as_said`). Every method but `current` works inside the
caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock
from core.config import Settings
from core.db import Database, Transaction
from core.errors import Refused
from core.llm.catalog import catalog, named
from core.llm.credentials import Credentials
from core.llm.endpoint_fields import CHANGEABLE, check_fields, check_name
from core.llm.endpoint_store import ACTIVE, PAUSED, REMOVED, STATES, EndpointRow, EndpointStore
from core.llm.model import SCRIPTED, Endpoint
from core.llm.ollama_offers import is_local_name
from core.llm.own_endpoints import changed, differing, own_endpoint, own_fields
from core.llm.ports import NamedValues
from core.llm.shipped import paid_plan_prices

#: Endpoints at one place that rows may be about; the issue's own measure is fifty.
MOST_ROWS = 500
#: Before a thread's id: the endpoint that the owner pinned for it.
PIN = "model-pin:"
#: Names that a question back lists.
MOST_NAMES = 5


@dataclass(frozen=True)
class _View:
    """Everything as it was at one revision of the rows, with these services keyed."""

    at: tuple[Any, ...]
    asked: tuple[Endpoint, ...]
    offered: tuple[Endpoint, ...]
    preference: tuple[str, ...]


class EndpointRows:
    """The endpoints of this place. Thread-safe; remembers what it has read until a row changes.
    `values` keeps what is pinned."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Settings,
        credentials: Credentials,
        values: NamedValues,
    ) -> None:
        self._db = db
        self._store = EndpointStore(clock)
        self._settings = settings
        self._credentials = credentials
        self._values = values
        self._seen: _View | None = None

    # -- reading -------------------------------------------------------------------------------

    def all(self, tx: Transaction) -> tuple[Endpoint, ...]:
        """Who might be asked, in the owner's order, then the catalog's. A shipped endpoint whose
        service has no key is in it only where its setting is worth naming."""
        return self._view(tx).asked

    def offered(self, tx: Transaction) -> tuple[Endpoint, ...]:
        """Also those that only lack a key (`missing` names its setting): what /models shows."""
        return self._view(tx).offered

    def current(self) -> tuple[Endpoint, ...]:
        """`all`, in a transaction of its own."""
        with self._db.read() as tx:
            return self.all(tx)

    def preference(self, tx: Transaction) -> tuple[str, ...]:
        """The names that the owner put in front, the first choice first."""
        return self._view(tx).preference

    def get(self, tx: Transaction, name: str) -> Endpoint:
        """Refused(`endpoint-unknown`)."""
        for endpoint in self.offered(tx):
            if endpoint.name == name:
                return endpoint
        raise Refused("endpoint-unknown", name=name[:60])

    def find(
        self, tx: Transaction, typed: str, among: Sequence[Endpoint] | None = None
    ) -> Endpoint:
        """The endpoint that somebody means, of those offered: by its name, a seed document's name,
        or a part that only one name has. Refused(`endpoint-unknown`, `endpoint-which` {names})."""
        wanted = typed.strip().lower()
        known = self.offered(tx) if among is None else among
        aliased = named(self._settings).get(wanted, wanted)
        found = [each for each in known if each.name.lower() in {wanted, aliased.lower()}]
        if not found and wanted:
            found = [each for each in known if wanted in each.name.lower()]
        if not found:
            raise Refused("endpoint-unknown", name=typed.strip()[:60])
        if len(found) > 1:
            raise Refused("endpoint-which", names=", ".join(e.name for e in found[:MOST_NAMES]))
        return found[0]

    def rows(self, tx: Transaction) -> list[EndpointRow]:
        """What the owner has said, oldest first."""
        return list(self._store.rows(tx).values())

    def removed(self, tx: Transaction) -> tuple[str, ...]:
        """What `restore` would bring back."""
        return tuple(row.name for row in self.rows(tx) if row.state == REMOVED)

    # -- changing ------------------------------------------------------------------------------

    def add(self, tx: Transaction, name: str, fields: Mapping[str, Any]) -> Endpoint:
        """An endpoint of the owner's own: `model`, and `service` or `base_url`; its price, where
        it is left out, as `shipped.price_of` has it. Refused(`endpoint-name`, `endpoint-known`,
        `endpoint-fields`, `endpoint-url`, `endpoint-url-plain`, `endpoint-too-many`)."""
        self.draft(tx, name, fields)
        self._put(tx, EndpointRow(name, own_fields(fields)))
        return self.get(tx, name)

    def draft(self, tx: Transaction, name: str, fields: Mapping[str, Any]) -> Endpoint:
        """What `add` would add, and refuse, without adding it."""
        check_name(name)
        former = self._row(tx, name)
        if name in self._shipped(tx) or (former.fields and former.state != REMOVED):
            raise Refused("endpoint-known", name=name)
        keyed = self._credentials.services(tx)
        return own_endpoint(name, own_fields(fields), self._settings, keyed)

    def change(self, tx: Transaction, name: str, fields: Mapping[str, Any]) -> Endpoint:
        """Other figures than those that ship or were given; a field that is None is again as it
        ships. Refused(`endpoint-unknown`, `endpoint-fields`)."""
        self.get(tx, name)
        row = self._row(tx, name)
        given = {key: value for key, value in fields.items() if value is not None}
        kept = {key: value for key, value in row.fields.items() if key not in fields}
        kept |= check_fields(given, CHANGEABLE)
        shipped = self._shipped(tx).get(name)
        if shipped is None:
            kept = self._checked_own(tx, name, kept)
        else:
            changed(shipped, kept, self._settings)
        self._put(tx, replace(row, fields=kept))
        return self.get(tx, name)

    def pause(self, tx: Transaction, name: str) -> None:
        """Not asked until it is resumed; shown as paused. Refused(`endpoint-unknown`)."""
        self._put(tx, replace(self._known(tx, name), state=PAUSED))

    def resume(self, tx: Transaction, name: str) -> None:
        self._put(tx, replace(self._known(tx, name), state=ACTIVE))

    def remove(self, tx: Transaction, name: str) -> None:
        """Gone until it is restored. Refused(`endpoint-unknown`)."""
        self._put(tx, replace(self._known(tx, name), state=REMOVED, position=None))

    def restore(self, tx: Transaction, name: str) -> None:
        """As it was before it was removed or paused; what ships, also with its own figures again.
        Refused(`endpoint-unknown`)."""
        row = self._row(tx, name)
        is_shipped = name != SCRIPTED and name in self._shipped(tx)
        is_said = name in self._store.rows(tx)
        if not is_shipped and not row.fields and not (is_said and is_local_name(name)):
            raise Refused("endpoint-unknown", name=name[:60])
        self._put(tx, EndpointRow(name, {} if is_shipped else row.fields))

    def prefer(self, tx: Transaction, name: str) -> None:
        """The first choice from now on, before former ones. Refused(`endpoint-unknown`)."""
        row = self._known(tx, name)
        taken = [each.position for each in self.rows(tx) if each.position is not None]
        self._put(tx, replace(row, position=min(taken, default=0) - 1))

    def unprefer(self, tx: Transaction, name: str) -> None:
        """Where the catalog has it, again. Refused(`endpoint-unknown`)."""
        self._put(tx, replace(self._known(tx, name), position=None))

    def pin(self, tx: Transaction, thread_id: str, name: str | None) -> None:
        """Ask this one first in a thread; None takes it back. Refused(`endpoint-unknown`)."""
        if name is not None and not is_local_name(name):
            self.get(tx, name)
        self._values.set(tx, f"{PIN}{thread_id}", name)

    def pinned(self, tx: Transaction, thread_id: str) -> str:
        """The pinned endpoint's name; empty where none is, or it is not there any more."""
        name = str(self._values.get(tx, f"{PIN}{thread_id}", "") or "")
        is_there = is_local_name(name) or any(each.name == name for each in self.all(tx))
        return name if is_there else ""

    def plan(self, tx: Transaction, service: str, *, is_paid: bool) -> tuple[str, ...]:
        """Say that a service's key is on a paid plan: what was free costs what the list says, and
        the free plan's limits end; or that it is on the free one. The names it concerns."""
        here = self._shipped(tx)
        prices = {each: price for each, price in paid_plan_prices(service).items() if each in here}
        for name, price in prices.items():
            paid = {"price": {"prompt": price.prompt, "completion": price.completion}, "limits": {}}
            self.change(tx, name, paid if is_paid else dict.fromkeys(paid))
        return tuple(prices)

    def take(self, tx: Transaction, given: EndpointRow) -> None:
        """A row as a file has it, in place of the one that is there; what is as it ships makes no
        difference. Refused as `add`."""
        shipped = self._shipped(tx).get(check_name(given.name))
        if given.state not in STATES or (given.position or -1) >= 0:
            raise Refused(
                "endpoint-fields", field="state" if given.state not in STATES else "position"
            )
        if shipped is None:
            kept = self._checked_own(tx, given.name, given.fields)
        else:
            kept = differing(shipped, given.fields)
            changed(shipped, kept, self._settings)
        self._put(tx, replace(given, fields=kept))

    # -- what lies under it --------------------------------------------------------------------

    def _view(self, tx: Transaction) -> _View:
        keyed = self._credentials.services(tx)
        at = (*self._store.revision(tx), keyed)
        seen = self._seen
        if seen is None or seen.at != at:
            seen = self._seen = self._read(tx, at, keyed)
        return seen

    def _read(self, tx: Transaction, at: tuple[Any, ...], keyed: frozenset[str]) -> _View:
        rows = {} if self._settings.scripted_model else self._store.rows(tx)
        *shipped, scripted = catalog(self._settings, keyed, whole=True)
        own = self._own(rows, {each.name for each in shipped}, keyed)
        found = {each.name: changed(each, _fields(rows, each), self._settings) for each in shipped}
        found |= {each.name: each for each in own}
        placed = {name: row.position for name, row in rows.items() if row.position is not None}
        ordered = [
            replace(each, is_paused=_state(rows, each) == PAUSED)
            for each in sorted(found.values(), key=lambda each: placed.get(each.name, 0))
            if _state(rows, each) != REMOVED
        ]
        told = {each.name for each in (*catalog(self._settings, keyed), *own)}
        return _View(
            at,
            asked=tuple(each for each in (*ordered, scripted) if each.name in told),
            offered=(*ordered, scripted),
            preference=tuple(sorted(placed, key=lambda name: placed[name])),
        )

    def _own(
        self, rows: dict[str, EndpointRow], shipped: set[str], keyed: frozenset[str]
    ) -> list[Endpoint]:
        """The owner's own endpoints; one whose name has come to be shipped is that one now."""
        return [
            own_endpoint(row.name, row.fields, self._settings, keyed)
            for row in rows.values()
            if row.fields.get("service") and row.name not in shipped
        ]

    def _shipped(self, tx: Transaction) -> dict[str, Endpoint]:
        keyed = self._credentials.services(tx)
        return {each.name: each for each in catalog(self._settings, keyed, whole=True)}

    def _checked_own(self, tx: Transaction, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        kept = own_fields(fields)
        own_endpoint(name, kept, self._settings, self._credentials.services(tx))
        return kept

    def _known(self, tx: Transaction, name: str) -> EndpointRow:
        """Its row. Refused(`endpoint-unknown`; `endpoint-practice` for the scripted one)."""
        if name == SCRIPTED:
            raise Refused("endpoint-practice")
        if not is_local_name(name):
            self.get(tx, name)
        return self._row(tx, name)

    def _row(self, tx: Transaction, name: str) -> EndpointRow:
        return self._store.rows(tx).get(name, EndpointRow(name))

    def _put(self, tx: Transaction, row: EndpointRow) -> None:
        rows = self._store.rows(tx)
        if row.name not in rows and len(rows) >= MOST_ROWS:
            raise Refused("endpoint-too-many", most=MOST_ROWS)
        self._store.put(tx, row)


def _fields(rows: dict[str, EndpointRow], endpoint: Endpoint) -> dict[str, Any]:
    row = rows.get(endpoint.name)
    return row.fields if row else {}


def _state(rows: dict[str, EndpointRow], endpoint: Endpoint) -> str:
    row = rows.get(endpoint.name)
    return row.state if row else ACTIVE
