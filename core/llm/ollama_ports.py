"""What the room needs from a local model server and from the registry its models come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.llm.ollama_facts import Installed, Loaded, ModelName, ServerFacts, ServerState
from core.runs.cancel import CancelToken


@dataclass(frozen=True)
class Progress:
    """Where a pull stands, in bytes over all its parts; `total` grows while parts are found."""

    completed: int
    total: int
    status: str = ""


@dataclass(frozen=True)
class Manifest:
    """What the registry says of a model: its digest, and the bytes that a pull fetches."""

    digest: str
    size: int


@dataclass(frozen=True)
class Change:
    """The server of a place has stopped or is back; told once per change."""

    place: str
    state: ServerState
    note: str = ""


class LocalServer(Protocol):
    """One server, by its address. Contract: every call is bounded in time; nothing is retried.
    Unavailable(`local-server-away`) when it does not answer, Refused(`local-model-missing`) for a
    model it does not have, Unavailable(`local-server-failed`) for any other refusal."""

    @property
    def address(self) -> str: ...

    def version(self) -> str: ...

    def installed(self) -> tuple[Installed, ...]:
        """What is on its disk, without context and abilities."""

    def loaded(self) -> tuple[Loaded, ...]: ...

    def described(self, model: Installed) -> Installed:
        """With context and abilities."""

    def pull(self, model: str, told: Callable[[Progress], None], cancel: CancelToken) -> None:
        """Fetch a model; parts that are there already are not fetched again. `Cancelled` at once
        when the owner stops it; what has arrived stays for the next try."""

    def embed(self, model: str, text: str) -> int:
        """How many numbers the model's vector for `text` has; loads the model."""

    def copy(self, source: str, target: str) -> None:
        """Give a model a second name; takes no room."""


class Catalogue(Protocol):
    """The registry that models come from."""

    def manifest(self, name: ModelName) -> Manifest:
        """Refused(`model-unknown`) for none, Unavailable(`model-registry-away`)."""


class Process(Protocol):
    """The server as our own child."""

    @property
    def program(self) -> str | None:
        """Where the program is; None when it is not on this machine."""

    @property
    def is_alive(self) -> bool: ...

    @property
    def has_died(self) -> bool:
        """It was started and has ended by itself."""

    def start(self) -> None:
        """Start it anew; one that still runs is ended first. Broken(`local-server-not-started`)."""

    def stop(self) -> None: ...

    def last_words(self) -> str:
        """The last line that it wrote."""


class Supervised(Protocol):
    """A place's server under watch; `core.llm.ollama_keeper.Keeper` is one."""

    def facts(self) -> ServerFacts:
        """As it was found last; never waits."""

    def look(self) -> ServerFacts:
        """As it is now."""

    def start(self) -> ServerFacts:
        """Have it run; waits until it answers. Unavailable(`local-server-not-started`)."""
