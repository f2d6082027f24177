"""/memory: what is found, in which order, by which filters; and /remember with its Undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.memory.record_model import Category, Source
from core.runs.model import Label
from core.runs.notices import Notice
from tests.integration.handlers_house import OWNER
from tests.integration.memory_desk import MemoryDesk

INSURANCE = "গাড়ির বিমা ১২ মার্চ শেষ হয়"


@pytest.fixture
def desk(sqlite_database, clock):
    return MemoryDesk(sqlite_database, clock)


# -- remembering ---------------------------------------------------------------------------------


def test_what_is_remembered_is_told_in_one_line_with_its_undo(desk):
    desk.say(f"/remember {INSURANCE}")
    assert INSURANCE in desk.shown("remembered")
    (record,) = desk.do(desk.memory.records.page, Label.PRIVATE).rows
    assert (record.text, record.category, record.source) == (
        INSURANCE, Category.NOTE, Source.OWNER,
    )  # fmt: skip
    assert desk.press("remembered", "memory.undo") == "Taken back"
    assert "Taken back" in desk.shown("remembered")
    assert desk.do(desk.memory.records.page, Label.PRIVATE).rows == ()
    desk.press("remembered", "memory.undo")
    assert "Remembered" in desk.shown("remembered")
    assert [each.id for each in desk.do(desk.memory.records.page, Label.PRIVATE).rows] == [
        record.id
    ]


def test_what_the_owner_says_of_himself_is_a_fact(desk):
    desk.say("/remember I prefer short answers")
    assert desk.params("remembered")["category"] == "fact"


def test_the_same_words_again_are_known_already(desk):
    desk.say("/remember the spare key is with Rina")
    desk.say("/remember the spare key is with Rina")
    assert "I know that already" in desk.shown("remembered")
    assert len(desk.do(desk.memory.records.page, Label.PRIVATE).rows) == 1


def test_an_update_that_comes_twice_remembers_once(desk):
    said = desk.say("/remember the spare key is with Rina")
    desk.replay(said)
    assert len(desk.notices("remembered")) == 1


def test_remember_without_words_says_how(desk):
    desk.say("/remember")
    assert desk.texts() == ["memory-remember-how"]
    assert desk.do(desk.memory.records.page, Label.PRIVATE).rows == ()


def test_private_words_are_kept_private_and_so_is_their_card(desk):
    desk.say("/remember my card is 4111 1111 1111 1111")
    (record,) = desk.do(desk.memory.records.page, Label.PRIVATE).rows
    assert record.label is Label.PRIVATE
    assert desk.label("remembered") is Label.PRIVATE


def test_a_message_that_is_replied_to_is_remembered_and_an_answer_is_no_fact(desk):
    asked, answer = desk.exchange("The boiler is a Vaillant", "I am sure you live in Dhaka")
    desk.say("/remember", replied_to=asked.telegram_id)
    kept = desk.record(desk.params("remembered")["id"])
    assert (kept.text, kept.source, kept.message_id) == (asked.text, Source.OWNER, asked.id)
    desk.say("/remember", quoted=answer.text)
    kept = desk.record(desk.params("remembered")["id"])
    assert (kept.category, kept.source) == (Category.NOTE, Source.UNTRUSTED)


def test_an_answer_that_is_replied_to_is_kept_whole_and_as_nobodys_own_words(desk):
    _, answer = desk.exchange("where do I live?", "You live in Dhaka, near the lake", run_id="r1")
    notice = Notice("answer", {"text": answer.text}, chat_id=OWNER, run_id="r1")
    desk.do(desk.house.mailbox.put, notice)
    number, _ = desk.newest("answer")
    desk.say("/remember", replied_to=number, quoted="near the lake")
    kept = desk.record(desk.params("remembered")["id"])
    assert (kept.text, kept.message_id) == (answer.text, answer.id)
    assert (kept.category, kept.source) == (Category.NOTE, Source.UNTRUSTED)


# -- the list ------------------------------------------------------------------------------------


def test_the_first_screen_shows_the_newest_records_and_counts_everything(desk):
    desk.exchange("not a record")
    for at in range(7):
        desk.remember(f"note number {at}")
    desk.say("/memory")
    assert desk.words_of("memory") == [f"note number {at}" for at in range(6, 1, -1)]
    assert desk.params("memory")["counts"] == {"note": 7, "interaction": 2}
    desk.press("memory", "memory.page", page=1)
    assert desk.words_of("memory") == ["note number 1", "note number 0"]


def test_an_empty_memory_says_so(desk):
    desk.say("/memory")
    assert "I remember nothing yet" in desk.shown("memory")


def test_words_find_what_was_said_and_what_was_remembered_in_bengali(desk):
    record = desk.remember(INSURANCE)
    asked, _ = desk.exchange("বিমার কাগজ কোথায়?", "আলমারিতে")
    desk.remember("something else")
    desk.say("/memory বিমা")
    found = {(each["kind"], each["id"]) for each in desk.params("memory")["rows"]}
    assert {("record", record.id), ("message", asked.id)} <= found
    assert "<b>" in desk.shown("memory")
    desk.press("memory", "memory.open", kind="message", id=asked.id)
    assert desk.params("memory-item")["text"] == asked.text


def test_a_day_a_month_or_a_span_filters_instead_of_being_looked_for(desk):
    old = datetime(2021, 5, 3, tzinfo=UTC)
    record = desk.remember("five years ago", happened_at=old)
    desk.remember("today")
    for typed in ("2021", "2021-05", "May 2021", "মে ২০২১", "2021-01 .. 2021-12"):
        desk.say(f"/memory {typed}")
        assert [each["id"] for each in desk.params("memory")["rows"]] == [record.id], typed
    assert "five years ago" in desk.shown("memory")


def test_a_search_beyond_the_last_page_shows_the_last_one(desk):
    for at in range(7):
        desk.remember(f"wheel {at}")
    desk.tap("memory.page", card_key="screen:x", q={"words": "wheel"}, page=99)
    shown = desk.params("memory")
    assert (shown["page"], shown["pages"], len(shown["rows"])) == (1, 2, 2)


@pytest.mark.parametrize("is_open", [True, False])
def test_a_list_is_as_private_as_what_it_shows(desk, is_open):
    desk.remember("the code is 1234", label=Label.OPEN if is_open else Label.PRIVATE)
    desk.say("/memory")
    assert desk.label("memory") is (Label.OPEN if is_open else Label.PRIVATE)


# -- filters -------------------------------------------------------------------------------------


@pytest.fixture
def full(desk):
    """Records of several kinds, times, labels and threads."""
    now = desk.clock.now()
    with desk.house.db.write() as tx:
        thread = desk.house.threads.new(tx, OWNER, "Garage")
    desk.thread = thread.id
    desk.remember("tea note", happened_at=now - timedelta(days=400))
    desk.remember("tea fact", Category.FACT, label=Label.PRIVATE)
    desk.remember("tea task", Category.TASK, thread_id=thread.id)
    desk.exchange("tea said", "tea answered", thread=thread.id)
    desk.say("/memory tea")
    return desk


def chosen(desk, name, value):
    """What is shown once a filter is set by its own buttons."""
    desk.press("memory", "memory.filters")
    desk.press("memory-filters", "memory.filters", name=name)
    desk.press("memory-filters", "memory.filter", name=name, value=value)
    return sorted(desk.words_of("memory"))


def test_each_filter_shows_only_what_it_chooses(full):
    assert len(full.words_of("memory")) == 5
    assert chosen(full, "category", "task") == ["tea task"]
    full.say("/memory tea")
    assert chosen(full, "category", "interaction") == ["tea answered", "tea said"]
    full.say("/memory tea")
    assert chosen(full, "label", "private") == ["tea fact"]
    full.say("/memory tea")
    assert chosen(full, "when", "older") == ["tea note"]
    full.say("/memory tea")
    assert chosen(full, "thread_id", full.thread) == ["tea answered", "tea said", "tea task"]


def test_filters_add_up_and_a_tap_takes_one_away(full):
    assert chosen(full, "thread_id", full.thread) == ["tea answered", "tea said", "tea task"]
    assert chosen(full, "category", "task") == ["tea task"]
    assert "🧵 Garage" in full.shown("memory")
    full.press("memory", "memory.filters")
    full.press("memory-filters", "memory.filters", name="thread_id")
    page, message = full.newest("memory-filters")
    away = [
        button_id
        for button, button_id in message.buttons
        if button.verb == "memory.filter" and "value" not in button.params
    ]
    full.tap_id(*away, page)
    assert full.params("memory")["q"] == {"words": "tea", "category": "task"}


def test_days_of_the_owners_own_are_asked_for_and_nonsense_asks_again(full):
    full.press("memory", "memory.filters")
    full.press("memory-filters", "memory.filters", name="when")
    full.press("memory-filters", "memory.filter", name="when", value="own")
    full.say("last winter or so")
    assert full.texts()[-1] == "err-memory-no-days"
    year = full.clock.now().year - 2
    full.say(f"{year} .. {year + 1}")
    assert full.words_of("memory") == ["tea note"]
    assert full.params("memory")["q"]["words"] == "tea"


def test_search_asks_for_words_and_keeps_the_filters(full):
    chosen(full, "category", "task")
    full.press("memory", "memory.search")
    full.say("tea")
    assert full.params("memory")["q"] == {"words": "tea", "category": "task"}


def test_a_command_instead_of_words_ends_the_question(full):
    full.press("memory", "memory.search")
    full.say("/jobs")
    full.say("hello")
    assert [run.workflow for run in full.runs(workflows=["chat_turn"])] == ["chat_turn"]
