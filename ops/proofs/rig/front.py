"""The front of every proof: its arguments, its parts one after the other, the verdicts at the end.

A part is a module of this package with `prove(dose) -> Verdict`; it is imported when it is run,
since some attack what only Linux or POSIX has.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from ops.proofs.rig.report import FULL_KILLS, Dose, Verdict, dose
from ops.proofs.rig.stand import close_when_told


def run(name: str, about: str | None, parts: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Run the parts that are asked for (by name, with their modules). 1 when a law was broken or a
    control did not fail."""
    parser = argparse.ArgumentParser(prog=f"python3 -m ops prove {name}", description=about)
    parser.add_argument(
        "--dose",
        type=dose,
        default=Dose(),
        metavar="F|N",
        help=f"a share such as 0.1, or kills of each process (full dose: {FULL_KILLS})",
    )
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    options = parser.parse_args(arguments)
    close_when_told()
    verdicts = [prove(part, parts[part], options.dose) for part in options.only]
    print()
    for verdict in verdicts:
        print(f"{verdict.name:<10} {'BROKEN' if verdict.broken else 'holds'}")
        for sentence in verdict.broken:
            print(f"           {sentence}")
    return 1 if any(verdict.broken for verdict in verdicts) else 0


def prove(part: str, module: str, how_much: Dose) -> Verdict:
    """One part, with its time."""
    print(part, flush=True)
    begun = time.monotonic()
    prover: Callable[[Dose], Verdict] = import_module(f"ops.proofs.rig.{module}").prove
    verdict = prover(how_much)
    print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return verdict
