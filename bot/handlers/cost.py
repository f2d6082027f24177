"""/cost: what models have cost, what the month will, and the budgets: shown and changed.

    /cost                 the figures; a picture follows where anything was spent
    /cost day 5           a budget in dollars; `off` for no limit, `usual` for the shipped one
    /cost raise [2.50]    more for today alone

Money is typed and shown in dollars, kept as whole micro-dollars. A budget counts for the next call.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.screens import SCREEN, say, show
from core.approvals.owner import actor_of
from core.db import Transaction
from core.errors import Refused
from core.llm.budget import NO_LIMIT, USD, Span, Standing
from core.llm.spending import Sum, all_paid
from core.memory.preferences import Question
from core.monitor.cost_chart import ChartAsked, cost_chart
from core.runs.buttons import Tap
from core.wiring import House

#: The open question how large a budget is to be; `about` has which.
AMOUNT = "cost-amount"
RAISE, OFF, USUAL = "raise", "off", "usual"
#: Models and kinds of runs on the screen.
MOST_ROWS = 8
#: Dollars; more is a slip of the pen.
MOST_DOLLARS = 100_000


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/cost`, in the forms above."""
    word, _, rest = said.arguments.lower().partition(" ")
    if word == RAISE:
        _raise(house, tx, said, _micros(rest) if rest.strip() else None)
    elif word in {each.value for each in Span} and rest.strip():
        _set(house, tx, said, Span(word), rest)
    shown = facts(house, tx)
    show(house, tx, said.chat_id, "cost", shown)
    if not word and shown["month"]["micros"]:
        _draw(house, tx, said.chat_id)


def facts(house: House, tx: Transaction) -> dict[str, Any]:
    """The facts of the screen; money in micro-dollars."""
    paid = all_paid(house.models.rows.offered(tx))
    cost = house.models.spending.cost(tx, house.clock.now(), paid)
    return {
        "today": _sum(cost.today),
        "month": _sum(cost.month),
        "by_model": [_sum(each) for each in cost.by_model[:MOST_ROWS]],
        "by_workflow": [_sum(each) for each in cost.by_workflow[:MOST_ROWS]],
        "more_models": max(0, len(cost.by_model) - MOST_ROWS),
        "month_end": cost.month_end_micros,
        "saved": cost.saved_micros,
        "budgets": [_budget(each) for each in cost.budgets] + [_of_runs(house, tx)],
    }


# -- taps ----------------------------------------------------------------------------------------


def open_cost(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`cost.open`: the screen in place of the tapped one, or beside an alert."""
    _reshow(house, tx, tapped, tap)
    return None


def chart(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`cost.chart`: the picture, also of calls that were free."""
    if not facts(house, tx)["month"]["calls"]:
        return Word("cost-nothing")
    _draw(house, tx, tapped.said.chat_id)
    return Word("cost-drawing")


def raise_today(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`cost.raise`: one tap, for today alone."""
    standing = _raise(house, tx, tapped.said, None)
    if tap.card_key and tap.card_key.startswith(SCREEN):
        _reshow(house, tx, tapped, tap)
    return Word("cost-raised", {"limit": _dollars(standing.limit or 0)})


def unraise_today(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`cost.unraise`: what the taps before have added today is taken back."""
    standing = house.models.budgets.unraise_today(tx, house.clock.now())
    by = actor_of(tapped.said.user_id)
    house.audit.record(tx, "budget-unraised", by, limit=standing.limit)
    _reshow(house, tx, tapped, tap)
    return Word("cost-unraised")


def choose(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`cost.budget`: which amount for this budget; the next text may also be one."""
    span = Span(str(tap.params["span"]))
    about = {"span": span.value, "card": tap.card_key}
    house.preferences.ask(tx, tapped.said.chat_id, Question(AMOUNT, about))
    found = next(each for each in facts(house, tx)["budgets"] if each["span"] == span.value)
    show(house, tx, tapped.said.chat_id, "cost-budget", found, tap.card_key)
    return None


def set_amount(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`cost.set`"""
    house.preferences.ask(tx, tapped.said.chat_id, None)
    _set(house, tx, tapped.said, Span(str(tap.params["span"])), str(tap.params["amount"]))
    _reshow(house, tx, tapped, tap)
    return Word("cost-set")


def take_amount(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `choose`."""
    _set(house, tx, said, Span(str(question.about["span"])), said.text)
    show(house, tx, said.chat_id, "cost", facts(house, tx), question.about.get("card"))
    say(house, tx, said.chat_id, "cost-set", reply_to=said.message_id, silent=True)


# -- inside --------------------------------------------------------------------------------------


def _set(house: House, tx: Transaction, said: Incoming, span: Span, typed: str) -> None:
    word = typed.strip().lower()
    micros = {OFF: NO_LIMIT, USUAL: None}[word] if word in {OFF, USUAL} else _micros(word)
    house.models.budgets.set(tx, span, micros)
    by = actor_of(said.user_id)
    house.audit.record(tx, "budget-set", by, span=span.value, micros=micros)


def _raise(house: House, tx: Transaction, said: Incoming, micros: int | None) -> Standing:
    standing = house.models.budgets.raise_today(tx, house.clock.now(), micros)
    by = actor_of(said.user_id)
    house.audit.record(tx, "budget-raised", by, limit=standing.limit)
    return standing


def _micros(typed: str) -> int:
    """Dollars as people type them, in any of the three scripts. Refused(`budget-not-a-sum`)."""
    plain = "".join(str(unicodedata.decimal(each, each)) for each in typed)
    plain = plain.strip(" $").replace("\u066b", ".").replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise Refused("budget-not-a-sum", amount=typed[:20]) from None
    if not amount.is_finite() or not 0 <= amount <= MOST_DOLLARS:
        raise Refused("budget-not-a-sum", amount=typed[:20])
    return int(amount * USD)


def _draw(house: House, tx: Transaction, chat_id: int) -> None:
    house.runs.start(tx, cost_chart, ChartAsked(chat_id))


def _reshow(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    show(house, tx, tapped.said.chat_id, "cost", facts(house, tx), tap.card_key)


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "name": each.name,
        "calls": each.calls,
        "answered": each.answered,
        "cached": each.cached,
        "micros": each.micros,
        "unsure": each.unsure,
        "tokens": each.prompt_tokens + each.completion_tokens,
    }


def _budget(standing: Standing) -> dict[str, Any]:
    return {
        "span": standing.span.value,
        "limit": standing.limit,
        "spent": standing.settled + standing.open,
        "percent": standing.percent,
        "until": standing.until.isoformat() if standing.until else None,
        "raised": standing.raised,
    }


def _of_runs(house: House, tx: Transaction) -> dict[str, Any]:
    """The budget of any one run: nobody's in particular, so nothing is spent of it."""
    *_, standing = house.models.budgets.standings(tx, house.clock.now(), run_id="")
    return _budget(standing)


def _dollars(micros: int) -> str:
    return f"{micros / USD:.2f}"


COMMANDS: dict[str, Command] = {"cost": command}
VERBS: dict[str, Verb] = {
    "cost.open": open_cost,
    "cost.chart": chart,
    "cost.raise": raise_today,
    "cost.unraise": unraise_today,
    "cost.budget": choose,
    "cost.set": set_amount,
}
ANSWERS: dict[str, Answer] = {AMOUNT: take_amount}
