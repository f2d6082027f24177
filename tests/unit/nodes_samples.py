"""Notices about machines and the audit, as the renderers get them: honest, odd and hostile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC).isoformat()
EVIL = '<b>&"bold" <a href="x">নাম</a> @you /stop'
LINE = "mask2-" + "a7" * 150
NODE = {
    "name": "pc",
    "title": EVIL,
    "online": True,
    "last_seen": NOW,
    "is_mine": True,
    "offset_s": 0,
    "can": {"system": EVIL, "machine": "x86_64", "roots": [EVIL] * 20, "sandbox": "bwrap"},
    "load": {"busy": 2, "cpu_percent": 40},
    "tampered": False,
}
AWAY = {**NODE, "online": False, "can": None, "load": {"busy": "x"}, "sure": True}
JOINED = {"id": "i", "name": "pc", "state": "joined", "digits": "01234567", "system": EVIL,
          "machine": None, "place": "rented", "expires_at": NOW}  # fmt: skip
OPEN = {"id": "i", "name": "pc", "state": "open", "line": LINE, "loopback": True,
        "expires_at": NOW}  # fmt: skip
WAITING = {"run_id": "r", "title": EVIL, "place": "pc", "place_title": EVIL, "last_seen": NOW,
           "can_home": True, "state": "waits"}  # fmt: skip
AUDIT = {
    "rows": [
        {"seq": n, "at": NOW, "kind": kind, "actor": actor, "place": "home", "outcome": EVIL,
         "digest8": "0123abcd"}
        for n, (kind, actor) in enumerate(
            [("approved", "telegram:42"), (EVIL, EVIL), ("node-trusted", "home")] * 4
        )
    ],
    "page": 1,
    "pages": 3,
    "chain": {"seq": 90, "hash8": "89abcdef", "broken_at": None, "is_whole": True},
}  # fmt: skip
NODES: list[tuple[str, dict[str, Any]]] = [
    ("nodes", {"rows": [NODE, AWAY] * 6}),
    ("nodes", {"rows": []}),
    ("node", NODE),
    ("node", AWAY),
    ("node", {**NODE, "offset_s": -45, "tampered": True, "can": {"sandbox": "none"}}),
    ("invitation", OPEN),
    ("invitation", JOINED),
    *[("invitation", {**JOINED, "state": state}) for state in ("trusted", "refused", "expired")],
    ("waiting", WAITING),
    ("waiting", {**WAITING, "can_home": False, "last_seen": None}),
    ("waiting", {**WAITING, "state": "over"}),
    ("waiting", {**WAITING, "state": "cancelled"}),
    ("audit", AUDIT),
    ("audit", {"rows": [], "chain": {}}),
    ("audit", {"rows": [], "chain": {"broken_at": 7, "seq": 6, "is_whole": False}}),
]
