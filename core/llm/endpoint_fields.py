"""An endpoint as plain fields, as rows and files have it, and back. Pure.

Decides what may be said about an endpoint from outside: never whose machine it is (`is_mine` is
computed from its address alone), nor where a shipped service is reached, since its key would go
there. Every mistake is Refused(`endpoint-fields`) with the field's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from core.errors import Broken, Refused
from core.llm.addresses import is_near
from core.llm.model import Endpoint
from core.runs.codec import decode, encode

#: What a row may change about a shipped endpoint.
CHANGEABLE = frozenset(
    {
        "model", "context", "max_output", "tools", "deadlines", "options", "organisation", "vision",
        "languages", "roles", "strength", "price", "limits",
    }
)  # fmt: skip
#: What a row says about an endpoint of its own.
OWN = CHANGEABLE | {"service", "base_url", "guesses_model"}
#: Letters of a name; it is shown, typed after commands and journaled.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}")
MOST_TOKENS = 100_000_000
MOST_STRENGTH = 100
#: 1000 dollars for a million tokens: beyond it, somebody has mistaken the unit.
MOST_MICROS = 1_000_000_000


def check_name(name: str) -> str:
    """`name`, or Refused(`endpoint-name`)."""
    if not NAME.fullmatch(name):
        raise Refused("endpoint-name", name=name[:40])
    return name


def check_url(url: str) -> str:
    """An address a key may be sent to, without a slash at its end. Refused(`endpoint-url`); with
    `endpoint-url-plain` where others on the way could read the key."""
    try:
        split = urlsplit(url.strip())
        is_fine = bool(split.hostname) and split.scheme in {"http", "https"} and split.port != 0
    except ValueError:
        raise Refused("endpoint-url") from None
    if not is_fine or split.username is not None or split.query or split.fragment:
        raise Refused("endpoint-url")
    if split.scheme == "http" and not is_near(url):
        raise Refused("endpoint-url-plain", host=split.hostname)
    return url.strip().rstrip("/")


def check_fields(fields: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    """`fields` in the one form that is kept: JSON values, by `Endpoint`'s names."""
    for name in fields:
        if name not in allowed:
            raise Refused("endpoint-fields", field=name)
    whole = _endpoint({"name": "x", "provider": "openai", "model": "x", **fields}, fields)
    _check_ranges(whole)
    encoded = encode(Endpoint, whole)
    return {name: encoded[name] for name in fields}


def _endpoint(data: dict[str, Any], given: Mapping[str, Any]) -> Endpoint:
    try:
        found: Endpoint = decode(Endpoint, data)
    except Broken:
        raise Refused("endpoint-fields", field=_culprit(given)) from None
    return found


def _culprit(given: Mapping[str, Any]) -> str:
    """The first field that cannot be read by itself."""
    bare = {"name": "x", "provider": "openai", "model": "x"}
    for name, value in given.items():
        try:
            decode(Endpoint, {**bare, name: value})
        except Broken:
            return name
    return "model"


def _check_ranges(endpoint: Endpoint) -> None:
    deadlines = vars(endpoint.deadlines).values()
    limits = [limit for limit in vars(endpoint.limits).values() if limit is not None]
    checks = {
        "model": 0 < len(endpoint.model) <= 128 and endpoint.model.isprintable(),  # noqa: PLR2004
        "context": 0 < endpoint.context <= MOST_TOKENS,
        "max_output": 0 < endpoint.max_output <= MOST_TOKENS,
        "strength": 0 <= endpoint.strength <= MOST_STRENGTH,
        "price": all(0 <= each <= MOST_MICROS for each in vars(endpoint.price).values()),
        "limits": all(limit > 0 for limit in limits),
        "deadlines": all(0 < each < math.inf for each in deadlines),
        "roles": bool(endpoint.roles),
        "options": all(each is None or _is_plain(each) for each in endpoint.options.values()),
        "languages": all(re.fullmatch(r"[a-z]{2,3}", each) for each in endpoint.languages),
    }
    for name, is_fine in checks.items():
        if not is_fine:
            raise Refused("endpoint-fields", field=name)


def _is_plain(value: Any) -> bool:
    """Whether JSON and TOML can both say it."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int)
