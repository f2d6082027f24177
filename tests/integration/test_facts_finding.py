"""Facts found in what the owner said: through the real engine, with a scripted model."""

import json

import pytest
import sqlalchemy as sa

from core.errors import Refused
from core.memory.fact_model import Fact, ProposalKind, ProposalState
from core.memory.model import Role
from core.memory.proposals import OPEN_FOR, Proposals
from core.memory.record_model import Actor, Category, Source
from core.memory.tables import messages, proposals
from core.runs.model import Label, RunState
from core.upkeep.fact_steps import MOST_SHOWN, MOST_TOLD
from tests.integration.context_world import OWNER, QUIET_S, World, desk_over

ACTOR = Actor("extract_facts", run_id="r")


@pytest.fixture
def world(database, clock):
    return World(database, clock)


def entry(text, number=1, **more):
    return {"message": number, "quote": text, "fact": text, "confidence": 95, **more}


def answering(*entries, **more):
    """A script whose model finds those facts, whatever it is asked."""
    return [{"when": "Messages:", "reply": json.dumps(list(entries), ensure_ascii=False), **more}]


def asked_of_model(desk, run):
    """The requests that reached a model."""
    steps = [step for step in desk.steps(run.id) if step.name == "llm.generate"]
    return [step.inputs["request"] for step in steps]


def proposed(world, text, said, *, confidence=60, **more):
    """A proposal that waits for the owner, as `take` makes it."""
    with world.db.write() as tx:
        (among,) = world.unread.again(tx, [said.id])
        fact = Fact(text, said.id, text, confidence, **more)
        return world.proposals.take(tx, [fact], [among], ACTOR)


def decide(world, proposal, verb):
    with world.db.write() as tx:
        return world.proposals.decide(tx, proposal.id, verb, OWNER)


def test_what_the_owner_states_is_stored_with_its_message_and_told_with_an_undo(world, tmp_path):
    said = world.say("By the way, my locker number is 12 now.")
    world.clock.advance(QUIET_S)
    with desk_over(world, answering(entry("my locker number is 12")), tmp_path) as desk:
        run = desk.extract()
        (told,) = desk.notices()
    assert (run.state, run.result) == (RunState.DONE, {"stored": 1, "asked": 0, "expired": 0})
    assert world.facts() == ["my locker number is 12"]
    with world.db.read() as tx:
        record = world.records.get(tx, told.params["id"], Label.OPEN)
    assert (record.message_id, record.source) == (said.id, Source.OWNER)
    assert record.happened_at == said.created_at
    assert told.kind == "remembered"
    with world.db.write() as tx:
        world.records.undo(tx, told.params["change_id"], OWNER)
    assert world.facts() == []


def test_while_the_owner_writes_nobody_reads_along(world, tmp_path):
    world.say("My locker number is 12 now.")
    with desk_over(world, answering(entry("My locker number is 12")), tmp_path) as desk:
        run = desk.extract()
        assert asked_of_model(desk, run) == []
        desk.extract(is_asked=True)
    assert world.facts() == ["My locker number is 12"]


def test_a_quiet_hour_asks_no_model_and_so_does_small_talk(world, tmp_path):
    with desk_over(world, [{"when": "", "fail": {"failure": "server"}}], tmp_path) as desk:
        desk.extract()
        world.say("ok thanks")
        world.say("👍")
        world.clock.advance(QUIET_S)
        runs = [desk.extract(), desk.extract()]
        assert [asked_of_model(desk, run) for run in runs] == [[], []]
    with world.db.read() as tx:
        assert world.unread.unread(tx, Label.OPEN, 10) == ()


def test_only_the_owners_own_words_are_given_to_the_model(world, tmp_path):
    world.say("I answer with canary one", role=Role.ASSISTANT)
    world.say("Somebody else wrote canary two", source=Source.FORWARDED)
    world.say("A page says canary three", source=Source.UNTRUSTED)
    withdrawn = world.say("I took canary four back")
    with world.db.write() as tx:
        world.threads.withdraw(tx, withdrawn.id)
    world.say("Look:\n> canary five is quoted\n```\ncanary six\n```\nI keep a red bicycle")
    world.clock.advance(QUIET_S)
    with desk_over(world, answering(), tmp_path) as desk:
        (request,) = asked_of_model(desk, desk.extract())
    told = request["messages"][1]["content"]
    assert "red bicycle" in told
    assert "canary" not in told


def test_private_talk_waits_for_a_model_of_the_owners_and_holds_up_nothing(world, tmp_path):
    world.say("My secret locker number is 13.", label=Label.PRIVATE)
    world.say("My open locker number is 12.")
    world.clock.advance(QUIET_S)
    with desk_over(world, answering(entry("My open locker number is 12")), tmp_path) as desk:
        run = desk.extract()
        requests = asked_of_model(desk, run)
    assert world.facts() == ["My open locker number is 12"]
    by_label = {each["label"]: each for each in requests}
    assert "secret" not in json.dumps(by_label["open"])
    if "private" in by_label:  # the scripted model counts as the owner's
        assert by_label["private"]["wish"]["is_sensitive"]
    assert run.state is RunState.DONE


def test_a_private_fact_is_private_and_an_open_run_never_hears_of_it(world, tmp_path):
    world.remember("I was born in 1980", label=Label.PRIVATE)
    world.say("My secret locker number is 13.", label=Label.PRIVATE)
    world.say("I keep bees on the roof.")
    world.clock.advance(QUIET_S)
    script = [
        {"when": "secret locker", "reply": json.dumps([entry("My secret locker number is 13")])},
        {"when": "", "reply": "[]"},
    ]
    with desk_over(world, script, tmp_path) as desk:
        requests = asked_of_model(desk, desk.extract())
        (told,) = desk.notices("remembered")
    opened, private = (json.dumps(each) for each in requests)
    assert "1980" not in opened
    assert "1980" in private
    assert told.label is Label.PRIVATE
    assert world.found("locker", Label.OPEN) == []


def test_a_long_talk_is_read_in_batches_and_nothing_is_read_twice(world, tmp_path):
    for number in range(MOST_TOLD + 5):
        world.say(f"I own a boat called number {number}")
    world.clock.advance(QUIET_S)
    with desk_over(world, answering(), tmp_path) as desk:
        first, second = asked_of_model(desk, desk.extract())
        assert asked_of_model(desk, desk.extract()) == []
    assert f"[{MOST_TOLD}] " in first["messages"][1]["content"]
    assert "number 39" in first["messages"][1]["content"]
    assert "number 39" not in second["messages"][1]["content"]
    assert "[5] " in second["messages"][1]["content"]


def test_when_no_model_answers_the_run_ends_quietly_and_the_next_one_reads(world, tmp_path):
    world.say("My locker number is 12 now.")
    world.clock.advance(QUIET_S)
    script = [
        {"when": "", "fail": {"failure": "bad-request"}, "times": 1},
        *answering(entry("My locker number is 12")),
    ]
    with desk_over(world, script, tmp_path) as desk:
        assert desk.extract().state is RunState.DONE
        assert world.facts() == []
        desk.extract()
    assert world.facts() == ["My locker number is 12"]


def test_an_answer_that_cannot_be_read_is_asked_for_once_more_and_then_left(world, tmp_path):
    world.say("My locker number is 12 now.")
    world.clock.advance(QUIET_S)
    with desk_over(world, [{"when": "", "reply": "I found nothing, sorry!"}], tmp_path) as desk:
        run = desk.extract()
        assert len(asked_of_model(desk, run)) == 2
        assert asked_of_model(desk, desk.extract()) == []


def test_an_answer_that_cannot_be_read_leaves_its_messages_unread_until_asked_again(
    world, tmp_path
):
    world.say("My locker number is 12 now.")
    world.clock.advance(QUIET_S)
    script = [
        {"when": "Messages:", "reply": "Well...", "times": 1},
        {"when": "", "fail": {"failure": "bad-request"}, "times": 1},
        *answering(entry("My locker number is 12")),
    ]
    with desk_over(world, script, tmp_path) as desk:
        desk.extract()
        desk.extract()
    assert world.facts() == ["My locker number is 12"]


def test_doubtful_facts_are_asked_at_most_a_few_at_once(world, tmp_path):
    text = "I own a red boat. I rent a blue house. I have a grey cat. I know a green road."
    world.say(text)
    world.clock.advance(QUIET_S)
    found = [entry(each.strip(), confidence=60) for each in text.split(".") if each.strip()]
    with desk_over(world, answering(*found), tmp_path) as desk:
        run = desk.extract()
        cards = desk.notices("fact")
    assert run.result["asked"] == 4
    assert len(cards) == MOST_SHOWN
    assert world.facts() == []
    assert cards[0].key == f"proposal:{cards[0].params['id']}"


def test_a_contradiction_is_shown_with_both_and_their_days_and_overwrites_nothing(world, tmp_path):
    old = world.remember("I live in Dhaka")
    world.clock.advance(90 * 86_400)
    world.say("I live in Berlin, in a small flat.")
    world.clock.advance(QUIET_S)
    with desk_over(world, answering(entry("I live in Berlin")), tmp_path) as desk:
        desk.extract()
        (card,) = desk.notices("contradiction")
    assert world.facts() == ["I live in Dhaka"]
    assert (card.params["former"], card.params["text"]) == ("I live in Dhaka", "I live in Berlin")
    assert card.params["former_at"].startswith("2026-01-01")
    assert card.params["at"].startswith("2026-04-01")
    with world.db.read() as tx:
        (proposal,) = world.proposals.open(tx, ProposalKind.CONTRADICTION)
    done = decide(world, proposal, "replace")
    assert (done.record.id, done.record.text) == (old.record.id, "I live in Berlin")
    with world.db.read() as tx:
        (change,) = world.records.history(tx, old.record.id)
    assert change.before["text"] == "I live in Dhaka"
    with world.db.write() as tx:
        world.records.undo(tx, done.change_id, OWNER)
    assert world.facts() == ["I live in Dhaka"]


def test_both_can_be_true_and_a_no_changes_nothing(world):
    world.remember("I live in Dhaka")
    for verb, after in (("both", 2), ("drop", 2)):
        city = {"both": "Berlin", "drop": "Cairo"}[verb]
        said = world.say(f"I live in {city}")
        _, (proposal,) = proposed(world, f"I live in {city}", said)
        decide(world, proposal, verb)
        assert len(world.facts()) == after
    assert "I live in Cairo" not in world.facts()


def test_a_contradiction_with_what_is_gone_meanwhile_is_remembered_anew(world):
    old = world.remember("I live in Dhaka")
    said = world.say("I live in Berlin")
    _, (proposal,) = proposed(world, "I live in Berlin", said)
    with world.db.write() as tx:
        world.records.retire(tx, old.record.id, OWNER)
    assert decide(world, proposal, "replace").is_new
    assert world.facts() == ["I live in Berlin"]


def test_a_contradiction_is_found_beyond_the_standing_facts(world):
    world.remember("The cellar code is 4711", Category.NOTE)
    said = world.say("The cellar code is 9931")
    _, (proposal,) = proposed(world, "The cellar code is 9931", said, confidence=95)
    assert proposal.kind is ProposalKind.CONTRADICTION
    with world.db.write() as tx:
        blind = Proposals(world.records, world.clock, "home")
        found = blind.against(tx, Fact(proposal.text, said.id, "", 95), Label.OPEN)
    assert found is None, "without search only standing facts are compared"


def test_the_owners_tap_makes_a_fact_and_only_once(world):
    said = world.say("I think I like sailing boats")
    _, (proposal,) = proposed(world, "I like sailing boats", said)
    done = decide(world, proposal, "keep")
    assert (done.record.source, done.record.category) == (Source.TAPPED, Category.FACT)
    with pytest.raises(Refused, match="proposal-closed"):
        decide(world, proposal, "keep")
    with pytest.raises(Refused, match="proposal-verb"):
        decide(world, proposal, "replace")
    with pytest.raises(Refused, match="proposal-missing"), world.db.write() as tx:
        world.proposals.decide(tx, "nobody", "keep", OWNER)


@pytest.mark.parametrize("end", ["refused", "undone", "known"])
def test_what_was_refused_taken_back_or_is_known_is_not_brought_again(world, end):
    said = world.say("I like sailing boats")
    confidence = 60 if end == "refused" else 95
    stored, asked = proposed(world, "I like sailing boats", said, confidence=confidence)
    if end == "refused":
        decide(world, asked[0], "drop")
    elif end == "undone":
        with world.db.write() as tx:
            world.records.undo(tx, stored[0].change_id, OWNER)
    again = world.say("I like sailing boats!")
    assert proposed(world, "I like sailing boats", again, confidence=95) == ((), ())


def test_a_question_that_nobody_answers_closes_after_thirty_days(world, tmp_path):
    said = world.say("I think I like sailing boats")
    proposed(world, "I like sailing boats", said)
    world.clock.advance(OPEN_FOR.total_seconds() + 1)
    with desk_over(world, answering(), tmp_path) as desk:
        assert desk.extract().result["expired"] == 1
    with world.db.read() as tx:
        assert world.proposals.open(tx) == ()
        row = tx.execute(sa.select(proposals)).one()
    assert row.state == ProposalState.EXPIRED


def test_a_message_withdrawn_while_the_model_read_it_makes_no_fact(world):
    said = world.say("My locker number is 12 now.")
    with world.db.write() as tx:
        among = world.unread.again(tx, [said.id])
        world.threads.withdraw(tx, said.id)
        assert world.unread.again(tx, [said.id]) == ()
        assert len(among) == 1


def test_marks_of_what_was_read_never_go_back(world):
    with world.db.write() as tx:
        world.unread.read_upto(tx, Label.OPEN, 9)
        world.unread.read_upto(tx, Label.PRIVATE, 4)
        world.unread.read_upto(tx, Label.OPEN, 5)
        assert world.unread.read_so_far(tx, Label.OPEN) == 9
        assert world.unread.read_so_far(tx, Label.PRIVATE) == 4
        assert tx.execute(sa.select(messages)).first() is None
