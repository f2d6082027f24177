"""Memory goes out and comes in again the same, and a file from elsewhere can do no harm."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.clock import ManualClock
from core.errors import Refused
from core.memory.carrying import EVERYTHING, Carries
from core.memory.content_rows import clear
from core.memory.links import Links
from core.memory.model import Role
from core.memory.preferences import Preferences
from core.memory.record_model import Category, ChangeKind, Source
from core.memory.search import Search
from core.memory.search_index import words_in
from core.memory.search_model import ItemKind, Query
from core.memory.tables import messages, preferences, proposals, thread_moves, threads
from core.runs.model import Label
from tests.integration.forget_world import CHAT, OWNER, ForgetWorld, of_record


@pytest.fixture
def world(database, clock):
    return carrying_world(database, clock)


def carrying_world(database, clock: ManualClock):
    world = ForgetWorld(database, clock)
    world.search = Search(clock, world.loads, Links())
    world.carries = Carries(
        clock, world.clocks, world.index, world.archives, world.records, world.search, "home"
    )
    return world


def refused(code, call, *args):
    with pytest.raises(Refused) as error:
        call(*args)
    assert error.value.code == code


def export(world, query=EVERYTHING, form="json", items=()):
    with world.db.read() as tx:
        return b"".join(world.carries.export(tx, form, query, items))


def take(world, content):
    with world.db.write() as tx:
        return world.carries.take(tx, content)


def content_hash(world):
    with world.db.read() as tx:
        return world.carries.content_hash(tx)


def wipe(world):
    with world.db.write() as tx:
        words_in(tx).clear(tx)
        clear(tx)


def fill(world, clock):
    """Something in every table that is carried."""
    said = world.say("গাড়ির বীমা ১২ মার্চ শেষ", telegram_id=41, language="bn")
    world.say("ঠিক আছে", Role.ASSISTANT, parent_id=said.id, endpoint="local")
    old = world.remember(
        "the boat was sold", Category.TASK, happened_at=clock.now() - timedelta(days=5 * 365)
    )
    private = world.remember("the gate opens with 4411", label=Label.PRIVATE, message_id=said.id)
    gone = world.remember("taken back")
    clock.advance(60)
    with world.db.write() as tx:
        world.records.edit(tx, private.id, OWNER, importance=90, content={"kind": ["code", 1]})
        world.records.retire(tx, gone.id, OWNER)
        world.threads.keep_summary(tx, said.thread_id, "about a car", said.seq, Label.OPEN)
        Preferences(world.db, clock).choose_language(tx, "bn")
        now = clock.now()
        tx.execute(
            sa.insert(thread_moves).values(
                id="m1",
                kind="split",
                from_id=said.thread_id,
                into_id="t2",
                at=now,
                ranges=[[said.seq, said.seq + 1]],
            )
        )
        tx.execute(
            sa.insert(proposals).values(
                id="p1",
                kind="fact",
                state="open",
                text="has a car",
                category="fact",
                confidence=60,
                label="open",
                source="owner",
                message_id=said.id,
                origin="home",
                happened_at=now,
                created_at=now,
            )
        )
    forgotten = world.remember("to be forgotten quite soon")
    world.forget(of_record(forgotten))
    source = (ItemKind.RECORD, old.id)
    summary = world.summarise([("a boat was sold", [source])], [source])
    return said, old, private, summary


def test_out_wiped_and_in_again_is_the_same_memory(world, clock):
    said, old, private, summary = fill(world, clock)
    before, file = content_hash(world), export(world)
    wipe(world)
    assert content_hash(world) != before
    taken = take(world, file)
    assert taken.content_hash == before
    assert (taken.skipped, taken.unreadable) == (0, 0)
    assert taken.rows["records"] == 4
    assert json.loads(file)["content_hash"] == before
    with world.db.read() as tx:
        assert world.records.get(tx, private.id, Label.PRIVATE).content == {"kind": ["code", 1]}
        assert len(world.records.history(tx, private.id)) == 1
        assert tx.execute(sa.select(threads.c.summary_upto)).scalar_one() is not None
        (hit,) = world.search.find(tx, Query("boat sold", Label.PRIVATE, (ItemKind.RECORD,))).hits
        assert (hit.id, hit.at) == (old.id, clock.now() - timedelta(days=5 * 365, seconds=60))
        found = {each.id for each in world.search.find(tx, Query("বীমা", Label.OPEN)).hits}
    assert found == {said.id}
    assert summary


def test_archived_and_live_memories_have_the_same_hash(world, clock):
    *_, summary = fill(world, clock)
    before, file = content_hash(world), export(world)
    with world.db.write() as tx:
        assert world.archives.pack(tx, summary)
    assert content_hash(world) == before
    assert json.loads(export(world))["tables"] == json.loads(file)["tables"]
    with world.db.read() as tx:
        (hit,) = world.search.find(tx, Query("boat sold", Label.OPEN, (ItemKind.RECORD,))).hits
    assert hit.is_archived
    wipe(world)
    assert take(world, file).content_hash == before


def test_every_change_changes_the_hash(world, clock):
    _, old, *_ = fill(world, clock)
    seen = {content_hash(world)}
    steps = [
        lambda tx: world.records.edit(tx, old.id, OWNER, is_pinned=True),
        lambda tx: world.records.retire(tx, old.id, OWNER),
        lambda tx: Preferences(world.db, clock).choose_language(tx, "ar"),
        lambda tx: tx.execute(sa.update(messages).values(text="other")),
    ]
    for number, change in enumerate(steps, 2):
        with world.db.write() as tx:
            change(tx)
        seen.add(content_hash(world))
        assert len(seen) == number


def test_the_same_file_twice_changes_nothing(world, clock):
    fill(world, clock)
    file, before = export(world), content_hash(world)
    taken = take(world, file)
    assert (taken.rows, taken.content_hash) == ({}, before)
    assert taken.skipped == sum(map(len, json.loads(file)["tables"].values()))


def test_what_changed_here_later_stays(world, clock):
    _, old, *_ = fill(world, clock)
    file = export(world)
    clock.advance(60)
    with world.db.write() as tx:
        world.records.edit(tx, old.id, OWNER, text="the boat was kept")
    take(world, file)
    with world.db.read() as tx:
        assert world.records.get(tx, old.id, Label.OPEN).text == "the boat was kept"


def test_what_was_forgotten_here_stays_forgotten(world, clock):
    _, old, *_ = fill(world, clock)
    file = export(world)
    clock.advance(60)
    world.forget(of_record(old))
    take(world, file)
    with world.db.read() as tx:
        refused("record-missing", world.records.get, tx, old.id, Label.PRIVATE)
        assert (
            world.search.find(tx, Query("boat sold", Label.PRIVATE, (ItemKind.RECORD,))).total == 0
        )


def test_a_newer_version_replaces_and_leaves_what_was_there(world, clock):
    _, old, *_, summary = fill(world, clock)
    with world.db.write() as tx:
        world.archives.pack(tx, summary)
    data = json.loads(export(world))
    (row,) = (each for each in data["tables"]["records"] if each["id"] == old.id)
    row |= {"text": "the ship was sold", "clock": row["clock"] + 1, "clock_node": "pc"}
    taken = take(world, json.dumps(data).encode())
    assert taken.rows == {"records": 1}
    with world.db.read() as tx:
        assert world.records.get(tx, old.id, Label.OPEN).text == "the ship was sold"
        change = world.records.history(tx, old.id)[0]
        hits = world.search.find(tx, Query("boat", Label.OPEN, (ItemKind.RECORD,))).hits
    assert (change.kind, change.before) == (ChangeKind.MERGED, {"text": "the boat was sold"})
    assert hits == ()


def test_later_stamps_of_ours_are_above_those_that_came(world, clock):
    fill(world, clock)
    file = export(world)
    newest = max(each["clock"] for each in json.loads(file)["tables"]["records"])
    wipe(world)
    clock.advance(-120)
    with world.db.write() as tx:
        tx.execute(sa.text("DELETE FROM memory_state"))
    take(world, file)
    with world.db.write() as tx:
        assert world.clocks.tick(tx).value > newest


def broken(**changes):
    """A change of one record's row that makes no sense."""
    return lambda row: row.update(changes)


@pytest.mark.parametrize(
    "spoil",
    [
        broken(category="nonsense"),
        broken(category="summary"),
        broken(label="public"),
        broken(source="god"),
        broken(text=None),
        broken(text=7),
        broken(text="a" * 20_001),
        broken(importance="much"),
        broken(importance=True),
        broken(importance=1 << 70),
        broken(is_pinned=1),
        broken(happened_at="yesterday"),
        broken(happened_at=5),
        broken(id="a" * 33),
        broken(clock=1 << 62),
        broken(born=1 << 62),
    ],
)
def test_a_row_that_makes_no_sense_is_counted_and_the_others_are_taken(
    sqlite_database, clock, spoil
):
    world = carrying_world(sqlite_database, clock)
    world.remember("first thing"), world.remember("second thing")
    data = json.loads(export(world))
    wipe(world)
    spoil(data["tables"]["records"][0])
    taken = take(world, json.dumps(data).encode())
    assert (taken.unreadable, taken.rows) == (1, {"records": 1})


def test_rows_without_their_parent_are_counted(world, clock):
    fill(world, clock)
    data = json.loads(export(world))
    wipe(world)
    many = len(data["tables"]["messages"]) + len(data["tables"]["summary_sources"])
    data["tables"] |= {"threads": [], "summaries": []}
    assert take(world, json.dumps(data).encode()).unreadable == many


def test_a_file_changes_no_preference_of_power_and_none_that_is_set(world, clock):
    now = clock.now().isoformat()
    names = ("owner", "incarnation", "grant-rotations", "budget:day", "private-kind:files")
    rows = [{"name": name, "value": 666, "changed_at": now} for name in names]
    rows += [{"name": "language", "value": "ar", "changed_at": now}]
    with world.db.write() as tx:
        Preferences(world.db, clock).choose_language(tx, "bn")
    data = {"format": "the-mask/memory", "version": 1, "tables": {"preferences": rows}}
    assert take(world, json.dumps(data).encode()).rows == {}
    with world.db.read() as tx:
        assert tx.execute(sa.select(preferences.c.name, preferences.c.value)).all() == [
            ("language", "bn")
        ]


def test_tables_that_are_no_memory_are_not_looked_at(world):
    data = {"format": "the-mask/memory", "version": 1, "tables": {"runs": [{"id": "x"}], "a": 1}}
    taken = take(world, json.dumps(data).encode())
    assert (taken.rows, taken.unreadable) == ({}, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe", b"{}", b"[1, 2]", b"7", b"null", b'"text"', b"[" * 100_000,
        b'{"format": "the-mask/memory", "version": 2, "tables": {}}',
        b'{"format": "the-mask/memory", "version": 1, "tables": []}',
        b'{"memories": "none"}', b'[{"text": "no content"}]',
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_memory_is_refused_and_changes_nothing(sqlite_database, clock, content):
    world = carrying_world(sqlite_database, clock)
    before = content_hash(world)
    refused("memory-file", take, world, content)
    assert content_hash(world) == before


def test_an_old_memory_file_is_read_in_both_its_forms(world):
    rows = [
        {"id": 1, "task_id": "t1", "content": {"text": "likes tea", "cups": 2},
         "timestamp": "2021-03-04T05:06:07", "category": "learning"},
        [2, None, '{"user": "when?", "assistant": "in May"}', 1_600_000_000, "interaction"],
        {"content": "a bare text", "category": "odd"},
        {"content": {"a": [1]}},
        {"content": "   "}, {"content": None}, {"content": "x y", "timestamp": "never"},
        {"text": "not a record"}, 5,
    ]  # fmt: skip
    taken = take(world, json.dumps({"memories": rows}).encode())
    assert (taken.rows, taken.unreadable, taken.skipped) == ({"records": 4}, 5, 0)
    again = take(world, json.dumps(rows[:4]).encode())
    assert (again.rows, again.skipped) == ({}, 4)
    with world.db.read() as tx:
        found = {each.text: each for each in world.records.page(tx, Label.OPEN).rows}
        (hit,) = world.search.find(tx, Query("tea", Label.OPEN)).hits
    tea = found["likes tea"]
    assert (tea.category, tea.content, tea.task_id) == (Category.LEARNING, {"cups": 2}, "t1")
    assert (tea.source, tea.happened_at.isoformat()) == (
        Source.IMPORTED, "2021-03-04T05:06:07+00:00",
    )  # fmt: skip
    assert found["when?\nin May"].content == {"category": "interaction"}
    assert found["when?\nin May"].happened_at.year == 2020
    assert found["a bare text"].content == {"category": "odd"}
    assert '{"a":[1]}' in found
    assert hit.at.year == 2021


def test_an_empty_list_is_an_old_memory_of_nothing(world):
    assert take(world, b"[]").rows == {}


def test_an_open_reader_exports_nothing_private(world, clock):
    said, *_ = fill(world, clock)
    secret = world.say("hush hush", label=Label.PRIVATE)
    with world.db.write() as tx:
        tx.execute(sa.update(threads).values(label="private", name="secret plans"))
    for form in ("json", "markdown"):
        text = export(world, Query(reader=Label.OPEN), form).decode()
        for hidden in ("4411", "hush", "secret plans", "about a car"):
            assert hidden not in text, (form, hidden)
        assert "বীমা" in text
    data = json.loads(export(world, Query(reader=Label.OPEN)))
    assert "content_hash" not in data
    assert data["tables"]["record_history"] == [
        each
        for each in data["tables"]["record_history"]
        if each["kind"] in {"retired", "forgotten"}
    ]
    assert next(each["id"] for each in data["tables"]["messages"]) == said.id
    assert secret.id not in json.dumps(data)


def test_a_query_chooses_what_is_exported(world, clock):
    said, old, private, _ = fill(world, clock)
    data = json.loads(export(world, Query("gate 4411", Label.PRIVATE)))["tables"]
    assert [each["id"] for each in data["records"]] == [private.id]
    assert [each["record_id"] for each in data["record_history"]] == [private.id]
    assert (data["messages"], data["threads"], data["preferences"]) == ([], [], [])
    picked = json.loads(
        export(world, items=[(ItemKind.RECORD, old.id), (ItemKind.MESSAGE, said.id)])
    )
    assert [each["id"] for each in picked["tables"]["records"]] == [old.id]
    assert [each["id"] for each in picked["tables"]["messages"]] == [said.id]
    assert [each["id"] for each in picked["tables"]["threads"]] == [said.thread_id]


def test_markdown_reads_like_a_document(world, clock):
    said, *_ = fill(world, clock)
    world.remember("two\nlines", is_pinned=True)
    with world.db.write() as tx:
        world.threads.rename(tx, CHAT, said.thread_id, "Car")
    text = export(world, form="markdown").decode()
    assert text.startswith("# Memory, 2026-01-01 00:01 UTC\n")
    assert "\n## Task\n\n- 2021-01-02: the boat was sold\n" in text
    assert "- 2026-01-01 (pinned): two\n  lines\n- 2026-01-01 (private): the gate" in text
    assert "\n## Car\n\n**Owner**, 2026-01-01 00:00\n\n> গাড়ির বীমা ১২ মার্চ শেষ\n" in text
    assert "a boat was sold\n- a boat was sold\n" in text
    assert "taken back" not in text
