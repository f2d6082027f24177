"""What is due, and the owner's word on a summary, in both dialects."""

import pytest

from core.errors import Refused
from core.memory import key_facts, points
from core.memory.model import Role
from core.memory.record_model import MOST_TEXT, Category
from core.memory.search_model import ItemKind
from core.memory.summary_model import (
    MOST_IN_BATCH,
    Checked,
    Draft,
    KeyFact,
    KeyFactKind,
    LastRun,
    Point,
    SummaryState,
)
from core.runs.model import Label
from tests.integration.summaries_world import ACTOR, World, local

KEPT, CORRECTED, DISCARDED = SummaryState.KEPT, SummaryState.CORRECTED, SummaryState.DISCARDED
REVIEW, REFUSED = SummaryState.REVIEW, SummaryState.REFUSED


@pytest.fixture
def world(database, clock):
    world = World(database, clock, local=local())
    yield world
    world.close()


def keep(world, batch, state=REVIEW, text=None, checked=None, label=Label.OPEN):
    text = text or "\n".join(each.text for each in batch.originals)
    draft = Draft(
        batch,
        state,
        text,
        points.attributed(text, batch.originals),
        checked or key_facts.checked(batch.originals, text),
        label,
        language="en",
        endpoint="fake/local",
        run_id="r1",
    )
    with world.db.write() as tx:
        return world.summaries.keep(tx, draft)


def decide(world, summary, state, text=None):
    with world.db.write() as tx:
        return world.summaries.decide(tx, summary.id, state, ACTOR, text)


def old_batch(world, *texts):
    thread = world.thread()
    world.say(thread, *(texts or ("the garage is at 5 Hill Street",)))
    world.wait(181)
    (batch,) = world.due()
    return batch


def test_what_is_181_days_old_is_due_and_179_days_is_not(world):
    thread = world.thread()
    world.say(thread, "older")
    world.remember("older note")
    world.wait(2)
    world.say(thread, "younger")
    world.remember("younger note")
    world.wait(179)
    found = {each.text for batch in world.due() for each in batch.originals}
    assert found == {"older", "older note"}
    with world.db.read() as tx:
        assert world.summaries.count_due(tx, world.room.before()) == 2


def test_a_batch_is_of_one_thread_one_category_and_one_label(world):
    one, other = world.thread(), world.thread()
    world.say(one, "a", "b")
    world.say(other, "c")
    world.say(one, "hidden", label=Label.PRIVATE)
    world.remember("note", "note too")
    world.remember("it failed", category=Category.ERROR)
    world.wait(181)
    found = {
        (batch.category, batch.thread_id, batch.label, tuple(o.text for o in batch.originals))
        for batch in world.due()
    }
    assert found == {
        ("interaction", one, Label.OPEN, ("a", "b")),
        ("interaction", other, Label.OPEN, ("c",)),
        ("interaction", one, Label.PRIVATE, ("hidden",)),
        ("note", None, Label.OPEN, ("note", "note too")),
        ("error", None, Label.OPEN, ("it failed",)),
    }
    open_ones = world.due(label=Label.OPEN)
    assert {batch.label for batch in open_ones} == {Label.OPEN}
    assert len(open_ones) == 4


def test_an_answer_is_told_from_what_the_owner_said(world):
    thread = world.thread()
    world.say(thread, "question")
    world.say(thread, "answer", role=Role.ASSISTANT)
    world.wait(181)
    (batch,) = world.due()
    assert [(each.kind, each.role) for each in batch.originals] == [
        (ItemKind.MESSAGE, "owner"),
        (ItemKind.ANSWER, "assistant"),
    ]


def test_a_group_is_cut_into_batches_oldest_first(world):
    world.say(world.thread(), *(f"message {at}" for at in range(MOST_IN_BATCH + 5)))
    world.wait(181)
    first, second = world.due()
    assert (len(first.originals), len(second.originals)) == (MOST_IN_BATCH, 5)
    assert second.originals[0].text == f"message {MOST_IN_BATCH}"


def test_facts_and_what_is_pinned_withdrawn_or_retired_is_never_due(world):
    thread = world.thread()
    world.remember("I prefer short answers", category=Category.FACT)
    world.remember("pinned note", is_pinned=True)
    (retired,) = world.remember("retired note")
    (withdrawn,) = world.say(thread, "edited away")
    with world.db.write() as tx:
        world.records.retire(tx, retired.id, ACTOR)
        world.threads.withdraw(tx, withdrawn.id)
    world.wait(400)
    assert world.due() == ()


def test_an_original_is_in_one_summary_at_most(world):
    batch = old_batch(world)
    summary = keep(world, batch)
    assert summary.state is REVIEW
    assert (summary.original_count, summary.category) == (1, "interaction")
    assert world.due() == ()
    with pytest.raises(Refused, match="summary-twice"):
        keep(world, batch)
    assert len(world.all_summaries()) == 1
    assert len(world.sources()) == 1


def test_a_summary_is_as_private_as_its_most_private_source(world):
    thread = world.thread()
    world.say(thread, "hidden", label=Label.PRIVATE)
    world.wait(181)
    summary = keep(world, world.due()[0], label=Label.OPEN)
    assert summary.label is Label.PRIVATE
    with world.db.read() as tx:
        assert world.summaries.page(tx, Label.OPEN) == ()
        assert world.summaries.counts(tx, Label.OPEN) == {}
        with pytest.raises(Refused, match="summary-missing"):
            world.summaries.get(tx, summary.id, Label.OPEN)
        assert world.summaries.get(tx, summary.id, Label.PRIVATE) == summary


def test_a_draft_cannot_be_found_and_a_kept_one_can(world):
    summary = keep(world, old_batch(world))
    found = [kind for kind, _ in world.index.items]
    assert ItemKind.SUMMARY not in found
    decided = decide(world, summary, KEPT)
    assert decided.decided_at == world.clock.now()
    item = world.index.items[ItemKind.SUMMARY, summary.seq]
    assert (item.text, item.category, item.at) == (summary.text, "interaction", summary.until)


@pytest.mark.parametrize("state", [KEPT, CORRECTED, DISCARDED])
def test_the_owner_decides_once(world, state):
    summary = keep(world, old_batch(world))
    decide(world, summary, state, "my own words")
    for other in (KEPT, CORRECTED, DISCARDED):
        with pytest.raises(Refused, match="summary-decided"):
            decide(world, summary, other, "again")


def test_a_correction_is_the_owners_text_with_points_that_know_their_sources(world):
    batch = old_batch(world, "the garage is at 5 Hill Street", "রহিমের ফোন ০১৭১২-৩৪৫৬৭৮")
    summary = decide(world, keep(world, batch), CORRECTED, " Garage: 5 Hill Street \n\nI like tea ")
    assert summary.state is CORRECTED
    assert summary.text == "Garage: 5 Hill Street \n\nI like tea"
    assert summary.points == (
        Point("Garage: 5 Hill Street", ((ItemKind.MESSAGE, batch.originals[0].id),)),
        Point("I like tea", ()),
    )
    assert world.index.items[ItemKind.SUMMARY, summary.seq].text == summary.text


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, "summary-empty"), (" \n ", "summary-empty"), ("x" * (MOST_TEXT + 1), "too-long")],
)
def test_a_correction_needs_words_and_not_too_many(world, text, code):
    summary = keep(world, old_batch(world))
    with pytest.raises(Refused, match=code):
        decide(world, summary, CORRECTED, text)
    assert world.all_summaries()[0].state is REVIEW


def test_a_refused_one_can_still_be_decided_about(world):
    lacks = Checked(missing=(KeyFact(KeyFactKind.NUMBER, "5"),))
    summary = keep(world, old_batch(world), REFUSED, "the garage is somewhere", lacks)
    assert summary.missing == lacks.missing
    assert decide(world, summary, CORRECTED, "garage: 5 Hill Street").state is CORRECTED


@pytest.mark.parametrize("state", [DISCARDED, REFUSED])
def test_a_discarded_or_refused_one_sets_its_originals_free_after_an_interval(world, state):
    batch = old_batch(world)
    first = keep(world, batch, REFUSED if state is REFUSED else REVIEW)
    if state is DISCARDED:
        decide(world, first, DISCARDED)
    world.wait(29)
    assert world.due() == ()
    with pytest.raises(Refused, match="summary-twice"):
        keep(world, batch)
    world.wait(2)
    (again,) = world.due()
    assert again == batch
    second = keep(world, again)
    assert world.due() == ()
    assert [each.state for each in world.all_summaries()] == [DISCARDED, REVIEW]
    assert {row.summary_id for row in world.sources()} == {second.id}
    with pytest.raises(Refused, match="summary-decided"):
        decide(world, first, KEPT)


def test_what_waits_is_listed_first_then_the_newest(world):
    thread = world.thread()
    for at in range(8):
        world.say(thread, f"message {at}")
        world.wait(181)
        keep(world, world.due()[0], KEPT if at else REVIEW)
    with world.db.read() as tx:
        first = world.summaries.page(tx, Label.PRIVATE)
        second = world.summaries.page(tx, Label.PRIVATE, 1)
        assert world.summaries.counts(tx, Label.PRIVATE) == {KEPT: 7, REVIEW: 1}
    assert [each.text for each in first][:2] == ["message 0", "message 7"]
    assert (len(first), [each.text for each in second]) == (6, ["message 2", "message 1"])


def test_the_last_run_is_remembered(world):
    with world.db.write() as tx:
        assert world.summaries.last(tx) is None
        for many in (1, 2):
            world.summaries.note(tx, LastRun(world.clock.now(), many, 1, 0, 3))
        assert world.summaries.last(tx) == LastRun(world.clock.now(), 2, 1, 0, 3)


def test_our_own_secrets_do_not_get_into_a_summary(database, clock):
    from core.memory.old_summaries import OldSummaries
    from core.redaction import Redaction

    world = World(database, clock, local=local())
    world.summaries = OldSummaries(
        clock, world.clocks, world.index, "home", Redaction(["canary-secret-123"])
    )
    summary = keep(world, old_batch(world, "the word is canary-secret-123"))
    assert "canary" not in summary.text + str(summary.points)
    corrected = decide(world, summary, CORRECTED, "it is canary-secret-123")
    assert "canary" not in corrected.text
    world.close()
