"""The trial before a local model is switched on for a role: a few prompts, and how it answers.

Passes when every answer comes in time and has letters in it (B-2.2.4), and holds what it must; what
an answer should hold and does not is noted for the owner's eye. Decides nothing else: a model that
passed is not switched on by that. The prompts are data (`local_models.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.clock import Clock
from core.errors import MaskError
from core.llm.model import Endpoint, Message, Request, Role
from core.llm.ollama_facts import clip
from core.llm.ollama_ports import LocalServer
from core.llm.ollama_versions import shipped
from core.llm.ports import ChatModel, ModelFailed
from core.runs.cancel import CancelToken

#: Tokens of an answer, and letters of it that are kept.
MOST_OUTPUT, MOST_KEPT = 200, 200
_LETTER = re.compile(r"\w")


@dataclass(frozen=True)
class Trial:
    """One prompt. `must` and `should` are patterns; empty: none."""

    name: str
    prompt: str
    must: str = ""
    should: str = ""


@dataclass(frozen=True)
class Tried:
    """How one prompt went. `as_hoped` is False when the answer lacked what it should hold."""

    name: str
    ok: bool
    as_hoped: bool
    took_s: float
    answer: str = ""
    why: str = ""


@dataclass(frozen=True)
class TrialReport:
    """How a model did."""

    model: str
    role: Role
    tried: tuple[Tried, ...]

    @property
    def passed(self) -> bool:
        return bool(self.tried) and all(each.ok for each in self.tried)

    @property
    def why_not(self) -> str:
        """The first trial that it failed, and the reason."""
        failed = next((each for each in self.tried if not each.ok), None)
        return f"{failed.name}: {failed.why}" if failed else ""

    @property
    def notes(self) -> str:
        """In one line, for the history: how many, how fast, what was missing."""
        hoped = sum(each.as_hoped for each in self.tried)
        took_s = sum(each.took_s for each in self.tried)
        lacks = [each.name for each in self.tried if not each.as_hoped]
        missing = f"; without: {', '.join(lacks)}" if lacks else ""
        return f"{hoped}/{len(self.tried)} · {took_s:.1f} s{missing}"


def trials_for(role: Role) -> tuple[Trial, ...]:
    """The shipped prompts for a role."""
    entries: list[dict[str, Any]] = shipped()["trial"]
    return tuple(
        Trial(**{name: value for name, value in entry.items() if name != "roles"})
        for entry in entries
        if role.value in entry["roles"]
    )


def run_trials(
    chat: ChatModel,
    endpoint: Endpoint,
    role: Role,
    trials: Sequence[Trial],
    clock: Clock,
    *,
    cancel: CancelToken,
    told: Callable[[str], None],
) -> TrialReport:
    """Ask one after the other; the first that fails is the last that is asked."""
    tried: list[Tried] = []
    for number, trial in enumerate(trials, start=1):
        cancel.check()
        told(f"{endpoint.model} · {number}/{len(trials)} · {trial.name}")
        tried.append(_one(chat, endpoint, trial, clock, cancel))
        if not tried[-1].ok:
            break
    return TrialReport(endpoint.model, role, tuple(tried))


def try_vectors(server: LocalServer, model: str, clock: Clock) -> TrialReport:
    """The trial of a model that makes vectors: one text, a vector that is not empty."""
    began_s, length, why = clock.monotonic(), 0, "empty"
    try:
        length = server.embed(model, "hello")
    except MaskError as error:
        why = clip(error.params.get("why", error.code))
    took_s, ok = round(clock.monotonic() - began_s, 1), length > 0
    said = f"{length} numbers" if ok else ""
    return TrialReport(
        model, Role.EMBED, (Tried("vector", ok, ok, took_s, said, "" if ok else why),)
    )


def _one(
    chat: ChatModel, endpoint: Endpoint, trial: Trial, clock: Clock, cancel: CancelToken
) -> Tried:
    request = Request((Message("user", trial.prompt),), max_output=MOST_OUTPUT, temperature=0.0)
    began_s = clock.monotonic()
    heard = Tried(trial.name, ok=False, as_hoped=False, took_s=0.0)
    try:
        reply = chat.chat(endpoint, request, on_text=lambda _text: None, cancel=cancel)
    except ModelFailed as failed:
        took_s = round(clock.monotonic() - began_s, 1)
        return replace(heard, took_s=took_s, why=clip(failed.detail or failed.failure.value))
    cancel.check()
    answer = reply.text.strip()
    why = "" if _LETTER.search(answer) else "empty"
    if not why and trial.must and not re.search(trial.must, answer):
        why = "not what was asked for"
    hoped = not why and (not trial.should or re.search(trial.should, answer) is not None)
    took_s = round(clock.monotonic() - began_s, 1)
    return Tried(trial.name, not why, hoped, took_s, clip(answer, MOST_KEPT), why)
