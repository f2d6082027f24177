"""How memory grows, to a million memories: `python3 -m ops bench memory [--count N]`."""

from __future__ import annotations

import argparse

from ops.commands import memory_bench


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m ops bench memory", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="1000000")
    return memory_bench.growth(parser.parse_args(arguments).count)
