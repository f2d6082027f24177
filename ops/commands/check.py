"""`ops check`: format, lint, types, room rules and the fast tests; to run before a commit."""

from __future__ import annotations

import argparse

from ops import checks
from ops.commands.test import FAST, pytest


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="python3 -m ops check", description=__doc__).parse_args(arguments)
    is_well = checks.run_all(checks.static())
    code = pytest([f"tests/{floor}" for floor in FAST], quiet=True)
    return code or int(not is_well)
