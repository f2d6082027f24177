"""The static checks, as data, and how they run side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from ops.environment import ROOT

#: Systems whose branches are type-checked, whatever system this is.
PLATFORMS = ("linux", "win32", "darwin")
PYTHON = sys.executable


@dataclass(frozen=True)
class Check:
    """A command that says nothing worth reading unless it fails."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """How a check ended."""

    check: Check
    code: int
    output: str
    seconds: float


def static() -> list[Check]:
    """Format, lint, room rules, types. Slowest first, so that the last does not run alone."""
    mypy = (PYTHON, "-m", "mypy", "--cache-dir")
    types = [
        Check(f"types {name}", (*mypy, f".mypy_cache/{name}", "--platform", name))
        for name in PLATFORMS
    ]
    return [
        *types,
        Check("rooms", (PYTHON, "-m", "ops.checks", "rooms")),
        Check("lint", (PYTHON, "-m", "ruff", "check", "--output-format", "concise", ".")),
        Check("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
    ]


def run(check: Check) -> Finding:
    """Run one check in the checkout."""
    since = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=ROOT,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Finding(check, done.returncode, done.stdout, time.monotonic() - since)


def run_all(checks: list[Check]) -> bool:
    """Run the checks as wide as the machine is; print each end; True when all are well."""
    is_well = True
    with ThreadPoolExecutor(max_workers=max(1, min(4, os.cpu_count() or 1))) as pool:
        for done in as_completed([pool.submit(run, check) for check in checks]):
            finding = done.result()
            is_well = is_well and finding.code == 0
            mark = "ok  " if finding.code == 0 else "FAIL"
            print(f"{mark} {finding.check.name:<14} {finding.seconds:5.1f} s", flush=True)
            if finding.code:
                print(finding.output, flush=True)
    return is_well


def rooms() -> int:
    """import-linter; it has no `python -m`, and console scripts are not used here."""
    from importlinter.cli import lint_imports

    return int(lint_imports(no_logo=True))


if __name__ == "__main__":
    sys.exit(rooms())
