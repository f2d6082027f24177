"""/summarize: what is old made short, shown for review, and the originals behind it.

    /summarize                  begins a run, or says that nothing is old enough
    summarize                   the same, as a message of one word

A summary waits for Keep, Correct or Discard while the review is on; only after it are its originals
archived. They stay readable and are found as before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.memory_changing import by
from bot.handlers.memory_item import show_summary
from bot.handlers.memory_query import label_of_rows, page_of
from bot.handlers.screens import say, show
from bot.render.translate import translator
from core.db import Transaction
from core.errors import Refused
from core.memory.preferences import Question
from core.memory.summary_model import MONTH_DAYS, Summary, SummaryState
from core.runs.buttons import Tap
from core.runs.model import Label
from core.upkeep.model import SummariseOld
from core.upkeep.old_talk import summarise_old
from core.wiring import House

#: The open question for a summary in the owner's words; `about` has the summary and the screen.
CORRECT = "summary-correct"
#: The word that does the same as the command, when a message is nothing else.
WORDS = frozenset({"summarize", "summarise"})
#: Originals on one page of a screen; a page of summaries.
ROWS, PAGE_ROWS = 4, 6
#: Characters of an original that a page shows.
MOST_TEXT = 500
DECISIONS = {"keep": SummaryState.KEPT, "discard": SummaryState.DISCARDED}
SAID = {"keep": "summaries-kept", "discard": "summaries-discarded"}


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/summarize`"""
    many = house.memory.summaries.count_due(tx, _before(house))
    if many:
        _start(house, tx, said)
        _show_list(house, tx, said.chat_id, begun=True)
        return
    months = house.settings.summary_age_months
    say(house, tx, said.chat_id, "summaries-nothing-old", reply_to=said.message_id, months=months)


def is_meant(text: str) -> bool:
    """Is a message the word that asks for it?"""
    return text.strip().lower() in WORDS


def _start(house: House, tx: Transaction, said: Incoming) -> None:
    texts = translator(house.preferences.language(tx))
    house.runs.start(
        tx,
        summarise_old,
        SummariseOld(said.chat_id, said.message_id),
        key=f"{said.key}:summarise" if said.key else None,
        lane="summaries",
        chat_id=said.chat_id,
        title=texts("summaries-title-run"),
    )


def _before(house: House) -> Any:
    days = house.settings.summary_age_months * MONTH_DAYS
    return house.clock.now() - timedelta(days=days)


# -- the list ------------------------------------------------------------------------------------


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`summaries.page`"""
    page = page_of(tap.params.get("page"))
    _show_list(house, tx, tapped.said.chat_id, page, tap.card_key)
    return None


def run_now(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`summaries.run`"""
    if not house.memory.summaries.count_due(tx, _before(house)):
        return Word("summaries-none-due")
    _start(house, tx, tapped.said)
    _show_list(house, tx, tapped.said.chat_id, 0, tap.card_key, begun=True)
    return None


def _show_list(
    house: House,
    tx: Transaction,
    chat_id: int,
    page: int = 0,
    key: str | None = None,
    *,
    begun: bool = False,
) -> None:
    """What waits first, then the newest; how much is old, when it was done last, when next."""
    summaries = house.memory.summaries
    counts = summaries.counts(tx, Label.PRIVATE)
    total = sum(counts.values())
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(page, pages - 1)
    rows = [_row(house, tx, each) for each in summaries.page(tx, Label.PRIVATE, page)]
    last = summaries.last(tx)
    interval = timedelta(days=house.settings.summary_interval_days)
    facts = {
        "rows": rows,
        "page": page,
        "pages": pages,
        "due": summaries.count_due(tx, _before(house)),
        "months": house.settings.summary_age_months,
        "last_at": last.at.isoformat() if last else None,
        "next_at": (last.at + interval).isoformat() if last else None,
        "waiting": counts.get(SummaryState.REVIEW, 0),
        "begun": begun,
    }
    show(house, tx, chat_id, "summaries", facts, key, label=label_of_rows(rows))


def _row(house: House, tx: Transaction, summary: Summary) -> dict[str, Any]:
    thread = summary.thread_id and house.memory.reading.name_of(tx, summary.thread_id)
    return {
        "id": summary.id,
        "state": summary.state.value,
        "category": summary.category,
        "thread": thread,
        "original_count": summary.original_count,
        "since": summary.since.isoformat(),
        "until": summary.until.isoformat(),
        "label": summary.label.value,
    }


# -- one summary ---------------------------------------------------------------------------------


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`summaries.open`"""
    show_summary(house, tx, tapped.said.chat_id, str(tap.params.get("id")), tap.card_key)
    return None


def decide(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`summaries.decide`: keep, discard; correct asks for the words."""
    verb, summary_id = str(tap.params.get("verb")), str(tap.params.get("id"))
    chat_id = tapped.said.chat_id
    if verb == "correct":
        summary = house.memory.summaries.get(tx, summary_id, Label.PRIVATE)
        about = {"id": summary_id, "card": tap.card_key}
        house.preferences.ask(tx, chat_id, Question(CORRECT, about))
        params = {"id": summary_id, "how": "summary", "text": summary.text}
        show(house, tx, chat_id, "memory-ask", params, label=summary.label)
        return None
    if verb not in DECISIONS:
        raise Refused("stale-button")
    house.memory.reviews.decide(tx, summary_id, DECISIONS[verb], by(tapped))
    show_summary(house, tx, chat_id, summary_id, tap.card_key)
    return Word(SAID[verb])


def take_words(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `correct`."""
    summary_id = str(question.about["id"])
    reviews, corrected = house.memory.reviews, SummaryState.CORRECTED
    reviews.decide(tx, summary_id, corrected, by(said), said.text)
    card = question.about.get("card")
    show_summary(house, tx, said.chat_id, summary_id, card if isinstance(card, str) else None)
    say(house, tx, said.chat_id, "summaries-corrected", reply_to=said.message_id, silent=True)


# -- originals -----------------------------------------------------------------------------------


def open_archive(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`archives.open`: what a summary was made of, in the order of time."""
    summary_id, page = str(tap.params.get("summary_id")), page_of(tap.params.get("page"))
    summary = house.memory.summaries.get(tx, summary_id, Label.PRIVATE)
    found = house.memory.archives.originals(tx, summary_id)
    pages = max(1, -(-len(found) // ROWS))
    page = min(page, pages - 1)
    rows = [
        {
            "kind": each.kind.name.lower(),
            "id": each.id,
            "text": each.text[:MOST_TEXT],
            "at": each.at.isoformat(),
            "label": each.label.value,
            "category": each.category,
        }
        for each in found[page * ROWS : (page + 1) * ROWS]
    ]
    facts = {
        "summary_id": summary_id,
        "category": summary.category,
        "archived": summary.archive_id is not None,
        "rows": rows,
        "page": page,
        "pages": pages,
        "total": len(found),
    }
    label = Label.highest(summary.label, label_of_rows(rows))
    show(house, tx, tapped.said.chat_id, "archive", facts, tap.card_key, label=label)
    return None


COMMANDS: dict[str, Command] = {"summarize": command}
VERBS: dict[str, Verb] = {
    "summaries.page": turn_page,
    "summaries.run": run_now,
    "summaries.open": open_one,
    "summaries.decide": decide,
    "archives.open": open_archive,
}
ANSWERS: dict[str, Answer] = {CORRECT: take_words}
