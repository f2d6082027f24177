"""Setting the room up: adapters, one loop thread, one pool, from this process's settings.

Called once by wiring; opens nothing and imports no vendor. Keys go to their own endpoints only:
GROQ_API_KEY to Groq's address, OPENAI_API_KEY to the address of the `openai` entry, none to
RENDER_URL.
"""

from __future__ import annotations

from core.clock import Clock
from core.config import Settings, SettingsError
from core.errors import Broken
from core.llm.catalog import OPENAI_URL, catalog
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Pool
from core.llm.scripted_chat import Script, ScriptedChat, read_script
from core.redaction import Redaction


def open_pool(settings: Settings, clock: Clock, redact: Redaction | None = None) -> Pool:
    """This place's models. `SettingsError` when MASK_SCRIPTED_MODEL names no readable script."""
    loop = LoopThread()

    def key_of(endpoint: Endpoint) -> str | None:
        return _key(settings, endpoint)

    return Pool(
        catalog(settings),
        {
            "groq": GroqChat(loop, clock, key_of),
            "openai": OpenAIChat(loop, clock, key_of),
            "ollama": OllamaChat(loop, clock),
            "scripted": ScriptedChat(_script(settings)),
        },
        clock,
        on_close=loop.close,
        redact=redact,
    )


def _key(settings: Settings, endpoint: Endpoint) -> str | None:
    openai_url = settings.openai_base_url or OPENAI_URL
    if endpoint.provider == "groq":
        key = settings.groq_api_key
    elif endpoint.base_url == openai_url:
        key = settings.openai_api_key
    else:
        key = None
    return key.get_secret_value() if key else None


def _script(settings: Settings) -> Script:
    path = settings.scripted_model
    try:
        return read_script(None if path is None else settings.under_home(path))
    except Broken as error:
        why = error.params.get("why", "")
        raise SettingsError(
            "The Mask does not start, because of its settings:\n"
            f"  MASK_SCRIPTED_MODEL: {path}: {why}. Correct the file or the setting."
        ) from None
