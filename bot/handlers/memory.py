"""/memory: everything that is remembered, looked for, filtered, exported, imported.

    /memory                    the newest, with the ways on
    /memory <words>            a search; a day, month, year or span instead of words filters by it
    /memory facts              what waits for the owner's word
    /memory forget <words>     those words, wherever they are, after a second tap
    /memory export [markdown]  all of it as a document
    /memory import             from the document that is sent next, or has this as its caption

Screens only: what is found, kept and forgotten is decided in `core.memory`. One item opened is
`memory_item.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.handlers import (
    memory_changing,
    memory_facts,
    memory_files,
    memory_forget,
    memory_item,
    wishes,
)
from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.memory_dates import lately, span_of
from bot.handlers.memory_query import (
    Wanted,
    categories,
    label_of_rows,
    listed,
    of_json,
    page_of,
)
from bot.handlers.screens import say, show
from core.db import Transaction
from core.errors import Refused
from core.memory.preferences import Question
from core.memory.summary_model import SummaryState
from core.runs.buttons import Tap
from core.runs.model import Label
from core.wiring import House

#: Open questions: words to look for, days to look between; `about` has the query and the screen.
WORDS, DAYS = "memory-words", "memory-days"
#: What can be chosen, in the order of the buttons; `when` sets since and until.
FILTERS = ("category", "when", "thread_id", "origin", "label", "archived")
WHEN, OWN = "when", "own"


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/memory`, in the forms above."""
    word, _, rest = said.arguments.partition(" ")
    match word.lower():
        case "":
            show_list(house, tx, said.chat_id, Wanted())
        case "facts":
            memory_facts.show_list(house, tx, said.chat_id)
        case "forget" if rest.strip():
            memory_forget.of_words(house, tx, said.chat_id, rest.strip())
        case "export":
            memory_files.begin_export(house, tx, said, rest.strip().lower() or "json")
        case "import":
            memory_files.ask_document(house, tx, said.chat_id)
        case _:
            show_list(house, tx, said.chat_id, _meant(said.arguments))


def show_list(
    house: House,
    tx: Transaction,
    chat_id: int,
    wanted: Wanted,
    page: int = 0,
    key: str | None = None,
) -> None:
    """What is found, as a screen."""
    facts = listed(house, tx, wanted, page)
    if wanted.is_empty:
        facts |= _home(house, tx)
    show(house, tx, chat_id, "memory", facts, key, label=label_of_rows(facts["rows"]))


def _home(house: House, tx: Transaction) -> dict[str, Any]:
    """What the first screen tells besides."""
    memory = house.memory
    states = memory.summaries.counts(tx, Label.PRIVATE)
    return {
        "home": True,
        "counts": categories(house, tx),
        "proposals": len(memory.proposals.open(tx)),
        "reviews": states.get(SummaryState.REVIEW, 0),
    }


def _meant(typed: str) -> Wanted:
    """Words, or days."""
    span = span_of(typed)
    if span is None:
        return of_json({"words": typed})
    return of_json(_days(*span))


def _days(since: datetime | None, until: datetime | None) -> dict[str, str | None]:
    return {
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
    }


# -- taps ----------------------------------------------------------------------------------------


def open_home(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.home`"""
    show_list(house, tx, tapped.said.chat_id, Wanted(), key=tap.card_key)
    return None


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.page`"""
    wanted, page = of_json(tap.params.get("q")), page_of(tap.params.get("page"))
    show_list(house, tx, tapped.said.chat_id, wanted, page, tap.card_key)
    return None


def ask_words(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.search`: the next text is what is looked for, the filters stay."""
    wanted, chat_id = of_json(tap.params.get("q")), tapped.said.chat_id
    house.preferences.ask(tx, chat_id, Question(WORDS, {"q": wanted.to_json()}))
    say(house, tx, chat_id, "memory-ask-words")
    return None


def open_filters(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.filters`: what can be chosen; with `name`, what it can be."""
    wanted, name = of_json(tap.params.get("q")), tap.params.get("name")
    if name not in {None, *FILTERS}:
        raise Refused("stale-button")
    chat_id = tapped.said.chat_id
    facts = {**listed(house, tx, wanted), "rows": [], "name": name}
    facts["has_places"] = len(wishes.places(house, tx)) > 1
    if name is not None:
        facts["choices"] = _choices(house, tx, chat_id, str(name), page_of(tap.params.get("page")))
    show(house, tx, chat_id, "memory-filters", facts, tap.card_key)
    return None


def _choices(house: House, tx: Transaction, chat_id: int, name: str, page: int) -> dict[str, Any]:
    """The values of one filter: `rows` of value, title and count, where these are known."""
    match name:
        case "category":
            counts = categories(house, tx)
            return {"rows": [{"value": each, "count": many} for each, many in counts.items()]}
        case "thread_id":
            found = house.threads.page(tx, chat_id, page)
            rows = [
                {"value": each.id, "title": each.name or each.opening, "count": each.count}
                for each in found.rows
            ]
            return {"rows": rows, "page": found.page, "pages": found.pages}
        case "origin":
            here = house.settings.node
            names = [here, *(each.name for each in wishes.places(house, tx)[1:])]
            return {"rows": [{"value": each} for each in names]}
        case _:
            return {"rows": []}


def choose(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.filter`: one filter set, changed or, without a value, taken away."""
    wanted, name = of_json(tap.params.get("q")), str(tap.params.get("name"))
    value, chat_id = tap.params.get("value"), tapped.said.chat_id
    if name not in FILTERS:
        raise Refused("stale-button")
    if name == WHEN and value == OWN:
        about = {"q": wanted.to_json(), "card": tap.card_key}
        house.preferences.ask(tx, chat_id, Question(DAYS, about))
        say(house, tx, chat_id, "memory-ask-days")
        return None
    if name == WHEN:
        span = (None, None) if value is None else lately(str(value), house.clock.now())
        if span is None:
            raise Refused("stale-button")
        days = _days(*span)
        chosen = wanted.changed("since", days["since"]).changed("until", days["until"])
    else:
        chosen = wanted.changed(name, value)
    show_list(house, tx, chat_id, chosen, key=tap.card_key)
    return None


# -- answers -------------------------------------------------------------------------------------


def take_words(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_words`."""
    wanted = of_json(question.about.get("q")).changed("words", said.text)
    show_list(house, tx, said.chat_id, wanted)


def take_days(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `memory.filter` with days of the owner's own. Refused(`memory-no-days`)."""
    span = span_of(said.text)
    if span is None:
        house.preferences.ask(tx, said.chat_id, question)
        say(house, tx, said.chat_id, "err-memory-no-days", reply_to=said.message_id)
        return
    days = _days(*span)
    wanted = of_json({**question.about.get("q", {}), **days})
    show_list(house, tx, said.chat_id, wanted)


COMMANDS: dict[str, Command] = {"memory": command}
VERBS: dict[str, Verb] = {
    "memory.home": open_home,
    "memory.page": turn_page,
    "memory.search": ask_words,
    "memory.filters": open_filters,
    "memory.filter": choose,
    **memory_facts.VERBS,
    **memory_files.VERBS,
    **memory_forget.VERBS,
    **memory_item.VERBS,
    **memory_changing.VERBS,
}
ANSWERS: dict[str, Answer] = {
    WORDS: take_words,
    DAYS: take_days,
    **memory_files.ANSWERS,
    **memory_changing.ANSWERS,
}
