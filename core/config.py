"""Every setting once: read at start from the environment and `.env`, typed, then frozen.

A missing or wrong value stops the process with the setting's name and the remedy
(`SettingsError`). What the owner changes in the chat is not here: that is rows, read per use.
Names fixed by the seed documents keep their form; ours begin with MASK_.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Secrets printed in the seed documents; a value everybody knows protects nothing.
PUBLISHED_SECRETS = frozenset({"secret_key", "secret_key_123", "secure_pass_2025", "changeme"})
#: The root that SANDBOX_DIR names; others are named in MASK_ROOTS (two letters at least: `c:` is a
#: drive).
SANDBOX = "sandbox"
ROOT_NAME = re.compile(r"[a-z][a-z0-9_-]{1,31}")


class SettingsError(SystemExit):
    """The process stops before doing anything; the text names the setting and the remedy."""


def _named(name: str, default: Any = ..., **more: Any) -> Any:
    return Field(default, validation_alias=AliasChoices(name), **more)


class Settings(BaseSettings):
    """The process's settings. Unknown variables are ignored; all fields are frozen."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    # -- the house -------------------------------------------------------------------------------
    home: Annotated[Path, Field(description="data directory; relative paths are under it")] = (
        _named("MASK_HOME", Path("data"), validate_default=True)
    )
    place: Literal["mine", "rented"] = _named(
        "MASK_PLACE", "mine", description="is this machine the owner's own, or rented?"
    )
    node: str = _named("MASK_NODE", "home", description="this machine's name among the places")
    key: SecretStr | None = _named(
        "MASK_KEY", None, description="master key; else the file keys/master under MASK_HOME"
    )

    # -- Telegram --------------------------------------------------------------------------------
    telegram_token: SecretStr | None = _named("MASK_TELEGRAM_TOKEN", None)
    telegram_api: str = _named(
        "MASK_TELEGRAM_API",
        "https://api.telegram.org",
        description="base URL of the Bot API, for emulators and local servers",
    )
    owner_id: int | None = _named("MASK_OWNER_ID", None, description="unset: pairing link")
    webhook_url: str | None = _named(
        "MASK_WEBHOOK_URL", None, description="set: webhook; unset: polling"
    )
    webhook_port: int = _named("PORT", 8443, description="where the webhook handler listens")

    # -- database and broker ---------------------------------------------------------------------
    database_url: SecretStr | None = _named("MASK_DATABASE_URL", None, description="beats DB_PATH")
    db_path: Path = _named("DB_PATH", Path("memory.db"), description="SQLite file, under MASK_HOME")
    redis_url: SecretStr = _named("MASK_REDIS_URL", SecretStr("redis://127.0.0.1:6379/0"))

    # -- models ----------------------------------------------------------------------------------
    groq_api_key: SecretStr | None = _named("GROQ_API_KEY", None)
    groq_base_url: str = _named("GROQ_BASE_URL", "https://api.groq.com")
    openai_api_key: SecretStr | None = _named("OPENAI_API_KEY", None)
    openai_base_url: str | None = _named("OPENAI_BASE_URL", None)
    claude_api_key: SecretStr | None = _named("CLAUDE_API_KEY", None)
    gemini_api_key: SecretStr | None = _named("GEMINI_API_KEY", None)
    mistral_api_key: SecretStr | None = _named("MISTRAL_API_KEY", None)
    cohere_api_key: SecretStr | None = _named("COHERE_API_KEY", None)
    openrouter_api_key: SecretStr | None = _named("OPENROUTER_API_KEY", None)
    together_api_key: SecretStr | None = _named("TOGETHER_API_KEY", None)
    deepseek_api_key: SecretStr | None = _named("DEEPSEEK_API_KEY", None)
    key_rotation: Literal["fill-first", "round-robin", "least-used"] = _named(
        "MASK_KEY_ROTATION", "fill-first", description="which of a service's keys is next"
    )
    ollama_model: str = _named("OLLAMA_MODEL", "qwen3:14b")
    ollama_host: str = _named("OLLAMA_HOST", "127.0.0.1")
    ollama_port: int = _named("OLLAMA_PORT", 11434)
    ollama_registry: str = _named(
        "MASK_OLLAMA_REGISTRY",
        "https://registry.ollama.ai",
        description="where sizes and newer versions of local models are looked up",
    )
    render_url: str | None = _named("RENDER_URL", None, description="OpenAI-compatible 7B service")
    scripted_model: Path | None = _named(
        "MASK_SCRIPTED_MODEL", None, description="a script file; then no other model is asked"
    )
    api_limit: int = _named("API_LIMIT", 100, gt=0, description="calls per minute and provider")
    router_weights: str = _named(
        "MASK_ROUTER_WEIGHTS", "", description="what counts how much in the choice: name=number;..."
    )
    model_cache_s: float = _named(
        "MASK_MODEL_CACHE_S", 0.0, ge=0, description="seconds an answer is given again; 0: never"
    )

    approval_timeout: int | None = _named(
        "APPROVAL_TIMEOUT", None, gt=0, description="seconds; set: holds for all rules"
    )
    sync_interval: int = _named("SYNC_INTERVAL", 5, gt=0, description="minutes")
    state_save_interval: int = _named("STATE_SAVE_INTERVAL", 3600, gt=0, description="seconds")
    summary_age_months: int = _named("SUMMARY_AGE_MONTHS", 6, gt=0)
    summary_interval_days: int = _named("SUMMARY_INTERVAL_DAYS", 30, gt=0)
    mirror_path: Path = _named(
        "MASK_MIRROR", Path("memory_backup.json"), description="the sealed copy of memory"
    )
    mirror_interval: int = _named(
        "MASK_MIRROR_INTERVAL", 15, gt=0, description="minutes; written only when memory changed"
    )
    check_interval: int = _named(
        "MASK_CHECK_INTERVAL", 24, gt=0, description="hours between integrity checks"
    )
    embed_model: str = _named(
        "MASK_EMBED_MODEL", "", description="a model on Ollama for search by meaning; unset: off"
    )
    backup_dir: Path = _named("BACKUP_DIR", Path("backups"))
    plugin_dir: Path = _named("PLUGIN_DIR", Path("plugins"))
    sandbox_dir: Path = _named("SANDBOX_DIR", Path("project_folder"))
    more_roots: str = _named(
        "MASK_ROOTS", "", description="further folders for files and commands: name=path;name=path"
    )
    learning_prompt: str = _named(
        "LEARNING_PROMPT",
        "What should be learned from this? Answer with the lesson and one category: "
        "code_error, performance_issue, security, other.",
    )
    status_auth_key: SecretStr | None = _named("STATUS_AUTH_KEY", None)
    dashboard_auth_password: SecretStr | None = _named("DASHBOARD_AUTH_PASSWORD", None)

    # -- switches ----------------------------------------------------------------------------------
    practice: bool = _named(
        "MASK_PRACTICE", False, description="set by `ops try`: answers are marked as practice"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _named("MASK_LOG_LEVEL", "INFO")

    @field_validator("status_auth_key", "dashboard_auth_password", "key", "telegram_token")
    @classmethod
    def _not_published(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value() in PUBLISHED_SECRETS:
            raise ValueError("this value is printed in public documents; choose another one")
        return value

    @field_validator("more_roots")
    @classmethod
    def _readable_roots(cls, value: str) -> str:
        _roots_in(value)
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """Whatever is derived from it means the same place, wherever a process stands."""
        return value.absolute()

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any, info: Any) -> Any:
        field = cls.model_fields[info.field_name]
        return field.default if value == "" and not field.is_required() else value

    def under_home(self, path: Path) -> Path:
        """`path` itself when absolute, else below MASK_HOME."""
        return path if path.is_absolute() else self.home.absolute() / path

    def roots(self) -> dict[str, Path]:
        """The folders that files and commands may reach, by name; `sandbox` is the first."""
        more = {name: self.under_home(path) for name, path in _roots_in(self.more_roots).items()}
        return {SANDBOX: self.under_home(self.sandbox_dir), **more}


def _roots_in(text: str) -> dict[str, Path]:
    """`name=path;name=path`, each name once. ValueError says which part is wrong."""
    found: dict[str, Path] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, path = (piece.strip() for piece in part.partition("="))
        if not equals or not path or not ROOT_NAME.fullmatch(name):
            raise ValueError(
                f"part {len(found) + 1} is not name=path with a name of small letters, "
                "digits, - and _"
            )
        if name == SANDBOX or name in found:
            raise ValueError(f"the name {name!r} is used twice")
        found[name] = Path(path)
    return found


def load(**overrides: Any) -> Settings:
    """The settings of this process, or `SettingsError` with one line per mistake."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(explain(error)) from None


def explain(error: ValidationError) -> str:
    """One line per mistake: the variable's name, what is wrong, what to do. No values (secrets)."""
    lines = ["The Mask does not start, because of its settings:"]
    for mistake in error.errors():
        name = str(mistake["loc"][0])
        field = Settings.model_fields.get(name)
        alias = field.validation_alias if field else None
        shown = alias.choices[0] if isinstance(alias, AliasChoices) else name
        lines.append(f"  {shown}: {mistake['msg']}. Correct it in the environment or in .env.")
    return "\n".join(lines)
