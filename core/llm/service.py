"""Setting the room up: adapters, one loop thread, one pool, from this process's settings.

Called once by wiring; opens nothing and imports no vendor. Keys go to their own services' addresses
only (`catalog.may_have_key`): GROQ_API_KEY to Groq's, OPENAI_API_KEY to OPENAI_BASE_URL, none to
RENDER_URL.
"""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Clock
from core.config import Settings, SettingsError
from core.db import Database
from core.errors import Broken
from core.llm.catalog import catalog, environment_keys, may_have_key
from core.llm.credentials import Credentials
from core.llm.groq_chat import GroqChat
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.pool import Pool
from core.llm.rotation import Strategy
from core.llm.scripted_chat import Script, ScriptedChat, read_script
from core.redaction import Redaction
from core.seal import Master


def open_pool(
    settings: Settings,
    clock: Clock,
    redact: Redaction | None = None,
    credentials: Credentials | None = None,
) -> Pool:
    """This place's models, with the keys of the `credentials`, else of the environment.
    `SettingsError` when MASK_SCRIPTED_MODEL names no readable script."""
    loop, key_of = LoopThread(), keys_of(settings, credentials)
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


def open_credentials(
    settings: Settings,
    db: Database,
    clock: Clock,
    master: Master,
    learn: Callable[[str], None] = lambda _key: None,
) -> Credentials:
    """The keys of this place: those that were given in the chat, and the environment's."""
    return Credentials(
        db,
        clock,
        master.subkey("credentials"),
        Strategy(settings.key_rotation),
        defaults=environment_keys(settings),
        learn=learn,
    )


def keys_of(
    settings: Settings, credentials: Credentials | None
) -> Callable[[Endpoint], str | None]:
    """The key of an endpoint: out of the credentials, or where there are none, the environment's;
    None where the endpoint's address is not its service's."""
    own = environment_keys(settings)

    def key_of(endpoint: Endpoint) -> str | None:
        if not may_have_key(endpoint, settings):
            return None
        if credentials is not None:
            return credentials.key_of(endpoint)
        return own.get(endpoint.service or endpoint.provider)

    return key_of


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
