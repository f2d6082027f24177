"""What each sandbox is told to show, to hide and to let be written."""

from __future__ import annotations

import sys

import pytest

from core.execution import bwrap, run_macos
from core.execution.run_port import Layer, View

HOME = "/h/me"
VIEW = View(
    scratch=f"{HOME}/mask/scratch/run-1",
    writes=(f"{HOME}/projects/site",),
    shown=(HOME, f"{HOME}/mask/project_folder"),
    hidden=(f"{HOME}/mask", f"{HOME}/app/.env"),
)


def test_the_deeper_folder_lies_on_top() -> None:
    order = [path for path, _layer in VIEW.layers([f"{HOME}/.ssh"])]

    assert order.index(HOME) < order.index(f"{HOME}/mask")
    assert order.index(f"{HOME}/mask") < order.index(f"{HOME}/mask/project_folder")
    assert order.index(f"{HOME}/mask/project_folder") < order.index(VIEW.scratch)
    assert order.index(HOME) < order.index(f"{HOME}/.ssh")


def test_a_folder_that_is_shown_and_written_to_is_written_to() -> None:
    view = View(scratch="/s", writes=("/a",), shown=("/a",))

    assert dict(view.layers())["/a"] is Layer.WRITE


def test_a_command_that_is_alone_is_shown_no_root() -> None:
    assert View(scratch="/s", shown=("/a",), is_alone=True).layers() == [("/s", Layer.WRITE)]


def pairs(arguments: list[str], option: str) -> list[str]:
    return [arguments[at + 1] for at, word in enumerate(arguments) if word == option]


def test_bubblewrap_takes_network_processes_and_rights_away() -> None:
    arguments = bwrap.arguments("bwrap", VIEW, cwd="/", copies=())

    assert {"--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"} <= set(
        arguments
    )
    assert "--share-net" not in arguments
    assert pairs(arguments, "--cap-drop") == ["ALL"]
    assert arguments[-1] == "--"


def test_bubblewrap_lets_only_the_named_folders_be_written() -> None:
    arguments = bwrap.arguments("bwrap", VIEW, cwd="/", copies=())

    assert sorted(pairs(arguments, "--bind")) == sorted([*VIEW.writes, VIEW.scratch])


def test_bubblewrap_shares_the_network_only_when_asked() -> None:
    view = View(scratch="/s", network=True)

    assert "--share-net" in bwrap.arguments("bwrap", view, cwd="/", copies=())


def test_bubblewrap_lays_private_copies_over_program_and_script() -> None:
    copies = [
        bwrap.Copy("/usr/bin/x", 5, executable=True),
        bwrap.Copy("/a/s.py", 6, executable=False),
    ]
    arguments = bwrap.arguments("bwrap", VIEW, cwd="/", copies=copies)

    assert pairs(arguments, "--ro-bind-data") == ["5", "6"]
    at = arguments.index("--ro-bind-data")
    assert arguments[at - 2 : at + 3] == ["--perms", "0555", "--ro-bind-data", "5", "/usr/bin/x"]


def test_a_command_that_is_alone_sees_programs_only() -> None:
    view = View(scratch="/s", is_alone=True)
    arguments = bwrap.arguments("bwrap", view, cwd="/", copies=())

    shown = pairs(arguments, "--ro-bind")
    assert "/" not in shown
    assert {path for path in shown if path != "/dev/null"} <= set(bwrap.SYSTEM)


def test_the_profile_for_macos_allows_nothing_by_itself() -> None:
    profile = run_macos.profile(VIEW, HOME)

    assert profile.splitlines()[:2] == ["(version 1)", "(deny default)"]
    assert "network-outbound" not in profile
    assert f'(deny file-read* file-write* (subpath "{HOME}/mask"))' in profile
    assert f'(allow file-read* file-write* (subpath "{VIEW.scratch}"))' in profile
    assert f'(deny file-read* file-write* (subpath "{HOME}/Library/Keychains"))' in profile
    assert profile.index(f'"{HOME}/mask"') < profile.index(VIEW.scratch)


def test_the_profile_for_macos_opens_the_network_only_when_asked() -> None:
    assert "network-outbound" in run_macos.profile(View(scratch="/s", network=True), HOME)


def test_a_path_cannot_write_rules_into_the_profile() -> None:
    odd = 'a")(allow default)("'
    profile = run_macos.profile(View(scratch="/s", writes=(f"/{odd}\\",)), HOME)

    assert r'"/a\")(allow default)(\"\\"' in profile
    assert "\n(allow default)" not in profile


@pytest.mark.skipif(sys.platform == "win32", reason="a runner of POSIX")
def test_without_sandbox_exec_macos_says_so() -> None:
    from core.clock import ManualClock
    from core.execution.run_port import Sandbox

    tried = []
    runner = run_macos.MacRunner(ManualClock(), None, lambda: bool(tried.append(1)))

    assert runner.sandbox() is Sandbox.NONE
    assert runner.sandbox() is Sandbox.NONE
    assert tried == [1], "tried once"
    held = run_macos.MacRunner(ManualClock(), has_sandbox=True)
    assert held.sandbox() is Sandbox.SEATBELT
    assert held.sandbox(privilege=True) is Sandbox.NONE
