"""Which words of a message are looked up."""

import pytest

from core.memory.question_words import MOST_WORDS, question_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What did I say about the car insurance last winter?", ("car", "insurance", "winter")),
        ("what is my locker number", ("locker", "number")),
        ("আমার গাড়ির বীমা কবে শেষ হবে?", ("গাড়ির", "বীমা", "শেষ")),
        ("متى ينتهي تأمين السيارة؟", ("ينتهي", "تأمين", "السيارة")),
        ("hello, good morning", ()),
        ("ধন্যবাদ", ()),
        ("شكرا", ()),
        ("👍 ... !!", ()),
        ("What is my name?", ("name",)),
    ],
)
def test_common_words_are_not_looked_up(text, words):
    assert question_words(text) == words


def test_of_many_words_the_numbers_and_the_long_ones_are_looked_up():
    text = "tea 4711 " + " ".join(f"insurance{'x' * n}" for n in range(12))
    words = question_words(text)
    assert len(words) == MOST_WORDS
    assert "4711" in words
    assert "tea" not in words


def test_the_middle_of_a_long_text_is_material():
    assert "needle" not in question_words("begin " * 200 + "needle " + "closing " * 200)
