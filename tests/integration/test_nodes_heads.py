"""Hellos carry chain heads and news of grant keys; refused envelopes are counted and told once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.approvals import tables as approval_tables
from core.approvals.audit import Audit
from core.approvals.keys import ROTATIONS, GrantKeys, Rotation
from core.approvals.peers import AuditChains, KeyRotations
from core.errors import Refused
from core.memory.preferences import Preferences
from core.runs.exchange_nodes import HOME
from core.runs.exchange_post import Here
from core.runs.exchange_tampering import CODE, TamperWatch
from core.seal import Context, GrantSigner
from tests.integration.exchange_world import NODE, World, receive

OLD, NEW = GrantSigner(b"o" * 32), GrantSigner(b"w" * 32)


class Chained(World):
    """Both ends keep an audit and grant keys."""

    def __init__(self, folder):
        super().__init__(folder)
        self.told = []
        self.audits = Audit(self.clock)
        self.keys = GrantKeys(self.clock, self.audits)
        self.values = Preferences(self.home_db, self.clock)
        put = lambda _tx, notice: self.told.append(notice)  # noqa: E731
        home = {"chains": AuditChains(self.audits, put)}
        home["keys"] = KeyRotations(self.keys, self.values)
        node = {"chains": AuditChains(self.audits), "keys": KeyRotations(self.keys)}
        for exchange, more in ((self.home, home), (self.node, node)):
            here = exchange.here
            whole = Here(here.place, here.identity, here.boot, here.incarnation, **more)
            exchange.here = exchange.post._here = whole

    def record(self, db, kind="approved"):
        with db.write() as tx:
            self.audits.record(tx, kind, "owner")
            return self.audits.head(tx)

    def noted(self, db, place):
        with db.read() as tx:
            return self.audits.noted(tx, place)

    def head(self, db):
        with db.read() as tx:
            return self.audits.head(tx)


@pytest.fixture
def world(tmp_path):
    made = Chained(tmp_path)
    yield made
    made.close()


def test_each_end_notes_the_head_of_the_others_chain(world):
    world.record(world.home_db)
    world.record(world.node_db)
    world.beat()
    world.beat()
    assert world.noted(world.home_db, NODE) == world.head(world.node_db)
    assert world.noted(world.node_db, HOME) == world.head(world.home_db)


def test_a_settled_pair_says_no_more_about_heads(world):
    world.record(world.home_db)
    world.beat()
    world.beat()
    count = len(world.broker.seen)
    world.clock.advance(20)
    world.beat()
    assert len(world.broker.seen) == count + 1  # the hello alone


def test_a_chain_that_was_rewritten_at_the_node_is_told_to_the_owner(world):
    for _ in range(3):
        world.record(world.node_db)
    world.beat()
    with world.node_db.write() as tx:
        tx.execute(sa.delete(approval_tables.audit))
    world.record(world.node_db, "denied")
    world.clock.advance(20)
    world.beat()
    assert [notice.params["code"] for notice in world.told] == ["audit-cut"]
    world.clock.advance(20)
    world.beat()
    assert len(world.told) == 1


def rotation(old, new):
    unsigned = Rotation(1, old.public, new.public, "")
    return vars(
        Rotation(1, old.public, new.public, old.sign(Context.GRANT_KEYS, unsigned.signed).hex())
    )


def trust(world, db, key):
    with db.write() as tx:
        world.keys.trust(tx, key)


def rotate(world, message):
    with world.home_db.write() as tx:
        world.keys.take(tx, message)
        world.values.set(tx, ROTATIONS, [message])


def valid(world, db):
    with db.read() as tx:
        return world.keys.valid(tx)


def test_a_node_follows_a_new_grant_key_that_the_old_one_signed(world):
    for db in (world.home_db, world.node_db):
        trust(world, db, OLD.public)
    world.beat()
    rotate(world, rotation(OLD, NEW))
    for _ in range(2):
        world.clock.advance(20)
        world.beat()
    assert valid(world, world.node_db) == {OLD.public, NEW.public}
    world.clock.advance(25 * 3600)
    assert valid(world, world.node_db) == {NEW.public}


def test_a_node_that_never_knew_the_old_key_follows_nothing(world):
    trust(world, world.home_db, OLD.public)
    stranger = GrantSigner(b"s" * 32)
    trust(world, world.node_db, stranger.public)
    rotate(world, rotation(OLD, NEW))
    world.beat()
    world.beat()
    assert valid(world, world.node_db) == {stranger.public}


def test_a_new_key_that_another_key_signed_is_refused_by_the_node(world):
    for db in (world.home_db, world.node_db):
        trust(world, db, OLD.public)
    forged = {**rotation(NEW, NEW), "old": OLD.public}
    with world.home_db.write() as tx:
        world.values.set(tx, ROTATIONS, [forged])
    world.beat()
    world.home.post.reply(NODE, "grant-keys", {"rotations": [forged]})
    world.home.post.relay(world.clock.now())
    text = world.broker.take(NODE)
    with pytest.raises(Refused, match="signature-wrong"):
        world.node.receive(text)
    assert valid(world, world.node_db) == {OLD.public}


# -- tampering -----------------------------------------------------------------------------------


def watch(world):
    return TamperWatch(
        world.home_db,
        world.clock,
        world.home.nodes,
        world.home.tampering,
        lambda _tx, notice: world.told.append(notice),
    )


def told(world):
    return [(n.params["component"], n.params["code"], n.params["level"]) for n in world.told]


def test_a_few_late_envelopes_after_a_sleep_ring_nothing(world):
    world.beat()
    for number in range(20):
        world.ask(f"run{number}", "hello")
    world.home.post.relay(world.clock.now())
    world.clock.advance(3600)
    world.take_node()
    assert world.node.tampering.to_json()["count"] == 20
    assert not world.node.tampering.is_going_on


def test_forged_envelopes_ring_once_go_on_counting_and_end_by_themselves(world):
    watcher = watch(world)
    watcher.look()
    for _ in range(500):
        receive(world.home, "{}")
    watcher.look()
    watcher.look()
    assert told(world) == [("broker", CODE, "critical")]
    assert world.told[0].params["values"]["count"] == 500
    receive(world.home, "{}")
    world.clock.advance(61)
    watcher.look()
    assert len(world.told) == 2  # the same card, a minute later
    world.clock.advance(601)
    watcher.look()
    watcher.look()
    assert told(world)[-1] == ("broker", CODE, "resolved")
    assert len(world.told) == 3


def test_what_a_node_refuses_is_told_by_home(world):
    watcher = watch(world)
    for _ in range(10):
        receive(world.node, "{}")
    load = {"refused": world.node.tampering.to_json()}
    world.node.post.say_hello({}, load)
    world.take_home()
    watcher.look()
    assert told(world) == [(f"node-{NODE}", CODE, "critical")]


def test_the_same_bytes_again_and_again_are_counted_as_a_replay(world):
    world.beat()
    hellos = [text for to, text in world.broker.seen if to == HOME]
    for _ in range(60):
        receive(world.home, hellos[0])
    assert world.home.tampering.is_going_on


@pytest.mark.parametrize("raw", [7, None, {"a": 1}, ["x"], 1.5, True, "\ud800", "é" * 70_000])
def test_whatever_lies_in_a_queue_is_refused_without_a_stack_trace(world, raw):
    for exchange in (world.home, world.node):
        with pytest.raises(Refused):
            exchange.receive(raw)


@pytest.mark.parametrize("load", [{"refused": 7}, {"refused": {"count": "x"}}, {"refused": {}}])
def test_nonsense_counts_of_a_node_ring_nothing(world, load):
    world.node.post.say_hello({}, load)
    world.take_home()
    watch(world).look()
    assert world.told == []
