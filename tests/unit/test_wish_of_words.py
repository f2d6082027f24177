"""What the owner's words ask of the models is read from a table, the same way each time."""

from __future__ import annotations

import time
import unicodedata

import pytest

from core.conversation.private import PrivateKind, detect
from core.conversation.wish import hints, wish_of
from core.llm.model import Role
from core.runs.model import Label


def wish(text, **more):
    return wish_of(text, more.pop("label", Label.OPEN), more.pop("spoken", "en"), **more)


@pytest.mark.parametrize(
    "text",
    [
        "urgent: call the bank back",
        "URGENT! the site is down",
        "🚨 Urgent - what do I do?",
        "it\u2019s urgent, help",
        "asap, please",
        "জরুরি: ব্যাংকে ফোন করতে হবে",
        "জরুরি এই চিঠিটা লিখে দাও",
        "খুব জরুরি একটা কথা",
        "জরুরী! সার্ভার বন্ধ",
        "তাড়াতাড়ি: একটা কথা বলো",
        "عاجل: اتصل بالبنك",
        "عاجل اكتب لي رسالة",
        "عـاجِل جدا",
        "الأمر مستعجل يا صديقي",
    ],
)
def test_an_urgent_word_at_the_beginning_is_a_wish_for_the_strongest(text):
    for form in ("NFC", "NFD"):
        assert wish(unicodedata.normalize(form, text)).urgency == "high", form


@pytest.mark.parametrize(
    "text",
    [
        "Urgent care clinics near me",
        "What does urgent mean?",
        "quickly browning an onion",
        "জরুরি অবস্থা কবে জারি হয়?",
        "জরুরি সেবা নম্বর কত",
        "জরুরিভাবে কথাটার মানে কী",
        "ما معنى كلمة عاجل؟",
        "عاجلية الأمر",
        "এটা কি জরুরি?",
        "",
    ],
)
def test_an_urgent_word_that_is_the_subject_is_none(text):
    assert wish(text).urgency == "normal"


def test_a_message_said_with_the_command_is_urgent_whatever_it_says():
    assert wish("hello", is_urgent=True).urgency == "high"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("```\nx = 1\n```", Role.CODE),
        ("Why does main.py fail?", Role.CODE),
        ("Traceback (most recent call last):", Role.CODE),
        ("please write a small script that renames files", Role.CODE),
        ("def add(a, b):\n    return a + b", Role.CODE),
        ("এই কোডটা ঠিক করে দাও", Role.CODE),
        ("পাইথন দিয়ে কীভাবে করব?", Role.CODE),
        ("اكتب لي دالة تجمع عددين", Role.CODE),
        ("Summarise the talk of yesterday", Role.SUMMARISE),
        ("এর সারাংশ দাও", Role.SUMMARISE),
        ("لخص لي هذا النص", Role.SUMMARISE),
        ("from the beginning: what is a class?", Role.CHAT),
        ("my zip code is wrong", Role.CHAT),
        ("see https://example.org/main.html", Role.CHAT),
        ("mail me at a.b@example.py.org", Role.CHAT),
        ("কেমন আছ?", Role.CHAT),
    ],
)
def test_the_kind_of_work_is_read_from_code_file_names_and_words(text, role):
    assert wish(text).role is role


def test_what_the_app_marked_as_code_or_a_program_that_came_along_is_work_on_code():
    assert wish("what is this?", has_code=True).role is Role.CODE
    assert wish("what is this?", attached=("text/x-python",)).role is Role.CODE
    assert wish("what is this?", attached=("main.rs",)).role is Role.CODE
    assert wish("what is this?", attached=("notes.txt", "text/plain")).role is Role.CHAT


@pytest.mark.parametrize("attached", ["image/jpeg", "holiday.PNG"])
def test_a_picture_wants_a_model_that_sees(attached):
    assert wish("what is on it?", attached=(attached,)).needs_vision
    assert not wish("image/jpeg").needs_vision


@pytest.mark.parametrize(
    "text",
    ["Think carefully: is it prime?", "hard: 17 * 23", "ভালো করে ভেবে বলো", "فكر جيدا ثم أجب"],
)
def test_hard_work_is_said_and_is_not_urgent(text):
    found = wish(text)
    assert found.is_hard
    assert found.urgency == "normal"


def test_the_language_is_the_texts_own_and_else_that_of_the_answer():
    assert wish("কী খবর?", spoken="en").language == "bn"
    assert wish("ما الخبر؟", spoken="en").language == "ar"
    assert wish("123", spoken="bn").language == "bn"


def test_private_words_are_sensitive_and_the_owner_can_say_so_first():
    assert wish("x", label=Label.PRIVATE).is_sensitive
    assert not wish("x").is_sensitive
    for text in ("Sensitive: my salary", "সংবেদনশীল: আমার বেতন", "حساس: راتبي"):
        assert detect(text) == {PrivateKind.WORD}
    assert not detect("Is this soap sensitive: yes or no?")


def test_only_the_beginning_of_a_long_text_is_read_and_soon():
    assert hints("word " * 5_000 + "summarise this") == frozenset()
    for filler in ("🚨 " * 5_000, "write " * 5_000, "a" * 50_000, "-" * 50_000, ".py" * 9_000):
        began = time.perf_counter()
        hints(filler)
        assert time.perf_counter() - began < 0.2
