"""What the chat changes: small named values, read per use.

A row is one JSON value under one name. Names in use: `language` (saved choice), `spoken` (language
of the owner's last text), `owner` (Telegram id), `thread:<chat>` (current thread), `asking:<chat>`
(the question a chat's next text answers), `rich`, `streaming`, and what other rooms add. Settings
from the environment are not here. Every method works inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction, insert_or_ignore
from core.ids import ThreadId
from core.memory.tables import preferences
from core.prepared import Prepared
from core.prepared import value as given

#: The language of last resort.
DEFAULT_LANGUAGE = "bn"


@dataclass(frozen=True)
class Question:
    """What a chat was asked; its next text is the answer. `about` holds the ids it concerns."""

    topic: str
    about: dict[str, Any] = field(default_factory=dict)


class Preferences:
    """Named values that the owner changes by chatting. Knows no defaults but the language's."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def get(self, tx: Transaction, name: str, default: Any = None) -> Any:
        found = tx.execute(_named(1), {"name0": name}).first()
        return default if found is None else found.value

    def set(self, tx: Transaction, name: str, value: Any) -> None:
        """Keep `value`; None forgets the name."""
        if value is None:
            self.forget(tx, name)
            return
        row = {"name": name, "value": value, "changed_at": self._clock.now()}
        if not insert_or_ignore(tx, preferences, row):
            tx.execute(
                sa.update(preferences)
                .where(preferences.c.name == name)
                .values(value=value, changed_at=row["changed_at"])
            )

    def forget(self, tx: Transaction, name: str) -> None:
        tx.execute(sa.delete(preferences).where(preferences.c.name == name))

    def several(self, tx: Transaction, *names: str) -> dict[str, Any]:
        """The values of those names that have one; one query."""
        wanted = {f"name{at}": name for at, name in enumerate(names)}
        return {row.name: row.value for row in tx.execute(_named(len(names)), wanted)}

    def starting_with(self, tx: Transaction, prefix: str) -> dict[str, Any]:
        """All values whose name begins with `prefix`, by full name."""
        query = sa.select(preferences.c.name, preferences.c.value).where(
            preferences.c.name.startswith(prefix, autoescape=True)
        )
        return {row.name: row.value for row in tx.execute(query)}

    def saved_language(self, tx: Transaction) -> str | None:
        """The language the owner chose, None while it follows the text."""
        value = self.get(tx, "language")
        return None if value is None else str(value)

    def language(self, tx: Transaction) -> str:
        """The language of texts that answer nothing: chosen, else last spoken, else Bengali."""
        return str(self.saved_language(tx) or self.get(tx, "spoken") or DEFAULT_LANGUAGE)

    def choose_language(self, tx: Transaction, code: str | None) -> None:
        """Fix the language; None lets it follow the text again."""
        self.set(tx, "language", code)

    def spoke(self, tx: Transaction, code: str) -> None:
        """Remember the language of the owner's last text; writes only when it differs."""
        if self.get(tx, "spoken") != code:
            self.set(tx, "spoken", code)

    def current_language(self) -> str:
        """`language`, in a transaction of its own."""
        with self._db.read() as tx:
            return self.language(tx)

    def owner_id(self, tx: Transaction) -> int | None:
        value = self.get(tx, "owner")
        return None if value is None else int(value)

    def set_owner_id(self, tx: Transaction, user_id: int) -> None:
        self.set(tx, "owner", user_id)

    def thread(self, tx: Transaction, chat_id: int) -> ThreadId | None:
        value = self.get(tx, f"thread:{chat_id}")
        return None if value is None else ThreadId(str(value))

    def set_thread(self, tx: Transaction, chat_id: int, thread_id: ThreadId) -> None:
        self.set(tx, f"thread:{chat_id}", thread_id)

    def asking(self, tx: Transaction, chat_id: int) -> Question | None:
        """The open question of a chat, if any."""
        value = self.get(tx, f"asking:{chat_id}")
        return None if value is None else Question(str(value["topic"]), dict(value["about"]))

    def ask(self, tx: Transaction, chat_id: int, question: Question | None) -> None:
        """Put a question to a chat; it replaces an older one. None withdraws it."""
        value = None if question is None else {"topic": question.topic, "about": question.about}
        self.set(tx, f"asking:{chat_id}", value)


@cache
def _named(many: int) -> Prepared:
    """The rows of `many` names: `name0`, `name1`, ..."""
    names = [given(preferences.c.name, f"name{at}") for at in range(many)]
    return Prepared(
        sa.select(preferences.c.name, preferences.c.value).where(preferences.c.name.in_(names))
    )
