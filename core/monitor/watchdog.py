"""The watchdog: has a deaf worker restarted, and tells the owner once.

Decides, from the age of the last echo, whether the home worker is deaf. It restarts nothing: it
leaves `MASK_HOME/run/restart-<name>` (name as in the Procfile), which the supervisor takes up. The
bot calls `check` every few seconds, because the bot lives when the worker does not. A silence that
a restart cannot end (broker away, machine asleep, nobody running beat yet) is not deafness.
"""

from __future__ import annotations

import enum
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from core.db import Database, Transaction
from core.memory.preferences import Preferences
from core.monitor.echo import last_echo
from core.runs.notices import Level, Notice, alert

#: Seconds between echoes; three missed ones are deafness.
ECHO_EVERY_S = 60
MISSED = 3
DEAF_AFTER = timedelta(seconds=ECHO_EVERY_S * MISSED)
#: A longer pause between two checks means that the machine slept; silence is counted anew.
SLEPT_AFTER = timedelta(seconds=90)
PREFERENCE = "watchdog:worker"


class Verdict(enum.StrEnum):
    """What a check found."""

    WELL = "well"  # echoes come, or it is too early to tell
    DEAF = "deaf"  # three echoes were missed: ask for a restart and tell the owner
    STILL_DEAF = "still-deaf"  # a restart did not help for three echoes: ask again, say nothing
    BACK = "back"  # the first echo after deafness


@dataclass(frozen=True)
class Watch:
    """What the watchdog remembers. `since`: silence counts from here at the earliest."""

    since: datetime
    checked_at: datetime
    asked_at: datetime | None = None  # a restart was asked for, and no echo has come since


def judge(watch: Watch, echo_at: datetime | None, now: datetime, *, broker_is_up: bool) -> Verdict:
    """Pure: the verdict of a check at `now`."""
    if watch.asked_at is not None and echo_at is not None and echo_at > watch.asked_at:
        return Verdict.BACK
    if not broker_is_up or now - watch.checked_at > SLEPT_AFTER:
        return Verdict.WELL
    heard = max(filter(None, (echo_at, watch.since, watch.asked_at)))
    if now - heard < DEAF_AFTER:
        return Verdict.WELL
    return Verdict.DEAF if watch.asked_at is None else Verdict.STILL_DEAF


def follow(watch: Watch, verdict: Verdict, now: datetime, *, broker_is_up: bool) -> Watch:
    """Pure: what to remember after a check."""
    if not broker_is_up or now - watch.checked_at > SLEPT_AFTER:
        watch = replace(watch, since=now)
    if verdict in {Verdict.DEAF, Verdict.STILL_DEAF}:
        watch = replace(watch, asked_at=now)
    if verdict is Verdict.BACK:
        watch = replace(watch, asked_at=None)
    return replace(watch, checked_at=now)


class Watchdog:
    """`put` stores a notice (`Mailbox.put`); `broker_is_up` says whether Redis answers, quickly."""

    def __init__(
        self,
        db: Database,
        preferences: Preferences,
        put: Callable[[Transaction, Notice], object],
        run_dir: Path,
        started_at: datetime,
        broker_is_up: Callable[[], bool] = lambda: True,
        process: str = "worker",
    ) -> None:
        self._db = db
        self._preferences = preferences
        self._put = put
        self._run_dir = run_dir
        self._broker_is_up = broker_is_up
        self._process = process
        self._watch: Watch | None = None
        self._started_at = started_at

    def check(self, now: datetime) -> Verdict:
        """Look once; call it every five to thirty seconds."""
        broker_is_up = self._broker_is_up()
        with self._db.read() as tx:
            echo_at = last_echo(tx)
            watch = self._watch or self._remembered(tx)
        verdict = judge(watch, echo_at, now, broker_is_up=broker_is_up)
        if verdict is not Verdict.WELL:
            self._act(verdict, now)
        self._watch = follow(watch, verdict, now, broker_is_up=broker_is_up)
        return verdict

    def _act(self, verdict: Verdict, now: datetime) -> None:
        """The owner hears of it in the transaction that remembers it; a crash in between asks for
        one restart too many, never for one too few."""
        if verdict in {Verdict.DEAF, Verdict.STILL_DEAF}:
            request_restart(self._run_dir, self._process)
        level = {Verdict.DEAF: Level.PROBLEM, Verdict.BACK: Level.RESOLVED}.get(verdict)
        asked_at = None if verdict is Verdict.BACK else now.isoformat()
        with self._db.write() as tx:
            self._preferences.set(tx, PREFERENCE, asked_at)
            if level is not None:
                minutes = DEAF_AFTER // timedelta(minutes=1)
                self._put(tx, alert(level, self._process, "deaf", minutes=minutes))

    def _remembered(self, tx: Transaction) -> Watch:
        """After a restart of the bot: whether a restart is still being waited for."""
        asked_at = self._preferences.get(tx, PREFERENCE)
        asked = None if asked_at is None else datetime.fromisoformat(asked_at)
        return Watch(self._started_at, self._started_at, asked)


def request_restart(run_dir: Path, process: str) -> None:
    """Ask the supervisor to restart a process of the Procfile; asking twice is asking once."""
    run_dir.mkdir(parents=True, exist_ok=True)
    draft = run_dir / f".restart-{process}.{secrets.token_hex(4)}"
    draft.write_text(f"{os.getpid()}\n", encoding="utf-8")
    draft.replace(run_dir / f"restart-{process}")
