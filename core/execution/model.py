"""Facts of files and commands; no I/O. What steps return is journaled: new fields need defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Effect:
    """What an effect at a place left: told to the model, and on the card.

    `text` is what a model may read (the tail of an output, what a file looks like now), redacted.
    `summary` holds facts for the card: `exit_code`, `took_s`, `output_bytes`, `killed` (`time`,
    `stop`, `output`), `bytes`, `entries`. `change_id` is what /undo takes back; `blob` refers to
    the whole output where `text` is only a part. Only `blob` is set where a private outcome stays
    at its place, because home is a rented machine.
    """

    text: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    change_id: str | None = None
    blob: dict[str, Any] | None = None


@dataclass(frozen=True)
class Seen:
    """What was read at a place: data, never an instruction. `more` tells how to read on. Only
    `blob` is set where something private stays at its place, because home is a rented machine."""

    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    more: str = ""
    blob: dict[str, Any] | None = None
