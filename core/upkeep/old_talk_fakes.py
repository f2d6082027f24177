"""A model that summarises without understanding, for tests and proofs: it copies what was said.

It keeps the form that the prompt asks for: one point for each original, with its number. `write`
may do otherwise: leave something out, make something up, say nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from core.llm.model import Endpoint, Health, Reply, Request
from core.runs.cancel import CancelToken

#: Where an original begins in the material: its number, date and speaker.
_HEAD = re.compile(r"^\[(\d+)\] \d{4}-\d\d-\d\d [a-z]+: ", re.MULTILINE)


def material(request: Request) -> list[tuple[int, str]]:
    """The originals of a request by number, in its order."""
    parts = _HEAD.split(request.messages[1].content)[1:]
    return [(int(parts[at]), parts[at + 1].strip()) for at in range(0, len(parts), 2)]


def honest(request: Request) -> str:
    """Every original as a point of its own."""
    return "\n".join(f"- {' '.join(text.split())} [{at}]" for at, text in material(request))


class FakeSummariser:
    """A `ChatModel`; `requests` holds what it was asked, in order."""

    def __init__(self, write: Callable[[Request], str] = honest) -> None:
        self._write = write
        self._lock = threading.Lock()
        self.requests: list[Request] = []

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,  # noqa: ARG002 - it answers at once
    ) -> Reply:
        with self._lock:
            self.requests.append(request)
        text = self._write(request)
        on_text(text)
        return Reply(text, endpoint.name, endpoint.place)

    def probe(self, endpoint: Endpoint) -> Health:
        return Health(is_up=True, detail="a fake", models=(endpoint.model,))

    def token_limit(self, _endpoint: Endpoint) -> int | None:
        """None: it counts no tokens."""
        return None

    def close(self) -> None:
        """Nothing is open."""
