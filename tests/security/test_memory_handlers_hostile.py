"""Hostile taps on memory's buttons: forged ids, old shapes, other people. Nothing breaks, nothing
is shown that was not asked for, nothing is changed or forgotten."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from bot.handlers import memory, summaries, threads
from bot.handlers.buttons import VERBS
from core.ids import random_token
from core.memory.record_model import Category
from core.memory.tables import (
    forgettings,
    messages,
    proposals,
    record_history,
    records,
    thread_moves,
)
from core.memory.tables import summaries as summary_table
from core.memory.tables import threads as thread_table
from core.runs.model import Label
from tests.integration.handlers_house import OWNER
from tests.integration.memory_desk import MemoryDesk

EVIL = "'; DROP TABLE records; --\u202e<b>&\x00"[:-1]
TABLES = (
    records, record_history, messages, thread_table, thread_moves, proposals, summary_table,
    forgettings,
)  # fmt: skip
OURS = sorted({*memory.VERBS, *summaries.VERBS, *threads.VERBS})
#: What begins something new when it is tapped, whatever goes with it.
BEGINS = {"threads.new", "memory.export", "memory.import", "summaries.run"}
HOSTILE = [
    {},
    {"id": None, "kind": None, "q": None, "page": None},
    {"id": EVIL, "kind": "record", "q": EVIL, "page": EVIL, "name": EVIL, "value": EVIL},
    {"id": "../../etc/passwd", "kind": EVIL, "verb": EVIL, "seq": EVIL, "into": EVIL},
    {"id": ["x"], "kind": {"a": 1}, "q": {"words": 7}, "page": -5, "name": ["category"]},
    {"id": {"$ne": 1}, "kind": "message", "q": {"reader": "open"}, "page": 10**30, "on": "yes"},
    {"id": "x", "kind": "answer", "q": {"since": "soon"}, "name": "reader", "value": "private"},
    {"id": "x", "kind": "summary", "q": {"label": "secret"}, "name": "when", "value": "yesterday"},
    {"id": "x", "category": "interaction", "how": "delete", "change_id": EVIL, "move_id": EVIL},
    {"id": "x", "category": EVIL, "how": None, "change_id": None, "move_id": 7, "sure": True},
    {"id": "x", "kind": "record", "sure": True, "verb": "keep", "seq": -1, "form": EVIL},
    {"words": "ab", "sure": True, "kind": "record", "id": "x", "sha256": "zz", "summary_id": EVIL},
    {"words": ["abcdef"], "sure": True, "kind": "none", "sha256": None, "message_id": EVIL},
]


@pytest.fixture
def desk(sqlite_database, clock):
    found = MemoryDesk(sqlite_database, clock)
    found.kept = found.remember("Rina has the spare key", Category.FACT, label=Label.PRIVATE)
    found.exchange("how many wheels?", "four")
    return found


def everything(desk):
    """All that memory holds, to the last column."""
    with desk.house.db.read() as tx:
        return {
            table.name: [tuple(map(str, row)) for row in tx.execute(sa.select(table))]
            for table in TABLES
        }


def test_the_guard_below_looks_at_every_verb_of_memory():
    named = {verb for verb in VERBS if verb.split(".")[0] in
             {"memory", "facts", "summaries", "archives", "threads"}}  # fmt: skip
    assert named == set(OURS)
    assert len(OURS) >= 35


@pytest.mark.parametrize("verb", OURS)
def test_a_tap_with_hostile_parameters_changes_nothing_and_never_breaks(desk, verb):
    before = everything(desk)
    for params in HOSTILE:
        if verb in BEGINS:
            continue
        desk.tap(verb, card_key="screen:x", **params)
        desk.deliver()
        assert everything(desk) == before, params
    assert desk.runs(workflows=["forget"]) == []


@pytest.mark.parametrize("verb", ["memory.export", "memory.import"])
def test_no_document_is_begun_with_hostile_parameters(desk, verb):
    for params in HOSTILE:
        desk.tap(verb, card_key="screen:x", **{"form": EVIL, **params})
    assert desk.runs(workflows=["export_memory", "import_memory"]) == []


def test_a_stranger_and_an_invented_button_do_nothing(desk):
    before = everything(desk)
    desk.say("/memory")
    page, message = desk.newest("memory")
    desk.tap_id(message.button("memory.open"), page, user_id=OWNER + 1)
    desk.tap_id(random_token(), page)
    desk.tap_id("memory.forget:1", page)
    desk.tap_id(message.button("memory.open"), page + 1)  # ... and one from another message
    assert desk.notices("memory-item") == []
    assert everything(desk) == before


def test_a_button_of_an_older_screen_does_nothing_any_more(desk):
    desk.say("/memory")
    desk.press("memory", "memory.open")
    desk.press("memory-item", "memory.forget")
    page, preview = desk.newest("memory-forget")
    sure = preview.button("memory.forget", sure=True)
    desk.press("memory-forget", "memory.open")  # thought better of it
    desk.deliver()
    desk.tap_id(sure, page)
    assert desk.runs(workflows=["forget"]) == []
    assert everything(desk)["forgettings"] == []


def test_a_thread_of_another_chat_is_neither_read_nor_moved(desk):
    with desk.house.db.write() as tx:
        theirs = desk.house.threads.new(tx, OWNER + 1, "Theirs").id
        mine = desk.house.threads.current(tx, OWNER).id
    desk.exchange("their secret", "kept", thread=theirs)
    before = everything(desk)
    for verb, params in (
        ("threads.open", {"id": theirs}),
        ("threads.history", {"id": theirs}),
        ("threads.split", {"id": theirs, "seq": 4}),
        ("threads.join", {"id": theirs, "into": mine}),
        ("threads.join", {"id": mine, "into": theirs}),
        ("threads.summary", {"id": theirs}),
        ("threads.rename", {"id": theirs}),
    ):
        desk.tap(verb, card_key="screen:x", **params)
    assert everything(desk) == before
    shown = json.dumps([each.notice.params for each in desk.notices()])
    assert "their secret" not in shown


@pytest.mark.parametrize("typed", [
    f"/memory {EVIL}", '/memory "', "/memory (((", "/memory AND OR NOT NEAR", "/memory *",
    "/memory " + "x" * 4000, f"/remember {EVIL}", "/memory forget " + EVIL, "/threads search *",
    f"/threads open {EVIL}", "/threads split " + "x" * 500, "/memory \u200b", "/memory export ../x",
])  # fmt: skip
def test_whatever_is_typed_is_answered(desk, typed):
    desk.say(typed)
    phone = desk.deliver()
    assert phone, typed
    assert desk.endings()[-1][0] in {"done", "refused"}


def test_private_words_travel_on_private_notices_only(desk):
    desk.say("/memory key")
    desk.press("memory", "memory.open")
    desk.press("memory-item", "memory.edit", how="edit")
    desk.say("Rina has the other key")
    desk.press("memory-item", "memory.history")
    desk.press("memory-history", "memory.open")
    desk.press("memory-item", "memory.forget")
    told = [each.notice for each in desk.notices()]
    assert any("Rina" in json.dumps(notice.params) for notice in told)
    open_ones = [notice for notice in told if notice.label is Label.OPEN]
    assert [n.kind for n in open_ones if "Rina" in json.dumps(n.params)] == []
