"""The model servers from a test or a harness: standard library only, blocking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ops.emulator.models.control_client import Control


class ModelServer(Control):
    """A running server by its address; every method is one call of the control API."""

    @property
    def openai_url(self) -> str:
        """What OPENAI_BASE_URL is set to; GROQ_BASE_URL and OLLAMA_HOST take `url`."""
        return f"{self.url}/v1"

    def reply(self, text: str = "", **plan: Any) -> None:
        """The next answer: `tool_calls`, `finish`, `match`, `model`, `times`, `reasoning`."""
        self._post("reply", {"text": text, **plan})

    def pace(self, **pace: float) -> None:
        """`latency_s`, `first_token_s`, `per_token_s`, `piece_chars`; what is left out is none."""
        self._post("pace", pace)

    def fault(self, kind: str, **more: Any) -> None:
        """The next failure: `rate_limit`, `capacity`, `status`, `hang`, `disconnect`, `html`,
        `stall`, `half_stream`, `cut`, `stream_error`, `bad_json`."""
        self._post("fault", {"kind": kind, **more})

    def clear_faults(self) -> None:
        self._post("clear-faults", {})

    def keys(self, *keys: str) -> None:
        """Only these keys are good; none given: any is."""
        self._post("keys", {"keys": list(keys)})

    def models(
        self, *, completions: list[str] | None = None, ollama: list[str] | None = None
    ) -> None:
        """Which models are served."""
        given = {"completions": completions, "ollama": ollama}
        self._post("models", {name: value for name, value in given.items() if value is not None})

    def publish(self, name: str, **model: Any) -> None:
        """What the registry has under a name: `size`, `revision`, `abilities`, `parameters`,
        `context`."""
        self._post("shelf", {"publish": {name: model}})

    def memory(self, size: int | None) -> None:
        """Bytes that a model of Ollama's may have; None: everything fits."""
        self._post("shelf", {"memory": size})

    def calls(self, api: str | None = None) -> list[dict[str, Any]]:
        """What was asked, oldest first: `api`, `path`, `model`, `body`, `ended`, `pieces` ..."""
        calls: list[dict[str, Any]] = self._get("calls")
        return [call for call in calls if api in {None, call["api"]}]

    def wait_calls(
        self, fits: Callable[[list[dict[str, Any]]], bool], timeout_s: float = 10.0
    ) -> list[dict[str, Any]]:
        """The calls, as soon as they fit; TimeoutError when they never do."""
        end = time.monotonic() + timeout_s
        while True:
            calls = self.calls()
            if fits(calls):
                return calls
            if time.monotonic() > end:
                raise TimeoutError(f"calls never fitted: {calls}")
            time.sleep(0.01)

    def reset(self) -> None:
        self._post("reset", {})
