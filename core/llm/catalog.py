"""Which models there are: the shipped list with this process's settings filled in.

Pure but for reading `catalog.toml` beside it. Decides whose machine an endpoint is: only an Ollama
on this machine's own loopback counts as the owner's, when the place is `mine` and the model is not
one that Ollama passes on to its cloud. Everything else is somebody else's (law 5). Holds no keys.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from core.config import Settings, SettingsError
from core.llm.addresses import is_loopback, ollama_url, with_version, without_suffix
from core.llm.model import SCRIPTED, Deadlines, Endpoint

HOME = "home"
#: OpenAI's own address, where OPENAI_BASE_URL is not set.
OPENAI_HOST = "api.openai.com"
OPENAI_URL = f"https://{OPENAI_HOST}/v1"
_OLLAMA_SETTINGS = frozenset({"ollama_model", "ollama_host", "ollama_port"})


def catalog(settings: Settings) -> tuple[Endpoint, ...]:
    """Every endpoint of this place in the order of asking. An entry whose setting is missing is
    there too, marked with the setting's name, so that /status and /why can tell."""
    if settings.scripted_model is not None:
        return (scripted(settings.node),)
    entries = [_endpoint(entry, settings) for entry in _shipped()]
    found = [_placed(endpoint, settings.node) for endpoint in entries]
    return (*found, scripted(settings.node))


def scripted(place: str = HOME) -> Endpoint:
    """The scripted model; the owner's own, since it never leaves the process."""
    return Endpoint(
        name=SCRIPTED, provider="scripted", model="practice", place=place, is_mine=True,
        context=1_000_000, max_output=100_000,
    )  # fmt: skip


@cache
def _shipped() -> tuple[dict[str, Any], ...]:
    text = resources.files("core.llm").joinpath("catalog.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["endpoint"])


def _endpoint(entry: dict[str, Any], settings: Settings) -> Endpoint:
    fields = {name: value for name, value in entry.items() if name != "source"}
    fields["deadlines"] = Deadlines(**fields.get("deadlines", {}))
    fields.setdefault("model", settings.ollama_model)
    fields.setdefault("name", f"{entry['provider']}/{fields['model']}")
    endpoint = Endpoint(**fields)
    match entry.get("source", entry["provider"]):
        case "groq":
            return replace(
                endpoint,
                base_url=without_suffix(settings.groq_base_url),
                missing="" if settings.groq_api_key else "GROQ_API_KEY",
            )
        case "openai":
            return _openai(endpoint, settings)
        case "render":
            url = with_version(settings.render_url) if settings.render_url else None
            missing = "" if url else "RENDER_URL"
            return replace(endpoint, base_url=url, missing=missing, guesses_model=True)
        case _:
            return _ollama(endpoint, settings)


def _openai(endpoint: Endpoint, settings: Settings) -> Endpoint:
    """OpenAI itself, or the compatible service at OPENAI_BASE_URL, whose models we do not know."""
    url = settings.openai_base_url
    if url is None:
        missing = "" if settings.openai_api_key else "OPENAI_API_KEY"
        return replace(endpoint, base_url=OPENAI_URL, missing=missing)
    host = urlsplit(url).hostname or url
    return replace(endpoint, name=f"openai/{host}", base_url=url, guesses_model=host != OPENAI_HOST)


def _ollama(endpoint: Endpoint, settings: Settings) -> Endpoint:
    is_named = bool(_OLLAMA_SETTINGS & settings.model_fields_set)
    try:
        base_url = ollama_url(settings.ollama_host, settings.ollama_port)
    except ValueError as error:
        raise SettingsError(
            "The Mask does not start, because of its settings:\n"
            f"  OLLAMA_HOST: {error}. Correct it in the environment or in .env."
        ) from None
    is_here = is_loopback(urlsplit(base_url).hostname or "")
    return replace(
        endpoint,
        base_url=base_url,
        is_mine=settings.place == "mine" and is_here and not is_cloud_model(endpoint.model),
        is_assumed=not is_named,
        guesses_model="ollama_model" not in settings.model_fields_set,
    )


def _placed(endpoint: Endpoint, place: str) -> Endpoint:
    if place == HOME:
        return endpoint
    return replace(endpoint, place=place, name=f"{endpoint.name}@{place}")


def is_cloud_model(model: str) -> bool:
    """Whether a local Ollama passes this model on to its cloud."""
    return model.endswith((":cloud", "-cloud"))
