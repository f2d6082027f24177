"""A failed connect is tried again when that can help, and its cause is named when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from core import connecting
from core.connecting import Cause, Patience, diagnose
from core.errors import Unavailable


class DriverError(Exception):
    """What a driver would raise."""


def failure(words: str) -> sa.exc.DBAPIError:
    return sa.exc.OperationalError("connect", None, DriverError(words))


class Door:
    """Fails with `words` so many times, then opens."""

    def __init__(self, words: str, times: int) -> None:
        self.words = words
        self.times = times
        self.tries = 0

    def connect(self) -> str:
        self.tries += 1
        if self.tries <= self.times:
            raise failure(self.words)
        return "open"


def opened(door: Door, told: list[Cause], pauses: list[float]) -> str:
    """As `Database` does it: the first try, then patience."""
    patience = Patience(told=told.append, sleep=pauses.append)
    try:
        return door.connect()
    except sa.exc.DBAPIError as error:
        return patience.again(door.connect, error)


def test_what_fails_twice_and_then_connects_is_open_after_two_pauses_of_four_to_ten_seconds() -> (
    None
):
    told: list[Cause] = []
    pauses: list[float] = []
    door = Door("database is locked", 2)

    assert opened(door, told, pauses) == "open"

    assert door.tries == 3
    assert len(pauses) == 2
    assert all(4 <= pause <= 10 for pause in pauses)
    assert told == []


def test_what_fails_three_times_raises_with_its_cause_and_is_told_once() -> None:
    told: list[Cause] = []
    door = Door("connection refused", 99)

    with pytest.raises(Unavailable) as raised:
        opened(door, told, [])

    assert door.tries == 3
    assert raised.value.code == "database-unreachable"
    assert raised.value.params == {"cause": "port"}
    assert told == [Cause.PORT]


@pytest.mark.parametrize(
    "words", ["file is not a database", "password authentication failed for user mask"]
)
def test_what_another_try_cannot_help_rises_at_once(words: str) -> None:
    pauses: list[float] = []
    door = Door(words, 99)

    with pytest.raises(sa.exc.DBAPIError, match=words):
        opened(door, [], pauses)

    assert door.tries == 1
    assert pauses == []


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("database is locked", Cause.LOCKED),
        ("file is not a database", Cause.KEY),
        ("database disk image is malformed", Cause.DAMAGED),
        ("database or disk is full", Cause.FULL),
        ('connection to server at "127.0.0.1", port 5433 failed: Connection refused', Cause.PORT),
        ("connection timeout expired", Cause.PORT),
        ("FATAL: the database system is starting up", Cause.PORT),
        ("could not translate host name to address", Cause.PORT),
        ("[Errno -2] Name or service not known", Cause.PORT),
        ('FATAL:  password authentication failed for user "mask"', Cause.REFUSED),
        ('FATAL:  database "mask" does not exist', Cause.REFUSED),
        ("unable to open database file", Cause.OTHER),
    ],
)
def test_a_refusal_names_its_probable_cause(words: str, cause: Cause) -> None:
    assert diagnose(failure(words)) is cause


def test_an_io_error_on_a_full_disk_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "memory.db"
    assert diagnose(failure("disk I/O error"), path) is Cause.OTHER

    monkeypatch.setattr(connecting.shutil, "disk_usage", lambda _folder: Full())

    assert diagnose(failure("disk I/O error"), path) is Cause.FULL


class Full:
    """A disk with a page left."""

    free = 4096


def test_only_a_page_that_is_not_whole_counts_as_damage() -> None:
    assert connecting.is_damage(failure("database disk image is malformed"))
    assert not connecting.is_damage(failure("malformed JSON"))
    assert not connecting.is_damage(ValueError("database disk image is malformed"))
