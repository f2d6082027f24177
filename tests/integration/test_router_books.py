"""The port of the books: the same tests for the fake and for the till."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.llm.books import Ended, NoBooks, Planned
from core.llm.budget import Span
from core.llm.fakes import FakeBooks
from core.llm.ledger_calls import Call
from core.llm.model import Endpoint, Failure, Limits, Price, Usage
from core.llm.ports import ModelFailed
from core.llm.redis_windows import RedisCounters
from core.llm.tables import calls
from core.llm.till import Till
from core.llm.windows import LimitReached
from tests.integration.catalog_world import CatalogWorld
from tests.integration.ledger_world import budgets_of, ledger_over, private_redis

FREE = Endpoint("free", "groq", "free", service="groq", limits=Limits(rpm=2))
PAID = Endpoint("paid", "openai", "paid", service="openai", price=Price(1_000_000, 1_000_000))
OWN = Endpoint("own", "ollama", "own", is_mine=True)
EACH = 150  # micro-dollars that a call of 100 in and 50 out reserves


class FakeWorld:
    """The fake, with keys one and two at groq."""

    def __init__(self, clock, money=None):
        self.books = FakeBooks(
            clock, keys={"groq": ["one", "two"], "openai": ["k"]}, most={"free": 2}, money=money
        )

    def outcomes(self):
        return [each.ended.outcome for each in self.books.calls if each.ended]

    def cached(self):
        return len(self.books.from_cache)

    def elsewhere(self, planned, usage):
        self.books.made_elsewhere(None, planned, usage)

    def made_elsewhere(self):
        return len(self.books.from_elsewhere)


class TillWorld:
    """The till, with two keys at groq and one at openai."""

    def __init__(self, clock, database, money=None):
        world = CatalogWorld(database)
        for service, key in (("groq", "gsk_one_canary"), ("groq", "gsk_two_canary"),
                             ("openai", "sk-three-canary")):  # fmt: skip
            world.do(world.keys.add, service, key)
            world.clock.advance(1)
        self.world, self.told = world, []
        if money is not None:
            with database.write() as tx:
                budgets_of(database, world.clock).set(tx, Span.DAY, money)
        self.books = Till(
            database,
            world.clock,
            ledger_over(database, world.clock),
            world.keys,
            on_dead=lambda _tx, key: self.told.append(key.id),
        )

    def rows(self):
        with self.world.db.read() as tx:
            return tx.execute(sa.select(calls).order_by(calls.c.seq)).all()

    def outcomes(self):
        return [row.outcome for row in self.rows() if row.state == "settled"]

    def cached(self):
        return sum(row.state == "cached" for row in self.rows())

    def elsewhere(self, planned, usage):
        with self.world.db.write() as tx:
            self.books.made_elsewhere(tx, planned, usage)

    def made_elsewhere(self):
        settled = [row for row in self.rows() if row.state == "settled"]
        assert all((row.prompt_tokens, row.completion_tokens) == (40, 10) for row in settled)
        return len(settled)


@pytest.fixture(params=["fake", "sqlite_database", "postgres_database"])
def make(request, clock):
    def made(money=None):
        if request.param == "fake":
            return FakeWorld(clock, money)
        return TillWorld(clock, request.getfixturevalue(request.param), money)

    return made


@pytest.fixture
def server_of_counters(tmp_path):
    with private_redis(tmp_path) as server:
        counters = RedisCounters(server.url)
        yield counters
        counters.close()


def planned(endpoint):
    return Planned(endpoint, 100, 50, "r", "w")


def test_what_is_opened_is_put_down_when_it_is_closed(make):
    world = make()
    ticket = world.books.open(planned(PAID))
    assert ticket.endpoint.name == "paid"
    assert ticket.key
    world.books.close(ticket, Ended("answered", Usage(40, 10), 12, 34))
    assert world.outcomes() == ["answered"]


def test_without_names_the_keys_that_were_tried(make):
    books = make().books
    first = books.open(planned(FREE))
    second = books.open(planned(FREE), {first.key})
    assert len({first.key, second.key}) == 2
    assert books.open(planned(FREE), {first.key, second.key}) is None
    assert books.open(planned(OWN), {""}) is None
    for ticket in (first, second):
        books.close(ticket, Ended("limited"))


def test_a_refused_key_is_used_by_nobody_and_told_of_once(make):
    world = make()
    for _ in range(2):
        ticket = world.books.open(planned(FREE))
        world.books.refused(ticket, "401")
        world.books.close(ticket, Ended("unauthorised"))
        if isinstance(world, TillWorld):
            world.books.refused(ticket, "401 again")
            assert len(world.told) == len(set(world.told))
    assert world.books.left([FREE], 100, 50)["free"].has_key is False
    with pytest.raises(ModelFailed) as caught:
        world.books.open(planned(FREE))
    assert caught.value.failure is Failure.UNAUTHORISED


def test_where_there_is_no_room_nothing_is_taken_and_it_is_said_when_there_is(make):
    books = make().books
    assert not books.left([FREE], 100, 50)["free"].is_full
    tickets = [books.open(planned(FREE)) for _ in range(2)]
    assert books.left([FREE, OWN], 100, 50)["free"].is_full
    with pytest.raises(ModelFailed) as caught:
        books.open(planned(FREE))
    assert caught.value.failure is Failure.LIMITED
    assert 0 < caught.value.retry_after <= 61
    for ticket in tickets:
        books.close(ticket, Ended("answered", Usage(1, 1)))


def test_ten_at_once_take_exactly_what_the_budget_holds(make):
    books = make(money=3 * EACH + 10).books
    at_once, got = threading.Barrier(10), []

    def one():
        at_once.wait(30)
        try:
            got.append(books.open(planned(PAID)))
        except ModelFailed as failed:
            got.append(failed.failure)

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert got.count(Failure.BUDGET) == 7
    assert books.money("r") == 10
    assert books.open(planned(OWN)) is not None


def test_an_answer_from_the_cache_is_counted_for_nothing(make):
    world = make(money=EACH)
    world.books.cached(planned(PAID), Usage(40, 10))
    assert world.cached() == 1
    assert world.books.money("r") == EACH


def test_without_books_everything_is_open():
    books = NoBooks()
    assert (books.money("r"), dict(books.left([PAID], 1, 1))) == (None, {})
    ticket = books.open(planned(PAID))
    assert ticket.endpoint == PAID
    assert books.open(planned(PAID), {""}) is None


# -- the till alone --------------------------------------------------------------------------------


def test_a_key_goes_with_no_endpoint_at_another_address(clock, sqlite_database):
    world = TillWorld(clock, sqlite_database).world
    ledger = ledger_over(sqlite_database, world.clock)
    till = Till(
        sqlite_database, world.clock, ledger, world.keys,
        may_have_key=lambda endpoint: endpoint.base_url is None,
    )  # fmt: skip
    assert till.open(planned(FREE)).key
    elsewhere = replace(FREE, name="elsewhere", base_url="http://elsewhere")
    assert till.open(planned(elsewhere)).key == ""


def test_what_headers_say_binds_the_next_call_and_the_key_without_room_is_passed_over(
    clock, sqlite_database
):
    world = TillWorld(clock, sqlite_database)
    unlimited = replace(FREE, limits=Limits())
    first = world.books.open(planned(unlimited))
    headers = {
        "x-ratelimit-limit-tokens": "6000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "40s",
    }
    message = "Rate limit reached for model in organization `org_one` on tokens per minute"
    world.books.heard(first, headers, message, is_refused=True)
    world.books.close(first, Ended("limited"))
    with sqlite_database.read() as tx:
        organisations = [each.organisation for each in world.world.keys.of(tx, "groq")]
    assert organisations == ["org_one", None]
    second = world.books.open(planned(unlimited))
    assert second.key != first.key
    assert not world.books.left([unlimited], 100, 50)["free"].is_full


def test_what_a_new_organisation_said_reaches_other_processes_with_the_settling(
    clock, sqlite_database, server_of_counters
):
    """Redis alone has it until then; who has no Redis reads the record."""
    world = TillWorld(clock, sqlite_database)
    counted = ledger_over(sqlite_database, world.world.clock, server_of_counters)
    till = Till(sqlite_database, world.world.clock, counted, world.world.keys)
    ticket = till.open(planned(FREE))
    message = "Rate limit reached in organization `org_new` on requests per minute (RPM): Limit 2"
    till.heard(ticket, {"retry-after": "40"}, message, is_refused=True)
    till.close(ticket, Ended("limited"))

    elsewhere = ledger_over(sqlite_database, world.world.clock)
    found = replace(ticket.endpoint, organisation="org_new")
    with pytest.raises(LimitReached) as caught:
        elsewhere.reserve(Call(found, 100, 50))
    assert caught.value.retry_after > 30
    others = replace(FREE, credential="another", organisation=None)
    elsewhere.reserve(Call(others, 100, 50))


def test_what_a_nodes_model_answered_is_counted_at_home(make):
    world = make()
    world.elsewhere(planned(OWN), Usage(40, 10))
    assert world.made_elsewhere() == 1
