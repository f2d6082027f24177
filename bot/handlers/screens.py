"""What handlers put into the mailbox: sentences, and screens with the facts they show.

A screen is a `show` card: its buttons change it in place, under the key it was first put with.
Facts only; how they look is `bot/render`.
"""

from __future__ import annotations

from typing import Any

from bot.context import Services
from core.db import Transaction
from core.errors import Refused
from core.ids import random_token
from core.memory.model import Thread
from core.memory.search_model import ItemKind, Query
from core.monitor.probe import Look, probe_models
from core.runs.model import Label, RunRow, RunState
from core.runs.notices import Notice
from core.wiring import House

SCREEN = "screen:"
#: Runs on one page of /jobs; each has a row of buttons.
JOBS_ROWS = 5
#: How far back /jobs looks.
MOST_JOBS = 100
#: Messages shown of an opened thread.
LAST_MESSAGES = 6
#: Hits that tell in which threads something was said.
MOST_SAID = 50
SAID = (ItemKind.MESSAGE, ItemKind.ANSWER)
#: Upkeep that nobody asked for; its failures are alerts, or it is tried again by itself.
UPKEEP = frozenset(
    {
        "echo", "pruning", "probe_models", "summarise_thread", "extract_facts", "archive_summary",
        "refresh_mirror", "check_memory", "rebuild_index", "embed_items",
    }
)  # fmt: skip
#: Yes-or-no preferences that the owner may turn over, with their value when never touched.
SWITCHES = {"streaming": True, "summary-review": True}
DROPPED = "jobs:dropped"
#: Ids of put-away runs that are remembered.
MOST_DROPPED = 200
LISTED = (RunState.READY, RunState.RUNNING, RunState.WAITING, RunState.FAILED, RunState.STALE)


def say(
    house: House,
    tx: Transaction,
    chat_id: int,
    key: str,
    *,
    reply_to: int | None = None,
    silent: bool = False,
    **values: Any,
) -> None:
    """One sentence: the Fluent text `key`."""
    params = {"key": key, "values": values}
    notice = Notice("text", params, chat_id=chat_id, reply_to=reply_to, silent=silent)
    house.mailbox.put(tx, notice)


def show(
    house: House,
    tx: Transaction,
    chat_id: int,
    kind: str,
    params: dict[str, Any],
    key: str | None = None,
    *,
    label: Label = Label.OPEN,
) -> str:
    """A new screen, or with `key` the next revision of one that is there; returns its key."""
    is_screen = key is not None and key.startswith(SCREEN)
    card = key if is_screen and key else SCREEN + random_token()
    house.mailbox.put(tx, Notice(kind, params, chat_id=chat_id, key=card, label=label))
    return card


def jobs(house: House, tx: Transaction, page: int = 0) -> dict[str, Any]:
    """Runs that go, wait, failed or no longer fit, newest first, without those put away."""
    dropped = set(house.preferences.get(tx, DROPPED) or ())
    found = [
        run
        for run in house.runs.list(tx, states=LISTED, limit=MOST_JOBS)
        if run.workflow not in UPKEEP and run.id not in dropped
    ]
    pages = max(1, -(-len(found) // JOBS_ROWS))
    page = min(max(page, 0), pages - 1)
    shown = found[page * JOBS_ROWS : (page + 1) * JOBS_ROWS]
    return {"rows": [_job(run) for run in shown], "page": page, "pages": pages}


def drop(house: House, tx: Transaction, run_id: str) -> None:
    """Put an ended run away: /jobs does not list it any more."""
    dropped = list(house.preferences.get(tx, DROPPED) or ())
    house.preferences.set(tx, DROPPED, [*dropped, run_id][-MOST_DROPPED:])


def threads(house: House, tx: Transaction, chat_id: int, page: int = 0) -> dict[str, Any]:
    """One page of the chat's threads."""
    current = house.threads.current(tx, chat_id).id
    found = house.threads.page(tx, chat_id, page)
    rows = [_thread(row, current) for row in found.rows]
    return {"rows": rows, "page": found.page, "pages": found.pages}


def threads_found(house: House, tx: Transaction, chat_id: int, words: str) -> dict[str, Any]:
    """The threads whose name holds `words`, then those in which they were said; one page."""
    current = house.threads.current(tx, chat_id).id
    named = [each.id for each in house.threads.named(tx, chat_id, words)]
    query = Query(words=words, reader=Label.PRIVATE, kinds=SAID, limit=MOST_SAID)
    hits = house.memory.search.find(tx, query).hits
    said = [hit.thread_id for hit in hits if hit.thread_id and hit.chat_id in {None, chat_id}]
    rows: list[dict[str, Any]] = []
    for thread_id in dict.fromkeys([*named, *said]):
        if len(rows) < JOBS_ROWS and (found := _alive(house, tx, chat_id, thread_id)):
            rows.append(_thread(found, current))
    return {"rows": rows, "page": 0, "pages": 1}


def _alive(house: House, tx: Transaction, chat_id: int, thread_id: str) -> Thread | None:
    """None for a thread of another chat, or one that was joined into another."""
    try:
        return house.threads.get(tx, chat_id, thread_id)
    except Refused:
        return None


def thread(house: House, tx: Transaction, chat_id: int, thread_id: str) -> dict[str, Any]:
    """One thread: its summary and last messages."""
    found = house.threads.get(tx, chat_id, thread_id)
    last = house.threads.last(tx, found.id, LAST_MESSAGES)
    return {
        "id": found.id,
        "name": found.name or found.opening,
        "count": found.count,
        "label": Label.highest(found.label, *(message.label for message in last)).value,
        "summary": found.summary,
        "last": [{"role": message.role.value, "text": message.text} for message in last],
        "current": house.threads.current(tx, chat_id).id == found.id,
    }


def settings(house: House, tx: Transaction) -> dict[str, Any]:
    """What can be changed in the chat, with its present value."""
    values: dict[str, Any] = {"language": house.preferences.saved_language(tx)}
    for name, default in SWITCHES.items():
        values[name] = bool(house.preferences.get(tx, name, default))
    return {"values": values}


def language(house: House, tx: Transaction) -> dict[str, Any]:
    """The language in use."""
    return {"current": house.preferences.language(tx)}


def status(services: Services) -> dict[str, Any]:
    """The facts of /status; asks Redis, so it is called before a transaction opens."""
    return {"facts": services.status.facts(services.pulse())}


def show_status(
    house: House, tx: Transaction, chat_id: int, params: dict[str, Any], key: str | None = None
) -> None:
    """The status screen as it is known, and a run that brings the models' health to it."""
    card = show(house, tx, chat_id, "status", params, key)
    house.runs.start(tx, probe_models, Look(chat_id, card))


def _job(run: RunRow) -> dict[str, Any]:
    return {
        "id": run.id,
        "title": run.title,
        "state": run.state.value,
        "waiting": run.waiting.value if run.waiting else None,
        "waiting_for": run.waiting_for,
        "started_at": run.created_at.isoformat(),
        "error": run.error,
    }


def _thread(row: Thread, current: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name or row.opening,
        "count": row.count,
        "changed_at": row.changed_at.isoformat(),
        "current": row.id == current,
    }
