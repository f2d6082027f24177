"""Blobs: kept once, moved in parts, whole or nothing."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from core.errors import Broken, Refused
from core.runs import blobs as blobs_module
from core.runs import exchange_bodies as bodies
from core.runs.blobs import PART_BYTES, BlobRef, Blobs
from core.runs.exchange_blobs import BlobCarrier
from core.runs.exchange_fakes import LossyBroker
from core.runs.exchange_nodes import HOME
from core.runs.model import Label
from core.runs.tables import blob_parts
from tests.integration.exchange_world import NODE, Crash, World, chance


def test_content_is_kept_once_however_often_it_is_kept(database, clock):
    store = Blobs(database, clock, HOME)
    content = b"x" * (3 * PART_BYTES + 7)
    with database.write() as tx:
        first = store.keep(tx, content, Label.OPEN, "text/plain")
        second = store.keep(tx, content, Label.PRIVATE, "text/plain")
        assert tx.execute(sa.select(sa.func.count()).select_from(blob_parts)).scalar_one() == 4
    assert first.sha256 == second.sha256 == hashlib.sha256(content).hexdigest()
    assert (first.label, second.label) == (Label.OPEN, Label.PRIVATE)
    assert store.content(first.sha256) == content


def test_more_than_50_mb_is_refused(database, clock):
    with database.write() as tx, pytest.raises(Refused, match="blob-too-large"):
        Blobs(database, clock, HOME).keep(tx, bytes(50_000_001), Label.OPEN)


def test_damaged_content_is_broken_and_not_returned(database, clock):
    store = Blobs(database, clock, HOME)
    with database.write() as tx:
        ref = store.keep(tx, b"y" * 100, Label.OPEN)
        tx.execute(sa.update(blob_parts).values(data=b"z" * 100))
    with pytest.raises(Broken, match="blob-damaged"):
        store.content(ref.sha256)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "x" * 64},
        {"size": -1},
        {"size": 50_000_001},
        {"size": "7"},
        {"label": "public"},
        {"media": "text"},
        {"place": None},
    ],
)
def test_a_strange_reference_is_refused(change):
    good = {
        "sha256": "0" * 64,
        "size": 7,
        "label": "open",
        "media": "text/plain",
        "place": "pc",
    }
    assert BlobRef.from_json(good).size == 7
    with pytest.raises(Refused):
        BlobRef.from_json({**good, **change})
    with pytest.raises(Refused):
        BlobRef.from_json(None)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def rounds(world, until, most=200):
    for _ in range(most):
        if until():
            return
        world.beat()
        world.clock.advance(5)
    raise AssertionError("it never came to an end")


def test_a_blob_comes_over_a_bad_broker_through_kills_and_whole(tmp_path):
    dice = chance(5)
    world = World(tmp_path, LossyBroker(5, lose=0.1, double=0.1, shuffled=True))
    content = dice.randbytes(100 * PART_BYTES + 11)
    with world.node_db.write() as tx:
        ref = world.node.blobs.keep(tx, content, Label.OPEN)
    carrier = BlobCarrier(world.home)
    with world.home_db.write() as tx:
        assert not carrier.want(tx, ref, NODE)
    kills = 0
    for _ in range(400):
        if kills < 25:
            world.fuse.at = world.fuse.passed + dice.randint(1, 60)
        try:
            world.beat()
        except Crash:
            kills += 1
            world.restart_home()
            world.restart_node()
        world.clock.advance(5)
        with world.home_db.read() as tx:
            if world.home.blobs.is_whole(tx, ref.sha256):
                break
    world.fuse.at = 0
    assert kills >= 5
    assert world.home.blobs.content(ref.sha256) == content
    world.close()


def test_a_blob_is_fetched_once_however_many_results_refer_to_it(world):
    text = "a" * 300_000
    for number in range(4):
        world.ask(f"run{number}", text)
    world.settle()
    assert [result.value for result in world.results] == [text.upper()] * 4
    with world.home_db.read() as tx:
        parts = tx.execute(sa.select(sa.func.count()).select_from(blob_parts)).scalar_one()
    inputs = len(f'{{"run":"","text":"{text}"}}')
    values = len(f'"{text}"')
    assert parts == -(-inputs // PART_BYTES) + -(-values // PART_BYTES)


def test_a_blob_that_the_other_side_lacks_fails_the_step_instead_of_waiting_for_ever(world):
    lost = BlobRef("0" * 64, 100_000, Label.OPEN, "application/json", HOME)
    world.beat()
    with world.home_db.write() as tx:
        world.home.put(
            tx,
            NODE,
            bodies.STEP,
            {
                "run_id": "run1",
                "position": "1",
                "name": "test.read",
                "version": 1,
                "digest": "0" * 64,
                "label": "open",
                "attempt": 1,
                "inputs_blob": lost.to_json(),
            },
        )
    rounds(world, lambda: world.results)
    assert world.results[0].error["code"] == "blob-missing"
    assert world.ran == []


def test_content_that_does_not_match_its_sha256_is_dropped(world):
    with world.node_db.write() as tx:
        ref = world.node.blobs.keep(tx, b"q" * 100_000, Label.OPEN)
        tx.execute(sa.update(blob_parts).where(blob_parts.c.offset == 0).values(data=b"w" * 49152))
    carrier, told = BlobCarrier(world.home), []
    carrier.listen(lambda _tx, sha256, why: told.append((sha256, why.code if why else None)))
    with world.home_db.write() as tx:
        carrier.want(tx, ref, NODE)
    rounds(world, lambda: told)
    assert told == [(ref.sha256, "blob-damaged")]
    with world.home_db.read() as tx:
        assert world.home.blobs.find(tx, ref.sha256) is None


def test_parts_are_as_large_as_the_design_says():
    assert blobs_module.PART_BYTES == 48 * 1024
    assert blobs_module.MOST_BLOB_BYTES == 50_000_000
