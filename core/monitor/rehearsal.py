"""The switching test's three scenes, played by the real router against machines of its own.

High load: ten questions at once. Limit reached: an endpoint that has room for five of ten. Local
offline: the owner's machine refuses; open text is answered by the cloud, private text waits, never
leaves, and is answered once the machine is back. Choice, failover, standings and the way of a
question (`ask`) are those that answer every day; the machines are played in this process, so no
network is used, no token is spent and no real endpoint's standing changes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from core.clock import Clock, SystemClock
from core.errors import MaskError
from core.llm import steps
from core.llm.ask import ask
from core.llm.driving import drive
from core.llm.fakes import FakeBooks
from core.llm.model import Endpoint, Failure, Health, Message, Reply, Request, Usage
from core.llm.pool import Pool
from core.llm.ports import ModelFailed
from core.runs.cancel import CancelToken
from core.runs.model import Label
from core.runs.steps import bind

#: Questions of the first scene; room of the limited endpoint in the second, of twice as many.
AT_ONCE, FEW = 10, 5
#: Seconds that a played machine thinks; that the offline one may take to be asked again.
THINKING_S, BACK_S = 0.05, 20.0
PAUSE_S = 0.2

OWN = Endpoint("own", "ollama", "played", is_mine=True)
CLOUD = tuple(
    Endpoint(f"cloud-{number}", "openai", "played", service=f"cloud-{number}", strength=80)
    for number in (1, 2)
)
OPEN = Request((Message("user", "what is new"),), max_output=64)
SECRET = "the word that stays at home"  # noqa: S105 - what must not leave
KEPT = Request((Message("user", SECRET),), max_output=64, label=Label.PRIVATE)


class SceneFailed(Exception):
    """What a scene demands did not happen; the text is the cause."""


@dataclass(frozen=True)
class Played:
    """One scene: how long it took, and why it failed, if it did."""

    type: str
    took_ms: int
    failure: str = ""


@dataclass
class Machines:
    """Every endpoint of a scene: answers in a moment, or refuses when it is offline."""

    offline: set[str] = field(default_factory=set)
    heard: list[tuple[str, str]] = field(default_factory=list)  # endpoint, the newest message
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        said = request.messages[-1].content
        with self._lock:
            if endpoint.name in self.offline:
                raise ModelFailed(Failure.UNREACHABLE, detail="played: connection refused")
            self.heard.append((endpoint.name, said))
        stop = threading.Event()
        cancel.on_cancel(stop.set)
        stop.wait(THINKING_S)
        text = f"{endpoint.name} has heard it"
        on_text(text)
        return Reply(text, endpoint.name, endpoint.place, usage=Usage(len(said) // 4, 6))

    def probe(self, endpoint: Endpoint) -> Health:
        return Health(is_up=endpoint.name not in self.offline)

    def token_limit(self, _endpoint: Endpoint) -> int | None:
        return None

    def close(self) -> None:
        """Nothing is open."""

    def told(self, name: str) -> list[str]:
        """What one of them has heard."""
        with self._lock:
            return [said for who, said in self.heard if who == name]


class Stage:
    """A router over played machines."""

    def __init__(
        self, endpoints: Sequence[Endpoint], clock: Clock, most: dict[str, int] | None = None
    ) -> None:
        self.machines = Machines()
        played = {"ollama": self.machines, "openai": self.machines}
        room = steps.Room(Pool(endpoints, played, clock), books=FakeBooks(clock, most=most))
        self._bound = {each.spec.name: each for each in bind(steps, room)}

    def ask(self, request: Request) -> Reply:
        """As a turn asks. Raises `MaskError` when nobody may, or can, answer."""
        return drive(ask(request), self._bound, request.label)


def high_load(clock: Clock) -> None:
    """Ten at once: all are answered, each by one call."""
    stage = Stage((OWN, *CLOUD), clock)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rehearsal") as threads:
        replies = list(threads.map(stage.ask, [OPEN] * AT_ONCE))
    demand(all(reply.text for reply in replies), "empty-answer")
    demand(len(stage.machines.heard) == AT_ONCE, "asked-twice")


def limit_reached(clock: Clock) -> None:
    """Twice as many questions as one endpoint has room for: the others answer the rest."""
    limited = CLOUD[0]
    stage = Stage((limited, OWN), clock, most={limited.name: FEW})
    answered = [stage.ask(OPEN).endpoint for _ in range(2 * FEW)]
    demand(limited.name in answered, "limited-never-asked")
    demand(len(stage.machines.told(limited.name)) <= FEW, "asked-beyond-limit")
    demand(OWN.name in answered, "not-switched")


def local_offline(clock: Clock) -> None:
    """Open text goes on in the cloud; private text waits for the owner's machine."""
    stage = Stage((OWN, *CLOUD), clock)
    stage.machines.offline.add(OWN.name)
    demand(stage.ask(OPEN).endpoint != OWN.name, "offline-answered")
    demand(_is_kept(stage), "private-answered-elsewhere")
    stage.machines.offline.clear()
    give_up = clock.monotonic() + BACK_S
    while _is_kept(stage):
        demand(clock.monotonic() < give_up, "still-shut-out")
        time.sleep(PAUSE_S)
    heard = {name for name, said in stage.machines.heard if SECRET in said}
    demand(heard == {OWN.name}, "private-left")


def _is_kept(stage: Stage) -> bool:
    try:
        stage.ask(KEPT)
    except MaskError:
        return True
    return False


def demand(holds: object, cause: str) -> None:
    """`SceneFailed` unless it holds."""
    if not holds:
        raise SceneFailed(cause)


Scene = Callable[[Clock], None]
SCENES: dict[str, Scene] = {
    "high_load": high_load,
    "limit_reached": limit_reached,
    "local_offline": local_offline,
}


def rehearse(names: Sequence[str] = (), scenes: dict[str, Scene] | None = None) -> list[Played]:
    """The scenes of these names, all at once; without names every one."""
    scenes = SCENES if scenes is None else scenes
    chosen = [name for name in scenes if not names or name in names]
    with ThreadPoolExecutor(max(1, len(chosen)), thread_name_prefix="scene") as threads:
        return list(threads.map(lambda name: _played(name, scenes[name]), chosen))


def _played(name: str, scene: Scene) -> Played:
    clock = SystemClock()
    began_s, failure = clock.monotonic(), ""
    try:
        scene(clock)
    except SceneFailed as cause:
        failure = str(cause)
    except MaskError as error:
        failure = error.code
    return Played(name, round(1000 * (clock.monotonic() - began_s)), failure)
