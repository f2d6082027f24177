"""Values of the journal, to JSON and back.

What a workflow receives is always decoded from what was written, also the first time, so a value
that does not survive the trip fails at once and not after a restart.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.db import canonical
from core.errors import Broken


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def encode(kind: Any, value: Any) -> Any:
    """`value` as JSON data, checked against `kind` (a dataclass, tuple, union, None ...)."""
    try:
        return _adapter(kind).dump_python(value, mode="json", warnings="error")
    except Exception as error:
        raise Broken("value-not-storable", what=str(kind), why=type(error).__name__) from error


def decode(kind: Any, data: Any) -> Any:
    """The value that `encode` wrote; Broken(`value-not-readable`) when it no longer fits."""
    try:
        return _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise Broken("value-not-readable", what=str(kind), count=error.error_count()) from error


def digest(data: Any) -> str:
    """sha256 of the canonical JSON text, 64 hex digits."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()
