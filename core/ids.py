"""Names for rows: sortable by birth where that helps, unguessable where it matters."""

from __future__ import annotations

import secrets
import time
from typing import NewType

RunId = NewType("RunId", str)
ThreadId = NewType("ThreadId", str)


def new_id() -> str:
    """32 hex digits: 48 bits of Unix milliseconds, then 80 random bits (as UUIDv7 orders)."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def random_token() -> str:
    """128 random bits, base64url, 22 characters: callback ids, pairing codes, boot nonces."""
    return secrets.token_urlsafe(16)
