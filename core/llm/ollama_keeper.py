"""The watch over a place's model server: found or started, started again, told once.

Asks the server every ten seconds, every second while it is silent, and does what `ollama_watch`
decides. Never stops a server that it did not start, never starts one on another machine, and asks
this place's policy (`may_start`) before each start. A change between running and down is told once,
however many looks find the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import structlog

from core.clock import Clock
from core.errors import MaskError, Unavailable
from core.llm.addresses import is_loopback
from core.llm.ollama_facts import Installed, Loaded, Memory, ServerFacts, ServerState
from core.llm.ollama_ports import Change, LocalServer, Process
from core.llm.ollama_watch import START_S, TRIES, Child, Do, Seen, Watch, judge, news

log = structlog.get_logger(__name__)

#: Seconds between two questions: as a rule, and while it is silent.
CALM_S, KEEN_S = 10.0, 1.0


@dataclass
class Keeper:
    """`Supervised`. `told` hears of each change; `may_start` asks policy, and says no by False;
    `memory` is the machine's; `smaller` tells which models do not fit now."""

    place: str
    clock: Clock
    server: LocalServer
    process: Process
    is_wanted: bool
    may_start: Callable[[], bool]
    told: Callable[[Change], None]
    memory: Callable[[], Memory] = Memory
    smaller: Callable[[], dict[str, str]] = dict

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._watch = Watch()
        self._due_s = 0.0
        self._downs = 0
        self._facts = ServerFacts(self.place, ServerState.ABSENT, address=self.server.address)
        self._known: dict[tuple[str, str], Installed] = {}

    def tick(self) -> None:
        """Called every second by a ticker."""
        if self.clock.monotonic() >= self._due_s:
            self.look()

    def facts(self) -> ServerFacts:
        is_here = is_loopback(urlsplit(self.server.address).hostname or "")
        return replace(self._facts, memory=self.memory(), smaller=self.smaller(), is_here=is_here)

    def look(self) -> ServerFacts:
        """Ask the server, do what follows, tell what has changed."""
        with self._lock:
            found, note = self._ask()
            self._watch, do = judge(self._watch, self._seen(answers=found is not None))
            note = self._reason(note)
            if do is Do.START:
                note = self._start() or note
            self._facts = self._as_facts(found, note)
            self._tell(note)
            if found is not None and self.process.has_died:
                self.process.stop()  # another server has the address: ours is of the past
            self._due_s = self.clock.monotonic() + self._pause_s()
        return self.facts()

    def start(self) -> ServerFacts:
        """Have it run. The caller was admitted; waits until it answers, or START_S."""
        pause = threading.Event()
        with self._lock:
            if self._ask()[0] is not None:
                return self.look()
            self.process.start()
            now_s = self.clock.monotonic()
            self._watch = replace(
                self._watch, state=ServerState.STARTING, starts=TRIES, began_s=now_s
            )
        while self.clock.monotonic() - now_s < START_S and self.process.is_alive:
            if self.look().state is ServerState.RUNNING:
                return self.facts()
            pause.wait(KEEN_S / 10)
        raise Unavailable("local-server-not-started", why=self.process.last_words())

    def stop(self) -> None:
        """End the server if it is ours."""
        with self._lock:
            self.process.stop()

    # -- inside

    def _reason(self, note: str) -> str:
        """Why it does not answer: what it said when it died, what was found first, else `note`."""
        if self._watch.state is ServerState.RUNNING:
            return note
        if self.process.has_died:
            return self.process.last_words() or note
        was_away = self._facts.state in {ServerState.STARTING, ServerState.DOWN}
        return (self._facts.note if was_away else "") or note

    def _pause_s(self) -> float:
        is_absent = self._watch.state is ServerState.ABSENT and not self.is_wanted
        is_well = self._watch.state is ServerState.RUNNING and not self._watch.silent
        return CALM_S if is_well or is_absent else KEEN_S

    def _ask(self) -> tuple[tuple[tuple[Installed, ...], tuple[Loaded, ...]] | None, str]:
        """What it has, None when it does not answer. Only the list of models decides that: what
        goes wrong with one model is no reason to start the server again."""
        try:
            models = self.server.installed()
        except MaskError as error:
            return None, str(error.params.get("why", error.code))
        return (self._described(models), self._loaded()), ""

    def _loaded(self) -> tuple[Loaded, ...]:
        try:
            return self.server.loaded()
        except MaskError as error:
            log.info("loaded-models-not-told", why=error.code)
            return ()

    def _described(self, models: tuple[Installed, ...]) -> tuple[Installed, ...]:
        """With context and abilities; a model's are asked for once."""
        known = {}
        for model in models:
            key = (model.name, model.digest)
            try:
                known[key] = self._known.get(key) or self.server.described(model)
            except MaskError as error:
                log.info("model-not-described", model=model.name, why=error.code)
        self._known = known
        return tuple(known.get((each.name, each.digest), each) for each in models)

    def _seen(self, *, answers: bool) -> Seen:
        child = Child.ALIVE if self.process.is_alive else Child.NONE
        if self.process.has_died:
            child = Child.DEAD
        can_start = not answers and self.process.program is not None
        return Seen(answers, child, can_start, self.is_wanted, self.clock.monotonic())

    def _start(self) -> str:
        """Start it if policy lets; what to note otherwise."""
        if not self.may_start():
            return "not started: the owner's rules ask first"
        try:
            self.process.start()
        except MaskError as error:
            return str(error.params.get("why", error.code))
        log.info("local-server-started", place=self.place)
        return ""

    def _as_facts(
        self, found: tuple[tuple[Installed, ...], tuple[Loaded, ...]] | None, note: str
    ) -> ServerFacts:
        state = self._watch.state or ServerState.ABSENT
        if found is None:
            return ServerFacts(
                self.place, state, address=self.server.address, downs=self._downs, note=note
            )
        was = self._facts
        version = was.version if was.state is ServerState.RUNNING else ""
        return ServerFacts(
            self.place,
            state,
            version or self._version(),
            self.server.address,
            *found,
            downs=self._downs,
        )

    def _version(self) -> str:
        try:
            return self.server.version()
        except MaskError as error:
            log.info("version-not-told", why=error.code)
            return ""

    def _tell(self, note: str) -> None:
        state = news(self._watch)
        if state is None:
            return
        is_first = self._watch.told is None
        self._watch = replace(self._watch, told=state)
        if state is ServerState.DOWN:
            self._downs += 1
            self._facts = replace(self._facts, downs=self._downs)
        if not (is_first and state is ServerState.RUNNING):
            self.told(Change(self.place, state, note))
