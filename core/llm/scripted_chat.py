"""A model that answers from a script: for practice without a model, for benchmarks and for tests.

The script is data, a JSON file or the objects below: rules in order, of which the first that fits
the newest message answers. It streams at its pace (none: at once), calls tools, and fails on
demand; it keeps deadlines and obeys a cancel like any other model. It never reaches a network. The
script that ships, `practice.json`, says in the owner's language that nobody thinks here and how to
connect a real model.

    {"rules": [
      {"when": "weather", "tool_calls": [{"name": "weather", "arguments": {"city": "Dhaka"}}]},
      {"when_tool": "sun", "reply": "The sun shines."},
      {"when": "fail", "fail": {"failure": "limited", "retry_after": 3}, "times": 2},
      {"when": "", "reply": {"en": "You said {line}", "bn": "আপনি বলেছেন {line}"}}
    ]}

In replies `{said}` is the newest message as a quotation, `{line}` its first 200 characters on one
line, `{memory}` the lines that the prompt tells from memory, `{n}` the number of a repetition.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from core.errors import Broken
from core.llm.material import unframed
from core.llm.model import (
    Deadlines,
    Endpoint,
    Failure,
    Finish,
    Health,
    Reply,
    Request,
    ToolCall,
)
from core.llm.ports import ModelFailed
from core.llm.streaming import estimated, stopped
from core.runs.cancel import CancelToken

_STRICT = ConfigDict(extra="forbid")
#: Characters of `{line}`.
LINE_CHARS = 200

_TOLD = re.compile(r"\bin (Bengali|Arabic|English)\b")
_CODES = {"Bengali": "bn", "Arabic": "ar", "English": "en"}
_SCRIPTS = (("bn", re.compile("[\u0980-\u09ff]")), ("ar", re.compile("[\u0600-\u06ff]")))
_FIELD = re.compile(r"\{(said|line|memory|n)\}")
_LETTER = re.compile("[A-Za-z]")


@dataclass(frozen=True, config=_STRICT)
class Pace:
    """How fast a reply comes: seconds before its first piece and before each further one."""

    first_token_s: float = 0.0
    per_piece_s: float = 0.0
    piece_chars: Annotated[int, Field(gt=0)] = 24


@dataclass(frozen=True, config=_STRICT)
class ScriptedCall:
    """A tool call; its id is given when it is made."""

    name: str
    arguments: dict[str, object] = Field(default_factory=dict)


@dataclass(frozen=True, config=_STRICT)
class Failing:
    """A failure on demand, after `after_chars` characters of the reply."""

    failure: Failure
    retry_after: float | None = None
    detail: str = "as scripted"
    after_chars: int = 0


@dataclass(frozen=True, config=_STRICT)
class Rule:
    """What to do when the newest message fits: `when` looks at the owner's, `when_memory` at what
    its prompt tells from memory, `when_tool` at a tool's result, `when_system` at the system
    prompt; given ones must all be found. `times` bounds how often the rule is used in one
    process."""

    when: str | None = None
    when_memory: str | None = None
    when_tool: str | None = None
    when_system: str | None = None
    reply: str | dict[str, str] = ""
    tool_calls: tuple[ScriptedCall, ...] = ()
    fail: Failing | None = None
    finish: Finish | None = None
    repeat: int = 1
    times: int | None = None
    pace: Pace = Field(default_factory=Pace)


@dataclass(frozen=True, config=_STRICT)
class Script:
    """Rules in order; where none fits, the newest message comes back as a quotation."""

    rules: tuple[Rule, ...] = ()


def read_script(path: Path | None = None) -> Script:
    """The script in `path`, or the one that ships. Broken(`script-not-readable`) says why not."""
    try:
        if path is None:
            shipped = resources.files("core.llm").joinpath("practice.json")
            data = shipped.read_bytes()
        else:
            data = path.read_bytes()
        return TypeAdapter(Script).validate_json(data)
    except OSError as error:
        raise Broken("script-not-readable", path=str(path), why=error.strerror or "") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Broken(
            "script-not-readable", path=str(path), why=f"{where}: {first['msg']}"
        ) from None


class ScriptedChat:
    """A `ChatModel` that follows a `Script`. Counts of `times` live as long as this object."""

    def __init__(self, script: Script | None = None) -> None:
        self._script = read_script() if script is None else script
        self._lock = threading.Lock()
        self._used: dict[int, int] = {}

    def chat(
        self,
        endpoint: Endpoint,
        request: Request,
        *,
        on_text: Callable[[str], None],
        cancel: CancelToken,
    ) -> Reply:
        rule = self._rule_for(request)
        words = _words(rule, request)
        told = ""
        stop = threading.Event()
        cancel.on_cancel(stop.set)
        for wait_s, upto in _pieces(rule, len(words), endpoint.deadlines):
            if stop.wait(wait_s) if wait_s else stop.is_set():
                return stopped(endpoint, request, told)
            if upto is None:
                raise _late(endpoint.deadlines, told)
            told = words[:upto]
            if told:
                on_text(told)
        if rule.fail:
            raise _failure(rule.fail, told)
        return _reply(rule, words, endpoint, request)

    def probe(self, endpoint: Endpoint) -> Health:
        return Health(is_up=True, detail="a script", models=(endpoint.model,))

    def token_limit(self, _endpoint: Endpoint) -> int | None:
        """None: a script counts no tokens."""
        return None

    def close(self) -> None:
        """Nothing is open."""

    def _rule_for(self, request: Request) -> Rule:
        with self._lock:
            for index, rule in enumerate(self._script.rules):
                used = self._used.get(index, 0)
                if (rule.times is None or used < rule.times) and _fits(rule, request):
                    self._used[index] = used + 1
                    return rule
        return Rule(reply="{said}")


def _fits(rule: Rule, request: Request) -> bool:
    newest = request.messages[-1] if request.messages else None
    if newest is None:
        return rule.when is not None and not rule.when
    wanted = rule.when_tool if newest.role == "tool" else rule.when
    if wanted is None and (rule.when, rule.when_tool) != (None, None):
        return False
    if wanted is None and rule.when_system is None:
        return False
    memory, said = unframed(newest.content)
    if wanted and not re.search(wanted, said, re.IGNORECASE):
        return False
    if rule.when_memory and not re.search(rule.when_memory, memory, re.IGNORECASE):
        return False
    return rule.when_system is None or bool(re.search(rule.when_system, _system(request)))


def _system(request: Request) -> str:
    return "\n".join(message.content for message in request.messages if message.role == "system")


def language_of(request: Request) -> str:
    """The language that the system prompt names, else the script of the owner's newest letters."""
    told = _TOLD.search(_system(request))
    if told:
        return _CODES[told[1]]
    for message in reversed(request.messages):
        if message.role != "user":
            continue
        said = unframed(message.content)[1]
        for code, letters in _SCRIPTS:
            if letters.search(said):
                return code
        if _LETTER.search(said):
            return "en"
    return "bn"


def _words(rule: Rule, request: Request) -> str:
    text = rule.reply
    if not isinstance(text, str):
        text = text.get(language_of(request)) or next(iter(text.values()), "")
    memory, newest = unframed(request.messages[-1].content if request.messages else "")
    said = "\n".join(f"> {line}" for line in newest.strip().splitlines()) or "> …"
    line = " ".join(newest.split())[:LINE_CHARS]
    values = {"said": said, "line": line, "memory": memory}
    return "".join(
        _FIELD.sub(lambda field: {**values, "n": str(number)}[field[1]], text)  # noqa: B023
        for number in range(1, rule.repeat + 1)
    )


def _pieces(rule: Rule, length: int, deadlines: Deadlines) -> Iterator[tuple[float, int | None]]:
    """Seconds before each piece, and how many characters are told with it. None instead: a
    deadline has passed by then."""
    pace, begun = rule.pace, time.monotonic()
    end = min(rule.fail.after_chars, length) if rule.fail else length
    size = max(end, 1) if pace == Pace() else pace.piece_chars
    for start in range(0, max(end, 1), size):
        wait_s = pace.per_piece_s if start else pace.first_token_s
        limit_s = deadlines.stall_s if start else deadlines.first_token_s
        left_s = max(deadlines.total_s - (time.monotonic() - begun), 0.0)
        if wait_s > min(limit_s, left_s):
            yield min(limit_s, left_s), None
            return
        yield wait_s, min(start + size, end)


def _late(deadlines: Deadlines, told: str) -> ModelFailed:
    first, later = f"first token: over {deadlines.first_token_s:g} s", "silence or whole answer"
    return ModelFailed(Failure.TIMEOUT, detail=later if told else first, partial=told)


def _failure(failing: Failing, told: str) -> ModelFailed:
    return ModelFailed(
        failing.failure, detail=failing.detail, retry_after=failing.retry_after, partial=told
    )


def _reply(rule: Rule, words: str, endpoint: Endpoint, request: Request) -> Reply:
    calls = tuple(
        ToolCall(f"call_{position}_{len(request.messages)}", call.name, json.dumps(call.arguments))
        for position, call in enumerate(rule.tool_calls)
    )
    return Reply(
        text=words,
        endpoint=endpoint.name,
        place=endpoint.place,
        tool_calls=calls,
        finish=rule.finish or (Finish.TOOLS if calls else Finish.STOP),
        usage=estimated(request, words),
    )
