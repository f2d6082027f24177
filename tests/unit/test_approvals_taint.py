"""What a run had read before it asked: names and sources, never content."""

from __future__ import annotations

from typing import Any

from core.approvals.taint import MOST_READ, read_before
from core.runs.model import Kind, StepRow, StepState


def step(position: str, name: str, inputs: Any, **values: Any) -> StepRow:
    given: dict[str, Any] = {
        "kind": Kind.READ,
        "state": StepState.DONE,
        "outcome": {"text": "SECRET"},
        **values,
    }
    return StepRow("r", position, name, 1, place="pc", inputs=inputs, digest="", **given)


def test_it_lists_sources_in_order_and_once() -> None:
    steps = [
        step("3", "files.read", {"path": "docs:/b"}),
        step("1", "files.read", {"path": "docs:/a"}),
        step("2", "web.fetch", {"url": "https://example.org/x", "path": "y"}),
        step("4", "files.read", {"path": "docs:/a"}),
    ]
    assert read_before(steps, "5") == [
        {"what": "files.read", "name": "docs:/a"},
        {"what": "web.fetch", "name": "https://example.org/x"},
        {"what": "files.read", "name": "docs:/b"},
    ]


def test_what_came_later_beside_it_or_failed_is_not_listed() -> None:
    steps = [
        step("5", "files.read", {"path": "later"}),
        step("4.0", "files.read", {"path": "beside"}),
        step("1", "files.read", {"path": "failed"}, state=StepState.FAILED),
    ]
    assert read_before(steps, "4.1") == []


def test_a_command_that_ran_brought_its_output() -> None:
    ran = step(
        "1",
        "command.run",
        {"argv": ["cat", "secret.txt"], "path": "x"},
        kind=Kind.ONCE,
        action={"canonical": "{}"},
    )
    assert read_before([ran], "2") == [{"what": "command.run", "name": "cat"}]


def test_steps_of_our_own_that_look_nowhere_are_not_listed() -> None:
    assert read_before([step("1", "llm.route", {"label": "open"})], "2") == []


def test_content_never_appears() -> None:
    found = read_before([step("1", "files.read", {"path": "a", "text": "SECRET"})], "2")
    assert "SECRET" not in str(found)


def test_more_than_fit_are_counted() -> None:
    steps = [step(str(n), "files.read", {"path": f"f{n}"}) for n in range(1, 51)]
    found = read_before(steps, "60")
    assert len(found) == MOST_READ
    assert found[-1] == {"what": "more", "name": str(50 - MOST_READ + 1)}
