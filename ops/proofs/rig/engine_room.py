"""The run engine alone, over an encrypted database in a folder: for what needs no processes.

Time stands still unless a proof moves it; distant steps are kept in `sent`, their results are
given by the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from core import wiring  # noqa: F401 - every room's tables are known after this
from core.clock import ManualClock
from core.db import Transaction, metadata, open_sqlite
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_results import NodeResult
from core.runs.gate_fakes import NobodyAsks, OpenGuard
from core.runs.leases import LeaseKeeper
from core.runs.model import Label, RunRow, StepRow, StepState, Workflow
from core.runs.notices import Notice
from core.runs.parallel import Parallel
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake, Permit, Phase
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind

#: The place of distant steps, and a key for a database that nobody keeps.
AWAY, KEY = "pc", bytes(range(48))


class NobodyElse:
    """Only home is here."""

    def is_present(self, place: str) -> bool:
        return place == "home"


@dataclass(frozen=True)
class Started:
    """A run, and where it waits."""

    run_id: str
    position: str


class EngineRoom:
    """An engine whose code can be exchanged under its runs."""

    def __init__(self, folder: Path, steps: ModuleType, workflows: Sequence[Workflow]) -> None:
        self.db = open_sqlite(folder / "runs.db", KEY)
        metadata.create_all(self.db.engine)
        self.clock = ManualClock()
        self.notices: list[Notice] = []
        self.sent: list[StepRow] = []
        self._steps = steps
        self._wake = NoWake()
        self.runs = Runs(self.clock, self._wake)
        self.use(workflows)

    def use(self, workflows: Sequence[Workflow]) -> None:
        """From now on this is the code."""
        self.registry = Registry(bind(self._steps, self.clock), list(workflows))
        ends = Endings(
            self.registry,
            self.clock,
            self._wake,
            put=self._put,
            halt=self._halt,
            asking=NobodyAsks(),
        )
        parts = Parts(
            db=self.db,
            clock=self.clock,
            registry=self.registry,
            guard=OpenGuard(),
            asking=NobodyAsks(),
            wake=self._wake,
            live=NoLiveText(),
            places=NobodyElse(),
            ends=ends,
            send=self._send,
        )
        self._keeper = LeaseKeeper(self.db, self.clock)
        self._engine = Engine(parts, self._keeper)
        self._parallel = Parallel(parts, self._keeper)

    def close(self) -> None:
        self._keeper.stop()
        self.db.close()

    def start(self, flow: Workflow, args: Any) -> str:
        with self.db.write() as tx:
            run_id = self.runs.start(tx, flow, args)
        assert run_id is not None, "no key was given"
        self._engine.advance(run_id)
        return run_id

    def advance(self, run_id: str) -> RunRow:
        """As far as it goes; the run then."""
        self._engine.advance(run_id)
        with self.db.read() as tx:
            row = self.runs.get(tx, run_id)
        assert row is not None, "it was started here"
        return row

    def deliver(self, step: StepRow, value: Any) -> None:
        """The result of a distant step, as its node would send it."""
        result = NodeResult(
            run_id=step.run_id,
            position=step.position,
            attempt=1,
            place=AWAY,
            state=StepState.DONE,
            value=value,
            error=None,
            label=Label.OPEN,
            kept=False,
            notices=[],
        )
        with self.db.write() as tx:
            self._parallel.on_result(tx, result)

    def _put(self, _tx: Transaction, notice: Notice) -> None:
        self.notices.append(notice)

    def _halt(self, _tx: Transaction, _step: StepRow) -> None:
        """No node is there to be halted."""

    def _send(
        self, _tx: Transaction, _run: RunRow, step: StepRow, _phase: Phase, _permit: Permit | None
    ) -> None:
        self.sent.append(step)
