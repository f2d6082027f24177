"""The plain way to many models: a fixed list of OpenAI clients, best first, and their own retries.

Knows no labels, no budget, and nothing of what the last call learned.
"""

from __future__ import annotations

from typing import Any

import httpx2
import openai

from core.errors import Unavailable
from core.llm.model import Request
from ops.emulator.models.lab_client import Lab
from ops.emulator.models.lab_script import Dialect

#: How many of the list are tried; nobody writes down fifty.
LIST_LENGTH = 6
TIMEOUT_S = 5.0


class FixedList:
    """Asks the first of the list, then the next."""

    def __init__(self, lab: Lab) -> None:
        fakes = [fake for fake in lab.fakes().values() if fake.dialect is not Dialect.OLLAMA]
        self._entries = []
        fakes.sort(key=lambda fake: -fake.completion_price)
        for fake in fakes[:LIST_LENGTH]:
            path = fake.chat_path.removesuffix("/chat/completions")
            key = next(iter(fake.keys), "none")
            url = f"{lab.urls[fake.name]}{path}"
            client = openai.OpenAI(api_key=key, base_url=url, timeout=TIMEOUT_S)
            self._entries.append((fake.model, client))

    def ask(self, request: Request) -> str:
        """The text. Unavailable when the whole list has failed."""
        messages: list[Any] = [
            {"role": message.role, "content": message.content} for message in request.messages
        ]
        for model, client in self._entries:
            try:
                stream = client.chat.completions.create(
                    model=model, messages=messages, stream=True, max_tokens=request.max_output
                )
                parts = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
            except (openai.APIError, httpx2.HTTPError, ValueError):
                continue
            if any(parts):
                return "".join(parts)
        raise Unavailable("all-models-failed")

    def close(self) -> None:
        for _, client in self._entries:
            client.close()
