"""`ops setup`: fill `.venv` and stop. For build steps of rented machines; others never need it."""

from __future__ import annotations

import argparse


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="python3 -m ops setup", description=__doc__).parse_args(arguments)
    print("Ready.")
    return 0
