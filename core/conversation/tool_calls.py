"""A model's tool call becomes a step, once its arguments make sense.

A tool call is only a wish. Decides whether it can be understood; what it may do is the engine's
gate. What is wrong is told to the model in one sentence that says how to do it right. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from core.conversation import hands
from core.llm.model import ToolCall
from core.monitor.steps import FactsWanted, node_facts
from core.runs.model import StepCall

#: Characters of a place's name, a path, and of all arguments together.
MOST_NAME, MOST_PATH, MOST_ARGUMENTS = 64, 1024, 60_000
#: Arguments of a command.
MOST_ARGV = 200


class WrongCallError(Exception):
    """What is wrong with a tool call, as the model is told."""


def understood(call: ToolCall) -> StepCall:
    """The step that a tool call becomes, keyed by the call's id. Raises `WrongCallError`."""
    maker = MAKERS.get(call.name)
    if maker is None:
        raise WrongCallError(f"there is no such tool; there are {', '.join(MAKERS)}")
    given = Given(_arguments(call))
    return maker(given, given.text("place", most=MOST_NAME, needed=True), call.id)


def _arguments(call: ToolCall) -> dict[str, Any]:
    if len(call.arguments) > MOST_ARGUMENTS:
        raise WrongCallError(f"its arguments have over {MOST_ARGUMENTS} characters")
    try:
        found = json.loads(call.arguments or "{}")
    except (json.JSONDecodeError, RecursionError):
        raise WrongCallError("its arguments are not JSON") from None
    if not isinstance(found, dict):
        raise WrongCallError("its arguments must be a JSON object")
    return found


class Given:
    """The arguments of one call; each question says what is wrong, for the model."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._arguments = arguments

    def text(self, name: str, *, most: int = MOST_ARGUMENTS, needed: bool = False) -> str:
        """A text; "" when it was left out and is not `needed`."""
        value = self._arguments.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value):
            raise WrongCallError(f"`{name}` must be a text")
        if len(value) > most:
            raise WrongCallError(f"`{name}` has over {most} characters")
        if not _is_plain(value):
            raise WrongCallError(f"`{name}` has characters that no file can hold")
        return value

    def whole(self, name: str) -> str:
        """A text that must be there, and may be empty."""
        if self._arguments.get(name) is None:
            raise WrongCallError(f"`{name}` is missing")
        return self.text(name)

    def path(self, name: str = "path") -> str:
        return self.text(name, most=MOST_PATH)

    def number(self, name: str, least: int) -> int:
        """A whole number; `least` when it was left out."""
        value = self._arguments.get(name)
        if value is None:
            return least
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**31:
            raise WrongCallError(f"`{name}` must be a whole number from {least}")
        return value

    def yes(self, name: str) -> bool:
        """Yes or no; no when it was left out."""
        value = self._arguments.get(name)
        if value is not None and not isinstance(value, bool):
            raise WrongCallError(f"`{name}` must be true or false")
        return bool(value)

    def texts(self, name: str) -> list[str]:
        """A list of texts; none when it was left out."""
        value = self._arguments.get(name)
        if value is None:
            return []
        parts = [part for part in value if isinstance(part, str)] if isinstance(value, list) else []
        if parts != value:
            raise WrongCallError(f'`{name}` must be a list of texts, e.g. ["git", "status"]')
        if len(parts) > MOST_ARGV or not all(map(_is_plain, parts)):
            raise WrongCallError(f"`{name}` is too long, or no program can take it")
        return parts

    def argv(self, name: str) -> list[str]:
        """A list of texts; the first is a program."""
        parts = self.texts(name)
        if not parts or not parts[0]:
            raise WrongCallError(f'`{name}` must be a list of texts, e.g. ["git", "status"]')
        return parts


def _is_plain(text: str) -> bool:
    """Can a file's name, a file or an argument hold it?"""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _list(given: Given, place: str, key: str) -> StepCall:
    inputs = {"path": given.path(), "page": given.number("page", 1)}
    return hands.call("files.list", inputs, place, key)


def _read(given: Given, place: str, key: str) -> StepCall:
    path = given.text("path", most=MOST_PATH, needed=True)
    inputs = {"path": path, "line": given.number("line", 1), "letter": given.number("letter", 0)}
    return hands.call("files.read", inputs, place, key)


def _search(given: Given, place: str, key: str) -> StepCall:
    words = given.text("words", most=MOST_PATH, needed=True)
    return hands.call("files.search", {"path": given.path(), "words": words}, place, key)


def _write(given: Given, place: str, key: str) -> StepCall:
    path = given.text("path", most=MOST_PATH, needed=True)
    return hands.call("files.write", {"path": path, "text": given.whole("text")}, place, key)


def _edit(given: Given, place: str, key: str) -> StepCall:
    path = given.text("path", most=MOST_PATH, needed=True)
    old, new = given.text("old"), given.whole("new")
    if old == new:
        raise WrongCallError("`old` and `new` are the same: nothing would change")
    return hands.call("files.edit", {"path": path, "old": old, "new": new}, place, key)


def _delete(given: Given, place: str, key: str) -> StepCall:
    path = given.text("path", most=MOST_PATH, needed=True)
    return hands.call("files.delete", {"path": path}, place, key)


def _run(given: Given, place: str, key: str) -> StepCall:
    inputs = {
        "argv": given.argv("argv"),
        "path": given.path("folder"),
        "writes": given.texts("writes"),
        "network": given.yes("network"),
    }
    return hands.call("command.run", inputs, place, key)


def _facts(_given: Given, place: str, key: str) -> StepCall:
    return node_facts(FactsWanted(), key=key, place=place)


MAKERS: Mapping[str, Callable[[Given, str, str], StepCall]] = {
    "list_files": _list,
    "read_file": _read,
    "search_files": _search,
    "write_file": _write,
    "edit_file": _edit,
    "delete_file": _delete,
    "run_command": _run,
    "machine_facts": _facts,
}
