"""Summarising what is old, through the real engine: judged, shown, archived, never twice."""

import pytest

from core.llm.model import Failure
from core.llm.ports import ModelFailed
from core.memory.model import Role
from core.memory.summary_model import MOST_IN_BATCH, SummaryState
from core.memory.tables import archives
from core.runs.model import Label, RunState
from core.upkeep.old_talk_fakes import honest, material
from tests.integration.summaries_world import OWNER, World, local
from tests.integration.test_summaries_store import keep

KEPT, CORRECTED, DISCARDED = SummaryState.KEPT, SummaryState.CORRECTED, SummaryState.DISCARDED
REVIEW, REFUSED = SummaryState.REVIEW, SummaryState.REFUSED


class Down:
    """A model that cannot be reached."""

    def __init__(self):
        self.requests = []

    def chat(self, endpoint, request, *, on_text, cancel):
        self.requests.append(request)
        raise ModelFailed(Failure.UNREACHABLE, detail="down")

    probe = token_limit = None

    def close(self):
        """Nothing is open."""


@pytest.fixture
def make(sqlite_database, clock):
    worlds = []

    def world(**models):
        worlds.append(World(sqlite_database, clock, **models))
        return worlds[-1]

    yield world
    for each in worlds:
        each.close()


def test_with_nothing_old_no_model_is_asked_and_the_owner_is_told_so(make):
    world = make(local=local())
    world.say(world.thread(), "of today")
    world.summarise(chat_id=OWNER, reply_to=7)
    assert world.local.requests == []
    (told,) = world.notices()
    assert (told.kind, told.params["key"]) == ("text", "summaries-nothing-old")
    assert (told.params["values"], told.reply_to) == ({"months": 6}, 7)
    with world.db.read() as tx:
        assert world.summaries.last(tx).at == world.clock.now()


def test_beat_tells_nobody_that_nothing_is_old(make):
    world = make(local=local())
    world.summarise()
    assert world.notices() == []


def test_42_items_become_one_summary_that_counts_42_and_nothing_is_archived_yet(make):
    world = make(local=local())
    world.say(world.thread(), *(f"room {at} costs {at * 7} taka" for at in range(1, 43)))
    world.wait(181)
    texts = world.texts()
    world.summarise(chat_id=OWNER)
    (summary,) = world.all_summaries()
    assert (summary.original_count, summary.state) == (42, REVIEW)
    assert len(summary.points) == 42
    assert [len(point.sources) for point in summary.points] == [1] * 42
    assert (summary.endpoint, summary.language) == ("fake/local", "en")
    assert len(world.local.requests) == 1
    assert world.rows(archives) == []
    assert world.texts() == texts
    (card,) = world.notices("summary")
    assert (card.params["id"], card.params["original_count"]) == (summary.id, 42)
    told = world.notices("summaries")[-1].params
    assert (told["state"], told["originals"], told["summaries"]) == ("done", 42, 1)


def test_a_second_run_finds_nothing_old(make):
    world = make(local=local())
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise()
    world.decide(world.all_summaries()[0].id, KEPT)
    world.wait(400)
    world.summarise(chat_id=OWNER)
    assert len(world.local.requests) == 1
    assert len(world.all_summaries()) == 1
    assert world.notices()[-1].params["key"] == "summaries-nothing-old"


def test_a_thousand_items_are_done_in_batches_over_several_runs(make):
    world = make(local=local())
    thread = world.thread()
    world.say(thread, *(f"room {at} is free" for at in range(1000)))
    world.wait(181)
    done = world.summarise(chat_id=OWNER)
    found = world.all_summaries()
    assert sum(each.original_count for each in found) == 1000
    assert max(each.original_count for each in found) == MOST_IN_BATCH
    assert len(world.sources()) == 1000
    assert len(done) > 2
    assert {run.state for run in world.runs_of(limit=100)} == {RunState.DONE}
    assert len({run.key for run in world.runs_of(limit=100)}) == 1
    assert world.notices("summary") == [], "so many are shown as a list"
    cards = world.notices("summaries")
    assert len({card.key for card in cards}) == 1
    assert [card.params["left"] for card in cards] == [1000, 400, 0]
    with world.db.read() as tx:
        last = world.summaries.last(tx)
    assert (last.originals, last.summaries, last.left) == (1000, len(found), 0)


@pytest.mark.parametrize("state", [KEPT, CORRECTED])
def test_the_owners_word_archives_the_originals_and_keeps_them_readable(make, state):
    world = make(local=local())
    thread = world.thread()
    world.say(thread, "the room costs 7 taka", "so be it")
    world.wait(181)
    texts = world.texts()
    world.summarise()
    (summary,) = world.all_summaries()
    world.decide(summary.id, state, "it costs 7")
    (archive,) = world.rows(archives)
    assert archive.count == 2
    assert {row.text for row in world.message_rows()} == {""}
    with world.db.read() as tx:
        assert [each.text for each in world.threads.last(tx, thread)] == [
            "the room costs 7 taka",
            "so be it",
        ]
    expected = "it costs 7" if state is CORRECTED else summary.text
    assert world.texts() == sorted([*texts, expected])


def test_a_discarded_summary_leaves_its_originals_alone(make):
    world = make(local=local())
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise()
    world.decide(world.all_summaries()[0].id, DISCARDED)
    assert world.rows(archives) == []
    assert world.runs_of(workflows=["archive_summary"]) == []
    assert world.message_rows()[0].text == "the room costs 7 taka"


def test_without_review_a_good_summary_is_kept_and_archived_at_once(make):
    world = make(local=local())
    world.set_review(on=False)
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise(chat_id=OWNER)
    assert world.all_summaries()[0].state is KEPT
    assert len(world.rows(archives)) == 1
    assert world.notices("summary") == []


def test_what_the_first_try_leaves_out_is_named_to_the_second(make):
    tries = []

    def forgetful(request):
        tries.append(request)
        whole = honest(request)
        return whole if len(tries) > 1 else whole.replace("7", "some")

    world = make(local=local(forgetful))
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise()
    assert len(tries) == 2
    assert "Missing: 7" in tries[1].messages[-1].content
    assert world.all_summaries()[0].state is REVIEW


@pytest.mark.parametrize(
    ("write", "named"),
    [
        (lambda request: honest(request).replace("৭,৫০০", "অনেক"), "7500"),
        (lambda request: honest(request) + "\n- রহিমও ছিল [1]", "রহিম"),
    ],
    ids=["left out", "made up"],
)
def test_a_summary_that_stays_wrong_is_refused_and_the_owner_is_told_what(make, write, named):
    world = make(local=local(write))
    world.set_review(on=False)
    world.say(world.thread(), "ঘরটার ভাড়া ৭,৫০০ টাকা")
    world.wait(181)
    world.summarise(chat_id=OWNER)
    (summary,) = world.all_summaries()
    assert summary.state is REFUSED
    assert len(world.local.requests) == 2
    (told,) = world.notices("alert")
    assert told.params["code"] == "summary-refused"
    assert named in told.params["values"]["facts"]
    assert world.rows(archives) == []
    assert [row.text for row in world.message_rows()] == ["ঘরটার ভাড়া ৭,৫০০ টাকা"]
    assert world.due() == (), "not again before an interval has passed"


def test_private_talk_goes_to_the_owners_own_model_only(make):
    world = make(local=local(), cloud=local())
    world.say(world.thread(), "canary 7", label=Label.PRIVATE)
    world.wait(181)
    world.summarise()
    assert world.cloud.requests == []
    (request,) = world.local.requests
    assert (request.label, request.wish.is_sensitive) == (Label.PRIVATE, True)
    assert world.all_summaries()[0].label is Label.PRIVATE


def test_private_talk_stays_due_while_only_the_cloud_answers(make):
    world = make(cloud=local())
    world.say(world.thread(), "canary 7", label=Label.PRIVATE)
    world.say(world.thread(), "the room costs 8 taka")
    world.wait(181)
    world.summarise(chat_id=OWNER)
    assert "canary" not in str(world.cloud.requests)
    (summary,) = world.all_summaries()
    assert (summary.label, summary.text) == (Label.OPEN, "the room costs 8 taka")
    told = world.notices("summaries")[-1].params
    assert (told["state"], told["unanswered"], told["left"]) == ("done", 1, 1)
    assert [batch.label for batch in world.due()] == [Label.PRIVATE]


def test_an_open_summary_never_comes_out_of_a_run_that_has_read_private_words(make):
    world = make(local=local())
    world.say(world.thread(), "canary 7", label=Label.PRIVATE)
    world.wait(1)
    world.say(world.thread(), "the room costs 8 taka")
    world.wait(181)
    world.summarise()
    labels = {each.text: each.label for each in world.all_summaries()}
    assert labels == {"canary 7": Label.PRIVATE, "the room costs 8 taka": Label.OPEN}


def test_when_nobody_answers_everything_stays_due(make):
    world = make(local=Down())
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise(chat_id=OWNER)
    assert world.all_summaries() == []
    assert len(world.due()) == 1
    assert world.notices("summaries")[-1].params["unanswered"] == 1
    with world.db.read() as tx:
        assert world.summaries.last(tx).left == 1


def test_a_model_that_says_nothing_has_not_answered(make):
    world = make(local=local(lambda _request: "  \n"))
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise()
    assert world.all_summaries() == []
    assert len(world.local.requests) == 2
    assert len(world.due()) == 1


def test_an_original_longer_than_the_window_is_asked_about_in_parts(make):
    def by_sentence(request):
        return honest(request).replace(" [1]", "").replace(". ", ".\n- ")

    world = make(local=local(by_sentence), window=3000)
    text = " ".join(f"room {at} on the upper floor costs {at} taka." for at in range(100, 215))
    world.remember(text)
    world.wait(181)
    world.summarise()
    assert len(world.local.requests) > 2
    (summary,) = world.all_summaries()
    assert summary.state is REVIEW
    assert summary.text.replace("\n", " ") == text
    assert summary.original_count == 1


def test_a_batch_is_as_large_as_the_window_allows(make):
    world = make(local=local(), window=3000)
    world.say(world.thread(), *(f"{at} " + "word " * 100 for at in range(100, 112)))
    world.wait(181)
    world.summarise()
    found = world.all_summaries()
    assert len(found) > 1
    assert sum(each.original_count for each in found) == 12
    assert {each.state for each in found} == {REVIEW}


def test_what_is_withdrawn_while_a_model_writes_gets_no_summary(make):
    def meanwhile(request):
        if len(world.local.requests) == 1:
            with world.db.write() as tx:
                world.threads.withdraw(tx, said[1].id)
        return honest(request)

    world = make(local=local(meanwhile))
    said = world.say(world.thread(), "the room costs 7 taka", "a word better not said")
    world.wait(181)
    world.summarise()
    (summary,) = world.all_summaries()
    assert (summary.text, summary.original_count) == ("the room costs 7 taka", 1)


def test_of_two_runs_over_the_same_talk_one_keeps_its_summary(make):
    def meanwhile(request):
        keep(world, world.due()[0], text="the rival says 7")
        return honest(request)

    world = make(local=local(meanwhile))
    world.say(world.thread(), "the room costs 7 taka")
    world.wait(181)
    world.summarise()
    assert [each.text for each in world.all_summaries()] == ["the rival says 7"]
    assert {run.state for run in world.runs_of()} == {RunState.DONE}


def test_the_prompt_numbers_what_was_said_with_date_and_speaker_and_no_ids(make):
    world = make(local=local())
    thread = world.thread()
    (first,) = world.say(thread, "the room costs 7 taka")
    world.say(thread, "noted", role=Role.ASSISTANT)
    world.wait(181)
    world.summarise()
    request = world.local.requests[0]
    assert request.messages[1].content == (
        "[1] 2026-01-01 owner: the room costs 7 taka\n[2] 2026-01-01 assistant: noted"
    )
    assert material(request) == [(1, "the room costs 7 taka"), (2, "noted")]
    assert first.id not in str(request)


@pytest.mark.parametrize(
    ("text", "named"),
    [("আমার ঘরের ভাড়া", "Bengali"), ("إيجار بيتي", "Arabic"), ("my rent", "English")],
)
def test_a_summary_is_asked_for_in_the_language_of_the_talk(make, text, named):
    world = make(local=local())
    world.say(world.thread(), text)
    world.wait(181)
    world.summarise()
    assert f"key points in {named}" in world.local.requests[0].messages[0].content


def test_no_words_are_in_the_arguments_titles_or_keys_of_runs(make):
    world = make(local=local())
    world.set_review(on=False)
    world.say(world.thread(), "canary 7")
    world.wait(181)
    world.summarise(chat_id=OWNER)
    for run in world.runs_of():
        assert "canary" not in f"{run.args} {run.title} {run.key} {run.result}"
