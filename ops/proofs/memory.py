"""Memory for years: found again, never lost, doubled or leaked, and gone when it is forgotten.

`python3 -m ops prove memory [--dose F|N] [--only NAME ...]`. Each part runs the naive way or
another control too, and must see it fail; then ours, which must not. Figures of speed are asked of
SQLite, at the full dose over a million memories. Exit code 1 when a law was broken or a control did
not fail.
"""

from __future__ import annotations

from ops.proofs.rig import front

#: Each part by its module of the rig.
PARTS = {
    "recall": "memory_recall",
    "fuzz": "memory_fuzz",
    "bench": "memory_bench",
    "context": "memory_context",
    "long": "memory_long",
    "taint": "memory_taint",
    "writing": "memory_writing",
    "summaries": "memory_summaries",
    "kills": "memory_kills",
    "repair": "memory_repair",
    "rest": "memory_rest",
    "forget": "memory_forget",
    "carry": "memory_carry",
}


def main(arguments: list[str]) -> int:
    return front.run("memory", __doc__, PARTS, arguments)
