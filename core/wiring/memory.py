"""What the bot and the workers share of memory: its clock, index, stores and what reads them.

Opens nothing and asks no model: finding by meaning is the worker's, which knows one
(`core.wiring.upkeep`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.memory.archives import Archives
from core.memory.carrying import Carries
from core.memory.clocks import Clocks
from core.memory.forgetting import Forgets
from core.memory.links import Links
from core.memory.loading import Loads
from core.memory.mirror import Mirror
from core.memory.old_summaries import OldSummaries
from core.memory.proposals import Proposals
from core.memory.records import Records
from core.memory.search import Search
from core.memory.search_index import Index
from core.memory.thread_moves import ThreadMoves
from core.memory.thread_reading import ThreadReading
from core.memory.threads import Threads
from core.redaction import Redaction
from core.runs.runs import Runs
from core.seal import Master
from core.upkeep.archiving import Reviews


@dataclass(frozen=True)
class Memory:
    """The services of memory over this place's database; safe to share between threads."""

    clocks: Clocks
    index: Index
    archives: Archives
    loads: Loads
    links: Links
    search: Search
    records: Records
    proposals: Proposals
    summaries: OldSummaries
    reviews: Reviews
    forgets: Forgets
    carries: Carries
    mirror: Mirror
    threads: Threads
    reading: ThreadReading
    moves: ThreadMoves


def memory_over(
    database: Database,
    settings: Settings,
    master: Master,
    clock: Clock,
    redact: Redaction,
    runs: Runs,
) -> Memory:
    """`runs` ends those that hold words which are to be forgotten, and archives what is decided."""
    node = settings.node
    clocks, index, links = Clocks(clock, node), Index(), Links()
    archives = Archives(clock, clocks, index, node)
    loads = Loads(archives)
    records = Records(clocks, index, loads, clock, node, redact)
    search = Search(clock, loads, links)
    interval = timedelta(days=settings.summary_interval_days)
    summaries = OldSummaries(clock, clocks, index, node, redact, interval)
    carries = Carries(clock, clocks, index, archives, records, search, node)
    path = settings.under_home(settings.mirror_path)
    return Memory(
        clocks=clocks,
        index=index,
        archives=archives,
        loads=loads,
        links=links,
        search=search,
        records=records,
        proposals=Proposals(records, clock, node, search),
        summaries=summaries,
        reviews=Reviews(summaries, runs),
        forgets=Forgets(clock, clocks, index, archives, loads, runs.cancel),
        carries=carries,
        mirror=Mirror(database, clock, path, master.mirror_key(), carries.content_hash),
        threads=Threads(database, clock, node, redact, index=index, clocks=clocks, loads=loads),
        reading=ThreadReading(loads),
        moves=ThreadMoves(clock, clocks, index, node),
    )
