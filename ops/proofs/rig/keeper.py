"""Runs a stand's programs under the supervisor of `ops up`: `python -m ops.proofs.rig.keeper FILE`.

The file is JSON: `home`, and `programs` as `ops.programs.Program` has them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ops.programs import Program
from ops.supervisor import Supervisor, clock_say


def written(home: Path, programs: list[Program]) -> str:
    """The file's text."""
    return json.dumps({"home": str(home), "programs": [asdict(each) for each in programs]})


def read(text: str) -> tuple[Path, list[Program]]:
    """What `written` wrote."""
    data = json.loads(text)
    return Path(data["home"]), [_program(each) for each in data["programs"]]


def _program(row: dict[str, Any]) -> Program:
    return Program(**{**row, "argv": tuple(row["argv"]), "needs": tuple(row["needs"])})


def main(arguments: list[str]) -> int:
    home, programs = read(Path(arguments[0]).read_text(encoding="utf-8"))
    return Supervisor(programs, home, say=clock_say).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
