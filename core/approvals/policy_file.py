"""Reads a policy file, strictly: what is not understood whole is not used at all.

Decides nothing about actions. Every mistake (missing file, broken YAML, a key that is unknown or
there twice, a value of the wrong type, an entry that contradicts the rules for its class) is a
Broken(`policy-broken`) that says the file, the line (from 1; 0 when there is none), the `name` of
the key, and `why` as one of WHYS. The walk is over YAML's nodes, not over a dict: a dict would have
forgotten which of two equal keys came first, and where they stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.approvals.unruled import NEVER
from core.errors import Broken
from core.runs.model import Gate, Label
from core.runs.ports import Risk

if TYPE_CHECKING:
    import yaml

#: The shipped policy, beside this file.
SHIPPED = Path(__file__).with_name("policy.yaml")
MOST_BYTES = 64 * 1024
#: Seconds a card is open and a yes holds, by default (design, "The heart").
VALIDITY_S, HIGHEST_VALIDITY_S, MOST_VALIDITY_S = 3600, 300, 86_400
#: The mistakes there are; each has a text `rules-broken-<why>`.
WHYS = frozenset({"missing", "yaml", "key", "twice", "absent", "type", "value", "class"})

_KIND = re.compile(r"[a-z][a-z_]{0,31}")
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Entry:
    """What the policy says about one kind of action, before anybody looks at what it does."""

    kind: str
    gate: Gate
    risk: Risk
    validity_s: int = VALIDITY_S
    second_factor: bool = False
    requires_backup: bool = False
    can_rule: bool = False


@dataclass(frozen=True)
class Contents:
    """A policy file, understood."""

    version: int
    entries: dict[str, Entry] = field(default_factory=dict)
    open_roots: frozenset[str] = frozenset()


def read(path: Path) -> Contents:
    """The file's contents. Broken(`policy-broken`)."""
    file = _File(path.name)
    try:
        raw = path.read_bytes()
    except OSError:
        raise file.broken(None, "", "missing") from None
    if len(raw) > MOST_BYTES:
        raise file.broken(None, "", "value")
    top = file.mapping(file.parse(raw), "", needs={"version", "actions"}, may={"labels"})
    version = file.number(top["version"], "version", most=1_000_000)
    open_roots = _open_roots(file, top["labels"]) if "labels" in top else frozenset[str]()
    entries = {
        kind: _entry(file, kind, node)
        for kind, node in file.mapping(top["actions"], "actions").items()
    }
    return Contents(version, entries, open_roots)


def _open_roots(file: _File, node: yaml.Node) -> frozenset[str]:
    roots = file.mapping(file.mapping(node, "labels", needs={"roots"})["roots"], "labels.roots")
    labels = {
        name: file.word(value, f"labels.roots.{name}", set(Label)) for name, value in roots.items()
    }
    return frozenset(name for name, label in labels.items() if label == Label.OPEN)


def _entry(file: _File, kind: str, node: yaml.Node) -> Entry:
    where = f"actions.{kind}"
    if not _KIND.fullmatch(kind):
        raise file.broken(node, where, "key")
    flags = {"second_factor", "requires_backup", "can_rule"}
    parts = file.mapping(node, where, needs={"gate", "risk"}, may={"validity_s", *flags})
    risk = Risk(file.word(parts["risk"], f"{where}.risk", set(Risk)))
    is_highest = risk is Risk.HIGHEST
    values: dict[str, Any] = {
        name: file.flag(parts[name], f"{where}.{name}") for name in flags & set(parts)
    }
    values["validity_s"] = HIGHEST_VALIDITY_S if is_highest else VALIDITY_S
    if "validity_s" in parts:
        most = HIGHEST_VALIDITY_S if is_highest else MOST_VALIDITY_S
        values["validity_s"] = file.number(parts["validity_s"], f"{where}.validity_s", most=most)
    gate = Gate(file.word(parts["gate"], f"{where}.gate", set(Gate)))
    entry = Entry(kind, gate, risk, **{"second_factor": is_highest, **values})
    if is_highest and (entry.gate is Gate.AUTO or not entry.second_factor):
        raise file.broken(node, where, "class")
    if entry.can_rule and (is_highest or kind in NEVER):
        raise file.broken(node, f"{where}.can_rule", "class")
    return entry


class _File:
    """The file that is being read; knows how to say where a mistake is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def broken(self, node: Any, key: str, why: str) -> Broken:
        mark = getattr(node, "start_mark", None)
        line = 0 if mark is None else mark.line + 1
        return Broken("policy-broken", file=self._name, line=line, name=key, why=why)

    def parse(self, raw: bytes) -> yaml.Node:
        import yaml

        try:
            node = yaml.compose(raw.decode("utf-8"), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = 0 if mark is None else mark.line + 1
            raise Broken("policy-broken", file=self._name, line=line, name="", why="yaml") from None
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            raise self.broken(None, "", "yaml") from None
        if node is None:
            raise self.broken(None, "", "yaml")
        return node

    def mapping(
        self,
        node: yaml.Node,
        key: str,
        *,
        needs: set[str] | None = None,
        may: set[str] | None = None,
    ) -> dict[str, yaml.Node]:
        """A mapping by its keys; with `needs` or `may` no other key is allowed."""
        found: dict[str, yaml.Node] = {}
        for name, value, at in self._pairs(node, key):
            path = f"{key}.{name}" if key else name
            if name in found:
                raise self.broken(at, path, "twice")
            if (needs or may) and name not in (needs or set()) | (may or set()):
                raise self.broken(at, path, "key")
            found[name] = value
        for name in sorted((needs or set()) - set(found)):
            raise self.broken(node, f"{key}.{name}" if key else name, "absent")
        return found

    def _pairs(self, node: yaml.Node, key: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        if node.tag != f"{_TAG}map":
            raise self.broken(node, key, "type")
        for name, value in node.value:
            if name.tag != f"{_TAG}str":
                raise self.broken(name, key, "key")
            yield name.value, value, name

    def word(self, node: yaml.Node, key: str, known: set[Any]) -> str:
        """One of the `known` words."""
        text = self._scalar(node, key, "str")
        if text not in known:
            raise self.broken(node, key, "value")
        return text

    def number(self, node: yaml.Node, key: str, *, most: int) -> int:
        """A whole number from 1 to `most`, in decimal digits."""
        text = self._scalar(node, key, "int")
        if not re.fullmatch(r"[1-9][0-9]{0,8}", text) or int(text) > most:
            raise self.broken(node, key, "value")
        return int(text)

    def flag(self, node: yaml.Node, key: str) -> bool:
        """`true` or `false`; YAML's other spellings of them are mistakes here."""
        text = self._scalar(node, key, "bool")
        if text not in {"true", "false"}:
            raise self.broken(node, key, "value")
        return text == "true"

    def _scalar(self, node: yaml.Node, key: str, tag: str) -> str:
        if node.tag != f"{_TAG}{tag}":
            raise self.broken(node, key, "type")
        return str(node.value)
