"""The laws of the conversation, at a tenth of the dose of `ops prove conversation`.

Each proof runs as a process of its own, two at a time, because most of their time is waiting. A
proof fails when ours breaks the law, and also when the naive stack keeps it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from ops.environment import ROOT, variables

#: Longest first; fuzz last, because it keeps a processor busy that the others measure on.
PARTS = ("kills", "drop", "outage", "storm", "stale", "markdown", "fuzz")
LONGEST_S = 600


def prove(part: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops", "prove", "conversation", "--only", part]
    return subprocess.run(
        [*command, "--dose", "0.1"],
        cwd=ROOT,
        env=variables(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LONGEST_S,
        check=False,
    )


@pytest.fixture(scope="module")
def proofs(
    request: pytest.FixtureRequest,
) -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """The proofs that were asked for, running."""
    wanted = [part for part in PARTS if any(part in item.name for item in request.session.items)]
    with ThreadPoolExecutor(2) as pool:
        yield {part: pool.submit(prove, part) for part in wanted}


@pytest.mark.timeout(2 * LONGEST_S)
@pytest.mark.parametrize("part", PARTS)
def test_the_law_holds_where_the_naive_stack_breaks_it(proofs, part) -> None:
    done = proofs[part].result()
    print(done.stdout)  # noqa: T201 - shown by pytest -rP
    assert done.returncode == 0, done.stdout
    assert "naive" in done.stdout, "the control has run"
