"""Which actions a rule of the owner covers, and which scopes a card can offer. Pure.

A scope is narrow on purpose: files of one root, below one folder; a command only with exactly its
argument list, in its folder, with its program's very bytes. Texts are compared as they are: another
letter, a trailing space, another case is another action and asks. Whether a rule may exist at all
is `unruled.why_not`, asked again at every use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from core.approvals.model import Facts, Rule, Scope
from core.approvals.unruled import COMMANDS, NEVER, READS, WRITES, is_runner_rule
from core.errors import Refused
from core.runs.model import Label

#: Days a rule may hold at most, and the choices on the card.
MOST_DAYS = 90
DAYS = (1, 7, 30)
#: Names of scopes that a card offers.
FILE, FOLDER, ROOT, COMMAND, PLACE = "file", "folder", "root", "command", "place"
#: Kinds that touch nothing but their place.
PLAIN = frozenset({"machine_facts"})
SHA256 = re.compile(r"[0-9a-f]{64}")


def covers(rule: Rule, fields: Mapping[str, Any], facts: Facts) -> bool:
    """Does the rule hold now, and for this action?"""
    is_live = rule.revoked_at is None and (rule.expires_at is None or facts.now < rule.expires_at)
    if not is_live or rule.kind != fields.get("kind") or rule.place != fields.get("place"):
        return False
    scope = rule.scope
    if scope.label and scope.label != facts.label.value:
        return False
    if rule.kind in COMMANDS or "argv" in fields:
        return _covers_command(scope, fields)
    if rule.kind in READS | WRITES:
        return _covers_path(scope, fields)
    return rule.kind in PLAIN and scope == Scope(label=scope.label)


def _covers_command(scope: Scope, fields: Mapping[str, Any]) -> bool:
    argv, exe = fields.get("argv"), fields.get("exe")
    return (
        not is_runner_rule(scope.argv)
        and isinstance(argv, list)
        and tuple(argv) == scope.argv
        and bool(scope.folder)
        and fields.get("cwd") == scope.folder
        and isinstance(exe, dict)
        and SHA256.fullmatch(scope.exe) is not None
        and exe.get("sha256") == scope.exe
    )


def _covers_path(scope: Scope, fields: Mapping[str, Any]) -> bool:
    path = fields.get("path")
    if not scope.root or fields.get("root") != scope.root or not isinstance(path, str):
        return False
    names, folder = path.split("/"), [name for name in scope.folder.split("/") if name]
    if path not in {"", "."} and (not _is_plain(names) or "\\" in path):
        return False
    return names[: len(folder)] == folder


def _is_plain(names: list[str]) -> bool:
    return all(name not in {"", ".", ".."} for name in names)


def choices(fields: Mapping[str, Any]) -> dict[str, Scope]:
    """The scopes that a card can offer for this action, narrowest first; none for what no scope
    describes."""
    kind = str(fields.get("kind"))
    if kind in COMMANDS or "argv" in fields:
        exe = fields.get("exe")
        digest = str(exe.get("sha256")) if isinstance(exe, dict) else ""
        argv = tuple(str(word) for word in fields.get("argv") or ())
        return {COMMAND: Scope(folder=str(fields.get("cwd") or ""), argv=argv, exe=digest)}
    if kind in PLAIN:
        return {PLACE: Scope()}
    if kind not in READS | WRITES:
        return {}
    root, path = str(fields.get("root") or ""), str(fields.get("path") or "")
    names = [name for name in path.split("/") if name not in {"", "."}]
    is_folder = kind in {"list_files", "search_files"}
    folder = names if is_folder else names[:-1]
    offered = {} if is_folder else {FILE: Scope(root=root, folder="/".join(names))}
    if folder:
        offered[FOLDER] = Scope(root=root, folder="/".join(folder))
    if kind in READS or not folder:
        offered[ROOT] = Scope(root=root)
    return offered


def check(kind: str, scope: Scope, expires_at: datetime, now: datetime, *, can_rule: bool) -> None:
    """May such a rule be stored? Refused(`rule-not-allowed`, `rule-too-wide`, `rule-time`)."""
    if kind in NEVER or not can_rule:
        raise Refused("rule-not-allowed", kind=kind)
    if not now < expires_at <= now + timedelta(days=MOST_DAYS, hours=1):
        raise Refused("rule-time", days=MOST_DAYS)
    if kind in COMMANDS:
        is_narrow = not is_runner_rule(scope.argv) and bool(scope.folder and not scope.root)
        is_narrow = is_narrow and SHA256.fullmatch(scope.exe) is not None
    elif kind in READS | WRITES:
        names = scope.folder.split("/") if scope.folder else []
        is_narrow = bool(scope.root) and _is_plain(names) and not (scope.argv or scope.exe)
    else:
        is_narrow = kind in PLAIN and scope == Scope(label=scope.label)
    if not is_narrow or scope.label not in {"", *Label}:
        raise Refused("rule-too-wide", kind=kind)


def to_json(scope: Scope) -> dict[str, Any]:
    """A scope as a field of an action, and as its row holds it."""
    return {**asdict(scope), "argv": list(scope.argv)}


def from_json(data: Mapping[str, Any]) -> Scope:
    """The scope that `to_json` wrote; what is not there does not narrow, and so covers nothing
    that needs it."""
    texts = {name: str(data.get(name) or "") for name in ("root", "folder", "label", "exe")}
    return Scope(argv=tuple(str(word) for word in data.get("argv") or ()), **texts)
