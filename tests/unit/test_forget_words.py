"""Words are found however they are written, and nothing else is."""

from __future__ import annotations

import gzip
import io
import json
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory.forget_model import FORGOTTEN
from core.memory.forget_words import OWN_WORDS, Words

BENGALI = "গাড়ির বীমা ১২ মার্চ"
ARABIC = "تأمين السيارة"


def test_words_are_taken_out_and_the_rest_stays():
    assert Words([BENGALI]).out_of(f"মনে রেখো {BENGALI}।") == f"মনে রেখো {FORGOTTEN}।"


@pytest.mark.parametrize(
    "text",
    [
        "Car  Insurance\n2026",
        "CAR INSURANCE 2026",
        "car insur\u200dance 2026",
        "car\u00a0insurance\u200b 2026",
    ],
)
def test_case_white_space_and_what_is_invisible_make_no_difference(text):
    assert Words(["car insurance 2026"]).are_in(text)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("other", ["NFC", "NFD"])
@pytest.mark.parametrize("words", ["Größe André", BENGALI, ARABIC])
def test_composed_and_decomposed_words_are_the_same(form, other, words):
    needle, text = unicodedata.normalize(form, words), unicodedata.normalize(other, words)
    assert Words([needle]).out_of(f"a {text} b") == f"a {FORGOTTEN} b"


def test_words_are_found_with_endings_but_a_short_english_word_stands_alone():
    assert Words(["বীমা"]).are_in("বীমার কাগজ")
    assert Words(["insurance"]).are_in("insurances")
    assert not Words(["rain"]).are_in("training")
    assert Words(["rain"]).are_in("Rain, again")


def test_needles_under_four_characters_and_words_of_the_house_are_left_out():
    assert Words(["tea", " \u200btea ", "", "open", "Private", "home"]).needles == ()
    assert not Words([])
    assert {"open", "done", "fact", "owner"} <= OWN_WORDS


def test_the_longest_needle_goes_first():
    words = Words(["insurance", "car insurance"])
    assert words.out_of("car insurance, insurance") == f"{FORGOTTEN}, {FORGOTTEN}"


def test_special_characters_are_what_they_are():
    assert Words(["a.b*c (d)"]).out_of("xa.b*c (d)y") == f"x{FORGOTTEN}y"
    assert not Words(["a.b*c (d)"]).are_in("aXbbc d")


def test_json_loses_words_in_every_string_and_name():
    value = {"a": ["car insurance", 7, None], "The car insurance": {"text": "x"}, "text": True}
    without = Words(["car insurance"]).out_of_value(value)
    assert without == {"a": [FORGOTTEN, 7, None], f"The {FORGOTTEN}": {"text": "x"}, "text": True}


def test_a_plain_name_of_a_field_stays():
    assert Words(["zanzibar"]).out_of_value({"zanzibar": "zanzibar"}) == {"zanzibar": FORGOTTEN}


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_as_text_keeps_its_spelling(separators, ascii_only):
    text = json.dumps(
        {"text": f"say {BENGALI}", "n": [1, 2]}, ensure_ascii=ascii_only, separators=separators
    )
    without = Words([BENGALI]).out_of_json(text)
    assert json.loads(without) == {"text": f"say {FORGOTTEN}", "n": [1, 2]}
    assert without == json.dumps({"text": f"say {FORGOTTEN}", "n": [1, 2]}, separators=separators)
    untouched = json.dumps({"text": "কিছু না"}, ensure_ascii=ascii_only, separators=separators)
    assert Words([BENGALI]).out_of_json(untouched) == untouched


def test_what_is_no_json_is_text():
    assert Words(["car insurance"]).out_of_json("{car insurance") == "{" + FORGOTTEN


def zipped(data: bytes, name: str = "word/document.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("needle", [BENGALI, "car insurance", ARABIC])
@pytest.mark.parametrize(
    "packed",
    [
        lambda text: b"\xff\x00" + text.encode() + b"\xfe",
        lambda text: text.encode("utf-16-le"),
        lambda text: b"\x01" + text.encode("utf-16-be"),
        lambda text: json.dumps({"t": text}).encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: zipped(text.encode()),
        lambda text: zipped(b"", text),
    ],
)
def test_words_are_found_in_bytes(needle, packed):
    assert Words([needle]).are_in_bytes(packed(needle))
    assert not Words([needle]).are_in_bytes(packed("something else"))


@pytest.mark.parametrize("data", [b"\x1f\x8bno gzip", b"PK\x03\x04no zip", b"", b"\x1f\x8b"])
def test_what_only_looks_packed_is_plain(data):
    assert not Words(["car insurance"]).are_in_bytes(data)


LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@given(LETTERS, st.text("কখগড়়া্য়éeabß 4১", min_size=4, max_size=14), LETTERS, st.booleans())
def test_whatever_holds_the_words_has_a_hint_and_loses_them(before, needle, after, is_escaped):
    words = Words([needle])
    text = f"{before}{needle}{after}"
    if not words.are_in(text):
        return
    spelled = json.dumps(text) if is_escaped else text
    folded = spelled.lower()
    for many in (1, 3):
        for word in (word for needle in words.hints(many) for word in needle):
            assert any(each in spelled or each.lower() in folded for each in word)
    assert not words.are_in(words.out_of(text))
