"""Facts of a local model server and of its models; pure, no I/O.

Sizes are bytes. A digest is the sha256 of a model's manifest, 64 hex digits, as `/api/tags` tells
it and as the registry's bytes give it (`server/images.go` of Ollama stores them as they came).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Refused
from core.llm.model import Role

#: Where a name without a host comes from.
LIBRARY = "registry.ollama.ai"
#: Hosts whose models may be pulled: a name must not lead into somebody's network.
HOSTS = frozenset({LIBRARY, "hf.co", "huggingface.co"})
#: Host, namespace and model.
WHOLE = 3
#: One part of a model's name (`types/model/name.go`).
PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
LATEST = "latest"
#: A model passed on to Ollama's cloud has no weights: its files are smaller than any real model.
STUB_BYTES = 1_000_000
#: Billions of parameters, and how hard a task a model of that size may be given (0 to 100); the
#: catalog's 7B and 14B entries are two of the points.
STRENGTHS = ((1.0, 10), (4.0, 20), (7.0, 30), (14.0, 45), (32.0, 60), (70.0, 70))
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([MB])", re.IGNORECASE)
_EMBEDS = ("embed", "bge-", "minilm", "rerank")
_CODES = ("code", "coder")


class ServerState(enum.StrEnum):
    """How a place's model server is."""

    ABSENT = "absent"  # nobody answers, and nobody has set one up here
    STARTING = "starting"  # it was started and does not answer yet
    RUNNING = "running"  # it answers
    DOWN = "down"  # it should be there, and does not answer


@dataclass(frozen=True)
class ModelName:
    """Where a model comes from, as Ollama reads a name: `[host/][namespace/]model[:tag]`."""

    host: str
    namespace: str
    model: str
    tag: str

    @property
    def short(self) -> str:
        """As Ollama lists it."""
        if self.host != LIBRARY:
            return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"
        if self.namespace != "library":
            return f"{self.namespace}/{self.model}:{self.tag}"
        return f"{self.model}:{self.tag}"

    @classmethod
    def read(cls, text: str) -> ModelName:
        """Refused(`model-name`) for what is none, or comes from another host;
        Refused(`model-in-cloud`) for one that runs on somebody else's machine."""
        rest, tag = text, LATEST
        if text.rfind(":") > text.rfind("/"):
            rest, _, tag = text.rpartition(":")
        parts = rest.split("/")
        if len(parts) > WHOLE or not all(map(PART.fullmatch, (*parts, tag))):
            raise Refused("model-name", model=text[:120])
        usual = [LIBRARY, "library"][: WHOLE - len(parts)]
        host, namespace, model = [*usual, *parts]
        if host not in HOSTS:
            raise Refused("model-name", model=text[:120])
        if tag == "cloud" or tag.endswith("-cloud"):
            raise Refused("model-in-cloud", model=text[:120])
        return cls(host, namespace, model, tag)


def version_of(model: str) -> tuple[str, str]:
    """Name and version: what stands after the colon, otherwise `latest`."""
    if model.rfind(":") > model.rfind("/"):
        name, _, version = model.rpartition(":")
        return name, version
    return model, LATEST


def is_same(one: str, other: str) -> bool:
    """Do both name one model? `x` is `x:latest`."""
    return version_of(one) == version_of(other)


@dataclass(frozen=True)
class Installed:
    """A model on a server's disk. `abilities` are Ollama's words (completion, tools, vision,
    embedding, thinking), empty when it did not tell."""

    name: str
    size: int
    digest: str = ""
    parameters: str = ""  # "14.8B"
    quantization: str = ""  # "Q4_K_M"
    context: int = 0  # tokens it was trained for; 0: not told
    abilities: tuple[str, ...] = ()
    modified_at: str = ""

    @property
    def embeds(self) -> bool:
        """It makes vectors and does not chat."""
        if self.abilities:
            return "completion" not in self.abilities
        return any(mark in self.name.lower() for mark in _EMBEDS)

    @property
    def is_for_code(self) -> bool:
        return any(mark in self.name.lower() for mark in _CODES)

    @property
    def is_in_cloud(self) -> bool:
        """The server only passes it on: whatever it is called, it has no weights here."""
        _, version = version_of(self.name)
        return version == "cloud" or version.endswith("-cloud") or 0 < self.size < STUB_BYTES

    @property
    def billions(self) -> float:
        """Billions of parameters; by the file's size (about 0.6 bytes each) where not told."""
        found = _SIZE.search(self.parameters) or _SIZE.search(version_of(self.name)[1])
        if found is None:
            return self.size / 0.6e9
        number = float(found[1])
        return number / 1000 if found[2].upper() == "M" else number

    @property
    def strength(self) -> int:
        """How hard a task it may be given, by its size."""
        return max(5, max((s for b, s in STRENGTHS if self.billions >= b * 0.95), default=5))

    def can(self, role: Role) -> bool:
        """May it be chosen for this role?"""
        return self.embeds is (role is Role.EMBED)


@dataclass(frozen=True)
class Loaded:
    """A model in memory: all of it, and how much of that on a graphics card."""

    name: str
    size: int
    gpu_bytes: int = 0
    until: str = ""  # ISO 8601: unloaded then, unless it is asked


@dataclass(frozen=True)
class Memory:
    """Of the machine; None where the system does not tell."""

    total: int | None = None
    available: int | None = None


@dataclass(frozen=True)
class ServerFacts:
    """What a place says of its model server: the answer of `models.look`. `smaller` names models
    that do not fit into memory now, and the one that answers instead; `downs` counts how often the
    server has stopped since the worker began; `is_here`: it listens on the place's own machine
    only, so that nothing said to it goes over a network."""

    place: str
    state: ServerState
    version: str = ""
    address: str = ""
    models: tuple[Installed, ...] = ()
    loaded: tuple[Loaded, ...] = ()
    memory: Memory = Memory()
    smaller: Mapping[str, str] | None = None
    downs: int = 0
    is_here: bool = True
    note: str = ""  # why it is down: a detail for the owner's eye, not a sentence

    def find(self, model: str) -> Installed | None:
        """The installed model of that name."""
        return next((each for each in self.models if is_same(each.name, model)), None)

    def newest_first(self) -> tuple[Installed, ...]:
        return tuple(sorted(self.models, key=lambda each: each.modified_at, reverse=True))


def clip(text: object, most: int = 200) -> str:
    """A foreign word on one line, bounded."""
    return " ".join(str(text).split())[:most]


def details_of(details: Any) -> tuple[str, str]:
    """Parameters and quantisation as the server tells them; empty where it does not."""
    size = getattr(details, "parameter_size", None)
    bits = getattr(details, "quantization_level", None)
    return clip(size or "", 16), clip(bits or "", 16)
