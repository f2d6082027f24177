"""The engine on a real encrypted file: what happens to runs, step by step."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from core.clock import ManualClock
from core.db import metadata, open_sqlite
from core.errors import Refused, Unavailable
from core.memory import tables as memory_tables
from core.runs import actions, journal
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_results import NodeResult
from core.runs.gate_fakes import ScriptedAsking, ScriptedGuard
from core.runs.leases import LEASE_S, LeaseKeeper
from core.runs.model import (
    Action,
    Again,
    Done,
    Farewell,
    Gate,
    Kind,
    Label,
    RunState,
    StepFailed,
    StepState,
    Waiting,
    workflow,
)
from core.runs.notices import Notice
from core.runs.parallel import Parallel
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake, StepContext
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind, step
from core.runs.sweeper import Sweeper
from core.runs.tables import runs as runs_table
from core.runs.tables import steps as steps_table


@dataclass(frozen=True)
class Order:
    what: str
    many: int = 1


@dataclass
class Kitchen:
    """The room of the test's steps: counts what really happened."""

    cooked: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    during: Any = None
    prepared: int = 0


@step("test.cook", kind=Kind.READ)
def cook(room: Kitchen, ctx: StepContext, order: Order) -> str:
    room.cooked.append(order.what)
    if room.during:
        room.during(ctx)
    if room.failures:
        raise room.failures.pop(0)
    return f"cooked {order.what}"


@step("test.note", kind=Kind.LOCAL)
def note(room: Kitchen, ctx: StepContext, order: Order) -> None:
    ctx.transaction.execute(
        sa.text("insert into preferences(name, value, changed_at) values (:n, '1', 0)"),
        {"n": order.what},
    )
    room.cooked.append(f"note {order.what}")
    if room.failures:
        raise room.failures.pop(0)


@step("test.pay", kind=Kind.ONCE)
def pay(room: Kitchen, ctx: StepContext, order: Order) -> str:
    room.cooked.append(f"paid {order.what}")
    if room.during:
        room.during(ctx)
    return "paid"


@step("test.act", kind=Kind.ONCE, gated=True)
def act(room: Kitchen, ctx: StepContext, order: Order) -> str:
    room.cooked.append(f"acted {order.what}")
    return "acted"


@act.prepare
def prepare_act(room: Kitchen, ctx: StepContext, order: Order) -> Action:
    room.prepared += 1
    changed = room.cooked.count("changed")
    return actions.make("act", "home", undo="none", preview={}, what=order.what, changed=changed)


@step("test.far", kind=Kind.READ, place="pc")
def far(room: Kitchen, ctx: StepContext, order: Order) -> str:
    return "far"


@workflow("dinner", version=1, args=Order)
def dinner(order: Order):
    soup = yield cook(order)
    yield note(Order(f"noted-{order.what}"))
    return Done(soup, [Notice("text", {"key": "served", "values": {"what": soup}})])


@workflow("buffet", version=1, args=Order)
def buffet(order: Order):
    dishes = yield [cook(Order(f"{order.what}{n}"), key=str(n)) for n in range(order.many)]
    return Done([dish.value if dish.ok else dish.error["code"] for dish in dishes])


@workflow("counting", version=1, args=Order)
def counting(order: Order):
    yield cook(order)
    if order.many > 1:
        return Again(Order(order.what, order.many - 1))
    return Done("counted")


@workflow("payment", version=1, args=Order)
def payment(order: Order):
    try:
        return Done((yield pay(order)))
    except StepFailed as failed:
        return Done(f"not known: {failed.outcome.state}")


@workflow("acting", version=1, args=Order)
def acting(order: Order):
    return Done((yield act(order)))


@workflow("distant", version=1, args=Order)
def distant(order: Order):
    return Done((yield far(order)))


@workflow("bookkeeping", version=1, args=Order)
def bookkeeping(order: Order):
    yield note(order)
    return Done("noted")


@workflow("polite", version=1, args=Order)
def polite(order: Order):
    yield cook(order)
    return Done("never told")


@polite.farewell
def leave(run, args, state, error, steps):
    said = [s.outcome for s in steps if s.outcome]
    return Farewell(
        calls=[note(Order(f"left-{args.what}"))],
        notices=[Notice("text", {"key": "left", "values": {"state": state, "said": said}})],
    )


assert memory_tables.preferences.name == "preferences"  # the LOCAL step of the tests writes there


class House:
    def __init__(self, path) -> None:
        self.db = open_sqlite(path / "mask.db", b"k" * 48)
        metadata.create_all(self.db.engine)
        self.clock = ManualClock()
        self.kitchen = Kitchen()
        self.notices: list[Notice] = []
        self.sent: list[tuple[str, str]] = []
        self.halted: list[str] = []
        self.here: set[str] = set()
        self.guard = ScriptedGuard(self.clock, otherwise=Gate.AUTO)
        self.asking = ScriptedAsking(self.db, self.clock)
        self.refuse_sending = False
        self.wake = NoWake()
        workflows = [dinner, buffet, counting, payment, acting, distant, polite, bookkeeping]
        self.build(workflows)

    def build(self, workflows) -> None:
        registry = Registry(bind(sys.modules[__name__], self.kitchen), workflows)
        ends = Endings(
            registry,
            self.clock,
            self.wake,
            put=lambda tx, notice: self.notices.append(notice),
            halt=lambda tx, step: self.halted.append(step.name),
            asking=self.asking,
        )
        parts = Parts(
            db=self.db,
            clock=self.clock,
            registry=registry,
            guard=self.guard,
            asking=self.asking,
            wake=self.wake,
            live=NoLiveText(),
            places=SimpleNamespace(is_present=lambda place: place in self.here),
            ends=ends,
            send=self.send,
        )
        self.keeper = LeaseKeeper(self.db, self.clock)
        self.engine = Engine(parts, self.keeper)
        self.parallel = Parallel(parts, self.keeper)
        self.runs = Runs(self.clock, self.wake)
        self.sweeper = Sweeper(
            self.db, self.clock, advance=self.engine.advance, run_step=self.parallel.run_step
        )

    def send(self, tx, run, step, phase, permit) -> None:
        if self.refuse_sending:
            raise Refused("node-unknown", node=step.place)
        self.sent.append((step.place, step.name))

    def start(self, flow, order=None, **more) -> str:
        with self.db.write() as tx:
            return self.runs.start(tx, flow, order or Order("soup"), **more)

    def run(self, run_id):
        with self.db.read() as tx:
            return self.runs.get(tx, run_id)

    def steps(self, run_id):
        with self.db.read() as tx:
            return self.runs.steps(tx, run_id)

    def sweep(self) -> int:
        due = self.sweeper.due()
        for work in due:
            work()
        return len(due)


def result_of(run_id: str, value) -> NodeResult:
    return NodeResult(
        run_id, "0", 1, "pc", StepState.DONE, value, None, Label.OPEN, kept=False, notices=[]
    )


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.keeper.stop()
    house.db.close()


def test_a_run_of_home_steps_goes_to_its_end_in_one_go(house) -> None:
    run_id = house.start(dinner)
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.DONE
    assert house.run(run_id).result == "cooked soup"
    assert house.kitchen.cooked == ["soup", "note noted-soup"]
    assert [notice.params["values"]["what"] for notice in house.notices] == ["cooked soup"]
    assert [(s.position, s.state) for s in house.steps(run_id)] == [("0", "done"), ("1", "done")]


def test_advancing_a_finished_run_changes_nothing(house) -> None:
    run_id = house.start(dinner)
    for _ in range(3):
        house.engine.advance(run_id)
    assert house.kitchen.cooked == ["soup", "note noted-soup"]


def test_a_key_starts_one_run_only(house) -> None:
    assert house.start(dinner, key="update:1:1")
    assert house.start(dinner, key="update:1:1") is None


def test_a_lane_begins_its_runs_in_order(house) -> None:
    first = house.start(dinner, lane="chat:1")
    second = house.start(dinner, Order("salad"), lane="chat:1")
    house.engine.advance(second)
    assert house.run(second).state is RunState.READY
    house.engine.advance(first)
    house.engine.advance(second)
    assert house.run(second).state is RunState.DONE


def test_a_step_that_is_unavailable_is_tried_again_when_its_time_has_come(house) -> None:
    house.kitchen.failures = [Unavailable("busy", retry_after=30)]
    run_id = house.start(dinner)
    house.engine.advance(run_id)
    assert house.run(run_id).waiting is Waiting.TIME
    house.clock.advance(29)
    assert house.sweep() == 0
    house.clock.advance(2)
    house.sweep()
    assert house.run(run_id).state is RunState.DONE
    assert house.kitchen.cooked.count("soup") == 2


def test_after_its_last_try_the_run_fails_and_the_owner_is_told_once(house) -> None:
    house.kitchen.failures = [Unavailable("busy", retry_after=1)] * 4
    run_id = house.start(dinner)
    house.engine.advance(run_id)
    for _ in range(8):
        house.clock.advance(5)
        house.sweep()
    assert house.run(run_id).state is RunState.FAILED
    assert house.run(run_id).error["code"] == "busy"
    assert [notice.kind for notice in house.notices] == ["alert"]


def test_a_refusal_is_not_retried(house) -> None:
    house.kitchen.failures = [Refused("no-salt")]
    run_id = house.start(dinner)
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.FAILED
    assert house.steps(run_id)[0].state is StepState.REFUSED


def test_a_bug_in_a_handler_fails_the_run_and_not_the_worker(house) -> None:
    house.kitchen.failures = [ZeroDivisionError("oops")]
    run_id = house.start(dinner)
    house.engine.advance(run_id)
    assert house.run(run_id).error["code"] == "step-crashed"
    assert "oops" not in str(house.run(run_id).error)


def test_a_local_step_that_fails_leaves_no_trace_in_the_database(house) -> None:
    run_id = house.start(bookkeeping)
    house.kitchen.failures = [Refused("full")]
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.FAILED
    with house.db.read() as tx:
        assert tx.execute(sa.text("select count(*) from preferences")).scalar_one() == 0


def test_a_list_runs_in_parallel_and_gives_outcomes_in_order(house) -> None:
    run_id = house.start(buffet, Order("dish", 3))
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.WAITING
    house.kitchen.failures = [Refused("burnt")]
    for position in ("0.2", "0.0", "0.1"):
        house.parallel.run_step(run_id, position)
    house.engine.advance(run_id)
    assert house.run(run_id).result == ["cooked dish0", "cooked dish1", "burnt"]


def test_a_list_nobody_took_is_swept_up(house) -> None:
    run_id = house.start(buffet, Order("dish", 3))
    house.engine.advance(run_id)
    house.clock.advance(2)
    assert house.sweep() == 3
    house.clock.advance(2)
    house.sweep()
    assert house.run(run_id).state is RunState.DONE


def test_an_empty_list_is_answered_at_once(house) -> None:
    run_id = house.start(buffet, Order("dish", 0))
    house.engine.advance(run_id)
    assert house.run(run_id).result == []


def test_again_goes_on_under_the_same_key(house) -> None:
    house.start(counting, Order("one", 3), key="count")
    for _ in range(6):
        house.clock.advance(2)
        house.sweep()
    with house.db.read() as tx:
        rows = tx.execute(
            sa.select(runs_table.c.round, runs_table.c.state, runs_table.c.result)
        ).all()
    assert [tuple(row) for row in rows] == [
        (0, "done", None),
        (1, "done", None),
        (2, "done", "counted"),
    ]


def killed(ctx: StepContext) -> None:
    """What `kill -9` leaves behind: the handler never comes back."""
    raise KeyboardInterrupt


def test_after_a_kill_in_the_middle_a_read_is_repeated(house) -> None:
    run_id = house.start(dinner)
    house.kitchen.during = killed
    with pytest.raises(KeyboardInterrupt):
        house.engine.advance(run_id)
    house.kitchen.during = None
    assert house.run(run_id).state is RunState.RUNNING
    assert house.sweep() == 0
    house.clock.advance(LEASE_S + 1)
    house.sweep()
    assert house.run(run_id).state is RunState.DONE
    assert house.kitchen.cooked.count("soup") == 2


def test_after_a_kill_in_the_middle_a_once_step_is_unknown_and_never_repeated(house) -> None:
    run_id = house.start(payment)
    house.kitchen.during = killed
    with pytest.raises(KeyboardInterrupt):
        house.engine.advance(run_id)
    house.clock.advance(LEASE_S + 1)
    house.sweep()
    assert house.run(run_id).result == "not known: unknown"
    assert house.kitchen.cooked == ["paid soup"]


def test_who_lost_the_lease_changes_nothing(house) -> None:
    run_id = house.start(dinner)

    def lose(ctx: StepContext) -> None:
        house.kitchen.during = None
        house.clock.advance(LEASE_S + 1)
        house.sweep()  # somebody else finishes it meanwhile

    house.kitchen.during = lose
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.DONE
    assert house.kitchen.cooked.count("note noted-soup") == 1
    assert len(house.notices) == 1


def test_a_gated_step_is_prepared_judged_and_performed(house) -> None:
    run_id = house.start(acting)
    house.engine.advance(run_id)
    assert house.run(run_id).result == "acted"
    assert house.kitchen.prepared == 2
    assert actions.read(house.steps(run_id)[0].action["canonical"])["what"] == "soup"


def test_a_denied_action_never_runs(house) -> None:
    house.guard.otherwise = Gate.DENY
    run_id = house.start(acting)
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.FAILED
    assert house.run(run_id).error["code"] == "policy-says-no"
    assert house.kitchen.cooked == []


def test_an_asked_action_waits_for_the_owner_and_frees_the_lane(house) -> None:
    house.guard.otherwise = Gate.ASK
    asked, after = house.start(acting, lane="chat:1"), house.start(dinner, lane="chat:1")
    house.engine.advance(asked)
    assert house.run(asked).waiting is Waiting.OWNER
    house.engine.advance(after)
    assert house.run(after).state is RunState.DONE
    assert "acted soup" not in house.kitchen.cooked


def test_an_action_that_changed_after_it_was_judged_does_not_run(house) -> None:
    run_id = house.start(acting)
    prepared = house.kitchen

    class Changing(list):
        def count(self, what):
            return 1 if prepared.prepared > 1 else 0

    house.kitchen.cooked = Changing()
    house.engine.advance(run_id)
    assert house.run(run_id).error["code"] == "action-changed"
    assert list(house.kitchen.cooked) == []


def test_a_distant_step_is_sent_and_its_result_taken_once(house) -> None:
    run_id = house.start(distant)
    house.engine.advance(run_id)
    assert house.run(run_id).waiting is Waiting.PLACE
    assert house.sent == [("pc", "test.far")]
    for value in ("far away", "forged later"):
        with house.db.write() as tx:
            house.parallel.on_result(tx, result_of(run_id, value))
    house.engine.advance(run_id)
    assert house.run(run_id).result == "far away"


def test_a_place_that_may_not_have_a_step_refuses_it_and_the_run_fails(house) -> None:
    house.refuse_sending = True
    run_id = house.start(distant)
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.FAILED
    assert house.run(run_id).error["code"] == "node-unknown"


def test_a_place_that_stayed_away_fails_its_step(house) -> None:
    run_id = house.start(distant)
    house.engine.advance(run_id)
    with house.db.write() as tx:
        house.parallel.on_given_up(tx, run_id, "0", "pc")
    house.engine.advance(run_id)
    assert house.run(run_id).error["code"] == "place-stayed-away"


def test_a_stop_in_the_middle_of_a_step_is_noticed_and_the_farewell_said(house) -> None:
    run_id = house.start(polite)

    def stop(ctx: StepContext) -> None:
        with house.db.write() as tx:
            assert house.runs.cancel(tx, run_id)
        seen = threading.Event()
        ctx.cancel.on_cancel(seen.set)
        house.keeper.look()
        assert seen.is_set()

    house.kitchen.during = stop
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.CANCELLED
    assert house.notices[0].params["values"] == {"state": "cancelled", "said": ["cooked soup"]}
    assert "note left-soup" in house.kitchen.cooked


def test_a_stop_before_the_start_ends_the_run_even_behind_others(house) -> None:
    house.start(dinner, lane="chat:1")
    waiting = house.start(polite, lane="chat:1")
    with house.db.write() as tx:
        house.runs.cancel(tx, waiting)
    house.engine.advance(waiting)
    assert house.run(waiting).state is RunState.CANCELLED
    assert "soup" not in house.kitchen.cooked


def test_a_stop_of_a_waiting_run_closes_its_open_steps(house) -> None:
    run_id = house.start(distant)
    house.engine.advance(run_id)
    with house.db.write() as tx:
        house.runs.cancel(tx, run_id)
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.CANCELLED
    assert house.halted == ["test.far"]
    assert house.steps(run_id)[0].state is StepState.REFUSED


def test_a_step_over_its_time_is_cut_and_the_run_fails(house) -> None:
    run_id = house.start(dinner)

    def overtime(ctx: StepContext) -> None:
        house.clock.advance(1000)
        house.keeper.look()
        assert ctx.cancel.is_set
        ctx.cancel.check()

    house.kitchen.during = overtime
    house.engine.advance(run_id)
    assert house.run(run_id).error["code"] == "step-timed-out"


def test_a_workflow_that_changed_under_a_waiting_run_is_stale_never_wrong(house) -> None:
    run_id = house.start(distant)
    house.engine.advance(run_id)

    @workflow("distant", version=1, args=Order)
    def changed(order: Order):
        yield cook(order)
        return Done("wrong")

    house.build([changed])
    with house.db.write() as tx:
        house.parallel.on_result(tx, result_of(run_id, "x"))
    house.engine.advance(run_id)
    assert house.run(run_id).state is RunState.STALE
    assert house.notices[-1].kind == "stale"
    with house.db.write() as tx:
        anew = house.runs.again(tx, run_id)
    house.engine.advance(anew)
    assert house.run(anew).result == "wrong"


def test_a_raised_version_makes_begun_runs_stale_and_leaves_fresh_ones_alone(house) -> None:
    begun, fresh = house.start(distant), house.start(distant)
    house.engine.advance(begun)

    @workflow("distant", version=2, args=Order)
    def second(order: Order):
        return Done((yield cook(order)))

    house.build([second])
    with house.db.write() as tx:
        journal.make_ready(tx, begun, house.clock.now())
    house.engine.advance(begun)
    house.engine.advance(fresh)
    assert house.run(begun).state is RunState.STALE
    assert house.run(fresh).state is RunState.DONE


def test_the_database_file_is_unreadable_without_its_key(house, tmp_path) -> None:
    house.start(dinner, Order("a very secret soup"))
    house.db.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("mask.db*"))
    assert len(raw) > 10_000
    assert b"secret soup" not in raw
    assert b"SQLite format" not in raw


def test_steps_table_has_one_row_per_position(house) -> None:
    run_id = house.start(buffet, Order("dish", 3))
    house.engine.advance(run_id)
    house.engine.advance(run_id)
    with house.db.read() as tx:
        count = sa.select(sa.func.count()).select_from(steps_table)
        assert tx.execute(count).scalar_one() == 3
