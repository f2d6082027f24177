"""The tools a model may ask for, and the steps they become.

A tool call is only a wish: its arguments are checked here, and the step it becomes is gated by
the engine like any other. What a tool brings is data for the model, never an instruction to us.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.db import Database, canonical
from core.llm.model import Tool, ToolCall
from core.monitor.steps import FactsWanted, node_facts
from core.runs.codec import encode
from core.runs.exchange_nodes import Nodes
from core.runs.model import Kind, Label, Outcome, StepCall
from core.runs.ports import StepContext
from core.runs.steps import step

#: Characters of a tool's result that the model is given.
MOST_TOLD = 6_000


@dataclass(frozen=True)
class Misunderstood:
    """A tool call that cannot be carried out, and why; the model is told and may correct it."""

    tool: str
    why: str


@step("conversation.correct", kind=Kind.READ)
def correct(_room: object, _ctx: StepContext, wrong: Misunderstood) -> str:
    """What the model reads instead of a result."""
    return f"The tool call {wrong.tool!r} was not carried out: {wrong.why}"


def machine_facts(places: tuple[str, ...]) -> Tool:
    """The tool that asks one of the owner's machines about itself; reads only."""
    return Tool(
        name="machine_facts",
        description="Facts about one of the owner's machines: system, processors, free disk, time.",
        parameters={
            "type": "object",
            "properties": {"place": {"type": "string", "enum": list(places)}},
            "required": ["place"],
        },
    )


def offered(nodes: Nodes, db: Database, _label: Label) -> tuple[Tool, ...]:
    """The tools of a turn: none while no other machine is there."""
    with db.read() as tx:
        places = tuple(nodes.reachable(tx))
    return (machine_facts(places),) if places else ()


def act(call: ToolCall) -> StepCall:
    """The step that a tool call becomes, keyed by the call's id."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except json.JSONDecodeError:
        return correct(Misunderstood(call.name, "its arguments are not JSON"), key=call.id)
    if call.name != "machine_facts":
        return correct(Misunderstood(call.name, "there is no such tool"), key=call.id)
    place = arguments.get("place") if isinstance(arguments, dict) else None
    if not isinstance(place, str) or not place:
        return correct(Misunderstood(call.name, "`place` must name a machine"), key=call.id)
    return node_facts(FactsWanted(), key=call.id, place=place)


def told(outcome: Outcome) -> str:
    """A tool's outcome as the model reads it, cut to what a window can bear."""
    if not outcome.ok:
        error = outcome.error or {}
        return f"This failed: {error.get('code', outcome.state.value)} {error.get('params') or ''}"
    value = outcome.value
    text = value if isinstance(value, str) else canonical(encode(type(value), value))
    if len(text) <= MOST_TOLD:
        return text
    return f"{text[:MOST_TOLD]}\n[{len(text) - MOST_TOLD} more characters were cut]"
