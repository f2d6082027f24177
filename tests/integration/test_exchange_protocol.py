"""The exchange between two databases: nothing lost, nothing done twice."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from core.errors import Refused
from core.runs.exchange_fakes import LossyBroker
from core.runs.model import StepState
from tests.integration.exchange_world import NODE, Crash, World, chance, receive


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def test_a_step_goes_to_the_node_and_its_result_comes_back(world):
    world.ask("run1", "hello")
    world.settle()
    [result] = world.results
    assert (result.run_id, result.position, result.place) == ("run1", "1", NODE)
    assert (result.state, result.value) == (StepState.DONE, "HELLO")
    assert world.ran == ["run1hello"]


def test_nothing_is_published_to_a_node_without_a_fresh_hello(world):
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    assert world.broker.seen == []
    world.beat()
    assert world.ran == ["run1hello"]
    world.clock.advance(66)
    world.ask("run2", "late")
    world.home.post.relay(world.clock.now())
    assert world.ran == ["run1hello"]
    assert not world.home.nodes.is_present(NODE)


def test_a_hello_after_an_absence_sends_what_waited_at_once(world):
    world.beat()
    world.clock.advance(3600)
    world.ask("run1", "waited")
    world.beat()
    assert world.ran == ["run1waited"]


def test_an_unaccepted_message_is_sent_again_with_growing_pauses(world):
    world.beat()
    world.ask("run1", "hello")
    sent_at = []
    for second in range(300):
        if second % 20 == 0:
            world.node.post.say_hello({}, {})
            world.take_home()
        if world.home.post.relay(world.clock.now()):
            sent_at.append(second)
            world.broker.queues.pop(NODE)
        world.clock.advance(1)
    pauses = [later - sooner for sooner, later in itertools.pairwise(sent_at)]
    assert len(pauses) >= 5
    for pause, wanted in zip(pauses, (5, 10, 20, 40, 60, 60), strict=False):
        assert wanted * 0.8 - 1 <= pause <= wanted * 1.2 + 1


def test_a_message_that_is_never_accepted_is_given_up_after_a_day_and_told(world):
    world.ask("run1", "hello")
    for _ in range(24 * 60 + 5):
        world.node.post.say_hello({}, {})
        world.take_home()
        world.home.post.relay(world.clock.now())
        world.broker.wipe()
        world.clock.advance(60)
    assert [row.body["run_id"] for row in world.dead] == ["run1"]


def test_a_node_that_was_off_for_days_still_finds_its_work(world):
    world.beat()
    world.ask("run1", "patient")
    world.clock.advance(3 * 86_400)
    world.settle()
    assert [result.value for result in world.results] == ["PATIENT"]
    assert world.dead == []


def test_a_wiped_broker_costs_only_time(world):
    world.beat()
    for number in range(20):
        world.ask(f"run{number}", "x")
    world.home.post.relay(world.clock.now())
    world.broker.wipe()
    world.settle()
    assert len(world.results) == 20
    assert Counter(world.ran).most_common(1)[0][1] == 1


def test_while_the_broker_is_away_nothing_is_counted_and_it_goes_on_a_second_after(world):
    world.beat()
    world.ask("run1", "hello")
    world.broker.away = True
    for _ in range(60):
        assert world.home.post.relay(world.clock.now()) == 0
        world.clock.advance(1)
    world.broker.away = False
    world.beat()
    assert world.ran == ["run1hello"]


def test_the_same_attempt_asked_twice_runs_once(world):
    assert world.ask("run1", "hello") == world.ask("run1", "hello")
    world.settle()
    assert world.ran == ["run1hello"]
    assert len(world.results) == 1


def test_a_duplicate_delivery_runs_once(world):
    world.beat()
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    [envelope] = world.broker.queues[NODE]
    assert receive(world.node, envelope)
    assert not receive(world.node, envelope)
    world.settle()
    assert world.ran == ["run1hello"]
    assert len(world.results) == 1


def test_a_large_input_and_a_large_value_travel_as_blobs(world):
    text = "ব" * 200_000
    world.ask("run1", text)
    world.settle()
    assert world.ran == [text]
    assert world.results[0].value == text.upper()


def test_a_private_step_is_refused_for_a_rented_node(world):
    with world.home_db.write() as tx:
        keys = world.node_keys.public
        world.home.nodes.register(tx, NODE, keys.sign, keys.seal, is_mine=False)
    with pytest.raises(Refused, match="private-place"):
        world.ask("run1", "secret", label="private")
    assert world.broker.seen == []


def test_the_value_of_a_private_step_stays_at_the_node_when_home_is_rented(tmp_path):
    world = World(tmp_path, home_is_mine=False)
    world.ask("run1", "secret", label="private")
    world.settle()
    [result] = world.results
    assert result.kept
    assert result.state is StepState.DONE
    assert set(result.value) == {"blob"}
    assert result.value["blob"]["label"] == "private"
    sha256 = result.value["blob"]["sha256"]
    assert world.node.blobs.content(sha256) == b'"SECRET"'
    with world.home_db.write() as tx:
        world.home.put(tx, NODE, "blob-request", {"sha256": sha256, "offsets": [0]})
    world.settle()
    with world.home_db.read() as tx:
        assert world.home.blobs.find(tx, sha256) is None
    world.close()


@pytest.mark.parametrize(
    ("more", "state", "code"),
    [
        ({"kind": "gated"}, StepState.REFUSED, "step-needs-grant"),
        ({"kind": "unheard"}, StepState.FAILED, "step-not-here"),
        ({"version": 2}, StepState.REFUSED, "step-version"),
        ({"digest": "0" * 64}, StepState.FAILED, "step-inputs-differ"),
    ],
)
def test_a_step_that_may_not_run_is_answered_and_does_not_run(world, more, state, code):
    world.ask("run1", "hello", **more)
    world.settle()
    [result] = world.results
    assert (result.state, result.error["code"]) == (state, code)
    assert world.ran == []


def test_a_crash_of_a_handler_is_a_failed_step_and_not_a_dead_node(world):
    def crash(_ctx, _args):
        raise ZeroDivisionError

    world.on_run = crash
    world.ask("run1", "hello")
    world.settle()
    [result] = world.results
    assert (result.state, result.error["code"]) == (StepState.FAILED, "step-crashed")


def test_a_halt_stops_a_running_step_and_is_confirmed_when_it_has_ended(world):
    seen = []

    def halted_in_the_middle(ctx, _args):
        with world.node_db.write() as tx:
            world.steps.halt(tx, "run1")
        seen.append(ctx.cancel.is_set)
        ctx.cancel.check()

    world.on_run = halted_in_the_middle
    world.ask("run1", "hello")
    world.settle()
    assert seen == [True]
    [result] = world.results
    assert (result.state, result.error["code"]) == (StepState.REFUSED, "cancelled")
    assert world.halted == [(NODE, "run1")]


def test_a_step_that_arrives_after_its_halt_does_not_run(world):
    world.beat()
    world.ask("run1", "hello")
    world.home.post.relay(world.clock.now())
    late = world.broker.queues.pop(NODE)
    with world.home_db.write() as tx:
        world.asking.halt(tx, NODE, "run1")
    world.beat()
    world.broker.queues[NODE] = late
    world.settle()
    assert world.ran == []
    assert world.halted == [(NODE, "run1")]


def test_a_step_that_was_never_sent_is_withdrawn_by_a_halt(world):
    world.ask("run1", "hello")
    with world.home_db.write() as tx:
        world.asking.halt(tx, NODE, "run1")
    world.settle()
    assert world.ran == []
    assert world.results == []
    assert world.halted == [(NODE, "run1")]


def test_a_once_step_found_running_after_a_crash_is_unknown_and_never_runs_again(world):
    def die(_ctx, _args):
        raise Crash

    world.on_run = die
    world.ask("run1", "pay", kind="once")
    with pytest.raises(Crash):
        world.settle()
    world.on_run = lambda _ctx, _args: None
    world.restart_node()
    world.settle()
    [result] = world.results
    assert result.state is StepState.UNKNOWN
    assert world.ran == ["run1pay"]
    world.ask("run1", "pay", kind="once", attempt=2)
    world.settle()
    assert world.results[1].state is StepState.UNKNOWN
    assert world.ran == ["run1pay"]


def test_a_node_with_a_restored_home_answers_again(world):
    """Home forgets the result (a restored database), asks again: no second run."""
    world.ask("run1", "hello")
    world.settle()
    with world.home_db.write() as tx:
        tx.execute(tx_delete_all(world))
        tx.execute(tx_delete_all(world, "outbox"))
    world.home_incarnation = 2
    world.restart_home()
    world.ask("run1", "hello")
    world.settle()
    assert [result.value for result in world.results] == ["HELLO", "HELLO"]
    assert world.ran == ["run1hello"]


def tx_delete_all(_world, name="inbox"):
    import sqlalchemy as sa

    from core.runs import tables

    return sa.delete(getattr(tables, name))


def test_home_may_keep_its_end_in_postgresql(tmp_path, postgres_database):
    world = World(tmp_path, LossyBroker(1, lose=0.1, double=0.1), home_db=postgres_database)
    for number in range(10):
        world.ask(f"run{number}", "x" * (200_000 if number == 0 else 1))
    with world.home_db.write() as tx:
        world.asking.halt(tx, NODE, "run9")
    world.settle(1200)
    assert {result.run_id for result in world.results} == {f"run{number}" for number in range(9)}
    assert world.halted == [(NODE, "run9")]
    world.close()


def test_the_same_bad_broker_without_an_outbox_loses_and_doubles():
    """The negative control: what the next test proves is the exchange's doing."""
    broker = LossyBroker(0, lose=0.2, double=0.2, shuffled=True)
    got = []
    for number in range(40):
        broker.publish(NODE, str(number), 600)
    broker.deliver(NODE, got.append)
    assert len(set(got)) < 40
    assert len(got) > len(set(got))
    assert got != sorted(got, key=int)


@pytest.mark.parametrize("seed", range(8))
def test_a_bad_broker_and_kills_lose_nothing_and_double_nothing(tmp_path, seed):
    """Loss, doubles, reordering, wipes, and kills of both sides at every kind of moment."""
    dice = chance(seed)
    world = World(tmp_path, LossyBroker(seed, lose=0.2, double=0.2, shuffled=True))
    kinds = ["read", "local", "idempotent", "once"]
    wanted = {f"run{number:03}": kinds[number % 4] for number in range(40)}
    todo = list(wanted.items())
    kills = 0
    for _ in range(400):
        if kills < 60 and dice.random() < 0.5:
            world.fuse.at = world.fuse.passed + dice.randint(1, 30)
        try:
            while todo and dice.random() < 0.5:
                world.ask(todo[-1][0], "x", kind=todo[-1][1])
                todo.pop()
            world.beat(hello=dice.random() < 0.7)
        except Crash:
            kills += 1
            world.restart_home()
            world.restart_node()
        if dice.random() < 0.05:
            world.broker.wipe()
        world.clock.advance(dice.choice([1, 3, 10]))
    world.fuse.at = 0
    world.settle(1200)
    assert kills >= 20
    delivered = dict(line.split() for line in world.effects(world.home_db))
    assert len(world.effects(world.home_db)) == len(wanted)
    assert set(delivered) == set(wanted)
    ran = Counter(world.ran)
    for run, kind in wanted.items():
        if kind == "once":
            assert ran[f"{run}x"] <= 1
            assert delivered[run] in {"done", "unknown"}
        else:
            assert delivered[run] == "done"
            assert ran[f"{run}x"] >= 1 or kind == "local"
    assert Counter(world.effects(world.node_db)) == Counter(
        run for run, kind in wanted.items() if kind == "local"
    )
    world.close()
