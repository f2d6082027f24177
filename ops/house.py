"""Refuses to start when `bot`, `core` or `workers` is somebody else's package.

These names are common words. A dependency that installs a top-level `core` wins over ours when a
process is started wrongly, and pytest stays green because it puts the checkout first. So the bot
and the workers ask this question before anything else. Standard library; a millisecond.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "core", "workers")


def strangers(root: Path = ROOT) -> list[str]:
    """One sentence for each package that is not ours. Exact paths: `.venv` lies inside the root."""
    origins: dict[str, Path | None] = {}
    for name in PACKAGES:
        spec = find_spec(name)
        origins[name] = Path(spec.origin or "/").resolve() if spec else None
    return [
        f"`{name}` comes from {origin or 'nowhere'}, not from {root}."
        for name, origin in origins.items()
        if origin != root / name / "__init__.py"
    ]


def check_our_own_house() -> None:
    """Stop the process with the remedy when a package is not ours."""
    if wrong := strangers():
        wrong.append("Start it as `python -m ...` from the checkout, with PYTHONPATH set to it.")
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    check_our_own_house()
