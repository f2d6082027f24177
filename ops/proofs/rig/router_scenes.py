"""The three scenes of the switching test: high load, limit reached, own machine offline.

They run side by side; the report is the JSON that the seed asks for: `success_rate` in percent,
and per test `type`, `success`, `time_taken` (seconds) and `error_type`. It is written to
`TEST_REPORT_PATH`, else into a new folder, and beside it its picture. The naive way plays the last
scene first: it has no place for private text but the cloud.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import MaskError
from core.llm.model import Message, Request
from core.monitor import pictures
from core.runs.model import Label
from ops.emulator.models.lab_client import Lab, lab_process
from ops.emulator.models.lab_script import Fake, Quota
from ops.proofs.naive.router import FixedList
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.router_findings import CANARY
from ops.proofs.rig.router_speed import healthy, own
from ops.proofs.rig.router_system import System, system

#: Requests of the first scene, and the share of tests that must succeed.
HIGH_LOAD = 10
GATE_PERCENT = 90.0
#: The limit of the second scene.
FEW_RPM = 5
OPEN = Request(messages=(Message("user", "what is new"),), max_output=64)
SECRET = "canary-0123456789ab"  # noqa: S105 - a canary
KEPT = Request(messages=(Message("user", f"my {SECRET}"),), max_output=64, label=Label.PRIVATE)


class SceneFailed(Exception):
    """What the scene demands did not happen."""


@dataclass(frozen=True)
class Test:
    """One line of the report."""

    type: str
    success: bool
    time_taken: float
    error_type: str | None = None


def prove(_dose: Dose) -> Verdict:
    """All scenes at once, and their report."""
    verdict = Verdict("scenes")
    _naive(verdict)
    begun = time.monotonic()
    with ThreadPoolExecutor(len(SCENES)) as pool:
        tests = list(pool.map(played, SCENES))
    wall_s = time.monotonic() - begun
    found = report(tests)
    path = _report_path()
    path.write_text(json.dumps(found, indent=2), encoding="utf-8")
    picture = path.with_suffix(".png")
    picture.write_bytes(drawn(tests))
    for test in tests:
        verdict.tell(f"{test.type}: {test.error_type or 'as demanded'}, {test.time_taken:.2f} s")
        verdict.expect(test.success, f"{test.type}: {test.error_type}")
    verdict.tell(
        f"success rate {found['success_rate']} %, in {wall_s:.2f} s; {path}, {picture.name}"
    )
    verdict.expect(is_passed(found), f"the success rate is {found['success_rate']} %")
    verdict.expect(
        wall_s < sum(test.time_taken for test in tests), "the scenes ran one after another"
    )
    return verdict


def _report_path() -> Path:
    """Where the report goes; its folder is there."""
    wished = os.environ.get("TEST_REPORT_PATH")
    path = Path(wished or Path(tempfile.mkdtemp(prefix="mask-report-")) / "switching_report.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _naive(verdict: Verdict) -> None:
    with lab_process([own("own"), *healthy(2)]) as lab:
        lab.offline("own")
        plain = FixedList(lab)
        plain.ask(KEPT)
        plain.close()
        leaked = lab.find(CANARY)
    verdict.tell(f"naive: with the owner's machine offline, private text went to {sorted(leaked)}")
    verdict.expect(leaked, "the naive way kept private text: the harness proves nothing")


def report(tests: Sequence[Test]) -> dict[str, Any]:
    """As JSON values."""
    rate = 100.0 * sum(test.success for test in tests) / max(1, len(tests))
    return {"success_rate": round(rate, 2), "tests": [asdict(test) for test in tests]}


def drawn(tests: Sequence[Test]) -> bytes:
    """The report as a picture."""
    return pictures.checks(
        [pictures.Bar(each.type, round(1000 * each.time_taken), each.error_type or "")
         for each in tests]
    )  # fmt: skip


def is_passed(found: dict[str, Any]) -> bool:
    """The gate: over ninety percent."""
    return bool(found["success_rate"] > GATE_PERCENT)


def played(kind: str) -> Test:
    """One scene, with its time."""
    begun = time.monotonic()
    try:
        SCENES[kind]()
    except (SceneFailed, MaskError) as error:
        why = str(error) if isinstance(error, SceneFailed) else type(error).__name__
        return Test(kind, success=False, time_taken=time.monotonic() - begun, error_type=why)
    return Test(kind, success=True, time_taken=time.monotonic() - begun)


def demand(holds: object, sentence: str) -> None:
    if not holds:
        raise SceneFailed(sentence)


def high_load() -> None:
    """Ten requests at once: all are answered."""
    with lab_process([own("own"), *healthy(4)]) as lab, system(lab) as ours:
        with ThreadPoolExecutor(HIGH_LOAD) as pool:
            replies = list(pool.map(ours.ask, [OPEN] * HIGH_LOAD))
        demand(all(reply.text for reply in replies), "an empty answer")
        demand(len(lab.calls()) <= HIGH_LOAD, f"{len(lab.calls())} calls for ten answers")


def limit_reached() -> None:
    """An endpoint of five requests a minute: twice as many are answered, the rest elsewhere, and
    it is not asked beyond its limit."""
    few = [_limited(fake) for fake in healthy(1)]
    with lab_process([*few, own("own")]) as lab, system(lab) as ours:
        for _ in range(2 * FEW_RPM):
            demand(ours.ask(OPEN).text, "an empty answer")
        asked = lab.calls(few[0].name)
        demand(any(call["ended"] == "done" for call in asked), "the limited one was never asked")
        refused = sum(call["ended"] == "refused" for call in asked)
        demand(refused <= 1, f"asked {refused} times beyond its limit")


def _limited(fake: Fake) -> Fake:
    return replace(fake, quota=Quota(rpm=FEW_RPM))


def local_offline() -> None:
    """The owner's machine refuses connections: open text is answered in the cloud, private text
    waits and never leaves; once it is back, it answers."""
    with lab_process([own("own"), *healthy(2)]) as lab, system(lab) as ours:
        lab.offline("own")
        demand(ours.ask(OPEN).endpoint != "own", "the machine that is offline answered")
        demand(_is_kept_waiting(ours), "private text was answered elsewhere")
        demand(not lab.find(CANARY), "private text left the owner's machines")
        lab.offline("own", is_offline=False)
        _wait_back(ours)
        demand(_places_of(lab) == {"own"}, "private text left the owner's machines")


def _is_kept_waiting(ours: System) -> bool:
    try:
        ours.ask(KEPT)
    except MaskError:
        return True
    return False


def _wait_back(ours: System, timeout_s: float = 20.0) -> None:
    """Ask until the owner's machine answers; SceneFailed when it stays shut out."""
    give_up = time.monotonic() + timeout_s
    while _is_kept_waiting(ours):
        demand(time.monotonic() < give_up, "the machine is back, and still shut out")
        time.sleep(0.2)


def _places_of(lab: Lab) -> set[str]:
    return {name for name, found in lab.find(CANARY).items() if found}


SCENES: dict[str, Callable[[], None]] = {
    "high_load": high_load,
    "limit_reached": limit_reached,
    "local_offline": local_offline,
}
