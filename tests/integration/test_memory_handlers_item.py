"""One thing that is remembered: changed with its history, taken back, shown where it was said."""

from __future__ import annotations

import pytest

from core.memory import telling
from core.memory.fact_model import Fact, Said
from core.memory.record_model import Actor, Category, ChangeKind, Source
from core.memory.search_model import ItemKind
from core.memory.summary_model import Batch, Checked, Draft, Original, Point, SummaryState
from core.runs.model import Label
from tests.integration.handlers_house import OWNER
from tests.integration.memory_desk import MemoryDesk


@pytest.fixture
def desk(sqlite_database, clock):
    return MemoryDesk(sqlite_database, clock)


@pytest.fixture
def opened(desk):
    """A record, opened from a search."""
    desk.kept = desk.remember("Rina has the spare key")
    desk.say("/memory key")
    desk.press("memory", "memory.open", id=desk.kept.id)
    return desk


# -- changing ------------------------------------------------------------------------------------


def test_an_item_is_pinned_and_unpinned_and_each_is_in_its_history(opened):
    assert opened.press("memory-item", "memory.pin", on=True) == "Pinned: I always think of it"
    assert opened.record(opened.kept.id).is_pinned
    opened.press("memory-item", "memory.pin", on=False)
    assert not opened.record(opened.kept.id).is_pinned
    kinds = [change.kind for change in opened.history(opened.kept.id)]
    assert kinds == [ChangeKind.PINNED, ChangeKind.PINNED]
    assert {change.actor.name for change in opened.history(opened.kept.id)} == {f"telegram:{OWNER}"}


def test_making_private_takes_one_tap_and_opening_it_again_two(opened):
    opened.press("memory-item", "memory.private", on=True)
    assert opened.record(opened.kept.id).label is Label.PRIVATE
    assert opened.label("memory-item") is Label.PRIVATE
    opened.press("memory-item", "memory.private", on=False)
    assert opened.record(opened.kept.id).label is Label.PRIVATE
    assert "models that are not yours" in opened.shown("memory-item")
    opened.press("memory-item", "memory.private", on=False, sure=True)
    assert opened.record(opened.kept.id).label is Label.OPEN


def test_an_edit_changes_the_words_and_a_correction_also_the_day(opened):
    opened.press("memory-item", "memory.edit", how="edit")
    assert "Rina has the spare key" in opened.shown("memory-ask")
    opened.say("Rina has the spare key of the house")
    edited = opened.record(opened.kept.id)
    assert edited.text == "Rina has the spare key of the house"
    assert edited.happened_at == opened.kept.happened_at
    opened.clock.advance(3600)
    opened.press("memory-item", "memory.edit", how="correct")
    opened.say("Karim has the spare key")
    corrected = opened.record(opened.kept.id)
    assert corrected.happened_at == opened.clock.now()
    assert [change.kind for change in opened.history(opened.kept.id)] == [
        ChangeKind.CORRECTED,
        ChangeKind.EDITED,
    ]
    assert "Corrected" in opened.shown("remembered")


def test_a_change_is_undone_from_its_line_and_from_the_item(opened):
    opened.press("memory-item", "memory.edit", how="edit")
    opened.say("something else")
    opened.press("remembered", "memory.undo")
    assert opened.record(opened.kept.id).text == "Rina has the spare key"
    opened.press("memory-item", "memory.pin", on=True)
    opened.press("memory-item", "memory.undo")
    assert not opened.record(opened.kept.id).is_pinned


def test_words_that_turn_out_private_make_the_item_private(opened):
    opened.press("memory-item", "memory.edit", how="edit")
    opened.say("the card is 4111 1111 1111 1111")
    assert opened.record(opened.kept.id).label is Label.PRIVATE


def test_the_history_tells_what_it_said_before_and_each_change_can_be_taken_back(opened):
    opened.press("memory-item", "memory.edit", how="edit")
    opened.say("Rina has both keys")
    opened.press("memory-item", "memory.history")
    shown = opened.shown("memory-history")
    for word in ("Reworded", "Rina has the spare key", "by you", "Remembered"):
        assert word in shown
    opened.press("memory-history", "memory.undo")
    assert opened.record(opened.kept.id).text == "Rina has the spare key"


def test_a_change_under_a_newer_one_is_not_taken_back_over_it(opened):
    for text in ("first", "second"):
        opened.press("memory-item", "memory.edit", how="edit")
        opened.say(text)
    opened.press("memory-item", "memory.history")
    older = opened.history(opened.kept.id)[-1]
    opened.press("memory-history", "memory.undo", change_id=older.id)
    assert opened.record(opened.kept.id).text == "second"
    assert opened.endings()[-1] == ("aside", "change-superseded")


def test_an_item_is_filed_under_another_category(opened):
    opened.press("memory-item", "memory.file")
    opened.press("memory-item", "memory.file", category="task")
    assert opened.record(opened.kept.id).category is Category.TASK
    assert "tasks" in opened.shown("memory-item")


def test_back_leads_to_the_same_search(opened):
    opened.press("memory-item", "memory.pin", on=True)
    opened.press("memory-item", "memory.page")
    assert opened.params("memory")["q"] == {"words": "key"}


def test_an_item_that_is_gone_meanwhile_is_told_and_changes_nothing(opened):
    opened.do(opened.memory.records.retire, opened.kept.id, Actor(f"telegram:{OWNER}"))
    word = opened.press("memory-item", "memory.pin", on=True)
    assert word is not None
    assert not opened.record(opened.kept.id).is_pinned


# -- where it was said ---------------------------------------------------------------------------


def test_a_tap_leads_to_the_message_it_came_from(desk):
    asked, _ = desk.exchange("the boiler is a Vaillant")
    record = desk.remember("the boiler is a Vaillant", message_id=asked.id)
    desk.tap("memory.open", card_key="screen:x", kind="record", id=record.id)
    desk.press("memory-item", "memory.said")
    notice = desk.notices("text")[-1].notice
    assert (notice.params["key"], notice.reply_to) == ("memory-said-here", asked.telegram_id)


def test_what_was_kept_by_command_leads_to_the_command(desk):
    said = desk.say("/remember the boiler is a Vaillant")
    desk.press("remembered", "memory.open")
    desk.press("memory-item", "memory.said")
    assert desk.notices("text")[-1].notice.reply_to == said.message_id


def test_a_message_becomes_a_note_with_a_tap_but_an_answer_is_not_the_owners_word(desk):
    _, answer = desk.exchange("where do I live?", "You live in Dhaka")
    desk.tap("memory.open", card_key="screen:x", kind="answer", id=answer.id)
    desk.press("memory-item", "memory.keep")
    kept = desk.record(desk.params("remembered")["id"])
    assert (kept.category, kept.source) == (Category.NOTE, Source.UNTRUSTED)


def test_what_is_like_an_item_is_shown_and_the_item_itself_is_not(desk):
    first = desk.remember("insurance of the red car ends in March")
    second = desk.remember("insurance of the blue car ends in June")
    desk.remember("tea is in the kitchen")
    desk.tap("memory.open", card_key="screen:x", kind="record", id=first.id)
    desk.press("memory-item", "memory.similar")
    ids = [each["id"] for each in desk.params("memory")["rows"]]
    assert ids[0] == second.id
    assert first.id not in ids


# -- facts and contradictions --------------------------------------------------------------------


@pytest.fixture
def proposing(desk):
    """One doubtful fact, and one against what is remembered, each on its own card."""
    asked, _ = desk.exchange("Perhaps I will prefer short answers. My car is blue now.")
    old = desk.remember("My car is red", Category.FACT)
    said = Said(
        asked.seq, asked.id, asked.thread_id, asked.text, Label.OPEN, Source.OWNER, "en",
        asked.created_at,
    )  # fmt: skip
    facts = [
        Fact("I prefer short answers", asked.id, "I will prefer short answers", 60),
        Fact("My car is blue", asked.id, "My car is blue now", 95),
    ]
    with desk.house.db.write() as tx:
        _, waiting = desk.memory.proposals.take(tx, facts, [said], Actor("extract_facts"))
        for each in waiting:
            desk.house.mailbox.put(tx, telling.proposal(each))
    desk.old = old
    assert {each.kind.value for each in waiting} == {"fact", "contradiction"}
    return desk


def test_a_fact_is_remembered_after_a_tap_and_taken_back_by_another(proposing):
    proposing.press("fact", "facts.decide", verb="keep")
    stored = proposing.record(proposing.params("fact")["record_id"])
    assert (stored.category, stored.source) == (Category.FACT, Source.TAPPED)
    assert "✅ Remembered" in proposing.shown("fact")
    proposing.press("fact", "memory.undo")
    assert proposing.record(stored.id).deleted_at is not None
    assert "Taken back" in proposing.shown("fact")


def test_a_contradiction_shows_both_and_replaces_only_after_a_tap(proposing):
    shown = proposing.shown("contradiction")
    assert "My car is red" in shown
    assert "My car is blue" in shown
    assert proposing.record(proposing.old.id).text == "My car is red"
    proposing.press("contradiction", "facts.decide", verb="replace")
    assert proposing.record(proposing.old.id).text == "My car is blue"
    proposing.press("contradiction", "memory.undo")
    assert proposing.record(proposing.old.id).text == "My car is red"


def test_what_waits_is_decided_in_the_list_as_well(proposing):
    proposing.say("/memory facts")
    assert len(proposing.params("facts")["rows"]) == 2
    proposing.press("facts", "facts.decide", verb="drop")
    assert len(proposing.params("facts")["rows"]) == 1
    proposing.say("/memory")
    assert proposing.params("memory")["proposals"] == 1


def test_a_decision_that_was_made_is_not_made_again(proposing):
    proposing.press("fact", "facts.decide", verb="drop")
    about = proposing.params("fact")["id"]
    proposing.tap("facts.decide", card_key=f"proposal:{about}", id=about, verb="keep")
    assert proposing.do(proposing.memory.records.page, Label.PRIVATE).total == 1


# -- summaries -----------------------------------------------------------------------------------


@pytest.fixture
def reviewing(desk):
    """A summary of two old notes, waiting for review."""
    old = [desk.remember(f"{name} owes 500 taka") for name in ("Rahim", "Karim")]
    originals = tuple(
        Original(ItemKind.RECORD, each.id, each.seq, each.text, each.label, each.category,
                 each.happened_at)
        for each in old
    )  # fmt: skip
    points = tuple(Point(each.text, ((ItemKind.RECORD, each.id),)) for each in originals)
    draft = Draft(
        Batch("note", None, originals, Label.OPEN), SummaryState.REVIEW,
        "Rahim and Karim owe 500 taka each.", points, Checked(), Label.OPEN,
    )  # fmt: skip
    desk.summary = desk.do(desk.memory.summaries.keep, draft)
    desk.originals = old
    desk.tap("summaries.page", card_key="screen:s", page=0)
    desk.press("summaries", "summaries.open")
    return desk


def test_a_summary_says_how_much_it_stands_for_and_names_its_points(reviewing):
    shown = reviewing.shown("summary")
    for word in ("2 items → 1 summary", "Rahim owes 500 taka", "from 1", "originals stay"):
        assert word in shown


def test_keeping_a_summary_starts_its_archive_and_discarding_starts_nothing(reviewing):
    reviewing.press("summary", "summaries.decide", verb="keep")
    (run,) = reviewing.runs(workflows=["archive_summary"])
    assert run.args == {"summary_id": reviewing.summary.id}
    assert "Kept" in reviewing.shown("summary")


def test_a_discarded_summary_leaves_its_originals(reviewing):
    reviewing.press("summary", "summaries.decide", verb="discard")
    assert reviewing.runs(workflows=["archive_summary"]) == []
    assert "Discarded" in reviewing.shown("summary")


def test_a_corrected_summary_has_the_owners_words_and_is_found(reviewing):
    reviewing.press("summary", "summaries.decide", verb="correct")
    reviewing.say("Rahim and Karim owe 500 taka each, since Eid.")
    assert len(reviewing.runs(workflows=["archive_summary"])) == 1
    reviewing.say("/memory Eid")
    assert [each["kind"] for each in reviewing.params("memory")["rows"]] == ["summary"]
    reviewing.press("memory", "memory.open", kind="summary")
    assert "since Eid" in reviewing.shown("summary")


def test_the_originals_are_read_from_the_archive_as_before(reviewing):
    reviewing.press("summary", "summaries.decide", verb="keep")
    reviewing.do(reviewing.memory.archives.pack, reviewing.summary.id)
    reviewing.press("summary", "archives.open")
    assert reviewing.words_of("archive") == ["Rahim owes 500 taka", "Karim owes 500 taka"]
    reviewing.press("archive", "memory.open", id=reviewing.originals[0].id)
    assert "🗄" in reviewing.shown("memory-item")


def test_summarize_says_when_nothing_is_old_and_begins_when_something_is(desk):
    desk.say("/summarize")
    assert desk.texts() == ["summaries-nothing-old"]
    desk.remember("an old note")
    desk.clock.advance(179 * 86_400)
    desk.say("summarize")
    assert desk.runs(workflows=["summarise_old"]) == []
    desk.clock.advance(2 * 86_400)
    desk.say("Summarize")
    assert len(desk.runs(workflows=["summarise_old"])) == 1
    assert "I am at it" in desk.shown("summaries")
    assert desk.runs(workflows=["chat_turn"]) == []
