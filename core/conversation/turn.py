"""One turn of the conversation, as a story: recall, ask, act on what was asked for, answer.

The generator does no I/O. What was given to a step never changes: a new request is built for each
round. The answer is a notice, committed together with `done`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from core.conversation.model import Kept, Turn
from core.conversation.remembering import Noted, remember
from core.conversation.steps import keep_answer, recall
from core.conversation.tool_results import bounded, shrunk
from core.conversation.tools import act, results
from core.errors import Broken, MaskError, Refused
from core.llm.ask import ask
from core.llm.model import Finish, Message, Reply, Request
from core.llm.steps import generate
from core.runs.codec import decode
from core.runs.model import (
    Done,
    Farewell,
    Outcome,
    RunRow,
    RunState,
    StepCall,
    StepRow,
    StepState,
    WorkflowBody,
    workflow,
)
from core.runs.notices import Notice

#: The error of a request that fits no model's window.
TOO_LONG = "prompt-too-long"


@workflow("chat_turn", version=1, args=Turn)
def chat_turn(turn: Turn) -> WorkflowBody:
    """Answer one message of the owner; what it asks to remember is kept before any model is asked,
    and where it asks nothing else, none is."""
    if turn.remembers:
        noted: Noted = yield remember(turn)
        if not noted.asks_more:
            return Done({"remembered": noted.record_id})
    talk: Request = yield recall(turn)
    for _ in range(turn.max_rounds):
        talk, reply = yield from answered(talk)
        if not reply.tool_calls:
            yield keep_answer(Kept(turn, reply))
            return Done({"endpoint": reply.endpoint}, [answer(turn, reply)])
        outcomes: list[Outcome] = yield [act(call) for call in reply.tool_calls]
        talk = continued(talk, reply, outcomes)
    raise Broken("out-of-rounds", rounds=turn.max_rounds)


@chat_turn.farewell
def leave(
    run: RunRow, turn: Turn, state: RunState, error: MaskError | None, steps: list[StepRow]
) -> Farewell:
    """A stopped turn keeps and shows what had arrived; a failed one says why and what to do."""
    if state is RunState.FAILED and error is not None:
        failed = Notice(
            "failed", {"error": error.to_json(), "run_id": run.id}, reply_to=turn.reply_to
        )
        return Farewell(notices=[failed])
    reply = last_reply(steps)
    if reply is None or not reply.text:
        stopped = Notice("text", {"key": "turn-stopped", "values": {}}, silent=True)
        return Farewell(notices=[stopped])
    reply = replace(reply, finish=Finish.STOPPED, tool_calls=())
    return Farewell(calls=[keep_answer(Kept(turn, reply))], notices=[answer(turn, reply)])


def answer(turn: Turn, reply: Reply) -> Notice:
    """The answer as the bot will show it; it replies to its message, which may not be the last."""
    return Notice(
        kind="answer",
        params={
            "text": reply.text,
            "endpoint": reply.endpoint,
            "place": reply.place,
            "finish": reply.finish.value,
            "practice": reply.endpoint.startswith("scripted"),
            "note": note_of(reply),
            "language": turn.language,
        },
        reply_to=turn.reply_to,
        silent=reply.finish is Finish.STOPPED,
    )


def note_of(reply: Reply) -> str | None:
    """The text that tells how the answer came about, where that is worth telling."""
    if reply.is_cached:
        return "answer-cached"
    return "answer-joined" if reply.begun_by and reply.finish is not Finish.CUT else None


def answered(talk: Request) -> Generator[StepCall, Any, tuple[Request, Reply]]:
    """A reply, and the talk it answers: when it is too long for every model, what the tools
    brought is cut further; only where nothing is left to cut the refusal rises."""
    while True:
        try:
            reply = yield from ask(talk)
        except Refused as refused:
            smaller = shrunk(talk)
            if refused.code != TOO_LONG or smaller is None:
                raise
            talk = smaller
        else:
            return talk, reply


def continued(talk: Request, reply: Reply, outcomes: list[Outcome]) -> Request:
    """The request of the next round: what was said, and what the tools brought, as data."""
    said = Message("assistant", reply.text, tool_calls=reply.tool_calls)
    return bounded(replace(talk, messages=(*talk.messages, said, *results(reply, outcomes))))


def last_reply(steps: list[StepRow]) -> Reply | None:
    """What the last model call of the journal brought."""
    for step in reversed(steps):
        if step.name == generate.spec.name and step.state is StepState.DONE:
            reply: Reply = decode(Reply, step.outcome)
            return reply
    return None
