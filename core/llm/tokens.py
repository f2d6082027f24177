"""How many tokens a prompt may take, without a tokenizer.

An upper estimate: one token per three UTF-8 bytes. Models measured elsewhere need about one token
per four bytes of English, and up to one per Bengali letter (three bytes) or one and a half
Arabic letters (two bytes each). Used for hard limits, where too high is safe and too low is not.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.llm.model import Message, Request, Tool, ToolCall

#: UTF-8 bytes per token.
BYTES_PER_TOKEN = 3
#: Role, separators and names around each message or tool.
FRAME_TOKENS = 6


def estimate(text: str) -> int:
    """Tokens of a text, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def of_message(message: Message) -> int:
    """Tokens of one message with its tool calls."""
    return answer_tokens(message.content, message.tool_calls) + FRAME_TOKENS


def answer_tokens(text: str, calls: Iterable[ToolCall] = ()) -> int:
    """Tokens of what was answered."""
    asked = sum(estimate(call.name) + estimate(call.arguments) for call in calls)
    return estimate(text) + asked


def of_tool(tool: Tool) -> int:
    """Tokens of one tool's description."""
    return estimate(f"{tool.name}{tool.description}{tool.parameters}") + FRAME_TOKENS


def prompt_tokens(request: Request) -> int:
    """Tokens of everything that is sent."""
    return sum(map(of_message, request.messages)) + sum(map(of_tool, request.tools))
