"""`ops prove <name>`: a full-dose proof of a law. `--dose 0.1` runs a tenth, as `ops test` does."""

from __future__ import annotations

from ops import named


def main(arguments: list[str]) -> int:
    return named.run("ops/proofs", "prove", arguments)
