"""What a model is told of a tool's outcome: data in marks, or in plain words why there is none.

Everything that comes from a file, a command or a machine stands between `<data>` marks that it
cannot close itself, and is cut to what a window can bear. That something was refused, by whom and
with which words of the owner, stands outside them. Pure: what a model is told may be worded anew.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from core.db import canonical
from core.execution.model import Effect, Seen
from core.llm.model import Message, Request, ToolCall
from core.memory.measure import tokens_of
from core.runs.codec import encode
from core.runs.model import Outcome, StepState

#: Tokens of one result, of all results of a conversation, and the least that is worth telling.
MOST_RESULT, MOST_RESULTS, LEAST_RESULT = 2_000, 6_000, 150
#: Characters of what the owner said, and of an error's parameter.
MOST_REASON, MOST_VALUE = 300, 200
OPEN, CLOSE = "<data>", "</data>"
MARKS = re.compile(r"<(?=\s*/?\s*data)", re.IGNORECASE)
#: What the owner's no sounds like; codes of `core.approvals` and of the engine.
REFUSALS = {
    "owner-said-no": "The owner said no to this.",
    "approval-expired": "The owner did not answer in time.",
    "approval-withdrawn": "The question to the owner was withdrawn.",
    "approval-closed": "The question to the owner is closed.",
    "policy-denies": "A rule forbids this.",
    "policy-says-no": "A rule forbids this.",
    "cancelled": "The owner stopped this.",
}
NEVER_AGAIN = "Nothing was changed. Do not try it in another way; ask the owner what they want."
KEPT = "It was done. What it brought is private and stays on that machine; you cannot read it."
UNKNOWN = "It was cut off in the middle: nobody knows whether it took effect. The owner is asked."


def told(call: ToolCall, outcome: Outcome, most: int = MOST_RESULT) -> str:
    """A tool's outcome as the model reads it, within `most` tokens."""
    if outcome.state is StepState.UNKNOWN:
        return f"{UNKNOWN} Do not call {call.name} for this again."
    if not outcome.ok:
        return _failure(outcome)
    value = outcome.value
    if isinstance(value, Effect | Seen) and value.blob and not value.text:
        return KEPT
    if isinstance(value, Effect):
        has_failed = bool(value.summary.get("exit_code"))
        done = "It ran, and said that it failed." if has_failed else "Done."
        return _framed(f"{done}{_facts(value.summary)}", value.text, "", most)
    if isinstance(value, Seen):
        return _framed(_facts(value.facts).strip(), value.text, value.more, most)
    text = value if isinstance(value, str) else canonical(encode(type(value), value))
    return _framed("", text, "", most)


def shrunk(talk: Request) -> Request | None:
    """The same talk with every tool's result cut to a third; None when nothing can be cut."""
    messages = tuple(_less(each, tokens_of(each.content) // 3) for each in talk.messages)
    return None if messages == talk.messages else replace(talk, messages=messages)


def bounded(talk: Request) -> Request:
    """All results together within MOST_RESULTS: the older ones give way first."""
    messages, left = [], MOST_RESULTS
    for each in reversed(talk.messages):
        kept = _less(each, left) if each.role == "tool" else each
        left -= tokens_of(kept.content) if each.role == "tool" else 0
        messages.append(kept)
    return replace(talk, messages=tuple(reversed(messages)))


def _less(message: Message, most: int) -> Message:
    """A tool's result within `most` tokens, but never less than is worth telling."""
    most = max(most, LEAST_RESULT)
    if message.role != "tool" or tokens_of(message.content) <= most:
        return message
    head, mark, rest = message.content.partition(OPEN)
    if not mark:
        return replace(message, content=_cut(message.content, most))
    text = rest.rpartition(CLOSE)[0].strip("\n")
    return replace(message, content=_framed(head.strip(), text, "", most))


def _framed(head: str, text: str, more: str, most: int) -> str:
    """Facts, then the data between its marks, then where the rest is."""
    if not text.strip():
        return " ".join(part for part in (head, "It brought no text.", more) if part)
    room = max(most - tokens_of(head + more), LEAST_RESULT)
    kept = _cut(_unmarked(text), room)
    lines = [head, OPEN, kept, CLOSE, f"[{more}]" if more else ""]
    return "\n".join(line for line in lines if line)


def _cut(text: str, most: int) -> str:
    """The beginning of `text` within `most` tokens, with a mark of how much is left out."""
    if tokens_of(text) <= most:
        return text
    kept = text.encode()[: most * 3].decode("utf-8", "ignore")
    return f"{kept}\n[{len(text) - len(kept)} more characters were cut: ask for a smaller part]"


def _unmarked(text: str) -> str:
    """Data cannot close its own marks: what looks like one loses its bracket."""
    return MARKS.sub("(", text)


def _facts(facts: dict[str, Any]) -> str:
    """Small facts as `name=value`; lists and long texts are in the data."""
    plain = {name: each for name, each in facts.items() if isinstance(each, str | int | bool)}
    told = [f"{name}={_one_line(each)}" for name, each in sorted(plain.items())]
    return f" ({', '.join(told)})" if told else ""


def _one_line(value: object) -> str:
    return _unmarked(" ".join(str(value).split())[:MOST_VALUE])


def _failure(outcome: Outcome) -> str:
    error = outcome.error or {}
    code, params = str(error.get("code", outcome.state.value)), dict(error.get("params") or {})
    reason = _one_line(params.pop("reason", "") or "")[:MOST_REASON]
    if outcome.state is StepState.REFUSED and code in REFUSALS:
        words = f' Their words: "{reason}".' if reason else ""
        return f"REFUSED. {REFUSALS[code]}{words} {NEVER_AGAIN}"
    details = ", ".join(f"{name}={_one_line(each)}" for name, each in sorted(params.items()))
    said = f"{code}{f' ({details})' if details else ''}"
    if outcome.state is StepState.REFUSED:
        return f"REFUSED: {said}. Nothing was done."
    return f"FAILED: {said}. Tell the owner; what it did before that may stand."
