"""Windows' rules by handle, on a kernel in memory: reparse points, short names, held folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PureWindowsPath

import pytest

from core.errors import Refused
from core.execution.file_ports import Facts, Shape
from core.execution.file_windows import DIRECTORY, REPARSE, WindowsFolder, judged

TOP = "\\\\?\\C:\\box"


@dataclass
class MemoryKernel:
    """Names to attributes, and to the final path where that is another."""

    attributes: dict[str, int]
    finals: dict[str, str] = field(default_factory=dict)
    handles: dict[int, str] = field(default_factory=dict)
    opened: list[tuple[str, bool]] = field(default_factory=list)

    def open(self, path: str, *, is_folder: bool) -> int:
        if path not in self.attributes:
            raise FileNotFoundError(path)
        handle = len(self.opened) + 1
        self.opened.append((path, is_folder))
        self.handles[handle] = path
        return handle

    def facts(self, handle: int) -> tuple[int, Facts]:
        path = self.handles[handle]
        number = list(self.attributes).index(path)
        return self.attributes[path], Facts(Shape.FILE, 3, 0, 0, 1, number, 1)

    def final_path(self, handle: int) -> str:
        return self.finals.get(self.handles[handle], self.handles[handle])

    def descriptor(self, handle: int) -> int:
        return 1000 + handle

    def create(self, path: str) -> int:
        self.attributes[path] = 0
        return 1

    def move(self, old: str, new: str) -> None:
        if new in self.attributes:
            raise FileExistsError(new)
        self.attributes[new] = self.attributes.pop(old)

    def close(self, handle: int) -> None:
        del self.handles[handle]


@pytest.fixture
def kernel() -> MemoryKernel:
    return MemoryKernel(
        {
            TOP: DIRECTORY,
            f"{TOP}\\a": DIRECTORY,
            f"{TOP}\\a\\b": DIRECTORY,
            f"{TOP}\\a\\b\\f.txt": 0,
            f"{TOP}\\junction": DIRECTORY | REPARSE,
            f"{TOP}\\junction\\f.txt": 0,
            f"{TOP}\\link.txt": REPARSE,
            f"{TOP}\\LONGNA~1": DIRECTORY,
            f"{TOP}\\A": DIRECTORY,
        },
        {f"{TOP}\\LONGNA~1": f"{TOP}\\long name", f"{TOP}\\A": f"{TOP}\\a"},
    )


def top(kernel: MemoryKernel, protected=frozenset()) -> WindowsFolder:
    return WindowsFolder.open(PureWindowsPath(TOP), protected, kernel)


def test_every_folder_of_the_way_is_held(kernel) -> None:
    root = top(kernel)
    with root.beneath(["a", "b"]) as folder:
        assert sorted(kernel.handles.values()) == [TOP, f"{TOP}\\a", f"{TOP}\\a\\b"]
        assert all(is_folder for _, is_folder in kernel.opened)
        assert folder.read("f.txt") == 1000 + 4
    root.close()
    assert list(kernel.handles.values()) == [f"{TOP}\\a\\b\\f.txt"]  # the descriptor owns it


@pytest.mark.parametrize("parts", [["junction"], ["junction", "x"]])
def test_no_reparse_point_is_entered(kernel, parts) -> None:
    root = top(kernel)
    with pytest.raises(Refused, match="path-has-link"):
        root.beneath(parts)
    assert list(kernel.handles.values()) == [TOP]


def test_no_reparse_point_is_read(kernel) -> None:
    root = top(kernel)
    assert root.facts("link.txt").shape is Shape.LINK
    with pytest.raises(Refused, match="path-has-link"):
        root.read("link.txt")
    assert list(kernel.handles.values()) == [TOP]


def test_a_short_name_is_not_the_name_that_was_shown(kernel) -> None:
    with pytest.raises(Refused, match="path-has-link"):
        top(kernel).beneath(["LONGNA~1"])


def test_the_case_of_letters_is_windows_own_matter(kernel) -> None:
    with top(kernel).beneath(["A"]) as folder:
        assert folder.itself().shape is Shape.FOLDER


def test_the_systems_own_folders_are_not_entered(kernel) -> None:
    protected = frozenset({(1, list(kernel.attributes).index(f"{TOP}\\a"))})
    with pytest.raises(Refused, match="path-protected"):
        top(kernel, protected).beneath(["a", "b"])


def test_a_file_is_no_folder_and_a_folder_no_file(kernel) -> None:
    root = top(kernel)
    with pytest.raises(Refused, match="not-a-folder"):
        root.beneath(["a", "b", "f.txt"])
    with pytest.raises(Refused, match="file-is-folder"):
        root.read("a")


@pytest.mark.parametrize("name", ["f.txt:stream", "NUL", "f.", "..", "a\\b", "a/b"])
def test_names_are_checked_again_at_the_last_moment(kernel, name) -> None:
    with pytest.raises(Refused, match="path-refused"):
        top(kernel).read(name)


def test_a_move_replaces_nothing(kernel) -> None:
    with pytest.raises(FileExistsError):
        top(kernel).move("a", "junction")
    assert top(kernel).swap("a", "junction") is False


def test_what_attributes_mean() -> None:
    facts = Facts(Shape.FILE, 0, 0, 0, 0, 0, 1)
    assert judged(DIRECTORY | REPARSE, facts).shape is Shape.LINK
    assert judged(0x40, facts).shape is Shape.SPECIAL
    assert judged(0x1, facts).mode & 0o222 == 0
