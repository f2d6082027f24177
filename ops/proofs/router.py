"""Always an answer, private at home, never over budget: the router among fifty fakes in trouble.

`python3 -m ops prove router [--dose F|N] [--only NAME ...] [--report FILE]`. The naive way goes
first where the law can be broken by it: an OpenAI client over a fixed list with its own retries.
Verdicts are read from what the laboratory received and billed. Exit code 1 when a law was broken
or the control did not fail.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ops.proofs.rig import router_load, router_money, router_scenes, router_speed
from ops.proofs.rig.report import Dose, Verdict, dose
from ops.proofs.rig.stand import close_when_told

PARTS: dict[str, Callable[[Dose], Verdict]] = {
    "load": router_load.prove,
    "scenes": router_scenes.prove,
    "speed": router_speed.prove,
    "ceiling": router_money.ceiling,
    "idle": router_money.idle,
    "kills": router_money.kills,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops prove router", description=__doc__)
    parser.add_argument(
        "--dose",
        type=dose,
        default=Dose(),
        metavar="F|N",
        help=f"a share such as 0.1 of {router_load.CALLS} calls, {router_money.STREAMED} streams",
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--report", type=Path, help="where the scenes' JSON report is written")
    options = parser.parse_args(arguments)
    close_when_told()
    scenes = partial(router_scenes.prove, path=options.report)
    parts: dict[str, Callable[[Dose], Verdict]] = {**PARTS, "scenes": scenes}
    verdicts = [prove(name, parts[name], options.dose) for name in options.only]
    print()
    for verdict in verdicts:
        print(f"{verdict.name:<10} {'BROKEN' if verdict.broken else 'holds'}")
        for sentence in verdict.broken:
            print(f"           {sentence}")
    return 1 if any(verdict.broken for verdict in verdicts) else 0


def prove(name: str, part: Callable[[Dose], Verdict], how_much: Dose) -> Verdict:
    """One part, with its time."""
    print(f"{name}", flush=True)
    begun = time.monotonic()
    verdict = part(how_much)
    print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return verdict
