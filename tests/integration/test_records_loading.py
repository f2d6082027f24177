"""Words are found wherever they lie, and everything that belongs in the index is gone through."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.errors import Broken
from core.memory.links import Links
from core.memory.loading import cursor_of
from core.memory.model import Role
from core.memory.record_model import Category
from core.memory.search_model import ItemKind, Query
from core.memory.summary_model import SummaryState
from core.memory.tables import messages, records, summaries
from core.runs.model import Label
from tests.integration.records_world import World


@pytest.fixture
def world(database, clock):
    return World(database, clock)


def add_summary(world, state=SummaryState.KEPT, text="in short"):
    now = world.clock.now()
    values = {
        "id": f"s-{state}", "state": state, "category": "note", "text": text, "points": [],
        "missing": [], "original_count": 1, "since": now, "until": now, "label": Label.OPEN,
        "archive_id": "a1", "origin": "home", "clock": 1, "clock_node": "home", "created_at": now,
        "changed_at": now,
    }  # fmt: skip
    with world.db.write() as tx:
        tx.execute(sa.insert(summaries).values(**values))


def everything(world, most=100):
    items, after = [], 0
    with world.db.read() as tx:
        while portion := list(world.loads.all_items(tx, after, most)):
            assert len(portion) <= most
            items += portion
            after = cursor_of(portion[-1])
    return items


def test_words_of_rows_and_of_archives_are_given_by_kind_and_source(world):
    said = world.say("hello")
    answer = world.say("good day", Role.ASSISTANT)
    live = world.remember("live").record
    old = [world.remember(f"old {at}").record for at in range(3)]
    for each in old:
        world.archive(each.id)
    world.shelf.opened.clear()
    add_summary(world)
    wanted = [
        (ItemKind.MESSAGE, said.seq),
        (ItemKind.ANSWER, answer.seq),
        (ItemKind.RECORD, live.seq),
        *((ItemKind.RECORD, each.seq) for each in old),
        (ItemKind.SUMMARY, 1),
        (ItemKind.RECORD, 10_000),
    ]
    with world.db.read() as tx:
        texts = world.loads.texts(tx, wanted)
    assert list(texts.values()) == [
        "hello",
        "good day",
        "live",
        "old 0",
        "old 1",
        "old 2",
        "in short",
    ]
    assert set(texts) == set(wanted[:-1])
    assert world.shelf.opened == ["a1"]


def test_an_original_that_its_archive_lacks_is_a_broken_promise(world):
    record = world.remember("old").record
    world.archive(record.id)
    world.shelf.packs["a1"] = ()
    with pytest.raises(Broken) as broken:
        world.get(record.id)
    assert broken.value.code == "archive-lacks"


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_everything_that_belongs_in_the_index_is_gone_through_once(world, most):
    for number in range(3):
        world.say(f"said {number}", Role.OWNER if number % 2 else Role.ASSISTANT)
        world.remember(f"note {number}", Category.TASK, importance=number)
    world.archive(world.remember("packed").record.id)
    gone = world.say("taken back")
    with world.db.write() as tx:
        world.threads.withdraw(tx, gone.id)
    world.retire(world.remember("retired").record.id)
    add_summary(world)
    for state in SummaryState:
        if not state.has_taken_over:
            add_summary(world, state, "a draft")
    items = everything(world, most)
    assert [each.text for each in items] == [
        "said 0", "said 1", "said 2", "note 0", "note 1", "note 2", "packed", "in short",
    ]  # fmt: skip
    world.index.items.pop((ItemKind.SUMMARY, 1), None)
    indexed = {key: item for key, item in world.index.items.items() if item.text != "packed"}
    rebuilt = {(each.kind, each.source): each for each in items if each.text != "packed"}
    rebuilt.pop((ItemKind.SUMMARY, 1))
    assert rebuilt == indexed  # a rebuilt index is the one that writing made
    packed = next(each for each in items if each.text == "packed")
    assert packed.is_archived


def test_nothing_to_go_through_is_an_end(world):
    assert everything(world) == []


def test_a_record_links_to_the_message_it_came_from(world):
    said = world.say("the car is red", telegram_id=41)
    world.remember("car: red", message_id=said.id)
    world.remember("without a message, red")
    with world.db.read() as tx:
        hits = [with_own_id(tx, hit) for hit in world.search.find(tx, Query("red")).hits]
        linked = {hit.text: hit for hit in Links().links(tx, hits)}
    for text in ("the car is red", "car: red"):
        hit = linked[text]
        assert (hit.message_id, hit.chat_id, hit.telegram_id) == (said.id, 7, 41)
        assert hit.thread_id == said.thread_id
    assert linked["without a message, red"].message_id is None


def with_own_id(tx, hit):
    """The fake search names hits by kind and seq."""
    table = messages if hit.kind is ItemKind.MESSAGE else records
    seq = int(hit.id.split("-")[1])
    return replace(hit, id=tx.execute(sa.select(table.c.id).where(table.c.seq == seq)).scalar_one())
