"""What of memory an answer was made with, for /why: from the journal of `conversation.recall`.

The journal has ids and reasons, never words; the words shown are those of now. What has been
forgotten since is counted and not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.db import Transaction
from core.errors import Refused
from core.memory.context import RECENT
from core.runs.model import Label, StepRow, StepState
from core.wiring import House

STEP = "conversation.recall"
#: Memories named one by one, and characters of each.
MOST_ROWS, MOST_TEXT = 6, 200


def used_memory(house: House, tx: Transaction, steps: Sequence[StepRow]) -> dict[str, Any]:
    """How many for each reason, and the first that are no part of the talk itself."""
    done = [each for each in steps if each.name == STEP and each.state is StepState.DONE]
    material = (done[-1].outcome or {}).get("material") or [] if done else []
    counts = Counter(str(each.get("reason")) for each in material)
    besides = [each for each in material if each.get("reason") != RECENT]
    rows = [_row(house, tx, each) for each in besides[:MOST_ROWS]]
    return {"counts": dict(counts), "rows": rows}


def _row(house: House, tx: Transaction, used: dict[str, Any]) -> dict[str, Any]:
    text = _text(house, tx, str(used.get("kind")), str(used.get("id")))
    return {
        "kind": used.get("kind"),
        "id": used.get("id"),
        "at": used.get("at"),
        "label": used.get("label", Label.OPEN.value),
        "text": None if text is None else text[:MOST_TEXT],
    }


def _text(house: House, tx: Transaction, kind: str, item_id: str) -> str | None:
    """The words as they are now; None when they are gone."""
    if kind == "record":
        try:
            return house.memory.records.get(tx, item_id, Label.PRIVATE).text
        except Refused:
            return None
    if kind == "summary":
        return _summary(house, tx, item_id)
    message = house.threads.message(tx, item_id)
    return message.text or None if message else None


def _summary(house: House, tx: Transaction, item_id: str) -> str | None:
    """Of a thread, by the thread's id; or one of what is old."""
    thread = house.memory.reading.summary_of(tx, item_id)
    if thread is not None:
        return thread
    try:
        return house.memory.summaries.get(tx, item_id, Label.PRIVATE).text
    except Refused:
        return None
