"""Every OpenAI-compatible service through the `openai` library.

What differs between services is data (`catalog.toml`): which field bounds an answer, which fields
are refused, whether models can be listed, what ids of tool calls look like.

The heaviest of the three (790 ms, 48 MB): imported at the first call and by nothing else. A
service without a key gets a placeholder, because the library insists on one; a key that belongs to
one address is never sent to another (`key_of` decides by endpoint).
"""

from __future__ import annotations

from typing import Any, ClassVar

from core.llm.completions import Completions, Library
from core.llm.model import Endpoint
from core.llm.sending import HOOKS

#: Sent where no key is set.
NO_KEY = "none"


class OpenAIChat(Completions):
    """A `ChatModel` at any address that speaks chat completions."""

    #: Aliases and routers serve models that their list does not name.
    lists_all_models: ClassVar[bool] = False

    def library(self) -> Library:
        import httpx2
        import openai

        return Library(openai, (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL))

    def open_connections(self) -> Any:
        # The library looks into `httpx` where that is loaded, also while another thread (groq's
        # first call) is still loading it; importing it waits until it is whole.
        import httpx  # noqa: F401
        import openai

        return openai.DefaultAsyncHttpxClient(event_hooks=HOOKS)

    def open_client(self, endpoint: Endpoint, key: str | None, connections: Any) -> Any:
        import openai

        return openai.AsyncOpenAI(
            api_key=key or NO_KEY,
            base_url=endpoint.base_url,
            max_retries=0,
            http_client=connections,
        )
