"""A way for an answer's headers to reach whoever made the call, past the vendors' libraries.

    with listening() as heard:
        pool.chat(...)          # somewhere below: `hear(headers, message)`
    # heard holds what was said, in order

The listener travels with the context: `LoopThread.submit` copies the caller's, so calls at the same
time do not hear each other. Nothing here may block: it runs on the loop thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Heard:
    """An answer's headers, lower-case names; `message` is a refusal's sentence."""

    headers: Mapping[str, str]
    message: str = ""
    is_refused: bool = False


_LISTENER: ContextVar[deque[Heard] | None] = ContextVar("model_headers", default=None)


def hear(headers: Mapping[str, str], message: str = "", *, is_refused: bool = False) -> None:
    """Say what an answer's head has said; nobody need listen."""
    listener = _LISTENER.get()
    if listener is not None:
        named = {name.lower(): str(value) for name, value in headers.items()}
        listener.append(Heard(named, message, is_refused))


@contextmanager
def listening() -> Iterator[deque[Heard]]:
    """What is heard in this context while it lasts; read it from any thread."""
    heard: deque[Heard] = deque()
    token = _LISTENER.set(heard)
    try:
        yield heard
    finally:
        _LISTENER.reset(token)
