"""One update, one transaction: its effect and its end are committed together, or not at all.

So an update that is handled again after a crash finds itself ended and does nothing. A refusal
undoes the effect and is told to the owner instead. Everything else rises to the intake, which
tries again and at last dead-letters the update with an alert.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bot.handlers.incoming import Incoming
from bot.handlers.screens import say
from core.conversation import language
from core.db import Transaction
from core.errors import Refused
from core.runs.intake import Intake, IntakeRow, IntakeState
from core.runs.notices import Level, alert
from core.wiring import House

log = structlog.get_logger(__name__)

Effect = Callable[[Transaction], None]


def obey(house: House, said: Incoming, effect: Effect, why: str | None = None) -> None:
    """Run `effect` once for this update. `why` names the rule, for /status and the proofs."""
    try:
        with house.db.write() as tx:
            if not end(house, tx, said, IntakeState.DONE, why):
                return
            _note_language(house, tx, said)
            effect(tx)
    except Refused as refusal:
        log.info("refused", code=refusal.code)
        refuse(house, said, refusal)


def refuse(house: House, said: Incoming, refusal: Refused) -> None:
    """End the update as refused, with the sentence of the refusal."""
    with house.db.write() as tx:
        if end(house, tx, said, IntakeState.REFUSED, refusal.code):
            reply_to = said.message_id
            key = f"err-{refusal.code}"
            say(house, tx, said.chat_id, key, reply_to=reply_to, **refusal.params)


def set_aside(house: House, said: Incoming, why: str) -> None:
    """End an update that asks for nothing, by a named rule; no reply."""
    close(house, said.row, IntakeState.ASIDE, why)


def end(
    house: House, tx: Transaction, said: Incoming, state: IntakeState, why: str | None = None
) -> bool:
    """Close the intake row of `said`; False when it was closed before."""
    return close_in(house, tx, said.row, state, why)


def close(house: House, row: IntakeRow | None, state: IntakeState, why: str | None) -> None:
    """Close an intake row that has no other effect."""
    with house.db.write() as tx:
        close_in(house, tx, row, state, why)


def bury(house: House, row: IntakeRow) -> None:
    """Dead-letter an update that cannot be read, with the alert that all of them share."""
    with house.db.write() as tx:
        if close_in(house, tx, row, IntakeState.DEAD, "malformed"):
            house.mailbox.put(tx, alert(Level.PROBLEM, "bot", "update-dead", why="malformed"))


def close_in(
    house: House, tx: Transaction, row: IntakeRow | None, state: IntakeState, why: str | None
) -> bool:
    """Close an intake row inside the transaction of its effect; False if it was closed before."""
    if row is None:
        return True
    return Intake.end(tx, row.seq, state, house.clock.now(), why)


def _note_language(house: House, tx: Transaction, said: Incoming) -> None:
    """Before a person has written any text, the app's language is the best guess."""
    if not said.text.startswith("/") and said.text:
        return
    known = house.preferences.several(tx, "language", "spoken")
    code = language.of_code(said.language_code)
    if not known and code is not None:
        house.preferences.spoke(tx, code)
