"""Steps, gated and not, and a workflow that is data: what the gate's random stories are made of.

Handlers write down by which right they ran.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.runs import actions, gate_fakes
from core.runs.exchange_nodes import HOME
from core.runs.model import Action, Done, Gate, Kind, Label, StepFailed, workflow
from core.runs.ports import StepContext
from core.runs.steps import step

#: What home's guard and the node's guard think of an action's kind.
GUARDS = {
    "free": (Gate.AUTO, Gate.AUTO),
    "asked": (Gate.ASK, Gate.ASK),
    "home_asks": (Gate.ASK, Gate.AUTO),
    "node_asks": (Gate.AUTO, Gate.ASK),
    "never": (Gate.DENY, Gate.DENY),
}


@dataclass(frozen=True)
class Do:
    """One call: `policy` is the kind of its action, a key of GUARDS."""

    what: str
    policy: str = "asked"
    private: bool = False


@dataclass(frozen=True)
class Call:
    kind: str  # read once idempotent local plain
    place: str
    policy: str
    private: bool = False


@dataclass(frozen=True)
class Plan:
    """Each entry is one yield; of more than one call, a list."""

    yields: tuple[tuple[Call, ...], ...]


@dataclass
class Ran:
    """One start of a handler, and the right it had then."""

    run_id: str
    position: str
    place: str
    kind: str
    policy: str
    approval: str | None
    digest: str | None
    is_used: bool  # the permit stood in the place's committed memory of used ones


@dataclass
class Room:
    """What the handlers of one place know."""

    place: str
    world: Any
    prepared: list[str] = field(default_factory=list)


def _ran(room: Room, ctx: StepContext, args: Do, kind: str) -> str:
    permit, db = ctx.permit, room.world.db_of(room.place)
    query = sa.select(gate_fakes.uses.c.approval_id)
    with db.read() as tx:
        used = set(tx.execute(query).scalars())
    room.world.ran.append(
        Ran(
            ctx.run.id,
            ctx.position,
            room.place,
            kind,
            args.policy,
            permit.approval_id if permit else None,
            ctx.action.digest if ctx.action else None,
            permit is not None and permit.approval_id in used,
        )
    )
    if args.private:
        ctx.label = Label.PRIVATE
    room.world.during(ctx, args)
    return f"{args.what} done"


def _action(room: Room, ctx: StepContext, args: Do) -> Action:
    room.prepared.append(f"{ctx.run.id} {ctx.position}")
    room.world.preparing(ctx, args)
    preview = {"size_bytes": 7, "diff": "the owner's own words", "path": "a/b"}
    undo = "nothing-changes"
    changed = room.world.changed
    return room.world.lie(
        actions.make(
            args.policy, room.place, undo=undo, preview=preview, what=args.what, changed=changed
        )
    )


@step("gate.read", kind=Kind.READ, gated=True)
def do_read(room: Room, ctx: StepContext, args: Do) -> str:
    return _ran(room, ctx, args, "read")


@step("gate.once", kind=Kind.ONCE, gated=True)
def do_once(room: Room, ctx: StepContext, args: Do) -> str:
    return _ran(room, ctx, args, "once")


@step("gate.idempotent", kind=Kind.IDEMPOTENT, gated=True)
def do_idempotent(room: Room, ctx: StepContext, args: Do) -> str:
    return _ran(room, ctx, args, "idempotent")


@step("gate.local", kind=Kind.LOCAL, gated=True)
def do_local(room: Room, ctx: StepContext, args: Do) -> str:
    assert ctx.transaction is not None
    return _ran(room, ctx, args, "local")


@step("gate.plain", kind=Kind.READ)
def do_plain(room: Room, ctx: StepContext, args: Do) -> str:
    room.world.during(ctx, args)
    if args.private:
        ctx.label = Label.PRIVATE
    return f"{args.what} done"


do_read.prepare(_action)
do_once.prepare(_action)
do_idempotent.prepare(_action)
do_local.prepare(_action)
STEPS = {
    "read": do_read,
    "once": do_once,
    "idempotent": do_idempotent,
    "local": do_local,
    "plain": do_plain,
}


@workflow("planned", version=1, args=Plan)
def planned(plan: Plan):
    states: list[Any] = []
    for number, calls in enumerate(plan.yields):
        made = [_call(number, at, call) for at, call in enumerate(calls)]
        if len(made) > 1:
            outcomes = yield made
            states.append([str(outcome.state) for outcome in outcomes])
            continue
        try:
            yield made[0]
            states.append("done")
        except StepFailed as failed:
            states.append(str(failed.outcome.state))
    return Done(states)


def _call(number: int, at: int, call: Call):
    args = Do(f"{number}-{at}", call.policy, call.private)
    return STEPS[call.kind](args, key=str(at), place=call.place)


def one(kind: str = "once", place: str = HOME, policy: str = "asked", **more: Any) -> Plan:
    """A workflow of a single call."""
    return Plan(((Call(kind, place, policy, **more),),))


def many(*calls: Call) -> Plan:
    """A workflow of one list."""
    return Plan((calls,))
