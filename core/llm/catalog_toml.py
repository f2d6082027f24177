"""The owner's catalog as a file, out and in again. Pure.

The form is `catalog.toml`'s own: one `[[endpoint]]` table each, prices in dollars per million
tokens, options that take a default away as `drops`; beside them `state` and `position`. No key is
ever in it. Reading checks the form only; what a row may say is `EndpointRows.take`'s to decide.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.errors import Refused
from core.llm.endpoint_fields import CHANGEABLE
from core.llm.endpoint_store import ACTIVE, EndpointRow
from core.llm.model import Endpoint
from core.llm.shipped import MICROS, micros, services
from core.runs.codec import encode

HEAD = """\
# Models of The Mask: `python3 -m ops models import FILE` takes this back.
# Prices are US dollars per million tokens. Keys are never in this file.
"""
#: Bytes of a file that is still a catalog.
MOST_BYTES = 1_000_000
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write(rows: Iterable[EndpointRow]) -> str:
    """The rows as a file."""
    return "\n".join([HEAD, *(_table(row) for row in rows)])


def read(text: str) -> list[EndpointRow]:
    """The rows of a file. Refused(`models-file` {why})."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise Refused("models-file", why="too large")
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Refused("models-file", why=str(error)) from None
    tables = data.pop("endpoint", [])
    if data or not isinstance(tables, list):
        raise Refused("models-file", why="only [[endpoint]] tables are known")
    rows = [_row(table) for table in tables]
    names = [row.name for row in rows]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused("models-file", why=f"{twice} is there twice")
    return rows


def whole_row(endpoint: Endpoint, row: EndpointRow | None) -> EndpointRow:
    """An endpoint as a row that says everything about it; where a shipped service is reached is its
    own affair."""
    is_shipped = endpoint.service in services()
    names = CHANGEABLE | ({"service"} if is_shipped else {"service", "base_url"})
    encoded = encode(Endpoint, endpoint)
    fields = {name: encoded[name] for name in sorted(names) if encoded[name] is not None}
    state, position = (row.state, row.position) if row else (ACTIVE, None)
    return EndpointRow(endpoint.name, fields, state, position)


def _table(row: EndpointRow) -> str:
    lines = ["[[endpoint]]", f"name = {_value(row.name)}"]
    if row.state != ACTIVE:
        lines.append(f"state = {_value(row.state)}")
    if row.position is not None:
        lines.append(f"position = {row.position}")
    for name, value in row.fields.items():
        lines += [f"{key} = {_value(each)}" for key, each in _written(name, value)]
    return "\n".join(lines) + "\n"


def _written(name: str, value: Any) -> list[tuple[str, Any]]:
    """A field as the file has it, under one name or two."""
    if name == "price":
        return [(name, {key: Decimal(amount) / MICROS for key, amount in value.items()})]
    if name == "limits":
        return [(name, {key: limit for key, limit in value.items() if limit is not None})]
    if name == "options":
        drops = [key for key, each in value.items() if each is None]
        kept = {key: each for key, each in value.items() if each is not None}
        return [("drops", drops)] * bool(drops) + [(name, kept)]
    return [(name, value)]


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value.normalize():f}" if value % 1 else f"{value:.1f}"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case dict():
            inner = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(_value(each) for each in value)}]"
        case _:
            return repr(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _row(table: Any) -> EndpointRow:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise Refused("models-file", why="an [[endpoint]] without a name")
    fields = {key: _plain(value) for key, value in table.items()}
    name, state = fields.pop("name"), fields.pop("state", ACTIVE)
    position, drops = fields.pop("position", None), fields.pop("drops", [])
    is_fine = isinstance(state, str) and isinstance(drops, list)
    if not is_fine or (position is not None and type(position) is not int):
        raise Refused("models-file", why=f"{name}: state, position or drops")
    if drops or "options" in fields:
        options = fields.get("options", {})
        if not isinstance(options, dict) or not all(isinstance(each, str) for each in drops):
            raise Refused("models-file", why=f"{name}: options or drops")
        fields["options"] = {**dict.fromkeys(drops), **options}
    if "price" in fields:
        fields["price"] = _price(name, table["price"])
    return EndpointRow(name, fields, state, position)


def _price(name: str, price: Any) -> dict[str, int]:
    if not isinstance(price, dict) or not price.keys() <= {"prompt", "completion"}:
        raise Refused("models-file", why=f"{name}: price")
    for each in price.values():
        if isinstance(each, bool) or not isinstance(each, int | Decimal) or not _is_amount(each):
            raise Refused("models-file", why=f"{name}: price")
    return {key: micros(price.get(key, 0)) for key in ("prompt", "completion")}


def _is_amount(number: int | Decimal) -> bool:
    return Decimal(number).is_finite() and number >= 0


def _plain(value: Any) -> Any:
    """Decimals as the floats that JSON has; dates and times are no value here."""
    match value:
        case Decimal():
            return float(value)
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case str() | int() | bool():
            return value
        case _:
            raise Refused("models-file", why=f"a value of the kind {type(value).__name__}")
