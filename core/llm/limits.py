"""How large one request may be by the provider's own limit of tokens per minute.

A free account's limit is far below the model's window (8,000 against 131,072 at Groq), and one
request over it is refused for good (413). Providers state the limit with every answer; what is
learned holds while the process lives, and counts as the endpoint's context from then on.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

from core.llm.model import Endpoint

HEADER = "x-ratelimit-limit-tokens"
#: Below this a number is not a limit but a way of saying "unknown" (0 and -1 at Azure).
LEAST_TOKENS = 1000

_SENTENCE = re.compile(r"\(TPM\): Limit (\d+)")


class TokenLimits:
    """Tokens per minute by endpoint, as far as the providers have said. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, int] = {}

    def learn(self, endpoint: Endpoint, headers: Mapping[str, str], message: str = "") -> None:
        """Take the limit from an answer's headers, or from a refusal's sentence."""
        said = _SENTENCE.search(message)
        text = said[1] if said else headers.get(HEADER, "")
        if text.isdecimal() and int(text) >= LEAST_TOKENS:
            with self._lock:
                self._known[endpoint.name] = int(text)

    def of(self, endpoint: Endpoint) -> int | None:
        """The limit, or None where nobody has said."""
        with self._lock:
            return self._known.get(endpoint.name)
