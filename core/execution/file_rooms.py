"""The file room of a place, put together; wiring gives it what differs between places."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import Clock
from core.execution.file_plans import Plans
from core.execution.file_ports import Contents
from core.execution.file_search import Search
from core.execution.file_steps import FileRoom
from core.execution.file_undo import Undoing
from core.execution.files import Files
from core.execution.roots import Roots
from core.execution.trash import Trash
from core.runs.model import Label


def file_room(
    place: str,
    roots: Roots,
    trash: Trash,
    contents: Contents,
    clock: Clock,
    label_of: Callable[[str], Label],
) -> FileRoom:
    """`label_of` says of a root's name whether what is in it may leave the owner's machines."""
    return FileRoom(
        place=place,
        roots=roots,
        files=Files(roots, contents),
        search=Search(clock),
        plans=Plans(trash, contents),
        undoing=Undoing(trash),
        label_of=label_of,
    )
