"""Attacks on commands: what was shown is what runs, nobody gets out, nobody stays behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused
from core.execution.command_plan import RunCommand
from core.execution.run_port import Finished, Launch, Sandbox, Sink
from core.runs.cancel import CancelToken
from tests.integration.runner_world import Place, place

__all__ = ["place"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="attacks on the Linux runner")
ROOT = Path(__file__).resolve().parents[2]


class Meddling:
    """A runner that lets somebody act between the last look of the plan and the start."""

    def __init__(self, inner: Any, act: Callable[[], None]) -> None:
        self._inner = inner
        self._act = act

    def sandbox(self, *, privilege: bool = False) -> Sandbox:
        found: Sandbox = self._inner.sandbox(privilege=privilege)
        return found

    def get_ready(self) -> None:
        self._inner.get_ready()

    def run(self, launch: Launch, sink: Sink, cancel: CancelToken) -> Finished:
        self._act()
        finished: Finished = self._inner.run(launch, sink, cancel)
        return finished


def meddle(place: Place, act: Callable[[], None]) -> None:
    place.room._runner = Meddling(place.room._runner, act)


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)


def swap_in_place(path: Path) -> None:
    script(path, "echo evil")


def swap_by_name(path: Path) -> None:
    other = path.with_name("other")
    script(other, "echo evil")
    other.rename(path)


def swap_by_link(path: Path) -> None:
    other = path.with_name("other")
    script(other, "echo evil")
    path.unlink()
    path.symlink_to(other)


SWAPS = [swap_in_place, swap_by_name, swap_by_link]
ASKED = [RunCommand(argv=["./x.sh"], path="docs:"), RunCommand(argv=["sh", "x.sh"], path="docs:")]


@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.__name__)
@pytest.mark.parametrize("asked", ASKED, ids=["program", "script"])
def test_a_file_swapped_after_the_yes_does_not_run(
    place: Place, asked: RunCommand, swap: Callable[[Path], None]
) -> None:
    script(place.docs / "x.sh", "echo good")
    action = place.prepare(asked)
    swap(place.docs / "x.sh")

    with pytest.raises(Refused, match="action-changed"):
        place.perform(asked, action)


@pytest.mark.parametrize("swap", SWAPS, ids=lambda swap: swap.__name__)
@pytest.mark.parametrize("asked", ASKED, ids=["program", "script"])
def test_a_file_swapped_at_the_very_last_moment_does_not_run(
    place: Place, asked: RunCommand, swap: Callable[[Path], None]
) -> None:
    script(place.docs / "x.sh", "echo good")
    action = place.prepare(asked)
    meddle(place, lambda: swap(place.docs / "x.sh"))

    with pytest.raises(Refused, match="command-changed"):
        place.perform(asked, action)


def test_a_script_swapped_while_it_is_read_is_the_old_one_in_bubblewrap(place: Place) -> None:
    """Only bubblewrap lays a private copy over the path; elsewhere the interpreter reads anew."""
    if place.fields(RunCommand(argv=["echo"]))["sandbox"] != "bwrap":
        assert place.fields(RunCommand(argv=["echo"]))["sandbox"] in {"landlock", "none"}
        return
    (place.docs / "x.sh").write_text("echo good; sleep 1; cat x.sh\n" + "#" * 100_000)
    asked = RunCommand(argv=["sh", "x.sh"], path="docs:")
    action = place.prepare(asked)
    threading.Timer(0.5, lambda: swap_in_place(place.docs / "x.sh")).start()

    assert "evil" not in place.perform(asked, action)[0].text


def test_a_folder_swapped_for_a_link_is_not_written_to(place: Place) -> None:
    inside, outside = place.docs / "inside", place.home / "outside"
    inside.mkdir()
    outside.mkdir()
    asked = RunCommand(argv=["touch", "written"], path="docs:/inside", writes=["docs:/inside"])
    action = place.prepare(asked)

    def swap() -> None:
        inside.rename(place.docs / "was")
        inside.symlink_to(outside)

    meddle(place, swap)

    with pytest.raises(Refused):
        place.perform(asked, action)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"argv": ["echo", "a", "b "]},
        {"argv": ["echo", "a b"]},
        {"argv": ["echo", "b", "a"]},
        {"argv": ["printf", "a", "b"]},
        {"argv": ["/bin/echo", "a", "b"]},
        {"env": {"A": "2"}},
        {"env": {}},
        {"path": "docs:"},
        {"writes": ["docs:"]},
        {"network": True},
        {"timeout_s": 61},
        {"stdin": "other"},
    ],
    ids=str,
)
def test_whatever_is_changed_after_the_yes_is_another_action(
    place: Place, change: dict[str, Any]
) -> None:
    asked = RunCommand(argv=["echo", "a", "b"], env={"A": "1"}, stdin="in")
    action = place.prepare(asked)
    if change == {"network": True} and not place.is_held:
        change = {"timeout_s": 62}  # without a sandbox the network is on anyway, and says so

    with pytest.raises(Refused, match="action-changed"):
        place.perform(replace(asked, **change), action)


def test_deleting_in_another_way_than_rm_reaches_nothing_either(place: Place) -> None:
    """Effects are held, not words (nanobot#979)."""
    (place.docs / "kept").write_text("kept")
    code = f"import shutil; shutil.rmtree({str(place.docs)!r}, True)"
    place.do(RunCommand(argv=[sys.executable, "-I", "-S", "-c", code]))
    place.do(RunCommand(argv=["find", str(place.docs), "-delete"]))

    assert (place.docs / "kept").exists() is place.is_held


def test_a_command_cannot_signal_other_processes(place: Place) -> None:
    if not place.is_held:
        assert place.fields(RunCommand(argv=["echo"]))["secrets_reachable"] is True
        return
    victim = subprocess.Popen(["sleep", "300"])
    try:
        # One process of ours and no more: were the sandbox broken, this would really be sent.
        place.do(RunCommand(script=f"kill -9 {victim.pid}; true"))
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


def test_a_command_cannot_reach_another_programs_socket(place: Place) -> None:
    where = place.docs / "agent"
    connect = f"import socket; socket.socket(socket.AF_UNIX).connect({str(where)!r}); print('in')"
    previous = Path.cwd()
    os.chdir(place.docs)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("agent")
            server.listen()
            for network in (False, True):
                argv = [sys.executable, "-I", "-S", "-c", connect.replace(str(where), "agent")]
                text = place.do(RunCommand(argv=argv, path="docs:", network=network)).text
                assert (text != "in\n") is place.is_held
    finally:
        os.chdir(previous)


@pytest.mark.parametrize("name", ["own session", "daemon", "deaf family"])
def test_the_usual_way_leaves_survivors(name: str) -> None:
    from ops.proofs.rig import hostile

    assert hostile.naive(name) > 0


def programs() -> list[str]:
    from ops.proofs.rig import hostile

    return list(hostile.PROGRAMS)


@pytest.mark.parametrize("way", ["best", "worst"])
@pytest.mark.parametrize("name", programs() if sys.platform == "linux" else [])
def test_no_hostile_program_survives_its_end(name: str, way: str) -> None:
    from ops.proofs.rig import hostile
    from ops.proofs.rig.runner_stand import rungs

    found = list(rungs().values())[0 if way == "best" else -1]
    how = "stop" if way == "best" else "time"

    _killed, survivors, took_s = hostile.attack(found, name, how, share=0.05)

    assert survivors == 0
    assert took_s <= hostile.STOP_S


def test_fifty_planted_secrets_stay_out_of_every_sandbox() -> None:
    from ops.proofs.rig import canaries
    from ops.proofs.rig.report import Dose

    assert canaries.prove(Dose()).broken == []


def test_a_tree_dies_with_its_worker(tmp_path: Path) -> None:
    from ops.proofs.rig.runner_stand import marked, rungs, wanted

    for way, found in rungs().items():
        scratch = tmp_path / way
        scratch.mkdir()
        mark = f"mask-orphan-{way}-{os.getpid()}"
        code = "import os, time; os.fork() or os.setsid(); time.sleep(300)"
        argv = [sys.executable, "-I", "-S", "-c", code, mark]
        one = wanted(found, argv, os.path.realpath(scratch))
        worker = subprocess.Popen(
            [sys.executable, "-m", "ops.proofs.rig.runner_stand"], cwd=ROOT, stdin=subprocess.PIPE
        )
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(asdict(one)).encode() + b"\n")
        worker.stdin.flush()
        until(lambda mark=mark: len(marked(mark)) >= 2)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdin.close()

        until(lambda mark=mark: not marked(mark))


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < give_up, "it did not come to that"
        pause.wait(0.02)
