"""One of the processes that write: `python3 -m ops.proofs.rig.memory_writer FOLDER NUMBER MANY`.

Writes MANY memories into FOLDER/memory.db, each in a committed transaction of its own, and prints
how long each took, in milliseconds. With `naive` in front: into FOLDER/memory.json, as the recipes
have it: read, append, write.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from core.clock import SystemClock
from core.db import open_sqlite
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.loading import Loads
from core.memory.record_model import Actor, Category, NewRecord
from core.memory.records import Records
from core.memory.search_index import Index
from ops.proofs.rig.memory_summaries_home import KEY

ACTOR = Actor("proof")


def text_of(number: int, at: int) -> str:
    """A memory that no other process writes."""
    return f"process {number} wrote down item {at}: গাড়ির হিসাব {1_000_000 + number * 10_000 + at} টাকা"


def ours(folder: Path, number: int, many: int) -> list[float]:
    """Each memory in a transaction of its own; seconds each."""
    db, clock, index = open_sqlite(folder / "memory.db", KEY), SystemClock(), Index()
    clocks = Clocks(clock, "home")
    loads = Loads(Archives(clock, clocks, index, "home"))
    records = Records(clocks, index, loads, clock, "home")
    took = []
    for at in range(many):
        new = NewRecord(Category.NOTE, text_of(number, at))
        begun = time.perf_counter()
        with db.write() as tx:
            records.remember(tx, new, ACTOR)
        took.append(time.perf_counter() - begun)
    db.close()
    return took


def naive(folder: Path, number: int, many: int) -> None:
    """The whole file, again and again; renamed into place, so that it can always be read."""
    path = folder / "memory.json"
    for at in range(many):
        known = json.loads(path.read_text("utf-8")) if path.exists() else []
        known.append(text_of(number, at))
        draft = path.with_name(f"memory-{number}.part")
        draft.write_text(json.dumps(known), "utf-8")
        draft.replace(path)


def main(arguments: list[str]) -> int:
    is_naive = arguments[0] == "naive"
    folder, number, many = arguments[-3:]
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    if is_naive:
        naive(Path(folder), int(number), int(many))
    else:
        took = ours(Path(folder), int(number), int(many))
        print(json.dumps([round(1000 * each, 3) for each in took]), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
