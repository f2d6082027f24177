"""Declaring steps: `@step(...)` makes a function both a call for workflows and a handler.

    @step("conversation.recall", kind=Kind.READ)
    def recall(room: Room, ctx: StepContext, turn: Turn) -> Talk: ...

In a workflow `recall(turn)` is a `StepCall`; nothing runs. In wiring `bind(module, room)` gives
the handlers of a module their room (its ports); the engine then runs `handler(ctx, args)`.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from core.runs.model import Action, Kind, StepCall, StepSpec


class Step:
    """A declared step: call it in a workflow, bind it in wiring."""

    def __init__(self, spec: StepSpec, handler: Callable[..., Any]) -> None:
        self.spec = spec
        self.handler = handler
        self.preparer: Callable[..., Action] | None = None

    def __call__(self, args: Any, *, key: str | None = None, place: str | None = None) -> StepCall:
        return StepCall(name=self.spec.name, args=args, key=key, place=place)

    def prepare(self, preparer: Callable[..., Action]) -> Callable[..., Action]:
        """Decorator: the reading half of a gated step, `(room, ctx, args) -> Action`."""
        self.preparer = preparer
        return preparer


def step(
    name: str,
    *,
    kind: Kind,
    place: str = "home",
    version: int = 1,
    timeout_s: float = 120.0,
    retries: int = 3,
    gated: bool = False,
) -> Callable[[Callable[..., Any]], Step]:
    """Declare a step; its argument and result types are read from the handler's annotations."""

    def declare(handler: Callable[..., Any]) -> Step:
        hints = typing.get_type_hints(handler)
        result = hints.pop("return")
        args = list(hints.values())[2]
        spec = StepSpec(name, kind, args, result, place, version, timeout_s, retries, gated)
        return Step(spec, handler)

    return declare


@dataclass(frozen=True)
class BoundStep:
    """A step with its room: what the engine runs."""

    spec: StepSpec
    run: Callable[[Any, Any], Any]
    prepare: Callable[[Any, Any], Action] | None = None


def bind(module: ModuleType, room: Any) -> Iterable[BoundStep]:
    """Every step declared in `module` (imported ones not), with `room` for its handlers."""
    for item in vars(module).values():
        if isinstance(item, Step) and item.handler.__module__ == module.__name__:
            prepare = partial(item.preparer, room) if item.preparer else None
            yield BoundStep(item.spec, partial(item.handler, room), prepare)
