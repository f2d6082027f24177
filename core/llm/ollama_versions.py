"""Which local model serves a role at a place, and which did before: rows, at home, for all places.

A role has one active row at most; switching ends the former and keeps it, so that it can come back
any number of times. One row per place, role, name and version. Never asks a model server: the
steps make sure that a model is there and answers before it is switched on. What the chat has not
switched is served by OLLAMA_MODEL, else by what ships (`local_models.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Literal

import sqlalchemy as sa

from core.clock import Clock
from core.config import Settings
from core.db import Transaction
from core.errors import Refused
from core.ids import new_id
from core.llm.model import Role
from core.llm.ollama_facts import Installed, version_of
from core.llm.ollama_offers import Choice
from core.llm.tables import versions

#: `inactive` has served before, `found` has not: it was only seen on the server.
Status = Literal["active", "inactive", "found"]


@dataclass(frozen=True)
class Version:
    """One row: a model that serves, has served, or was found for a role."""

    id: str
    place: str
    role: Role
    model: str
    version: str
    status: Status
    notes: str
    created_at: datetime
    changed_at: datetime

    @property
    def name(self) -> str:
        """As the server knows it."""
        return f"{self.model}:{self.version}"

    @property
    def is_active(self) -> bool:
        return self.status == "active"


class Versions:
    """The rows. Every method works inside the caller's transaction. `named` is OLLAMA_MODEL where
    the settings set it, `usual` what ships."""

    def __init__(
        self, clock: Clock, named: str = "", usual: Mapping[Role, str] | None = None
    ) -> None:
        self._clock = clock
        self._named = named
        self._usual = shipped_roles() if usual is None else usual

    # -- questions

    def history(
        self, tx: Transaction, place: str | None = None, role: Role | None = None
    ) -> list[Version]:
        """Every row, those that changed last first; of one moment the active one."""
        columns = versions.c
        is_active = sa.case((columns.status == "active", 1), else_=0)
        order = (columns.changed_at.desc(), is_active.desc(), columns.id.desc())
        query = sa.select(versions).order_by(*order)
        if place is not None:
            query = query.where(versions.c.place == place)
        if role is not None:
            query = query.where(versions.c.role == role.value)
        return [_version(row) for row in tx.execute(query).mappings()]

    def find(self, tx: Transaction, version_id: str) -> Version:
        """Refused(`version-unknown`)."""
        query = sa.select(versions).where(versions.c.id == version_id)
        row = tx.execute(query).mappings().one_or_none()
        if row is None:
            raise Refused("version-unknown", version=version_id[:32])
        return _version(row)

    def former(self, tx: Transaction, place: str, role: Role) -> Version | None:
        """What served the role before what serves it now; None when nothing did."""
        rows = self.history(tx, place, role)
        return next((each for each in rows if each.status == "inactive"), None)

    def choice(self, tx: Transaction, place: str) -> Choice:
        """What is wanted at `place`, for `ollama_offers`."""
        active = {each.role: each.name for each in self.history(tx, place) if each.is_active}
        return Choice(active, self._named, self._usual)

    def serving(self, tx: Transaction, place: str) -> dict[Role, str]:
        """The model that is meant for each role, whether it is installed or not; a fresh database
        gives what ships."""
        named = {Role.CHAT: self._named} if self._named else {}
        return {**self._usual, **named, **self.choice(tx, place).active}

    # -- changes

    def switch(
        self, tx: Transaction, place: str, role: Role, name: str, notes: str = ""
    ) -> Version:
        """`name` serves `role` from now on; what did so is kept as inactive. What served without a
        row (the settings' model, the shipped one) gets one, so that it can come back."""
        before = self.serving(tx, place).get(role)
        if before is not None and version_of(before) != version_of(name):
            self._set(tx, self._row(tx, place, role, before), "inactive")
        row = self._row(tx, place, role, name)
        self._set(tx, row, "active", notes or row.notes)
        return self.find(tx, row.id)

    def note(
        self, tx: Transaction, place: str, models: Sequence[Installed], notes: str = ""
    ) -> list[Installed]:
        """Remember what is installed at `place`; those that were not known yet."""
        known = {(each.model, each.version) for each in self.history(tx, place)}
        new = [each for each in models if version_of(each.name) not in known]
        for each in new:
            self._row(tx, place, natural_role(each), each.name, notes)
        return new

    # -- inside

    def _row(self, tx: Transaction, place: str, role: Role, name: str, notes: str = "") -> Version:
        """The row of that model, made where there is none."""
        model, version = version_of(name)
        same = {"place": place, "role": role.value, "model": model, "version": version}
        query = sa.select(versions).where(*(versions.c[at] == value for at, value in same.items()))
        row = tx.execute(query).mappings().one_or_none()
        if row is not None:
            return _version(row)
        now, made = self._clock.now(), new_id()
        new = {**same, "id": made, "status": "found", "notes": notes or None}
        tx.execute(sa.insert(versions).values(**new, created_at=now, changed_at=now))
        return self.find(tx, made)

    def _set(self, tx: Transaction, row: Version, status: Status, notes: str = "") -> None:
        values: dict[str, Any] = {"status": status, "changed_at": self._clock.now()}
        if notes:
            values["notes"] = notes
        tx.execute(sa.update(versions).where(versions.c.id == row.id).values(**values))


def natural_role(model: Installed) -> Role:
    """What a model is made for, by what it can and by its name."""
    if model.embeds:
        return Role.EMBED
    return Role.CODE if model.is_for_code else Role.CHAT


def versions_of(settings: Settings, clock: Clock) -> Versions:
    """Over this process's settings: OLLAMA_MODEL counts where somebody has set it."""
    is_named = "ollama_model" in settings.model_fields_set
    return Versions(clock, settings.ollama_model if is_named else "")


@cache
def shipped() -> dict[str, Any]:
    """`local_models.toml`."""
    text = resources.files("core.llm").joinpath("local_models.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def shipped_roles() -> dict[Role, str]:
    """The models that serve where nobody chose."""
    return {Role(role): name for role, name in shipped()["usual"].items()}


def _version(row: sa.RowMapping) -> Version:
    fields = {name: row[name] for name in ("id", "place", "model", "version", "status")}
    return Version(
        **fields,
        role=Role(row["role"]),
        notes=row["notes"] or "",
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )
