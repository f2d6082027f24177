"""Groq's models through the `groq` library, imported at the first call (330 ms, 32 MB)."""

from __future__ import annotations

from typing import Any, ClassVar

from core.llm.completions import Completions, Library
from core.llm.model import Endpoint, Failure
from core.llm.ports import ModelFailed
from core.llm.sending import HOOKS


class GroqChat(Completions):
    """A `ChatModel` at api.groq.com, or wherever GROQ_BASE_URL points."""

    lists_all_models: ClassVar[bool] = True

    def library(self) -> Library:
        import groq
        import httpx

        return Library(groq, (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL))

    def open_connections(self) -> Any:
        import groq

        return groq.DefaultAsyncHttpxClient(event_hooks=HOOKS)

    def open_client(self, endpoint: Endpoint, key: str | None, connections: Any) -> Any:
        import groq

        if not key:
            raise ModelFailed(Failure.NOT_SET_UP, detail="GROQ_API_KEY is not set")
        return groq.AsyncGroq(
            api_key=key,
            base_url=endpoint.base_url,
            max_retries=0,
            http_client=connections,
        )
