"""What a broken stream has shown is gone on with, and nothing of it is said twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.continuing import INSTRUCTION, Seam, continued, worth_continuing
from core.llm.model import Message, Request

SAID = "The river Padma rises in the Himalayas, flows through Bengal and rea"
REQUEST = Request((Message("user", "Tell me of the Padma"),))


def test_the_next_one_is_given_what_was_said_up_to_the_last_whole_word():
    *before, said, order = continued(REQUEST, SAID).messages
    assert tuple(before) == REQUEST.messages
    assert said == Message("assistant", SAID.removesuffix(" rea"))
    assert order == Message("user", INSTRUCTION)
    assert continued(REQUEST, "") == REQUEST


@pytest.mark.parametrize(
    "more",
    [
        "reaches the sea.",
        " reaches the sea.",
        "and reaches the sea.",
        "flows through Bengal and reaches the sea.",
        SAID + "ches the sea.",
    ],
)
def test_the_seam_says_nothing_twice_and_leaves_no_half_word(more):
    whole = "The river Padma rises in the Himalayas, flows through Bengal and reaches the sea."
    assert Seam(SAID).whole(more) == whole


def test_one_that_begins_again_in_its_own_way_stands_alone():
    again = "The river Padma rises in the Himalayas. It is long."
    assert Seam(SAID).whole(again) == again


def test_bengali_is_joined_at_a_word_too():
    said = "পদ্মা নদী হিমালয়ে জন্ম নিয়ে বাংলার ভেতর দিয়ে বয়ে সাগ"
    assert Seam(said).whole("সাগরে মেশে।").endswith("বয়ে সাগরে মেশে।")


def test_what_is_shown_never_grows_shorter_or_repeats_while_it_comes():
    seam = Seam(SAID)
    more = "flows through Bengal and reaches the sea, where it ends after a long way."
    shown = [seam.live(more[:end]) for end in range(1, len(more) + 1)]
    cut = SAID.removesuffix("rea").rstrip()
    assert all(text.startswith(cut) for text in shown)
    assert shown[-1].count("flows through Bengal") == 1
    restart = [seam.live((SAID + "ches the sea.")[:end]) for end in range(1, 70)]
    assert all(text.count("The river") == 1 and len(text) >= len(SAID) for text in restart)


def test_without_anything_said_text_passes_as_it_is():
    assert Seam().live("x") == Seam().whole("x") == "x"
    assert Seam(SAID).whole("  ") == SAID


def test_a_few_words_are_not_worth_continuing():
    assert not worth_continuing("Well, the answer")
    assert worth_continuing(SAID)


@given(st.text("ab \n", min_size=40), st.text("ab \n", max_size=80))
def test_nothing_new_is_lost_at_any_seam(said, more):
    whole = Seam(said).whole(more)
    tail = more.strip()
    assert not tail or whole.rstrip().endswith(tail[-1])
    assert len(whole) <= len(said) + len(more) + 1
