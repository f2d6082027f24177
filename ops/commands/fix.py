"""`ops fix`: correct what ruff can correct, and format."""

from __future__ import annotations

import argparse
import subprocess
import sys

from ops.environment import ROOT


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="python3 -m ops fix", description=__doc__).parse_args(arguments)
    ruff = [sys.executable, "-m", "ruff"]
    found = subprocess.run([*ruff, "check", "--fix", "--quiet", "."], cwd=ROOT, check=False)
    formatted = subprocess.run([*ruff, "format", "."], cwd=ROOT, check=False)
    return found.returncode or formatted.returncode
