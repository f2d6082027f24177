"""Forgetting over a database of tests, with the real index and the real archives."""

from __future__ import annotations

import json

import sqlalchemy as sa

from core.clock import ManualClock
from core.db import Database, metadata
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.forget_model import Target
from core.memory.forgetting import Forgets
from core.memory.loading import Loads, item_of_row
from core.memory.model import NewMessage, Role
from core.memory.record_model import Actor, Category, NewRecord
from core.memory.records import Records
from core.memory.search_index import Index
from core.memory.search_model import ItemKind
from core.memory.search_rebuild import Rebuild
from core.memory.summary_model import SummaryState
from core.memory.tables import summaries, summary_sources
from core.memory.threads import Threads
from core.runs.model import Label
from core.runs.ports import NoWake
from core.runs.runs import Runs

OWNER = Actor("telegram:7")
CHAT = 7
WORDS = "গাড়ির বীমা ZQ-4411 শেষ ১২ মার্চ"
#: What must be nowhere: the words, in the database's JSON too.
TRACES = (WORDS, json.dumps(WORDS)[1:-1])


class ForgetWorld:
    """Everything that forgetting touches at one place."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock = db, clock
        self.index, self.clocks = Index(), Clocks(clock, "home")
        self.archives = Archives(clock, self.clocks, self.index, "home")
        self.loads = Loads(self.archives)
        self.records = Records(self.clocks, self.index, self.loads, clock, "home")
        self.threads = Threads(db, clock, "home", index=self.index, clocks=self.clocks)
        self.runs = Runs(clock, NoWake())
        self.forgets = Forgets(
            clock, self.clocks, self.index, self.archives, self.loads, self.runs.cancel
        )

    def remember(self, text: str = WORDS, category: Category = Category.NOTE, **more):
        with self.db.write() as tx:
            return self.records.remember(tx, NewRecord(category, text, **more), OWNER).record

    def say(self, text: str = WORDS, role: Role = Role.OWNER, **more):
        with self.db.write() as tx:
            thread = self.threads.current(tx, CHAT)
            return self.threads.add(tx, NewMessage(thread.id, role, text, **more))

    def summarise(self, points, sources, state=SummaryState.KEPT, text=None):
        """A summary of `sources` ((kind, id), ...) with `points` ((text, sources), ...)."""
        now, summary_id = self.clock.now(), f"s{self.clock.now().timestamp():.0f}"
        text = text or "\n".join(point for point, _ in points)
        with self.db.write() as tx:
            row = {
                "id": summary_id, "state": state, "category": "note", "text": text,
                "points": [
                    {"text": point, "sources": [[int(k), i] for k, i in cited]}
                    for point, cited in points
                ],
                "missing": [], "original_count": len(sources), "since": now, "until": now,
                "label": Label.OPEN, "origin": "home", "clock": 1, "clock_node": "home",
                "created_at": now, "changed_at": now,
            }  # fmt: skip
            tx.execute(sa.insert(summaries).values(**row))
            for kind, source in sources:
                given = {"kind": int(kind), "source_id": source, "summary_id": summary_id}
                tx.execute(sa.insert(summary_sources).values(**given))
            stored = tx.execute(sa.select(summaries).where(summaries.c.id == summary_id)).one()
            if state.has_taken_over:
                self.index.put(tx, item_of_row(summaries, stored, text))
        return summary_id

    def forget(self, *targets: Target, named=()) -> dict[str, int]:
        """Order, walk, finish; what was counted."""
        with self.db.write() as tx:
            order = self.forgets.order(tx, targets, named)
            order_id = self.forgets.ask(tx, order, OWNER)
            counts = self.forgets.carry_out(tx, order_id)
            self.forgets.finish(tx, order_id, "home", counts)
            wrong = Rebuild(self.clock, self.loads, self.index).check(tx)
            assert wrong == ()
        self.order_id = order_id
        return counts

    def row(self, table: sa.Table, row_id: str):
        with self.db.read() as tx:
            return tx.execute(sa.select(table).where(table.c.id == row_id)).one()

    def traces(self, *words: str) -> list[str]:
        """Columns of any table, as they are stored, in which one of `words` is."""
        found = []
        with self.db.read() as tx:
            for table in metadata.sorted_tables:
                for column in table.columns:
                    query = (
                        sa.select(sa.cast(column, sa.LargeBinary))
                        if (isinstance(column.type, sa.LargeBinary))
                        else sa.select(sa.type_coerce(column, sa.Text))
                    )
                    for value in tx.execute(query).scalars():
                        raw = value if isinstance(value, bytes) else str(value).encode()
                        if any(each.encode() in raw for each in words or TRACES):
                            found.append(f"{table.name}.{column.name}")
        return sorted(set(found))


def of_record(record) -> Target:
    return Target(ItemKind.RECORD, record.id)


def of_message(message) -> Target:
    kind = ItemKind.MESSAGE if message.role is Role.OWNER else ItemKind.ANSWER
    return Target(kind, message.id)
