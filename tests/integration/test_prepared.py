"""A prepared statement says the same as the ordinary one, in both dialects."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from core.db import Instant, Json, insert_or_ignore, metadata
from core.prepared import Prepared, value
from core.runs.notices import NoticeState
from core.runs.tables import intake

SHOWN = (intake.c.update_id, intake.c.state, intake.c.received_at)


def row(clock, update_id: int) -> dict:
    return {
        "source": "1",
        "update_id": update_id,
        "raw": '{"text": "নমস্কার"}',
        "state": "new",
        "attempts": 0,
        "received_at": clock.now(),
    }


def test_it_finds_what_the_ordinary_statement_finds(database, clock) -> None:
    query = sa.select(*SHOWN).where(intake.c.state == "new").order_by(intake.c.seq)
    prepared = Prepared(
        sa.select(*SHOWN).where(intake.c.state == value(intake.c.state)).order_by(intake.c.seq)
    )
    with database.write() as tx:
        for number in range(3):
            assert insert_or_ignore(tx, intake, row(clock, number))
        ordinary = [tuple(found) for found in tx.execute(query)]
        assert [tuple(found) for found in tx.execute(prepared, {"state": "new"})] == ordinary
        assert ordinary[0][2] == clock.now()
        assert tx.execute(prepared, {"state": "done"}).first() is None


def test_a_second_row_of_the_same_key_is_ignored(database, clock) -> None:
    with database.write() as tx:
        assert insert_or_ignore(tx, intake, row(clock, 1)) is True
        assert insert_or_ignore(tx, intake, row(clock, 1)) is False


def test_what_is_written_through_it_is_committed_and_rolled_back_with_the_rest(
    database, clock
) -> None:
    count = sa.select(sa.func.count()).select_from(intake)

    def break_off() -> None:
        with database.write() as tx:
            insert_or_ignore(tx, intake, row(clock, 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with database.read() as tx:
        assert tx.execute(count).scalar_one() == 0
    with database.write() as tx:
        insert_or_ignore(tx, intake, row(clock, 2))
    with database.read() as tx:
        assert tx.execute(count).scalar_one() == 1


def test_a_missing_value_is_an_error_and_not_a_null(database) -> None:
    prepared = Prepared(sa.select(intake.c.seq).where(intake.c.state == value(intake.c.state)))
    with database.read() as tx, pytest.raises(KeyError, match="state"):
        tx.execute(prepared, {})


def test_words_of_an_enum_and_lists_of_them_are_bound_as_words(database, clock) -> None:
    prepared = Prepared(
        sa.select(intake.c.update_id).where(
            intake.c.state.in_([NoticeState.READY, NoticeState.SENT])
        )
    )
    with database.write() as tx:
        insert_or_ignore(tx, intake, {**row(clock, 7), "state": NoticeState.SENT})
        assert tx.execute(prepared).scalar_one() == 7
        kept = sa.select(intake.c.state)
        assert tx.execute(kept).scalar_one() == "sent"


def test_a_driver_error_is_wrapped_like_any_other(database) -> None:
    prepared = Prepared(sa.select(sa.literal_column("no_such_column")).select_from(intake))
    with database.read() as tx, pytest.raises(sa.exc.DBAPIError):
        tx.execute(prepared)


def test_types_of_our_own_are_converted_both_ways() -> None:
    kinds = {type(column.type) for table in metadata.tables.values() for column in table.c}
    assert {Instant, Json} <= kinds


def test_writers_of_one_process_take_turns(sqlite_database, clock) -> None:
    inside, most = 0, 0
    lock = threading.Lock()

    def write(number: int) -> None:
        nonlocal inside, most
        with sqlite_database.write() as tx:
            with lock:
                inside += 1
                most = max(most, inside)
            insert_or_ignore(tx, intake, row(clock, number))
            with lock:
                inside -= 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    with sqlite_database.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(intake)).scalar_one() == 20
