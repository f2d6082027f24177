"""Actions as canonical bytes, with the one digest function that both ends use.

`prepare` of a gated step makes an action; policy, card, decision, grant and the place that runs it
see these bytes and nothing else. Fields are JSON without floats, NUL or lone surrogates, spelled by
`core.db.canonical` (sorted keys, no spaces, UTF-8). What the owner must be able to rely on is a
field; what only helps to read it (a diff, first names, sizes already bound by a digest) is preview.

Every action has `v` (1), `kind` (the name policy knows it by), `place`, and `undo`: how it is
undone (`trash`, `version`, `snapshot`, `scratch`, `nothing-changes`, or `none`).
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from core.db import canonical
from core.errors import Broken, Refused
from core.runs.model import Action

VERSION = 1
#: Bytes of an action's canonical text; a longer command belongs into a file.
MOST_BYTES = 64 * 1024
#: Mixed into the digest, so that it is no digest of anything else.
PREFIX = b"the-mask/action/v1\0"
UNDO = frozenset({"trash", "version", "snapshot", "scratch", "nothing-changes", "none"})
KIND = re.compile(r"[a-z][a-z_]{0,31}")
MOST_INT = 2**53


def make(kind: str, place: str, *, undo: str, preview: dict[str, Any], **fields: Any) -> Action:
    """The action of these facts. Refused(`action-too-large`, `action-text`) for what an owner
    wrote; Broken(`action-malformed`) is a defect of the step that prepared it."""
    whole = {"v": VERSION, "kind": kind, "place": place, "undo": undo, **fields}
    if not KIND.fullmatch(kind) or undo not in UNDO:
        raise Broken("action-malformed", kind=kind)
    _check(whole)
    text = canonical(whole)
    if len(text.encode()) > MOST_BYTES:
        raise Refused("action-too-large", most=MOST_BYTES)
    return Action(text, digest_of(text), preview)


def digest_of(text: str) -> str:
    """sha256 of an action's canonical text, 64 hex digits."""
    return hashlib.sha256(PREFIX + text.encode()).hexdigest()


def read(text: str) -> dict[str, Any]:
    """The fields of a canonical text. Refused(`action-text`) unless spelled as `make` does."""
    try:
        if len(text) > MOST_BYTES:
            raise Refused("action-text")
        fields = json.loads(text, parse_float=_no_float)
        if type(fields) is not dict or canonical(fields) != text:
            raise Refused("action-text")
        _check(fields)
    except (ValueError, RecursionError):
        raise Refused("action-text") from None
    is_known = fields.get("v") == VERSION and fields.get("undo") in UNDO
    if not is_known or not KIND.fullmatch(str(fields.get("kind"))):
        raise Refused("action-text")
    return fields


def _check(value: Any) -> None:
    """Only what every system spells alike."""
    match value:
        case str():
            if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
                raise Refused("action-text")
        case bool() | None:
            return
        case int():
            if abs(value) >= MOST_INT:
                raise Refused("action-text")
        case dict():
            for name, entry in value.items():
                _check(name)
                _check(entry)
        case list() | tuple():
            for entry in value:
                _check(entry)
        case _:
            raise Broken("action-malformed", kind=type(value).__name__)


def _no_float(_text: str) -> Any:
    raise Refused("action-text")
