"""Who can hold words: every column and every kind of file, and how words leave it.

The registry of forgetting. It names columns of all rooms by their tables' names and imports none of
them. Each column of text, JSON, bytes, or 64 characters and more, is named here once, either with
the way words leave it or with the reason why it can hold none; `unnamed` finds what was left out,
and a test fails then.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from core.db import Json
from core.memory.forget_model import FileHolder, Holder, How
from core.memory.search_tables import INDEX_TABLES

#: Strings from this length on can hold a phrase.
LEAST_STRING = 64

_ID = "a name or an id of ours"
_DIGEST = "a digest"
_KEY = "a key"
_STAMPS = "stamps by field"
_PLACE = "a place's name"
_MODEL = "a model's, provider's or limit's name"


def _wordless(table: str, **columns: str) -> tuple[Holder, ...]:
    return tuple(Holder(table, name, How.WORDLESS, why) for name, why in columns.items())


def _holding(table: str, how: How, *columns: str) -> tuple[Holder, ...]:
    return tuple(Holder(table, name, how) for name in columns)


#: Memory itself. Texts with an entry in the index are taken out of it, too.
MEMORY = (
    *_holding("threads", How.TEXT, "name", "summary"),
    *_wordless("threads", origin=_PLACE, clock_node=_PLACE, versions=_STAMPS),
    *_holding("messages", How.TEXT, "text"),
    *_wordless("messages", endpoint=_MODEL, origin=_PLACE, clock_node=_PLACE, versions=_STAMPS),
    *_holding("records", How.TEXT, "text"),
    *_holding("records", How.JSON, "content"),
    *_wordless("records", task_id=_ID, origin=_PLACE, clock_node=_PLACE, versions=_STAMPS),
    *_holding("record_history", How.JSON, "before"),
    *_wordless("record_history", actor="who: an id", clock_node=_PLACE),
    *_holding("proposals", How.TEXT, "text"),
    *_wordless("proposals", origin=_PLACE),
    *_holding("summaries", How.TEXT, "text"),
    *_holding("summaries", How.JSON, "points", "missing"),
    *_wordless("summaries", endpoint=_MODEL, origin=_PLACE, clock_node=_PLACE, versions=_STAMPS),
    *_holding("archives", How.PACK, "data"),
    *_wordless("archives", sha256=_DIGEST, origin=_PLACE, clock_node=_PLACE),
    *_wordless("thread_moves", ranges="numbers of messages"),
    *_holding("preferences", How.JSON, "value"),
    *_wordless("preferences", name=_ID),
    *_wordless(
        "forgettings",
        needles="the order's own words: emptied as the last act",
        targets="kinds and ids",
        receipt="counts by holder",
        actor="who: an id",
    ),
    *_wordless("memory_state", name=_ID, value="numbers, times, digests, an upkeep's findings"),
    *_wordless("search_items", origin=_PLACE),
    *_holding("embeddings", How.INDEX, "vector"),
    *_wordless("embeddings", model=_MODEL),
    *(Holder(name, "text", How.INDEX) for name in INDEX_TABLES),
)
#: The engine: journal, notices, what came in and what goes to other places.
RUNS = (
    *_holding("runs", How.JSON, "args", "error", "result"),
    *_holding("runs", How.TEXT, "title"),
    *_wordless("runs", workflow=_ID, key=_ID, lane=_ID, waiting_for=_ID),
    *_holding("steps", How.JSON, "inputs", "action", "outcome", "error"),
    *_wordless("steps", name=_ID, key="a tool call's id", place=_PLACE, digest=_DIGEST),
    *_holding("notices", How.JSON, "params"),
    *_holding("notices", How.TEXT, "error"),
    *_wordless("notices", kind=_ID, key=_ID),
    *_wordless("cards", key=_ID),
    *_holding("buttons", How.JSON, "params"),
    *_wordless("buttons", card_key=_ID),
    *_holding("intake", How.JSON, "raw"),
    *_wordless("intake", why="a rule's or an error's code"),
    *_holding("outbox", How.JSON, "body"),
    *_wordless("outbox", place=_PLACE),
    *_holding("inbox", How.JSON, "body"),
    *_wordless("inbox", place=_PLACE),
    *_holding("blob_parts", How.BLOB, "data"),
    *_wordless("blob_parts", sha256=_DIGEST),
    *_wordless("blobs", sha256=_DIGEST, media="a media type", place=_PLACE),
    *_holding("nodes", How.TEXT, "title"),
    *_wordless(
        "nodes", name=_PLACE, sign_key=_KEY, seal_key=_KEY, can="what it offers", load="numbers"
    ),
    *_wordless("invitations", name=_PLACE, secret=_KEY, card="a machine's public keys and facts"),
)
#: Decisions, files, models.
OTHERS = (
    *_holding("approvals", How.JSON, "inputs", "preview", "judgement", "read", "outcome"),
    *_holding("approvals", How.JSON, "canonical"),
    *_holding("approvals", How.TEXT, "reason"),
    *_wordless(
        "approvals",
        step=_ID,
        place=_PLACE,
        digest=_DIGEST,
        decided_by="who: an id",
        grant_body="ids, digests and a signature",
        code="a used code of the second factor, sealed for its machine",
    ),
    *_wordless("grant_uses", digest=_DIGEST),
    *_wordless("grant_keys", key=_KEY),
    *_holding("rules", How.JSON, "scope"),
    *_wordless("rules", place=_PLACE, created_by="who: an id"),
    *_wordless("second_factor", secret=_KEY),
    *_wordless("pairings", code_hash=_DIGEST),
    *_wordless(
        "audit",
        actor="who: an id",
        detail="ids, decisions, digests and outcomes, never text: the chain covers it",
        prev=_DIGEST,
        hash=_DIGEST,
    ),
    *_wordless("audit_heads", place=_PLACE, hash=_DIGEST),
    *_holding("changes", How.ROW, "path", "before"),  # an undo must not make "[forgotten]"
    *_wordless("changes", root="a root's name", after=_DIGEST),
    *_holding("model_endpoints", How.JSON, "fields"),
    *_wordless("model_endpoints", name=_MODEL),
    *_holding("credentials", How.TEXT, "why"),
    *_wordless(
        "credentials", provider=_MODEL, organisation=_MODEL, sealed="a provider's key, sealed"
    ),
    *_wordless(
        "model_calls", workflow=_ID, endpoint=_MODEL, provider=_MODEL, bucket=_MODEL, place=_PLACE
    ),
    *_wordless("model_spending", period="a day, a month or a run's id"),
    *_wordless("limit_marks", bucket=_MODEL),
    *_holding("endpoint_standings", How.TEXT, "detail"),
    *_wordless("endpoint_standings", endpoint=_MODEL),
    *_holding("model_versions", How.TEXT, "notes"),
    *_wordless("model_versions", place=_PLACE, model=_MODEL, version=_MODEL),
)
HOLDERS = (*MEMORY, *RUNS, *OTHERS)

#: Kinds of files below MASK_HOME. A file that none of these names fails a test, too.
FILES = (
    FileHolder("database", "**/*.db", "both", "its tables are walked"),
    FileHolder("wal", "**/*.db-wal", "both", "truncated when the walk is done"),
    FileHolder("shm", "**/*.db-shm", "both", "an index of the WAL: no content"),
    FileHolder("database-lock", "**/*.db.lock", "both", "empty"),
    FileHolder("damaged", "**/*.db.damaged-*", "home", "nothing can be taken out of it: deleted"),
    FileHolder("rebuilding", "**/*.db.*", "home", "while a repair runs, alone in the house"),
    FileHolder("mirror", "**/*memory_backup.json*", "home", "written anew"),
    FileHolder("trash", "**/trash/*/*", "both", "archives that hold the words are deleted"),
    FileHolder("scratch", "**/scratch/**/*", "both", "files that hold the words are deleted"),
    FileHolder("log", "**/*.log*", "both", "lines that hold the words are taken out"),
    FileHolder("sandbox", "**/sandbox/**/*", "both", "the owner's own files: only the owner's act"),
    FileHolder("keys", "**/keys/*", "both", "keys, and the number of the one in force: no words"),
    FileHolder("run", "**/run/**/*", "both", "process ids, beats, requests to restart: no words"),
    FileHolder("pairing", "**/pairing.json", "node", "home's public keys and address: no words"),
    FileHolder("redis", "**/redis/**/*", "home", "sealed frames and hints of seconds: no words"),
)


def columns_that_can_hold_words(metadata: sa.MetaData) -> Iterator[tuple[str, str]]:
    """Table and column of everything that text can be in."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind = column.type
            if isinstance(kind, sa.String) and not isinstance(kind, sa.Text):
                if kind.length is not None and kind.length < LEAST_STRING:
                    continue
            elif not isinstance(kind, sa.Text | Json | sa.LargeBinary | sa.JSON):
                continue
            yield table.name, column.name


def unnamed(metadata: sa.MetaData) -> list[str]:
    """Columns that could hold words and that no holder names."""
    named = {(each.table, each.column) for each in HOLDERS}
    return [
        f"{table}.{column}"
        for table, column in columns_that_can_hold_words(metadata)
        if (table, column) not in named
    ]


def superfluous(metadata: sa.MetaData) -> list[str]:
    """Holders whose column is not there, and columns that are named twice."""
    there = {(table.name, column.name) for table in metadata.sorted_tables for column in table.c}
    there |= {(name, "text") for name in INDEX_TABLES}
    seen: set[tuple[str, str]] = set()
    wrong = []
    for each in HOLDERS:
        if (each.table, each.column) not in there or (each.table, each.column) in seen:
            wrong.append(f"{each.table}.{each.column}")
        seen.add((each.table, each.column))
    return wrong


def unnamed_files(home: Path) -> list[str]:
    """Files below MASK_HOME that are of no kind in FILES."""
    named = {path for each in FILES for path in home.glob(each.pattern)}
    every = sorted(path for path in home.rglob("*") if path.is_file())
    return [path.relative_to(home).as_posix() for path in every if path not in named]


def holders(how: How) -> tuple[Holder, ...]:
    """The holders that words leave this way."""
    return tuple(each for each in HOLDERS if each.how is how)
