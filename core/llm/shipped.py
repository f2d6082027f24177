"""`catalog.toml` as facts: services, entries, prices. Read once; nothing else of it is in code.

Decides nothing about a process: whose keys are there and where services are reached is `catalog`'s
work. Amounts of money are micro-dollars per million tokens from here on; the file has dollars.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

from core.llm.addresses import is_near
from core.llm.model import Price

MICROS = 1_000_000


@dataclass(frozen=True)
class Service:
    """Who serves models at one address, and how the protocol is spoken there."""

    name: str
    title: str
    protocol: Literal["groq", "ollama", "openai", "scripted"] = "openai"
    url: str | None = None  # None: a setting or the endpoint has it
    setting: str = ""  # the environment's name of its key, or of its address
    is_keyless: bool = False
    limit_field: str = "max_tokens"
    drops: tuple[str, ...] = ()  # fields it refuses
    lists_models: bool = True  # in the protocol's own form
    short_ids: bool = False  # ids of tool calls: nine letters and digits
    free_suffix: str = ""  # models whose name ends so cost nothing
    source: str = ""


@cache
def document() -> dict[str, Any]:
    """The whole file; numbers with a point are exact decimals."""
    text = resources.files("core.llm").joinpath("catalog.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


@cache
def services() -> dict[str, Service]:
    """Every shipped service by name, in the file's order."""
    found = {}
    for name, fields in document()["service"].items():
        found[name] = Service(name, **{**fields, "drops": tuple(fields.get("drops", ()))})
    return found


def service_of(name: str) -> Service:
    """The shipped service of that name, else one that is known by its address alone: the name of
    such a service is its host and port, so that its keys belong to that address."""
    return services().get(name) or Service(name, title=name)


def entries() -> tuple[dict[str, Any], ...]:
    """The models as the file has them, in its order."""
    return tuple(document()["endpoint"])


def price_from(fields: dict[str, Any]) -> Price:
    """Dollars per million tokens, as price lists have them, in micro-dollars."""
    return Price(micros(fields.get("prompt", 0)), micros(fields.get("completion", 0)))


def micros(dollars: Decimal | float) -> int:
    """Whole micro-dollars, rounded up: a price is never counted too low."""
    exact = Decimal(str(dollars)) * MICROS
    return int(exact.to_integral_value(rounding="ROUND_CEILING"))


@cache
def prices() -> dict[str, Price]:
    """Every price that is known, by "service/model"; of a model with a free plan, what it costs on
    a paid one."""
    known = {each["model"]: price_from(each) for each in document()["price"]}
    for entry in entries():
        listed = entry.get("price") or entry.get("list_price")
        if listed:
            known[f"{entry['service']}/{entry['model']}"] = price_from(listed)
    return known


def price_of(service: str, model: str, url: str | None = None) -> Price:
    """What a model costs by the lists. One that nobody knows is as dear as the list says for
    those, but nothing where no bill can come from: a keyless service, or an address nearby."""
    known = prices().get(f"{service}/{model}")
    if known is not None:
        return known
    by = service_of(service)
    is_free = bool(by.free_suffix) and model.endswith(by.free_suffix)
    if is_free or by.is_keyless or (url is not None and is_near(url)):
        return Price()
    return prices()[document()["unknown"]["price_of"]]


def paid_plan_prices(service: str) -> dict[str, Price]:
    """What the models of a service's free plan cost on a paid one, by the endpoint's name."""
    return {
        entry["name"]: price_from(entry["list_price"])
        for entry in entries()
        if entry["service"] == service and "list_price" in entry
    }
