"""The keys of this place, opened from its settings: the environment's and those in the database.

Decides where a key may go: to its own service's address and to no other, whatever a row, a file or
a setting of another service says.
"""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.llm.catalog import environment_keys, may_have_key
from core.llm.credentials import Credentials
from core.llm.model import Endpoint
from core.llm.rotation import Strategy
from core.seal import Master


def open_credentials(
    settings: Settings,
    db: Database,
    clock: Clock,
    master: Master,
    learn: Callable[[str], None] = lambda _key: None,
) -> Credentials:
    """The keys of this place: those that were given in the chat, and the environment's. `learn` is
    told each key as it is opened (`Redaction.learn`)."""
    return Credentials(
        db,
        clock,
        master.subkey("credentials"),
        Strategy(settings.key_rotation),
        defaults=environment_keys(settings),
        learn=learn,
    )


def keys_of(
    settings: Settings, credentials: Credentials | None = None
) -> Callable[[Endpoint], str | None]:
    """The key of an endpoint: out of the credentials, or where there are none, the environment's;
    None where the endpoint's address is not its service's."""
    own = environment_keys(settings)

    def key_of(endpoint: Endpoint) -> str | None:
        if not may_have_key(endpoint, settings):
            return None
        if credentials is not None:
            return credentials.key_of(endpoint)
        return own.get(endpoint.service or endpoint.provider)

    return key_of
