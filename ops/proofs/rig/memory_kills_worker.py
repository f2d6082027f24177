"""Writes, summarises, mirrors and re-keys at once until it is killed; says what was committed.

`memory_kills_worker FOLDER ROUND [naive]`. A line `+ <text>` follows each commit.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.errors import Unavailable
from core.memory.model import NewMessage, Role
from core.memory.record_model import Category, NewRecord
from core.memory.summary_model import Batch, Checked, Draft, Point, SummaryState
from core.runs.model import Label
from core.sqlite_file import connect_sqlite
from ops.proofs.rig.memory_rest_home import CHAT, OWNER, Home, home

WRITERS = 2
#: The control's key; it changes by its last byte.
PLAIN_KEY = bytes(range(48))
_speaking = threading.Lock()


def main(folder: Path, number: str, *, is_naive: bool) -> None:
    """Everything in threads; the process ends when one of them fails, or by a kill."""
    if is_naive:
        folder.mkdir(parents=True, exist_ok=True)
        naive = Naive(folder)
        _together([lambda: naive.write(number), naive.mirror, naive.rekey])
        return
    with home(folder) as ours:
        works: list[Callable[[], None]] = [
            lambda: mirror(ours),
            lambda: rekey(ours),
            lambda: summarise(ours),
        ]
        works += [_writer(ours, f"{number}-{each}") for each in range(WRITERS)]
        _together(works)


def _writer(ours: Home, name: str) -> Callable[[], None]:
    return lambda: write(ours, name)


def write(ours: Home, name: str) -> None:
    """A message and a record in each transaction."""
    threads, records = ours.memory.threads, ours.memory.records
    at = 0
    while True:
        text = f"item {name}-{at} of the engine"
        with ours.db.write() as tx:
            thread = threads.current(tx, CHAT)
            threads.add(tx, NewMessage(thread.id, Role.OWNER, text, Label.PRIVATE))
            records.remember(tx, NewRecord(Category.NOTE, text, Label.PRIVATE), OWNER)
        say(f"+ {text}")
        at += 1


def mirror(ours: Home) -> None:
    while True:
        ours.memory.mirror.write()


def rekey(ours: Home) -> None:
    while True:
        try:
            ours.rekey.rekey()
        except Unavailable as error:
            if error.code != "database-busy":
                raise


def summarise(ours: Home) -> None:
    """Whatever is there counts as old; what is kept is archived at once, in a second commit."""
    summaries, archives = ours.memory.summaries, ours.memory.archives
    while True:
        with ours.db.write() as tx:
            batches = summaries.due(tx, ours.clock.now() + timedelta(days=1), 1)
            kept = [summaries.keep(tx, draft(batch)) for batch in batches]
        for summary in kept:
            with ours.db.write() as tx:
                archives.pack(tx, summary.id)


def draft(batch: Batch) -> Draft:
    sources = tuple((each.kind, each.id) for each in batch.originals)
    text = f"{len(sources)} things about the engine"
    points = (Point(text, sources),)
    return Draft(batch, SummaryState.KEPT, text, points, Checked(), batch.label)


class Naive:
    """How it is often done: a copy under the new key that takes the old one's place, and a mirror
    that is written where it lies."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "plain.db"
        self.copy = folder / "plain.json"
        self.key_file = folder / "key"
        if not self.key_file.exists():
            self.key_file.write_bytes(PLAIN_KEY)
        with self.opened() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS items (text TEXT)")

    def opened(self) -> Any:
        return connect_sqlite(self.path, self.key_file.read_bytes())

    def write(self, number: str) -> None:
        at, connection = 0, self.opened()
        while True:
            text = f"item {number}-{at}"
            connection.execute("INSERT INTO items VALUES (?)", (text,))
            say(f"+ {text}")
            at += 1

    def mirror(self) -> None:
        connection = self.opened()
        while True:
            rows = [text for (text,) in connection.execute("SELECT text FROM items")]
            with self.copy.open("w", encoding="utf-8") as file:
                json.dump(rows, file)

    def rekey(self) -> None:
        while True:
            key = os.urandom(48)
            fresh = self.path.with_name("plain.new")
            fresh.unlink(missing_ok=True)
            connection = self.opened()
            connection.execute(f"ATTACH '{fresh}' AS fresh KEY \"x'{key.hex()}'\"")
            connection.execute("SELECT sqlcipher_export('fresh')")
            connection.execute("DETACH fresh")
            connection.close()
            fresh.replace(self.path)
            self.key_file.write_bytes(key)


def say(line: str) -> None:
    with _speaking:
        print(line, flush=True)


def _together(works: list[Callable[[], None]]) -> None:
    """A work that fails ends the process, with what it says on stderr."""
    usual = threading.excepthook

    def end(arguments: threading.ExceptHookArgs) -> None:
        usual(arguments)
        os._exit(3)

    threading.excepthook = end
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], is_naive="naive" in sys.argv[3:])
