"""`ops test`: everything, or the floors named. What CI runs.

Without a floor: the static checks, then all tests; the proofs run among them at a tenth of their
dose (tests/acceptance). Words after `--` go to pytest.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from ops import checks
from ops.environment import ROOT, variables

FAST = ("unit", "contract", "transcripts")
FLOORS = (*FAST, "integration", "migration", "security", "acceptance")


def main(arguments: list[str]) -> int:
    ours, theirs = split(arguments)
    parser = argparse.ArgumentParser(prog="python3 -m ops test", description=__doc__)
    parser.add_argument("floors", nargs="*", metavar="floor", help=", ".join(FLOORS))
    floors = parser.parse_args(ours).floors
    if unknown := [floor for floor in floors if floor not in FLOORS]:
        parser.error(f"no such floor: {', '.join(unknown)}")
    is_well = bool(floors) or checks.run_all(checks.static())
    code = pytest([f"tests/{floor}" for floor in floors or existing()], *theirs)
    if not is_well:
        print("The static checks above failed.", file=sys.stderr)
    return code or int(not is_well)


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Before and after `--`."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def existing() -> list[str]:
    """The floors that have tests."""
    return [floor for floor in FLOORS if any((ROOT / "tests" / floor).rglob("test_*.py"))]


def pytest(paths: list[str], *more: str, quiet: bool = False) -> int:
    """Run pytest on paths that hold tests; its summary is the last thing printed."""
    found = [path for path in paths if any((ROOT / path).rglob("test_*.py"))]
    command = [sys.executable, "-m", "pytest", *(["-q"] if quiet else []), *found, *more]
    return subprocess.run(command, cwd=ROOT, env=variables(), check=False).returncode
