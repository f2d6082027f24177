"""Folders that a command may write to, kept first so that /undo brings them back.

Decides whether folders can be kept (200 MB at most, nothing but files, folders and links) and what
the action says about it. The keeping is the trash's (`trash.Trash`), which also undoes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from core.errors import MaskError, Refused
from core.execution.file_tree import Measure
from core.execution.roots import Spot

log = structlog.get_logger(__name__)

MB = 1_000_000
#: What an action says of a size: "at most this". A file that grows between the question and the
#: answer must not make the answer worthless; the exact size is in the preview.
STEPS = (0, 1 * MB, 2 * MB, 5 * MB, 10 * MB, 20 * MB, 50 * MB, 100 * MB, 200 * MB)

Check = Callable[[], None]


class Keeps(Protocol):
    """What is needed of the trash."""

    def measure(self, spots: Sequence[Spot], check: Check = ...) -> Measure: ...

    def keep(
        self, spots: Sequence[Spot], *, run_id: str, position: str, check: Check = ...
    ) -> str: ...

    def settle(self, change_id: str, check: Check = ...) -> bool: ...


@dataclass(frozen=True)
class Estimate:
    """What keeping some folders would take: bytes and entries as they are, and the bytes that the
    action names; None when they cannot be kept."""

    size: int
    entries: int
    at_most: int | None


def estimate(trash: Keeps, spots: Sequence[Spot], check: Check = lambda: None) -> Estimate:
    """Looks at the folders; changes nothing."""
    try:
        found = trash.measure(spots, check)
    except Refused as error:
        if error.code != "tree-too-large":
            raise
        return Estimate(0, 0, None)
    at_most = next((step for step in STEPS if found.size <= step), None)
    return Estimate(found.size, found.entries, at_most if found.can_be_kept else None)


class Kept:
    """Keeps folders around one command: `with Kept(...) as kept`, then `kept.change_id`. It is
    None when nothing was kept, or when the command changed nothing. `problem` is the code of why
    it could not be noted what the command left."""

    def __init__(
        self, trash: Keeps, spots: Sequence[Spot], run_id: str, position: str, check: Check
    ) -> None:
        self._trash = trash
        self._spots = spots
        self._run_id = run_id
        self._position = position
        self._check = check
        self.change_id: str | None = None
        self.problem: str | None = None

    def __enter__(self) -> Self:
        if self._spots:
            self.change_id = self._trash.keep(
                self._spots, run_id=self._run_id, position=self._position, check=self._check
            )
        return self

    def __exit__(self, *_how: object) -> None:
        """Also after a failure: whatever the command left is what /undo takes back. A stop does
        not stop this. What cannot be noted is told with the outcome: the command has run."""
        if self.change_id is None:
            return
        try:
            if not self._trash.settle(self.change_id):
                self.change_id = None
        except MaskError as error:
            log.warning("change-not-settled", change=self.change_id, why=error.code)
            self.problem = error.code
