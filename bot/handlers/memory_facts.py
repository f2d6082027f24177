"""What waits for the owner's word: facts found in what was said, and contradictions.

A model only proposes; what a tap makes of it is decided in `core.memory.proposals`.
"""

from __future__ import annotations

from typing import Any

from bot.handlers.incoming import Tapped, Verb, Word
from bot.handlers.memory_changing import by
from bot.handlers.memory_query import label_of_rows, page_of
from bot.handlers.screens import SCREEN, show
from core.db import Transaction
from core.memory.fact_model import ProposalState
from core.memory.telling import proposal_facts
from core.runs import cards
from core.runs.buttons import Tap
from core.runs.model import Label
from core.runs.notice_rows import get as notice_row
from core.runs.notices import Notice
from core.wiring import House

#: Proposals on one page: each has a row of buttons.
ROWS = 4
#: What a verb makes of a proposal, and the word for it.
BECOMES = {
    "keep": (ProposalState.ACCEPTED, "facts-kept"),
    "replace": (ProposalState.ACCEPTED, "facts-replaced"),
    "both": (ProposalState.BOTH, "facts-both-kept"),
    "drop": (ProposalState.REFUSED, "facts-dropped"),
}


def show_list(
    house: House, tx: Transaction, chat_id: int, page: int = 0, key: str | None = None
) -> None:
    """What waits, the oldest first."""
    waiting = house.memory.proposals.open(tx)
    pages = max(1, -(-len(waiting) // ROWS))
    page = min(page, pages - 1)
    rows = [proposal_facts(each) for each in waiting[page * ROWS : (page + 1) * ROWS]]
    facts = {"rows": rows, "page": page, "pages": pages, "total": len(waiting)}
    show(house, tx, chat_id, "facts", facts, key, label=label_of_rows(rows))


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`facts.page`"""
    show_list(house, tx, tapped.said.chat_id, page_of(tap.params.get("page")), tap.card_key)
    return None


def decide(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`facts.decide`: on its own card, which then tells what became of it, or in the list."""
    verb, proposal_id = str(tap.params.get("verb")), str(tap.params.get("id"))
    stored = house.memory.proposals.decide(tx, proposal_id, verb, by(tapped))
    state, word = BECOMES[verb]
    chat_id, key = tapped.said.chat_id, tap.card_key
    if key is not None and key.startswith(SCREEN):
        show_list(house, tx, chat_id, page_of(tap.params.get("page")), key)
    elif key is not None:
        told: dict[str, Any] = {
            **(cards.newest_params(tx, chat_id, key) or {}),
            "state": state.value,
            "verb": verb,
            "change_id": stored.change_id if stored else None,
            "record_id": stored.record.id if stored else None,
        }
        label = stored.record.label if stored else Label(told.get("label", Label.OPEN))
        kind = notice_row(tx, tap.notice_id).kind
        house.mailbox.put(tx, Notice(kind, told, chat_id=chat_id, key=key, label=label))
    return Word(word)


VERBS: dict[str, Verb] = {"facts.page": turn_page, "facts.decide": decide}
