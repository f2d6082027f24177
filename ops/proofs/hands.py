"""Exactly what was approved happens, once, where it was shown: hands under attack, races and kills.

`python3 -m ops prove hands [--dose F|N] [--only NAME ...]`. Each part runs the naive way first, in
the same harness, and must see it fail; then ours, which must not. Exit code 1 when a law was
broken or a control did not fail. The corpus of attacks is `tests/security`, run by `ops test`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib import import_module

from ops.proofs.rig.report import FULL_KILLS, Dose, Verdict, dose
from ops.proofs.rig.stand import close_when_told

Part = Callable[[Dose], Verdict]
#: Each part by its module of the rig; most of them attack what only Linux or POSIX has.
PARTS = {
    "grants": "grants",
    "opens": "opens",
    "paths": "paths",
    "hostile": "hostile",
    "canaries": "canaries",
    "broker": "broker_attacker",
    "kills": "hand_kills",
    "speed": "hand_speed",
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops prove hands", description=__doc__)
    parser.add_argument(
        "--dose",
        type=dose,
        default=Dose(),
        metavar="F|N",
        help=f"a share such as 0.1, or a number of kills (full dose: {FULL_KILLS})",
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args(arguments)
    close_when_told()
    verdicts = [prove(name, options.dose) for name in options.only]
    print()
    for verdict in verdicts:
        print(f"{verdict.name:<10} {'BROKEN' if verdict.broken else 'holds'}")
        for sentence in verdict.broken:
            print(f"           {sentence}")
    return 1 if any(verdict.broken for verdict in verdicts) else 0


def prove(name: str, how_much: Dose) -> Verdict:
    """One part, with its time."""
    print(f"{name}", flush=True)
    begun = time.monotonic()
    part: Part = import_module(f"ops.proofs.rig.{PARTS[name]}").prove
    verdict = part(how_much)
    print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return verdict
