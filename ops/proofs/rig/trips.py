"""One workflow that waits in its middle, and what programmers do to such a workflow meanwhile.

`TRIP` looks, asks a distant place, looks again. Each change is the same workflow after an edit,
with the result that a run begun before the edit must have: `None` means that it cannot go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.clock import Clock
from core.runs.model import Done, Kind, Workflow, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.steps import step


@dataclass(frozen=True)
class Asked:
    """What a step is asked."""

    what: str
    many: int = 1


@step("trip.look", kind=Kind.READ)
def look(_room: Clock, _ctx: StepContext, asked: Asked) -> str:
    return f"saw {asked.what}"


@step("trip.listen", kind=Kind.READ)
def listen(_room: Clock, _ctx: StepContext, asked: Asked) -> str:
    return f"heard {asked.what}"


@step("trip.far", kind=Kind.READ, place="pc")
def far(_room: Clock, _ctx: StepContext, asked: Asked) -> str:
    raise AssertionError(f"runs at the node only: {asked.what}")


@step("trip.elsewhere", kind=Kind.READ, place="pc")
def elsewhere(_room: Clock, _ctx: StepContext, asked: Asked) -> str:
    raise AssertionError(f"runs at the node only: {asked.what}")


def as_it_was(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    second = yield far(asked)
    third = yield listen(Asked(second))
    return Done([first, second, third])


def reworded(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    second = yield far(Asked(f"Kindly: {asked.what}"))
    third = yield listen(Asked(second))
    return Done([first, second, third])


def longer_after(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    second = yield far(asked)
    third = yield listen(Asked(second))
    fourth = yield look(Asked("the end"))
    return Done([first, second, third, fourth])


def shorter_after(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    second = yield far(asked)
    return Done([first, second])


def other_after(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    second = yield far(asked)
    third = yield look(Asked(second))
    return Done([first, second, third])


def longer_before(asked: Asked) -> WorkflowBody:
    yield listen(asked)
    return (yield from as_it_was(asked))


def shorter_before(asked: Asked) -> WorkflowBody:
    second = yield far(asked)
    third = yield listen(Asked(second))
    return Done([second, third])


def swapped(asked: Asked) -> WorkflowBody:
    second = yield far(asked)
    first = yield look(asked)
    third = yield listen(Asked(second))
    return Done([first, second, third])


def renamed(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    second = yield elsewhere(asked)
    third = yield listen(Asked(second))
    return Done([first, second, third])


def other_before(asked: Asked) -> WorkflowBody:
    first = yield listen(asked)
    second = yield far(asked)
    third = yield listen(Asked(second))
    return Done([first, second, third])


def listed(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    both = yield [far(asked), far(Asked("more"))]
    return Done([first, *(each.value for each in both)])


def ends_before(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    return Done([first])


def breaks_before(asked: Asked) -> WorkflowBody:
    first = yield look(asked)
    raise LookupError(f"a bug that came with the edit: {first}")


def to_itself(asked: Asked) -> WorkflowBody:
    return (yield from as_it_was(asked))


Body = Callable[[Asked], WorkflowBody]

#: What a run brings that began before the edit: its steps' journaled values.
WHOLE = ["saw it", "told by pc", "heard told by pc"]
TRIP: Workflow = workflow("trip", version=1, args=Asked)(as_it_was)
#: What was done, the new code, its version, and the right result (None: stale).
CHANGES: tuple[tuple[str, Body, int, list[Any] | None], ...] = (
    ("nothing", as_it_was, 1, WHOLE),
    ("the waiting step's words", reworded, 1, WHOLE),
    ("moved into a sub-workflow", to_itself, 1, WHOLE),
    ("a step more after the wait", longer_after, 1, [*WHOLE, "saw the end"]),
    ("a step less after the wait", shorter_after, 1, WHOLE[:2]),
    ("another step after the wait", other_after, 1, [*WHOLE[:2], "saw told by pc"]),
    ("a step more before the wait", longer_before, 1, None),
    ("a step less before the wait", shorter_before, 1, None),
    ("another step before the wait", other_before, 1, None),
    ("two steps in another order", swapped, 1, None),
    ("the waiting step's name", renamed, 1, None),
    ("a list in place of the step", listed, 1, None),
    ("an end before the wait", ends_before, 1, None),
    ("a bug before the wait", breaks_before, 1, None),
    ("its version", as_it_was, 2, None),
)


def changed(body: Body, version: int) -> Workflow:
    """The workflow after the edit."""
    made: Workflow = workflow("trip", version=version, args=Asked)(body)
    return made


def march(asked: Asked) -> WorkflowBody:
    """`many` steps at home, one far away at the end."""
    for number in range(asked.many):
        yield look(Asked(str(number)))
    return Done((yield far(asked)))


MARCH: Workflow = workflow("march", version=1, args=Asked)(march)
