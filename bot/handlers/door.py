"""What becomes of an update whose sender is not the owner; the owner's pass on.

The gate judges (`bot/gate.py`), this file acts on its verdict and ends the intake row with it.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop, ExtBot

from bot import telegram_raw
from bot.context import MaskContext, taken
from bot.gate import Door, Gate, Verdict, is_plainly_the_owners
from bot.handlers.incoming import at_the_border, number
from bot.handlers.obeying import close_in
from bot.handlers.screens import say, show
from bot.refusals import SendError
from bot.render.translate import translator
from core.approvals.owner import Pairing
from core.conversation import language
from core.db import Transaction
from core.runs.intake import IntakeRow, IntakeState
from core.wiring import House

log = structlog.get_logger(__name__)

#: What the name of a rule looks like; a chat's type comes from outside and may be anything.
RULE = re.compile(r"[a-z-]{1,64}")


async def on_any(update: Update, context: MaskContext) -> None:
    """Let the owner's updates pass; everything else ends here."""
    services = context.services
    if is_plainly_the_owners(update, services.house.owner.remembered):
        with at_the_border():
            _sender(update)
        return
    verdict = await services.bridge.run(meet, services.house, update, taken.get())
    if verdict.door is Door.OWNER:
        return
    if verdict.door is Door.PAIR:
        services.changed()
    if verdict.door is Door.GROUP and update.effective_chat is not None:
        spoken = await services.bridge.run(services.house.preferences.current_language)
        await _leave(context.bot, update.effective_chat.id, translator(spoken)("reply-group"))
    raise ApplicationHandlerStop


def meet(house: House, update: Update, row: IntakeRow | None) -> Verdict:
    """Judge the update, and end it unless it is the owner's."""
    with at_the_border():
        sender = _sender(update)
    with house.db.read() as tx:  # judging the owner writes nothing, and is the usual case
        if sender is not None and sender == house.owner.owner_id(tx):
            verdict = _judge(house, tx, update)
            if verdict.door is Door.OWNER:
                return verdict
    with house.db.write() as tx:
        verdict = _judge(house, tx, update)
        state, why = _act(house, tx, update, verdict)
        close_in(house, tx, row, state, why)
    return verdict


def _judge(house: House, tx: Transaction, update: Update) -> Verdict:
    with at_the_border():
        return Gate(house.owner).judge(tx, update)


def _sender(update: Update) -> int | None:
    stopped = telegram_raw.stopped(update)
    if stopped is not None:
        return number(stopped.chat_id)
    chat, user = update.effective_chat, update.effective_user
    if chat is not None:
        number(chat.id)
    return number(user.id) if user else None


def _act(
    house: House, tx: Transaction, update: Update, verdict: Verdict
) -> tuple[IntakeState, str | None]:
    """Do what the verdict asks for; returns how the update ends."""
    if verdict.door is Door.PAIR:
        return _pair(house, tx, update, str(verdict.code))
    if verdict.door is Door.STRANGER and verdict.is_first:
        return _refuse(house, tx, update)
    why = str(verdict.why or verdict.door.value)
    return IntakeState.ASIDE, why if RULE.fullmatch(why) else verdict.door.value


def _pair(
    house: House, tx: Transaction, update: Update, code: str
) -> tuple[IntakeState, str | None]:
    """Somebody showed a pairing code. Who comes too late or too often is a stranger."""
    user = update.effective_user
    assert user is not None, "the gate knows who it was"
    ended = house.owner.pair(tx, user.id, code)
    why = f"pairing-{ended.value}"
    spoken = language.of_code(user.language_code)
    if ended is not Pairing.TAKEN and spoken is not None:  # whoever pairs is answered in their own
        house.preferences.spoke(tx, spoken)
    if ended is Pairing.PAIRED:
        say(house, tx, user.id, "reply-paired")
        show(house, tx, user.id, "start", {"name": user.first_name, "step": 0})
        return IntakeState.DONE, why
    if ended in {Pairing.WRONG, Pairing.EXPIRED}:
        say(house, tx, user.id, "reply-pairing-failed")
        return IntakeState.REFUSED, why
    if house.owner.stranger_seen(tx, user.id):
        return _refuse(house, tx, update)
    return IntakeState.ASIDE, "stranger"


def _refuse(house: House, tx: Transaction, update: Update) -> tuple[IntakeState, str | None]:
    """One polite line, once in a stranger's life."""
    chat = update.effective_chat
    assert chat is not None, "a message has a chat"
    say(house, tx, chat.id, "reply-stranger")
    return IntakeState.REFUSED, "stranger"


async def _leave(bot: ExtBot[Any], chat_id: int, text: str) -> None:
    """Say once why, and go. Best effort: Telegram may not let us speak there."""
    for call in (lambda: bot.send_message(chat_id, text), lambda: bot.leave_chat(chat_id)):
        try:
            await call()
        except (TelegramError, SendError) as error:
            log.info("group-not-left", error=type(error).__name__)
