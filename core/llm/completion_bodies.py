"""The body of a chat-completions request, as each service takes it. Pure.

What differs between services is in `catalog.toml`: the field that bounds an answer, the fields that
are refused, and what ids of tool calls look like. Ids may come from another service's answer, after
a failover; one that refuses them gets its own for the same call.
"""

from __future__ import annotations

import hashlib
import string
from typing import Any

from core.llm.model import Endpoint, Message, Request, Tool
from core.llm.shipped import Service, service_of

#: Mistral takes exactly these ("must be a-z, A-Z, 0-9, with a length of 9").
ID_LETTERS = string.digits + string.ascii_letters
ID_LENGTH = 9


def spoken_with(endpoint: Endpoint) -> Service:
    """The service that an endpoint belongs to; of one that names none nothing is known but the
    protocol, and `openai` is everybody's."""
    if not endpoint.service and endpoint.provider == "openai":
        return service_of("")
    return service_of(endpoint.service or endpoint.provider)


def body_of(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """The request's body but for model and stream; an option that is None removes its field."""
    service = spoken_with(endpoint)
    body: dict[str, Any] = {
        "messages": [message_of(each, short_ids=service.short_ids) for each in request.messages],
        service.limit_field: min(request.max_output, endpoint.max_output),
        "temperature": request.temperature,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = functions(request.tools)
    body.update(dict.fromkeys(service.drops))
    body.update(endpoint.options)
    return {name: value for name, value in body.items() if value is not None}


def functions(tools: tuple[Tool, ...]) -> list[dict[str, Any]]:
    """Tools as every chat protocol writes them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools
    ]


def message_of(message: Message, *, short_ids: bool = False) -> dict[str, Any]:
    """One message as the protocol writes it."""
    written = short_id if short_ids else str
    data: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        data["tool_calls"] = [
            {
                "id": written(call.id),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        data["tool_call_id"] = written(message.tool_call_id)
    return data


def short_id(call_id: str) -> str:
    """Nine letters and digits for a call: its own id where it is so already, else always the same
    ones, so that a result still names its call."""
    if len(call_id) == ID_LENGTH and all(letter in ID_LETTERS for letter in call_id):
        return call_id
    number = int.from_bytes(hashlib.sha256(call_id.encode("utf-8", "replace")).digest())
    letters = []
    for _ in range(ID_LENGTH):
        number, at = divmod(number, len(ID_LETTERS))
        letters.append(ID_LETTERS[at])
    return "".join(letters)
