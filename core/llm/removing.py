"""Removing an endpoint, and with one of the owner's own the keys that nothing else uses.

What ships keeps its keys: they are the service's. A wiped key cannot come back; `keys_with` tells
beforehand which ones it would be. Works inside the caller's transaction.
"""

from __future__ import annotations

from core.db import Transaction
from core.llm.credential_rows import REMOVED, KeyInfo
from core.llm.credentials import Credentials
from core.llm.endpoint_rows import EndpointRows
from core.llm.shipped import services


def keys_with(
    rows: EndpointRows, credentials: Credentials, tx: Transaction, name: str
) -> tuple[KeyInfo, ...]:
    """The keys that would go with this endpoint: those of an address that no other one has."""
    service = next((each.service for each in rows.offered(tx) if each.name == name), "")
    users = {each.name for each in rows.offered(tx) if each.service == service}
    if not service or service in services() or users != {name}:
        return ()
    return tuple(
        each
        for each in credentials.of(tx, service)
        if each.state != REMOVED and not each.from_environment
    )


def remove(
    rows: EndpointRows, credentials: Credentials, tx: Transaction, name: str
) -> tuple[KeyInfo, ...]:
    """Remove it; the keys that were wiped with it. Refused(`endpoint-unknown`,
    `endpoint-practice`)."""
    going = keys_with(rows, credentials, tx, name)
    rows.remove(tx, name)
    for each in going:
        credentials.remove(tx, each.id)
    return going
