"""Archives: words move, nothing is lost, and everything is found as before; in both dialects."""

import pytest
import sqlalchemy as sa

from core.errors import Broken, Refused
from core.memory.record_model import Category
from core.memory.search_fakes import FakeSearch
from core.memory.search_model import ItemKind, Query
from core.memory.summary_model import Archived, SummaryState
from core.memory.tables import archives, messages, records
from core.runs.model import Label
from tests.integration.summaries_world import ACTOR, World, local
from tests.integration.test_summaries_store import decide, keep

KEPT = SummaryState.KEPT


@pytest.fixture
def world(database, clock):
    world = World(database, clock, local=local())
    yield world
    world.close()


def pack(world, summary):
    with world.db.write() as tx:
        return world.archives.pack(tx, summary.id)


def packed(world, *texts):
    """Messages of a thread that were summarised, kept and archived."""
    world.say(world.thread(), *texts)
    world.wait(181)
    summary = keep(world, world.due()[0], KEPT)
    return summary, pack(world, summary)


def test_the_words_move_and_the_row_keeps_everything_else(world):
    (record,) = world.remember(
        "garage: 5 Hill Street", category=Category.ERROR, content={"pin": 7}, importance=80
    )
    world.wait(181)
    before = world.record_rows()[0]
    (archive,) = pack(world, keep(world, world.due()[0], KEPT))
    after = world.record_rows()[0]
    changed = {name for name in before._fields if getattr(before, name) != getattr(after, name)}
    assert changed == {"text", "content", "archive_id"}
    assert (after.text, after.content, after.archive_id) == ("", {}, archive.id)
    assert (archive.category, archive.count) == ("error", 1)
    with world.db.read() as tx:
        assert world.archives.read(tx, archive.id) == (
            Archived(ItemKind.RECORD, record.id, "garage: 5 Hill Street", {"pin": 7}),
        )
        read = world.records.get(tx, record.id, Label.PRIVATE)
    assert (read.text, read.content) == (record.text, record.content)


def test_archived_messages_are_read_and_found_as_before(world):
    summary, (archive,) = packed(world, "the garage is at Hill Street", "second")
    assert all(row.text == "" for row in world.message_rows())
    with world.db.read() as tx:
        said = world.threads.last(tx, summary.thread_id)
        found = FakeSearch(world.index).find(tx, Query("garage", is_archived=True))
        assert world.archives.originals(tx, summary.id)[1].text == "second"
    assert [each.text for each in said] == ["the garage is at Hill Street", "second"]
    assert [hit.text for hit in found.hits] == ["the garage is at Hill Street"]
    assert (archive.thread_id, archive.category) == (summary.thread_id, "interaction")


def test_packing_twice_is_packing_once(world):
    summary, first = packed(world, "a", "b")
    assert pack(world, summary) == first
    assert len(world.rows(archives)) == 1


@pytest.mark.parametrize(
    "state", [SummaryState.REVIEW, SummaryState.REFUSED, SummaryState.DISCARDED]
)
def test_nothing_is_archived_before_the_owners_word(world, state):
    world.say(world.thread(), "a")
    world.wait(181)
    undecided = state in {SummaryState.REVIEW, SummaryState.REFUSED}
    summary = keep(world, world.due()[0], state if undecided else SummaryState.REVIEW)
    if not undecided:
        decide(world, summary, state)
    with pytest.raises(Refused, match="summary-undecided"):
        pack(world, summary)
    assert world.message_rows()[0].text == "a"


def test_what_was_pinned_or_withdrawn_meanwhile_stays_as_it_is(world):
    first, second, third = world.remember("pinned", "retired", "stays")
    world.wait(181)
    summary = keep(world, world.due()[0], KEPT)
    with world.db.write() as tx:
        world.records.edit(tx, first.id, ACTOR, kind="pinned", is_pinned=True)
        world.records.retire(tx, second.id, ACTOR)
    (archive,) = pack(world, summary)
    assert archive.count == 1
    assert [row.text for row in world.record_rows()] == ["pinned", "retired", ""]
    assert world.record_rows()[2].id == third.id


def test_an_archive_is_as_private_as_what_is_inside(world):
    (record,) = world.remember("was open once")
    world.wait(181)
    summary = keep(world, world.due()[0], KEPT)
    with world.db.write() as tx:
        world.records.edit(tx, record.id, ACTOR, kind="labelled", label=Label.PRIVATE)
    (archive,) = pack(world, summary)
    assert archive.label is Label.PRIVATE
    with world.db.read() as tx:
        assert world.archives.page(tx, Label.OPEN) == ()
        assert world.archives.page(tx, Label.PRIVATE) == (archive,)


def test_many_words_lie_in_several_archives(world):
    long = [f"{at} " + "কথা " * 3000 for at in range(12)]
    summary, found = packed(world, *long)
    assert len(found) > 1
    assert sum(each.count for each in found) == 12
    assert world.all_summaries()[0].archive_id in {each.id for each in found}
    with world.db.read() as tx:
        assert [each.text for each in world.archives.originals(tx, summary.id)] == long
    stored = sum(len(row.data) for row in world.rows(archives))
    assert stored * 5 < sum(each.size for each in found)


def test_forgetting_rewrites_an_archive_or_ends_it(world):
    _, (archive,) = packed(world, "secret garage", "harmless")
    with world.db.write() as tx:
        kept = world.archives.read(tx, archive.id)[1:]
        world.archives.rewrite(tx, archive.id, kept)
        assert world.archives.read(tx, archive.id) == kept
        world.archives.rewrite(tx, archive.id, ())
        assert world.archives.read(tx, archive.id) == ()
        assert world.archives.page(tx, Label.PRIVATE) == ()
    (row,) = world.rows(archives)
    assert (row.data, row.count, row.deleted_at) == (b"", 0, world.clock.now())


def test_a_damaged_archive_is_told_and_not_shown(world):
    _, (archive,) = packed(world, "a")
    with world.db.write() as tx:
        tx.execute(sa.update(archives).values(sha256="0" * 64))
        with pytest.raises(Broken, match="archive-damaged"):
            world.archives.read(tx, archive.id)
        with pytest.raises(Refused, match="archive-missing"):
            world.archives.read(tx, "nowhere")


def test_an_edited_record_comes_back_and_is_not_packed_again(world):
    (record,) = world.remember("garage: 5 Hill Street")
    world.wait(181)
    summary = keep(world, world.due()[0], KEPT)
    pack(world, summary)
    with world.db.write() as tx:
        world.records.edit(tx, record.id, ACTOR, text="garage: 9 Hill Street")
    assert pack(world, summary) == ()
    assert world.record_rows()[0].text == "garage: 9 Hill Street"
    assert world.due() == ()


def test_what_is_archived_is_never_due_again(world):
    packed(world, "a", "b")
    world.wait(1000)
    assert world.due() == ()
    assert {row.text for row in world.rows(messages)} == {""}
    assert world.rows(records) == []
