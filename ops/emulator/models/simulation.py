"""What the model servers answer next, how fast, how they fail, and what they were asked."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from ops.emulator.models.shelf import Shelf

#: Models that are served unless `/sim/models` says otherwise.
COMPLETIONS_MODELS = ("openai/gpt-oss-120b", "openai/gpt-oss-20b", "gpt-4.1-mini", "cloud_7b")
OLLAMA_MODELS = ("qwen3:14b", "llama3.2:latest")

#: Faults that come instead of an answer, and faults in the middle of a stream.
EARLY_FAULTS = frozenset({"rate_limit", "capacity", "status", "hang", "disconnect", "html"})
STREAM_FAULTS = frozenset({"stall", "half_stream", "cut", "stream_error", "bad_json"})


@dataclass(frozen=True)
class ReplyPlan:
    """An answer: used for newest messages that fit `match`, `times` times (0: always)."""

    text: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()  # {"name": ..., "arguments": {...}}
    finish: str | None = None
    match: str = ""
    model: str | None = None
    times: int = 1
    reasoning: str = ""


@dataclass(frozen=True)
class Pace:
    """Seconds before the headers, before the first piece, before each further one."""

    latency_s: float = 0.0
    first_token_s: float = 0.0
    per_token_s: float = 0.0
    piece_chars: int = 12


@dataclass(frozen=True)
class Fault:
    """A failure. `after` counts pieces of a stream; `times` 0 means until cleared; `every` 3 hits
    each third call. `retry_after` is the header's text as it is sent."""

    kind: str
    status: int = 500
    after: int = 1
    times: int = 1
    every: int = 1
    retry_after: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    message: str | None = None
    api: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in EARLY_FAULTS | STREAM_FAULTS:
            known = ", ".join(sorted(EARLY_FAULTS | STREAM_FAULTS))
            raise ValueError(f"no such fault: {self.kind}; known are {known}")


@dataclass
class Call:
    """One request that arrived. `ended` is `open`, `done`, `aborted` (the caller went away) or
    `fault`. The key itself is not kept."""

    api: str
    path: str
    model: str
    body: dict[str, Any]
    has_key: bool
    at: float
    ended: str = "open"
    status: int = 0
    pieces: int = 0
    fault: str | None = None


@dataclass
class _Armed:
    """Something with a number of uses left."""

    what: Any
    left: int
    seen: int = 0


class Simulation:
    """The state behind `/sim/`; lives on the server's loop, so needs no lock."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As at the start."""
        self.pace = Pace()
        self.keys: tuple[str, ...] = ()
        self.completions_models: tuple[str, ...] = COMPLETIONS_MODELS
        self.ollama_models: tuple[str, ...] = OLLAMA_MODELS
        self.shelf = Shelf()
        self.calls: list[Call] = []
        self._replies: list[_Armed] = []
        self._faults: list[_Armed] = []

    def add_reply(self, plan: ReplyPlan) -> None:
        self._replies.append(_Armed(plan, plan.times or -1))

    def add_fault(self, fault: Fault) -> None:
        self._faults.append(_Armed(fault, fault.times or -1))

    def clear_faults(self) -> None:
        self._faults.clear()

    def begin(self, api: str, path: str, body: dict[str, Any], *, has_key: bool) -> Call:
        """Log a call."""
        call = Call(api, path, str(body.get("model", "")), body, has_key, time.time())
        self.calls.append(call)
        return call

    def fault_for(self, call: Call) -> Fault | None:
        """The fault that hits this call, used up by one."""
        for armed in self._faults:
            fault: Fault = armed.what
            if fault.api not in {None, call.api} or fault.model not in {None, call.model}:
                continue
            armed.seen += 1
            if armed.left and armed.seen % fault.every == 0:
                armed.left -= 1
                call.fault = fault.kind
                return fault
        return None

    def reply_for(self, call: Call) -> ReplyPlan:
        """The answer to this call; without a plan that fits, an echo of the newest message."""
        newest = newest_text(call.body)
        for armed in self._replies:
            plan: ReplyPlan = armed.what
            fits = plan.model in {None, call.model} and re.search(plan.match, newest)
            if armed.left and fits:
                armed.left -= 1
                return plan
        return ReplyPlan(text=f"You said: {newest}")

    def log(self) -> list[dict[str, Any]]:
        """Every call so far, oldest first."""
        return [asdict(call) for call in self.calls]


def newest_text(body: dict[str, Any]) -> str:
    """The text of the newest message of a request."""
    messages = body.get("messages") or [{}]
    content = messages[-1].get("content") or ""
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content)
    return str(content)


def pieces_of(text: str, size: int) -> list[str]:
    """`text` in pieces of `size` characters; an empty text has none."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def tokens_of(text: str) -> int:
    """A token count that is good enough to be billed by nobody."""
    return max(1, len(text.encode()) // 4)
