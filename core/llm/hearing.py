"""A way for what happens on the wire to reach whoever made the call, past the vendors' libraries.

    with listening() as ear:
        pool.chat(...)          # somewhere below: `sending()`, `sent()`, `hear(headers, message)`
    # ear.heard holds what was said, in order; ear.is_sent whether the request went out

The listener travels with the context: `LoopThread.submit` copies the caller's, so calls at the same
time do not hear each other. Nothing here may block: it runs on the loop thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Heard:
    """An answer's headers, lower-case names; `message` is a refusal's sentence."""

    headers: Mapping[str, str]
    message: str = ""
    is_refused: bool = False


@dataclass
class Ear:
    """What was heard of one call. `is_sent`: whether the whole request has gone out to somebody;
    None where the adapter does not tell."""

    heard: deque[Heard] = field(default_factory=deque)
    is_sent: bool | None = None


_LISTENER: ContextVar[Ear | None] = ContextVar("model_headers", default=None)


def sending() -> None:
    """A request is about to go out, and `sent` will tell when it has."""
    listener = _LISTENER.get()
    if listener is not None:
        listener.is_sent = False


def sent() -> None:
    """The request has gone out: whoever got it may work, and bill."""
    listener = _LISTENER.get()
    if listener is not None:
        listener.is_sent = True


def hear(headers: Mapping[str, str], message: str = "", *, is_refused: bool = False) -> None:
    """Say what an answer's head has said; nobody need listen."""
    listener = _LISTENER.get()
    if listener is not None:
        listener.is_sent = True
        named = {name.lower(): str(value) for name, value in headers.items()}
        listener.heard.append(Heard(named, message, is_refused))


@contextmanager
def listening() -> Iterator[Ear]:
    """What is heard in this context while it lasts; read it from any thread."""
    ear = Ear()
    token = _LISTENER.set(ear)
    try:
        yield ear
    finally:
        _LISTENER.reset(token)
