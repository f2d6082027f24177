"""A catalog over a database: rows, keys, settings, time."""

from __future__ import annotations

from core.clock import ManualClock
from core.config import Settings
from core.llm.catalog import environment_keys
from core.llm.credentials import Credentials
from core.llm.endpoint_rows import EndpointRows
from core.llm.rotation import Strategy
from core.memory.preferences import Preferences

SUBKEY = bytes(range(32))
#: Keys that no service ever gave.
GROQ, SECOND, MISTRAL = "gsk_canary_groq_one", "gsk_canary_groq_two", "mistralcanarykeyone"


def settings_of(**given):
    return Settings(_env_file=None, **given)


class CatalogWorld:
    """Everything of one place, over the given database."""

    def __init__(self, db, strategy=Strategy.FILL_FIRST, **given):
        self.db = db
        self.clock = ManualClock()
        self.settings = settings_of(**given)
        self.learned = []
        self.keys = Credentials(
            db,
            self.clock,
            SUBKEY,
            strategy,
            defaults=environment_keys(self.settings),
            learn=self.learned.append,
        )
        self.values = Preferences(db, self.clock)
        self.rows = EndpointRows(db, self.clock, self.settings, self.keys, self.values)

    def do(self, method, *args, **named):
        """One use case in a transaction of its own."""
        with self.db.write() as tx:
            return method(tx, *args, **named)

    def names(self):
        return [endpoint.name for endpoint in self.rows.current()]

    def offered(self):
        with self.db.read() as tx:
            return {endpoint.name: endpoint for endpoint in self.rows.offered(tx)}
