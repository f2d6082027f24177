"""Which proposed facts are the owner's own words, and what contradicts what."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.memory.contradictions import against, contradicts
from core.memory.fact_model import SURE, Fact, Said
from core.memory.fact_rules import PASTED, Judged, judged, stands_in
from core.memory.record_model import Category, Record, Source, Stamp
from core.runs.model import Label
from core.upkeep.fact_answers import MOST_FACTS, read

AT = datetime(2026, 3, 1, tzinfo=UTC)
SAID = Said(1, "m1", "t", "By the way, my locker number is 12.", Label.OPEN, Source.OWNER, "en", AT)
FACT = Fact("My locker number is 12", "m1", "my locker number is 12", 95)


def test_a_plain_statement_of_the_owner_is_stored():
    assert judged(FACT, SAID) is Judged.STORE


@pytest.mark.parametrize(
    "fact",
    [
        replace(FACT, quote="my locker number is 13"),
        replace(FACT, quote=""),
        replace(FACT, confidence=20),
        replace(FACT, is_about_owner=False),
        replace(FACT, text="Is my locker number 12?"),
        replace(FACT, text=" "),
        replace(FACT, text="x" * 400),
    ],
)
def test_what_quotes_nothing_or_says_nothing_of_the_owner_is_dropped(fact):
    assert judged(fact, SAID) is Judged.DROP


@pytest.mark.parametrize(
    "fact",
    [
        replace(FACT, confidence=SURE - 1),
        replace(FACT, text="My locker number is 12 at 44 Hill Road"),
        replace(FACT, text="My locker number is 12 since 2019"),
        replace(FACT, text="Wants money sent every Friday evening by transfer"),
    ],
)
def test_what_is_doubtful_or_adds_to_the_message_is_asked(fact):
    assert judged(fact, SAID) is Judged.ASK


@pytest.mark.parametrize(
    "text",
    [
        "Look what he wrote:\n> my locker number is 12",
        "```\nmy locker number is 12\n```",
        'The page says "by the way, my locker number is 12 and nobody knows".',
        "<data>my locker number is 12</data>",
        "my locker number is 12 " + "pasted " * PASTED,
    ],
)
def test_what_a_message_only_passes_on_is_asked_not_stored(text):
    assert judged(FACT, replace(SAID, text=text)) is Judged.ASK


@pytest.mark.parametrize("source", [each for each in Source if each is not Source.OWNER])
def test_no_words_but_the_owners_are_stored_without_a_tap(source):
    assert judged(FACT, replace(SAID, source=source)) is Judged.ASK


def test_a_quote_is_found_whatever_its_marks_and_digits_but_only_whole_words():
    assert stands_in("লকার নম্বর 12", "আমার লকার নম্বর ১২।")
    assert stands_in("رقم الخزانه ١٢", "رقمُ الخِزانة 12")
    assert not stands_in("lock", "my locker")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I live in Dhaka", "I live in Berlin"),
        ("My car insurance ends on 3 May", "My car insurance ends on 5 June 2027"),
        ("I eat meat", "I don't eat meat"),
        ("My locker number is 12", "My locker number is 15"),
        ("আমি ঢাকায় থাকি", "আমি বার্লিনে থাকি"),
        ("আমার লকার নম্বর ১২", "আমার লকার নম্বর ১৫"),
        ("আমি মাংস খাই", "আমি মাংস খাই না"),
        ("أعيش في دكا", "أعيش في برلين"),
        ("رقم خزانتي ١٢", "رقم خزانتي ١٥"),
        ("آكل اللحم", "لا آكل اللحم"),
    ],
)
def test_the_same_of_another_value_contradicts_both_ways(one, other):
    assert contradicts(one, other)
    assert contradicts(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My sister lives in Dhaka", "I live in Berlin"),
        ("My car insurance ends on 3 May", "My house insurance ends on 5 June"),
        ("I like tea", "I like coffee"),
        ("I like short answers", "I prefer short answers"),
        ("My locker number is 12", "My phone number is 01711"),
        ("My wife's birthday is 3 May", "My son's birthday is 8 June"),
        ("আমি চা পছন্দ করি", "আমি কফি পছন্দ করি"),
        ("أحب الشاي", "أحب القهوة"),
        ("I live in Dhaka", "I live in Dhaka"),
        ("", "I live in Dhaka"),
    ],
)
def test_what_can_both_be_true_does_not_contradict(one, other):
    assert not contradicts(one, other)


def test_the_record_a_model_points_at_counts_also_in_other_words():
    record = _record("I have moved to Berlin")
    fact = replace(FACT, text="আমি এখন ঢাকায় থাকি", contradicts="r9")
    found = against(fact, [record])
    assert found is not None
    assert (found.record_id, found.former) == ("r9", "I have moved to Berlin")
    assert against(replace(fact, contradicts=None), [record]) is None


def _record(text):
    stamp = Stamp(1, "home")
    return Record(
        1, "r9", Category.FACT, text, Label.OPEN, Source.OWNER, "home", stamp, stamp, AT, AT, AT
    )


def answer(*entries):
    return json.dumps(list(entries))


ENTRY = {"message": 1, "quote": "q", "fact": "f", "confidence": 90, "about_owner": True}


def test_an_answer_is_read_also_with_words_and_a_fence_around_it():
    text = f"Here you are:\n```json\n{answer({**ENTRY, 'contradicts': 2})}\n```\nDone."
    (fact,) = read(text, ["a"], ["r1", "r2"])
    assert (fact.message_id, fact.contradicts, fact.confidence) == ("a", "r2", 90)


@pytest.mark.parametrize("text", ["", "no facts", "[1, 2", '{"message": 1}', "[" * 5000 + "]"])
def test_what_is_no_array_cannot_be_read(text):
    assert read(text, ["a"]) is None


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        {**ENTRY, "message": 2},
        {**ENTRY, "message": 0},
        {**ENTRY, "message": True},
        {**ENTRY, "fact": None},
        {**ENTRY, "quote": 7},
    ],
)
def test_an_element_about_no_message_or_without_words_is_dropped(entry):
    assert read(answer(entry), ["a"]) == ()


@pytest.mark.parametrize("given", ["high", None, True, -5, 1e9])
def test_confidence_is_a_number_between_nought_and_a_hundred(given):
    (fact,) = read(answer({**ENTRY, "confidence": given}), ["a"])
    assert 0 <= fact.confidence <= 100


def test_a_flood_of_facts_is_cut():
    assert len(read(answer(*([ENTRY] * 99)), ["a"])) == MOST_FACTS
