"""What is forgotten is nowhere afterwards, and nothing else is gone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest
import sqlalchemy as sa

from core.db import Json, metadata
from core.errors import Refused
from core.memory import forget_registry
from core.memory.forget_model import FORGOTTEN, ForgetState, How, Order, Target
from core.memory.links import Links
from core.memory.model import Role
from core.memory.record_model import Category, ChangeKind
from core.memory.search import Search
from core.memory.search_model import ItemKind, Query
from core.memory.summary_model import SummaryState
from core.memory.tables import (
    archives,
    forgettings,
    messages,
    proposals,
    record_history,
    records,
    summaries,
    threads,
)
from core.runs.blobs import Blobs
from core.runs.intake import SCRUBBED, IntakeState
from core.runs.model import Label, RunState
from core.runs.tables import blobs, intake, notices, runs
from tests.integration.forget_world import (
    OWNER,
    WORDS,
    ForgetWorld,
    of_message,
    of_record,
)


@pytest.fixture
def world(database, clock):
    return ForgetWorld(database, clock)


def refused(code, call, *args, **more):
    with pytest.raises(Refused) as error:
        call(*args, **more)
    assert error.value.code == code


def found(world, words):
    with world.db.read() as tx:
        return [
            hit.text
            for hit in Search(world.clock, world.loads, Links())
            .find(tx, Query(words, Label.PRIVATE))
            .hits
        ]


def add_run(world, run_id, state=RunState.DONE, **more):
    now = world.clock.now()
    values = {
        "id": run_id,
        "workflow": "chat_turn",
        "version": 1,
        "args": {"text": "hello"},
        "round": 0,
        "state": state,
        "label": "open",
        "cancel": False,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
        "key": run_id,
        **more,
    }
    with world.db.write() as tx:
        tx.execute(sa.insert(runs).values(**values))


def plant(world, holder):
    """A row whose one column holds the words; every other column is filled by its type."""
    table, now = metadata.tables[holder.table], world.clock.now()
    values = {}
    for column in table.columns:
        if column.name == holder.column:
            is_json = holder.how is How.JSON or isinstance(column.type, Json)
            value = {"a": [f"so: {WORDS}!"]} if is_json else f"so: {WORDS}!"
            if is_json and not isinstance(column.type, Json):
                value = json.dumps(value)
            values[column.name] = value
        elif not column.nullable and column.autoincrement is not True:
            values[column.name] = filled(column, now)
    with world.db.write() as tx:
        for key in table.foreign_keys:
            parent = key.column.table
            parents = {c.name: filled(c, now) for c in parent.columns if not c.nullable}
            tx.execute(sa.insert(parent).values(**parents))
        tx.execute(sa.insert(table).values(**values))


def filled(column, now):
    kind = column.type
    if isinstance(kind, Json):
        return {}
    if isinstance(kind, sa.LargeBinary):
        return b""
    if isinstance(kind, sa.String | sa.Text):
        return "x"
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.BigInteger | sa.Integer):
        return 1
    return now


WALKED = [each for each in forget_registry.HOLDERS if each.how in {How.TEXT, How.JSON, How.ROW}]


@pytest.mark.parametrize("holder", WALKED, ids=lambda each: f"{each.table}.{each.column}")
def test_every_holder_gives_its_words_up(sqlite_database, clock, holder):
    world = ForgetWorld(sqlite_database, clock)
    plant(world, holder)
    name = f"{holder.table}.{holder.column}"
    assert world.traces() == [name]
    if holder.column == "text" and holder.table in {"messages", "summaries", "records"}:
        return  # planted past the index: the tests below say them properly
    counts = world.forget(named=[WORDS])
    assert world.traces() == []
    assert counts == {holder.table: 1}
    with world.db.read() as tx:
        left = tx.execute(sa.select(metadata.tables[holder.table].c[holder.column])).scalars().all()
    if holder.how is How.ROW:
        assert left == []
    else:
        assert FORGOTTEN in str(left)


def test_a_record_goes_whole_with_its_history(world):
    record = world.remember(content={"note": WORDS})
    with world.db.write() as tx:
        world.records.edit(tx, record.id, OWNER, text=f"{WORDS} again")
        change = world.records.edit(tx, record.id, OWNER, text="something else now")
    counts = world.forget(of_record(record))
    row = world.row(records, record.id)
    assert (row.text, row.content, row.archive_id, row.likeness) == ("", {}, None, None)
    assert row.deleted_at == world.clock.now()
    assert row.clock > change.record.clock.value
    with world.db.read() as tx:
        kinds = [(each.kind, each.before) for each in world.records.history(tx, record.id)]
    assert kinds[0] == (ChangeKind.FORGOTTEN, {})
    assert all(before == {} for _, before in kinds)
    assert world.traces() == []
    assert world.traces("something else now") == []
    assert counts == {"records": 1, "record_history": 2}
    with world.db.write() as tx:
        refused("record-missing", world.records.get, tx, record.id, Label.PRIVATE)
        refused("record-missing", world.records.undo, tx, change.change_id, OWNER)
        refused("change-superseded", world.records.undo, tx, record.id, OWNER)
        refused("record-missing", world.records.edit, tx, record.id, OWNER, text="back again")


def test_what_is_forgotten_is_found_no_more_and_the_rest_is(world):
    record = world.remember()
    world.say(f"remember that {WORDS}, please")
    world.remember("the bicycle is blue")
    assert len(found(world, "ZQ-4411")) == 2
    world.forget(of_record(record))
    assert found(world, "ZQ-4411") == []
    assert found(world, "বীমা") == []
    assert found(world, "remember please") == [f"remember that {FORGOTTEN}, please"]
    assert found(world, "bicycle") == ["the bicycle is blue"]


def test_the_message_a_record_came_from_keeps_what_else_it_says(world):
    said = world.say(f"The car: {WORDS}. And buy rice.")
    record = world.remember(message_id=said.id)
    world.forget(of_record(record))
    row = world.row(messages, said.id)
    assert (row.text, row.deleted_at) == (f"The car: {FORGOTTEN}. And buy rice.", None)
    assert row.versions == {"text": [row.clock, "home"]}
    assert world.traces() == []


def test_a_message_that_says_a_record_otherwise_goes_whole_with_its_answer(world):
    said = world.say("my car is insured until the middle of March, number 4411 ZQ")
    answer = world.say("Noted, the middle of March it is.", Role.ASSISTANT, parent_id=said.id)
    other = world.say("Noted, the middle of March it is.", Role.ASSISTANT)
    record = world.remember(message_id=said.id)
    world.forget(of_record(record))
    for gone in (said, answer):
        assert world.row(messages, gone.id).text == ""
        assert world.row(messages, gone.id).deleted_at is not None
    kept = world.row(messages, other.id).text  # a phrase of every day, said elsewhere
    assert kept == "Noted, the middle of March it is."
    assert found(world, "insured") == []


def test_with_a_message_go_its_answers_and_the_records_made_of_it(world):
    said = world.say(WORDS, telegram_id=41, run_id="r1")
    answer = world.say("x" * 50, Role.ASSISTANT, parent_id=said.id, run_id="r1")
    record = world.remember("insured until March", message_id=said.id)
    add_run(world, "r1")
    add_run(world, "r2", args={"text": "hello"})
    now = world.clock.now()
    with world.db.write() as tx:
        raw = json.dumps({"message": {"message_id": 41, "text": "as it came"}})
        updates = [(1, raw), (2, json.dumps({"message": {"message_id": 410, "text": "other"}}))]
        for number, each in updates:
            tx.execute(
                sa.insert(intake).values(
                    source="1",
                    update_id=number,
                    raw=each,
                    state=IntakeState.DONE,
                    attempts=0,
                    received_at=now,
                )
            )
        row = {
            "chat_id": 7,
            "form": "say",
            "kind": "answer",
            "revision": 0,
            "urgency": 1,
            "silent": False,
            "attempts": 0,
            "parts_sent": 0,
            "maybe_sent": False,
            "label": "open",
            "created_at": now,
        }
        for run_id, state in (("r1", "sent"), ("r1", "ready"), ("r2", "sent")):
            values = {**row, "params": {"n": run_id}, "run_id": run_id, "state": state}
            tx.execute(sa.insert(notices).values(**values))
    world.forget(of_message(said))
    assert [world.row(messages, each.id).text for each in (said, answer)] == ["", ""]
    assert world.row(records, record.id).text == ""
    with world.db.read() as tx:
        assert tx.execute(sa.select(runs.c.id)).scalars().all() == ["r2"]
        kept = tx.execute(sa.select(notices.c.run_id, notices.c.state)).all()
        raws = tx.execute(sa.select(intake.c.raw).order_by(intake.c.seq)).scalars().all()
    assert sorted(map(tuple, kept)) == [("r1", "ready"), ("r2", "sent")]
    assert raws[0] == SCRUBBED
    assert "other" in raws[1]


def test_archived_words_leave_their_archive_and_the_index(world):
    kept, gone = world.remember("the bicycle is blue"), world.remember(content={"plate": WORDS})
    mentions = world.remember(f"paid for {WORDS}")
    sources = [(ItemKind.RECORD, each.id) for each in (kept, gone, mentions)]
    summary = world.summarise([("the bicycle is blue", sources[:1])], sources)
    with world.db.write() as tx:
        (archive,) = world.archives.pack(tx, summary)
    world.forget(of_record(gone))
    with world.db.read() as tx:
        held = {each.id: each.text for each in world.archives.read(tx, archive.id)}
        assert world.records.get(tx, kept.id, Label.OPEN).text == "the bicycle is blue"
        assert world.records.get(tx, mentions.id, Label.OPEN).text == f"paid for {FORGOTTEN}"
    assert held == {kept.id: "the bicycle is blue", mentions.id: f"paid for {FORGOTTEN}"}
    assert found(world, "ZQ-4411") == []
    assert found(world, "paid") == [f"paid for {FORGOTTEN}"]
    assert found(world, "bicycle")[0] == "the bicycle is blue"


def test_the_last_of_an_archive_takes_it_along(world):
    gone = world.remember()
    summary = world.summarise(
        [("short", [(ItemKind.RECORD, gone.id)])], [(ItemKind.RECORD, gone.id)]
    )
    with world.db.write() as tx:
        world.archives.pack(tx, summary)
    world.forget(of_record(gone))
    with world.db.read() as tx:
        row = tx.execute(sa.select(archives)).one()
    assert row.deleted_at is not None
    assert row.data == b""


def test_a_summary_loses_the_points_that_cite_what_is_forgotten(world):
    kept, gone = world.remember("the bicycle is blue"), world.remember()
    one, two = (ItemKind.RECORD, kept.id), (ItemKind.RECORD, gone.id)
    summary = world.summarise(
        [("a blue bicycle", [one]), ("insured until March", [two]), ("both things", [one, two])],
        [one, two],
        text="A blue bicycle; insured until March.",
    )
    world.forget(of_record(gone))
    row = world.row(summaries, summary)
    assert row.text == "a blue bicycle"
    assert [point["text"] for point in row.points] == ["a blue bicycle"]
    assert found(world, "insured March") == []
    assert found(world, "blue bicycle")


@pytest.mark.parametrize("state", [SummaryState.KEPT, SummaryState.REVIEW])
def test_a_summary_of_nothing_else_goes_whole(world, state):
    gone = world.remember()
    source = (ItemKind.RECORD, gone.id)
    summary = world.summarise([("insured until March", [source])], [source], state)
    world.forget(of_record(gone))
    row = world.row(summaries, summary)
    assert (row.text, row.points) == ("", [])
    assert row.deleted_at is not None
    assert found(world, "insured") == []


def test_a_threads_summary_that_covers_the_message_goes(world):
    said = world.say()
    with world.db.write() as tx:
        world.threads.keep_summary(tx, said.thread_id, "about a car", said.seq, Label.OPEN)
    later = world.say("after the summary")
    world.forget(of_message(later))
    assert world.row(threads, said.thread_id).summary == "about a car"
    world.forget(of_message(said))
    assert world.row(threads, said.thread_id).summary is None
    assert world.row(threads, said.thread_id).summary_upto is None


def test_proposals_about_it_go_and_their_words_too(world):
    said = world.say("something long about insurance")
    now = world.clock.now()
    with world.db.write() as tx:
        tx.execute(
            sa.insert(proposals).values(
                id="p1",
                kind="fact",
                state="open",
                text=WORDS,
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
    note = world.remember(f"a card was shown: {WORDS}")
    world.forget(of_message(said))
    with world.db.read() as tx:
        assert tx.execute(sa.select(proposals)).all() == []
    assert world.row(records, note.id).text == f"a card was shown: {FORGOTTEN}"


def test_a_blob_that_holds_the_words_goes_wherever_they_lie_in_it(world):
    store = Blobs(world.db, world.clock, "home")
    across = b"a" * (48 * 1024 - 5) + WORDS.encode() + b"b" * 9
    with world.db.write() as tx:
        gone = store.keep(tx, across, Label.OPEN)
        kept = store.keep(tx, b"a" * 60_000, Label.OPEN)
    world.forget(named=[WORDS])
    with world.db.read() as tx:
        assert tx.execute(sa.select(blobs.c.sha256)).scalars().all() == [kept.sha256]
    assert gone.sha256 == hashlib.sha256(across).hexdigest()


def test_runs_that_hold_the_words_and_go_on_are_ended(world):
    add_run(world, "going", RunState.WAITING, args={"text": WORDS})
    add_run(world, "over", args={"text": WORDS})
    add_run(world, "other", RunState.WAITING)
    with world.db.write() as tx:
        order = world.forgets.order(tx, (), [WORDS])
        assert world.forgets.preview(tx, order).open_runs == 1
        carried = world.forgets.carried(tx, world.forgets.ask(tx, order, OWNER))
        assert carried.ended == ("going",)
        states = dict(map(tuple, tx.execute(sa.select(runs.c.id, runs.c.cancel)).all()))
    assert states == {"going": True, "over": False, "other": False}


def test_what_is_left_of_a_record_keeps_no_digest_of_what_it_said(world):
    live, packed = world.remember(f"paid for {WORDS}"), world.remember(f"owed for {WORDS}")
    source = (ItemKind.RECORD, packed.id)
    summary = world.summarise([("short", [source])], [source])
    with world.db.write() as tx:
        world.archives.pack(tx, summary)
    world.forget(named=[WORDS])
    for record in (live, packed):
        assert world.row(records, record.id).likeness is None
        assert world.row(records, record.id).deleted_at is None


def test_a_preview_counts_and_changes_nothing(world):
    record = world.remember()
    world.say(f"say {WORDS}")
    with world.db.read() as tx:
        before = world.traces()
        order = world.forgets.order(tx, [of_record(record)])
        preview = world.forgets.preview(tx, order)
    assert preview.counts == {"records": 1, "messages": 1}
    assert world.traces() == before
    assert found(world, "ZQ-4411")


def test_the_order_itself_keeps_no_words_once_it_is_done(world, clock):
    record = world.remember()
    clock.advance(5)
    with world.db.write() as tx:
        order_id = world.forgets.ask(tx, world.forgets.order(tx, [of_record(record)]), OWNER)
        world.forgets.await_places(tx, order_id, ["home", "pc"])
        counts = world.forgets.carry_out(tx, order_id)
        assert world.forgets.needles(tx, order_id) == (WORDS,)
        world.forgets.finish(tx, order_id, "home", counts)
        assert world.forgets.needles(tx, order_id) == ()
        away = world.forgets.receipt(tx, order_id)
        world.forgets.finish(tx, order_id, "pc", {"blobs": 2}, left=1)
        receipt = world.forgets.receipt(tx, order_id)
    assert (away.state, away.waiting_for, away.done_at) == (ForgetState.AWAY, ("pc",), None)
    assert (receipt.state, receipt.waiting_for, receipt.left) == (ForgetState.DONE, (), 1)
    assert receipt.counts == {"home": counts, "pc": {"blobs": 2}}
    assert receipt.done_at == clock.now()
    assert world.traces() == []


def test_carrying_out_twice_takes_what_came_meanwhile(world):
    record = world.remember()
    with world.db.write() as tx:
        order_id = world.forgets.ask(tx, world.forgets.order(tx, [of_record(record)]), OWNER)
        world.forgets.carry_out(tx, order_id)
    world.say(f"late: {WORDS}")
    with world.db.write() as tx:
        assert world.forgets.left(tx, [WORDS]) == 1
        assert world.forgets.carry_out(tx, order_id) == {"messages": 1}
        assert world.forgets.left(tx, [WORDS]) == 0


def test_an_order_can_be_withdrawn_until_it_is_carried_out(world):
    record = world.remember()
    with world.db.write() as tx:
        order = world.forgets.order(tx, [of_record(record)])
        first = world.forgets.ask(tx, order, OWNER)
        world.forgets.withdraw(tx, first)
        refused("forget-missing", world.forgets.receipt, tx, first)
        second = world.forgets.ask(tx, order, OWNER)
        world.forgets.carry_out(tx, second)
        refused("forget-closed", world.forgets.withdraw, tx, second)
        world.forgets.finish(tx, second, "home", {})
        refused("forget-closed", world.forgets.carry_out, tx, second)


def test_nothing_to_forget_is_refused(world):
    with world.db.read() as tx:
        refused("forget-nothing", world.forgets.order, tx, [Target(ItemKind.RECORD, "none")])
        refused("forget-nothing", world.forgets.order, tx, [], ["abc"])
        refused("forget-missing", world.forgets.receipt, tx, "none")


def test_a_short_record_goes_though_its_words_are_not_looked_for(world):
    record = world.remember("tea")
    said = world.say("tea for two")
    world.forget(of_record(record))
    assert world.row(records, record.id).text == ""
    assert world.row(messages, said.id).text == "tea for two"


def test_a_private_record_stays_private_in_what_is_left(world):
    said = world.say(f"hush: {WORDS}", label=Label.PRIVATE)
    world.forget(named=[WORDS])
    assert world.row(messages, said.id).label == Label.PRIVATE
    with world.db.read() as tx:
        assert (
            Search(world.clock, world.loads, Links()).find(tx, Query("hush", Label.OPEN)).total == 0
        )


def test_orders_with_more_words_than_a_query_takes_find_them_all(world):
    texts = [f"number {number} of the list {number * 7919}" for number in range(90)]
    for text in texts[::10]:
        world.say(f"so {text} it is")
    with world.db.write() as tx:
        order_id = world.forgets.ask(tx, Order((), tuple(texts)), OWNER)
        assert world.forgets.carry_out(tx, order_id) == {"messages": 9}
        assert tx.execute(sa.select(forgettings.c.targets)).scalar_one() == []
        assert tx.execute(sa.select(record_history)).all() == []


def test_a_fact_in_a_category_of_its_own_is_forgotten_like_any_other(world):
    record = world.remember(WORDS, Category.FACT, is_pinned=True)
    world.forget(of_record(record))
    with world.db.read() as tx:
        assert world.records.standing(tx, Label.PRIVATE) == ()


ALONE = """
import sys
from pathlib import Path
from core.clock import SystemClock
from core.db import metadata, open_sqlite
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.forgetting import Forgets
from core.memory.loading import Loads
from core.memory.search_index import Index

db, clock, index = open_sqlite(Path(sys.argv[1]), bytes(range(48))), SystemClock(), Index()
assert "rules" not in metadata.tables
clocks = Clocks(clock, "home")
shelf = Archives(clock, clocks, index, "home")
forgets = Forgets(clock, clocks, index, shelf, Loads(shelf), lambda _tx, _run: True)
with db.write() as tx:
    print(sorted(forgets.take_out(tx, [sys.argv[2]]).counts.items()))
"""


def test_a_process_that_has_not_loaded_a_room_walks_its_tables_too(
    sqlite_database, clock, tmp_path
):
    world = ForgetWorld(sqlite_database, clock)
    for holder in WALKED:
        if (holder.table, holder.column) in {("rules", "scope"), ("model_versions", "notes")}:
            plant(world, holder)
    asked = [sys.executable, "-c", ALONE, str(tmp_path / "memory.db"), WORDS]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[('model_versions', 1), ('rules', 1)]"
    assert world.traces() == []
