"""What goes into a prompt, and what does not."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory.context_builder import (
    LINE_OVERHEAD,
    PRIVATE_MESSAGE,
    PRIVATE_SUMMARY,
    WEAK_SHARE,
    build,
)
from core.memory.context_model import Budget, Candidate, LeftOut, Place
from core.memory.measure import message_tokens, tokens_of
from core.runs.model import Label

AT = datetime(2026, 1, 1, tzinfo=UTC)
ROOMY = Budget(total=4000, standing=500, summary=800, matters=800, least_talk=500)


def talk(number, text, label=Label.OPEN, kind="message"):
    at = AT + timedelta(minutes=number)
    return Candidate(f"m{number}", kind, Place.TALK, text, label, "r", float(number), at)


def fact(number, text, *, score=50.0, label=Label.OPEN):
    return Candidate(f"f{number}", "record", Place.STANDING, text, label, "r", score, AT)


def found(number, text, *, score=1.0, label=Label.OPEN):
    return Candidate(f"h{number}", "record", Place.MATTERS, text, label, "r", score, AT)


def summary(text, label=Label.OPEN):
    return Candidate("t", "summary", Place.SUMMARY, text, label, "r")


def texts(built, place):
    return [item.text for item in built.items if item.place is place]


def why(built, item_id):
    return dict(built.left_out).get(item_id)


def test_what_changes_least_stands_first_and_the_question_last():
    built = build(
        ROOMY,
        [found(1, "tyres"), talk(2, "b"), talk(1, "a"), summary("s"), fact(2, "y"), fact(1, "x")],
        Label.OPEN,
    )
    assert [item.id for item in built.items] == ["f1", "f2", "t", "m1", "m2", "h1"]


def test_standing_facts_stand_the_same_whatever_is_said():
    facts = [fact(n, f"fact number {n}", score=n) for n in range(30)]
    one = build(ROOMY, [*facts, talk(1, "hello")], Label.OPEN)
    two = build(ROOMY, [*facts, *(talk(n, "word " * 50) for n in range(60))], Label.OPEN)
    assert texts(one, Place.STANDING) == texts(two, Place.STANDING) != []


def test_the_budget_of_standing_facts_goes_to_those_that_count_most():
    cost = tokens_of("a fact of some words") + LINE_OVERHEAD
    budget = Budget(4000, standing=2 * cost, summary=0, matters=0, least_talk=0)
    facts = [fact(n, f"a fact of some word{n}", score=n) for n in range(5)]
    built = build(budget, facts, Label.OPEN)
    assert [item.id for item in built.items] == ["f3", "f4"]
    assert why(built, "f0") is LeftOut.BUDGET


def test_an_open_reader_sees_of_private_talk_and_summary_one_line_each():
    built = build(
        ROOMY,
        [
            talk(1, "canary one", Label.PRIVATE),
            talk(2, "open"),
            summary("canary two", Label.PRIVATE),
            fact(1, "canary three", label=Label.PRIVATE),
            found(1, "canary four", label=Label.PRIVATE),
        ],
        Label.OPEN,
    )
    assert texts(built, Place.TALK) == [PRIVATE_MESSAGE, "open"]
    assert texts(built, Place.SUMMARY) == [PRIVATE_SUMMARY]
    assert (built.placeholders, built.label) == (2, Label.OPEN)
    assert why(built, "f1") is why(built, "h1") is LeftOut.LABEL
    assert not any("canary" in item.text for item in built.items)


def test_a_private_reader_sees_everything_and_the_prompt_is_private():
    built = build(ROOMY, [talk(1, "canary", Label.PRIVATE), talk(2, "open")], Label.PRIVATE)
    assert texts(built, Place.TALK) == ["canary", "open"]
    assert (built.label, built.placeholders) == (Label.PRIVATE, 0)


def test_the_newest_message_stays_cut_and_older_ones_leave_first_without_a_gap():
    budget = Budget(300, standing=0, summary=0, matters=0, least_talk=300)
    long = build(budget, [talk(1, "old"), talk(2, "first " + "x" * 5000 + " last")], Label.OPEN)
    assert texts(long, Place.TALK)[-1].startswith("first")
    assert message_tokens(texts(long, Place.TALK)[-1]) <= 300
    assert long.items[-1].is_cut
    many = [talk(n, "x" * 300 if n == 7 else "short") for n in range(10)]
    tight = Budget(60, standing=0, summary=0, matters=0, least_talk=60)
    built = build(tight, many, Label.OPEN)
    assert [item.id for item in built.items] == ["m8", "m9"]
    assert why(built, "m6") is LeftOut.BUDGET


def test_what_the_talk_says_is_not_called_up_again():
    built = build(
        ROOMY,
        [
            talk(1, "My locker is 12"),
            Candidate("m1", "message", Place.MATTERS, "My locker is 12", Label.OPEN, "r", 2.0),
            found(1, "my  LOCKER is 12", score=1.9),
            found(2, "my bike is red", score=1.8),
        ],
        Label.OPEN,
    )
    assert texts(built, Place.MATTERS) == ["my bike is red"]
    assert why(built, "h1") is LeftOut.SAME


def test_a_message_that_the_talk_has_no_room_for_is_called_up():
    budget = Budget(200, standing=0, summary=0, matters=80, least_talk=60)
    rows = [talk(0, "My locker is 12"), *(talk(n, "small talk " * 6) for n in range(1, 20))]
    hit = Candidate("m0", "message", Place.MATTERS, "My locker is 12", Label.OPEN, "r", 1.0)
    assert texts(build(budget, [*rows, hit], Label.OPEN), Place.MATTERS) == ["My locker is 12"]


def test_what_is_far_weaker_than_the_best_is_left_out():
    built = build(ROOMY, [found(1, "near", score=8), found(2, "far", score=1)], Label.OPEN)
    assert texts(built, Place.MATTERS) == ["near"]
    assert why(built, "h2") is LeftOut.WEAK
    assert 8 * WEAK_SHARE > 1


def test_two_talks_of_the_same_words_both_stay():
    assert texts(build(ROOMY, [talk(1, "ok"), talk(2, "ok")], Label.OPEN), Place.TALK) == ["ok"] * 2


CANDIDATES = st.builds(
    Candidate,
    id=st.integers(0, 40).map(str),
    kind=st.just("record"),
    place=st.sampled_from(Place),
    text=st.text(alphabet="কাখ ab", min_size=1, max_size=400),
    label=st.sampled_from(Label),
    reason=st.just("r"),
    score=st.integers(0, 9).map(float),
    at=st.just(AT),
)


@given(st.lists(CANDIDATES, max_size=30, unique_by=lambda each: (each.place, each.id)), st.data())
def test_any_prompt_keeps_to_its_budget_hides_what_is_private_and_needs_no_order(given_, data):
    total = data.draw(st.integers(200, 3000))
    budget = Budget(total, total // 8, total // 4, total // 5, total // 4)
    reader = data.draw(st.sampled_from(Label))
    built = build(budget, given_, reader)
    assert sum(item.tokens for item in built.items) <= total
    assert len(built.items) + len(built.left_out) == len(given_)
    if reader is Label.OPEN:
        private = {each.text for each in given_ if each.label is Label.PRIVATE}
        shown = {each.text for each in given_ if each.label is Label.OPEN}
        assert not {item.text for item in built.items} & (private - shown)
        assert built.label is Label.OPEN
    shuffled = list(given_)
    random.Random(7).shuffle(shuffled)
    assert build(budget, shuffled, reader) == built


@pytest.mark.parametrize("total", [0, 10, 47])
def test_a_window_too_small_for_anything_still_has_the_question(total):
    budget = Budget(total, total, total, total, total)
    built = build(budget, [talk(1, "q"), fact(1, "x" * 900), summary("y" * 900)], Label.OPEN)
    assert texts(built, Place.TALK) == ["q"] or total == 0
