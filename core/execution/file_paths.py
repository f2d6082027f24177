"""Paths as they are asked for: `name:/below`, or `below` in the first root. Pure.

Decides which strings can be a path beneath a root at all; every other one is refused with the one
code `path-refused`, whose `why` names the rule. Nothing is unescaped, expanded or resolved: what is
not refused is taken letter by letter, so what is shown is what is opened. That nothing outside is
reached does not rest on this file alone: `walk` opens beneath a handle.
"""

from __future__ import annotations

import os
import re
import unicodedata

from core.config import ROOT_NAME
from core.errors import Refused

#: Bytes of one name in UTF-8 (ext4, APFS, NTFS), letters of a whole path (PATH_MAX), and how deep.
MOST_NAME_BYTES, MOST_LETTERS, MOST_DEPTH = 255, 4096, 100
#: Embeddings, overrides and isolates: they show a path in another order than it is.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Names that Windows gives to devices, in every folder and with every ending
#: (learn.microsoft.com/windows/win32/fileio/naming-a-file).
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?")
WINDOWS_LETTERS = frozenset('<>"|?*')
NAMED = re.compile(r"([^/\\:]*):(?:/(.*))?", re.DOTALL)
#: What the same asks of every system: it is somebody else's way to say "outside".
FOREIGN = re.compile(r"\\\\|//|/\?\?/|\\\?\?\\|[A-Za-z]:[\\/]|[A-Za-z]:$")


def parse(text: str, *, windows: bool = os.name == "nt") -> tuple[str | None, tuple[str, ...]]:
    """The root's name (None: the first root) and the names below it, () for the root itself.

    `.` and doubled or closing slashes inside are left out. Refused(`path-refused`).
    """
    if len(text) > MOST_LETTERS:
        raise _refused("long")
    _check_letters(text)
    root, below = None, text
    if named := NAMED.fullmatch(text):
        root, below = named[1], named[2] or ""
        if not ROOT_NAME.fullmatch(root):
            raise _refused("root")
    elif FOREIGN.match(text):
        raise _refused("absolute")
    if below.startswith(("/", "\\")):
        raise _refused("absolute")
    if windows:
        below = below.replace("\\", "/")
    parts = tuple(name for name in below.split("/") if name not in {"", "."})
    if len(parts) > MOST_DEPTH:
        raise _refused("deep")
    if parts and parts[0].startswith("~"):
        raise _refused("home")
    for name in parts:
        check_name(name, windows=windows)
    return root, parts


def check_name(name: str, *, windows: bool = os.name == "nt") -> None:
    """Refused(`path-refused`) unless `name` can be one part of a path here."""
    if name == "..":
        raise _refused("up")
    if "/" in name or "\\" in name:
        raise _refused("backslash")
    if len(name.encode()) > MOST_NAME_BYTES:
        raise _refused("long")
    if not windows:
        return
    if ":" in name:
        raise _refused("stream")
    if WINDOWS_LETTERS & set(name):
        raise _refused("letter")
    if name[-1] in ". ":
        raise _refused("dot")
    if DEVICES.fullmatch(name):
        raise _refused("device")


def can_be_named(name: str) -> bool:
    """Can a row hold this name, and a path say it?"""
    try:
        check_name(name)
    except (Refused, UnicodeEncodeError):
        return False
    return True


def shown(name: str) -> str:
    """A name from a disk as text that every system can spell: undecodable bytes become �."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _check_letters(text: str) -> None:
    for letter in text:
        if letter in TURNS:
            raise _refused("direction")
        if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
            raise _refused("control")


def _refused(why: str) -> Refused:
    return Refused("path-refused", why=why)
