"""Live output reaches its card at a humane pace, and nobody else's."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import nullcontext

import pytest

from bot.jobs import Jobs, pace
from bot.tickers import Ticker


class Cards:
    """Runs in `running` have a card; what was shown, with the time."""

    def __init__(self, clock):
        self.clock = clock
        self.running = set()
        self.shown = []
        self.looks = 0

    def is_running(self, _tx, run_id):
        self.looks += 1
        return run_id in self.running

    def live(self, _tx, run_id, text):
        self.shown.append((round(self.clock.monotonic() - self.began), run_id, text))


class Db:
    def read(self):
        return nullcontext()

    def write(self):
        return nullcontext()


async def cross(work, *args):
    return work(*args)


@pytest.fixture
def cards(clock):
    cards = Cards(clock)
    cards.began = clock.monotonic()
    return cards


@pytest.fixture
def jobs(cards, clock):
    return Jobs(db=Db(), cards=cards, clock=clock, cross=cross)


async def frames(*items):
    for item in items:
        yield item


async def sifted(jobs, *items):
    return [frame async for frame in jobs.sift(frames(*items))]


@pytest.mark.parametrize(
    ("elapsed", "every"), [(0, 5), (59.9, 5), (60, 10), (599, 10), (600, 30), (86_400, 30)]
)
def test_the_pace_slows_down(elapsed, every):
    assert pace(elapsed) == every


def test_frames_of_a_running_card_are_kept_and_others_pass(jobs, cards):
    cards.running = {"job"}
    passed = asyncio.run(sifted(jobs, ("job", 1, "a"), ("chat", 1, "b"), ("job", 2, "ab")))
    assert passed == [("chat", 1, "b")]
    asyncio.run(jobs.show_due())
    assert cards.shown == [(0, "job", "ab")]


def test_over_twenty_minutes_a_card_is_edited_as_often_as_is_humane(jobs, cards, clock):
    cards.running = {"job"}

    async def work():
        for second in range(1200):
            await sifted(jobs, ("job", second, f"line {second}"))
            await jobs.show_due()
            clock.advance(1)

    asyncio.run(work())
    times = [at for at, _, _ in cards.shown]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert times[0] == 0
    assert {gap for at, gap in zip(times, gaps, strict=False) if at < 60} == {5}
    assert {gap for at, gap in zip(times, gaps, strict=False) if 60 <= at < 600} == {10}
    assert {gap for at, gap in zip(times, gaps, strict=False) if at >= 600} == {30}


def test_the_same_text_is_not_shown_twice(jobs, cards, clock):
    cards.running = {"job"}

    async def work():
        for second in range(60):
            await sifted(jobs, ("job", second, "same"))
            await jobs.show_due()
            clock.advance(1)

    asyncio.run(work())
    assert len(cards.shown) == 1


def test_nothing_is_shown_on_a_card_whose_step_has_ended(jobs, cards, clock):
    cards.running = {"job"}
    asyncio.run(sifted(jobs, ("job", 1, "a")))
    cards.running = set()
    asyncio.run(jobs.show_due())
    assert cards.shown == []
    clock.advance(2)
    assert asyncio.run(sifted(jobs, ("job", 2, "words of a model"))) == [
        ("job", 2, "words of a model")
    ]


def test_a_run_is_looked_up_once_a_second(jobs, cards, clock):
    asyncio.run(sifted(jobs, *[("chat", n, "x") for n in range(20)]))
    assert cards.looks == 1
    clock.advance(1.1)
    asyncio.run(sifted(jobs, ("chat", 21, "x")))
    assert cards.looks == 2


def test_a_tick_comes_at_once_when_somebody_rings():
    async def work():
        calls = asyncio.Queue()

        async def tick():
            calls.put_nowait(1)

        ticker = Ticker("t", 3600, tick)
        ticker.ring()  # before it runs: nothing happens
        task = asyncio.create_task(ticker.run())
        await asyncio.wait_for(calls.get(), 5)
        ticker.ring()
        await asyncio.wait_for(calls.get(), 5)
        task.cancel()

    asyncio.run(work())
