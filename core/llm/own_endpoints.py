"""What a row makes of an endpoint: figures changed on a shipped one, or one of the owner's own.

Pure. Whose machine it is, where a shipped service is reached and whether its key is missing are
worked out here, never taken from a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from core.config import Settings
from core.errors import Refused
from core.llm.addresses import place_of_url
from core.llm.catalog import address_of, is_ours
from core.llm.endpoint_fields import CHANGEABLE, OWN, check_fields, check_url
from core.llm.model import Endpoint
from core.llm.shipped import price_of, service_of, services
from core.runs.codec import decode, encode


def changed(endpoint: Endpoint, fields: Mapping[str, Any], settings: Settings) -> Endpoint:
    """A shipped endpoint with other figures; what no row may change stays as it ships.
    Refused(`endpoint-fields`)."""
    new = {key: value for key, value in fields.items() if key in CHANGEABLE}
    if not new:
        return endpoint
    found: Endpoint = decode(Endpoint, {**encode(Endpoint, endpoint), **new})
    if "model" in new:
        found = replace(found, guesses_model=False)
    if found.provider == "ollama":
        found = replace(found, is_mine=is_ours(found.base_url, found.model, settings))
    return _fitting(found)


def own_endpoint(
    name: str, fields: Mapping[str, Any], settings: Settings, keyed: Collection[str]
) -> Endpoint:
    """An endpoint that only its row knows. Refused(`endpoint-fields`)."""
    service = service_of(str(fields.get("service", "")))
    plain = {"name": name, "provider": service.protocol, "place": settings.node}
    if not fields.get("model") or not service.name:
        raise Refused("endpoint-fields", field="service" if fields.get("model") else "model")
    found: Endpoint = decode(Endpoint, {**plain, **fields})
    url = fields.get("base_url") or address_of(service.name, settings)
    price = found.price if "price" in fields else price_of(service.name, found.model, url)
    found = replace(
        found,
        base_url=url,
        price=price,
        missing=_missing(service.name, keyed, url),
    )
    if found.provider == "ollama":
        found = replace(found, is_mine=is_ours(url, found.model, settings))
    return _fitting(found)


def own_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an own endpoint in the form that is kept: a shipped service by its name alone,
    any other by its address, whose host and port are the service's name. Refused as
    `check_fields` and `check_url`."""
    kept = check_fields(fields, OWN)
    url = kept.get("base_url")
    named = kept.get("service") or ""
    if named in services():
        if url is not None:
            raise Refused("endpoint-fields", field="base_url")
        return kept
    if url is None:
        raise Refused("endpoint-fields", field="base_url" if named else "service")
    address = check_url(str(url))
    if named not in {"", place_of_url(address)}:
        raise Refused("endpoint-fields", field="service")
    return {**kept, "base_url": address, "service": place_of_url(address)}


def differing(endpoint: Endpoint, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Of a shipped endpoint's `fields` in a file, those that differ from what ships; what no row
    may change has to be as it ships. Refused(`endpoint-fields`)."""
    whole = encode(Endpoint, endpoint)
    fixed = {key for key in fields if key not in CHANGEABLE}
    for key in sorted(fixed):
        if fields[key] != whole.get(key):
            raise Refused("endpoint-fields", field=key)
    kept = check_fields({key: fields[key] for key in fields.keys() - fixed}, CHANGEABLE)
    return {key: value for key, value in kept.items() if value != whole[key]}


def _missing(service: str, keyed: Collection[str], url: str | None) -> str:
    known = services().get(service)
    if known is None:
        return ""  # an address of the owner's own: it may want no key
    if url is None:
        return known.setting
    return "" if known.is_keyless or service in keyed else known.setting


def _fitting(endpoint: Endpoint) -> Endpoint:
    if endpoint.max_output > endpoint.context:
        raise Refused("endpoint-fields", field="max_output")
    return endpoint
