"""Taps: the verbs of all buttons in one table, each obeyed in the transaction that judges the tap.

Telegram carries a random id; what it stands for, whether it still counts, and who may tap it is
decided by `core.runs.buttons` in one atomic update. The tap's spinner is ended at once, with a
short word when the effect is quick, whatever happens then.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from telegram import CallbackQuery, Update
from telegram.error import TelegramError

from bot import errors
from bot.context import MaskContext, Services
from bot.handlers import (
    approvals,
    auditing,
    cost,
    explaining,
    files,
    memory,
    models,
    nodes,
    privacy,
    rules,
    screens,
    summaries,
    threads,
)
from bot.handlers.incoming import Tapped, Verb, Word, tapped
from bot.handlers.obeying import end, set_aside
from bot.refusals import SendError
from bot.render.translate import translator
from core.conversation.language import LANGUAGES
from core.db import Transaction
from core.errors import Refused
from core.runs.buttons import Buttons, Tap
from core.runs.intake import IntakeState
from core.runs.notice_rows import get as notice_row
from core.wiring import House

log = structlog.get_logger(__name__)

#: Seconds the effect may take before the spinner is ended without a word.
SPINNER_S = 0.4
#: How long a seen alert only edits its card when it repeats; a higher level rings all the same.
SEEN = timedelta(days=7)
MOST_SNOOZE = timedelta(days=7)


async def on_tap(update: Update, context: MaskContext) -> None:
    """Any tap on any button."""
    query = update.callback_query
    assert query is not None, "the handler is for taps"
    services, facts = context.services, tapped(update)
    if facts is None:
        await _end_spinner(query, None)
        return
    effect = asyncio.ensure_future(services.bridge.run(obey_tap, services, facts))
    done, _ = await asyncio.wait({effect}, timeout=SPINNER_S)
    if not done:
        await _end_spinner(query, None)
        await effect
        return
    error = effect.exception()
    if error is None:
        await _end_spinner(query, effect.result())
        return
    texts = translator(await services.bridge.run(services.house.preferences.current_language))
    await _end_spinner(query, errors.sentence(error, texts, errors.note(error, what="tap")))
    raise error  # the intake tries again


def obey_tap(services: Services, facts: Tapped) -> str | None:
    """Judge the tap, do what it stands for, and end its update; returns words for the spinner."""
    house, said = services.house, facts.said
    try:
        with house.db.write() as tx:
            if not end(house, tx, said, IntakeState.DONE, "tap"):
                return None
            tap = _judge(house, tx, facts)
            word = VERBS.get(tap.verb, outdated)(house, tx, facts, tap)
            services.sign(tx)
            language = house.preferences.language(tx)
    except Refused as refusal:
        log.info("tap-refused", code=refusal.code)
        set_aside(house, said, refusal.code)
        return errors.sentence(refusal, translator(house.preferences.current_language()), "")
    if tap.verb == STATUS:
        _refresh_status(services, facts, tap)
    if tap.verb in KEPT_AT_HAND:
        services.changed()
    services.decided()
    return translator(language)(word.key, **word.values) if word else None


def _judge(house: House, tx: Transaction, facts: Tapped) -> Tap:
    tap = Buttons.tap(
        tx,
        facts.button_id,
        chat_id=facts.said.chat_id,
        message_id=facts.message_id,
        user_id=facts.said.user_id,
        owner_id=house.owner.owner_id(tx),
        now=house.clock.now(),
    )
    if isinstance(tap, Refused):
        raise tap
    return tap


def _refresh_status(services: Services, facts: Tapped, tap: Tap) -> None:
    """Ask the outside with no transaction open, then show. Cut off here, the tap did nothing."""
    params = screens.status(services)
    with services.house.db.write() as tx:
        screens.show_status(services.house, tx, facts.said.chat_id, params, tap.card_key)


def nothing_more(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`status.refresh`: the tap is judged here, the screen follows outside the transaction."""
    return None


def outdated(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """A verb that this version does not have any more."""
    raise Refused("stale-button")


def set_language(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`lang.set`: from now on this language, also for the card that is tapped."""
    code = str(tap.params["code"])
    if code not in LANGUAGES:
        raise Refused("stale-button")
    house.preferences.choose_language(tx, code)
    row = notice_row(tx, tap.notice_id)
    fresh = {"settings": screens.settings, "language": screens.language}.get(row.kind)
    params = fresh(house, tx) if fresh else row.params
    screens.show(house, tx, facts.said.chat_id, row.kind, params, tap.card_key)
    return Word("reply-language-set")


def set_setting(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`settings.set`: a yes-or-no preference."""
    name = str(tap.params["name"])
    if name not in screens.SWITCHES:
        raise Refused("stale-button")
    house.preferences.set(tx, name, bool(tap.params["value"]))
    screens.show(
        house, tx, facts.said.chat_id, "settings", screens.settings(house, tx), tap.card_key
    )
    return Word("reply-saved")


def open_settings(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`settings.open`"""
    return _open("settings", screens.settings(house, tx), house, tx, facts, tap)


def open_help(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`help.open`"""
    return _open("help", {}, house, tx, facts, tap)


def tour(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`start.tour`"""
    params = {"name": facts.said.first_name, "step": int(tap.params.get("step") or 0)}
    return _open("start", params, house, tx, facts, tap)


def open_jobs(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`jobs.page`"""
    page = int(tap.params.get("page") or 0)
    return _open("jobs", screens.jobs(house, tx, page), house, tx, facts, tap)


def stop_job(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`jobs.stop`"""
    is_asked = house.runs.cancel(tx, str(tap.params["run_id"]))
    open_jobs(house, tx, facts, tap)
    return Word("reply-stopping" if is_asked else "reply-nothing-to-stop")


def stop_turn(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`turn.stop`"""
    is_asked = house.runs.cancel(tx, str(tap.params["run_id"]))
    return Word("reply-stopping" if is_asked else "reply-nothing-to-stop")


def retry_turn(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`turn.retry`: the same work as a new run; the old one leaves /jobs."""
    run_id = str(tap.params["run_id"])
    if house.runs.again(tx, run_id) is not None:
        screens.drop(house, tx, run_id)
    return Word("reply-again")  # also when it goes already


def retry_job(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`jobs.retry`"""
    word = retry_turn(house, tx, facts, tap)
    open_jobs(house, tx, facts, tap)
    return word


def drop_job(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`jobs.drop`: put an ended run away."""
    screens.drop(house, tx, str(tap.params["run_id"]))
    if tap.card_key and tap.card_key.startswith(screens.SCREEN):
        open_jobs(house, tx, facts, tap)
    return Word("reply-dropped")


def seen_alert(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`alert.seen`: repeats only edit the card, unless it gets worse."""
    house.mailbox.quiet(tx, str(tap.params["key"]), house.clock.now() + SEEN, facts.said.chat_id)
    return Word("reply-seen")


def snooze_alert(house: House, tx: Transaction, facts: Tapped, tap: Tap) -> Word | None:
    """`alert.snooze`: the same for some minutes."""
    length = min(timedelta(minutes=int(tap.params["minutes"])), MOST_SNOOZE)
    house.mailbox.quiet(tx, str(tap.params["key"]), house.clock.now() + length, facts.said.chat_id)
    return Word("reply-snoozed", {"minutes": length // timedelta(minutes=1)})


STATUS = "status.refresh"
LANGUAGE, SETTING = "lang.set", "settings.set"
#: Verbs that change what the bot keeps at hand: the menu's language, whether it streams.
KEPT_AT_HAND = frozenset({LANGUAGE, SETTING})
VERBS: dict[str, Verb] = {
    STATUS: nothing_more,
    LANGUAGE: set_language,
    "settings.open": open_settings,
    SETTING: set_setting,
    "help.open": open_help,
    "start.tour": tour,
    "jobs.page": open_jobs,
    "jobs.stop": stop_job,
    "jobs.retry": retry_job,
    "jobs.drop": drop_job,
    "turn.retry": retry_turn,
    "turn.stop": stop_turn,
    "alert.seen": seen_alert,
    "alert.snooze": snooze_alert,
    **approvals.VERBS,
    **auditing.VERBS,
    **files.VERBS,
    **memory.VERBS,
    **models.VERBS,
    **cost.VERBS,
    **explaining.VERBS,
    **nodes.VERBS,
    **privacy.VERBS,
    **rules.VERBS,
    **summaries.VERBS,
    **threads.VERBS,
}


def _open(
    kind: str, params: dict[str, Any], house: House, tx: Transaction, facts: Tapped, tap: Tap
) -> Word | None:
    """Show a screen in place of the tapped one, or as a new one when the tapped card is none."""
    screens.show(house, tx, facts.said.chat_id, kind, params, tap.card_key)
    return None


async def _end_spinner(query: CallbackQuery, text: str | None) -> None:
    """Best effort: a tap too old to be answered has had its effect all the same."""
    try:
        await query.answer(errors.word(text) if text else None)
    except (TelegramError, SendError) as error:
        log.info("tap-not-answered", error=type(error).__name__)
