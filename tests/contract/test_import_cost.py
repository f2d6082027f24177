"""Each process loads only what its place needs: memory and start time are measured goals.

Asked in fresh processes, because pytest itself loads half of the world.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

HEAVY = {
    "torch", "whisper", "gtts", "ollama", "groq", "openai", "alembic", "git", "pydrive2",
    "matplotlib", "PIL", "fakeredis",
}  # fmt: skip
#: What a process may not have loaded once it is ready to work, beside HEAVY.
FORBIDDEN = {
    "bot.app": HEAVY | {"celery.worker", "celery.bin", "sqlite3"},
    "workers.app": HEAVY | {"telegram", "sqlite3"},
    "ops.supervisor": {"celery", "telegram", "sqlalchemy", "pydantic", "redis"},
    "core.wiring": HEAVY | {"celery", "kombu", "telegram", "sqlite3"},
}


def loaded_by(*modules: str) -> set[str]:
    """The modules of a fresh process that has imported `modules`."""
    code = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "print(*sys.modules, sep='\\n')"
    answer = subprocess.run(
        [sys.executable, "-c", code, *modules], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_the_guard_sees_what_is_loaded() -> None:
    assert {"groq", "sqlalchemy"} <= loaded_by("groq", "core.db")


@pytest.mark.parametrize("module", FORBIDDEN)
def test_a_process_starts_light(module: str) -> None:
    loaded = loaded_by(module)

    assert module in loaded
    assert loaded & FORBIDDEN[module] == set()


def test_the_first_look_at_the_front_door_needs_the_standard_library_only() -> None:
    loaded = loaded_by("ops.front", "ops.environment", "ops.supervisor", "ops.private_redis")
    ours = {"ops"}

    strangers = {
        name
        for name in {each.split(".")[0] for each in loaded}
        if name not in sys.stdlib_module_names | ours and is_installed(name)
    }

    assert strangers == set()


def is_installed(name: str) -> bool:
    """Does it come from a distribution? (Namespace stubs of site-packages do not count.)"""
    spec = importlib.util.find_spec(name) if not name.startswith("_") else None
    return spec is not None and "site-packages" in (spec.origin or "")
