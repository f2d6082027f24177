"""What the owner writes becomes a turn; what the owner stops, stops.

Rules that a person can feel:
- The message is stored and its run committed in the transaction that ends the update.
- An edit of the last message is a new turn in its place: the old text and its answer leave the
  thread's context (their rows stay), a turn that is still going is stopped. An edit of an older
  message changes nothing, and the owner is told so. An edit that leaves the text as it was
  (Telegram sends one for link previews) is set aside. A code or a key that a card or a question
  asks for is taken from an edit as well, so that it does not stay in the chat.
- /stop ends what goes and what is queued in the chat, not what waits for the owner or a place:
  that has its buttons in /jobs. The native Stop button ends only the answer it hangs on.
"""

from __future__ import annotations

from telegram import Update

from bot import telegram_raw
from bot.context import MaskContext
from bot.handlers import questions, summaries
from bot.handlers.approval_typed import take_code
from bot.handlers.beginning import RELEASED, begin_turn
from bot.handlers.incoming import Incoming, at_the_border, incoming, of_chat
from bot.handlers.models_adding import take_edited
from bot.handlers.obeying import obey, set_aside
from bot.handlers.screens import say
from core.conversation import language
from core.db import Transaction
from core.runs.exchange_epochs import raise_all
from core.runs.model import RunRow, RunState
from core.wiring import House

#: Runs of one chat looked at when something is to be stopped.
MOST_GOING = 100


async def on_text(update: Update, context: MaskContext) -> None:
    """Any text that is no command."""
    services, said = context.services, incoming(update)
    services.drafts.heard(said.chat_id)
    await services.bridge.run(hear, services.house, said)
    services.decided()


async def on_edited(update: Update, context: MaskContext) -> None:
    """An edited message."""
    services = context.services
    await services.bridge.run(hear_again, services.house, incoming(update))
    services.decided()


async def on_stopped(update: Update, context: MaskContext) -> None:
    """The native Stop button under a draft."""
    with at_the_border():
        stop = telegram_raw.stopped(update)
    if stop is None:
        return
    services = context.services
    run_id = await services.drafts.stopped(stop.chat_id, stop.draft_id)
    await services.bridge.run(stop_answer, services.house, of_chat(stop.chat_id), run_id)


def hear(house: House, said: Incoming) -> None:
    """The answer to an open question, else a turn of the conversation."""

    def effect(tx: Transaction) -> None:
        if take_code(house, tx, said):
            return
        asking = f"asking:{said.chat_id}"
        known = house.preferences.several(tx, "language", "spoken", asking)
        if asking in known and questions.answer_question(house, tx, said):
            return
        if summaries.is_meant(said.text):
            summaries.command(house, tx, said)
            return
        chosen = known.get("language")
        spoken = language.choose(saved=chosen, text=said.text, language_code=said.language_code)
        if spoken != known.get("spoken"):
            house.preferences.spoke(tx, spoken)
        begin_turn(house, tx, said, spoken)

    obey(house, said, effect)


def hear_again(house: House, said: Incoming) -> None:
    """An edited message, by the rule at the top of this file."""
    with house.db.read() as tx:
        last = house.threads.last_of_owner(tx, said.chat_id)
    if not said.text or (last and last.telegram_id == said.message_id and last.text == said.text):
        set_aside(house, said, "edit-without-change")
        return

    def effect(tx: Transaction) -> None:
        if take_code(house, tx, said) or take_edited(house, tx, said):
            return
        last = house.threads.last_of_owner(tx, said.chat_id)
        if last is None or last.telegram_id != said.message_id or said.text.startswith("/"):
            say(house, tx, said.chat_id, "reply-edited", reply_to=said.message_id, silent=True)
            return
        if last.run_id is not None:
            house.runs.cancel(tx, last.run_id)
        house.threads.withdraw(tx, last.id)
        saved = house.preferences.saved_language(tx)
        begin_turn(
            house,
            tx,
            said,
            language.choose(saved=saved, text=said.text, language_code=said.language_code),
        )

    obey(house, said, effect, why="edited")


def stop_all(house: House, tx: Transaction, said: Incoming) -> None:
    """/stop: end what goes and what is queued; say so only when there was nothing. Permissions that
    were on their way to a machine count no more."""
    raise_all(tx)
    asked = [house.runs.cancel(tx, run.id) for run in _going(house, tx, said.chat_id)]
    if not any(asked):
        say(house, tx, said.chat_id, "reply-nothing-to-stop", reply_to=said.message_id)


def stop_answer(house: House, said: Incoming, run_id: str | None) -> None:
    """The native Stop button: end the run whose draft it hung on; None: that has ended."""

    def effect(tx: Transaction) -> None:
        if run_id is not None:
            house.runs.cancel(tx, run_id)

    obey(house, said, effect, why="stop-button")


def _going(house: House, tx: Transaction, chat_id: int) -> list[RunRow]:
    states = (RunState.READY, RunState.RUNNING, RunState.WAITING)
    found = house.runs.list(tx, states=states, chat_id=chat_id, limit=MOST_GOING)
    return [run for run in found if run.waiting not in RELEASED]
