"""Journal in, next move out: the pure heart of the engine.

A `Replay` feeds a workflow's generator the journaled outcomes in order of its yields and stops at
the first step that has none. Position is the path of yields: "3", or "3.1" inside a list. A row
matches by position, step name and, in a list, the element's key; its inputs come from the journal.
Whatever does not match makes the run stale: nothing is guessed.

A `Replay` may be kept between moves of one lease as a cache; a new one gives the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Broken, MaskError
from core.runs.codec import decode, digest, encode
from core.runs.model import (
    MOST_STEPS,
    Again,
    Done,
    Outcome,
    StepCall,
    StepFailed,
    StepRow,
    StepSpec,
    StepState,
    Workflow,
)


@dataclass(frozen=True)
class Planned:
    """A step to be written to the journal."""

    position: str
    spec: StepSpec
    place: str
    inputs: Any
    digest: str
    key: str | None = None


@dataclass(frozen=True)
class Write:
    """Write these steps: one, or the elements of a list that run in parallel."""

    steps: tuple[Planned, ...]


@dataclass(frozen=True)
class Wait:
    """These positions have not ended."""

    open: tuple[StepRow, ...]


@dataclass(frozen=True)
class Finished:
    """The workflow returned."""

    end: Done | Again


@dataclass(frozen=True)
class Failed:
    """The workflow raised, or let a `StepFailed` rise."""

    error: MaskError


@dataclass(frozen=True)
class Stale:
    """The journal does not fit the code any more; `why` says where."""

    why: str


Next = Write | Wait | Finished | Failed | Stale


class _DoesNotFitError(Exception):
    """Internal: the journal and the generator disagree."""


class Replay:
    """One generator, fed from one journal."""

    def __init__(
        self, workflow: Workflow, args: Any, spec_of: Callable[[str], StepSpec | None]
    ) -> None:
        self._generator = workflow(decode(workflow.args, args))
        self._spec_of = spec_of
        self._index = -1
        self._item: StepCall | list[StepCall] | None = None
        self._end: Next | None = None

    def next(self, journal: Mapping[str, StepRow]) -> Next:
        """The next move that `journal` allows. Pure: same journal, same answer."""
        try:
            return self._walk(journal)
        except _DoesNotFitError as mismatch:
            self._end = Stale(str(mismatch))
            return self._end

    def _walk(self, journal: Mapping[str, StepRow]) -> Next:
        if self._item is None and self._end is None:
            self._resume(lambda: next(self._generator))
        while self._end is None:
            move = self._match(journal)
            if move is not None:
                return move
        self._nothing_beyond(journal)
        return self._end

    def _match(self, journal: Mapping[str, StepRow]) -> Next | None:
        """Answer the current yield from the journal, or say what is missing."""
        item, at = self._item, str(self._index)
        if isinstance(item, list):
            rows = self._rows_of(item, journal)
            if rows is None:
                self._nothing_beyond(journal)
                return self._plan([(f"{at}.{n}", call) for n, call in enumerate(item)])
            waiting = tuple(row for row in rows if not row.state.is_final)
            if waiting:
                return Wait(waiting)
            outcomes = [self._outcome(row) for row in rows]
            self._resume(lambda: self._generator.send(outcomes))
            return None
        assert item is not None
        if f"{at}.0" in journal:
            raise _DoesNotFitError(f"step {at}: a list then, a single step now")
        row = journal.get(at)
        if row is None:
            self._nothing_beyond(journal)
            return self._plan([(at, item)])
        self._check(row, item)
        if not row.state.is_final:
            return Wait((row,))
        outcome = self._outcome(row)
        if outcome.ok:
            self._resume(lambda: self._generator.send(outcome.value))
        else:
            self._resume(lambda: self._generator.throw(StepFailed(outcome)))
        return None

    def _rows_of(
        self, calls: list[StepCall], journal: Mapping[str, StepRow]
    ) -> list[StepRow] | None:
        at = str(self._index)
        if at in journal:
            raise _DoesNotFitError(f"step {at}: a single step then, a list now")
        rows = [journal.get(f"{at}.{n}") for n in range(len(calls))]
        if f"{at}.{len(calls)}" in journal:
            raise _DoesNotFitError(f"step {at}: the list is shorter now")
        if calls and not any(rows):
            return None
        found: list[StepRow] = []
        for row, call in zip(rows, calls, strict=True):
            if row is None:
                raise _DoesNotFitError(f"step {at}: the list is longer now")
            self._check(row, call)
            found.append(row)
        return found

    def _check(self, row: StepRow, call: StepCall) -> None:
        if row.name != call.name:
            raise _DoesNotFitError(f"step {row.position}: {row.name} then, {call.name} now")
        if row.key != call.key:
            raise _DoesNotFitError(f"step {row.position}: another element's key")

    def _plan(self, calls: list[tuple[str, StepCall]]) -> Next:
        if self._index >= MOST_STEPS:
            self._end = Failed(Broken("too-many-steps", most=MOST_STEPS))
            return self._end
        keys = [call.key for _, call in calls]
        if len(calls) > 1 and len(set(keys)) < len(keys):
            self._end = Failed(Broken("list-without-keys", step=calls[0][1].name))
            return self._end
        try:
            return Write(tuple(self._planned(at, call) for at, call in calls))
        except MaskError as error:
            self._end = Failed(error)
            return self._end

    def _planned(self, position: str, call: StepCall) -> Planned:
        spec = self._spec_of(call.name)
        if spec is None:
            raise Broken("unknown-step", step=call.name)
        inputs = encode(spec.args, call.args)
        return Planned(
            position, spec, call.place or spec.place, inputs, digest(inputs), key=call.key
        )

    def _outcome(self, row: StepRow) -> Outcome:
        if row.state is not StepState.DONE:
            return Outcome(row.state, error=row.error, key=row.key)
        spec = self._spec_of(row.name)
        if spec is None:
            raise _DoesNotFitError(f"step {row.position}: {row.name} no longer exists")
        try:
            return Outcome(row.state, decode(spec.result, row.outcome), key=row.key)
        except Broken as error:
            raise _DoesNotFitError(f"step {row.position}: its value no longer fits") from error

    def _resume(self, feed: Callable[[], Any]) -> None:
        """Let the generator run to its next yield or its end."""
        try:
            item = feed()
        except StopIteration as stop:
            end = stop.value
            known = isinstance(end, (Done, Again))
            self._end = Finished(end) if known else Failed(Broken("workflow-without-end"))
        except MaskError as error:
            self._end = Failed(error)
        except Exception as error:  # noqa: BLE001 - a bug in a workflow fails its run, not the worker
            failure = Broken("workflow-crashed", why=f"{type(error).__name__}: {error}"[:300])
            failure.__cause__ = error
            self._end = Failed(failure)
        else:
            self._item = item
            self._index += 1

    def _nothing_beyond(self, journal: Mapping[str, StepRow]) -> None:
        last = max((int(at.split(".")[0]) for at in journal), default=-1)
        if last > self._index:
            raise _DoesNotFitError(f"step {last}: the workflow does not come there now")
