"""The hybrid clock: one order for what is written here, whatever the machine's clock does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from core.errors import Refused
from core.memory.clocks import MOST_AHEAD, Clocks, clock_of, instant_of, value_at
from core.memory.record_model import COUNTER_BITS, Stamp


@pytest.fixture
def clocks(clock):
    return Clocks(clock, "home")


def test_stamps_rise_within_a_millisecond_and_across_it(database, clock, clocks):
    stamps = []
    with database.write() as tx:
        stamps += [clocks.tick(tx) for _ in range(3)]
        clock.advance(0.005)
        stamps.append(clocks.tick(tx))
    assert stamps == sorted(set(stamps))
    assert stamps[-1].value == value_at(clock.now())
    assert instant_of(stamps[-1].value) == clock.now()


def test_stamps_rise_though_the_machines_clock_is_set_back(database, clock, clocks):
    with database.write() as tx:
        before = clocks.tick(tx)
    clock.advance(-86_400)
    with database.write() as tx:
        after = clocks.tick(tx)
    assert after > before
    assert after.value == before.value + 1


def test_the_newest_stamp_outlives_the_process(database, clock, clocks):
    with database.write() as tx:
        before = clocks.tick(tx)
    clock.advance(-3600)
    with database.write() as tx:
        assert Clocks(clock, "home").tick(tx) > before


def test_a_stamp_that_was_rolled_back_was_not_given(database, clocks):
    def fail_after_a_tick():
        with database.write() as tx:
            lost.append(clocks.tick(tx))
            raise KeyError

    lost = []
    with pytest.raises(KeyError):
        fail_after_a_tick()
    with database.write() as tx:
        assert clocks.tick(tx) == lost[0]


def test_what_is_written_after_another_places_stamp_is_above_it(database, clock, clocks):
    theirs = Stamp(value_at(clock.now() + timedelta(minutes=4)) + 7, "pc")
    with database.write() as tx:
        clocks.see(tx, theirs)
        assert clocks.tick(tx) == Stamp(theirs.value + 1, "home")


def test_an_older_stamp_of_another_place_changes_nothing(database, clock, clocks):
    with database.write() as tx:
        mine = clocks.tick(tx)
        clocks.see(tx, Stamp(value_at(clock.now() - timedelta(days=1)), "pc"))
        assert clocks.tick(tx).value == mine.value + 1


def test_a_stamp_over_five_minutes_ahead_is_refused_and_not_taken_over(database, clock, clocks):
    just = Stamp(value_at(clock.now() + MOST_AHEAD), "pc")
    over = Stamp(just.value + (1 << COUNTER_BITS), "pc")
    with database.write() as tx:
        with pytest.raises(Refused) as refused:
            clocks.see(tx, over)
        assert refused.value.code == "clock-ahead"
        assert clocks.tick(tx).value == value_at(clock.now())
        clocks.see(tx, just)


def test_equal_values_are_ordered_by_node():
    assert Stamp(5, "home") < Stamp(5, "pc") < Stamp(6, "home")


def test_a_row_without_a_clock_counts_as_its_last_change(clock):
    assert clock_of(None, clock.now()) == value_at(clock.now())
    assert clock_of(9, clock.now()) == 9


def test_no_two_writers_are_given_the_same_stamp(database, clock):
    given: list[Stamp] = []

    def write() -> None:
        clocks = Clocks(clock, "home")
        for _ in range(20):
            with database.write() as tx:
                given.append(clocks.tick(tx))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(given)) == 80
