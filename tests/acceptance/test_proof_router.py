"""The laws of the router, at a tenth of the dose of `ops prove router`.

Each part runs as a process of its own, one at a time: they measure, and two would measure each
other.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from ops.environment import ROOT, variables

LONGEST_S = 400
PARTS = (
    "scenes",
    "speed",
    "idle",
    "load",
    "ceiling",
    "kills",
)


@pytest.mark.timeout(LONGEST_S)
@pytest.mark.parametrize("part", PARTS)
def test_the_router_keeps_its_law(part) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "prove", "router", "--only", part, "--dose", "0.1"],
        cwd=ROOT,
        env=variables(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LONGEST_S,
        check=False,
    )
    print(done.stdout)  # noqa: T201 - shown by pytest -rP
    assert done.returncode == 0, done.stdout
