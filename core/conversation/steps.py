"""The two ends of a turn: what the model is given, and keeping what it said."""

from __future__ import annotations

from core.conversation import summary
from core.conversation.model import Kept, Turn
from core.conversation.ports import ConversationRoom
from core.conversation.prompts import prompt
from core.conversation.tool_results import MOST_RESULTS
from core.conversation.wish import wish_of
from core.ids import ThreadId
from core.llm.model import Message, Request
from core.llm.tokens import of_tool
from core.memory.measure import cut_middle, tokens_of
from core.memory.model import Context, NewMessage, Role
from core.runs.model import Kind, Label
from core.runs.ports import StepContext
from core.runs.steps import step

#: Tokens of an answer; the rest of the window is for the question.
MOST_OUTPUT = 2048
#: Least tokens for the thread, whatever else is in the prompt.
LEAST_CONTEXT = 512
#: Tokens of the text the owner replied to.
MOST_QUOTED = 600
#: Of the window, what is kept free for what tools bring: one part in so many.
RESULTS_SHARE = 5


@step("conversation.recall", kind=Kind.READ)
def recall(room: ConversationRoom, ctx: StepContext, turn: Turn) -> Request:
    """The prompt of a turn: who the model is, the summary, and the last messages that fit; and
    what the owner's words ask of whoever answers."""
    system = [prompt("system", turn.language), f"Today is {room.clock.now():%A, %Y-%m-%d} (UTC)."]
    quoted, tools = _quotation(turn.quoted), room.tools(ctx.label)
    if tools:
        system.append(prompt("hands", turn.language))
    budget = thread_budget(room, ctx.label) - tokens_of("".join(system)) - tokens_of(quoted)
    with room.db.read() as tx:
        context = room.threads.context(
            tx, turn.thread_id, ctx.label, max(budget, LEAST_CONTEXT), turn.message_id
        )
    if context.summary:
        system.append(f"Summary of the earlier conversation (material):\n{context.summary}")
    messages = [Message("system", "\n\n".join(system)), *spoken(context)]
    if not context.said:  # the message was edited away; its run was asked for again
        messages.append(Message("user", turn.text))
    last, label = messages[-1], Label.highest(ctx.label, context.label)
    messages[-1] = Message(last.role, quoted + last.content)
    return Request(
        messages=tuple(messages),
        tools=tools,
        label=label,
        max_output=MOST_OUTPUT,
        wish=wish_of(
            last.content,
            label,
            turn.language,
            is_urgent=turn.is_urgent,
            has_code=turn.has_code,
            attached=turn.attached,
        ),
    )


@step("conversation.keep_answer", kind=Kind.LOCAL)
def keep_answer(room: ConversationRoom, ctx: StepContext, kept: Kept) -> None:
    """Store the answer in its thread, and start a summary when the thread outgrows the window."""
    tx, turn = ctx.transaction, kept.turn
    assert tx is not None, "a LOCAL step has a transaction"
    if kept.reply.text:
        room.threads.add(
            tx,
            NewMessage(
                thread_id=ThreadId(turn.thread_id),
                role=Role.ASSISTANT,
                text=kept.reply.text,
                label=ctx.label,
                language=turn.language,
                parent_id=turn.message_id,
                run_id=ctx.run.id,
                endpoint=kept.reply.endpoint,
            ),
        )
    summary.start_if_due(room, tx, turn, ctx.label, thread_budget(room, ctx.label))


def thread_budget(room: ConversationRoom, label: Label) -> int:
    """Tokens of the window that questions may use: not the answer, nor tools and their results."""
    window, tools = room.window(label), room.tools(label)
    taken = MOST_OUTPUT
    if tools:
        taken += sum(map(of_tool, tools)) + min(MOST_RESULTS, window // RESULTS_SHARE)
    return max(window - taken, LEAST_CONTEXT)


def spoken(context: Context) -> list[Message]:
    """A context's messages as a prompt has them."""
    return [
        Message("user" if said.role is Role.OWNER else "assistant", said.text)
        for said in context.said
    ]


def _quotation(quoted: str | None) -> str:
    if not quoted:
        return ""
    lines = cut_middle(quoted, MOST_QUOTED).splitlines()
    return "In reply to this earlier message:\n" + "\n".join(f"> {line}" for line in lines) + "\n\n"
