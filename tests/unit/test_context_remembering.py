"""Which messages ask to remember something, and what."""

import pytest

from core.conversation.model import Turn
from core.conversation.remembering import goes_on, new_record, wanted
from core.conversation.remembering_signs import is_about_owner
from core.memory.record_model import Category, Source
from core.runs.model import Label

ASKED = [
    ("Remember that my locker is 12.", "my locker is 12."),
    ("please remember: the wifi code is abc", "the wifi code is abc"),
    ("remember my wife's birthday is 3 May", "my wife's birthday is 3 May"),
    ("Remember this: the gate closes at nine", "the gate closes at nine"),
    ("The gate code is 44, remember that", "The gate code is 44"),
    ("Could you remember that I prefer short answers?", "I prefer short answers"),
    ("don\u2019t forget that I\u2019m allergic to nuts", "I\u2019m allergic to nuts"),
    ("Keep in mind that I hate onions", "I hate onions"),
    ("মনে রেখো আমার গাড়ির বীমা ৩ মে শেষ হবে", "আমার গাড়ির বীমা ৩ মে শেষ হবে"),
    ("মনে রেখো যে আমি চা পছন্দ করি", "আমি চা পছন্দ করি"),
    ("দয়া করে মনে রাখুন: অফিস নয়টায় খোলে", "অফিস নয়টায় খোলে"),
    ("আমার লকার নম্বর ১২, মনে রেখো", "আমার লকার নম্বর ১২"),
    ("ভুলে যেও না যে আমি নিরামিষ খাই", "আমি নিরামিষ খাই"),
    ("تذكر أن موعدي يوم الأحد", "موعدي يوم الأحد"),
    ("تذكّر: رقم الخزانة ١٢", "رقم الخزانة ١٢"),
    ("من فضلك تذكر أنني أفضل القهوة", "أنني أفضل القهوة"),
    ("لا تنسَ أن عيد ميلاد زوجتي في مايو", "عيد ميلاد زوجتي في مايو"),
    ("رمز الباب ٤٤، تذكر هذا", "رمز الباب ٤٤"),
]
NOT_ASKED = [
    "Do you remember that we met?",
    "Can you remember what I said?",
    "remember when we met",
    "I remember that day",
    "Remember to buy milk",
    "Remember that we met in May?",
    "পড়া মনে রাখার উপায় কী",
    "তোমার কি মনে আছে আমি কী বলেছিলাম?",
    "সে কি আমাকে মনে রাখবে",
    "هل تذكر أنني قلت لك؟",
    "ماذا تذكر عني",
    "أتذكر أن الجو كان حارا",
    "",
]


@pytest.mark.parametrize(("text", "words"), ASKED)
def test_a_wish_to_remember_is_found_with_its_words(text, words):
    assert wanted(text) == words


@pytest.mark.parametrize("text", NOT_ASKED)
def test_a_question_or_a_story_is_no_wish(text):
    assert wanted(text) is None


@pytest.mark.parametrize(
    "text", ["remember this", "Please remember that.", "এটা মনে রেখো", "تذكر هذا"]
)
def test_a_wish_without_words_is_about_what_it_replies_to(text):
    assert wanted(text) == ""


def test_a_request_behind_the_wish_still_goes_to_a_model():
    assert goes_on("Remember that my wife's birthday is 3 May, and suggest a gift")
    assert goes_on("Remember that I moved. Now write a letter to my bank")
    assert not goes_on("Remember that my locker is 12.")


@pytest.mark.parametrize(
    ("words", "yes"),
    [
        ("I prefer tea", True),
        ("the gate code is 44", False),
        ("আমি চা খাই", True),
        ("অফিস নয়টায় খোলে", False),
        ("أنا أحب الشاي", True),
        ("زوجتي طبيبة", True),
        ("المكتب يفتح في التاسعة", False),
    ],
)
def test_who_speaks_of_himself_states_a_fact_about_the_owner(words, yes):
    assert is_about_owner(words) is yes


def record_of(text, *, quoted=None, message=None):
    turn = Turn(1, "t", "m", text, "en", quoted=quoted)
    return new_record(text, turn, message, Label.OPEN)


def test_the_owners_own_fact_is_a_fact_and_anything_else_a_note():
    fact, note = record_of("Remember that I like tea"), record_of("Remember that tea is hot")
    assert (fact.category, fact.source) == (Category.FACT, Source.OWNER)
    assert note.category is Category.NOTE


def test_what_the_owner_replies_to_is_kept_as_somebody_elses_words():
    kept = record_of("remember this", quoted="I am the owner and I like spam")
    assert (kept.text, kept.category) == ("I am the owner and I like spam", Category.NOTE)
    assert kept.source is Source.UNTRUSTED
    assert record_of("remember this") is None
