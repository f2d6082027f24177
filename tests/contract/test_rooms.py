"""The house rules that no linter knows. Each guard first proves that it looks at something."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("bot", "core", "workers", "ops")
FILES = sorted(
    file
    for package in OURS
    for file in (ROOT / package).rglob("*.py")
    if "__pycache__" not in file.parts
)
MOST_LINES = 300
LONGEST_FUNCTION = 60
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}
#: Names that would hide a vendor or the standard library from an import in the same folder.
VENDOR_NAMES = {"celery", "groq", "ollama", "openai", "redis", "telegram", "queue", "logging"}

#: Where a vendor's library may be imported; a folder stands for everything in it.
VENDORS: dict[str, tuple[str, ...]] = {
    "groq": ("core/llm/groq_chat.py",),
    "ollama": ("core/llm/ollama_chat.py", "core/llm/ollama_client.py"),
    "openai": ("core/llm/openai_chat.py", "ops/proofs/naive/router.py"),
    "sqlcipher3": ("core/db.py", "core/sqlite_file.py"),
    "cryptography": ("core/seal.py", "ops/proofs/rig/memory_pages.py"),
    "alembic": ("core/schema.py", "ops/metadata.py"),
    "telegram": ("bot", "ops/proofs"),
    "celery": ("workers", "bot/hints.py", "ops/proofs"),
    "kombu": ("workers", "bot/hints.py", "ops/proofs"),
    "fluent": ("bot/render",),
    "markdown_it": ("bot/render",),
    "matplotlib": ("core/monitor/pictures.py", "ops/proofs/rig/memory_bench.py"),
    "fakeredis": ("ops/pretend_redis.py",),
    "sqlite3": (),
    "pickle": (),
    "shelve": (),
}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@functools.cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module imported anywhere in `tree`, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_the_guards_below_are_not_vacuous() -> None:
    assert len(FILES) >= 100
    assert {file.relative_to(ROOT).parts[0] for file in FILES} == set(OURS)
    assert all(any(name_of(file).startswith(place) for file in FILES) for place in every_place())


def every_place() -> list[str]:
    return [place for places in VENDORS.values() for place in places]


def test_a_file_can_be_read_in_one_sitting() -> None:
    lengths = {name_of(file): len(file.read_text("utf-8").splitlines()) for file in FILES}

    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{name_of(file)}: {node.name}: {length}"
        for file in FILES
        for node in functions(tree_of(file))
        if node.end_lineno and (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert long == []


def test_a_name_says_what_is_inside() -> None:
    assert [name_of(file) for file in FILES if file.stem in EMPTY_NAMES | VENDOR_NAMES] == []


def test_every_package_has_a_sign_on_its_door() -> None:
    doors = [file for file in FILES if file.name == "__init__.py"]

    unsigned = [name_of(door) for door in doors if not ast.get_docstring(tree_of(door))]

    assert len(doors) >= 15
    assert unsigned == []


def test_a_folder_with_code_is_a_package() -> None:
    folders = {file.parent for file in FILES}

    assert [name_of(each) for each in folders if not (each / "__init__.py").exists()] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_imported_only_where_it_belongs(vendor: str) -> None:
    users = {
        name_of(file)
        for file in FILES
        if any(name == vendor or name.startswith(f"{vendor}.") for name in imports(tree_of(file)))
    }

    strangers = {user for user in users if not user.startswith(VENDORS[vendor])}

    assert strangers == set()
    assert users or not VENDORS[vendor], f"nobody imports {vendor}: does this guard still look?"


def test_nothing_goes_through_a_shell_or_is_evaluated() -> None:
    forbidden = {"eval", "exec", "os.system", "os.popen"}
    calls = [
        (file, node)
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call)
    ]

    found = [
        f"{name_of(file)}:{call.lineno}"
        for file, call in calls
        if ast.unparse(call.func) in forbidden
        or any(each.arg == "shell" and ast.unparse(each.value) != "False" for each in call.keywords)
    ]

    assert len(calls) > 1000
    assert found == []


def test_no_error_is_swallowed() -> None:
    handlers = [
        (file, node)
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ExceptHandler)
    ]

    found = [f"{name_of(file)}:{node.lineno}" for file, node in handlers if swallows(node)]

    assert len(handlers) > 20
    assert found == []


def swallows(handler: ast.ExceptHandler) -> bool:
    """Catches everything by name or by a bare except, and does nothing with it."""
    if handler.type is None:
        return True
    is_silent = all(isinstance(line, ast.Pass | ast.Continue) for line in handler.body)
    return is_silent and ast.unparse(handler.type) in {"Exception", "BaseException"}


def test_nothing_happens_on_import() -> None:
    """At module level: no call whose result nobody keeps, but for wiring Celery's tasks."""
    loose = {
        name_of(file)
        for file in FILES
        for node in tree_of(file).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    }

    assert loose <= {"workers/app.py"}


def test_no_file_names_a_machine_or_leaves_work_undone() -> None:
    marks = re.compile(r"/(?:r[o]ot|h[o]me/\w+|w[o]rk)/|\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b")
    paths = [*FILES, *(ROOT / "tests").rglob("*.py"), *ROOT.glob("*.md")]

    found = [
        f"{name_of(path)}: {match[0]}"
        for path in paths
        if (match := marks.search(path.read_text(encoding="utf-8")))
    ]

    assert found == []


@pytest.mark.loopback
def test_outside_pytest_we_import_our_own_house() -> None:
    # In this process pytest has put the checkout first, so another one must be asked, from `/`.
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.append({str(ROOT)!r}); import ops.house",
    ]
    code = f"{command[-1]}; ops.house.check_our_own_house()"

    subprocess.run([*command[:-1], code], cwd="/", check=True)


def test_a_foreign_core_is_refused(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").touch()
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.path.append({str(ROOT)!r}); "
        "import ops.house; ops.house.check_our_own_house()"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=False
    )

    assert answer.returncode == 1
    assert "`core` comes from" in answer.stderr
