"""Threads joined and split, and all put back: in rows, in the index, in what a model sees."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.errors import Refused
from core.memory.clocks import Clocks
from core.memory.context_gathering import Contexts
from core.memory.context_model import Budget, Place
from core.memory.model import NewMessage, Role
from core.memory.search_fakes import FakeIndex
from core.memory.search_model import ItemKind
from core.memory.tables import messages
from core.memory.tables import threads as thread_table
from core.memory.thread_moves import ThreadMoves, ranges_of
from core.memory.thread_reading import PAGE_ROWS, ThreadReading
from core.memory.threads import Threads
from core.runs.model import Label

CHAT = 1001
PLENTY = Budget(100_000, standing=0, summary=20_000, matters=0, least_talk=50_000)


class NoArchives:
    """No text of these tests lies in an archive."""

    def texts(self, tx, items):
        return {}


class World:
    """Two threads that were written in turns."""

    def __init__(self, database, clock):
        self.db, self.clock, self.index = database, clock, FakeIndex()
        clocks = Clocks(clock, "home")
        self.threads = Threads(database, clock, "home", index=self.index, clocks=clocks)
        self.moves = ThreadMoves(clock, clocks, self.index, "home")
        self.reading = ThreadReading(NoArchives())
        with database.write() as tx:
            self.car = self.threads.new(tx, CHAT, "Car")
            self.tax = self.threads.new(tx, CHAT, "Tax")
            self.said = {}
            for at in range(1, 5):
                for thread in (self.car, self.tax):
                    self.exchange(tx, thread, f"{thread.name} question {at}")

    def exchange(self, tx, thread, text, label=Label.OPEN):
        self.clock.advance(60)
        asked = self.threads.add(tx, NewMessage(thread.id, Role.OWNER, text, label))
        answer = NewMessage(thread.id, Role.ASSISTANT, f"{text}: answer", label, parent_id=asked.id)
        self.threads.add(tx, answer)
        self.said[text] = asked

    def do(self, method, *args, **named):
        with self.db.write() as tx:
            return method(tx, CHAT, *args, **named)

    def texts(self, thread):
        with self.db.read() as tx:
            query = sa.select(messages.c.text).where(messages.c.thread_id == thread.id)
            return list(tx.execute(query.order_by(messages.c.seq)).scalars())

    def indexed(self, thread):
        return sorted(
            item.text for item in self.index.items.values() if item.thread_id == thread.id
        )

    def seen(self, thread):
        """What a model would be told: the summary, the talk."""
        with self.db.read() as tx:
            built = Contexts().built(tx, thread.id, Label.PRIVATE, PLENTY)
        summary = [item.text for item in built.items if item.place is Place.SUMMARY]
        return summary, [item.text for item in built.items if item.place is Place.TALK]

    def whole(self):
        """Every row of both tables but what a move may leave behind: clocks and change times."""
        with self.db.read() as tx:
            rows = [
                (row.seq, row.id, row.thread_id, row.text)
                for row in tx.execute(sa.select(messages).order_by(messages.c.seq))
            ]
            alive = [
                (row.id, row.name, row.deleted_at, row.joined_into)
                for row in tx.execute(sa.select(thread_table).order_by(thread_table.c.id))
            ]
        return rows, [each for each in alive if each[2] is None]


@pytest.fixture
def world(database, clock):
    return World(database, clock)


def test_a_joined_thread_reads_in_the_order_of_time(world):
    moved = world.do(world.moves.join, world.car.id, world.tax.id)
    assert moved.count == 8
    asked = [text for text in world.texts(world.tax) if not text.endswith("answer")]
    assert asked == [f"{name} question {at}" for at in range(1, 5) for name in ("Car", "Tax")]
    assert world.texts(world.car) == []
    _, talk = world.seen(world.tax)
    assert len(talk) == 16
    assert talk[:3] == ["Car question 1", "Car question 1: answer", "Tax question 1"]


def test_the_emptied_thread_is_listed_no_more_and_tells_where_it_went(world):
    world.do(world.moves.join, world.car.id, world.tax.id)
    with world.db.read() as tx:
        page = world.threads.page(tx, CHAT)
        assert [row.id for row in page.rows] == [world.tax.id]
        row = tx.execute(sa.select(thread_table).where(thread_table.c.id == world.car.id)).one()
        assert row.joined_into == world.tax.id
        assert {"joined_into", "deleted_at"} <= row.versions.keys()
        with pytest.raises(Refused, match="thread-missing"):
            world.threads.get(tx, CHAT, world.car.id)


def test_the_index_follows_what_moved_and_keeps_the_words(world):
    before = {key: item.text for key, item in world.index.items.items()}
    world.do(world.moves.join, world.car.id, world.tax.id)
    assert world.indexed(world.car) == []
    assert len(world.indexed(world.tax)) == 16
    assert {key: item.text for key, item in world.index.items.items()} == before


def test_a_split_takes_what_was_said_from_there_on_and_answers_stay_with_their_questions(world):
    third = world.said["Car question 3"]
    with world.db.write() as tx:  # a late answer to what stays
        late = NewMessage(
            world.car.id, Role.ASSISTANT, "late", parent_id=world.said["Car question 1"].id
        )
        world.threads.add(tx, late)
    moved = world.do(world.moves.split, world.car.id, third.seq, "Wheels")
    assert moved.count == 4
    assert world.texts(world.car)[-1] == "late"
    with world.db.read() as tx:
        new = world.threads.get(tx, CHAT, moved.into_id)
    assert new.name == "Wheels"
    assert world.texts(new)[0] == "Car question 3"
    assert world.indexed(new) == sorted(world.texts(new))


@pytest.mark.parametrize("kind", ["join", "split"])
def test_a_move_that_is_taken_back_leaves_everything_as_it_was(world, kind):
    before, indexed = world.whole(), {**world.index.items}
    if kind == "join":
        moved = world.do(world.moves.join, world.car.id, world.tax.id)
    else:
        seq = world.said["Car question 2"].seq
        moved = world.do(world.moves.split, world.car.id, seq)
    assert world.whole() != before
    world.do(world.moves.undo, moved.id)
    assert world.whole() == before
    assert world.index.items == indexed
    with pytest.raises(Refused, match="move-missing"):
        world.do(world.moves.undo, moved.id)


def test_what_was_said_after_a_join_stays_when_it_is_taken_back(world):
    moved = world.do(world.moves.join, world.car.id, world.tax.id)
    with world.db.write() as tx:
        world.exchange(tx, world.tax, "later")
    world.do(world.moves.undo, moved.id)
    assert "later" in world.texts(world.tax)
    assert len(world.texts(world.car)) == 8


def test_a_split_thread_in_which_something_was_said_stays_when_the_split_is_taken_back(world):
    moved = world.do(world.moves.split, world.car.id, world.said["Car question 3"].seq)
    with world.db.write() as tx:
        new = world.threads.get(tx, CHAT, moved.into_id)
        world.exchange(tx, new, "later")
    world.do(world.moves.undo, moved.id)
    assert world.texts(new) == ["later", "later: answer"]
    assert len(world.texts(world.car)) == 8


def test_a_move_whose_messages_have_moved_on_is_not_taken_back_before_the_newer_one(world):
    with world.db.write() as tx:
        third = world.threads.new(tx, CHAT, "All")
    first = world.do(world.moves.join, world.car.id, world.tax.id)
    second = world.do(world.moves.join, world.tax.id, third.id)
    with pytest.raises(Refused, match="move-superseded"):
        world.do(world.moves.undo, first.id)
    world.do(world.moves.undo, second.id)
    world.do(world.moves.undo, first.id)
    assert len(world.texts(world.car)) == len(world.texts(world.tax)) == 8


def summarise(world, thread, text, upto):
    with world.db.write() as tx:
        assert world.threads.keep_summary(tx, thread.id, text, upto, Label.PRIVATE)


def test_two_summaries_are_put_together_and_cover_no_more_than_both_did(world):
    summarise(world, world.car, "About the car.", world.said["Car question 3"].seq)
    summarise(world, world.tax, "About taxes.", world.said["Tax question 2"].seq)
    moved = world.do(world.moves.join, world.car.id, world.tax.id)
    with world.db.read() as tx:
        whole = world.threads.get(tx, CHAT, world.tax.id)
    assert whole.summary == "About taxes.\n\nAbout the car."
    assert whole.label is Label.PRIVATE
    summary, talk = world.seen(world.tax)
    assert summary == [whole.summary]
    assert {"Tax question 3", "Tax question 4", "Car question 4"} <= set(talk)
    world.do(world.moves.undo, moved.id)
    with world.db.read() as tx:
        assert world.threads.get(tx, CHAT, world.tax.id).summary == "About taxes."
        assert world.threads.get(tx, CHAT, world.car.id).summary == "About the car."
    assert {"Tax question 3", "Tax question 4"} <= set(world.seen(world.tax)[1])


def test_a_split_drops_a_summary_that_tells_of_what_has_left_and_only_that(world):
    summarise(world, world.car, "All of it.", world.said["Car question 4"].seq)
    world.do(world.moves.split, world.car.id, world.said["Car question 3"].seq)
    assert world.seen(world.car) == (
        [],
        ["Car question 1", "Car question 1: answer", "Car question 2", "Car question 2: answer"],
    )
    summarise(world, world.tax, "The beginning.", world.said["Tax question 1"].seq)
    world.do(world.moves.split, world.tax.id, world.said["Tax question 3"].seq)
    assert world.seen(world.tax)[0] == ["The beginning."]


def test_what_makes_no_sense_is_refused(world):
    first = world.said["Car question 1"].seq
    for code, args in {
        "thread-same": (world.moves.join, world.car.id, world.car.id),
        "thread-missing": (world.moves.join, world.car.id, "nowhere"),
        "thread-split-first": (world.moves.split, world.car.id, first),
        "thread-empty": (world.moves.split, world.car.id, 10**6),
        "move-missing": (world.moves.undo, "never"),
    }.items():
        with pytest.raises(Refused, match=code):
            world.do(*args)


def test_threads_of_another_chat_are_neither_joined_nor_split_nor_put_back(world):
    with world.db.write() as tx:
        theirs = world.threads.new(tx, CHAT + 1, "Theirs")
        moved = world.moves.join(tx, CHAT, world.car.id, world.tax.id)
        with pytest.raises(Refused, match="thread-missing"):
            world.moves.join(tx, CHAT, world.tax.id, theirs.id)
        with pytest.raises(Refused, match="thread-missing"):
            world.moves.split(tx, CHAT + 1, world.tax.id, world.said["Tax question 2"].seq)
        with pytest.raises(Refused, match="thread-missing"):
            world.moves.undo(tx, CHAT + 1, moved.id)


def test_every_moved_row_has_a_newer_stamp(world):
    with world.db.read() as tx:
        before = max(tx.execute(sa.select(messages.c.clock)).scalars())
    world.do(world.moves.join, world.car.id, world.tax.id)
    with world.db.read() as tx:
        moved = tx.execute(sa.select(messages).where(messages.c.versions.is_not(None))).all()
    assert len(moved) == 8
    assert all(row.clock > before and "thread_id" in row.versions for row in moved)


def test_ranges_hold_neighbours_and_nothing_that_lies_between():
    assert ranges_of([]) == []
    assert ranges_of([7]) == [[7, 7]]
    assert ranges_of([3, 1, 2, 9, 8, 5]) == [[1, 3], [5, 5], [8, 9]]


def test_a_whole_thread_comes_in_pages_oldest_first_and_opens_at_the_newest(world):
    with world.db.write() as tx:
        for at in range(5, 12):
            world.exchange(tx, world.car, f"Car question {at}")
    with world.db.read() as tx:
        last = world.reading.page(tx, CHAT, world.car.id)
        pages = [world.reading.page(tx, CHAT, world.car.id, at) for at in range(last.pages)]
        with pytest.raises(Refused, match="thread-missing"):
            world.reading.page(tx, CHAT + 1, world.car.id)
    assert last.page == last.pages - 1 == 2
    assert last.total == 22
    assert all(len(page.rows) == PAGE_ROWS for page in pages[:-1])
    said = [row.text for page in pages for row in page.rows]
    assert said == world.texts(world.car)


def test_a_withdrawn_message_moves_along_but_is_not_found_again(world):
    with world.db.write() as tx:
        world.threads.withdraw(tx, world.said["Car question 2"].id)
    world.do(world.moves.join, world.car.id, world.tax.id)
    assert "Car question 2" in world.texts(world.tax)
    assert "Car question 2" not in world.indexed(world.tax)
    kinds = {kind for kind, _ in world.index.items}
    assert kinds == {ItemKind.MESSAGE, ItemKind.ANSWER}


def test_an_answer_that_comes_late_goes_where_its_question_is(world):
    asked = world.said["Car question 4"]
    world.do(world.moves.join, world.car.id, world.tax.id)
    with world.db.write() as tx:
        late = NewMessage(world.car.id, Role.ASSISTANT, "late", parent_id=asked.id)
        world.threads.add(tx, late)
    assert world.texts(world.car) == []
    assert world.texts(world.tax)[-1] == "late"
    assert "late" in world.indexed(world.tax)


def test_a_joined_thread_is_known_by_the_name_of_the_one_that_has_its_messages(world):
    with world.db.write() as tx:
        nameless = world.threads.new(tx, CHAT)
        world.exchange(tx, nameless, "বীমা নিয়ে কথা")
    with world.db.read() as tx:
        assert world.reading.name_of(tx, nameless.id) == "বীমা নিয়ে কথা"
        assert world.reading.name_of(tx, "nowhere") is None
    world.do(world.moves.join, nameless.id, world.car.id)
    with world.db.read() as tx:
        assert world.reading.name_of(tx, nameless.id) == "Car"
