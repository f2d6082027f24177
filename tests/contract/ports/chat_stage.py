"""One adapter on a stage: how to make it answer, dawdle and fail, whichever it is."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field, replace

import pytest

from core.llm.model import Deadlines, Endpoint, Failure, Message, Reply, Request
from core.llm.pool import Adapter
from core.llm.ports import ModelFailed
from core.llm.scripted_chat import Failing, Pace, Rule, Script, ScriptedCall, ScriptedChat
from core.runs.cancel import CancelToken
from ops.emulator.models.server import ThreadedModelServer

KEY = "gsk_canary1234567890abcdef"
HELLO = Request(messages=(Message("system", "Be kind."), Message("user", "hello")))


@dataclass
class Stage:
    """One adapter with its endpoint, and how to make it behave."""

    model: Adapter
    endpoint: Endpoint
    server: ThreadedModelServer | None = None
    rule: Rule = field(default_factory=Rule)

    def answers(self, text: str = "", *, calls: dict[str, dict[str, object]] | None = None) -> None:
        calls = calls or {}
        if self.server:
            plan = [{"name": name, "arguments": given} for name, given in calls.items()]
            self.server.reply(text, tool_calls=plan)
        else:
            made = tuple(ScriptedCall(name, given) for name, given in calls.items())
            self._rules(replace(self.rule, when="", reply=text, tool_calls=made))

    def is_slow(self, *, first_token_s: float = 0.0, per_token_s: float = 0.0) -> None:
        if self.server:
            self.server.pace(first_token_s=first_token_s, per_token_s=per_token_s, piece_chars=4)
        else:
            self.rule = Rule(pace=Pace(first_token_s, per_token_s, piece_chars=4))

    def fails(self, failure: Failure, *, after_chars: int = 0) -> None:
        """Make the next call fail in a way that must be told as `failure`."""
        if self.server is None:
            failing = Failing(failure, retry_after=7, after_chars=after_chars)
            self._rules(Rule(when="", reply="half an answer", fail=failing))
        elif failure is Failure.UNREACHABLE:
            with socket.socket() as closed:
                closed.bind(("127.0.0.1", 0))
                self._move_to(closed.getsockname()[1])
        elif failure is Failure.MISSING_MODEL:
            self.endpoint = replace(self.endpoint, model="no-such-model")
        elif failure is Failure.TIMEOUT:
            self.server.fault("status", status=408)
        else:
            kind, more = FAULTS[failure]
            self.server.fault(kind, **more)

    def never_connects(self, port: int) -> None:
        if self.server:
            self._move_to(port)
        else:
            self.is_slow(first_token_s=30)
            self.answers("too late")

    def within(self, **deadlines: float) -> None:
        self.endpoint = replace(self.endpoint, deadlines=Deadlines(**deadlines))

    def chat(self, request: Request = HELLO, cancel: CancelToken | None = None) -> Reply:
        self.shown: list[str] = []
        return self.model.chat(
            self.endpoint, request, on_text=self.shown.append, cancel=cancel or CancelToken()
        )

    def failure(self, request: Request = HELLO) -> ModelFailed:
        with pytest.raises(ModelFailed) as caught:
            self.chat(request)
        return caught.value

    def _rules(self, *rules: Rule) -> None:
        self.model = ScriptedChat(Script(rules))

    def _move_to(self, port: int) -> None:
        path = "/v1" if self.endpoint.provider == "openai" else ""
        self.endpoint = replace(self.endpoint, base_url=f"http://127.0.0.1:{port}{path}")


FAULTS: dict[Failure, tuple[str, dict[str, object]]] = {
    Failure.LIMITED: ("rate_limit", {"retry_after": "7"}),
    Failure.SERVER: ("status", {"status": 502}),
    Failure.BROKEN_STREAM: ("half_stream", {"after": 1}),
    Failure.UNAUTHORISED: ("status", {"status": 401}),
    Failure.BAD_REQUEST: ("status", {"status": 422}),
}
