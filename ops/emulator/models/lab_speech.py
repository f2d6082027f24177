"""Answers as bytes: chat completions over SSE, and Ollama's lines; whole, in pieces, and broken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from ops.emulator.models.simulation import pieces_of, tokens_of


@dataclass(frozen=True)
class Said:
    """An answer: its text, its tool calls (`name`, `arguments`), why it ends."""

    text: str
    tool_calls: tuple[dict[str, Any], ...] = ()
    finish: str = "stop"

    @property
    def tokens(self) -> int:
        """As they are billed; an answer without a word has none."""
        words = self.text + (json.dumps(self.tool_calls) if self.tool_calls else "")
        return tokens_of(words) if words else 0


class Speech(Protocol):
    """How one protocol writes an answer."""

    content_type: str

    def head(self) -> bytes: ...

    def piece(self, text: str) -> bytes: ...

    def calls(self, said: Said) -> Iterator[bytes]: ...

    def end(self, said: Said, prompt: int) -> bytes: ...

    def half(self) -> bytes:
        """An event whose JSON ends in the middle."""

    def whole(self, said: Said, prompt: int) -> dict[str, Any]: ...


class CompletionsSpeech:
    """OpenAI's protocol; `is_groq` adds Groq's own field, `has_usage` the usage event."""

    content_type = "text/event-stream"

    def __init__(self, model: str, name: str, *, is_groq: bool, has_usage: bool) -> None:
        self._is_groq, self._has_usage = is_groq, has_usage
        self._common = {
            "id": f"chatcmpl-{name}", "created": int(time.time()), "model": model,
            "system_fingerprint": "fp_lab",
        }  # fmt: skip

    def head(self) -> bytes:
        return self._event({"role": "assistant", "content": ""})

    def piece(self, text: str) -> bytes:
        return self._event({"content": text})

    def calls(self, said: Said) -> Iterator[bytes]:
        for number, call in enumerate(_function_calls(said)):
            function = call["function"]
            first = {**call, "index": number, "function": {**function, "arguments": ""}}
            yield self._event({"tool_calls": [first]})
            for part in pieces_of(function["arguments"], 7):
                more = {"index": number, "function": {"arguments": part}}
                yield self._event({"tool_calls": [more]})

    def end(self, said: Said, prompt: int) -> bytes:
        usage = _usage(said, prompt)
        more = {"x_groq": {"id": "req_lab", "usage": usage}} if self._is_groq else {}
        parts = [self._event({}, _finish(said), **more)]
        if self._has_usage:
            parts.append(_sse({**self._common, **_CHUNK, "choices": [], "usage": usage}))
        return b"".join([*parts, b"data: [DONE]\n\n"])

    def half(self) -> bytes:
        return b'data: {"choices": [{"delta": {"content": "and\n\n'

    def whole(self, said: Said, prompt: int) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
        if said.tool_calls:
            message["tool_calls"] = _function_calls(said)
        choice = {"index": 0, "message": message, "finish_reason": _finish(said), "logprobs": None}
        usage = _usage(said, prompt)
        head = {**self._common, "object": "chat.completion"}
        return {**head, "choices": [choice], "usage": usage}

    def _event(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _sse({**self._common, **_CHUNK, "choices": [choice], **more})


_CHUNK = {"object": "chat.completion.chunk"}


class OllamaSpeech:
    """Ollama's chat: one JSON object a line."""

    content_type = "application/x-ndjson"

    def __init__(self, model: str) -> None:
        self._model = model

    def head(self) -> bytes:
        return b""

    def piece(self, text: str) -> bytes:
        return self._line({"content": text})

    def calls(self, said: Said) -> Iterator[bytes]:
        for call in said.tool_calls:
            function = {"name": call["name"], "arguments": call.get("arguments", {})}
            yield self._line({"content": "", "tool_calls": [{"function": function}]})

    def end(self, said: Said, prompt: int) -> bytes:
        return self._line({"content": ""}, **_done(said, prompt))

    def half(self) -> bytes:
        return b'{"model": "lab", "message": \n'

    def whole(self, said: Said, prompt: int) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": said.text}
        if said.tool_calls:
            message["tool_calls"] = [
                {"function": {"name": call["name"], "arguments": call.get("arguments", {})}}
                for call in said.tool_calls
            ]
        return {"model": self._model, "created_at": _now(), "message": message} | _done(
            said, prompt
        )

    def _line(self, message: dict[str, Any], **more: Any) -> bytes:
        data = {
            "model": self._model, "created_at": _now(),
            "message": {"role": "assistant", **message}, "done": False, **more,
        }  # fmt: skip
        return (json.dumps(data, ensure_ascii=False) + "\n").encode()


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _done(said: Said, prompt: int) -> dict[str, Any]:
    return {
        "done": True, "done_reason": said.finish, "total_duration": 1, "load_duration": 0,
        "prompt_eval_count": prompt, "prompt_eval_duration": 1, "eval_count": said.tokens,
        "eval_duration": 1,
    }  # fmt: skip


def _finish(said: Said) -> str:
    return "tool_calls" if said.tool_calls else said.finish


def _function_calls(said: Said) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_lab_{number}",
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call.get("arguments", {}))},
        }
        for number, call in enumerate(said.tool_calls)
    ]


def _usage(said: Said, prompt: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": said.tokens,
        "total_tokens": prompt + said.tokens,
    }


def _sse(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
