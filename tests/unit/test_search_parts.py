"""Mistakes are counted, texts are ranked, snippets are cut, and rankings are fused."""

from datetime import UTC, datetime, timedelta

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.memory.fusion import fused
from core.memory.search_model import Ranked, Way
from core.memory.search_near import allowed, mistakes
from core.memory.search_rank import Asked, judged, rarity, score
from core.memory.snippets import USUAL, snippet

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("carpet", "carpet", 0),
        ("carpet", "carept", 1),
        ("carpet", "carpt", 1),
        ("carpet", "carrpet", 1),
        ("carpet", "carpot", 1),
        ("insurance", "inusrence", 2),
        ("insurance", "unsurence", 2),
        ("carpet", "trumpet", 3),
        ("abc", "xyz", 3),
    ],
)
def test_mistakes_are_counted(one, other, count):
    assert mistakes(one, other, 2) == count
    assert mistakes(one, other, 1) == min(count, 2)


@settings(max_examples=300)
@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_mistakes_are_the_same_in_both_directions(one, other):
    assert mistakes(one, other, 2) == mistakes(other, one, 2)
    assert (mistakes(one, other, 2) == 0) == (one == other)


def test_a_number_means_itself():
    assert allowed("125000") == 0
    assert allowed("ab") == 0
    assert (allowed("abc"), allowed("insurance")) == (1, 2)


def ask(**words):
    terms = list(words)
    stands_for = {word: [(terms.index(t), w, f)] for t in terms for word, w, f in words[t]}
    return Asked(stands_for, [1.0] * len(terms))


CAR = ask(car=[("car", 1.0, True), ("cars", 0.9, True), ("cat", 0.7, False)],
          tax=[("tax", 1.0, True)])  # fmt: skip


def test_more_exact_closer_and_shorter_texts_are_more_relevant():
    texts = ["car tax", "cars tax", "cat tax", "tax", "house"]
    relevance = [each and each.relevance for each in (judged(CAR, t.split()) for t in texts)]

    assert relevance[:4] == sorted(relevance[:4], reverse=True)
    assert len(set(relevance[:4])) == 4
    assert relevance[4] is None
    apart = judged(CAR, ["car", "a", "b", "c", "d", "e", "tax"])
    assert apart.relevance < judged(CAR, ["car", "tax", "a", "b", "c", "d", "e"]).relevance
    assert judged(CAR, ("car tax " + "x " * 90).split()).relevance < relevance[0]


def test_the_way_says_how_it_was_found():
    assert judged(CAR, ["cars", "tax"]).way is Way.ALL
    assert judged(CAR, ["tax"]).way is Way.ANY
    assert judged(CAR, ["cat", "tax"]).way is Way.PART
    phrase = Asked({}, [], (("car", "tax"),))
    assert judged(phrase, ["old", "car", "tax"]).way is Way.ALL
    assert judged(phrase, ["tax", "car"]) is None


def test_recency_and_importance_never_beat_a_better_answer():
    old = NOW - timedelta(days=3000)

    assert score(0.5, NOW, 50, NOW) > score(0.5, old, 50, NOW)
    assert score(0.5, old, 90, NOW) > score(0.5, old, 10, NOW)
    assert score(0.6, old, 0, NOW) > score(0.5, NOW, 100, NOW)
    assert rarity(3, 1000) > rarity(300, 1000) > 0


def test_a_snippet_is_cut_around_what_matched():
    text = "beginning " * 40 + "the boiler of the kitchen " + "ending " * 40
    found = snippet(text, {"boiler", "kitchen"})

    assert len(found.text) <= USUAL
    assert [found.text[m.start : m.end] for m in found.marks] == ["boiler", "kitchen"]
    assert found.is_cut_before
    assert found.is_cut_after


def test_a_mark_is_the_word_as_it_was_said():
    found = snippet("দামি গাড়ীর কথা", {"গাড়ির"})

    assert [found.text[m.start : m.end] for m in found.marks] == ["গাড়ীর"]
    assert not found.is_cut_before


@settings(max_examples=200, deadline=None)
@example(" \u200d")
@example(" \u0301")
@given(st.text(st.sampled_from("কি ক্ষা👨\u200d👩\u200d👧 مَرْ e\u0301 x"), max_size=600))
def test_a_snippet_never_cuts_a_cluster(text):
    found = snippet(text, {"x"})

    assert found.text in text
    borders = {0}
    for cluster in regex.finditer(r"\X", text):
        borders.add(cluster.end())
    starts = [at for at in borders if text.startswith(found.text, at)]
    assert any(at + len(found.text) in borders for at in starts) or not found.text


def test_a_snippet_without_spaces_begins_and_ends_at_clusters():
    family = "👨\u200d👩\u200d👧"
    for shift in range(5):
        found = snippet("x" * shift + family * 60 + "।boiler।" + family * 60, {"boiler"})

        assert found.text.startswith(family)
        assert found.text.endswith(family)
        assert "boiler" in found.text


def test_rankings_are_fused_by_ranks():
    words = Ranked(Way.ALL, (1, 2, 3))
    meaning = Ranked(Way.MEANING, (3, 9), 0.7)

    order = [seq for seq, _ in fused([words, meaning], 10)]

    assert order == [3, 1, 2, 9]
    assert fused([], 10) == ()
    assert len(fused([words, meaning], 2)) == 2
