"""Notices about models and costs, as the renderers get them: honest, odd and hostile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC).isoformat()
EVIL = '<b>&"bold" <a href="x">নাম</a> @you /stop'
BLOB = "ab" * 32
LEFT = [
    {"dimension": "rpm", "left": 28, "most": 30},
    {"dimension": "tpd", "left": 1200, "most": 200_000},
]
GROQ = {
    "name": "groq/gpt-oss-120b",
    "place": "home",
    "is_mine": False,
    "is_paid": False,
    "state": "ready",
    "until": None,
    "detail": "",
    "left": LEFT,
    "limit_in_s": 42,
    "first_ms": 310,
    "micros": 0,
    "share": 61,
    "preferred": True,
    "pinned": True,
}
PAID = {**GROQ, "name": "openai/gpt-5", "is_paid": True, "micros": 1_234_567, "limit_in_s": None,
        "state": "cooling", "until": NOW, "detail": "server: 503", "left": [], "share": 8,
        "preferred": False, "pinned": False}  # fmt: skip
STATES = ("ready", "busy", "cooling", "used-up", "unreachable", "refused", "keyless", "paused")
OPENED = {
    **GROQ,
    "model": "openai/gpt-oss-120b",
    "service": "groq",
    "service_title": "Groq",
    "context": 131_072,
    "max_output": 8192,
    "tools": True,
    "vision": False,
    "roles": ["chat", "code"],
    "strength": 80,
    "price": {"prompt": 150_000, "completion": 750_000},
    "is_own": True,
    "is_local": False,
    "wants_key": True,
    "has_plans": True,
    "calls": 120,
    "answered": 117,
    "took_ms": 900,
}
KEYS = {
    "service": "groq",
    "title": "Groq",
    "keys": [
        {"id": "env-1", "hint": "abcd", "state": "ready", "why": None, "uses": 12_000,
         "from_environment": True},
        {"id": "k1", "hint": "wxyz", "state": "dead", "why": EVIL, "uses": 1,
         "from_environment": False},
    ],
    "can_add": True,
    "has_plans": True,
}  # fmt: skip
WHY: dict[str, Any] = {
    "run_id": "r1",
    "asked": {"urgency": "high", "role": "code", "is_hard": True, "needs_tools": True,
              "needs_vision": True, "released": True, "characters": 12_400},
    "reply": {"endpoint": "groq/gpt-oss-120b", "place": "pc", "took_s": 2.2, "is_cached": True,
              "usage": {"prompt": 812, "completion": 90, "is_exact": True},
              "begun_by": ["groq/gpt-oss-20b"]},
    "cost": {"micros": 1234, "calls": 3, "unsure": 0},
    "rounds": 2,
    "attempts": [{"endpoint": "groq/gpt-oss-20b", "failure": "limited", "detail": ""},
                 {"endpoint": EVIL, "failure": "odd", "detail": EVIL}],
    "route": {
        "candidates": [
            {"endpoint": "groq/gpt-oss-120b", "place": "home", "reason": "urgent",
             "notes": ["cost: 1200", "left: 50", "first-token: 0.4", "busy: 2"]},
            {"endpoint": "ollama/qwen3:14b", "place": "pc", "reason": "cooling: 90",
             "notes": ["free", "failed: 3"]},
        ],
        "ruled_out": [
            {"endpoint": "mistral/large", "place": "home", "reason": "not-set-up: MISTRAL_API_KEY"},
            {"endpoint": "cohere/r", "place": "home", "reason": "not-set-up: COHERE_API_KEY"},
            {"endpoint": "ollama/x@pc", "place": "pc", "reason": "away: pc"},
            {"endpoint": "openai/gpt", "place": "home", "reason": "budget: 20516"},
            {"endpoint": EVIL, "place": "home", "reason": EVIL},
        ],
    },
}  # fmt: skip
WANTED = {"service": "groq", "base_url": "", "model": "", "name": "", "is_paid": None}
TRIED = {"service": "groq", "title": "Groq", "wanted": WANTED, "credential": "k1",
         "names": ["groq/gpt-oss-120b", EVIL], "endpoint": "groq/gpt-oss-20b", "took_ms": 420,
         "failure": "", "detail": ""}  # fmt: skip
TESTS = [
    {"type": "groq/gpt-oss-120b", "success": True, "time_taken": 0.31, "error_type": None},
    {"type": "openai/gpt-5", "success": False, "time_taken": 40.0, "error_type": "timeout"},
]
QWEN = {"model": "qwen3:14b", "size": 9_300_000_000, "parameters": "14.8B", "loaded": True,
        "in_cloud": False, "roles": ["chat"]}  # fmt: skip
PLACE = {
    "place": "home",
    "state": "running",
    "version": "0.12.3",
    "note": "",
    "memory": 34_359_738_368,
    "models": [QWEN, {**QWEN, "model": EVIL, "loaded": False, "roles": []}],
    "smaller": {"qwen3:32b": "qwen3:14b"},
    "former": [{"role": "chat", "id": "v1", "model": "qwen2.5:14b"}],
}
CHAT = {"role": "chat", "place": "home", "model": "qwen3:14b", "before": "qwen2.5:14b"}
SUM = {"name": "", "calls": 120, "answered": 117, "cached": 2, "micros": 412_345, "unsure": 1200,
       "tokens": 640_000}  # fmt: skip
BUDGETS = [
    {"span": "day", "limit": 10_000_000, "spent": 412_345, "percent": 4, "until": NOW,
     "raised": 5_000_000},
    {"span": "month", "limit": None, "spent": 1, "percent": 0, "until": NOW, "raised": 0},
    {"span": "run", "limit": 500_000, "spent": 0, "percent": 0, "until": None, "raised": 0},
]  # fmt: skip
COST = {
    "today": {**SUM, "micros": 2300, "calls": 3},
    "month": SUM,
    "by_model": [{**SUM, "name": "openai/gpt-5"}, {**SUM, "name": EVIL, "micros": 0}],
    "by_workflow": [{**SUM, "name": "chat_turn"}, {**SUM, "name": ""}],
    "more_models": 3,
    "month_end": 1_900_000,
    "saved": 3_000_000,
    "budgets": BUDGETS,
}
#: By name, for the golden files.
NAMED: dict[str, tuple[str, dict[str, Any]]] = {
    "the list": ("models", {"rows": [GROQ, PAID], "page": 0, "pages": 2, "total": 9, "removed": 1}),
    **{
        f"a model that is {state}": ("model", {**OPENED, "state": state, "until": None})
        for state in STATES
    },
    "removing": ("model", {**OPENED, "sure": True}),
    "removing with its keys": ("model", {**OPENED, "sure": True, "going": ["wxyz", EVIL]}),
    "removing a local one": ("model", {**OPENED, "sure": True, "is_local": True}),
    "why, in short": ("why", WHY),
    "why, everything": ("why", {**WHY, "whole": True}),
    "why, kept at home": ("why", {**WHY, "asked": {"private": True}, "reply": None}),
    "a local model": ("model", {**OPENED, "is_mine": True, "is_local": True, "wants_key": False,
                                "price": {}, "calls": 0, "left": []}),
    "keys": ("models-keys", KEYS),
    "a key removed": ("models-keys", {**KEYS, "sure": "k1"}),
    "removed": ("models-removed", {"names": ["groq/gpt-oss-20b"]}),
    "a check": ("models-tested", {"report": {"success_rate": 50.0, "tests": TESTS}, "blob": BLOB}),
    "adding": ("models-add", {"services": [{"name": "groq", "title": "Groq"}] * 3}),
    "asking for a key": ("models-ask", {"wanted": WANTED, "title": "Groq", "needs": "key"}),
    "added": ("models-added", TRIED),
    "refused": ("models-refused", {**TRIED, "failure": "unauthorised", "detail": "401"}),
    "untested": ("models-untested", {**TRIED, "failure": "timeout"}),
    "a place": ("models-place", PLACE),
    "an installed model": ("models-installed", {**QWEN, "place": "home", "context": 40_960,
                                                "can": ["chat", "code"], "abilities": ["tools"]}),
    "pulled": ("models-local", {"event": "pulled", "place": "home", "model": "qwen3:14b",
                                "size": 9_300_000_000, "kept": "qwen3:14b-bdbd181c"}),
    "switched": ("models-local", {"event": "switched", "notes": "3/3 · 4.1 s", **CHAT}),
    "costs": ("cost", COST),
    "a budget": ("cost-budget", BUDGETS[0]),
    "a chart": ("cost-chart", {"blob": BLOB, "days": 30, "spent": 1_500_000, "month": 412_345,
                               "has_line": True}),
    "a key revoked": ("alert", {"level": "problem", "component": "key-groq", "code": "key-revoked",
                                "values": {"service": "groq", "title": "Groq", "hint": "wxyz"}}),
    "the cloud down": ("alert", {"level": "notice", "component": "models", "code": "cloud-down",
                                 "values": {"count": 3, "helper": "ollama/qwen3:14b"}}),
    "the cloud back": ("alert", {"level": "resolved", "component": "models", "code": "cloud-down",
                                 "values": {"count": 3, "helper": "ollama/qwen3:14b"}}),
    "a budget nearly spent": ("alert", {
        "level": "notice", "component": "budget", "code": "budget-near",
        "values": {"kind": "day", "percent": 82, "spent": "8.20", "limit": "10.00"}}),
}  # fmt: skip
MODELS: list[tuple[str, dict[str, Any]]] = [
    *NAMED.values(),
    ("models", {"rows": [{**PAID, "name": EVIL, "detail": EVIL, "state": EVIL}] * 9}),
    ("models", {"rows": []}),
    ("model", {"name": EVIL, "state": None}),
    ("models-keys", {"service": EVIL, "title": EVIL, "keys": []}),
    ("models-removed", {"names": []}),
    ("models-tested", {"report": {"tests": []}, "blob": None}),
    ("switching-tested", {"report": {"success_rate": 50.0, "tests": TESTS}, "blob": BLOB,
                          "passed": False}),
    ("switching-tested", {"report": {"tests": [{**TESTS[1], "type": EVIL, "error_type": EVIL}]},
                          "blob": BLOB, "passed": True}),
    ("models-tested", {"report": {"tests": [{**TESTS[1], "type": EVIL, "error_type": EVIL}] * 60},
                       "blob": BLOB}),
    ("models-ask", {"wanted": WANTED, "title": EVIL, "needs": "model"}),
    ("models-ask", {"wanted": WANTED, "title": EVIL, "needs": "key", "may_lack": True}),
    ("models-places", {"places": [{"place": "pc", "state": "down"}, {"place": "home"}]}),
    ("models-places", {"places": []}),
    ("models-place", {**PLACE, "state": "down", "note": EVIL, "models": [], "former": []}),
    ("models-installed", {**QWEN, "in_cloud": True, "place": "pc"}),
    ("models-local", {"event": "rolled-back", **CHAT}),
    ("models-local", {"event": "served", "place": "pc", "version": "1", "state": "running"}),
    ("models-local", {"event": "checked", "place": "home", "new": [QWEN], "updates": [QWEN],
                      "unknown": [EVIL]}),
    ("models-local", {"event": "checked", "place": "home"}),
    ("models-local", {"event": EVIL}),
    ("cost", {}),
    ("cost-budget", {"span": "run", "limit": None}),
    ("cost-budget", {"span": EVIL}),
]  # fmt: skip
