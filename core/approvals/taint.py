"""What a run had read before it asked: the names of its finished steps that brought content.

Decides only what the card lists; the content itself never appears. Listed are steps that ended
`done`, went through the gate (so they reached files, a command, the network) or name a path or an
address. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.runs.journal import by_position
from core.runs.model import Kind, StepRow, StepState

#: Inputs that name a source, in the order of preference.
SOURCES = ("url", "path", "argv")
MOST_READ = 30
MOST_NAME = 200


def read_before(steps: Iterable[StepRow], position: str) -> list[dict[str, Any]]:
    """`what` (the step) and `name` (where it looked), in order, the same source once. With more
    than fit, the last entry is `more` and its name a number."""
    asking = _turn(position)
    before = [step for step in steps if _turn(step.position) < asking and _brought_content(step)]
    found: list[dict[str, Any]] = []
    for step in sorted(before, key=by_position):
        entry = {"what": step.name, "name": _source(step)}
        if entry not in found:
            found.append(entry)
    if len(found) > MOST_READ:
        rest = len(found) - (MOST_READ - 1)
        found = [*found[: MOST_READ - 1], {"what": "more", "name": str(rest)}]
    return found


def _brought_content(step: StepRow) -> bool:
    if step.state is not StepState.DONE:
        return False
    if step.kind is Kind.READ:
        return step.action is not None or bool(_source(step))
    return step.action is not None and bool(step.outcome)


def _source(step: StepRow) -> str:
    """The path or address among the inputs; of a command its program only."""
    inputs = step.inputs if isinstance(step.inputs, dict) else {}
    if isinstance(argv := inputs.get("argv"), list) and argv:
        return str(argv[0])[:MOST_NAME]
    for name in SOURCES:
        if isinstance(value := inputs.get(name), str) and value:
            return value[:MOST_NAME]
    return ""


def _turn(position: str) -> int:
    """Elements of one list run side by side: what an earlier one brought nobody has read yet."""
    return int(position.partition(".")[0])
