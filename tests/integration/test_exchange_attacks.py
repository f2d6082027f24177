"""Law 4: a stolen broker is powerless. The attacker reads, keeps, changes and writes everything on
the broker, but holds no key."""

from __future__ import annotations

import json
import random

import pytest

from core.db import canonical
from core.errors import Refused
from core.runs.envelopes import Content, Head, issued, write
from core.runs.exchange_halts import HaltReader, HaltWriter, MemoryBoard
from core.runs.exchange_nodes import HOME
from core.seal import Identity
from tests.integration.exchange_world import NODE, World, receive


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def seen_for(world, place):
    return [text for to, text in world.broker.seen if to == place]


def test_everything_replayed_at_both_ends_for_a_day_changes_nothing(world):
    for number in range(5):
        world.ask(f"run{number}", "secret-words", kind="once")
    world.settle()
    before = (list(world.ran), len(world.results))
    assert len(before[0]) == 5
    for _ in range(24):
        for _to, text in list(world.broker.seen):
            receive(world.home, text)
            receive(world.node, text)
        world.work()
        world.beat()
        world.clock.advance(3600)
    world.restart_node()
    for text in seen_for(world, NODE):
        with pytest.raises(Refused):
            world.node.receive(text)
    world.settle()
    assert (world.ran, len(world.results)) == before


def test_a_step_kept_back_and_replayed_after_a_restart_of_the_node_is_refused(world):
    world.beat()
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    [kept] = world.broker.queues.pop(NODE)
    world.restart_node()
    with pytest.raises(Refused, match="envelope-boot"):
        world.node.receive(kept)


def test_a_step_kept_back_for_ten_minutes_is_refused(world):
    world.beat()
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    [kept] = world.broker.queues.pop(NODE)
    world.clock.advance(601)
    with pytest.raises(Refused, match="envelope-time"):
        world.node.receive(kept)


def test_envelopes_from_before_a_restore_of_home_are_refused_at_both_ends(world):
    world.ask("run1", "hello")
    world.beat()
    world.node.post.relay(world.clock.now())
    old = list(world.broker.seen)
    world.home_incarnation = 2
    world.restart_home()
    world.ask("run2", "new")
    world.settle()
    assert [result.run_id for result in world.results] == ["run1", "run2"]
    for to, text in old:
        if to == NODE:
            with pytest.raises(Refused, match="envelope-incarnation"):
                world.node.receive(text)
    late = [text for to, text in old if to == HOME and json.loads(text)["kind"] == "result"]
    assert late
    for text in late:
        with pytest.raises(Refused, match="envelope-incarnation"):
            world.home.receive(text)


def test_two_thousand_mutated_envelopes_are_all_refused_by_both_ends(world):
    """The 10,000 of the byte level are in tests/contract; these go through the whole door."""
    world.beat()
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    dice = random.Random(3)
    for exchange, place in ((world.node, NODE), (world.home, HOME)):
        texts = seen_for(world, place)
        for _ in range(1000):
            changed = bytearray(dice.choice(texts).encode())
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            with pytest.raises(Refused):
                exchange.receive(bytes(changed))
    assert world.steps.work_one() is False


def test_fields_swapped_between_honest_envelopes_are_refused(world):
    world.beat()
    for number in range(2):
        world.ask(f"run{number}", "hello")
    world.home.post.relay(world.clock.now())
    one, two = (json.loads(text) for text in world.broker.queues[NODE])
    for name in one:
        if one[name] != two[name]:
            with pytest.raises(Refused):
                world.node.receive(canonical({**one, name: two[name]}))


def test_an_envelope_of_an_attackers_own_keys_is_refused(world):
    mallory = Identity(b"m" * 32, b"M" * 32)
    for sender in (HOME, NODE, "stranger"):
        head = Head("0" * 32, sender, NODE, "step", f"boot{world.boots}", 1, 0, 0)
        text = write(
            issued(head, world.clock.now()),
            Content({"run_id": "evil"}),
            mallory,
            world.node_keys.public.seal,
        )
        with pytest.raises(Refused):
            world.node.receive(text)


def test_messages_reflected_to_their_sender_are_refused(world):
    world.ask("run1", "hello")
    world.settle()
    for to, text in world.broker.seen:
        with pytest.raises(Refused):
            (world.home if to == NODE else world.node).receive(text)


def test_nothing_readable_passes_the_broker(world):
    world.ask("run-visible", "very secret words", label="private")
    world.settle()
    everything = "".join(text for _to, text in world.broker.seen)
    for secret in ("very secret", "VERY SECRET", "run-visible", "test.read"):
        assert secret not in everything


def test_a_revoked_node_is_neither_heard_nor_sent_to(world):
    world.beat()
    with world.home_db.write() as tx:
        world.home.nodes.revoke(tx, NODE)
    count = len(world.broker.seen)
    world.node.post.say_hello({}, {})
    with pytest.raises(Refused, match="node-revoked"):
        world.home.receive(world.broker.take(HOME))
    with pytest.raises(Refused, match="node-revoked"):
        world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    assert len(world.broker.seen) == count + 1


def test_a_replayed_hello_does_not_keep_a_gone_node_present(world):
    world.beat()
    hellos = [text for text in seen_for(world, HOME) if json.loads(text)["kind"] == "hello"]
    for _ in range(10):
        world.clock.advance(10)
        for text in hellos:
            receive(world.home, text)
    assert not world.home.nodes.is_present(NODE)


def test_a_result_from_a_node_that_was_not_asked_is_dropped(world):
    world.beat()
    with world.node_db.write() as tx:
        world.node.put(
            tx,
            HOME,
            "result",
            {"run_id": "other", "position": "1", "attempt": 1, "state": "done", "value": "evil"},
        )
    world.settle()
    assert world.results == []


def test_a_halt_on_the_board_stops_a_run_although_every_message_is_lost(world):
    world.beat()
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    with world.home_db.write() as tx:
        world.asking.halt(tx, NODE, "run1")
    board = MemoryBoard()
    assert HaltWriter(world.home, board).write() == 1
    reader = HaltReader(world.node, board, world.steps.halt)
    assert reader.look() == 1
    assert reader.look() == 0
    world.settle()
    assert world.ran == []
    assert world.halted == [(NODE, "run1")]
    assert HaltWriter(world.home, board).write() == 0


def test_a_forged_or_strange_halt_record_is_refused(world):
    board = MemoryBoard()
    reader = HaltReader(world.node, board, world.steps.halt)
    with world.home_db.write() as tx:
        world.asking.halt(tx, NODE, "run1")
    HaltWriter(world.home, board).write()
    honest = json.loads(board.records[NODE])
    for changed in (
        {**honest, "runs": ["run1", "run2"]},
        {**honest, "to": "laptop"},
        {**honest, "sig": "00" * 64},
        {**honest, "sig": 7},
        {**honest, "more": 1},
    ):
        board.records[NODE] = canonical(changed)
        with pytest.raises(Refused):
            reader.look()
    for raw in ("", "[]", "{", "[" * 60_000, "x" * 70_000):
        board.records[NODE] = raw
        with pytest.raises(Refused):
            reader.look()
    assert world.halted == []
