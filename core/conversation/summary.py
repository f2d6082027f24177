"""Keeping a long thread within the window: older messages become a summary.

Started after a turn whose thread has outgrown the window. It holds no lane, so nobody waits for
it. When no model answers, the run ends quietly: the thread is whole, context only leaves older
messages out, and the next turn tries again with a later position.
"""

from __future__ import annotations

from core.conversation.model import Gathered, KeptSummary, Summarise, Turn
from core.conversation.ports import ConversationRoom
from core.conversation.prompts import prompt
from core.db import Transaction
from core.errors import Refused, Unavailable
from core.ids import ThreadId
from core.llm.ask import ask
from core.llm.model import Message, Request, Wish
from core.llm.model import Role as Work
from core.memory import context
from core.memory.measure import tokens_of
from core.memory.model import Context, Role
from core.runs.model import Done, Kind, Label, StepFailed, WorkflowBody, workflow
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: Tokens of a summary: 400 words of Bengali, at the guess of `memory.measure`.
MOST_SUMMARY = 1200
#: A summary is written down, not made up.
TEMPERATURE = 0.2
SPEAKER = {Role.OWNER: "owner", Role.ASSISTANT: "assistant"}


@step("conversation.gather", kind=Kind.READ)
def gather(room: ConversationRoom, ctx: StepContext, args: Summarise) -> Gathered | None:
    """The old summary and the messages to be summarised; None when another run was faster."""
    instructions = prompt("summary", args.language)
    budget = room.window(ctx.label) - MOST_SUMMARY - tokens_of(instructions)
    with room.db.read() as tx:
        found = context.oldest_of_tail(
            tx, args.thread_id, ctx.label, budget, args.upto, room.contexts.loads
        )
    if not found.said:
        return None
    messages = (Message("system", instructions), Message("user", _material(found)))
    label = Label.highest(ctx.label, found.label)
    request = Request(
        messages,
        label=label,
        max_output=MOST_SUMMARY,
        temperature=TEMPERATURE,
        wish=Wish(role=Work.SUMMARISE, language=args.language, is_sensitive=label is Label.PRIVATE),
    )
    return Gathered(request, found.said[-1].seq)


@step("conversation.keep_summary", kind=Kind.LOCAL)
def keep_summary(room: ConversationRoom, ctx: StepContext, kept: KeptSummary) -> None:
    """Put the summary in its thread; one that covers more stays."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    room.threads.keep_summary(
        ctx.transaction, kept.thread_id, kept.text, kept.upto, Label.highest(kept.label, ctx.label)
    )


@workflow("summarise_thread", version=1, args=Summarise)
def summarise_thread(args: Summarise) -> WorkflowBody:
    """Gather, ask, keep."""
    gathered: Gathered | None = yield gather(args)
    if gathered is None:
        return Done(notices=_told(args, None))
    try:
        reply = yield from ask(gathered.request, may_release=False)
    except (StepFailed, Unavailable, Refused):  # nobody answers now
        return Done(result={"kept": False}, notices=_told(args, None))
    if reply.text:
        yield keep_summary(
            KeptSummary(args.thread_id, gathered.upto, reply.text, gathered.request.label)
        )
    told = _told(args, reply.text or None, gathered.request.label)
    return Done(result={"kept": bool(reply.text)}, notices=told)


def start_if_due(
    room: ConversationRoom, tx: Transaction, turn: Turn, label: Label, budget: int
) -> None:
    """Start the workflow when the messages no summary covers exceed `budget` tokens."""
    upto = context.overflow(tx, turn.thread_id, budget)
    if upto is None:
        return
    room.runs.start(
        tx,
        summarise_thread,
        Summarise(turn.thread_id, upto, turn.language, label),
        lane=f"summary:{turn.thread_id}",
        key=f"summary:{turn.thread_id}:{upto}",
        thread_id=ThreadId(turn.thread_id),
        label=label,
    )


def _told(args: Summarise, text: str | None, label: Label = Label.OPEN) -> tuple[Notice, ...]:
    """The outcome for whoever asked; without a text there is none."""
    if args.card is None:
        return ()
    params = {"id": args.thread_id, "summary": text}
    return (Notice("thread-summed", params, chat_id=args.chat_id, key=args.card, label=label),)


def _material(found: Context) -> str:
    lines = [f"{SPEAKER[said.role]}: {said.text}" for said in found.said]
    earlier = [f"Summary so far:\n{found.summary}"] if found.summary else []
    return "\n\n".join([*earlier, "\n".join(lines)])
