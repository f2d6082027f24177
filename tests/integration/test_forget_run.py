"""The run that forgets: home, files, what was written meanwhile, a machine that sleeps."""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.memory.forget_model import FORGOTTEN, ForgetState
from core.memory.tables import forgettings, messages, records
from core.runs.exchange_nodes import Nodes
from core.runs.model import RunState
from core.runs.registry import Registry
from core.runs.steps import bind
from core.runs.tables import inbox, runs, steps
from core.seal import Context
from core.upkeep import forgetting, forgetting_here
from core.upkeep.forgetting import ForgetRoom
from core.upkeep.forgetting_here import ForgetHereRoom
from core.upkeep.model import ForgetOrder
from tests.integration import gate_world
from tests.integration.forget_world import OWNER, WORDS, ForgetWorld, of_record
from tests.integration.gate_world import HOME, NODE


class Paper:
    """A kind of file, as a list of texts."""

    name = "paper"

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.is_stuck = False

    def forget(self, needles):
        before = len(self.texts)
        if not self.is_stuck:
            self.texts = [t for t in self.texts if not any(n in t for n in needles)]
        return before - len(self.texts)

    def holds(self, needles):
        return sum(any(n in text for n in needles) for text in self.texts)


class Wiper:
    def __init__(self) -> None:
        self.wiped = 0

    def wipe(self):
        self.wiped += 1


class Places(gate_world.World):
    """Home and a node that both forget."""

    def registry(self, place):
        if not hasattr(self, "paper"):
            self.paper = {HOME: Paper(f"note {WORDS}", "other"), NODE: Paper(f"{WORDS}!")}
            self.wiper = {HOME: Wiper(), NODE: Wiper()}
            self.memory = {
                HOME: ForgetWorld(self.home_db, self.clock),
                NODE: ForgetWorld(self.node_db, self.clock),
            }
        common = (self.memory[place].forgets, (self.paper[place],), self.wiper[place])
        if place == HOME:
            machines = Nodes(self.home_db, self.clock).all
            room = ForgetRoom(self.home_db, *common, machines)
            elsewhere = [forgetting_here.here.spec]
            return Registry(bind(forgetting, room), [forgetting.forget], elsewhere)
        room = ForgetHereRoom(self.node_db, *common, self.node_keys)
        return Registry(bind(forgetting_here, room))

    def order(self, record, *named):
        home = self.memory[HOME].forgets
        with self.home_db.write() as tx:
            order_id = home.ask(tx, home.order(tx, [of_record(record)], named), OWNER)
            args = ForgetOrder(order_id, 7, "card")
            self.run_id = self.runs.start(tx, forgetting.forget, args)
        return order_id

    def receipt(self, order_id):
        with self.home_db.read() as tx:
            return self.memory[HOME].forgets.receipt(tx, order_id)

    def home_only(self):
        self.home_works()
        self.home_posts()


@pytest.fixture
def world(tmp_path_factory):
    base = tmp_path_factory.getbasetemp() / "gate-worlds"
    base.mkdir(exist_ok=True)
    world = Places(Path(tempfile.mkdtemp(dir=base)))
    yield world
    world.close()


def test_home_is_done_at_once_and_the_machine_when_it_wakes(world):
    home, node = world.memory[HOME], world.memory[NODE]
    record = home.remember()
    home.say(f"say {WORDS}")
    left_at_node = node.say(f"came with a step: {WORDS}")
    order_id = world.order(record)
    world.home_only()

    receipt = world.receipt(order_id)
    assert (receipt.state, receipt.waiting_for, receipt.left) == (ForgetState.AWAY, (NODE,), 0)
    assert receipt.counts[HOME] == {"records": 1, "messages": 1, "paper": 1}
    assert home.traces() == []  # not even in the order, while the machine sleeps
    assert world.paper[HOME].texts == ["other"]
    assert world.wiper[HOME].wiped == 1
    assert node.traces() != []

    world.settle(8)
    receipt = world.receipt(order_id)
    assert (receipt.state, receipt.waiting_for) == (ForgetState.DONE, ())
    assert receipt.counts[NODE] == {"messages": 1, "paper": 1}
    assert node.traces() == []
    assert node.row(messages, left_at_node.id).text == f"came with a step: {FORGOTTEN}"
    assert world.wiper[NODE].wiped == 2
    assert world.run(world.run_id).state is RunState.DONE


def test_the_words_travel_sealed_and_stay_nowhere_sealed_for_whoever_holds_the_key(world):
    order_id = world.order(world.memory[HOME].remember())
    world.home_only()
    with world.home_db.read() as tx:
        query = sa.select(steps.c.inputs).where(steps.c.name == "forget.here")
        sealed = base64.b64decode(tx.execute(query).scalar_one()["sealed"])
    context = Context.FORGET
    opened = world.node_keys.open(context, sealed, order_id.encode())
    assert json.loads(opened) == [WORDS]
    with pytest.raises(Exception, match="seal-unreadable"):
        world.home_keys.open(context, sealed, order_id.encode())
    with pytest.raises(Exception, match="seal-unreadable"):
        world.node_keys.open(context, sealed, b"another order")

    world.settle(8)
    with world.node_db.read() as tx:
        bodies = [row.body for row in tx.execute(sa.select(inbox).where(inbox.c.kind == "step"))]
    assert len(bodies) == 2
    assert [body["inputs"]["sealed"] for body in bodies] == ["", ""]


def test_a_run_that_holds_the_words_is_ended_before_the_second_look(world):
    home = world.memory[HOME]
    record = home.remember()
    with world.home_db.write() as tx:
        going = world.runs.start(tx, forgetting.forget, ForgetOrder("none"))
        tx.execute(
            sa.update(runs)
            .where(runs.c.id == going)
            .values(
                args={"order_id": WORDS},
                state=RunState.RUNNING,
                lease="other",
                lease_until=world.clock.now(),
            )
        )
    order_id = world.order(record)
    world.hints.runs = [each for each in world.hints.runs if each != going]
    world.home_works()
    assert world.receipt(order_id).state is ForgetState.RUNNING  # waits for the run to be over
    late = home.say(f"what the run still wrote: {WORDS}")
    with world.home_db.write() as tx:
        assert tx.execute(sa.select(runs.c.cancel).where(runs.c.id == going)).scalar_one()
        tx.execute(sa.update(runs).where(runs.c.id == going).values(state=RunState.CANCELLED))
    world.settle(8)
    assert world.receipt(order_id).left == 0
    assert home.row(messages, late.id).text == f"what the run still wrote: {FORGOTTEN}"
    assert home.traces() == []


def test_what_could_not_be_taken_out_is_counted_as_left(world):
    world.paper[HOME].is_stuck = True
    order_id = world.order(world.memory[HOME].remember())
    world.settle(8)
    receipt = world.receipt(order_id)
    assert receipt.left == 1
    cards = [notice for notice in world.notices if notice.kind == "memory-forget"]
    assert {card.key for card in cards} == {"card"}
    assert [card.params["state"] for card in cards] == ["away", "done"]
    assert cards[-1].params["left"] == 1
    assert cards[0].params["waiting_for"] == [NODE]


def test_no_journal_title_or_card_of_forgetting_holds_the_words(world):
    order_id = world.order(world.memory[HOME].remember(), "quokka-5512")
    world.settle(8)
    for notice in world.notices:
        assert WORDS not in str(notice)
    for place in (HOME, NODE):
        assert world.memory[place].traces(WORDS, "quokka-5512", "quokka") == []
    with world.home_db.read() as tx:
        row = tx.execute(sa.select(forgettings).where(forgettings.c.id == order_id)).one()
    assert row.needles == []


def test_a_machine_that_is_trusted_no_more_is_not_told(world):
    with world.home_db.write() as tx:
        Nodes(world.home_db, world.clock).revoke(tx, NODE)
    order_id = world.order(world.memory[HOME].remember())
    world.home_only()
    receipt = world.receipt(order_id)
    assert (receipt.state, receipt.waiting_for) == (ForgetState.DONE, ())
    assert world.run(world.run_id).state is RunState.DONE


def test_the_words_of_a_record_that_is_gone_meanwhile_are_forgotten_all_the_same(world):
    home = world.memory[HOME]
    record = home.remember()
    note = home.say(f"so: {WORDS}")
    order_id = world.order(record)
    with world.home_db.write() as tx:
        tx.execute(sa.delete(records).where(records.c.id == record.id))
    world.settle(8)
    assert world.receipt(order_id).state is ForgetState.DONE
    assert home.row(messages, note.id).text == f"so: {FORGOTTEN}"
