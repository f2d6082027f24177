"""Adding a model, step by step, as the chat asks for it.

    wanted = desk.start(tx, "groq")            # or base_url=..., model=...
    wanted.service, desk.needs(wanted)         # what to ask next: "model", "key" or nothing
    desk.key_given(tx, wanted, text, chat_id)  # sealed, tried by a worker; a notice tells the end

The text of a key is taken once, by `key_given`: whoever calls it deletes the message and scrubs the
update it came in, whatever happens here. Calls no model. Every method works inside the caller's
transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.llm.adding import AddModel, Wanted, add_model, drop, keep
from core.llm.addresses import is_near, place_of_url
from core.llm.credential_rows import TRIAL
from core.llm.credentials import Credentials
from core.llm.endpoint_fields import check_url
from core.llm.endpoint_rows import EndpointRows
from core.llm.shipped import Service, services
from core.runs.runs import Runs

Needs = Literal["model", "key", "nothing"]
#: A key that was never decided about is forgotten after this.
TRIAL_LASTS = timedelta(hours=1)


class AddingDesk:
    """The guided way to a new model or key."""

    def __init__(
        self, clock: Clock, runs: Runs, rows: EndpointRows, credentials: Credentials
    ) -> None:
        self._clock = clock
        self._runs = runs
        self._rows = rows
        self._credentials = credentials

    @staticmethod
    def services() -> tuple[Service, ...]:
        """Services that take a key, in the catalog's order; beside them, any address."""
        return tuple(each for each in services().values() if not each.is_keyless)

    def takes_keys(self, tx: Transaction, service: str) -> bool:
        """Whether a key can be given for that service: it ships, or an endpoint of the owner's own
        is there."""
        known = services().get(service)
        is_own = any(each.service == service for each in self._rows.offered(tx))
        return bool(service) and (known is not None or is_own)

    def start(
        self, tx: Transaction, service: str = "", *, base_url: str = "", model: str = ""
    ) -> Wanted:
        """What is wanted, checked as far as it goes; `service` may also be that of an endpoint of
        the owner's own, which wants another key. Refused(`endpoint-service`, `endpoint-url`,
        `endpoint-url-plain`, `endpoint-name`, `endpoint-known`, `endpoint-fields`)."""
        if base_url:
            url = check_url(base_url)
            wanted = Wanted(place_of_url(url), base_url=url)
        elif self.takes_keys(tx, service):
            wanted = Wanted(service)
        else:
            raise Refused("endpoint-service", service=service[:60])
        return self.with_model(tx, wanted, model) if model else wanted

    def with_model(self, tx: Transaction, wanted: Wanted, model: str) -> Wanted:
        """The same with one model, under a name made of both. Refused(`endpoint-name`,
        `endpoint-known`, `endpoint-fields`)."""
        host = urlsplit(wanted.base_url).hostname if wanted.base_url else wanted.service
        found = replace(wanted, model=model.strip(), name=f"{host}/{model.strip()}")
        self._rows.draft(tx, found.name, found.fields)
        return found

    def needs(self, wanted: Wanted) -> Needs:
        """What to ask for next. An address nearby may do without a key (`without_key`)."""
        if wanted.base_url and not wanted.model:
            return "model"
        known = services().get(wanted.service)
        return "nothing" if known is not None and known.is_keyless else "key"

    @staticmethod
    def may_lack_key(wanted: Wanted) -> bool:
        """Whether asking for a key should offer to go on without one."""
        return bool(wanted.base_url) and is_near(wanted.base_url)

    def key_given(
        self, tx: Transaction, wanted: Wanted, text: str, chat_id: int | None = None
    ) -> str:
        """Seal the key and have it tried; the run's id. One of three notices follows in the chat:
        `models-added`, `models-refused`, `models-untested`. Refused(`key-shape`, `key-known`,
        `key-too-many`)."""
        self._forget_trials(tx)
        credential = self._credentials.add(tx, wanted.service, text, on_trial=True)
        return self._try(tx, AddModel(wanted, credential), chat_id)

    def without_key(self, tx: Transaction, wanted: Wanted, chat_id: int | None = None) -> str:
        """Have it tried as it is; the run's id."""
        return self._try(tx, AddModel(wanted), chat_id)

    def again(self, tx: Transaction, what: AddModel, chat_id: int | None = None) -> str:
        """Try once more what could not be tested. Refused(`key-missing`) when the key was
        forgotten meanwhile."""
        self._check_trial(tx, what)
        return self._try(tx, what, chat_id)

    def anyway(self, tx: Transaction, what: AddModel) -> None:
        """Keep it untested. Refused(`key-missing`, and as `EndpointRows.add`)."""
        self._check_trial(tx, what)
        keep(self._rows, self._credentials, tx, what)

    def drop(self, tx: Transaction, what: AddModel) -> bool:
        """Give it up: a key that is still on trial is wiped, and then it is True."""
        return drop(self._credentials, tx, what.credential)

    def _try(self, tx: Transaction, what: AddModel, chat_id: int | None) -> str:
        run_id = self._runs.start(tx, add_model, what, chat_id=chat_id)
        assert run_id is not None, "a run without a key is always started"
        return run_id

    def _check_trial(self, tx: Transaction, what: AddModel) -> None:
        ids = {each.id for each in self._credentials.of(tx) if each.state == TRIAL}
        if what.credential and what.credential not in ids:
            raise Refused("key-missing")

    def _forget_trials(self, tx: Transaction) -> None:
        before = self._clock.now() - TRIAL_LASTS
        for each in self._credentials.of(tx):
            if each.state == TRIAL and each.created_at < before:
                self._credentials.remove(tx, each.id)
