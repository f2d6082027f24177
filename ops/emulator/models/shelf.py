"""The models that the fake Ollama holds, and the registry that it pulls from.

A manifest is real bytes: its sha256 is the digest that `/api/tags` tells, as with the real one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

#: Bytes of a 14B model at four bits, and of one whose name tells no size.
MODEL_BYTES, SMALL_BYTES = 9_276_198_565, 2_019_393_189
ABILITIES = ("completion", "tools", "thinking")
GIB = 1024**3
#: Bytes of a license, and of a configuration.
SPARE = 500


@dataclass(frozen=True)
class Published:
    """A model as the registry has it; another `revision` has other bytes."""

    size: int = MODEL_BYTES
    revision: int = 1
    abilities: tuple[str, ...] = ABILITIES
    parameters: str = "14.8B"
    context: int = 40960


def usual(name: str) -> Published:
    """A model that nobody described: by the size in its name."""
    if "14b" in name:
        return Published()
    if "embed" in name:
        return Published(274_302_450, 1, ("embedding",), "137M", 2048)
    return Published(SMALL_BYTES, 1, ABILITIES, "3.2B", 131_072)


def full(name: str) -> str:
    """With its tag."""
    return name if name.rfind(":") > name.rfind("/") else f"{name}:latest"


def manifest(name: str, model: Published) -> bytes:
    """The manifest's bytes: one large layer, one small, and the configuration."""
    rest = model.size - 2 * SPARE
    layers = [_part(name, model, "model", rest), _part(name, model, "license", SPARE)]
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": _part(name, model, "config", SPARE),
            "layers": layers,
        },
        separators=(",", ":"),
    ).encode()


def _part(name: str, model: Published, kind: str, size: int) -> dict[str, Any]:
    seed = f"{name}/{model.revision}/{kind}".encode()
    return {
        "mediaType": f"application/vnd.ollama.image.{kind}",
        "digest": f"sha256:{hashlib.sha256(seed).hexdigest()}",
        "size": size,
    }


@dataclass
class Shelf:
    """What is published beside the usual ones, what lies on the disk, and the memory in bytes
    (None: everything fits). `pieces` is the number of lines that a layer's download takes."""

    published: dict[str, Published] = field(default_factory=dict)
    stored: dict[str, tuple[str, Published]] = field(default_factory=dict)
    memory: int | None = None
    pieces: int = 4

    def in_registry(self, name: str) -> Published | None:
        return self.published.get(full(name))

    def publish(self, name: str, **more: Any) -> None:
        known = self.published.get(full(name)) or usual(name)
        abilities = tuple(more.pop("abilities", known.abilities))
        self.published[full(name)] = replace(known, abilities=abilities, **more)

    def on_disk(self, name: str) -> tuple[str, Published]:
        """Digest and facts of an installed model."""
        found = self.stored.get(full(name))
        if found is None:
            model = self.in_registry(name) or usual(name)
            found = self.stored[full(name)] = (self.digest(name, model), model)
        return found

    def take(self, name: str, model: Published) -> None:
        """A pull has ended."""
        self.stored[full(name)] = (self.digest(name, model), model)

    @staticmethod
    def digest(name: str, model: Published) -> str:
        return hashlib.sha256(manifest(full(name), model)).hexdigest()

    def no_room(self, name: str) -> str | None:
        """The error of a model that does not fit, as servers wrote it up to 0.12."""
        _, model = self.on_disk(name)
        if self.memory is None or model.size <= self.memory:
            return None
        need, have = model.size / GIB, self.memory / GIB
        room = f"than is available ({have:.1f} GiB)"
        return f"model requires more system memory ({need:.1f} GiB) {room}"


def from_data(shelf: Shelf, data: dict[str, Any]) -> None:
    """A change by the control API: `publish` {name: {...}}, `memory`, `pieces`."""
    for name, more in dict(data.get("publish") or {}).items():
        shelf.publish(name, **more)
    if "memory" in data:
        shelf.memory = data["memory"]
    if "pieces" in data:
        shelf.pieces = int(data["pieces"])
