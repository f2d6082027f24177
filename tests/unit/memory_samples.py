"""Cards about memory as their handlers give them, for the tests of cards; all facts are made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC).isoformat()
OLD = datetime(2025, 1, 9, 8, 0, tzinfo=UTC).isoformat()
EVIL = '<b>&"bold" <a href="x">নাম</a> @you /stop \u202eevil\nline'
BLOB = "cd" * 32
WORDS = {"words": "গাড়ির বিমা"}
HIT = {
    "kind": "record",
    "id": "r1",
    "text": "গাড়ির বিমা ১২ মার্চ শেষ হয়",
    "marks": [[0, 6], [7, 11]],
    "cut": [True, False],
    "at": OLD,
    "label": "private",
    "category": "fact",
    "pinned": True,
    "archived": False,
    "way": "all",
}
SAID = {**HIT, "kind": "message", "category": "interaction", "pinned": False, "way": "part",
        "label": "open", "cut": [False, True]}  # fmt: skip
ANSWER = {**SAID, "kind": "answer", "archived": True, "way": "meaning"}
COUNTS = {"fact": 12, "note": 3, "interaction": 1200, "summary": 4}
Q = {"words": "বিমা", "category": "note", "since": OLD, "until": NOW, "thread_id": "t1",
     "origin": "pc", "label": "private", "archived": True}  # fmt: skip
HOME = {"q": {}, "rows": [HIT, SAID], "page": 0, "pages": 1, "total": 2, "home": True,
        "counts": COUNTS, "proposals": 2, "reviews": 1}  # fmt: skip
FOUND = {"q": WORDS, "rows": [HIT, SAID, ANSWER], "page": 1, "pages": 3, "total": 13}
ITEM = {
    "kind": "record",
    "id": "r1",
    "text": "গাড়ির বিমা ১২ মার্চ শেষ হয়",
    "category": "fact",
    "label": "open",
    "source": "owner",
    "origin": "home",
    "task_id": None,
    "content": {},
    "at": OLD,
    "created_at": OLD,
    "changed_at": NOW,
    "pinned": False,
    "archived": False,
    "thread": "গাড়ি",
    "thread_id": "t1",
    "message_id": "m1",
    "said": True,
    "changes": 1,
    "undo": "c1",
    "q": WORDS,
    "page": 1,
}
MESSAGE = {"kind": "message", "id": "m1", "text": "hello", "category": "interaction",
           "label": "private", "at": NOW, "thread": "x", "thread_id": "t1", "message_id": "m1",
           "said": True}  # fmt: skip
CHANGES = [
    {"id": "c3", "kind": "undone", "at": NOW, "actor": "telegram:1001", "message_id": None,
     "before": {"is_pinned": "True"}, "undone": False, "can_undo": False},
    {"id": "c2", "kind": "corrected", "at": NOW, "actor": "extract_facts", "message_id": "m9",
     "before": {"text": "বিমা ১০ মার্চ", "category": "note", "label": "open",
                "happened_at": OLD}, "undone": False, "can_undo": True},
    {"id": "c1", "kind": "pinned", "at": OLD, "actor": EVIL, "message_id": "m2",
     "before": {"is_pinned": "False"}, "undone": True, "can_undo": False},
]  # fmt: skip
KEPT = {"id": "r1", "change_id": "r1", "text": "আমার গাড়ি লাল", "category": "fact",
        "label": "open", "known": False}  # fmt: skip
PREVIEW = {"stage": "preview", "kind": "record", "id": "r1", "text": "আমার গাড়ি লাল",
           "counts": {"messages": 2, "records": 1, "notices": 7}, "total": 10,
           "open_runs": 1}  # fmt: skip
RECEIPT = {"stage": "receipt", "id": "o1", "state": "away", "left": 0, "total": 12,
           "counts": {"home": {"messages": 2, "mirror": 1}, "pc": {"steps": 9}},
           "waiting_for": ["pi"], "asked_at": NOW, "done_at": None}  # fmt: skip
FACT = {"id": "p1", "kind": "fact", "state": "open", "text": "I prefer short answers",
        "category": "fact", "confidence": 60, "label": "open", "source": "owner", "at": OLD,
        "record_id": None, "former": None, "former_at": None, "message_id": "m1"}  # fmt: skip
AGAINST = {**FACT, "id": "p2", "kind": "contradiction", "former": "I like long answers",
           "former_at": OLD, "record_id": "r9", "source": "forwarded",
           "label": "private"}  # fmt: skip
SUMMARY = {"id": "s1", "state": "review", "category": "interaction", "thread_id": "t1",
           "thread": "গাড়ি", "text": "বিমা নিয়ে কথা।", "points": [
               {"text": "বিমা ১২ মার্চ", "sources": [[1, "r1"], [2, "m2"]]}],
           "missing": [{"kind": "number", "value": "1200"}, ["name", "রহিম"]],
           "original_count": 42, "since": OLD, "until": NOW, "label": "private",
           "endpoint": "ollama/qwen3:14b", "archive_id": None, "decided_at": None}  # fmt: skip
ROW = {"id": "s1", "state": "kept", "category": "note", "thread": None, "original_count": 1,
       "since": OLD, "until": NOW, "label": "open"}  # fmt: skip
LISTED = {"rows": [ROW, {**ROW, "state": "review", "thread": "গাড়ি"}], "page": 0, "pages": 2,
          "due": 42, "months": 6, "last_at": OLD, "next_at": NOW, "waiting": 1}  # fmt: skip
RUN = {"state": "done", "originals": 80, "summaries": 3, "refused": 1, "unanswered": 2,
       "left": 7, "ids": ["s1", "s2"]}  # fmt: skip
ORIGINALS = {"summary_id": "s1", "category": "note", "archived": True, "page": 0, "pages": 2,
             "total": 5, "rows": [{"kind": "message", "id": "m1", "text": "hello", "at": OLD,
                                   "label": "private", "category": "note"}]}  # fmt: skip
WHOLE = {"id": "t1", "name": "গাড়ি", "page": 1, "pages": 3, "total": 20, "rows": [
    {"seq": 9, "role": "owner", "text": "বিমা কবে শেষ?", "at": OLD, "label": "private"},
    {"seq": 10, "role": "assistant", "text": "১২ মার্চ", "at": NOW, "label": "open"}]}  # fmt: skip
MOVED = {"move_id": "v1", "kind": "join", "from": "বিমা", "into": "গাড়ি", "into_id": "t1",
         "count": 20, "undone": False}  # fmt: skip
THREAD = {"id": "t2", "name": "বিমা", "count": 3, "changed_at": NOW, "current": True}
WHY = {
    "run_id": "r1",
    "reply": {"endpoint": "groq/x", "place": "home"},
    "route": {},
    "memory": {
        "counts": {"why-memory-fact": 1, "why-memory-found": 1, "why-memory-recent": 5},
        "rows": [
            {"kind": "record", "id": "r1", "text": "আমার গাড়ি লাল", "at": OLD, "label": "private"},
            {"kind": "answer", "id": "m1", "text": None, "at": OLD, "label": "open"},
        ],
    },
}
#: By name, for the golden files.
NAMED: dict[str, tuple[str, dict[str, Any]]] = {
    "the first screen": ("memory", HOME),
    "nothing yet": ("memory", {"q": {}, "rows": [], "home": True}),
    "found": ("memory", FOUND),
    "everything asked": ("memory", {**FOUND, "q": Q, "thread": "গাড়ি", "is_cut": True}),
    "similar": ("memory", {**FOUND, "q": {}, "like": "r1"}),
    "filters": ("memory-filters", {"q": WORDS, "name": None, "has_places": True}),
    "categories": ("memory-filters", {"q": WORDS, "name": "category", "choices": {"rows": [
        {"value": name, "count": many} for name, many in COUNTS.items()]}}),
    "times": ("memory-filters", {"q": {}, "name": "when"}),
    "an item": ("memory-item", ITEM),
    "a pinned private one": ("memory-item", {**ITEM, "pinned": True, "label": "private"}),
    "opening it": ("memory-item", {**ITEM, "label": "private", "opening": True}),
    "filing it": ("memory-item", {**ITEM, "filing": True}),
    "a message": ("memory-item", MESSAGE),
    "history": ("memory-history", {**ITEM, "rows": CHANGES, "more": 2}),
    "kept": ("remembered", KEPT),
    "known": ("remembered", {**KEPT, "known": True, "change_id": ""}),
    "taken back": ("remembered", {**KEPT, "undone": True}),
    "corrected": ("remembered", {**KEPT, "change": "corrected"}),
    "asking for words": ("memory-ask", {"id": "r1", "how": "correct", "text": "আমার গাড়ি লাল"}),
    "before forgetting": ("memory-forget", PREVIEW),
    "forgetting": ("memory-forget", {"stage": "running"}),
    "forgotten": ("memory-forget", RECEIPT),
    "exported": ("memory-document", {"blob": BLOB, "form": "markdown", "rows": {"records": 9}}),
    "imported": ("memory-imported", {"rows": {"records": 9}, "skipped": 2, "unreadable": 1}),
    "what waits": ("facts", {"rows": [FACT, AGAINST], "page": 0, "pages": 2, "total": 5}),
    "a fact": ("fact", FACT),
    "a fact accepted": ("fact", {**FACT, "state": "accepted", "verb": "keep", "change_id": "r2",
                                 "record_id": "r2"}),
    "a contradiction": ("contradiction", AGAINST),
    "a contradiction replaced": ("contradiction", {**AGAINST, "state": "accepted",
                                                   "verb": "replace", "change_id": "c9"}),
    "summaries": ("summaries", LISTED),
    "a run of summaries": ("summaries", RUN),
    "a summary": ("summary", SUMMARY),
    "a summary kept": ("summary", {**SUMMARY, "state": "kept", "missing": []}),
    "originals": ("archive", ORIGINALS),
    "a whole thread": ("thread-history", WHOLE),
    "splitting": ("thread-history", {**WHOLE, "splitting": True}),
    "joining": ("threads", {"rows": [THREAD], "page": 0, "pages": 2, "join": "t1", "name": "x"}),
    "joined": ("thread-moved", MOVED),
    "split": ("thread-moved", {**MOVED, "kind": "split", "undone": True}),
    "summed up": ("thread-summed", {"id": "t1", "summary": "বিমা নিয়ে কথা।"}),
    "why, short": ("why", WHY),
    "why, whole": ("why", {**WHY, "whole": True}),
}  # fmt: skip
_HOSTILE_HIT = {**HIT, "text": EVIL * 4, "category": EVIL, "id": EVIL, "way": EVIL, "kind": EVIL,
                "marks": [[0, 9], [3, 4], [900, 2], [5]]}  # fmt: skip
MEMORY: list[tuple[str, dict[str, Any]]] = [
    *NAMED.values(),
    ("memory", {}),
    ("memory", {**FOUND, "rows": [_HOSTILE_HIT] * 9, "q": {**Q, "words": EVIL * 40,
                "origin": EVIL, "category": EVIL}, "thread": EVIL * 20}),
    ("memory-filters", {"q": Q, "name": "thread_id", "choices": {"rows": [
        {"value": "t", "title": EVIL}] * 40, "page": 1, "pages": 3}}),
    ("memory-filters", {"q": {}, "name": "label"}),
    ("memory-filters", {"q": {}, "name": "origin", "choices": {"rows": [{"value": EVIL}]}}),
    ("memory-item", {**ITEM, "text": EVIL * 400, "category": EVIL, "thread": EVIL, "source": EVIL,
                     "origin": EVIL, "task_id": EVIL, "content": {EVIL: EVIL * 9, "b": "c"}}),
    ("memory-item", {**ITEM, "gone": True}),
    ("memory-item", {}),
    ("memory-item", {**MESSAGE, "kind": "answer", "endpoint": EVIL, "text": "\U0001f468" * 3000}),
    ("memory-history", {"id": "r1", "rows": []}),
    ("memory-history", {**ITEM, "text": EVIL * 30, "rows": [{**CHANGES[1], "before":
        dict.fromkeys(("text", "category", "label", "deleted_at", EVIL), EVIL * 30)}] * 9}),
    ("remembered", {"text": EVIL * 30, "category": EVIL}),
    ("remembered", {**KEPT, "change": "same", "change_id": ""}),
    ("memory-ask", {"how": EVIL, "text": EVIL * 400}),
    ("memory-ask", {"how": "summary", "id": "s1", "text": ""}),
    ("memory-forget", {"stage": "preview", "words": EVIL, "text": EVIL * 30,
                       "counts": {f"{EVIL}{at}": 1 for at in range(40)}}),
    ("memory-forget", {**RECEIPT, "left": 3, "counts": {}, "waiting_for": [], "done_at": NOW}),
    ("memory-document", {"blob": BLOB, "form": EVIL}),
    ("memory-imported", {}),
    ("facts", {"rows": []}),
    ("facts", {"rows": [{**AGAINST, "text": EVIL * 40, "former": EVIL * 40, "kind": "contradiction",
                         "category": EVIL}] * 9}),
    ("fact", {**FACT, "state": "expired"}),
    ("fact", {**FACT, "state": "accepted", "undone": True, "change_id": "c"}),
    ("contradiction", {"text": EVIL * 40, "state": "both", "record_id": "r"}),
    ("contradiction", {**AGAINST, "state": "refused"}),
    ("summaries", {"rows": [], "due": 0, "months": 6}),
    ("summaries", {"rows": [{**ROW, "thread": EVIL, "category": EVIL, "state": EVIL}] * 9,
                   "begun": True, "due": 3}),
    ("summaries", {"state": "running", "originals": 1, "summaries": 0}),
    ("summary", {**SUMMARY, "text": EVIL * 200, "state": EVIL, "endpoint": EVIL, "points": [
        {"text": EVIL * 9}] * 40, "missing": [EVIL] * 60}),
    *[("summary", {**SUMMARY, "state": state}) for state in ("refused", "corrected", "discarded")],
    ("archive", {"rows": []}),
    ("archive", {**ORIGINALS, "rows": [{"text": EVIL * 99, "kind": EVIL}] * 9, "archived": False}),
    ("thread-history", {"id": "t", "rows": []}),
    ("thread-history", {"id": "t", "name": EVIL * 9, "splitting": True,
                        "rows": [{"seq": 1, "role": EVIL, "text": EVIL * 40}] * 20}),
    ("threads", {"rows": [], "join": "t1", "name": EVIL}),
    ("thread-moved", {"from": EVIL * 9, "into": None}),
    ("thread-summed", {"id": "t", "summary": None}),
    ("thread-summed", {"id": "t", "summary": EVIL * 200}),
    ("thread", {"id": "t", "name": EVIL, "count": 3, "summing": True}),
    ("why", {**WHY, "whole": True, "memory": {"counts": {EVIL: 1}, "rows": [
        {"kind": EVIL, "id": EVIL, "text": EVIL * 9}] * 40}}),
]  # fmt: skip
