"""The owner's eye on every model server: what is known, what is told, what is remembered.

Home's worker looks every few seconds at its own server's facts and at what present nodes have
announced. A server that stops is one alert per place, its coming back ends that alert; a model that
does not fit into memory is told once, with the one that answers instead. Each change is a row in
the audit (M06.8). Decides nothing about servers: each place's keeper does.

The bot reads `known`: home's facts as the worker wrote them, nodes' as their hellos say.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.approvals.audit import Audit
from core.clock import Clock
from core.db import Database, Transaction
from core.llm.model import Endpoint
from core.llm.ollama_facts import ServerFacts, ServerState
from core.llm.ollama_offers import FIELD, PLAIN, announce, announced, offers
from core.llm.ollama_versions import Versions
from core.memory.preferences import Preferences
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.notices import Level, Notice, alert

#: Preferences: home's facts as `announce` writes them; what was told, by place.
FACTS, TOLD = "local-models", "local-models-told"


def known(
    tx: Transaction, preferences: Preferences, nodes: Nodes, clock: Clock
) -> tuple[ServerFacts, ...]:
    """Facts of every place that has said something: home first, then present nodes by name."""
    found = []
    home = announced({FIELD: preferences.get(tx, FACTS)}, HOME)
    if home is not None:
        found.append(home)
    for peer in nodes.all(tx):
        facts = announced(peer.can, peer.name) if peer.is_fresh(clock.now()) else None
        if facts is not None:
            found.append(facts)
    return tuple(found)


def elsewhere(
    tx: Transaction, nodes: Nodes, clock: Clock, versions: Versions, like: Endpoint = PLAIN
) -> tuple[Endpoint, ...]:
    """The endpoints that present nodes offer now."""
    found: list[Endpoint] = []
    for peer in nodes.all(tx):
        facts = announced(peer.can, peer.name) if peer.is_fresh(clock.now()) else None
        if facts is not None:
            choice = versions.choice(tx, peer.name)
            found += offers(facts, choice, is_mine=peer.is_mine, like=like)
    return tuple(found)


@dataclass(frozen=True)
class Told:
    """What the owner has heard of a place. `downs` counts within one `boot`."""

    boot: str = ""
    downs: int = 0
    is_down: bool = False
    smaller: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class News:
    """What a look at one place has brought."""

    fell: bool = False
    rose: bool = False
    smaller: Mapping[str, str] | None = None  # None: as before


def compare(told: Told, facts: ServerFacts, boot: str) -> tuple[Told, News]:
    """Pure: what is new, and what to remember. A fall and a rise between two looks are both
    told."""
    is_new = told.boot != boot
    falls = facts.downs - (0 if is_new else told.downs)
    if is_new and told.is_down:
        falls -= 1  # the first that a new worker counts is the one that was told
    is_down = facts.state is ServerState.DOWN
    fell = falls > 0 or (is_down and not told.is_down)
    rose = facts.state is ServerState.RUNNING and (told.is_down or fell)
    smaller = dict(facts.smaller or {})
    news = News(fell, rose, smaller if smaller != dict(told.smaller) else None)
    return Told(boot, facts.downs, (told.is_down or fell) and not rose, smaller), news


class LocalModelsWatch:
    """`put` stores a notice (`Mailbox.put`), `own` tells the facts of home's own server."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        preferences: Preferences,
        nodes: Nodes,
        put: Callable[[Transaction, Notice], object],
        audit: Audit,
        own: Callable[[], ServerFacts],
    ) -> None:
        self._db = db
        self._clock = clock
        self._preferences = preferences
        self._nodes = nodes
        self._put = put
        self._audit = audit
        self._own = own
        self._boot = secrets.token_hex(8)
        self._lock = threading.Lock()

    def look(self) -> None:
        """Every few seconds, and at each change of home's own server."""
        with self._lock:
            own = self._own()
            with self._db.read() as tx:
                seen = [(own, self._boot), *self._announced(tx)]
                was = dict(self._preferences.get(tx, TOLD) or {})
                is_written = self._preferences.get(tx, FACTS) == announce(own)
            compared = (self._compared(was, facts, boot) for facts, boot in seen)
            changes = [change for change in compared if change is not None]
            if not changes and is_written:
                return
            with self._db.write() as tx:
                self._preferences.set(tx, FACTS, announce(own))
                now = {**was, **{facts.place: told for facts, told, _ in changes}}
                self._preferences.set(tx, TOLD, now)
                for facts, _, news in changes:
                    self._tell(tx, facts, news, was.get(facts.place) or {})

    # -- inside

    def _announced(self, tx: Transaction) -> list[tuple[ServerFacts, str]]:
        now = self._clock.now()
        peers = [peer for peer in self._nodes.all(tx) if peer.is_fresh(now)]
        found = [(announced(peer.can, peer.name), peer.boot) for peer in peers]
        return [(facts, boot) for facts, boot in found if facts is not None]

    @staticmethod
    def _compared(
        was: Mapping[str, Any], facts: ServerFacts, boot: str
    ) -> tuple[ServerFacts, dict[str, Any], News] | None:
        before = dict(was.get(facts.place) or {})
        told, news = compare(Told(**before), facts, boot)
        after = {**vars(told), "smaller": dict(told.smaller)}
        if after == before or (not before and told == replace(Told(), boot=boot)):
            return None
        return facts, after, news

    def _tell(
        self, tx: Transaction, facts: ServerFacts, news: News, before: Mapping[str, Any]
    ) -> None:
        place, component = facts.place, _component(facts.place)
        if news.fell:
            told = alert(
                Level.PROBLEM, component, "local-models-down", place=place, why=facts.note or "—"
            )
            self._put(tx, told)
            self._audit.record(tx, "local-models-down", place, state=ServerState.DOWN.value)
        if news.rose:
            self._put(tx, alert(Level.RESOLVED, component, "local-models-down", place=place))
            self._audit.record(tx, "local-models-running", place, state=ServerState.RUNNING.value)
        if news.smaller is None:
            return
        for model, smaller in news.smaller.items():
            told = alert(
                Level.NOTICE,
                component,
                "local-model-smaller",
                place=place,
                model=model,
                smaller=smaller,
            )
            self._put(tx, told)
            self._audit.record(tx, "local-model-smaller", place, model=model, smaller=smaller)
        if not news.smaller and before.get("smaller"):
            self._put(tx, alert(Level.RESOLVED, component, "local-model-smaller", place=place))


def _component(place: str) -> str:
    """The alert's name: home's own server, or the machine's."""
    return "local-models" if place == HOME else f"node-{place}"
