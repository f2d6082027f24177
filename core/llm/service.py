"""Setting the room up: adapters, one loop thread, one pool, from this process's settings.

Called once by wiring; opens nothing and imports no vendor. Which key goes where is `keyring`'s to
decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.clock import Clock
from core.config import Settings, SettingsError
from core.errors import Broken
from core.llm.catalog import catalog
from core.llm.credentials import Credentials
from core.llm.groq_chat import GroqChat
from core.llm.keyring import keys_of
from core.llm.loop_thread import LoopThread
from core.llm.model import Endpoint
from core.llm.ollama_chat import OllamaChat
from core.llm.openai_chat import OpenAIChat
from core.llm.paces import Paces
from core.llm.pool import Adapter, Pool
from core.llm.scripted_chat import Script, ScriptedChat, read_script
from core.llm.standings import Standings
from core.redaction import Redaction


def open_pool(
    settings: Settings,
    clock: Clock,
    redact: Redaction | None = None,
    credentials: Credentials | None = None,
    *,
    endpoints: Callable[[], Sequence[Endpoint]] | None = None,
    ollama: Adapter | None = None,
    standings: Standings | None = None,
    paces: Paces | None = None,
) -> Pool:
    """This place's models, with the keys of the `credentials`, else of the environment.
    `endpoints`: what takes the place of the settings' catalog, asked once a second.
    `SettingsError` when MASK_SCRIPTED_MODEL names no readable script."""
    loop, key_of = LoopThread(), keys_of(settings, credentials)
    return Pool(
        endpoints or catalog(settings),
        {
            "groq": GroqChat(loop, clock, key_of),
            "openai": OpenAIChat(loop, clock, key_of),
            "ollama": ollama or OllamaChat(loop, clock),
            "scripted": ScriptedChat(_script(settings)),
        },
        clock,
        on_close=loop.close,
        redact=redact,
        standings=standings,
        paces=paces,
    )


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
