"""What is remembered is kept once, changed with its history, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.errors import Broken, Refused
from core.memory.record_model import (
    MOST_TEXT,
    VIEWS,
    Actor,
    Category,
    ChangeKind,
    NewRecord,
    Source,
    Stamp,
)
from core.memory.record_store import STANDING
from core.memory.tables import records
from core.runs.model import Label
from tests.integration.records_world import OWNER, World

SECRET = "tok-0123456789"


@pytest.fixture
def world(database, clock):
    return World(database, clock, SECRET)


def refused(code, call, *args, **more):
    with pytest.raises(Refused) as error:
        call(*args, **more)
    assert error.value.code == code


def test_what_is_remembered_is_read_back_with_everything(world, clock):
    new = NewRecord(
        Category.TASK,
        "  গাড়ির বীমা ১২ মার্চ  ",
        Label.PRIVATE,
        Source.TAPPED,
        {"due": "2026-03-12"},
        task_id="t1",
        thread_id="th1",
        message_id="m1",
        run_id="r1",
        importance=170,
        is_pinned=True,
        happened_at=clock.now() - timedelta(days=5 * 365),
    )
    with world.db.write() as tx:
        stored = world.records.remember(tx, new, OWNER)

    record = world.get(stored.record.id)
    assert stored.is_new
    assert stored.change_id == record.id
    assert record == stored.record
    assert (record.text, record.content) == ("গাড়ির বীমা ১২ মার্চ", {"due": "2026-03-12"})
    assert (record.task_id, record.thread_id, record.message_id, record.run_id) == (
        "t1", "th1", "m1", "r1",
    )  # fmt: skip
    assert (record.importance, record.is_pinned, record.label) == (100, True, Label.PRIVATE)
    assert record.happened_at == clock.now() - timedelta(days=5 * 365)
    assert record.born == record.clock == Stamp(record.clock.value, "home")
    assert world.found("বীমা") == ["গাড়ির বীমা ১২ মার্চ"]


def test_the_very_same_words_are_one_record(world):
    first = world.remember("tea without sugar")
    again = world.remember(" tea without sugar ")
    assert (again.record.id, again.is_new, again.change_id) == (first.record.id, False, "")
    assert world.remember("tea without sugar", Category.FACT).is_new  # another category
    assert world.remember("tea with sugar").is_new


def test_the_same_words_said_privately_make_the_record_private(world):
    first = world.remember("the code of the gate is 4411")
    again = world.remember("the code of the gate is 4411", label=Label.PRIVATE)
    assert (again.record.id, again.record.label) == (first.record.id, Label.PRIVATE)
    assert world.found("gate", Label.OPEN) == []
    assert world.undo(again.change_id).record.label is Label.OPEN


def test_the_same_words_said_openly_leave_a_private_record_private(world):
    world.remember("the code of the gate is 4411", label=Label.PRIVATE)
    again = world.remember("the code of the gate is 4411")
    assert again.record.label is Label.PRIVATE


def test_words_that_were_retired_are_remembered_anew(world):
    first = world.remember("tea without sugar")
    world.retire(first.record.id)
    assert world.remember("tea without sugar").is_new


def test_the_same_words_are_known_also_when_archived(world):
    first = world.remember("tea without sugar")
    world.archive(first.record.id)
    again = world.remember("tea without sugar")
    assert (again.record.id, again.record.text) == (first.record.id, "tea without sugar")


@pytest.mark.parametrize("source", [each for each in Source if not each.is_owners])
def test_what_is_not_the_owners_never_becomes_a_fact(world, source):
    refused("fact-untrusted", world.remember, "likes ads", Category.FACT, source=source)
    note = world.remember("likes ads", source=source).record
    with world.db.write() as tx:
        refused(
            "fact-untrusted",
            world.records.edit,
            tx,
            note.id,
            Actor("extract_facts"),
            category=Category.FACT,
        )
        filed = world.records.edit(tx, note.id, OWNER, kind="filed", category=Category.FACT)
    assert filed.record.category is Category.FACT  # a tap of the owner's


@pytest.mark.parametrize("category", sorted(VIEWS))
def test_a_view_is_no_category_to_store_under(world, category):
    refused("record-category", world.remember, "x y", category)
    record = world.remember("x y").record
    refused("record-category", world.edit, record.id, category=category)


def test_nothing_and_too_much_are_refused(world):
    refused("record-empty", world.remember, " \n ")
    refused("record-too-long", world.remember, "a" * (MOST_TEXT + 1))
    record = world.remember("a" * MOST_TEXT).record
    refused("record-empty", world.edit, record.id, text="  ")
    refused("record-too-long", world.edit, record.id, text="b" * (MOST_TEXT + 1))


def test_our_own_secrets_are_taken_out_of_words_and_content(world):
    key = "gsk_" + "a" * 30
    record = world.remember(f"note {SECRET} {key}", content={"at": [SECRET]}).record
    assert record.text == f"note [hidden] {key}"  # the owner's words may hold a key on purpose
    assert record.content == {"at": ["[hidden]"]}
    told = world.remember(f"seen {key}", source=Source.UNTRUSTED, content={"k": key}).record
    assert (told.text, told.content) == ("seen [hidden]", {"k": "[hidden]"})
    edited = world.edit(record.id, text=f"now {SECRET}", content={"b": SECRET}).record
    assert (edited.text, edited.content) == ("now [hidden]", {"b": "[hidden]"})


def test_a_change_keeps_what_was_there_and_stamps_the_field(world, clock):
    born = world.remember("the car is red", message_id="m1").record
    clock.advance(60)
    actor = Actor("telegram:7", message_id="m2", run_id="r2")
    with world.db.write() as tx:
        stored = world.records.edit(
            tx, born.id, actor, kind="corrected", text="the car is blue", importance=50
        )
    record, (change,) = stored.record, world.history(born.id)
    assert record.text == "the car is blue"
    assert change.before == {"text": "the car is red"}  # importance is as it was
    assert (change.id, change.kind, change.actor) == (
        stored.change_id,
        ChangeKind.CORRECTED,
        actor,
    )
    assert record.versions == {"text": change.stamp}
    assert record.clock == change.stamp > record.born == born.born
    assert (record.changed_at, record.created_at) == (clock.now(), born.created_at)
    assert world.found("red") == []
    assert world.found("blue") == ["the car is blue"]


def test_an_edit_of_nothing_leaves_no_trace(world):
    record = world.remember("the car is red").record
    stored = world.edit(record.id, text=" the car is red ", is_pinned=False)
    assert stored.change_id == ""
    assert stored.record == record
    assert world.history(record.id) == ()


def test_a_field_that_is_none_cannot_be_edited(world):
    record = world.remember("the car is red").record
    with pytest.raises(Broken):
        world.edit(record.id, origin="elsewhere")
    with pytest.raises(Broken):
        world.edit(record.id, source=Source.OWNER)


def test_what_is_filed_pinned_or_made_private_is_found_as_such(world):
    record = world.remember("the car is red").record
    world.edit(record.id, kind="filed", category=Category.TASK)
    world.edit(record.id, kind="labelled", label=Label.PRIVATE)
    world.edit(record.id, importance=-4)
    (item,) = world.index.items.values()
    assert (item.category, item.label, item.importance) == ("task", Label.PRIVATE, 0)
    assert world.remember("the car is red", Category.TASK).record.id == record.id


def test_a_retired_record_is_hidden_and_can_be_brought_back(world):
    record = world.remember("the car is red").record
    hidden = world.retire(record.id)
    assert world.found("red") == []
    assert world.get(record.id).deleted_at is not None
    refused("record-missing", world.retire, record.id)
    refused("record-missing", world.edit, record.id, text="the car is blue")
    back = world.undo(hidden.change_id).record
    assert back.deleted_at is None
    assert world.found("red") == ["the car is red"]


def test_undoing_a_birth_retires_the_record(world):
    stored = world.remember("the car is red")
    gone = world.undo(stored.change_id)
    assert gone.record.deleted_at is not None
    assert world.history(stored.record.id)[0].kind is ChangeKind.RETIRED
    refused("change-superseded", world.undo, stored.change_id)


def test_a_birth_is_not_undone_under_words_that_came_later(world):
    stored = world.remember("the car is red")
    world.edit(stored.record.id, is_pinned=True)
    edited = world.edit(stored.record.id, text="the car is blue")
    refused("change-superseded", world.undo, stored.change_id)
    world.undo(edited.change_id)
    assert world.undo(stored.change_id).record.deleted_at is not None


def test_a_change_is_taken_back_and_the_taking_back_too(world):
    record = world.remember("red").record
    change = world.edit(record.id, text="blue", is_pinned=True)
    undone = world.undo(change.change_id)
    assert (undone.record.text, undone.record.is_pinned) == ("red", False)
    assert world.found("red") == ["red"]
    refused("change-superseded", world.undo, change.change_id)  # a second tap does nothing

    redone = world.undo(undone.change_id)
    assert (redone.record.text, redone.record.is_pinned) == ("blue", True)
    assert world.undo(change.change_id).record.text == "red"
    kinds = [each.kind for each in world.history(record.id)]
    assert kinds == [ChangeKind.UNDONE] * 3 + [ChangeKind.EDITED]


def test_a_change_under_a_newer_one_of_the_same_field_stays(world):
    record = world.remember("red").record
    first = world.edit(record.id, text="blue")
    other = world.edit(record.id, is_pinned=True)
    second = world.edit(record.id, text="green")
    refused("change-superseded", world.undo, first.change_id)
    assert world.undo(other.change_id).record.text == "green"
    world.undo(second.change_id)
    assert world.undo(first.change_id).record.text == "red"


def test_moments_survive_their_history(world, clock):
    record = world.remember("red").record
    moved = world.edit(record.id, happened_at=clock.now() - timedelta(days=3))
    assert world.undo(moved.change_id).record.happened_at == record.happened_at


def test_an_unknown_change_or_record_is_missing(world):
    refused("memory-change-missing", world.undo, "nothing")
    refused("memory-change-missing", world.undo, "")
    refused("record-missing", world.edit, "nothing", text="x y")
    refused("record-missing", world.get, "nothing")


def test_an_open_reader_knows_of_no_private_record(world):
    private = world.remember("secret tea", Category.FACT, label=Label.PRIVATE).record
    world.remember("open tea")
    world.say("private talk", label=Label.PRIVATE)
    refused("record-missing", world.get, private.id, Label.OPEN)
    with world.db.read() as tx:
        for reader, texts in ((Label.OPEN, 1), (Label.PRIVATE, 2)):
            assert world.records.page(tx, reader).total == texts
        assert world.records.counts(tx, Label.OPEN) == {"note": 1}
        assert world.records.counts(tx, Label.PRIVATE) == {"note": 1, "fact": 1, "interaction": 1}
        assert world.records.standing(tx, Label.OPEN) == ()
        assert [each.id for each in world.records.standing(tx, Label.PRIVATE)] == [private.id]


def test_an_archived_record_is_read_edited_and_undone_with_its_words(world):
    record = world.remember("the car is red", content={"plate": "ঢ-12"}).record
    world.archive(record.id)
    assert world.get(record.id).text == "the car is red"
    pinned = world.edit(record.id, is_pinned=True).record
    assert (pinned.text, pinned.content, pinned.archive_id) == (
        "the car is red", {"plate": "ঢ-12"}, "a1",
    )  # fmt: skip

    change = world.edit(record.id, text="the car is blue")
    assert (change.record.archive_id, change.record.content) == (None, {"plate": "ঢ-12"})
    assert world.history(record.id)[0].before == {"text": "the car is red"}
    assert world.found("blue") == ["the car is blue"]
    assert world.undo(change.change_id).record.text == "the car is red"


def test_an_archived_record_that_is_retired_comes_back_with_its_words(world):
    record = world.remember("the car is red").record
    world.archive(record.id)
    hidden = world.retire(record.id)
    assert world.found("red") == []
    assert world.undo(hidden.change_id).record.text == "the car is red"
    assert world.found("red") == ["the car is red"]


def test_standing_records_come_pinned_first_then_by_weight(world, clock):
    world.remember("a note of no standing")
    light = world.remember("fact light", Category.FACT, importance=10).record
    heavy = world.remember("fact heavy", Category.FACT, importance=90).record
    clock.advance(1)
    newer = world.remember("fact heavy and newer", Category.FACT, importance=90).record
    pinned = world.remember("pinned note", importance=1, is_pinned=True).record
    gone = world.remember("retired fact", Category.FACT).record
    world.retire(gone.id)
    with world.db.read() as tx:
        order = [each.id for each in world.records.standing(tx, Label.OPEN)]
    assert order == [pinned.id, newer.id, heavy.id, light.id]


def test_standing_records_are_found_without_reading_the_others(sqlite_database):
    with sqlite_database.read() as tx:
        query = (
            sa.select(records)
            .where(sa.text(STANDING))
            .order_by(
                records.c.is_pinned.desc(),
                records.c.importance.desc(),
                records.c.happened_at.desc(),
            )
        )
        plan = tx.execute(sa.text(f"EXPLAIN QUERY PLAN {query}")).all()
    assert [row.detail for row in plan] == ["SCAN records USING INDEX ix_records_standing"]


def test_pages_show_the_newest_first_and_stop_at_the_end(world, clock):
    for number in range(8):
        clock.advance(60)
        category = Category.TASK if number % 2 else Category.NOTE
        world.remember(f"number {number}", category)
    with world.db.read() as tx:
        first = world.records.page(tx, Label.OPEN)
        beyond = world.records.page(tx, Label.OPEN, 9)
        tasks = world.records.page(tx, Label.OPEN, 0, Category.TASK)
    assert [each.text for each in first.rows] == [f"number {at}" for at in (7, 6, 5, 4, 3, 2)]
    assert (first.page, first.pages, first.total) == (0, 2, 8)
    assert ([each.text for each in beyond.rows], beyond.page) == (["number 1", "number 0"], 1)
    assert (tasks.total, {each.category for each in tasks.rows}) == (4, {Category.TASK})


def test_views_are_counted_and_archived_ones_are_listed(world):
    archived = world.remember("old task", Category.TASK).record
    world.archive(archived.id)
    world.remember("new note")
    world.say("hello")
    with world.db.read() as tx:
        counts = world.records.counts(tx, Label.OPEN)
        listed = world.records.page(tx, Label.OPEN, 0, Category.ARCHIVED)
        assert world.records.page(tx, Label.OPEN, 0, Category.INTERACTION).total == 0
    assert counts == {"task": 1, "note": 1, "interaction": 1, "archived": 1}
    assert [each.text for each in listed.rows] == ["old task"]


def test_one_save_and_one_load_under_its_category_give_exactly_one_row(world):
    world.remember("self test", Category.TESTING)
    with world.db.read() as tx:
        assert len(world.records.page(tx, Label.OPEN, 0, Category.TESTING).rows) == 1


def test_what_a_failed_transaction_remembered_is_not_there(world):
    def fail():
        with world.db.write() as tx:
            world.records.remember(tx, NewRecord(Category.NOTE, "half a thought"), OWNER)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with world.db.read() as tx:
        assert world.records.page(tx, Label.PRIVATE).total == 0
