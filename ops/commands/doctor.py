"""`ops doctor`: is this machine ready, and is all well? One line per organ, a remedy per failure.

Changes nothing. Exit code 1 when an organ is ill.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ops import startup
from ops.environment import ROOT

if TYPE_CHECKING:
    from ops.organs import Finding, Patient


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops doctor", description=__doc__)
    parser.add_argument(
        "--practice", action="store_true", help="look at the place of `ops try` instead"
    )
    options = parser.parse_args(arguments)
    env = startup.surroundings()
    if options.practice:
        env["MASK_HOME"] = str(ROOT / "data" / "try")
        env["MASK_TELEGRAM_TOKEN"] = ""
    return examine(env)


def examine(env: dict[str, str]) -> int:
    """Print a line per organ; 1 when one is ill."""
    from core import config
    from ops.organs import ORGANS, Patient

    os.environ.update(env)
    try:
        patient = Patient(config.load(), env)
    except config.SettingsError as error:
        print(f"ILL   settings   {error}")
        return 1
    print("well  settings   valid")
    findings = [show(name, organ, patient) for name, organ in ORGANS.items()]
    return int(any(finding.is_ill for finding in findings))


def show(name: str, organ: Callable[[Patient], Finding], patient: Patient) -> Finding:
    """Look at one organ and print its line. Whatever it raises is the finding: a doctor that
    stops at the first sick organ would hide the others."""
    from ops.organs import ill

    try:
        finding = organ(patient)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - shown, and makes doctor fail
        said = str(error).splitlines() or [type(error).__name__]
        finding = ill(f"{type(error).__name__}: {said[0]}", f"ops/runbooks, section {name}")
    mark = "ILL " if finding.is_ill else "note" if finding.remedy else "well"
    remedy = f"  -> {finding.remedy}" if finding.remedy else ""
    print(f"{mark}  {name:<10} {finding.text}{remedy}", flush=True)
    return finding
