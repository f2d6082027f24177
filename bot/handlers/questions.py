"""Open questions: a chat's next text may be the answer to something the bot asked.

A question is a row, so it survives a restart; a command instead of an answer withdraws it.
"""

from __future__ import annotations

from bot.handlers import (
    approvals,
    cost,
    files,
    memory,
    models,
    nodes,
    privacy,
    rules,
    summaries,
    threads,
)
from bot.handlers.incoming import Answer, Incoming
from core.db import Transaction
from core.wiring import House

ANSWERS: dict[str, Answer] = {
    **approvals.ANSWERS,
    **files.ANSWERS,
    **nodes.ANSWERS,
    **models.ANSWERS,
    **cost.ANSWERS,
    **rules.ANSWERS,
    **privacy.ANSWERS,
    **memory.ANSWERS,
    **summaries.ANSWERS,
    **threads.ANSWERS,
}


def answer_question(house: House, tx: Transaction, said: Incoming) -> bool:
    """Take `said` as the answer to the chat's question; False when nobody asked."""
    question = house.preferences.asking(tx, said.chat_id)
    if question is None or question.topic not in ANSWERS:
        return False
    house.preferences.ask(tx, said.chat_id, None)
    ANSWERS[question.topic](house, tx, said, question)
    return True
