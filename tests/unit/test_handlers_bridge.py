"""The crossing from asyncio to core."""

import asyncio
import threading

import pytest

from bot.bridge import Bridge
from core.errors import Broken, Refused, Unavailable

pytestmark = pytest.mark.loopback  # only because an event loop opens a socket pair of its own


def crossing(work):
    async def main():
        bridge = Bridge(2)
        try:
            return await work(bridge)
        finally:
            bridge.close()

    return asyncio.run(main())


def test_a_function_runs_in_another_thread_and_its_result_comes_back():
    here = threading.get_ident()
    there = crossing(lambda bridge: bridge.run(threading.get_ident))
    assert there != here


@pytest.mark.parametrize("error", [Refused("a"), Unavailable("b", retry_after=3), Broken("c")])
def test_all_families_of_errors_pass_through_unchanged(error):
    def fail():
        raise error

    with pytest.raises(type(error)) as caught:
        crossing(lambda bridge: bridge.run(fail))
    assert caught.value is error


def test_no_more_threads_than_allowed_are_inside_core():
    inside, most, lock, both = 0, 0, threading.Lock(), threading.Barrier(2, timeout=5)

    def work():
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        both.wait()
        with lock:
            inside -= 1

    async def many(bridge):
        await asyncio.gather(*(bridge.run(work) for _ in range(8)))

    crossing(many)
    assert most == 2
