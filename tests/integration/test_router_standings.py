"""Cool-downs that all processes of a place share: growth, probing, the owner's machines."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from core.llm.cooldown import LONGEST_MINE_S, LONGEST_OWN_WAIT_S, PROBE_S
from core.llm.model import Endpoint, Failure, Readiness, Usage
from core.llm.paces import Paces, remembered
from core.llm.ports import ModelFailed
from core.llm.standings import FRESH_S, Standings
from core.llm.tables import calls

CLOUD = Endpoint("groq/m", "groq", "m")
MINE = Endpoint("ollama/m", "ollama", "m", is_mine=True)


@pytest.fixture(params=["memory", "sqlite_database", "postgres_database"])
def two(request, clock):
    """Two processes' view: of one database, or the same object where there is none."""
    if request.param == "memory":
        one = Standings(clock)
        return one, one
    database = request.getfixturevalue(request.param)
    return Standings(clock, database), Standings(clock, database)


def fails(standings, clock, endpoint=CLOUD, failure=Failure.SERVER, **more):
    standings.failed(endpoint, ModelFailed(failure, detail="x", **more), clock.now())


def test_what_one_process_learns_the_other_knows_within_a_second(two, clock):
    one, other = two
    assert other.standing(CLOUD).readiness is Readiness.READY
    fails(one, clock, failure=Failure.LIMITED, retry_after=60)
    clock.advance(FRESH_S)
    standing = other.standing(CLOUD)
    assert (standing.readiness, round(standing.retry_after_s)) == (Readiness.COOLING, 59)
    assert standing.detail == "limited: x"
    assert not other.claim(CLOUD)


def test_waits_grow_up_to_a_bound_and_an_answer_forgets_them(two, clock):
    one, other = two
    waits = []
    for _ in range(10):
        clock.advance(FRESH_S)
        assert one.claim(CLOUD)
        fails(one, clock)
        waits.append(one.standing(CLOUD).retry_after_s)
        clock.advance(waits[-1])
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, *([LONGEST_OWN_WAIT_S] * 2)]
    one.answered(CLOUD, clock.now())
    clock.advance(FRESH_S)
    assert other.standing(CLOUD).in_a_row == 0


def test_after_the_wait_one_of_many_finds_out(two, clock):
    one, other = two
    fails(one, clock)
    clock.advance(FRESH_S + 2)
    assert one.standing(CLOUD).readiness is Readiness.READY
    assert other.standing(CLOUD).in_a_row == 1
    at_once, claimed = threading.Barrier(8), []

    def claim(standings):
        at_once.wait(10)
        claimed.append(standings.claim(CLOUD))

    threads = [threading.Thread(target=claim, args=(each,)) for each in (one, other) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(claimed) == [False] * 7 + [True]
    clock.advance(PROBE_S)
    assert other.claim(CLOUD), "whoever found out has died"


def test_calls_that_began_before_neither_end_nor_lengthen_a_spell(two, clock):
    one, _ = two
    began = clock.now()
    clock.advance(1)
    fails(one, clock, failure=Failure.LIMITED, retry_after=60)
    clock.advance(1)
    one.answered(CLOUD, began)
    one.failed(CLOUD, ModelFailed(Failure.SERVER, detail="late"), began)
    standing = one.standing(CLOUD)
    assert (standing.in_a_row, round(standing.retry_after_s)) == (1, 59)


def test_a_machine_of_the_owners_is_never_out_for_long_and_open_to_all_then(two, clock):
    one, other = two
    for _ in range(8):
        fails(one, clock, MINE, retry_after=3600)
    assert one.standing(MINE).retry_after_s == LONGEST_MINE_S
    clock.advance(LONGEST_MINE_S)
    assert one.claim(MINE)
    assert other.claim(MINE)


def test_a_bad_request_and_a_keys_death_cool_nobody_down(two, clock):
    one, _ = two
    fails(one, clock, failure=Failure.BAD_REQUEST)
    keyed = Endpoint("groq/m", "groq", "m", credential="k1")
    fails(one, clock, keyed, failure=Failure.UNAUTHORISED)
    assert one.standing(CLOUD).readiness is Readiness.READY
    fails(one, clock, failure=Failure.UNAUTHORISED)
    assert one.standing(CLOUD).readiness is Readiness.DEAD


def test_a_clock_that_was_put_back_shuts_nobody_out(two, clock):
    one, _ = two
    fails(one, clock, failure=Failure.LIMITED, retry_after=60)
    clock.advance(-3600)
    assert one.standing(CLOUD).readiness is Readiness.READY


def test_a_restart_knows_what_the_former_process_knew(clock, database):
    fails(Standings(clock, database), clock, failure=Failure.LIMITED, retry_after=60)
    again = Standings(clock, database).standing(CLOUD)
    assert (again.readiness, again.retry_after_s) == (Readiness.COOLING, 60)


def test_speeds_are_remembered_from_the_ledger(clock, database):
    usage = Usage(1, 1)
    with database.write() as tx:
        for number in range(12):
            row = {
                "id": f"c{number}", "endpoint": "groq/m", "provider": "groq", "bucket": "b",
                "place": "home", "state": "settled", "is_paid": False, "reserved_tokens": 1,
                "reserved_micros": 0, "prompt_tokens": usage.prompt, "began_at": clock.now(),
                "first_token_ms": None if number == 5 else number * 100,
                "ended_at": clock.now() + timedelta(seconds=1),
            }  # fmt: skip
            tx.execute(calls.insert().values(row))
    paces = Paces(remembered(database))
    assert paces.pace("groq/m").first_token_s == 0.6
    assert paces.p95("groq/m") == 1.0
    assert paces.pace("other").first_token_s is None
