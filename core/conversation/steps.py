"""The two ends of a turn: what the model is given, and keeping what it said."""

from __future__ import annotations

from core.conversation import memory_lines, summary
from core.conversation.model import Kept, Turn
from core.conversation.ports import ConversationRoom
from core.conversation.prompts import prompt
from core.conversation.tool_results import MOST_RESULTS
from core.conversation.wish import wish_of
from core.ids import ThreadId
from core.llm.model import Message, Request
from core.llm.tokens import of_tool
from core.memory.context_model import Budget
from core.memory.measure import cut_middle, tokens_of
from core.memory.model import NewMessage, Role
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
#: Tokens of headings and marks around what is remembered.
HEADINGS = 80
#: Tokens of standing facts and of what a question calls up, however large the window.
MOST_STANDING, MOST_MATTERS = 1500, 3000
#: Characters of what the owner replied to that are looked up.
MOST_ABOUT = 200


@step("conversation.recall", kind=Kind.READ)
def recall(room: ConversationRoom, ctx: StepContext, turn: Turn) -> Request:
    """The prompt of a turn: who the model is, what always matters, the summary, the last messages
    that fit, and with the newest what it calls up from memory; what the owner's words ask of
    whoever answers; and, for /why, what of memory is inside."""
    rules, quoted = [prompt("system", turn.language)], _quotation(turn.quoted)
    tools = room.tools(ctx.label)
    if tools:
        rules.append(prompt("hands", turn.language))
    today = f"Today is {room.clock.now():%A, %Y-%m-%d} (UTC)."
    least = tokens_of("".join([*rules, today])) + tokens_of(quoted) + HEADINGS
    budget = shares(max(thread_budget(room, ctx.label) - least, LEAST_CONTEXT))
    about, meant = (turn.quoted or "")[:MOST_ABOUT], room.contexts.meant(turn.text)
    with room.db.read() as tx:
        built = room.contexts.built(
            tx, turn.thread_id, ctx.label, budget, upto=turn.message_id, about=about, meant=meant
        )
    told = [*rules, memory_lines.standing(built), memory_lines.summary(built), today]
    messages = [Message("system", "\n\n".join(part for part in told if part))]
    messages += memory_lines.spoken(built)
    if len(messages) == 1:  # the message was edited away; its run was asked for again
        messages.append(Message("user", turn.text))
    last, label = messages[-1], Label.highest(ctx.label, built.label)
    messages[-1] = Message(last.role, memory_lines.matters(built) + quoted + last.content)
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
        material=memory_lines.named(built.items),
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
    summary.start_if_due(room, tx, turn, ctx.label, talk_budget(room, ctx.label))


def thread_budget(room: ConversationRoom, label: Label) -> int:
    """Tokens of the window that questions may use: not the answer, nor tools and their results."""
    window, tools = room.window(label), room.tools(label)
    taken = MOST_OUTPUT
    if tools:
        taken += sum(map(of_tool, tools)) + min(MOST_RESULTS, window // RESULTS_SHARE)
    return max(window - taken, LEAST_CONTEXT)


def shares(total: int) -> Budget:
    """Who gets how much of a prompt's tokens, at most; what they leave is the talk's."""
    return Budget(
        total=total,
        standing=min(total // 8, MOST_STANDING),
        summary=total // 4,
        matters=min(total // 5, MOST_MATTERS),
        least_talk=total // 4,
    )


def talk_budget(room: ConversationRoom, label: Label) -> int:
    """Tokens that the talk itself has for sure: what outgrows them is due for a summary."""
    budget = shares(thread_budget(room, label))
    return budget.total - budget.standing - budget.summary - budget.matters


def _quotation(quoted: str | None) -> str:
    if not quoted:
        return ""
    lines = cut_middle(quoted, MOST_QUOTED).splitlines()
    return "In reply to this earlier message:\n" + "\n".join(f"> {line}" for line in lines) + "\n\n"
