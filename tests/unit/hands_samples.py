"""What the cards of hands are drawn from, also in its ugliest forms."""

from __future__ import annotations

from typing import Any

NOW = "2026-11-20T14:05:00+00:00"
EVIL = '<b>&"bold" <a href="x">নাম</a> @you /stop\u202e\n'
LONG = EVIL * 400
ENTRIES = [
    {"name": f"{EVIL}{n}", "type": kind, "size": 1234 * n, "at": NOW}
    for n, kind in enumerate(["folder", "file", "link", "special", "file"] * 8)
]
LISTING = {
    "path": "sandbox:/logs",
    "page": 2,
    "pages": 3,
    "total": 90,
    "entries": ENTRIES,
    "roots": ["sandbox"],
}
TOP = {**LISTING, "path": "sandbox:/", "roots": ["sandbox", "docs", "music", "films", "more"]}
VIEW = {"part": 1, "parts": 5, "rows": 8}
AT: dict[str, Any] = {"place": "pc", "inputs": {"path": EVIL}, "title": EVIL, "view": VIEW}
RAN = {**AT, "step": "command.run"}
READ = {
    "path": "sandbox:/a/b.txt",
    "size": 9000,
    "first_line": 1,
    "last_line": 80,
    "next_line": 81,
    "next_letter": 4,
    "lines": 200,
}
BLOB = {"sha256": "a" * 64, "size": 5, "label": "private", "media": "text/plain", "place": "home"}
PLACES = [
    {"name": "home", "awake": True, "last_seen": None},
    {"name": "pc-" + "x" * 29, "title": EVIL, "awake": False, "last_seen": NOW},
]
CHANGES = [
    {"id": f"c{n}", "place": "pc", "kind": kind, "what": EVIL * 9, "at": NOW, "undone": n == 2}
    for n, kind in enumerate(["create", "edit", "delete", "cmd", "something-new"])
]
ERROR = {"code": "file-missing", "params": {"path": EVIL}}

HANDS: list[tuple[str, dict[str, Any]]] = [
    ("files-places", {"rows": PLACES}),
    ("files-folder", {**AT, "step": "files.list", "value": {"text": "", "facts": LISTING}}),
    ("files-folder", {**AT, "step": "files.list", "value": {"text": "", "facts": TOP}}),
    ("files-folder", {**AT, "step": "files.list", "value": {"facts": {"entries": []}}}),
    ("files-folder", {**AT, "step": "files.list", "error": ERROR}),
    ("files-file", {**AT, "value": {"text": LONG, "facts": READ}}),
    ("files-file", {**AT, "value": {"text": "", "facts": {"size": 0}}}),
    ("files-file", {**AT, "value": {"text": "\0\1", "facts": {"is_binary": True, "size": 7}}}),
    ("files-file", {**AT, "value": {"blob": BLOB}}),
    ("files-file", {**AT, "error": ERROR}),
    ("files-found", {**AT, "value": {"text": LONG, "facts": {"path": "sandbox:/"}}}),
    ("files-found", {**AT, "value": {"text": ""}}),
    ("files-document", {**AT, "value": {"text": "x", "facts": {"name": "a.txt"}, "blob": BLOB}}),
    ("files-document", {**AT, "error": ERROR}),
    ("files-effect", {**RAN, "value": {"text": LONG, "summary": {"exit_code": 1, "took_s": 3}}}),
    ("files-effect", {**RAN, "value": {"text": "", "summary": {"killed": "time"}}}),
    ("files-effect", {**RAN, "value": {"text": "…", "blob": BLOB}}),
    ("files-effect", {**AT, "step": "files.undo", "value": {"text": "ok", "change_id": "c1"}}),
    ("files-editing", {"place": "home", "path": EVIL}),
    ("files-received", {"rows": [{"name": EVIL, "size": 5}] * 12, "places": PLACES}),
    ("files-received", {"rows": []}),
    ("run-help", {"places": PLACES}),
    ("undo", {"rows": CHANGES}),
    ("undo", {"rows": []}),
]
