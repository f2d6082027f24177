"""How fast a yes becomes a process, and whether a long job keeps anything else waiting.

Times are taken on one machine: from the moment the tap is handed to the emulator to the moment at
which the started script reads its clock.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from ops.proofs.naive import hands as naive
from ops.proofs.rig import hand_systems
from ops.proofs.rig.phone import APPROVE, DONE, FINAL, Phone
from ops.proofs.rig.report import Dose, Verdict
from ops.proofs.rig.stand import LOOK_S, Stand, StandBroken, stand

#: Taps at the full dose.
TAPS = 40
#: Seconds: the bound of the middle tap, of an answer beside a long job, and of a stop.
MIDDLE_S, BESIDE_S, STOP_S = 0.1, 2.0, 3.0
#: A job longer than any proof; `$$` names its shell.
LONG = '#!/bin/sh\necho $$ > "$1"\n(setsid sleep 600 &)\nsleep 600\n'
#: Seconds that something may take which is not measured.
PATIENCE_S = 30.0


def prove(dose: Dose) -> Verdict:
    """Taps, then a tap beside a long job, then a stop."""
    verdict = Verdict("speed")
    kept_waiting = not naive.runs_beside_a_long_job(BESIDE_S)
    verdict.tell(f"naive: a command beside a long job waits: {'yes' if kept_waiting else 'no'}")
    verdict.expect(kept_waiting, "the naive worker kept nobody waiting: it proves nothing")
    with stand(hand_systems.with_node()) as ours:
        log = hand_systems.prepare(ours)
        phone = Phone(ours.simulator)
        waits = [tap_to_start(ours, phone, number) for number in range(dose.of(TAPS, least=5))]
        middle = statistics.median(waits)
        verdict.tell(
            f"tap to process at the node: p50 {middle * 1000:.0f} ms, "
            f"slowest {max(waits) * 1000:.0f} ms, of {len(waits)}"
        )
        verdict.expect(middle <= bound(dose), f"the middle tap took {middle:.3f} s")
        beside, stopped = beside_a_long_job(ours, phone, log)
        verdict.tell(f"a tap beside a ten-minute job: answered and run after {beside:.2f} s")
        verdict.expect(beside <= BESIDE_S, f"a tap beside a long job took {beside:.2f} s")
        verdict.tell(f"/stop to the last process dead: {stopped:.2f} s")
        verdict.expect(stopped <= STOP_S, f"/stop took {stopped:.2f} s")
        verdict.expect(log.exists(), "the workspace is gone")
    return verdict


def bound(dose: Dose) -> float:
    """The goal at the full dose; beside other proofs the machine is not this one's alone."""
    return MIDDLE_S if dose.share >= 1 else 10 * MIDDLE_S


def tap_to_start(at: Stand, phone: Phone, number: int) -> float:
    """Seconds from a tap to the first line of the command."""
    name = f"stamp{number:04}.txt"
    phone.say(hand_systems.command("stamp.sh", name))
    card = phone.wait(name, APPROVE, timeout_s=PATIENCE_S)
    begun = time.time_ns()
    phone.tap(card, APPROVE)
    phone.wait(name, *FINAL, timeout_s=PATIENCE_S)
    stamp = hand_systems.workspace(at) / name
    if not stamp.exists():
        raise StandBroken(f"{name} was not written: {phone.newest(name)}")
    return (int(stamp.read_text(encoding="utf-8").split()[0]) - begun) / 1e9


def beside_a_long_job(at: Stand, phone: Phone, log: Path) -> tuple[float, float]:
    """Seconds until a tap beside a job that lasts is answered and its command has written, and
    until that job is stopped."""
    folder = hand_systems.workspace(at)
    (folder / "long.sh").write_text(LONG, encoding="utf-8")
    phone.say(hand_systems.command("long.sh", "long.pid"))
    phone.tap(phone.wait("long.pid", APPROVE, timeout_s=PATIENCE_S), APPROVE)
    wait_for((folder / "long.pid").exists)
    phone.say(hand_systems.append("beside"))
    card = phone.wait("beside", APPROVE, timeout_s=PATIENCE_S)
    begun = time.monotonic()
    at.simulator.wait_answer(phone.tap(card, APPROVE), timeout=PATIENCE_S)
    wait_for(lambda: "beside" in log.read_text(encoding="utf-8"))
    beside = time.monotonic() - begun
    phone.wait("beside", DONE, timeout_s=PATIENCE_S)
    begun = time.monotonic()
    phone.say("/stop")
    wait_for(lambda: not survivors(folder))
    return beside, time.monotonic() - begun


def survivors(folder: Path) -> list[int]:
    """Processes that still run in the workspace, by their working directory (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if (process / "cwd").readlink() == folder:
                found.append(int(process.name))
    return found


def wait_for(holds: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
    """Until `holds()` is true. StandBroken when it never is."""
    give_up = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > give_up:
            raise StandBroken("what was waited for did not come")
        time.sleep(LOOK_S)
