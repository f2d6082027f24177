"""Finding a proof or a bench by its name: modules with `main(arguments) -> exit code`."""

from __future__ import annotations

import ast
import importlib
import sys

from ops.environment import ROOT


def titles(folder: str) -> dict[str, str]:
    """Module names in `folder` (from the checkout) with the first line of their docstrings."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / folder).glob("[a-z]*.py")):
        if path.stem.startswith("test_") or path.stem == "conftest":
            continue
        sign = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
        found[path.stem] = sign.splitlines()[0]
    return found


def run(folder: str, command: str, arguments: list[str]) -> int:
    """Call `main` of the module that the first argument names with the others."""
    known = titles(folder)
    if not arguments or arguments[0] not in known:
        asked_help = bool(arguments) and arguments[0] in {"-h", "--help"}
        print(f"python3 -m ops {command} <name> [its options]\n", file=sys.stderr)
        for name, title in known.items():
            print(f"  {name:<14} {title}", file=sys.stderr)
        return 0 if asked_help else 2
    module = importlib.import_module(f"{folder.replace('/', '.')}.{arguments[0]}")
    return int(module.main(arguments[1:]))
