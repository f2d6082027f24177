"""Guessing tokens and cutting by them."""

from hypothesis import given
from hypothesis import strategies as st

from core.memory.measure import cut_middle, tokens_of


def test_bengali_costs_more_than_english_of_the_same_length():
    assert tokens_of("অআইঈউঊ") == 6
    assert tokens_of("abcdef") == 2


@given(st.text(max_size=400), st.integers(min_value=40, max_value=200))
def test_a_cut_text_keeps_to_its_budget_or_is_whole(text, budget):
    cut = cut_middle(text, budget)
    assert tokens_of(cut) <= budget
    assert cut == text or "characters left out" in cut


def test_a_cut_text_keeps_its_beginning_and_its_end():
    cut = cut_middle("begin " + "x" * 3000 + " end", 100)
    assert cut.startswith("begin")
    assert cut.endswith("end")
