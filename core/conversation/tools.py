"""The tools of a turn: what is offered, what a call becomes, what the model is told.

A tool call is only a wish: `tool_calls` checks its arguments, and the step it becomes is gated by
the engine like any other. What a tool brings is data for the model, never an instruction to us.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.conversation import tool_calls, tool_results
from core.conversation.tool_offers import offers
from core.db import Database
from core.llm.model import Message, Reply, Tool, ToolCall
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.model import Kind, Label, Outcome, StepCall
from core.runs.ports import StepContext
from core.runs.steps import step


@dataclass(frozen=True)
class Misunderstood:
    """A tool call that cannot be carried out, and why; the model is told and may correct it."""

    tool: str
    why: str


@step("conversation.correct", kind=Kind.READ)
def correct(_room: object, _ctx: StepContext, wrong: Misunderstood) -> str:
    """What the model reads instead of a result."""
    return f"The tool call {wrong.tool!r} was not carried out: {wrong.why}"


def offered(nodes: Nodes, db: Database, _label: Label) -> tuple[Tool, ...]:
    """The tools of a turn, on home and every paired machine, awake or not."""
    with db.read() as tx:
        paired = [peer.name for peer in nodes.all(tx) if not peer.revoked]
    return offers((HOME, *paired))


def act(call: ToolCall) -> StepCall:
    """The step that a tool call becomes, keyed by the call's id."""
    try:
        return tool_calls.understood(call)
    except tool_calls.WrongCallError as wrong:
        name = call.name[: tool_calls.MOST_NAME]
        return correct(Misunderstood(name, str(wrong)), key=call.id)


def results(reply: Reply, outcomes: list[Outcome]) -> list[Message]:
    """What the calls of one reply brought, as the model reads it."""
    return [
        Message("tool", tool_results.told(call, outcome), tool_call_id=call.id)
        for call, outcome in zip(reply.tool_calls, outcomes, strict=True)
    ]
