"""Which models there are: the shipped list with this process's settings filled in.

Pure but for reading `catalog.toml` beside it. Decides whose machine an endpoint is: only an Ollama
on this machine's own loopback counts as the owner's, when the place is `mine` and the model is not
one that Ollama passes on to its cloud. Everything else is somebody else's (law 5). Decides also
which address a service's key may go to. Holds no keys.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from pydantic import AliasChoices, SecretStr

from core.config import Settings, SettingsError
from core.llm.addresses import (
    is_loopback,
    ollama_url,
    place_of_url,
    with_version,
    without_suffix,
)
from core.llm.model import SCRIPTED, Deadlines, Endpoint, Limits, Role
from core.llm.shipped import Service, entries, price_from, price_of, service_of, services

HOME = "home"
#: OpenAI's own address, where OPENAI_BASE_URL is not set.
OPENAI_HOST = "api.openai.com"
OPENAI_URL = f"https://{OPENAI_HOST}/v1"
_OLLAMA_SETTINGS = frozenset({"ollama_model", "ollama_host", "ollama_port"})
#: Fields of an entry that are about the entry and not about the endpoint.
_ABOUT = frozenset({"alias", "suggested", "list_price", "drops"})


def catalog(
    settings: Settings, keyed: Collection[str] | None = None, *, whole: bool = False
) -> tuple[Endpoint, ...]:
    """The endpoints of this place in the order of asking, the scripted one last. `keyed` are the
    services that have a key (None: those of the environment). What is suggested is there even
    without its setting, marked with the setting's name, so that /status and /why can tell; other
    services appear with their key, or when the `whole` list is wanted."""
    if settings.scripted_model is not None:
        return (scripted(settings.node),)
    known = environment_keys(settings).keys() if keyed is None else keyed
    found = [
        _placed(endpoint, settings.node)
        for entry in entries()
        for endpoint in _endpoints(entry, settings, known)
        if whole or entry.get("suggested") or not endpoint.missing
    ]
    return (*found, scripted(settings.node))


def named(settings: Settings) -> dict[str, str]:
    """The seed documents' names of three models, and which endpoint has each."""
    return {
        entry["alias"]: _placed(endpoint, settings.node).name
        for entry in entries()
        if "alias" in entry
        for endpoint in _endpoints(entry, settings, ())
    }


def scripted(place: str = HOME) -> Endpoint:
    """The scripted model; the owner's own, since it never leaves the process."""
    return Endpoint(
        name=SCRIPTED, provider="scripted", model="practice", place=place, is_mine=True,
        context=1_000_000, max_output=100_000,
    )  # fmt: skip


def environment_keys(settings: Settings) -> dict[str, str]:
    """The environment's keys by the service they belong to. OPENAI_API_KEY belongs to the service
    at OPENAI_BASE_URL where that is another's."""
    named_so = {
        alias.choices[0]: getattr(settings, field)
        for field, info in type(settings).model_fields.items()
        if isinstance(alias := info.validation_alias, AliasChoices)
    }
    values = {each.name: named_so.get(each.setting) for each in services().values()}
    elsewhere = _elsewhere(settings)
    return {
        elsewhere if name == "openai" and elsewhere else name: value.get_secret_value()
        for name, value in values.items()
        if isinstance(value, SecretStr)
    }


def address_of(service: str, settings: Settings) -> str | None:
    """Where a shipped service is reached from here; None for one that is known by its address."""
    match service:
        case "groq":
            return without_suffix(settings.groq_base_url)
        case "openai":
            url = settings.openai_base_url
            return url if url is not None and not _elsewhere(settings) else OPENAI_URL
        case "render":
            return with_version(settings.render_url) if settings.render_url else None
        case "ollama":
            return _ollama_address(settings)
        case _:
            return service_of(service).url


def may_have_key(endpoint: Endpoint, settings: Settings) -> bool:
    """Whether the key of the endpoint's service may be sent to the endpoint's address: only to the
    service's own, whatever a row or a file says."""
    name = endpoint.service or endpoint.provider
    if endpoint.base_url is None or service_of(name).is_keyless:
        return False
    if name in services():
        return endpoint.base_url == address_of(name, settings)
    return place_of_url(endpoint.base_url) == name


def is_ours(base_url: str | None, model: str, settings: Settings) -> bool:
    """Whether an Ollama at this address is on the owner's own machine and keeps the text there."""
    is_here = is_loopback(urlsplit(base_url or "").hostname or "")
    return settings.place == "mine" and is_here and not is_cloud_model(model)


def _endpoints(
    entry: dict[str, Any], settings: Settings, keyed: Collection[str]
) -> tuple[Endpoint, ...]:
    """What an entry stands for here: one endpoint; where OPENAI_BASE_URL is not OpenAI's, the first
    of OpenAI's entries for the service there, and all of them once OpenAI has a key of its own."""
    endpoint = _endpoint(entry, settings, keyed)
    if entry["service"] != "openai" or not _elsewhere(settings):
        return (endpoint,)
    own = (endpoint,) if "openai" in keyed else ()
    return (_compatible(endpoint, settings), *own) if entry.get("suggested") else own


def _endpoint(entry: dict[str, Any], settings: Settings, keyed: Collection[str]) -> Endpoint:
    service = services()[entry["service"]]
    endpoint = _plain(entry, service, settings)
    if service.name == "ollama":
        return _ollama(endpoint, settings)
    if service.name == "render":
        missing = "" if settings.render_url else service.setting
        return replace(endpoint, missing=missing, guesses_model=True)
    return replace(endpoint, missing="" if service.name in keyed else service.setting)


def _plain(entry: dict[str, Any], service: Service, settings: Settings) -> Endpoint:
    """The entry as an endpoint, but for what depends on its service."""
    fields = {name: value for name, value in entry.items() if name not in _ABOUT}
    fields.setdefault("model", settings.ollama_model)
    fields.setdefault("name", f"{service.name}/{fields['model']}")
    fields["options"] = {**dict.fromkeys(entry.get("drops", ())), **fields.get("options", {})}
    fields["deadlines"] = Deadlines(**fields.get("deadlines", {}))
    fields["limits"] = Limits(**fields.get("limits", {}))
    fields["price"] = price_from(fields.get("price", {}))
    fields["languages"] = tuple(fields.get("languages", ()))
    fields["roles"] = tuple(Role(role) for role in fields.get("roles", ("chat",)))
    return Endpoint(
        provider=service.protocol, base_url=address_of(service.name, settings), **fields
    )


def _elsewhere(settings: Settings) -> str:
    """The service that OPENAI_BASE_URL names when it is not OpenAI: host and port."""
    url = settings.openai_base_url
    return place_of_url(url) if url and urlsplit(url).hostname != OPENAI_HOST else ""


def _compatible(endpoint: Endpoint, settings: Settings) -> Endpoint:
    """The service at OPENAI_BASE_URL, whose models and prices we do not know."""
    url = str(settings.openai_base_url)
    service = place_of_url(url)
    return replace(
        endpoint,
        name=f"openai/{urlsplit(url).hostname or url}",
        service=service,
        base_url=url,
        missing="",
        guesses_model=True,
        vision=False,
        languages=(),
        strength=50,
        price=price_of(service, "", url),
    )


def _ollama_address(settings: Settings) -> str:
    try:
        return ollama_url(settings.ollama_host, settings.ollama_port)
    except ValueError as error:
        raise SettingsError(
            "The Mask does not start, because of its settings:\n"
            f"  OLLAMA_HOST: {error}. Correct it in the environment or in .env."
        ) from None


def _ollama(endpoint: Endpoint, settings: Settings) -> Endpoint:
    return replace(
        endpoint,
        is_mine=is_ours(endpoint.base_url, endpoint.model, settings),
        is_assumed=not _OLLAMA_SETTINGS & settings.model_fields_set,
        guesses_model="ollama_model" not in settings.model_fields_set,
    )


def _placed(endpoint: Endpoint, place: str) -> Endpoint:
    if place == HOME:
        return endpoint
    return replace(endpoint, place=place, name=f"{endpoint.name}@{place}")


def is_cloud_model(model: str) -> bool:
    """Whether a local Ollama passes this model on to its cloud."""
    return model.endswith((":cloud", "-cloud"))
