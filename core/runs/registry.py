"""What this place can run: steps with their rooms, workflows by name."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import Broken
from core.runs.model import StepSpec, Workflow
from core.runs.steps import BoundStep


class Registry:
    """Steps bound here, specs known (also of steps that run elsewhere), and workflows."""

    def __init__(
        self,
        steps: Iterable[BoundStep],
        workflows: Iterable[Workflow] = (),
        elsewhere: Iterable[StepSpec] = (),
    ) -> None:
        self._bound: dict[str, BoundStep] = {}
        for bound in steps:
            if bound.spec.name in self._bound:
                raise Broken("step-declared-twice", step=bound.spec.name)
            self._bound[bound.spec.name] = bound
        self._specs = {spec.name: spec for spec in elsewhere}
        self._specs |= {name: bound.spec for name, bound in self._bound.items()}
        self._workflows = {workflow.name: workflow for workflow in workflows}

    def step(self, name: str) -> BoundStep:
        """The handler of a step at this place."""
        try:
            return self._bound[name]
        except KeyError:
            raise Broken("step-not-here", step=name) from None

    def spec(self, name: str) -> StepSpec | None:
        """What is known of a step, wherever it runs."""
        return self._specs.get(name)

    def workflow(self, name: str) -> Workflow | None:
        """The workflow as the code has it now."""
        return self._workflows.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The steps that can run here, sorted."""
        return tuple(sorted(self._bound))
