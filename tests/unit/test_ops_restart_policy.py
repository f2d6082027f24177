"""How long the supervisor waits, and what the front door does, without any process."""

from __future__ import annotations

import pytest

from ops import environment, front
from ops.commands import COMMANDS
from ops.supervisor import pause_before_restart


def test_the_first_restart_is_at_once() -> None:
    assert pause_before_restart(0, was_killed=False) <= 0.1


def test_pauses_grow_to_a_bound() -> None:
    pauses = [pause_before_restart(lives, was_killed=False) for lives in range(20)]

    assert pauses == sorted(pauses)
    assert pauses[-1] == 30.0


def test_whoever_was_killed_comes_back_soon_however_often() -> None:
    assert max(pause_before_restart(lives, was_killed=True) for lives in range(100)) < 0.5


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Failed to establish a new connection: [Errno -3] name resolution", "network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for sqlcipher3", "3.12"),
    ],
)
def test_a_failed_installation_names_the_remedy(said: str, remedy: str) -> None:
    assert remedy in environment.explain(said)


def test_no_address_of_a_package_index_is_shown() -> None:
    shown = environment.explain("ERROR: broken https://user:pass@index.example/simple host='x.y'")

    assert "index.example" not in shown
    assert "x.y" not in shown


def test_every_command_is_in_the_overview() -> None:
    text = front.overview()

    assert COMMANDS
    assert all(f"  {name} " in text for name in COMMANDS)


def test_an_unknown_command_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert front.main(["dance"]) == 2
    assert "no command 'dance'" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_without_installing(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = front.main([name, "--help"])
    except SystemExit as done:
        code = int(done.code or 0)

    assert code == 0
    assert name in "".join(capsys.readouterr())
