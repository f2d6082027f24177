"""Live text and pairing: sealed frames through a real Redis, and the files of a pairing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time

import pytest
import redis

from core import broker, seal
from core.clock import ManualClock, SystemClock
from core.errors import Refused
from core.runs import exchange_pairing
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.live import Frame, LiveFrames, RedisLiveText, read_frame, write_frame
from core.seal import Identity
from tests.integration.test_exchange_node import PrivateRedis, redis_binary

KEY = b"k" * 32
FRAME = Frame("run1", 7, "text বাংলা")
AT = 1_767_225_600


def key_of(place):
    return KEY if place == HOME else None


def test_a_frame_is_read_back_and_hides_its_text():
    raw = write_frame(KEY, HOME, FRAME, AT).encode()
    assert read_frame(raw, key_of, AT) == FRAME
    assert "text" not in raw.decode()


def test_a_forged_changed_or_old_frame_is_refused():
    raw = write_frame(KEY, HOME, FRAME, AT)
    forged = write_frame(b"j" * 32, HOME, FRAME, AT)
    for bad, now in (
        (forged, AT),
        (raw.replace("run1", "run2"), AT),
        (raw.replace('"sequence":7', '"sequence":8'), AT),
        (raw.replace(HOME, "stranger"), AT),
        (raw, AT + 181),
        ("", AT),
        ("[]", AT),
        ("[" * 60_000, AT),
        ('{"sealed":5}', AT),
    ):
        with pytest.raises(Refused):
            read_frame(bad.encode(), key_of, now)


@pytest.fixture
def server(tmp_path):
    if redis_binary() is None:
        pytest.skip("this machine has no Redis server")
    made = PrivateRedis(tmp_path)
    yield made
    made.kill()


def test_frames_arrive_newest_first_paced_and_after_redis_was_away(server):
    async def watch():
        live = LiveFrames(server.url, key_of, SystemClock())
        text = RedisLiveText(server.url, KEY, HOME, SystemClock())
        frames, seen = live.frames(), []
        client = redis.Redis.from_url(server.url)
        try:
            first = asyncio.ensure_future(anext(frames))
            give_up = time.monotonic() + 20
            while not first.done() and time.monotonic() < give_up:
                text.publish("run1", 1, "hello")
                client.publish(broker.LIVE_CHANNEL, b"forged")
                await asyncio.sleep(0.05)
            seen.append(await first)
            assert seen[0][::2] == ("run1", "hello")
            begun = time.monotonic()
            for number in range(1000):
                text.publish("run1", number, f"text {number}")
            while seen[-1][2] != "text 999":
                seen.append(await asyncio.wait_for(anext(frames), 10))
            assert len(seen) <= 4 + 6 * (time.monotonic() - begun)
            assert [each[1] for each in seen] == sorted(each[1] for each in seen)
            client.close()
            server.kill()
            begun = time.monotonic()
            text.publish("run1", 1, "lost")
            assert time.monotonic() - begun < 0.1
            server.start()
            again = asyncio.ensure_future(anext(frames))
            give_up = time.monotonic() + 20
            while not again.done() and time.monotonic() < give_up:
                text.publish("run1", 1, "back")
                await asyncio.sleep(0.05)
            assert (await again)[2] in {"back", "lost"}
            assert live.dropped >= 1
        finally:
            await frames.aclose()
            await asyncio.to_thread(text.close)
            with contextlib.suppress(redis.RedisError):
                client.close()

    asyncio.run(watch())
    assert not [each for each in threading.enumerate() if each.name == "live-text"]


def test_a_pairing_line_and_the_cards_pair_two_places(tmp_path):
    home_keys, node_keys = Identity(b"h" * 32, b"H" * 32), Identity(b"n" * 32, b"N" * 32)
    made = exchange_pairing.make_pairing("pc", home_keys, "redis://:pass@127.0.0.1:1/0")
    pairing = exchange_pairing.parse_pairing(f" {made.to_text()}\n")
    assert pairing == made
    card = exchange_pairing.accept_pairing(tmp_path, pairing, node_keys)
    assert exchange_pairing.kept_pairing(tmp_path) == made
    if os.name != "nt":
        assert (tmp_path / exchange_pairing.PAIRING_FILE).stat().st_mode & 0o777 == 0o600
    assert home_keys.shared_key(card.seal, seal.Context.LIVE) == node_keys.shared_key(
        pairing.home_seal, seal.Context.LIVE
    )


@pytest.mark.parametrize(
    "text", ["", "mask2-", "mask2-!!!", "mask2-e30", "hello", "mask2-" + "A" * 99]
)
def test_a_strange_pairing_line_is_refused(text):
    with pytest.raises(Refused, match="pairing-malformed"):
        exchange_pairing.parse_pairing(text)


def test_a_node_that_is_not_paired_says_so(tmp_path):
    with pytest.raises(Refused, match="node-not-paired"):
        exchange_pairing.kept_pairing(tmp_path)


@pytest.mark.parametrize("name", ["home", "PC", "", "a b", "x" * 40])
def test_a_name_that_no_node_can_have_is_refused(name):
    with pytest.raises(Refused, match="node-name"):
        exchange_pairing.make_pairing(name, Identity(b"h" * 32, b"H" * 32), "redis://x")


def test_pairing_again_with_other_keys_forgets_the_old_presence(database):
    clock = ManualClock()
    nodes = Nodes(database, clock)
    one, two = Identity(b"1" * 32, b"2" * 32).public, Identity(b"3" * 32, b"4" * 32).public
    with database.write() as tx:
        nodes.register(tx, "pc", one.sign, one.seal, is_mine=True)
        nodes.heard(tx, nodes.peer(tx, "pc"), "boot1", int(clock.now().timestamp()), {})
    assert nodes.is_present("pc")
    with database.write() as tx:
        nodes.register(tx, "pc", two.sign, two.seal, is_mine=True)
    assert not nodes.is_present("pc")
    with database.write() as tx, pytest.raises(Refused, match="node-unknown"):
        nodes.peer(tx, "laptop")
    assert nodes.is_present(HOME)
    late = int(clock.now().timestamp()) - 121
    with database.write() as tx, pytest.raises(Refused, match="hello-old"):
        nodes.heard(tx, nodes.peer(tx, "pc"), "boot1", late, {})
