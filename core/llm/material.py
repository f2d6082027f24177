"""What of memory is in a prompt, for /why: ids and reasons, never words. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from core.runs.model import Label


@dataclass(frozen=True)
class Material:
    """One thing remembered that a prompt holds. `kind` and `reason` are those of
    `core.memory.context_model.ContextItem`; `at` is ISO 8601."""

    kind: str
    id: str
    reason: str
    at: str | None = None
    label: Label = Label.OPEN
