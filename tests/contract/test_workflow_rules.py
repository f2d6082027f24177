"""Workflows are replayed: what would make two replays differ is not in them.

A workflow may be entered many times and left at any yield, so it has no `finally`, no `with`, no
handler that would catch the engine's own exit, no sets (their order changes between processes),
and it uses nothing from clocks, randomness or I/O.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = sorted((ROOT / "core").rglob("*.py"))
#: Modules that give another answer each time, or touch the world.
UNSTEADY = {
    "asyncio", "http", "io", "locale", "multiprocessing", "os", "pathlib", "platform",
    "queue", "random", "secrets", "shutil", "socket", "subprocess", "sys", "tempfile", "threading",
    "time", "urllib", "uuid", "structlog", "redis", "sqlalchemy", "core.clock", "core.db",
    "core.ids", "core.config",
}  # fmt: skip
WIDE = {"Exception", "BaseException", "GeneratorExit", "MaskError", "errors.MaskError"}


def workflows(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions decorated with `@workflow(...)`, and the generators they `yield from`."""
    named = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    todo = [
        node for node in named.values() if any(is_workflow(each) for each in node.decorator_list)
    ]
    seen: set[str] = set()
    while todo:
        node = todo.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        yield node
        for inner in ast.walk(node):
            if isinstance(inner, ast.YieldFrom) and isinstance(inner.value, ast.Call):
                called = ast.unparse(inner.value.func).rpartition(".")[2]
                todo += [named[called]] if called in named else []


def is_workflow(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).rpartition(".")[2] == "workflow"


def is_subworkflow(node: ast.FunctionDef) -> bool:
    """A generator of steps that other files `yield from`: it says so in its return type."""
    returns = ast.unparse(node.returns) if node.returns else ""
    yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))
    return yields and "StepCall" in returns


def faults(tree: ast.Module) -> list[str]:
    """What breaks the rules in the workflows of one file."""
    bodies = {node.name: node for node in workflows(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and is_subworkflow(node):
            bodies.setdefault(node.name, node)
    unsteady = unsteady_names(tree)
    return [
        f"{name}: {fault}"
        for name, body in bodies.items()
        for fault in (*faults_of(body), *uses(body, unsteady))
    ]


def uses(body: ast.FunctionDef, unsteady: dict[str, str]) -> Iterator[str]:
    """Names in the body that come from a clock, randomness or I/O."""
    for node in ast.walk(body):
        if isinstance(node, ast.Name) and node.id in unsteady:
            yield f"uses {unsteady[node.id]}"
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
            yield f"asks for the time: {ast.unparse(node)}"


def unsteady_names(tree: ast.Module) -> dict[str, str]:
    """Names of the file that its imports bind to something unsteady, with where they come from."""
    bound: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            pairs = [(alias.asname or alias.name.split(".")[0], alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            pairs = [
                (each.asname or each.name, f"{node.module}.{each.name}") for each in node.names
            ]
        else:
            continue
        bound |= {name: origin for name, origin in pairs if is_unsteady(origin)}
    return bound


def is_unsteady(origin: str) -> bool:
    parts = origin.split(".")
    return any(".".join(parts[:length]) in UNSTEADY for length in range(1, len(parts) + 1))


def faults_of(body: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(body):
        match node:
            case ast.Try(finalbody=[_, *_]):
                yield "finally runs at every replay"
            case ast.With() | ast.AsyncWith():
                yield "with is left at every yield"
            case ast.ExceptHandler(type=None):
                yield "a bare except catches the engine's exit"
            case ast.ExceptHandler(type=caught) if caught and WIDE & names(caught):
                yield f"except {ast.unparse(caught)} is too wide"
            case ast.Set() | ast.SetComp():
                yield "a set has another order in another process"
            case ast.Call(func=ast.Name(id="set" | "frozenset")):
                yield "a set has another order in another process"
            case ast.Import() | ast.ImportFrom():
                yield "an import inside"
            case _:
                pass


def names(caught: ast.expr) -> set[str]:
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return {ast.unparse(part) for part in parts}


def test_the_guard_finds_the_workflows_that_exist() -> None:
    found = {node.name for file in CORE for node in workflows(ast.parse(file.read_text()))}

    assert "chat_turn" in found


def test_workflows_hold_nothing_that_a_replay_would_see_differently() -> None:
    found = {
        file.relative_to(ROOT).as_posix(): wrong
        for file in CORE
        if (wrong := faults(ast.parse(file.read_text(encoding="utf-8"))))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("try:\n        yield 1\n    finally:\n        done()", "finally"),
        ("with lock:\n        yield 1", "with"),
        ("try:\n        yield 1\n    except:\n        pass", "bare"),
        ("try:\n        yield 1\n    except (KeyError, Exception):\n        pass", "too wide"),
        ("yield {1, 2}", "set"),
        ("yield list(set(args))", "set"),
        ("import time\n    yield 1", "import inside"),
    ],
)
def test_each_rule_catches_its_fault(code: str, fault: str) -> None:
    tree = ast.parse(f"@workflow('x', version=1, args=int)\ndef story(args):\n    {code}\n")

    assert any(fault in found for found in faults(tree))


@pytest.mark.parametrize("use", ["time.time()", "datetime.now(UTC)", "ids.new_id()"])
def test_a_clock_or_chance_in_a_workflow_is_found(use: str) -> None:
    tree = ast.parse(
        "import time\nfrom datetime import UTC, datetime\nfrom core import ids\n"
        f"@workflow('x', version=1, args=int)\ndef story(a):\n    yield {use}\n"
    )

    assert faults(tree) != []


def test_a_clock_in_the_step_beside_a_workflow_is_none_of_its_business() -> None:
    tree = ast.parse(
        "import time\ndef step(a):\n    return time.time()\n"
        "@workflow('x', version=1, args=int)\ndef story(a):\n    yield step(a)\n"
    )

    assert faults(tree) == []


def test_a_fault_in_a_subworkflow_is_found() -> None:
    tree = ast.parse(
        "def inner():\n    with lock:\n        yield 1\n"
        "@workflow('x', version=1, args=int)\ndef story(a):\n    yield from inner()\n"
    )

    assert any(found.startswith("inner: with") for found in faults(tree))
