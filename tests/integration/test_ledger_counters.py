"""Redis, the ledger's rows and plain arithmetic count alike."""

from __future__ import annotations

import contextlib
import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import fakeredis
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.llm.gauges import Reading, gauge_of, shortage_of
from core.llm.ledger_counts import COUNTED, LedgerCounts, remember
from core.llm.marks import Bucket, Dimension, Mark
from core.llm.model import Limits
from core.llm.redis_windows import RedisCounters
from core.llm.tables import calls
from tests.integration.ledger_world import private_redis

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
NUMBERS = itertools.count()
LIMITS = Limits(rpm=5, tpm=1000, rpd=12, tpd=4000)

#: Seconds forward; a call of so many tokens; a correction of the last call; a provider's word.
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.sampled_from([0.25, 1, 7, 30, 59, 61, 3600, 40_000, 90_000])),
        st.tuples(st.just("take"), st.integers(0, 600)),
        st.tuples(st.just("give"), st.integers(-200, 200)),
        st.tuples(
            st.just("mark"),
            st.sampled_from(list(Dimension)),
            st.sampled_from([None, 3, 700, 5000]),
            st.integers(0, 600),
            st.sampled_from([0.5, 20, 300, 7200]),
        ),
    ),
    max_size=40,
)


@dataclass
class Plain:
    """Every call kept, everything added up anew each time."""

    bucket: Bucket
    taken: list[list] = field(default_factory=list)
    marks: dict[Dimension, Mark] = field(default_factory=dict)

    def readings(self, now: datetime) -> dict[Dimension, Reading]:
        return {each: self._reading(each, now) for each in Dimension}

    def _reading(self, dimension: Dimension, now: datetime) -> Reading:
        mark = self.marks.get(dimension)
        oldest = mark.oldest_slot(now) if mark else dimension.slot_of(now) - dimension.slots
        amounts: dict[int, int] = {}
        spent = 0
        for began, tokens in self.taken:
            slot = dimension.slot_of(began)
            if slot >= oldest:
                amounts[slot] = amounts.get(slot, 0) + dimension.amount(tokens)
            if mark and began > mark.seen_at:
                spent += dimension.amount(tokens)
        return Reading(sum(amounts.values()), amounts, mark, spent)

    def take(self, tokens: int, now: datetime, spare: int):
        short = shortage_of(self.bucket, self.readings(now), tokens, now, spare)
        if short is None:
            self.taken.append([now, tokens])
        return short

    def mark(self, mark: Mark) -> None:
        before = self.marks.get(mark.dimension)
        most = mark.most if mark.most is not None or before is None else before.most
        self.marks[mark.dimension] = Mark(
            mark.dimension, most, mark.left, mark.reset_at, mark.seen_at
        )


def gauges(bucket: Bucket, readings, now: datetime) -> dict:
    """What decides: the limit, what is left, and when there is more."""
    found = {}
    for each in Dimension:
        gauge = gauge_of(each, each.limit_in(bucket.limits), readings.get(each, Reading()), now)
        is_known = gauge.left is not None
        found[each] = (
            gauge.most,
            gauge.left,
            pytest.approx(gauge.more_in_s, abs=0.002) if is_known and not gauge.left else None,
        )
    return found


def same(short, expected) -> None:
    if expected is None or short is None:
        assert short == expected
        return
    assert (short.bucket, short.dimension) == (expected.bucket, expected.dimension)
    assert short.wait_s == (expected.wait_s and pytest.approx(expected.wait_s, abs=0.002))


@contextlib.contextmanager
def pretend_redis():
    """What `ops try` runs where no Redis binary can be had; another Lua, too."""
    server = fakeredis.TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=["real", "pretend"])
def counters(request, tmp_path_factory):
    with contextlib.ExitStack() as stack:
        if request.param == "real":
            url = stack.enter_context(private_redis(tmp_path_factory.mktemp("redis"))).url
        else:
            url = stack.enter_context(pretend_redis())
        found = RedisCounters(url)
        yield found
        found.close()


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES, spare=st.sampled_from([0, 10]))
def test_redis_counts_as_arithmetic_does(counters, moves, spare) -> None:
    bucket = Bucket(f"b{next(NUMBERS)}", LIMITS)
    plain, now = Plain(bucket), START
    counters.fill(bucket.name, {}, now)
    for move in moves:
        match move:
            case ("wait", seconds):
                now += timedelta(seconds=seconds)
            case ("take", tokens):
                short = counters.take([bucket], tokens, now, spare)
                same(short, plain.take(tokens, now, spare))
            case ("give", tokens) if plain.taken and plain.taken[-1][1] + tokens >= 0:
                counters.give([bucket], 0, tokens, plain.taken[-1][0])
                plain.taken[-1][1] += tokens
            case ("mark", dimension, most, left, reset_s):
                mark = Mark(dimension, most, left, now + timedelta(seconds=reset_s), now)
                counters.mark(bucket.name, [mark], now)
                plain.mark(mark)
        (found,) = counters.look([bucket], now)
        assert gauges(bucket, found, now) == gauges(bucket, plain.readings(now), now)


def call_row(bucket: Bucket, began: datetime, tokens: int, state: str = "reserved") -> dict:
    settled = {"prompt_tokens": tokens, "completion_tokens": 0} if state == "settled" else {}
    return {
        "id": f"c{next(NUMBERS)}",
        "endpoint": "e",
        "provider": "p",
        "bucket": bucket.name,
        "place": "home",
        "state": state,
        "is_paid": False,
        "reserved_tokens": 10_000 if settled else tokens,
        "reserved_micros": 0,
        "began_at": began,
        **settled,
    }


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES, spare=st.sampled_from([0, 10]))
def test_the_ledgers_rows_count_as_arithmetic_does(database, moves, spare) -> None:
    bucket = Bucket(f"b{next(NUMBERS)}", LIMITS)
    plain, now = Plain(bucket), START
    record = LedgerCounts(database)
    for number, move in enumerate(moves):
        match move:
            case ("wait", seconds):
                now += timedelta(seconds=seconds)
            case ("take", tokens):
                with database.write() as tx:
                    short = record.shortage(tx, [bucket], tokens, now, spare)
                    if short is None:
                        state = ("reserved", "settled", "marked")[number % 3]
                        tx.execute(sa.insert(calls).values(call_row(bucket, now, tokens, state)))
                same(short, plain.take(tokens, now, spare))
            case ("mark", dimension, most, left, reset_s):
                mark = Mark(dimension, most, left, now + timedelta(seconds=reset_s), now)
                with database.write() as tx:
                    remember(tx, bucket.name, [mark])
                plain.mark(mark)
    (found,) = record.readings([bucket], now)
    assert gauges(bucket, found, now) == gauges(bucket, plain.readings(now), now)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES)
def test_redis_filled_from_the_rows_is_what_it_would_have_counted(
    counters, sqlite_database, moves
) -> None:
    bucket = Bucket(f"b{next(NUMBERS)}", LIMITS)
    now, record = START, LedgerCounts(sqlite_database)
    for move in moves:
        with sqlite_database.write() as tx:
            insert = partial(sa.insert(calls).values, call_row(bucket, now, 0))
            match move:
                case ("wait", seconds):
                    now += timedelta(seconds=seconds)
                case ("take", tokens):
                    tx.execute(insert().values(reserved_tokens=tokens))
                case ("mark", dimension, most, left, reset_s):
                    reset = now + timedelta(seconds=reset_s)
                    remember(tx, bucket.name, [Mark(dimension, most, left, reset, now)])
    (known,) = record.readings([bucket], now)
    for _ in range(2):  # filling twice changes nothing
        counters.fill(bucket.name, known, now)
    (found,) = counters.look([bucket], now)
    assert gauges(bucket, found, now) == gauges(bucket, known, now)


def test_cached_answers_count_against_no_limit() -> None:
    assert "cached" not in COUNTED
