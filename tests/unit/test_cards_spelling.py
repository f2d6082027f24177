"""No character of what will run can hide or pose as another."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.cards.approval_spelling import ordered, spell, unspell

ANY = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
HIDING = {"Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cn", "Cs"}


@settings(deadline=None)
@given(ANY)
def test_a_spelling_can_be_read_back(text: str) -> None:
    assert unspell(spell(text)) == text
    assert unspell(spell(text, is_script=True)) == text


@settings(deadline=None)
@given(ANY)
def test_nothing_in_a_spelling_hides(text: str) -> None:
    shown = spell(text)
    assert all(letter == " " or unicodedata.category(letter) not in HIDING for letter in shown)
    assert shown == shown.strip()


@settings(deadline=None)
@given(ANY, ANY)
def test_two_texts_are_never_spelled_alike(one: str, other: str) -> None:
    assert one == other or spell(one) != spell(other)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rm", "rm"),
        ("-rf ", "-rf\\u0020"),
        ("  x", "\\u0020\\u0020x"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("x\ty\nz\r", "x\\u0009y\\u000az\\u000d"),
        ("a\u00a0b", "a\\u00a0b"),
        ("p\u0430ypal", "p\\u0430ypal"),  # a Cyrillic letter among Latin ones
        ("\u0441\u0440", "\\u0441\\u0440"),  # a Cyrillic word that reads like a Latin one
        ("file\u09ea", "file\\u09ea"),  # a Bengali four that looks like an eight
        ("cafe\u0301", "cafe\\u0301"),
        ("\uff0f\u2215\u2044", "\\uff0f\\u2215\\u2044"),
        ("\u2013\u2019", "\\u2013\\u2019"),
        ("\U0001f600", "\\U0001f600"),
        ("\u0627", "\\u0627"),  # an alef alone looks like a stroke
        ("=\u0338", "=\\u0338"),
        ("\\u202e", "\\u005cu202e"),  # the letters of an escape are not the escape
        ("\\U0001F600", "\\u005cU0001F600"),
    ],
)
def test_what_could_deceive_is_shown_by_number(text: str, shown: str) -> None:
    assert spell(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "C:\\Users\\নাম\\ছবি",
        "পুরোনো বাড়ি ২.txt",
        "تقرير ١٥.txt",
        "আচ্ছা, ঠিক আছে।",
        "هل تمّ ذلك؟",
        "отчёт.txt",
        "café naïve",
        "日本語.txt",
        "a b  c",
    ],
)
def test_honest_names_in_the_owners_scripts_stay_readable(text: str) -> None:
    assert spell(text) == text


def test_a_line_of_a_script_keeps_its_indentation_and_shows_its_blank_end() -> None:
    assert spell("    ls  ", is_script=True) == "    ls\\u0020\\u0020"


def test_path_segments_keep_their_order_between_right_to_left_names() -> None:
    shown = ordered(spell("/a/ملف/مجلد/x"))
    assert shown.replace("\u200e", "") == "/a/ملف/مجلد/x"
    assert re.search("ملف/\u200eمجلد/\u200ex", shown)
    assert ordered("/a/b") == "/a/b"


def test_a_long_text_of_any_script_is_spelled_in_no_time() -> None:
    began = time.perf_counter()
    for letter in ("ক", "é", "\u202e", "а", "\\"):
        spell(letter * 64 * 1024)
    assert time.perf_counter() - began < 5
