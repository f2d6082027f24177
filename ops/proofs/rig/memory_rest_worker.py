"""Puts planted strings wherever words can be, says so, and waits to be killed."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import sqlalchemy as sa

from core import logs
from core.memory.preferences import Preferences
from core.redaction import Redaction
from core.runs.model import Label
from core.runs.notices import Notice
from core.runs.tables import notices, runs
from core.sqlite_file import connect_sqlite
from ops.proofs.rig.memory_rest_home import Home, home

log = logging.getLogger(__name__)


def main(folder: Path, strings: list[str]) -> None:
    """In the folder named `plain`: the control."""
    if folder.name == "plain":
        plain(folder, strings)
        return
    logs.set_up("DEBUG", Redaction())
    with home(folder) as ours:
        if folder.name == "again":
            ours.remember("first")
            ours.rekey.rekey()
        keep(ours, strings)
        ours.memory.mirror.write()
        fail(ours, strings)
        sort(ours)
        if folder.name == "again":
            ours.db.empty_wal()
            ours.rekey.rekey()
            ours.remember("last")
        say_done()


def keep(ours: Home, strings: list[str]) -> None:
    """Everywhere that words can be kept."""
    now = ours.clock.now()
    for number, string in enumerate(strings):
        ours.remember(string, Label.PRIVATE if number % 2 else Label.OPEN)
        with ours.db.write() as tx:
            Preferences(ours.db, ours.clock).set(tx, f"note:{number}", string)
            thread = ours.memory.threads.new(tx, 1000 + number, string[:60])
            ours.memory.threads.keep_summary(tx, thread.id, string, 1, Label.PRIVATE)
            notice = Notice("say", {"text": string})
            row = {"form": "say", "revision": 1, "state": "ready", "attempts": 0, "parts_sent": 0}
            columns = set(notices.c.keys())
            more = {
                "kind": notice.kind, "params": notice.params, "label": Label.PRIVATE,
                "chat_id": 1001, "urgency": 1, "silent": False, "maybe_sent": False,
                "created_at": now, "updated_at": now, **row,
            }  # fmt: skip
            kept = {name: value for name, value in more.items() if name in columns}
            tx.execute(sa.insert(notices).values(**kept))
            run = {
                "id": f"run{number}", "workflow": "w", "version": 1, "args": {"text": string},
                "title": string, "round": 0, "state": "done", "label": "private", "cancel": False,
                "attempts": 0, "created_at": now, "updated_at": now,
            }  # fmt: skip
            tx.execute(sa.insert(runs).values(**run))


def fail(ours: Home, strings: list[str]) -> None:
    """Statements that fail, with the words as their parameters: the error is logged whole."""
    for string in strings:
        try:
            with ours.db.write() as tx:
                tx.execute(sa.text("INSERT INTO nowhere VALUES (:words)"), {"words": string})
        except sa.exc.DBAPIError:
            log.exception("a statement failed")


def sort(ours: Home) -> None:
    """A sort that SQLite would put into a temporary file, if it were not kept in memory."""
    with ours.db.read() as tx:
        every = "SELECT a.text || b.text AS t FROM messages a, messages b ORDER BY t LIMIT 1"
        tx.execute(sa.text(every)).all()


def plain(folder: Path, strings: list[str]) -> None:
    """A database without a key, and a copy as it is often made."""
    connection = connect_sqlite(folder / "memory.db", b"")
    connection.execute("CREATE TABLE memory (id INTEGER PRIMARY KEY, content TEXT)")
    for string in strings:
        connection.execute("INSERT INTO memory (content) VALUES (?)", (string,))
    (folder / "memory_backup.json").write_text(json.dumps(strings), "utf-8")
    say_done()
    connection.close()


def say_done() -> None:
    """And wait: whoever reads this kills us."""
    print("done", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.stdin.readline()))
