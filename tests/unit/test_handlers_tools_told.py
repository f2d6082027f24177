"""What a model is told of a tool's outcome."""

from __future__ import annotations

from core.conversation.tools import MOST_TOLD, told
from core.monitor.steps import Facts
from core.runs.model import Outcome, StepState

FACTS = Facts("Linux", "6.1", "x86_64", "3.11.7", 2, 1000, "2026-11-20T10:00:00+00:00")


def test_a_tools_dataclass_is_told_as_json() -> None:
    text = told(Outcome(StepState.DONE, FACTS))
    assert '"system":"Linux"' in text
    assert '"free_disk_bytes":1000' in text


def test_a_text_is_told_as_it_is_and_cut_when_it_is_long() -> None:
    assert told(Outcome(StepState.DONE, "sunny")) == "sunny"
    assert told(Outcome(StepState.DONE, "x" * (MOST_TOLD + 5))).endswith(
        "[5 more characters were cut]"
    )


def test_a_failure_is_told_with_its_code() -> None:
    assert "node-away" in told(Outcome(StepState.FAILED, error={"code": "node-away"}))
