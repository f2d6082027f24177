"""The laws of conversation, hands, router and memory, at a tenth of the dose of `ops prove`.

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
from ops.proofs import conversation, hands, memory, router

#: Longest first; what keeps a processor busy that others measure on comes last.
PROOFS = (
    ("conversation", "kills"),
    ("hands", "kills"),
    ("hands", "broker"),
    ("hands", "hostile"),
    ("memory", "summaries"),
    ("memory", "recall"),
    ("memory", "kills"),
    ("memory", "bench"),
    ("conversation", "drop"),
    ("hands", "speed"),
    ("router", "load"),
    ("conversation", "outage"),
    ("conversation", "storm"),
    ("conversation", "stale"),
    ("conversation", "markdown"),
    ("hands", "paths"),
    ("hands", "canaries"),
    ("conversation", "fuzz"),
    ("hands", "opens"),
    ("hands", "grants"),
    ("memory", "repair"),
    ("memory", "rest"),
    ("memory", "forget"),
    ("memory", "long"),
    ("memory", "context"),
    ("memory", "taint"),
    ("memory", "writing"),
    ("memory", "carry"),
    ("memory", "fuzz"),
    ("router", "scenes"),
    ("router", "kills"),
    ("router", "ceiling"),
    ("router", "idle"),
    ("router", "speed"),
)
LONGEST_S = 600

Proof = tuple[str, str]


def name_of(proof: Proof) -> str:
    return "-".join(proof)


def prove(proof: Proof) -> subprocess.CompletedProcess[str]:
    name, part = proof
    command = [sys.executable, "-m", "ops", "prove", name, "--only", part]
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
) -> Iterator[dict[Proof, Future[subprocess.CompletedProcess[str]]]]:
    """The proofs that were asked for, running."""
    items = [item.name for item in request.session.items]
    wanted = [each for each in PROOFS if any(f"[{name_of(each)}]" in item for item in items)]
    with ThreadPoolExecutor(2) as pool:
        yield {each: pool.submit(prove, each) for each in wanted}


@pytest.mark.timeout(3 * LONGEST_S)
@pytest.mark.parametrize("proof", PROOFS, ids=name_of)
def test_the_law_holds_where_the_naive_way_breaks_it(proofs, proof) -> None:
    done = proofs[proof].result()
    print(done.stdout)  # noqa: T201 - shown by pytest -rP
    assert done.returncode == 0, done.stdout
    assert "naive" in done.stdout or "control" in done.stdout, "the control has run"


def test_every_part_of_every_proof_is_run() -> None:
    books = {"conversation": conversation, "hands": hands, "router": router, "memory": memory}
    known = {(name, part) for name, book in books.items() for part in book.PARTS}
    assert set(PROOFS) == known
