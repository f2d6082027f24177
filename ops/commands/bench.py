"""`ops bench <name>`: measurements, beside naive stacks measured in the same run."""

from __future__ import annotations

from ops import named


def main(arguments: list[str]) -> int:
    return named.run("tests/bench", "bench", arguments)
