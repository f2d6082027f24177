"""Two spellings of one word have one normal form, and a stem is always a part of its word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.memory import normalise, normalise_tables
from core.memory.normalise import normal, stem, words_of
from core.memory.search_query import Normaliser, parsed

LETTERS = st.one_of(
    st.characters(exclude_categories=("Cs",)),
    st.characters(min_codepoint=0x980, max_codepoint=0x9FF),
    st.characters(min_codepoint=0x600, max_codepoint=0x6FF),
    st.sampled_from("0123456789,٬১২'’s ئؤ\u200c\u200d"),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("বাড়ী", "বাড়ি"),
        ("\u09a1\u09bc", "\u09dc"),  # the letter ড় in two spellings of Unicode
        ("কো", "ক\u09c7\u09be"),
        ("সঙ্গীত", "সংগীত"),
        ("উৎসব", "উত্\u200cসব"),
        ("র‍্যাব", "র্যাব"),
        ("স্টেশন", "ষ্টেশন"),
        ("أحمد", "احمد"),
        ("مُحَمَّد", "محمد"),
        ("مـــحمد", "محمد"),
        ("مكتبة", "مكتبه"),
        ("على", "علي"),
        ("مسؤول", "مسئول"),
        ("ﻻ", "لا"),
        ("کتاب", "كتاب"),
        ("Café", "cafe"),
        ("ＡＢＣ", "abc"),
        ("STRASSE", "straße"),
        ("১,২৫,০০০", "125000"),
        ("٣٫٥", "3٫5"),
        ("۱۲", "12"),
        ("a\u00a0 b", "a b"),
        ("printer's", "printer"),
    ],
)
def test_two_spellings_have_one_normal_form(one, other):
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"), [("1,2", "12"), ("3.5", "35"), ("ক", "খ"), ("12,34,5", "12345")]
)
def test_different_things_stay_different(one, other):
    assert normal(one) != normal(other)


@settings(max_examples=400, deadline=None)
@given(st.text(LETTERS, max_size=60))
def test_the_normal_form_is_its_own(text):
    form = normal(text)

    assert normal(form) == form
    for word in words_of(form):
        assert words_of(word) == [word]
        assert stem(word)
        assert stem(word) in word


@pytest.mark.parametrize(
    "family",
    [
        "গাড়ি গাড়ির গাড়িটা গাড়িগুলোর গাড়িতে",
        "কিনব কিনেছি কিনেছিলাম কিনলাম",
        "সরকার সরকারের সরকারকে",
        "سياره السياره سيارتي سيارات وبالسياره سيارتها",
        "كتاب الكتاب كتابي بالكتاب للكتاب",
        "لبنان اللبنانيه",
        "insurance insurances",
        "company companies",
        "run runs running",
        "cancel cancels cancelled",
    ],
)
def test_the_forms_of_a_word_have_one_stem(family):
    assert len({stem(normal(word)) for word in family.split()}) == 1


def test_a_query_is_terms_phrases_and_stems():
    asked = parsed('What did I say about "car insurance" in আমার বাড়ী?')

    assert asked.terms == (normal("বাড়ি"),)
    assert asked.phrases == ("car insurance",)
    assert asked.stems == ((stem(normal("বাড়ি")),),)


def test_words_that_say_nothing_are_asked_for_when_nothing_else_is():
    assert parsed("the what").terms == ("the", "what")
    assert parsed("the car").terms == ("car",)
    assert parsed('"the who" the').terms == ()


def test_irregular_forms_are_kin():
    assert stem("bought") in parsed("buy").stems[0]


def test_nothing_typed_is_no_query():
    assert parsed("").is_empty
    assert parsed("!?… 🎉").is_empty
    assert len(parsed(" ".join(f"w{n}" for n in range(500))).terms) == normalise.MOST_TERMS


def test_another_table_has_another_fingerprint(monkeypatch):
    was = Normaliser().fingerprint()
    monkeypatch.setitem(normalise_tables.LETTERS, "ব", "ভ")

    assert Normaliser().fingerprint() != was
